"""Figures: they are written anywhere, say what their axes are, and never end a run."""

import os
import subprocess
import sys
from typing import ClassVar

import jax.numpy as jnp
import matplotlib
import numpy as np
import pytest

import zoo
from zoo.datasets import RawData, make_dataset
from zoo.errors import ConfigError, OutputError, ZooWarning
from zoo.plots import (
    all_figures,
    comparison,
    decision_boundary,
    every,
    regression_fit,
    save_figure,
    training_curves,
    write_figures,
)
from zoo.train import History
from zoo.types import Stats


class Formula(zoo.AbstractModel):
    """A model without parameters: what it gives for x is the test's choice."""

    objectives: ClassVar = {}
    formula: object

    def forward(self, xs, *, args=None, solver=None, key=None):
        return self.formula(xs), Stats.discrete(len(xs), 1)


@pytest.fixture(scope="module")
def cubic():
    return zoo.load_dataset("cubic", n=30)


@pytest.fixture(scope="module")
def moons():
    return zoo.load_dataset("moons", n=60)


def blobs(classes):
    labels = np.arange(60) % classes
    angle = 2 * np.pi * labels / classes
    x = np.stack([np.cos(angle), np.sin(angle)], 1)
    x += 0.1 * np.random.default_rng(0).standard_normal(x.shape)
    return make_dataset(RawData({"x": x, "y": labels}, ("classification",)), name="blobs")


# One feature to one target, two features to two logits.
SAME = Formula(lambda xs: xs)


def history(steps=150, **columns):
    row = {"loss": 1.0, "accuracy": 0.5, "nfe": 20.0, "failed": 0.0, "skipped": 0.0}
    train = [{"step": i} | row | {k: c[i] for k, c in columns.items()} for i in range(steps)]
    return History(train, [{"step": steps, "loss": 0.9, "accuracy": 0.6, "nfe": 21.0}])


def short_history():
    """Of one panel, which is quick to write."""
    return History([{"step": i, "loss": 2.0**-i} for i in range(9)], [])


def assert_finite_limits(figure):
    for axes in figure.axes:
        assert np.isfinite([*axes.get_xlim(), *axes.get_ylim()]).all()


# Where figures are drawn and written


def test_no_display_and_a_foreign_backend_do_not_matter(tmp_path):
    script = """
import sys, zoo
assert "matplotlib" not in sys.modules, "importing zoo imports matplotlib"
from zoo.plots import training_curves, write_figures
rows = [{"step": i, "loss": 2.0**-i} for i in range(9)]
for format in ("png", "svg", "pdf"):
    figures = {"training": training_curves(zoo.train.History(rows))}
    for path in write_figures(sys.argv[1], figures, format):
        print(path)
assert "matplotlib.pyplot" not in sys.modules
"""
    hidden = ("DISPLAY", "WAYLAND_DISPLAY")
    env = {k: v for k, v in os.environ.items() if k not in hidden} | {"MPLBACKEND": "TkAgg"}
    folder = tmp_path / "not" / "there"
    command = [sys.executable, "-c", script, str(folder)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    written = [folder / f"training.{suffix}" for suffix in ("png", "svg", "pdf")]
    assert done.stdout.split() == [str(path) for path in written]
    starts = [path.read_bytes()[:5] for path in written]
    assert starts == [b"\x89PNG\r", b"<?xml", b"%PDF-"]
    # The same drawing gives the same file, whatever a user's own settings are.
    with matplotlib.rc_context({"font.size": 20, "axes.grid": True, "lines.linewidth": 5}):
        again = [save_figure(training_curves(short_history()), tmp_path / p.name) for p in written]
    assert [p.read_bytes() for p in again] == [p.read_bytes() for p in written]


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    figure = training_curves(short_history())
    with pytest.raises(ConfigError, match=r"'gif'.*png, svg, pdf"):
        save_figure(figure, tmp_path / "new" / "fit.gif")
    assert not (tmp_path / "new").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"fit\.png"):
        save_figure(figure, tmp_path / "file" / "fit.png")


# What every figure has


def test_every_axis_has_a_name(cubic, moons):
    figures = [
        regression_fit({"same": SAME}, cubic, points=20),
        decision_boundary(SAME, moons, resolution=10),
        training_curves(history()),
    ]
    for figure in figures:
        axes = figure.axes
        assert all(each.get_ylabel() for each in axes)
        # Panels one above the other share the lowest one's horizontal axis.
        assert axes[-1].get_xlabel() or axes[0].get_xlabel()
        assert figure.legends[0].get_texts()


# The fit


def test_the_fit_reaches_beyond_the_data_in_their_own_unit(cubic):
    figure = regression_fit({"a": SAME, "b": SAME}, cubic, points=20)
    (axes,) = figure.axes
    assert axes.get_xlim() == pytest.approx((-3, 3), abs=1e-5)
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["training", "test", "a", "b", "beyond the data"]


