"""The notebooks run as they stand, and are kept with what they gave."""

import json
import re
import sys
import types
from pathlib import Path

import jaxtyping
import numpy as np
import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"


def cells(name: str) -> list[dict]:
    """The code cells of a notebook."""
    notebook = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


@pytest.fixture
def display(monkeypatch) -> list[bytes]:
    """The pictures that a notebook shows; IPython itself is not needed."""
    shown: list[bytes] = []
    module = types.ModuleType("IPython.display")
    module.Image = lambda data, **_: shown.append(data) or data
    package = types.ModuleType("IPython")
    package.version_info, package.get_ipython = (9, 0), lambda: None  # Matplotlib looks at these
    monkeypatch.setitem(sys.modules, "IPython", package)
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    return shown


def run(name: str, less: dict[str, str] | None = None) -> dict:
    """What a notebook's cells leave behind, run one after the other.

    `less` are words of it that are replaced, each of which must be there: to do less than it does.
    """
    jaxtyping.config.update("jaxtyping_disable", True)  # as a reader runs them, and sooner
    space: dict = {"__name__": "__main__"}
    sources = ["".join(cell["source"]) for cell in cells(name)]
    for words, other in (less or {}).items():
        assert any(words in source for source in sources), words
        sources = [source.replace(words, other) for source in sources]
    for source in sources:
        exec(source, space)
    return space


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda p: p.name)
def test_outputs_are_kept_and_none_is_an_error(path):
    outputs = [output for cell in cells(path.name) for output in cell["outputs"]]
    assert len(outputs) >= 3 and not [o for o in outputs if o["output_type"] == "error"]
    speaking = [c for c in cells(path.name) if "print(" in "".join(c["source"])]
    assert all(cell["outputs"] for cell in speaking)
    assert path.stat().st_size < 1_500_000


def test_the_chapter(display, capsys):
    space = run("01_the_chapter.ipynb")
    kept = json.dumps(cells("01_the_chapter.ipynb"))
    assert len(display) == kept.count('"image/png"') == 9
    assert all(picture.startswith(b"\x89PNG") and len(picture) > 8000 for picture in display)
    assert abs(space["state"] - space["resnet"](space["x"])).max() < 1e-5
    assert abs(space["answers"]["joint"] - space["answers"]["per-sample"]).max() < 1e-2
    assert abs(space["long"] - space["short"]).max() < 1e-3
    correlation = space["sweep"].rank_correlations(space["effort"])["margin"]
    assert abs(correlation) < 0.2, "the text says: hardly"
    dopri5 = [row for row in space["asked"] if row["method"] == "Dopri5"]
    assert max(row["violations"] for row in dopri5) > 0.05, "the text says: it is not below it"
    assert dopri5[-1]["achieved"] < 1e-6 < dopri5[0]["achieved"]
    steps = {(row["method"], row["knob"]): row["steps"] for row in space["stiff"]}
    assert steps["Tsit5", 1000.0] > 20 * steps["Kvaerno5", 1000.0]
    by = {row["by"]: row for row in space["compute"] if row.get("share", 0.6) == 0.6}
    assert by["tolerance"]["accuracy"] > by["pruning"]["accuracy"]
    assert space["metrics"]["accuracy"] > 0.95
    assert "1 of 2 solves grew past any bound" in capsys.readouterr().out


def test_dynamics_of_one_s_own(display, capsys):
    space = run("02_your_own_dynamics.ipynb")
    assert float(space["result"].model.dynamics.damping) == pytest.approx(0.3, abs=0.01)
    assert "expected: float32[2]" in capsys.readouterr().out


def test_images(display, capsys):
    space = run("03_images.ipynb", {"steps=200": "steps=100", "(0.3, 0.5, 0.7, 0.9)": "(0.5,)"})
    kept = json.dumps(cells("03_images.ipynb"))
    assert len(display) == kept.count('"image/png"') == 5
    assert all(picture.startswith(b"\x89PNG") and len(picture) > 5000 for picture in display)
    assert space["metrics"]["accuracy"] > 0.8 > space["metrics"]["majority_accuracy"]
    assert space["wrong"].mean() < 0.05 and space["nfe"].min() < space["nfe"].max()
    by = {(row["by"], row.get("bits")): row for row in space["rows"]}
    assert by["quantisation", 8]["accuracy"] > by["original", None]["accuracy"] - 0.01, "no loss"
    assert by["quantisation", 4]["bytes_read"] < by["original", None]["bytes_read"] / 6.5
    assert float(space["found"]["transformer"].nfe.min()) > 1
    assert capsys.readouterr().out.count("accuracy 0.9") == 2, "both nets of the zoo read digits"


