"""What a run takes of the memory, told by XLA before anything of it runs."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo.objectives.adversarial import AdversarialUpdate
from zoo.solve.kept import kept_by_solves
from zoo.train.checks import check_fit
from zoo.train.memory.levers import levers
from zoo.train.memory.plan import StepMemory, _state_of
from zoo.train.memory.record import step_record
from zoo.train.memory.words import plan_words, size_words

from .small_data import images


def net(steps, size=16):
    key = jax.random.key(0)
    field = zoo.dynamics.MLPDynamics(size, width=32, depth=1, key=key)
    solver = zoo.Solver(zoo.solve.method_by_name("Heun"), steps=steps)
    return zoo.ODENet(field, solver=solver, head=zoo.nn.Affine(size, 2, key=key))


def rows(count=64, size=16):
    x = np.random.default_rng(0).standard_normal((count, size))
    raw = zoo.RawData({"x": x, "y": np.arange(count) % 2}, ("classification",))
    return zoo.make_dataset(raw, split="all")


def checked(model, data, batch_size=64):
    names = ("optimiser", "task", "tolerance", "loss", "regulariser", "ema", "eval_every")
    rest = dict.fromkeys((*names, "patience", "checkpoint_every"))
    return check_fit(model, data, steps=5, batch_size=batch_size, **rest)


@pytest.fixture(scope="module")
def plans():
    """The plans of 64 and of 4,096 steps, of the default adjoint alone."""
    return {n: zoo.train.plan_fit(net(n), rows(), adjoints=[], batch_size=64) for n in (64, 4096)}


def test_replay_keeps_little_more_of_many_steps(plans):
    few, many = plans[64], plans[4096]
    states = 4096 * 64 * 16 * 4
    assert few.own.temporary < many.own.temporary < states
    assert [step.adjoint for step in few.steps] == ["replay"] and not few.left_out
    assert few.parameters == 4 * zoo.count_parameters(net(64))
    assert few.optimiser > 2 * few.parameters and few.data == 64 * (16 + 1) * 4
    assert few.fits and few.own.total > few.own.temporary


def test_the_record_is_told_and_the_rest_does_not_grow_with_the_steps(plans):
    state = 64 * 16 * 4
    few, many = plans[64].own, plans[4096].own
    # Of 64 steps each one's state and a spare place; of 4,096 every 64th too, and no times.
    assert few.record is not None and 65 * state < few.record < 67 * state
    assert many.record == few.record + 65 * state
    assert abs(many.rest - few.rest) < state and few.gradient == plans[64].parameters
    assert few.record + few.gradient + few.rest == few.temporary


def test_each_adjoint_keeps_what_it_is_known_to_keep():
    y0 = jax.ShapeDtypeStruct((8, 16), np.float32)

    def kept(adjoint, steps):
        def loss(y0):
            def field(t, y, args):
                return -y

            solver = zoo.Solver(zoo.solve.method_by_name("Heun"), steps=steps, adjoint=adjoint)
            ys, _ = zoo.solve.solve(field, y0, solver=solver)
            return jnp.sum(jnp.exp(jnp.tile(ys, 100)))  # activations outside of the solve

        return kept_by_solves(lambda y0: jax.vjp(loss, y0)[1], y0)

    state = 8 * 16 * 4
    few, many = kept("replay", 10), kept("replay", 30)
    assert many - few == 20 * state and 11 * state < few < 13 * state
    assert kept("backsolve", 10) == kept("backsolve", 30) < 5 * state


def test_an_update_of_more_than_one_gradient_has_its_record_in_the_rest(plans):
    run = checked(net(64), rows())
    plan = replace(run.plan, update=AdversarialUpdate())
    assert step_record(plan, _state_of(run), {}, 64, None) is None
    words = plan_words(replace(plans[64], steps=(StepMemory(None, 1000, 0, 0),)), ())
    assert "the model's own              in rest   in rest      1 kB" in words


def test_where_training_goes_through_no_solve_no_other_adjoint_is_compiled():
    data = zoo.load_dataset("moons", n=64)
    model = zoo.create_model("flow_matching", data, key=jax.random.key(0))
    plan = zoo.train.plan_fit(model, data, batch_size=16)
    assert [(step.adjoint, step.record) for step in plan.steps] == [("replay", 0)]
    assert "none in training here" in plan_words(plan, ())


def test_what_does_not_fit_is_told_with_what_makes_it_fit(plans):
    run, plan = checked(net(64), rows()), plans[64]
    tight = replace(plan, available=plan.own.total * 3 // 4)
    found = list(levers(run, tight))
    assert any("--batch-size" in lever for lever in found) and not list(levers(run, plan))
    words = plan_words(tight, found)
    assert "It does not fit" in words and found[-1] in words and "(this run's)" in words
    hopeless = replace(plan, available=1000)
    assert "one example is too much" in list(levers(run, hopeless))[-1]


def test_other_adjoints_and_rows_on_disk_are_levers():
    run = checked(zoo.MLP(24, 2, width=4, depth=1, key=jax.random.key(0)), images(), 8)
    plan = zoo.train.plan_memory(run)
    assert [each.adjoint for each in plan.steps] == [None]
    assert "not known" in plan_words(replace(plan, available=None), ())
    sizes = {"direct": 10 * plan.own.total, "replay": plan.own.total // 2}
    steps = tuple(StepMemory(name, size, 0, 0) for name, size in sizes.items())
    available = 2 * plan.own.total
    told = list(levers(run, replace(plan, steps=steps, available=available, data=sizes["direct"])))
    assert "--dataset.stream" in told[0] and "--solver.adjoint replay" in told[1]
    assert [size_words(size) for size in (7, 12345, 5 * 10**9)] == ["7 B", "12.3 kB", "5 GB"]


def test_a_plan_writes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    line = "train --model mlp --dataset moons --dataset.n 100 --plan --memory 1"
    zoo.cli.main(line.split())
    out = capsys.readouterr().out
    assert "none: nothing is solved" in out and "It fits" in out
    assert not list(tmp_path.iterdir())
    with pytest.raises(SystemExit):
        zoo.cli.main([*line.split()[:5], "--memory", "1"])
