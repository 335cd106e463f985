"""A model with two solves and a layer between: each keeps its own solver, and fails alone."""

from collections.abc import Mapping
from typing import Any, ClassVar

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import zoo
from zoo.dynamics import AbstractDynamics, MLPDynamics
from zoo.errors import ConfigError
from zoo.evaluation.batched import traced_solver
from zoo.evaluation.sweep import adjoint_rows, compute_rows, effort_rows, tolerance_rows
from zoo.models import AbstractODEModel
from zoo.nn.dense import Affine
from zoo.objectives.losses import PREDICTION, squared_error
from zoo.objectives.updates import GradientUpdate
from zoo.plots.cost import cost_of, has_cost
from zoo.plots.field import can_draw_field
from zoo.plots.states import course_of, interval
from zoo.plots.steps import can_draw_steps
from zoo.regularisers import kinetic
from zoo.solve import Outcome, Solver, marked, override, solve, solvers_of, zeroed
from zoo.solve.of_model import isolates_failures
from zoo.train.options import training_options
from zoo.train.schedules import geometric

LOOSE, TIGHT = Solver(rtol=1e-1), Solver(rtol=1e-3, atol=1e-5, t1=2.0)


class Ending(AbstractDynamics):
    """A net whose value is no number once t has passed an example's own time, its args."""

    net: MLPDynamics

    def __call__(self, t, y, until):
        slope = self.net(t, y, None)
        return slope if until is None else jnp.where(t > until, jnp.nan, slope)


class TwoSolves(AbstractODEModel):
    """A solve, a layer, another solve, a head."""

    objectives: ClassVar[Mapping[str, Any]] = PREDICTION

    dynamics: Ending
    solver: Solver
    layer: Affine
    second: Ending
    outer: Solver
    head: Affine

    def __init__(self, size=2, out_size=2, *, solvers=(LOOSE, TIGHT), key):
        keys = jax.random.split(key, 4)
        net = lambda key: Ending(MLPDynamics(size, width=8, depth=1, key=key))  # noqa: E731
        self.dynamics, self.second = net(keys[0]), net(keys[1])
        self.layer = Affine(size, size, key=keys[2])
        self.head = Affine(size, out_size, key=keys[3])
        self.solver, self.outer = solvers

    def initial_state(self, xs):
        return jnp.asarray(xs)

    def forward(self, xs, *, args=None, solver=None, key=None):
        y0, args = self.problem(xs, args)
        inner = self.effective(solver)
        outer = self.outer if solver is None else solver.over(self.outer)
        ys, first = solve(self.dynamics, y0, args=args, solver=inner)
        ys = jax.vmap(self.layer)(zeroed(ys, first))
        read = jax.vmap(self.head)
        ys, second = solve(self.second, ys, args=args, solver=outer, readout=read)
        stats = first.then(second)
        return marked(ys, stats), stats


@pytest.fixture(scope="module")
def data():
    return zoo.load_dataset("moons", n=60)


@pytest.fixture(scope="module")
def model():
    return TwoSolves(key=jax.random.key(0))


GIVEN = {
    "nothing": Solver(),
    "batching": Solver(batching="joint"),
    "rtol": Solver(rtol=1e-2),
    "steps": Solver(steps=4),
    "interval": Solver(t1=0.5),
}


@pytest.mark.parametrize("given", GIVEN)
def test_what_is_given_changes_in_all_and_the_rest_stays_their_own(model, data, given):
    solver = GIVEN[given]
    told = zoo.evaluate(model, data, solver=solver, other_grids=False)
    xs = jnp.asarray(data.test["x"])
    ys, stats = override(model, solver).forward(xs)
    assert told["nfe"] == pytest.approx(float(np.mean(stats.nfe)))
    np.testing.assert_allclose(zoo.predict(model, data.test["x"], solver=solver), ys, rtol=1e-5)
    first, second = solvers_of(override(model, solver))
    if given == "batching":
        assert (first.rtol, second.rtol, second.atol, second.t1) == (1e-1, 1e-3, 1e-5, 2.0)
        assert first.batching == second.batching == "joint"
    if given == "rtol":
        assert (first.rtol, second.rtol, second.atol, second.t1) == (1e-2, 1e-2, None, 2.0)
    assert solvers_of(model) == [LOOSE, TIGHT]


PAIRS = {
    "tolerances": (LOOSE, TIGHT),
    "atol alone": (Solver(rtol=1e-2, atol=1e-3), Solver(rtol=1e-2)),
    "steps": (Solver(steps=4), Solver(steps=8)),
    "steps or size": (Solver(steps=4, t1=2.0), Solver(dt0=0.25, t1=2.0)),
    "sizes": (Solver(dt0=0.5, t1=2.0), Solver(dt0=0.25, t1=2.0)),
    "both": (Solver(dt0=0.25), Solver(dt0=0.25, controller="constant")),
    "methods": (Solver(diffrax.Heun(), steps=4), Solver(diffrax.Kvaerno3(), rtol=1e-2)),
    "euler": (Solver(diffrax.Euler(), steps=4), Solver(diffrax.Euler(), dt0=0.1)),
    "equal": (Solver(rtol=1e-2, dt0=0.1), Solver(rtol=1e-2, dt0=0.1)),
}


