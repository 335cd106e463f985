"""A solver's field is declared once, and a solver is checked once: nothing else lists them."""

from collections import Counter

import jax
import jax.numpy as jnp
import pytest

import zoo
from zoo.errors import ConfigError
from zoo.schema import Range, options_of
from zoo.solve import Solver, explain, solve, solver_options
from zoo.solve import solver as module
from zoo.solve.options import arguments_of, signature_of
from zoo.solve.solver_field import declared, number, numbers_of, options_in, setting


class Cautious(Solver):
    """A solver with two fields more than there are, each declared here alone."""

    safety: float | None = number(float, "factor on each step", bounds=Range(0, 1, open_low=True))
    order: int | None = setting(int, "of the extrapolation")


def schema_of(kind):
    """The options of a kind of solver, as every command reads them."""

    def builder(**given):
        return kind(**given)

    builder.__signature__ = signature_of(kind)
    builder.__doc__ = f"A solver.\n\n{arguments_of(kind)}"
    return options_of(builder)


def test_a_new_field_is_declared_once():
    given = Cautious(safety=jnp.asarray(0.5), order=3)
    assert {"safety", "rtol"} <= set(numbers_of(Cautious)) and "order" not in numbers_of(Cautious)
    new = schema_of(Cautious)
    assert new.keys() - options_of(solver_options).keys() == {"safety", "order"}
    assert new["safety"].help == "factor on each step" and new["safety"].takes(0.5)
    with pytest.raises(ConfigError, match=r"safety = 2\.0 is out of range"):
        Cautious(safety=2.0)
    laid = given.over(Cautious(safety=0.9, rtol=1e-2))
    assert (float(laid.safety), laid.order, laid.rtol) == (0.5, 3, 1e-2)
    assert isinstance(Cautious(safety=0.5).traced().safety, jax.Array)
    assert given.concrete().options() == {"safety": 0.5, "order": 3}
    assert (laid.resolve().safety, laid.backwards().order) == (laid.safety, 3)

    def end(safety):
        return solve(lambda t, y, args: -y, jnp.ones((1, 1)), solver=Cautious(safety=safety))

    _, stats = jax.jit(end)(-1.0)  # what cannot be refused while it is traced
    assert "make no sense" in explain(stats)


def test_every_field_is_an_option_or_for_training():
    assert {n for n, _ in declared(Solver)} - options_in(Solver).keys() == {
        *("stretch", "regulariser", "probe"),
    }
    told = options_of(solver_options)
    assert list(told) == list(options_in(Solver)) and all(each.help for each in told.values())


@pytest.fixture
def checks(monkeypatch):
    """How often each check of a solver ran."""
    count = Counter()

    def counted(name, check):
        def run(solver):
            count[name] += 1
            check(solver)

        return run

    for name in ("check_ranges", "check_combination"):
        monkeypatch.setattr(module, name, counted(name, getattr(module, name)))
    return count


def test_a_solver_is_checked_once_a_call_of_evaluate(checks):
    data = zoo.load_dataset("moons", n=40)
    options = {"width": 4, "depth": 1}
    model = zoo.create_model(
        "odenet", data, dynamics_options=options, solver={"dtmax": 0.5}, key=jax.random.key(0)
    )
    given = Solver(rtol=1e-2)
    checks.clear()
    zoo.evaluate(model, data)
    assert sum(checks.values()) == 0  # the model's own was checked when the model was made
    zoo.evaluate(model, data, solver=given)
    assert checks == {"check_ranges": 1, "check_combination": 1}
