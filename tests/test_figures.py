"""Figures of trained nets: which fit, and that what is drawn is what the model computes."""

from dataclasses import replace

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

import zoo
from zoo import plots
from zoo.checkpoint import read
from zoo.errors import ConfigError
from zoo.plots.attempts import attempts_of
from zoo.plots.sweeps import sweep_figures
from zoo.pretrained import path_of

FITTING = {
    "odenet-circles": {"boundary", "depth", "effort", "steps", "flow", "lift"},
    "annuli-odenet": {"depth", "field", "effort", "steps", "flow"},
    "cubic-odenet": {"fit", "depth", "steps"},
    "cubic-resnet": {"fit", "depth"},
    "digits-odenet": {"depth", "effort_by_class", "hardest", "steps"},
}


def of(name: str):
    """A pretrained model, its data and its task."""
    config = read(path_of(name))[0]["config"]
    data = zoo.load_dataset(config["dataset"], seed=0, **config["dataset_options"])
    return zoo.load(name), data, config["task"]


@pytest.mark.parametrize("name", FITTING)
def test_every_figure_that_fits_is_drawn_with_its_axes_named(name, tmp_path):
    model, data, task = of(name)
    drawn = plots.all_figures(model, data, None, task)
    assert set(drawn) == FITTING[name]
    still = {n: f for n, f in drawn.items() if not isinstance(f, plots.Animation)}
    for figure in still.values():
        for axes in figure.axes:
            named = axes.get_xlabel() or axes.get_ylabel() or axes.get_title()
            assert named or not axes.axison or axes.get_shared_x_axes().joined(axes, figure.axes[0])
    written = plots.write_figures(tmp_path, still)
    assert {p.stem for p in written} == set(still)
    assert all(p.stat().st_size > 3000 for p in written)


def test_attempts_are_those_of_the_solve():
    with jax.enable_x64(True):  # in float32 an error within rounding of 1 falls on either side
        model = zoo.create_model("odenet", (2, 2), key=jax.random.key(0), solver={"rtol": 1e-6})
        strong = zoo.nn.dense.scale_parameters(model.dynamics, 4.0)
        model = eqx.tree_at(lambda m: m.dynamics, model, strong)
        xs = jax.random.normal(jax.random.key(1), (8, 2))
        stats = model.forward(xs)[1]
        for at in range(8):
            attempts = attempts_of(model, xs[at])
            accepted = int(attempts.accepted.sum())
            assert accepted == int(stats.accepted[at])
            assert len(attempts.accepted) - accepted == int(stats.rejected[at])
            assert (attempts.error[attempts.accepted] <= 1).all()
            assert (attempts.error[~attempts.accepted] >= 1).all()
            assert attempts.start[0] == 0 and attempts.stop[-1] == pytest.approx(1)
    assert int(stats.rejected.sum()) > 0


def test_a_flow_is_a_gif_of_frames_that_differ(tmp_path):
    model, data, _ = of("odenet-circles")
    animation = plots.flow_animation(model, data, frames=4)
    whole = plots.save_animation(replace(animation, moving=()), tmp_path / "whole.gif")
    (path,) = plots.write_figures(tmp_path, {"flow": animation}, "pdf")
    assert path.read_bytes() == whole.read_bytes(), "what moves, over a picture of the rest"
    with Image.open(path) as image:
        assert image.n_frames == animation.frames == 4
        image.seek(3)
        assert image.info["duration"] == pytest.approx(9000 / 12, abs=10), "eight more at rest"
    assert path.suffix == ".gif" and path.stat().st_size < 1_500_000
    course = model.trajectory(jnp.asarray(data.test["x"][:200]), jnp.array([0.0, 1.0]))[0]
    for frame, at in ((0, 0), (3, 1)):
        animation.show(frame)
        points = [c for c in animation.figure.axes[0].collections if len(c.get_offsets()) > 1]
        drawn = np.concatenate([np.asarray(c.get_offsets()) for c in points[:2]])
        ends = np.asarray(course[:, at, :2])
        assert np.abs(np.sort(drawn, axis=0) - np.sort(ends, axis=0)).max() < 1e-3
    with pytest.raises(ConfigError, match="frames = 1"):
        plots.flow_animation(model, data, frames=1)