@pytest.mark.parametrize("pair", PAIRS)
def test_laying_what_solvers_agree_on_over_them_changes_nothing(pair):
    common = Solver.common(PAIRS[pair])
    for each in PAIRS[pair]:
        assert common.over(each).resolve() == each.resolve()
    assert common.t0 == 0.0 and (common.t1 is None) == (pair == "tolerances")
    assert common.batching == "per-sample"
    assert Solver.common(PAIRS["equal"]) == PAIRS["equal"][0].resolve()


def test_other_grids_are_finer_for_each(data):
    model = TwoSolves(solvers=(Solver(steps=2), Solver(steps=4)), key=jax.random.key(0))
    told = zoo.evaluate(model, data, split="val")["rediscretisation"]
    stages = diffrax.Dopri5.tableau.num_stages - 1
    assert told["own"]["nfe"] == 6 * stages + 2 and told["finer"]["nfe"] == 12 * stages + 2
    assert told["adaptive"]["nfe"] > told["own"]["nfe"] and told["finer"]["change"] < 1e-2


def test_a_number_of_the_solver_costs_no_new_trace(model, data, compilations):
    zoo.predict(model, data.test["x"], solver=Solver(rtol=1e-2))
    del compilations[:]
    zoo.predict(model, data.test["x"], solver=Solver(rtol=1e-4))
    assert not compilations


def test_a_failed_example_changes_no_bit_of_the_others_gradients(model):
    rng, healthy = np.random.RandomState(0), jnp.full(6, 9.0)
    xs, w = jnp.asarray(rng.randn(6, 2), jnp.float32), jnp.ones(6).at[jnp.array([1, 4])].set(0)

    @eqx.filter_jit
    @eqx.filter_value_and_grad(has_aux=True)
    def loss(wanted, args):
        model, xs = wanted
        ys, stats = model.forward(xs, args=args)
        return jnp.sum(jnp.where(w[:, None] > 0, ys, 0) ** 2), (ys, stats)

    _, expected = loss((model, xs), healthy)
    # One fails in the first solve, which ends at 1, and one in the second, which ends at 2.
    (_, (ys, stats)), grads = loss((model, xs), healthy.at[1].set(0.5).at[4].set(1.5))
    assert stats.ok.tolist() == [True, False, True, True, False, True]
    assert stats.result[jnp.array([1, 4])].tolist() == [Outcome.NON_FINITE] * 2
    assert np.isnan(ys[1]).all() and np.isnan(ys[4]).all() and np.isfinite(ys[0]).all()
    assert np.asarray(stats.time)[1] < 0.6 and 1 < np.asarray(stats.time)[4] < 1.6
    for a, b in zip(jax.tree.leaves(grads), jax.tree.leaves(expected), strict=True):
        assert float(np.abs(np.asarray(a) - np.asarray(b)).max()) == 0.0


def test_training_leaves_out_the_failed_example(model):
    update, optimiser = GradientUpdate(squared_error), optax.sgd(0.1)
    xs = jnp.asarray(np.random.RandomState(0).randn(4, 2), jnp.float32)
    batch = {"x": xs, "y": xs, "args": jnp.full(4, 9.0).at[2].set(0.5)}
    key, step = jax.random.key(0), jnp.zeros((), jnp.int32)
    new, _, report = update(
        model, update.init(model, optimiser), optimiser, batch, jnp.ones(4),
        key=key, step=step, solver=traced_solver(model, None),
    )  # fmt: skip
    assert bool(report.ok) and int(report.failed) == 1 and report.left_out.tolist() == [0, 0]
    assert not np.allclose(new.layer.layer.weight, model.layer.layer.weight)


class Recorded(GradientUpdate):
    """A gradient step that tells the tolerances and the factor of each solve as metrics."""

    def __call__(self, model, *args, solver, **options):
        both = [solver.over(each).resolve() for each in solvers_of(model)]
        model, state, report = super().__call__(model, *args, solver=solver, **options)
        told = {f"rtol{i}": jnp.asarray(s.rtol, float) for i, s in enumerate(both)}
        told |= {f"atol{i}": jnp.asarray(s.atol, float) for i, s in enumerate(both)}
        told |= {f"stretch{i}": jnp.asarray(s.stretch, float) for i, s in enumerate(both)}
        report = eqx.tree_at(lambda r: r.metrics, report, {**report.metrics, **told})
        return model, state, report


