"""`zoo report`: one valid page that asks no network."""

import base64
import json
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from zoo.report import ReportedFigure, ReportedRun, page
from zoo.report.html import _EMPTY, data, element
from zoo.report.reported import figures_in
from zoo.tasks import Score

from .test_cli import call

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw==")
PAPER = b"%PDF-1.4 1 0 obj << /Type /Page /MediaBox [ 0 0 3000 1000.5 ] >> endobj"
ROWS = [
    {"method": method, "batching": "per-sample", "rtol": rtol, "nfe": nfe, "seconds": nfe / 1e4}
    | {"achieved": rtol / 2, "failed": 0, "accuracy": accuracy, "majority_accuracy": 0.5}
    for method in ("Dopri5", "Heun")
    for rtol, nfe, accuracy in ((1e-1, 14.0, 0.8), (1e-3, 32.0, 0.95), (1e-5, 86.0, 0.9625))
]


class Page(HTMLParser):
    """A page's elements; fails where one is not closed, or another one is."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"{tag} has an attribute twice"
        self.seen.append((tag, dict(attrs)))
        if tag not in _EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] not in ("script", "style"):
            self.text.append(data)

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.seen if name == tag]


@pytest.fixture(scope="module")
def pair(reported_run) -> list[ReportedRun]:
    """A run with a sweep and three figures, and one without, whose name is no HTML."""
    figures = (
        ReportedFigure("flow", "image/gif", PIXEL),
        ReportedFigure("fit", "image/svg+xml", b"x"),
        ReportedFigure("steps", "application/pdf", PAPER, "sweep"),
    )
    swept = replace(reported_run, name="swept", tolerances=ROWS, figures=figures)
    solver = ("Dopri5, controller pid",)
    return [swept, replace(reported_run, name="<b>bare & 'odd'</b>", solvers=solver)]


def test_the_page_is_whole_and_escapes_what_it_shows(pair, reported_run):
    text = page(pair, "zoo report swept '<b>'")
    found = Page(text)
    assert text.startswith('<!DOCTYPE html>\n<html lang="en">')
    words = "".join(found.text)
    assert "<b>bare & 'odd'</b>" in words and "zoo report swept '<b>'" in words
    assert "zoo sweep '<b>bare & '\"'\"'odd'\"'\"'</b>' --kinds tolerance" in words
    assert "bare holds no solver" in page([replace(reported_run, name="bare")], "zoo report bare")
    assert "zoo plot '<b>bare" in words and "accuracy" in words
    assert "majority_accuracy (baseline)" in words and pair[0].commands in words
    images = [image["src"] for image in found.of("img")]
    assert images[0] == f"data:image/gif;base64,{base64.b64encode(PIXEL).decode()}"
    assert images[1].startswith("data:image/svg+xml;base64,")
    (link,) = found.of("a")
    assert link["href"] == f"data:application/pdf;base64,{base64.b64encode(PAPER).decode()}"
    assert link["download"] == "steps.pdf" and "zoo sweep swept --format png" in words
    assert (link["data-width"], link["data-height"]) == ("3000.0", "1000.5")
    identities = [a["id"] for _, a in found.seen if "id" in a]
    assert len(identities) == len(set(identities))
    assert {a["for"] for a in found.of("label")} <= set(identities)
    assert not re.search(r"""(src|href)=["']?(https?:)?//|@import|url\(""", text)
    held = re.search(r'id="sweeps">(.*?)</script>', text)
    assert held is not None and json.loads(held[1])[0]["rows"][1]["accuracy"] == 0.95
    assert "<td>0.963</td>" in text, "the rows are there without a script too"


def test_a_score_says_its_direction_and_has_no_bar_below_zero(reported_run):
    text = page([reported_run], "zoo report")
    assert "Of accuracy, more is better." in text and text.count('class="bar"') == 2
    flow = replace(reported_run, score=Score("nll", -62.0, -47.0), more_is_better=False)
    text = page([flow], "zoo report")
    assert "Of nll, less is better." in text and "nll -62" in text and 'class="bar"' not in text


