"""Faults of names, options and data, by their number in tests/FAULTS.md: exit code and words."""

import warnings

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo.schema import resolve
from zoo.solve import solve
from zoo.train.options import training_options

KEY = jax.random.key(0)
MOONS = zoo.load_dataset("moons", n=60)
DECAY = lambda t, y, args: -y  # noqa: E731


def model(name: str = "mlp", sizes=(2, 2), **options):
    return zoo.create_model(name, sizes, key=KEY, **options)


def raw(x, y=None, task: str = "classification") -> zoo.Dataset:
    y = np.arange(len(x)) % 2 if y is None else y
    return zoo.make_dataset(zoo.RawData({"x": x, "y": y}, (task,)))


def solved(y0, **options):
    return solve(DECAY, y0, solver=zoo.Solver(**options))


NAN = np.ones((9, 2))
NAN[3, 1] = np.nan
FAULTS = {
    "1 model": (lambda: model("odnet"), 2, "Did you mean 'odenet'"),
    "2 data set": (lambda: zoo.load_dataset("circels"), 2, "Did you mean 'circles'"),
    "3 no close name": (lambda: model("qqqqqqq"), 2, "ode_rnn, odenet, resnet"),
    "4 pair": (
        lambda: zoo.fit(model(), MOONS, task="density"),
        2,
        r"task 'density': the model does classification, regression; the data serve "
        r"classification, density. Models for these data: cnf, equilibrium",
    ),
    "5 option": (lambda: model(wdith=3), 2, "'model.wdith'. Did you mean 'model.width'"),
    "6 type": (lambda: model(width="8"), 2, "model.width = '8' is a str: expected int"),
    "6 width": (lambda: model(width=0), 2, "model.width = 0 is out of range: expected at least 1"),
    "6 rate": (
        lambda: resolve(training_options, {"lr": -1.0}),
        2,
        "lr = -1.0 is out of range: expected more than 0",
    ),
    "6 batch": (lambda: zoo.fit(model(), MOONS, batch_size=0), 2, "batch_size = 0: expected 1 to"),
    "7 zero": (lambda: zoo.Solver(rtol=0), 2, "rtol = 0.0 is out of range: expected more than 0"),
    "7 negative": (lambda: zoo.Solver(atol=-1e-3), 2, "atol = -0.001 is out of range"),
    "7 NaN": (lambda: zoo.Solver(rtol=np.nan), 2, "rtol = nan is out of range"),
    "7 above one": (lambda: zoo.Solver(rtol=1.5), 2, "rtol = 1.5 is out of range.*at most 1"),
    "8 below rounding": (lambda: zoo.Solver(rtol=1e-9), 2, "rtol = 1e-09 is below.*ENABLE_X64"),
    "9 zero": (lambda: zoo.Solver(dt0=0), 2, r"dt0 = 0.0: expected a positive, finite step"),
    "9 NaN": (lambda: zoo.Solver(dt0=np.nan), 2, r"dt0 = nan: expected a positive"),
    "9 sign": (lambda: zoo.Solver(dt0=-0.1, t1=-1), 2, "its sign follows from the interval"),
    "10 equal steps": (
        lambda: zoo.Solver(diffrax.Euler(), controller="pid"),
        2,
        "'pid' needs an estimate of the error, which Euler does not have: give steps or dt0",
    ),
    "11 a method for SDEs": (
        lambda: solve(DECAY, jnp.ones((2, 1)), solver=zoo.Solver(diffrax.EulerHeun(), steps=4)),
        2,
        "does not solve a plain ODE: expected one of .* use zoo.solve.solve_sde",
    ),
    "11 its name": (
        lambda: model("odenet", solver={"method": "EulerHeun", "steps": 4}),
        2,
        "no ODE solver called 'EulerHeun'",
    ),
    "12 adjoint": (
        lambda: zoo.Solver(diffrax.Kvaerno5(), adjoint="backsolve"),
        2,
        r"backsolve.*Kvaerno5.*recursive",
    ),
    "19 NaN": (lambda: raw(NAN), 2, r"x\[3, 1\] is nan: expected finite numbers"),
    "22 channels, net": (
        lambda: model(sizes=(3, 2)).forward(jnp.ones((4, 2))),
        2,
        r"MLP got inputs of shape \(4, 2\): expected \(B, 3\)",
    ),
    "22 channels, ODE": (
        lambda: zoo.fit(model("odenet", (3, 2)), MOONS, steps=1),
        2,
        r"ODENet got inputs of shape \(36, 2\): expected \(B, 3\)",
    ),
    "23 batch axis, net": (lambda: model().forward(jnp.ones(2)), 2, r"a batch of one is x\[None\]"),
    "23 batch axis, ODE": (
        lambda: model("odenet").forward(jnp.ones(2)),
        2,
        r"no batch axis \(one example is model\(x\)",
    ),
    "24 complex data": (lambda: raw(np.ones((9, 2), complex)), 2, "x is complex: stack real and"),
    "24 complex state": (lambda: solved(jnp.ones((2, 1), complex)), 2, "state is complex"),
    "25 no examples": (lambda: raw(np.ones((0, 2))), 2, r"x has shape \(0, 2\)"),
    "25 no split": (lambda: raw(np.ones((3, 2))), 2, "leave a split of 60/20/20 empty"),
    "27 batch": (lambda: zoo.fit(model(), MOONS, batch_size=37), 2, "batch_size = 37: expected 1 "),
    "28 no interval": (lambda: zoo.Solver(t0=1, t1=1), 2, "t0 == t1 == 1.0: an interval of length"),
    "28 NaN end": (lambda: zoo.Solver(t1=np.nan), 2, "t1 = nan: expected a finite time"),
    "28 NaN time": (
        lambda: solve(DECAY, jnp.ones((2, 1)), ts=jnp.array([0.0, np.nan])),
        2,
        "Times hold nan: expected finite",
    ),
}


@pytest.mark.wrong_types
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_input_is_refused_in_words(fault):
    action, code, words = FAULTS[fault]
    with pytest.raises(zoo.ZooError, match=words) as refused:
        action()
    assert refused.value.exit_code == code


def test_8_a_tolerance_near_rounding_is_warned_of():
    with pytest.warns(zoo.ZooWarning, match="within ten rounding errors of float32.*ENABLE_X64=1"):
        zoo.Solver(rtol=5e-7)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        zoo.Solver(rtol=2e-6)


def test_24_integers_are_promoted():
    ys, _ = solved(jnp.ones((2, 1), int))
    assert ys.dtype == jnp.float32
    np.testing.assert_allclose(ys, np.exp(-1), rtol=1e-3)


def test_28_output_times_at_t0_and_repeated_ones_are_finite():
    ys, stats = solve(DECAY, jnp.ones((1, 1)), ts=jnp.array([0.0, 0.0, 1.0, 1.0]))
    np.testing.assert_allclose(ys[0, :, 0], [1, 1, np.exp(-1), np.exp(-1)], rtol=1e-3)
    assert stats.ok.all()