def trained(model, data, **options):
    class Recording(TwoSolves):
        objectives: ClassVar[Mapping[str, Any]] = {
            "classification": Recorded(zoo.losses.cross_entropy)
        }

    solvers = solvers_of(model)
    model = Recording(solvers=solvers, key=jax.random.key(0))
    result = zoo.fit(model, data, steps=5, batch_size=16, random_end=0.2, **options)
    assert solvers_of(result.model) == solvers
    rows = result.history.train
    return {name: [row[name] for row in rows] for name in rows[0]}


def test_schedules_steer_and_regularisers_reach_every_solve(model, data):
    one = trained(model, data, tolerance=geometric(1e-1, 1e-2, 5), regulariser=kinetic(weight=0.1))
    ends = [one[name][-1] for name in ("rtol0", "atol0", "rtol1", "atol1")]
    np.testing.assert_allclose(ends, [1e-2, 1e-2, 1e-2, 1e-4], rtol=1e-4)
    assert one["rtol0"][0] == one["rtol1"][0] == pytest.approx(1e-1)
    assert one["stretch0"] == one["stretch1"] and len(set(one["stretch0"])) == 5
    assert min(one["penalty"]) > 0
    options = training_options(steps=5, rtol_start=0.5)
    each = trained(model, data, tolerance=options.fit_arguments(solvers_of(model))["tolerance"])
    np.testing.assert_allclose([each["rtol0"][0], each["rtol1"][0]], 0.5, rtol=1e-5)
    np.testing.assert_allclose([each["rtol0"][-1], each["rtol1"][-1]], [1e-1, 1e-3], rtol=1e-4)


def test_a_schedule_for_solves_that_have_no_use_of_it_is_refused(model, data):
    with pytest.raises(ConfigError, match="holds 1 schedules, and the model solves with 2"):
        zoo.fit(model, data, tolerance=(geometric(1e-1, 1e-2, 5),))
    mixed = TwoSolves(solvers=(Solver(steps=4), TIGHT), key=jax.random.key(0))
    with pytest.raises(ConfigError, match="adaptive"):
        zoo.fit(mixed, data, tolerance=(geometric(1e-1, 1e-2, 5), None))


def test_a_model_says_for_itself_whether_it_isolates_failures(model):
    assert isolates_failures(model, None) and model.isolates_failures()
    assert not model.isolates_failures(Solver(batching="joint"))
    mixed = TwoSolves(solvers=(LOOSE, Solver(adjoint="recursive")), key=jax.random.key(0))
    assert not mixed.isolates_failures()

    class Within(zoo.AbstractModel):
        objectives: ClassVar[Mapping[str, Any]] = PREDICTION
        net: MLPDynamics

        def isolates_failures(self, solver=None):
            return True

        def forward(self, xs, *, args=None, solver=None, key=None):
            return solve(Ending(self.net), xs, args=args, solver=Solver(rtol=1e-2))

    own = Within(model.dynamics.net)
    assert not isolates_failures(own, None)
    batch = {"x": jnp.ones((3, 2)), "y": jnp.zeros((3, 2)), "args": jnp.array([9.0, 0.5, 9.0])}
    update, optimiser = GradientUpdate(squared_error), optax.sgd(0.1)
    options = {"key": jax.random.key(0), "step": jnp.zeros((), jnp.int32), "solver": None}
    state = update.init(own, optimiser)
    _, _, report = update(own, state, optimiser, batch, jnp.ones(3), **options)
    assert bool(report.ok) and int(report.failed) == 1


def test_figures_draw_the_main_solve_and_count_the_evaluations_of_all(model, data):
    assert interval(model) == (0.0, 1.0) and course_of(model, data, 3).depths[-1] == 1.0
    assert can_draw_field(model, data) and can_draw_steps(model, data)
    joint = override(model, Solver(batching="joint"))
    _, stats = model.forward(jnp.asarray(data.test["x"]))
    assert has_cost(joint, data)
    np.testing.assert_array_equal(cost_of(joint, data.test["x"]).evaluations, stats.nfe)
    mixed = TwoSolves(solvers=(Solver(steps=4), TIGHT), key=jax.random.key(0))
    assert has_cost(mixed, data) and not can_draw_steps(mixed, data)


def test_sweeps_measure_the_whole_model(model, data):
    (row,) = tolerance_rows(
        model, data, tolerances=(1e-3,), methods=["Tsit5"], batchings=["joint"], limit=8
    )
    _, stats = model.forward(
        jnp.asarray(data.test["x"][:8]), solver=Solver(diffrax.Tsit5(), rtol=1e-3, batching="joint")
    )
    assert row["nfe"] == float(np.mean(stats.nfe)) and 0 < row["achieved"] < 1e-2
    (row,) = adjoint_rows(model, data, adjoints=["replay"], limit=4)
    assert row["rtol"] is None and 0 < row["gradient_error"] < 0.5
    assert {len(effort_rows(model, data))} == {len(data.test["x"])}
    rows = list(compute_rows(model, data, tolerances=(1e-2,), shares=(0.5,)))
    assert len(rows) == 2 and "multiply_adds" not in rows[0] and rows[0]["nfe"] > 0
