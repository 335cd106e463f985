"""The page: one HTML file that opens from disk and asks no network for anything."""

from collections.abc import Sequence
from importlib import resources

from .figures import figures
from .html import Markup, element, joined
from .metrics import metrics_table, scores
from .reported import ReportedRun
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
            _section("Figures", figures(runs)),
            _section("Made by", _commands(runs, command)),
        ),
        *(element("script", Markup(_resource(name))) for name in ("sweep.js", "figures.js")),
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
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _section(title: str, content: Markup) -> Markup:
    identity = title.lower().replace(",", "").replace(" ", "-")
    heading = element("h2", title, id=identity)
    return element("section", heading, content, aria_labelledby=identity)


def _commands(runs: Sequence[ReportedRun], command: str) -> Markup:
    blocks = []
    for run in runs:
        words = element("code", run.commands)
        blocks += [element("h3", run.name), element("pre", words)]
    last = element("pre", element("code", command))
    return joined(*blocks, element("h3", "This page"), last)
