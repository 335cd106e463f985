"""Event times, states and their gradients, from closed forms; what an event costs and misses."""

from functools import partial

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from zoo.dynamics import AbstractBatchDynamics
from zoo.dynamics.counted import CountedDynamics, Counts
from zoo.solve import Outcome, Solver, until
from zoo.solve.engine import carry

G = 9.81
HEIGHTS = np.array([0.5, 1.3, 2.9, 30.0])


@pytest.fixture(autouse=True)
def float64():
    with jax.enable_x64(True):
        yield


def fall(t, y, g):
    return jnp.stack([y[1], -g])


def height(t, y, args):
    return y[0]


def dropped(heights):
    return jnp.stack([heights, jnp.zeros_like(heights)], axis=1)


def test_a_fall_its_gradients_and_a_ball_that_never_lands():
    @jax.jit
    @partial(jax.jacrev, argnums=(0, 1, 2, 3), has_aux=True)
    def of_fall(heights, g, floor, t1):
        above = lambda t, y, args: y[0] - floor  # noqa: E731
        args, solver = jnp.broadcast_to(g, heights.shape), Solver(rtol=1e-6, t1=t1)
        hit, stats = until(fall, dropped(heights), above, args=args, solver=solver)
        values = jnp.stack([hit.t, *hit.y.T])
        return values, (values, hit.happened, stats)

    numbers = jnp.asarray(HEIGHTS), jnp.asarray(G), jnp.asarray(0.2), jnp.asarray(2.0)
    by, (values, happened, stats) = of_fall(*numbers)
    assert happened.tolist() == [True, True, True, False] and stats.ok.all()
    t = np.append(np.sqrt(2 * (HEIGHTS[:3] - 0.2) / G), 2.0)
    expected = np.stack([t, HEIGHTS - G * t**2 / 2, -G * t])
    np.testing.assert_allclose(values, expected, atol=1e-11)
    np.testing.assert_allclose(stats.reached, t / 2, rtol=1e-9)
    none, hit = np.zeros(4), np.array([1, 1, 1, 0])
    by_height = hit / (G * t)
    np.testing.assert_allclose(
        np.diagonal(by[0], axis1=1, axis2=2), [by_height, 1 - hit, -G * by_height], atol=1e-8
    )
    by_g = [-hit * t / (2 * G), (hit - 1) * t**2 / 2, hit * G * t / (2 * G) - t]
    np.testing.assert_allclose(by[1], by_g, atol=1e-8)
    np.testing.assert_allclose(by[2], [-by_height, hit, G * by_height], atol=1e-8)
    np.testing.assert_allclose(
        by[3], [1 - hit, -G * t * (1 - hit), none - G * (1 - hit)], atol=1e-8
    )


def height_at(heights, e, T, bounces):
    """The height after so many bounces of each ball, from the closed form."""
    t, v = jnp.sqrt(2 * heights / G), jnp.sqrt(2 * G * heights)
    for number in range(4):
        more = number < bounces
        v = jnp.where(more, e * v, v)
        t = jnp.where(more & (number + 1 < bounces), t + 2 * v / G, t)
    bounced = v * (T - t) - G * (T - t) ** 2 / 2
    return jnp.where(bounces > 0, bounced, heights - G * T**2 / 2)


ADAPTIVE = {"rtol": 1e-6}
EQUAL = {"method": diffrax.Heun(), "steps": 9}