def test_the_curve_is_the_model_s_in_original_units(cubic):
    figure = regression_fit({"same": SAME}, cubic, points=5, interval=(-1, 1))
    curve = next(line for line in figure.axes[0].lines if line.get_label() == "same")
    expected = cubic.targets(cubic.inputs(np.linspace(-1, 1, 5)[:, None]))[:, 0]
    np.testing.assert_allclose(curve.get_ydata(), expected, rtol=1e-5)


def test_test_points_are_drawn_only_where_held_out():
    data = zoo.load_dataset("cubic", n=10, split="all")
    figure = regression_fit({"same": SAME}, data, points=20)
    assert "test" not in [text.get_text() for text in figure.legends[0].get_texts()]


def test_predictions_that_explode_leave_the_axes_sensible(cubic):
    formulas = {
        "explodes": lambda xs: jnp.exp(40 * xs),
        "infinite": lambda xs: 1 / (xs * 0),
        "has a gap": lambda xs: jnp.where(xs > 0, jnp.nan, xs),
        "huge": lambda xs: jnp.where(xs > 1, 3e38, -3e38),
    }
    models = {name: Formula(formula) for name, formula in formulas.items()}
    figure = regression_fit(models, cubic, points=20)
    assert_finite_limits(figure)
    low, high = figure.axes[0].get_ylim()
    assert -30 < low < -8
    assert 8 < high < 30
    figure.canvas.draw()


# The boundary


def test_the_boundary_of_two_classes_shows_a_probability(moons):
    logits = lambda xs: jnp.stack([jnp.zeros(len(xs)), xs[:, 0]], axis=1)  # noqa: E731
    figure = decision_boundary(Formula(logits), moons, resolution=20)
    axes = figure.axes[0]
    (image,) = axes.images
    column = np.asarray(image.get_array())[0]
    assert (np.diff(column) > 0).all()
    assert column[0] < 0.5 < column[-1]
    assert axes.get_aspect() == 1
    # Original units: the points of `moons` reach about [-1, 2].
    assert axes.get_xlim() == pytest.approx((-1.4, 2.4), abs=0.3)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["class 0", "class 1"]


@pytest.mark.parametrize("classes", [1, 3, 12])
def test_the_boundary_of_any_number_of_classes(classes):
    data = blobs(classes)
    shifts = lambda: 2 * jnp.pi * jnp.arange(classes) / classes  # noqa: E731
    logits = lambda xs: jnp.cos(jnp.arctan2(xs[:, 1:], xs[:, :1]) - shifts())  # noqa: E731
    figure = decision_boundary(Formula(logits), data, resolution=10)
    assert_finite_limits(figure)
    assert len(figure.legends[0].get_texts()) == classes
    looks = {(str(c.get_facecolor()), len(c.get_paths()[0].vertices)) for c in
             figure.axes[0].collections if c.get_label().startswith("class")}  # fmt: skip
    assert len(looks) == classes


@pytest.mark.parametrize("classes", [2, 3])
def test_places_without_a_finite_number_stay_white(classes):
    data = blobs(classes)
    logits = lambda xs: jnp.where(xs[:, :1] > 0, jnp.nan, jnp.ones((1, classes)))  # noqa: E731
    figure = decision_boundary(Formula(logits), data, resolution=10)
    assert_finite_limits(figure)
    shown = np.ma.masked_invalid(figure.axes[0].images[0].get_array())
    assert shown.mask[:, -1].all()
    assert not shown.mask[:, 0].any()


# The training


def panels(figure):
    return [axes.get_ylabel().replace("\n", " ") for axes in figure.axes]


def test_the_training_s_panels():
    figure = training_curves(history(loss=np.geomspace(1, 1e-3, 150)))
    assert panels(figure) == ["loss", "accuracy", "evaluations per example"]
    assert figure.axes[0].get_yscale() == "log"
    labels = [line.get_label() for line in figure.axes[0].lines]
    assert labels == ["training", "mean of 5 steps", "validation"]


def test_few_steps_are_not_smoothed():
    labels = [line.get_label() for line in training_curves(history(100)).axes[0].lines]
    assert labels == ["training", "validation"]


def test_panels_that_say_nothing_are_left_out():
    rows = [{"step": i, "loss": 0.1 * i, "mse": 0.1 * i, "nfe": np.nan} for i in range(5)]
    figure = training_curves(History(rows, []))
    assert panels(figure) == ["loss"]
    assert figure.axes[0].get_yscale() == "linear"


def test_skipped_steps_are_marked_and_their_numbers_reach_no_axis():
    loss, skipped = np.geomspace(1, 1e-3, 150), np.zeros(150)
    loss[[5, 6]], loss[7], skipped[5:8] = np.nan, np.inf, 1
    figure = training_curves(history(loss=loss, skipped=skipped))
    assert_finite_limits(figure)
    marks = figure.axes[0].lines[-1]
    assert marks.get_label() == "skipped step"
    assert list(marks.get_xdata()) == [5, 6, 7]
    mean = figure.axes[0].lines[1].get_ydata()
    assert np.isfinite(mean[8:]).all()


