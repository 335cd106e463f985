"""The figures of runs: images in the page, and PDF, which not every browser shows."""

import base64
import re
from collections.abc import Sequence

from .html import Markup, element, joined
from .reported import PDF, ReportedFigure, ReportedRun


def figures(runs: Sequence[ReportedRun]) -> Markup:
    """Figures by name, those of one name side by side; of a run without any, the command."""
    names = list(dict.fromkeys(figure.name for run in runs for figure in run.figures))
    found = {(run.name, figure.name): figure for run in runs for figure in run.figures}
    rows = []
    for name in names:
        own = [run for run in runs if (run.name, name) in found]
        shown = [_figure(run, found[run.name, name]) for run in own]
        rows += [element("h3", name), element("div", *shown, class_="figures")]
    missing = [_command(run) for run in runs if not run.figures]
    return joined(*rows, *missing)


def _figure(run: ReportedRun, figure: ReportedFigure) -> Markup:
    source = f"data:{figure.type};base64,{base64.b64encode(figure.content).decode('ascii')}"
    if figure.type == PDF:
        return element("figure", _saved(run, figure, source))
    image = element("img", src=source, alt=f"{figure.name} of {run.name}", loading="lazy")
    return element("figure", image, element("figcaption", run.name))


def _saved(run: ReportedRun, figure: ReportedFigure, source: str) -> Markup:
    """A link that saves a PDF; the page's script shows it above, in a browser that can."""
    file, title = f"{figure.name}.pdf", f"{figure.name} of {run.name}"
    width, height = _size(figure.content)
    link = element(
        "a", file, href=source, download=file, class_="pdf", title=title,
        data_width=width, data_height=height,
    )  # fmt: skip
    size = f" ({len(figure.content) / 1e3:,.0f} kB). Where no PDF shows here, save it, or draw it "
    line = element("code", f"zoo {figure.command} {run.typed} --format png")
    return element("figcaption", f"{run.name}: ", link, size, "as an image: ", line)


def _size(content: bytes) -> tuple[float, float]:
    """Width and height of a PDF's page in points, where it says them as Matplotlib does."""
    said = re.search(rb"/MediaBox \[ 0 0 ([0-9.]+) ([0-9.]+) \]", content)
    return (432.0, 288.0) if said is None else (float(said[1]), float(said[2]))


def _command(run: ReportedRun) -> Markup:
    line = element("code", f"zoo plot {run.typed}")
    words = element("p", f"{run.name} has no figures here. Draw them, then make this page again:")
    return joined(words, element("pre", line))