def test_the_height_after_bounces_and_its_gradients():
    T, e, bounces = 1.2, 0.7, np.array([3, 2, 1, 0])

    @jax.jit
    @partial(jax.value_and_grad, has_aux=True)
    def at_the_end(numbers):
        heights, e = numbers
        bounce = lambda t, y, args: jnp.stack([y[0], -e * y[1]])  # noqa: E731

        def flight(carry, _):
            t, y = carry
            hit, stats = until(
                fall, y, height, direction="down", reset=bounce, start=t,
                args=jnp.full(4, G), solver=Solver(t1=T, **ADAPTIVE),
            )  # fmt: skip
            return (hit.t, hit.y), (hit.happened, stats.ok)

        start = jnp.zeros_like(heights), dropped(heights)
        (t, y), (happened, ok) = jax.lax.scan(flight, start, length=4)
        return jnp.sum(WEIGHTS * y[:, 0]), (t, happened.sum(0), ok.all())

    heights = np.array([0.5, 0.9, 2.9, 30.0])
    (value, told), gradient = at_the_end((jnp.asarray(heights), jnp.asarray(e)))
    t, happened, ok = told
    assert ok and t.tolist() == [T] * 4 and happened.tolist() == bounces.tolist()
    exact = lambda numbers: jnp.sum(WEIGHTS * height_at(*numbers, T, bounces))  # noqa: E731
    expected, by = jax.value_and_grad(exact)((jnp.asarray(heights), jnp.asarray(e)))
    assert float(value) == pytest.approx(float(expected), abs=1e-9)
    np.testing.assert_allclose(gradient[0], by[0], atol=1e-8)
    np.testing.assert_allclose(gradient[1], by[1], atol=1e-8)


WEIGHTS = np.array([1.0, -2.0, 0.5, 3.0])


def turn(t, y, args):
    return jnp.stack([y[1], -y[0]])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("direction", "quarters"), [(None, 1), ("up", 3)])
def test_directions_a_start_at_zero_and_going_on_from_an_event(dtype, direction, quarters):
    # cos t and sin t from 0: the one crosses zero at π/2, the other starts there.
    y0 = jnp.asarray([[1.0, 0.0], [0.0, 1.0]], dtype)
    solver = Solver(t1=20.0, rtol=1e-4 if dtype == "float32" else 1e-9)
    find = jax.jit(lambda y, t: until(turn, y, height, direction=direction, start=t, solver=solver))
    hit, _ = find(y0, jnp.zeros(2, dtype))
    atol = 2e-3 if dtype == "float32" else 1e-8
    first = quarters * np.pi / 2
    second = {None: np.pi, "up": 2 * np.pi}[direction]
    assert hit.t.dtype == dtype and hit.happened.all()
    np.testing.assert_allclose(hit.t, [first, second], atol=atol)
    again, _ = find(hit.y, hit.t)
    period = np.pi if direction is None else 2 * np.pi
    np.testing.assert_allclose(again.t - hit.t, [period, period], atol=2 * atol)


def test_backwards_in_time_directions_are_those_of_the_way():
    # Backwards from 4 the cosine rises through zero at π/2, and its negative falls.
    y0 = jnp.asarray([[np.cos(4.0), -np.sin(4.0)], [-np.cos(4.0), np.sin(4.0)]])
    hit, _ = until(turn, y0, height, direction="up", solver=Solver(t0=4.0, t1=0.0, rtol=1e-9))
    assert hit.happened.tolist() == [True, False]
    np.testing.assert_allclose(hit.t, [np.pi / 2, 0.0], atol=1e-8)


def clock(t, y, args):
    return jnp.ones_like(y)


def dip(t, y, middle):
    return (y[0] - middle) ** 2 - 0.05**2


def test_two_crossings_in_one_step_and_what_is_missed():
    # Below zero for 0.1: wider than an eighth of a step of 0.5, not of one of 1.
    middle = jnp.asarray([0.25, 0.3125, 0.6875])
    one = lambda steps: until(  # noqa: E731
        clock, jnp.zeros((3, 1)), dip, args=middle, solver=Solver(steps=steps)
    )[0]
    np.testing.assert_allclose(one(2).t, middle - 0.05, atol=1e-12)
    assert one(1).happened.tolist() == [True, False, False]
    assert one(1).t[1:].tolist() == [1.0, 1.0]
    adaptive = Solver(dtmax=0.5)
    hit, _ = until(clock, jnp.zeros((3, 1)), dip, args=middle, solver=adaptive)
    np.testing.assert_allclose(hit.t, middle - 0.05, atol=1e-12)


