"""What a gradient keeps of its solve: how many states, and that they are those of the steps."""

from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from zoo.solve import Solver, method_by_name, solve
from zoo.solve.engine import Plan, record

WIDE = np.ones((16, 32768), np.float32)  # 2 MB, of which no solve keeps all 256 that it may take
# As programs are compiled outside of tests: it is there that products and sums are contracted.
OPTIMISED = {"xla_backend_optimization_level": 3, "xla_cpu_use_fusion_emitters": True}


def states_of(**options):
    """The memory of a compiled gradient, in states."""

    def loss(rate, ys):
        field = lambda t, y, args: -rate * y  # noqa: E731
        return jnp.sum(solve(field, ys, solver=Solver(**options))[0])

    compiled = jax.jit(jax.grad(loss)).lower(1.0, WIDE).compile()
    return compiled.memory_analysis().temp_size_in_bytes / WIDE.nbytes


@pytest.mark.parametrize("batching", ["per-sample", "joint"])
def test_of_equal_steps_no_more_states_are_kept_than_there_are(batching):
    few, more = (states_of(steps=steps, batching=batching) for steps in (2, 14))
    assert few < 30 and more - few == pytest.approx(12, abs=0.5)


def test_steps_of_their_own_cost_no_copy_of_what_is_kept():
    assert states_of(rtol=1e-3) - states_of(rtol=1e-3, batching="joint") < 4


@pytest.mark.parametrize(
    ("most", "kept"), [(4, 4), (16, 16), (20, 10), (33, 11), (64, 16), (256, 16)]
)
def test_kept_are_equal_parts_of_many_steps(most, kept):
    assert record.ring_size(most, jnp.zeros(2**22)) == kept


@pytest.mark.parametrize("batching", ["per-sample", "joint"])
def test_there_is_room_for_every_step_that_a_jump_breaks_in_two(batching):
    # Of four steps from 0 to 1 seven are made, the most that three jumps can make of them.
    jumps = jnp.array([[0.26, 0.52, 0.78], [0.3, 0.31, jnp.inf], [0.7, 0.05, 0.4]])
    jumps = jumps if batching == "per-sample" else jumps[0]

    def end(rate, ys, adjoint):
        field = lambda t, y, args: -rate * y + jnp.sin(3 * t)  # noqa: E731
        solver = Solver(steps=4, batching=batching, adjoint=adjoint)
        ys, stats = solve(field, ys, jumps=jumps, solver=solver)
        return jnp.sum(ys**2), stats.accepted

    with jax.enable_x64(True):
        both = eqx.filter_jit(jax.grad(end, argnums=(0, 1), has_aux=True))
        inputs = jnp.asarray(1.5), jnp.arange(1.0, 7.0).reshape(3, 2)
        ours, accepted = both(*inputs, "replay")
        theirs, _ = both(*inputs, "direct")
    assert int(accepted.max()) == 7
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9)


def test_times_that_no_record_has_are_those_of_the_steps_to_the_bit(monkeypatch):
    # To 1.3 by steps of no exact size, with anchors and outputs; the second example fails.
    monkeypatch.setattr(record, "_ROOM", 0)
    monkeypatch.setattr(record, "_RING", 5)

    @partial(jax.jit, static_argnums=2, compiler_options=OPTIMISED)
    @partial(jax.value_and_grad, argnums=(0, 1), has_aux=True)
    def both(weights, rows, max_steps):
        def field(t, y, args):
            slope = jnp.tanh(weights @ y + jnp.sin(3 * t)) - 0.3 * y
            return jnp.where((y[0] > 50) & (t > 0.4), jnp.nan, slope)

        times = jnp.linspace(0, 1.3, 4, dtype=rows.dtype)
        solver = Solver(method_by_name("Heun"), steps=23, max_steps=max_steps)
        ys, stats = solve(field, rows, ts=times, solver=solver)
        return jnp.sum(jnp.where(jnp.isfinite(ys), ys, 0) ** 2), stats.accepted

    random = np.random.default_rng(1)
    rows = random.standard_normal((5, 64)).astype(np.float32)
    rows[1, 0] = 100
    inputs = random.standard_normal((64, 64)).astype(np.float32) / 8, rows
    found = both(*inputs, 23)
    assert found[0][1].tolist() == [23, 7, 23, 23, 23]
    monkeypatch.setattr(Plan, "even", lambda plan, span: False)
    noted = both(*inputs, 24)  # as many steps at most, and a trace of its own
    for one, other in zip(jax.tree.leaves(found), jax.tree.leaves(noted), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_second_way_back_makes_the_last_states_again_too(monkeypatch):
    def end(rate, ys):
        field = lambda t, y, args: -rate * y * jnp.sqrt(jnp.sum(y**2))  # noqa: E731
        ys, stats = solve(field, ys, solver=Solver(rtol=1e-6))
        return jnp.sum(ys), stats.accepted

    rows = jnp.array([[3.0, 4.0], [1.0, 2.0], [0.0, 0.0]])
    both = jax.grad(end, argnums=(0, 1), has_aux=True)
    with jax.enable_x64(True):
        healthy, _ = both(1.0, rows[:2])
        monkeypatch.setattr(record, "_ROOM", 0)
        monkeypatch.setattr(record, "_RING", 3)
        rate, accepted = both(1.0, rows)
    assert int(accepted.max()) > 6  # so that the first way back has written over the last states
    np.testing.assert_allclose(rate[0], healthy[0], rtol=1e-9)
    np.testing.assert_allclose(rate[1][:2], healthy[1], rtol=1e-9)
    assert rate[1][2].tolist() == [0, 0]