def test_the_step_of_which_training_warns_is_marked():
    nfe = np.linspace(20, 60, 150)
    assert len(training_curves(history(nfe=nfe)).axes[-1].lines) == 3  # as before, nothing more
    nfe[120] = 700.0
    figure = training_curves(history(nfe=nfe))
    *_, mark, bound = figure.axes[-1].lines
    assert mark.get_xdata().tolist() == [120] and mark.get_ydata().tolist() == [700]
    assert bound.get_ydata()[0] == pytest.approx(10 * np.median(nfe[:120]))
    assert mark.get_label() in [text.get_text() for text in figure.legends[0].get_texts()]


@pytest.mark.parametrize(
    "rows",
    [
        History([{"step": 0, "loss": 1.0}], []),
        History([], [{"step": 10, "loss": 1.0, "nfe": None}]),
        History([{"step": i, "loss": np.nan} for i in range(200)], []),
        History([{"step": i, "loss": -1.0, "nfe": 3.0} for i in range(3)], []),
    ],
)
def test_odd_histories_are_drawn(rows):
    assert_finite_limits(training_curves(rows))


# What does not fit, and what fails


@pytest.mark.wrong_types
def test_data_that_do_not_fit_are_refused(cubic, moons):
    with pytest.raises(ConfigError, match=r"'moons' serves classification, density.*Way out"):
        regression_fit({"same": SAME}, moons)
    with pytest.raises(ConfigError, match=r"'cubic' serves regression.*Way out"):
        decision_boundary(SAME, cubic)
    with pytest.raises(ConfigError, match=r"expected \{name: model\}"):
        regression_fit(SAME, cubic)
    with pytest.raises(ConfigError, match=r"interval = \(1, 1\)"):
        regression_fit({"same": SAME}, cubic, interval=(1, 1))
    with pytest.raises(ConfigError, match="target = 1"):
        regression_fit({"same": SAME}, cubic, target=1)
    with pytest.raises(ConfigError, match="2 classes"):
        decision_boundary(Formula(lambda xs: xs[:, :1]), moons, resolution=10)
    with pytest.raises(ConfigError, match="no rows"):
        training_curves(History())


def test_every_figure_that_fits(cubic, moons):
    names = lambda *args: list(all_figures(*args))  # noqa: E731
    assert names(SAME, cubic, history(), "regression") == ["fit", "training"]
    assert names(SAME, moons, history(), "classification") == ["boundary", "training"]
    assert names(SAME, moons, None, "density") == []
    assert names(SAME, moons, History(), "density") == []


@pytest.mark.counts_frames
def test_a_figure_that_cannot_be_drawn_warns_and_the_others_are(cubic, monkeypatch):
    def fail(*args):
        raise RuntimeError("out of ink")

    monkeypatch.setattr(every, "regression_fit", fail)
    with pytest.warns(ZooWarning, match="figure 'fit' could not be drawn: out of ink") as caught:
        figures = all_figures(SAME, cubic, history(), "regression")
    assert list(figures) == ["training"]
    assert caught[0].filename == __file__


def test_98_a_figure_that_cannot_be_written_is_an_error_once_the_others_are(tmp_path):
    (tmp_path / "first.png").mkdir()
    figures = {name: training_curves(short_history()) for name in ("first", "second")}
    with pytest.raises(OutputError, match=r"first\.png is a folder"):
        write_figures(tmp_path, figures)
    assert (tmp_path / "second.png").stat().st_size > 1000


@pytest.mark.counts_frames
def test_a_figure_that_fails_while_it_is_rendered_warns_and_the_others_are(tmp_path):
    figures = {name: training_curves(short_history()) for name in ("first", "second")}
    figures["first"].savefig = lambda *_, **__: 1 / 0
    with pytest.warns(ZooWarning, match="figure 'first' could not be written: div") as caught:
        written = write_figures(tmp_path, figures)
    assert written == [tmp_path / "second.png"] and written[0].exists()
    assert caught[0].filename == __file__
    with pytest.raises(ConfigError, match="'gif'"):
        write_figures(tmp_path, figures, "gif")


def test_a_comparison_shows_errors_as_shares_of_the_baseline_s():
    accuracy = {"figure": "accuracy", "baseline": 0.5}
    error = {"figure": "relative RMSE", "baseline": 2.0}
    rows = {
        "moons: mlp": [{**accuracy, "score": 1.0}, {**accuracy, "score": 0.8}],
        "diabetes: mlp": [{**error, "score": 1.0}],
        "diabetes: odenet": [{**error, "score": 0.5}],
    }
    (axes,) = comparison(rows).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["diabetes", "moons"]
    points = [np.asarray(bars[0].get_xdata()) for bars in axes.containers]
    np.testing.assert_allclose(points, [[0.5, 0.2], [0.25, np.nan]])