def test_the_lift_ends_where_the_model_ends():
    model, data, _ = of("odenet-circles")
    (axes,) = plots.lift_in_space(model, data, examples=100).axes
    drawn = np.stack(axes.collections[1]._offsets3d, axis=1)
    ends = model.trajectory(jnp.asarray(data.test["x"][:200]), jnp.array([1.0]))[0][:, 0]
    nearest = np.abs(drawn[:, None] - np.asarray(ends)[None]).max(-1).min(1)
    assert len(drawn) == 100 and nearest.max() < 1e-4
    with pytest.raises(ConfigError, match="augment=1"):
        plots.lift_in_space(of("cubic-resnet")[0], data)


def test_a_sweep_is_drawn_as_it_was_measured():
    tolerance = [
        {"batching": "per-sample", "method": m, "rtol": r, "achieved": k * r, "nfe": 10 / r**0.2}
        for m, k in (("Tsit5", 0.5), ("Dopri5", 2.0))
        for r in (1e-2, 1e-4)
    ]
    compute = [
        {"by": by, "multiply_adds": 1e4 * n, "accuracy": 0.5 + n / 10}
        for by in ("tolerance", "pruning")
        for n in (1, 2, 3)
    ]
    stiff = [{"method": "Tsit5", "knob": k, "steps": 7 * k, "outcome": "success"} for k in (1, 10)]
    effort = [{"nfe": 14, "margin": 0.9, "loss": 0.1}, {"nfe": 20, "margin": 0.1, "loss": 2.0}]
    rows = {"tolerance": tolerance, "compute": compute, "stiffness": stiff, "effort": effort}
    figures = sweep_figures({**rows, "adjoint": [{"adjoint": "replay"}]})
    assert set(figures) == {f"sweep-{kind}" for kind in rows}
    asked, cost = figures["sweep-tolerance"].axes
    assert asked.lines[1].get_ydata().tolist() == [2e-2, 2e-4]
    assert cost.get_xlabel() == "evaluations of an example"
    assert figures["sweep-compute"].axes[0].lines[1].get_xdata().tolist() == [1e4, 2e4, 3e4]
    assert figures["sweep-stiffness"].axes[0].lines[0].get_ydata().tolist() == [7, 70]


class Uneven(zoo.AbstractODEModel):
    """Of the class that an input names: solved by itself, at a speed that its class has."""

    objectives = zoo.losses.PREDICTION
    dynamics: object
    solver: zoo.Solver

    def initial_state(self, xs):
        return jnp.asarray(xs)

    def forward(self, xs, *, args=None, solver=None, key=None):
        solver = self.effective(solver)
        ys, stats = zoo.solve.solve(self.dynamics, self.initial_state(xs), solver=solver)
        return xs + 0 * ys, stats


def test_the_hardest_class_is_on_top_and_discs_count_examples():
    labels = np.arange(45) % 3
    raw = zoo.RawData({"x": np.eye(3)[labels], "y": labels}, ("classification",))
    data = zoo.make_dataset(raw, standardise=False)

    def field(t, y, args):
        return -(1.0 + 20 * (y[1] > y[0]) + 80 * (y[2] > y[0])) * y

    model = Uneven(field, zoo.Solver(rtol=1e-3))
    _, stats = model.forward(data.test["x"])
    nfe, known = np.asarray(stats.nfe), data.test["y"]
    (axes,) = plots.effort_by_class(model, data).axes
    means = {label: nfe[known == label].mean() for label in range(3)}
    order = sorted(means, key=lambda label: -means[label])
    assert [t.get_text() for t in axes.get_yticklabels()] == [f"class {i}" for i in order]
    assert [line.get_xdata()[0] for line in axes.lines] == [means[label] for label in order]
    right, wrong = axes.collections[:2]
    assert right.get_offsets().tolist() == [[means[order[0]], 0]] and not len(wrong.get_offsets())
    sizes = [collection.get_sizes()[0] for collection in axes.collections[::2]]
    counts = np.bincount(known)[order]
    np.testing.assert_allclose(np.divide(sizes, sizes[0]), counts / counts[0])
    assert len(plots.effort_by_class(model, data, classes=2).axes[0].get_yticks()) == 2
    still = zoo.ODENet(field, solver=zoo.Solver(steps=2))
    with pytest.raises(ConfigError, match="expected a classifier with an adaptive solver"):
        plots.effort_by_class(still, data)