def test_a_condition_that_only_touches_zero_or_steps_over_it():
    def either(t, y, stair):
        return jnp.where(stair, jnp.where(y[0] < 1 / 3, -1.0, 1.0), (y[0] - 0.5) ** 2)

    kinds = jnp.asarray([False, True])
    hit, stats = until(clock, jnp.zeros((2, 1)), either, args=kinds, solver=Solver(steps=2))
    assert hit.happened.tolist() == [False, True] and stats.ok.all()
    assert float(hit.t[1]) == pytest.approx(1 / 3, abs=1e-15)


class Sick(AbstractBatchDynamics):
    """Growth at a rate of all; the example whose args are 1 meets a NaN, 2 a blow-up."""

    rate: jax.Array

    def batch(self, t, ys, args):
        out = jnp.where((args == 1) & (t > 0.2), jnp.nan, self.rate * ys[:, 0])
        return jnp.where(args == 2, 20 * (1 + out**2), out)[:, None]


def test_examples_that_fail_leave_the_others_and_their_gradients_alone():
    def level(t, y, args):
        root = jnp.sqrt(1.5 - jnp.where(args == 3, y[0], 0.0))  # soon NaN
        return jnp.where(args == 2, -1.0, jnp.where(args == 3, root, 2.0 - y[0]))

    @jax.jit
    @partial(jax.value_and_grad, has_aux=True)
    def loss(numbers, cause):
        rate, start = numbers
        y0 = jnp.broadcast_to(start, (cause.size, 1))
        grow = lambda t, y, args: 2 * y  # noqa: E731
        hit, stats = until(
            Sick(rate), y0, level, reset=grow, args=cause, solver=Solver(t1=1.5, rtol=1e-9)
        )
        values = jnp.where(stats.ok, hit.t + hit.y[:, 0], 0)
        return values[::4].sum(), (hit, stats)

    numbers = jnp.asarray(0.9), jnp.asarray(1.0)
    (_, (hit, stats)), gradient = loss(numbers, jnp.asarray([0, 1, 2, 3, 0]))
    assert hit.happened.tolist() == [True, False, False, False, True]
    assert stats.result.tolist() == [
        Outcome.SUCCESS, Outcome.NON_FINITE, Outcome.GREW, Outcome.NON_FINITE, Outcome.SUCCESS
    ]  # fmt: skip
    assert np.isnan(hit.t).tolist() == np.isnan(hit.y[:, 0]).tolist() == (~stats.ok).tolist()
    # ln(2 / start) / rate, twice.
    np.testing.assert_allclose(gradient[0], -2 * np.log(2) / 0.81, rtol=1e-6)
    np.testing.assert_allclose(gradient[1], -2 / 0.9, rtol=1e-6)
    (_, (hit, stats)), gradient = loss(numbers, jnp.asarray([3, 1, 2, 3, 3]))
    assert not stats.ok.any() and not np.asarray(gradient).any()


def drive(t, y, args):
    return jnp.stack([y[1], -jnp.sin(y[0]) - 0.3 * y[1] + args * jnp.cos(2 * t)])


