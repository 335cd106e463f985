"""A subclass of `AbstractODEModel` of one's own gets every figure and every sweep."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo.dynamics import MLPDynamics
from zoo.errors import ConfigError
from zoo.evaluation.sweep import adjoint_rows, compute_rows, effort_rows, tolerance_rows
from zoo.nn.dense import Affine
from zoo.objectives.losses import PREDICTION
from zoo.plots import all_figures, lift_in_space
from zoo.plots.hardest import can_draw_hardest
from zoo.plots.states import course_of, interval
from zoo.solve import Solver, solve


class Padded(zoo.AbstractODEModel):
    """The input and zeros, a solve, a linear head."""

    objectives: ClassVar[Mapping[str, Any]] = PREDICTION
    dynamics: MLPDynamics
    head: Affine
    how: Solver
    zeros: int

    def __init__(self, size, out_size, *, zeros=0, key):
        first, second = jax.random.split(key)
        self.dynamics = MLPDynamics(size + zeros, width=8, depth=1, key=first)
        self.head = Affine(size + zeros, out_size, key=second)
        self.how, self.zeros = Solver(rtol=1e-2, t1=2.0), zeros

    def initial_state(self, xs):
        return jnp.pad(jnp.asarray(xs), ((0, 0), (0, self.zeros)))

    def forward(self, xs, *, args=None, solver=None, key=None):
        y0, args = self.problem(xs, args)
        solver, read = self.effective(solver), jax.vmap(self.head)
        return solve(self.dynamics, y0, args=args, solver=solver, readout=read, key=key)


class Solved(zoo.AbstractModel):
    """A model with a solve that does not say which: no subclass of `AbstractODEModel`."""

    objectives: ClassVar[Mapping[str, Any]] = PREDICTION
    inner: Padded

    def forward(self, xs, *, args=None, solver=None, key=None):
        return self.inner.forward(xs, args=args, solver=solver, key=key)


@pytest.fixture(scope="module")
def moons():
    return zoo.load_dataset("moons", n=60)


@pytest.fixture(scope="module")
def own():
    return Padded(2, 2, key=jax.random.key(0))


def test_it_gets_every_figure(own, moons):
    drawn = all_figures(own, moons, None, "classification")
    assert set(drawn) == {"boundary", "depth", "field", "effort", "steps", "flow"}
    assert interval(own) == (0.0, 2.0)
    course = course_of(own, moons, 3)
    assert course.depths.tolist() == [0.0, 1.0, 2.0] and not course.discrete
    ends = jax.vmap(own.head)(jnp.asarray(course.states[:, -1]))
    np.testing.assert_allclose(ends, own.forward(moons.test["x"])[0], atol=1e-5)
    assert lift_in_space(Padded(2, 2, zeros=1, key=jax.random.key(0)), moons, examples=9).axes
    assert can_draw_hardest(Padded(64, 10, key=jax.random.key(0)), zoo.load_dataset("digits"))


def test_it_gets_every_sweep_and_an_evaluation_there_and_back(own, moons):
    assert 0 < zoo.evaluate(own, moons)["reconstruction_error"] < 1e-2
    sweep = {"tolerances": (1e-3,), "methods": ["Dopri5"], "batchings": ["joint"], "limit": 8}
    (row,) = tolerance_rows(own, moons, **sweep)
    assert 0 < row["achieved"] < 1e-3 and 0 < row["reconstruction_error"] < 1e-2
    (row,) = adjoint_rows(own, moons, adjoints=["replay"], limit=4)
    assert row["rtol"] == pytest.approx(1e-2) and row["gradient_error"] < 0.1
    half, none = compute_rows(own, moons, tolerances=(), shares=(0.5, 1.0))
    assert half["multiply_adds"] > 0 and none["multiply_adds"] == 0
    assert len(effort_rows(own, moons)) == len(moons.test["x"])


def test_a_model_with_a_solve_of_another_base_has_what_needs_no_more(own, moons):
    model = Solved(own)
    assert set(all_figures(model, moons, None, "classification")) == {"boundary", "effort"}
    told = zoo.evaluate(model, moons)
    assert told["nfe"] == zoo.evaluate(own, moons)["nfe"] and "reconstruction_error" not in told
    with pytest.raises(ConfigError, match=r"subclass of zoo\.AbstractODEModel"):
        next(compute_rows(model, moons))


def test_figures_sweeps_and_commands_ask_for_no_method_by_its_name():
    asked = re.compile(r"(has|get)attr\((model|result\.model)\b|isinstance\(model, ODENet")
    rooms = [Path(zoo.__file__).parent / room for room in ("plots", "sweep", "cli")]
    files = [path for room in rooms for path in room.glob("*.py")]
    assert not [path for path in files if asked.search(path.read_text())]


def test_a_residual_net_gives_its_states(moons):
    net = zoo.create_model("resnet", moons, depth=3, lift=5, key=jax.random.key(0))
    states = net.states(jnp.asarray(moons.test["x"]))
    assert states.shape == (len(moons.test["x"]), 4, 5)
    ends = jax.vmap(net.head)(states[:, -1])
    np.testing.assert_allclose(ends, net.forward(moons.test["x"])[0], rtol=1e-6)
    course = course_of(net, moons)
    assert course.discrete and course.depths.tolist() == [0.0, 1.0, 2.0, 3.0]