@pytest.mark.filterwarnings("ignore:Solved forwards and back:zoo.ZooWarning")
def test_time_series(display, capsys):
    space = run("04_time_series.ipynb", {"steps=500": "steps=250"})
    kept = json.dumps(cells("04_time_series.ipynb"))
    assert len(display) == kept.count('"image/png"') == 4
    metrics, forecast = space["metrics"], space["forecast"]
    for channel, error in metrics["rmse"].items():
        assert error < 0.75 * metrics["mean_rmse"][channel], "the text says: halves"
    for animal, error in forecast["rmse"].items():
        assert error < 0.5 * forecast["mean_rmse"][animal]
    assert 0.85 < space["measured"]["coverage_90_overall"] < 0.97
    assert (
        space["paths"].shape == (50, 100, 20, 2) and np.ptp(space["paths"][:, 0], axis=0).min() > 0
    )
    assert space["scores"]["accuracy"] > 0.9 and space["asked"].wanted.sum() == 2
    assert "the hare grows by 0.59 a year" in capsys.readouterr().out


LESS = {
    "side = np.linspace(-3, 4, 141)": "side = np.linspace(-3, 4, 81)",
    "steps=1500": "steps=600",
    "eval_every=1500": "eval_every=600",
}
"""What the notebook of densities does with fewer points and steps here: it takes minutes."""


def test_densities(display, capsys):
    space = run("05_densities.ipynb", LESS)
    kept = json.dumps(cells("05_densities.ipynb"))
    assert len(display) == kept.count('"image/png"') == 8
    nats = [float(told) for told in re.findall(r"nll (\d\.\d+) after", kept)]
    seconds = [float(told) for told in re.findall(r"after (\d+) s", kept)]
    assert len(nats) == len(seconds) == 2 and seconds[1] < seconds[0], "the text says: sooner"
    assert space["told"]["nll"] < space["told"]["gaussian_nll"] - 0.3
    assert all(picture.startswith(b"\x89PNG") and len(picture) > 8000 for picture in display)
    assert space["metrics"]["nll"] < space["metrics"]["gaussian_nll"] - 0.5
    assert space["integral"] == pytest.approx(1, abs=0.01)
    assert np.abs(space["draws"].mean(0) - space["data"].x_scale.mean).max() < 0.15
    assert sorted(space["ranks"])[2] <= 9, "the text says: most, than three in four of 36"


def test_random_paths(display, capsys):
    space = run("06_noise.ipynb")
    kept = json.dumps(cells("06_noise.ipynb"))
    assert len(display) == kept.count('"image/png"') == 3
    assert all(picture.startswith(b"\x89PNG") and len(picture) > 8000 for picture in display)
    far = {name: float(each.max()) for name, each in space["far"].items()}
    assert len(far) == 3 and max(far.values()) < 2, "the text says: nobody could tell"
    ratios = list(space["ratios"].values())
    assert ratios == sorted(ratios) and ratios[0] < 0.86 and ratios[-1] < 0.98, "more steps, slowly"
    assert space["free"] == pytest.approx(1, abs=2e-3)
    off = np.abs(space["noise"] - space["true_noise"])[space["inside"]]
    assert off.max() < 0.01, "the equation that was found"
    assert min(space["apart"], key=space["apart"].get) == "ou-latent-sde"


def test_laws(display, capsys):
    space = run("07_laws.ipynb", {'"burgers", n=160': '"burgers", n=40'})
    kept = json.dumps(cells("07_laws.ipynb"))
    assert len(display) == kept.count('"image/png"') == 3
    assert all(picture.startswith(b"\x89PNG") and len(picture) > 8000 for picture in display)
    drift, valid, errors = space["drift"], space["valid"], space["errors"]
    assert drift["hamiltonian"] < 0.1 and drift["mlp"] > 100 * drift["hamiltonian"]
    assert valid["hamiltonian"] > 5 * valid["mlp"]
    assert space["found"] == pytest.approx({"gravity": 9.81, "restitution": 0.8}, rel=5e-3)
    assert space["correlation"] > 0.999 and space["error"] < 0.03
    assert np.abs(space["here"] - space["there"]).max() < 1e-5
    assert errors["plain scheme"] > 3 * errors["with a learned flux"], "of fewer waves than kept"