@pytest.mark.parametrize(
    "options", [ADAPTIVE | {"rtol": 1e-12, "max_steps": 2000}, EQUAL], ids=["adaptive", "equal"]
)
def test_gradients_of_everything_are_those_of_differences(options):
    # The first two examples hit, the third ends at t1; equal steps stretch with both ends.
    kick, jumps = jnp.asarray([0.1, 0.4, 0.2]), jnp.asarray([0.31, 0.32])

    @jax.jit
    @partial(jax.value_and_grad, has_aux=True)
    def values(numbers):
        scale, kick, start, t1, level, y0 = numbers
        field = lambda t, y, args: scale * drive(t, y, args)  # noqa: E731
        found = lambda t, y, args: jnp.sin(y[0]) - level * (1 + t) + args * y[1]  # noqa: E731
        hit, _ = until(
            field, y0, found, args=kick, start=start, jumps=jumps,
            solver=Solver(t1=t1, **options),
        )  # fmt: skip
        return jnp.sum(jnp.cos(hit.t) * WEIGHTS[:3]) + jnp.sum(hit.y**2 * WEIGHTS[1:3]), hit

    y0 = jnp.asarray([[1.0, 0.1], [0.8, -0.1], [2.5, 0.0]])
    start, number = jnp.asarray([0.0, 0.1, -0.1]), jnp.asarray
    numbers = [number(1.1), kick, start, number(1.4), number(0.2), y0]
    (_, hit), gradient = values(numbers)
    assert hit.happened.tolist() == [True, True, False]
    for index, (number, by) in enumerate(zip(numbers, gradient, strict=True)):
        for place in np.ndindex(number.shape):
            moved = lambda d: [*numbers[:index], number.at[place].add(d), *numbers[index + 1 :]]  # noqa: B023, E731
            ends = [moved(d) for d in (-1e-5, 1e-5)]
            slope = (values(ends[1])[0][0] - values(ends[0])[0][0]) / 2e-5
            assert float(by[place]) == pytest.approx(float(slope), abs=1e-7), (index, place)


@pytest.mark.parametrize("method", [diffrax.Dopri5(), diffrax.Heun()], ids=["reuses", "does not"])
def test_every_evaluation_is_counted_and_few_change_nothing(monkeypatch, method):
    monkeypatch.setattr(carry, "_FROM", 4)
    monkeypatch.setattr(carry, "_PART", 2)
    counts = Counts()
    dynamics, solver = (
        CountedDynamics(turn, counts),
        Solver(method, rtol=1e-5, t1=7.0, max_steps=2000),
    )
    y0 = jnp.asarray([[1.0, 0.0], [1.0, 0.8], [1.0, 2.0], [-1.0, -3.0]])
    level = lambda t, y, args: y[0] - 0.1 * y[1]  # noqa: E731
    run = lambda y0: until(dynamics, y0, level, direction="down", solver=solver)  # noqa: E731
    hit, stats = run(y0)
    assert counts.read() == (int(stats.calls), 0)
    assert hit.happened.all() and int(stats.work) < 4 * int(stats.calls)
    counts.reset()
    own, alone = run(y0[3:])
    assert counts.read()[0] == int(alone.nfe[0]) == int(stats.nfe[3])
    np.testing.assert_allclose(own.t, hit.t[3:], rtol=1e-12)
    np.testing.assert_allclose(own.y, hit.y[3:], atol=1e-12)
    assert (stats.rejected >= 1).all()


def test_no_example_and_small_types():
    hit, stats = until(turn, jnp.zeros((0, 2)), height)
    assert hit.y.shape == (0, 2) and hit.t.shape == stats.nfe.shape == (0,)
    y0 = jnp.asarray([[1.0, 0.0]], "bfloat16")
    hit, _ = until(turn, y0, height, solver=Solver(t1=2.0))
    assert hit.y.dtype == "bfloat16" and hit.t.dtype == "float32"
    assert float(hit.t[0]) == pytest.approx(np.pi / 2, rel=1e-2)


def test_how_long_to_wait_does_not_change_what_counts_as_a_start_at_zero():
    y0 = jnp.asarray([[2.0, -1.0]], "float32")
    hit, _ = until(
        fall, y0, height, direction="down", args=jnp.full(1, G, "float32"), solver=Solver(t1=1e7)
    )
    assert float(hit.t[0]) == pytest.approx((np.sqrt(1 + 4 * G) - 1) / G, rel=1e-3)


def test_a_traced_start_behind_the_end_is_told():
    late = jax.jit(lambda t: until(turn, jnp.ones((2, 2)), height, start=t))
    hit, stats = late(jnp.asarray([0.5, 2.0]))
    assert stats.result.tolist() == [Outcome.SUCCESS, Outcome.INVALID]
    assert np.isnan(hit.t[1]) and not np.isnan(hit.t[0])
