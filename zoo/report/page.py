"""The page: one HTML file that opens from disk and asks no network for anything."""

import base64
import shlex
from collections.abc import Sequence
from importlib.resources import files

from .html import Markup, element, joined
from .metrics import metrics_table, scores
from .reported import ReportedFigure, ReportedRun
from .sweep import sweep_section


def page(runs: Sequence[ReportedRun], command: str) -> str:
    """The whole page of runs side by side; `command` is that which made it."""
    names = ", ".join(run.name for run in runs)
    body = element(
        "body",
        element(
            "header", element("h1", f"Report: {names}"), element("p", _about(runs), class_="quiet")
        ),
        element(
            "main",
            _section("Beside the baseline", scores(runs)),
            _section("Metrics", metrics_table(runs)),
            _section("Tolerance, accuracy and cost", sweep_section(runs)),
            _section("Figures", _figures(runs)),
            _section("Made by", _commands(runs, command)),
        ),
        element("script", Markup(_resource("page.js"))),
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"Report: {names}"),
        element("style", Markup(_resource("page.css"))),
    )
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def _about(runs: Sequence[ReportedRun]) -> str:
    count = "One run" if len(runs) == 1 else f"{len(runs)} runs"
    return f"{count} of the zoo of neural differential equations, by zoo report."


def _resource(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _section(title: str, content: Markup) -> Markup:
    identity = title.lower().replace(",", "").replace(" ", "-")
    heading = element("h2", title, id=identity)
    return element("section", heading, content, aria_labelledby=identity)


def _figures(runs: Sequence[ReportedRun]) -> Markup:
    """Figures by name, those of one name side by side; of a run without any, the command."""
    names = list(dict.fromkeys(figure.name for run in runs for figure in run.figures))
    found = {(run.name, figure.name): figure for run in runs for figure in run.figures}
    rows = []
    for name in names:
        own = [run for run in runs if (run.name, name) in found]
        shown = [_figure(run, found[run.name, name]) for run in own]
        rows += [element("h3", name), element("div", *shown, class_="figures")]
    missing = [_command_for_figures(run) for run in runs if not run.figures]
    return joined(*rows, *missing)


def _figure(run: ReportedRun, figure: ReportedFigure) -> Markup:
    source = f"data:{figure.type};base64,{base64.b64encode(figure.content).decode('ascii')}"
    image = element("img", src=source, alt=f"{figure.name} of {run.name}", loading="lazy")
    return element("figure", image, element("figcaption", run.name))


def _command_for_figures(run: ReportedRun) -> Markup:
    line = element("code", f"zoo plot {shlex.quote(run.name)}")
    words = element("p", f"{run.name} has no figures here. Draw them, then make this page again:")
    return joined(words, element("pre", line))


def _commands(runs: Sequence[ReportedRun], command: str) -> Markup:
    blocks = []
    for run in runs:
        words = element("code", run.commands)
        blocks += [element("h3", run.name), element("pre", words)]
    last = element("pre", element("code", command))
    return joined(*blocks, element("h3", "This page"), last)
