"""What a gradient keeps of its solve: how many states, and that they are those of the steps."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from zoo.solve import Solver, solve
from zoo.solve.engine import record

WIDE = np.ones((16, 32768), np.float32)  # 2 MB, of which no solve keeps all 256 that it may take


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