def test_the_baseline_is_the_one_that_the_score_compares_with(reported_run):
    metrics = reported_run.metrics | {"season_rmse": 1.0, "last_rmse": 2.0}
    forecast = replace(reported_run, metrics=metrics, compared="season_rmse", baseline="last_rmse")
    text = page([forecast], "zoo report")
    assert "season_rmse (baseline)" in text and "last_rmse (baseline)" not in text


def test_an_image_is_shown_before_a_pdf_of_its_name(tmp_path):
    for name in ("fit.pdf", "fit.png", "flow.gif", "steps.pdf", "card.md"):
        (tmp_path / name).write_bytes(name.encode())
    figures = figures_in(tmp_path, "sweep")
    assert [each.content for each in figures] == [b"fit.png", b"flow.gif", b"steps.pdf"]
    assert {each.command for each in figures} == {"sweep"}


def test_text_cannot_end_a_script_or_an_attribute():
    assert "</script><" not in data("x", ["</script><script>"])
    assert (
        element("p", "a < b", title='"><i>', tabindex=0, hidden=False)
        == '<p title="&quot;&gt;&lt;i&gt;" tabindex="0">a &lt; b</p>'
    )


SHOWN = """
<script>
addEventListener("load", () => {
  const slider = document.getElementById("rtol");
  const state = [innerWidth, document.documentElement.scrollWidth];
  for (const place of [0, 2]) {
    slider.value = place;
    slider.dispatchEvent(new Event("input"));
    state.push(document.querySelector(".panel .told").innerText.replace(/\\s+/g, " "));
    state.push(document.querySelectorAll(".panel circle").length);
  }
  const { width, height } = document.querySelector("figure embed")?.getBoundingClientRect() ?? {};
  state.push(navigator.pdfViewerEnabled, width / height);
  parent.postMessage(JSON.stringify(state), "*");
});
</script>
"""
FRAME = """
<body><script>
addEventListener("message", (event) => { document.body.dataset.state = event.data; });
</script>
<iframe src="report.html" style="width:WIDTHpx;height:900px;border:0"></iframe></body>
"""
"""A window has a least width, a frame has not: it stands for the screen of a phone."""


@pytest.mark.skipif(BROWSER is None, reason="no browser is installed")
@pytest.mark.parametrize("width", [400, 1400])
def test_a_browser_shows_it_and_the_slider_moves(pair, tmp_path, width):
    text = page(pair, "zoo report").replace("</body>", f"{SHOWN}</body>")
    (tmp_path / "report.html").write_text(text)
    outer = tmp_path / "outer.html"
    outer.write_text(FRAME.replace("WIDTH", str(width)))
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
    command += ["--virtual-time-budget=5000", "--window-size=1600,900", outer.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    (state,) = re.findall(r'data-state="([^"]*)"', done.stdout)
    values = json.loads(state.replace("&quot;", '"'))
    inner, scroll, loose, points, tight, _, shows_paper, shape = values
    assert scroll <= inner == width, "nothing is wider than the page"
    assert "accuracy 0.8" in loose and "evaluations (NFE) 14" in loose and "1.4 ms" in loose
    assert "accuracy 0.9625" in tight and "8.6 ms" in tight and points == 4
    assert shape == pytest.approx(3000 / 1000.5, rel=0.01) if shows_paper else shape is None


@pytest.mark.filterwarnings("ignore:Solved forwards and back again")
def test_report_and_card_of_a_run_from_the_command_line(run, capsys):
    (run / "sweep").mkdir()
    (run / "sweep" / "sweep.json").write_text(json.dumps({"tolerance": ROWS}))
    assert call("report", "run", "--output", "r.html") == 0
    assert capsys.readouterr().err.startswith("run ...\n")
    found = Page(Path("r.html").read_text())
    assert "All 6 measurements of run" in "".join(found.text)
    assert call("report", "run", "--output", "r.html") == 5
    capsys.readouterr()
    assert call("card", "run", "--license", "mit") == 0
    printed = capsys.readouterr().out
    assert printed.startswith('---\nlicense: "mit"\nlibrary_name: neural-de-zoo\n')
    assert "zoo train" in printed and '"tabular-classification"' not in printed.split("tags")[0]
