"""`Solver`: how an ODE is solved, as a value that is passed around."""

import math
import warnings
from typing import Annotated, Any, Literal, TypeAlias

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ..errors import ConfigError, ZooWarning
from ..registry import unknown
from ..schema import PositiveFloat, PositiveInt, Range, resolve
from .adjoints import ADJOINTS, check_adjoint

Number: TypeAlias = float | Float[Array, ""]
Batching: TypeAlias = Literal["per-sample", "joint"]
Controller: TypeAlias = Literal["pid", "constant"]
Adjoint: TypeAlias = Literal["recursive", "direct", "backsolve", "backsolve-seminorm"]

_NUMBERS = ("rtol", "atol", "dt0", "t0", "t1")
_STATICS = ("steps", "max_steps", "controller", "adjoint", "batching", "dtype")
_TOLERANCE = Range(0, 1, open_low=True)
Tolerance: TypeAlias = Annotated[float, _TOLERANCE]


def _number(value: Any) -> Any:
    """Python numbers and NumPy scalars as Python floats; JAX arrays and tracers as they are.

    `eqx.is_inexact_array` is true of NumPy floats too, and would have them trained and decayed.
    """
    if value is None or isinstance(value, jax.Array):
        return value
    return float(value)


class Solver(eqx.Module):
    """How an ODE is solved: method, interval, accuracy, gradient and batching.

    A field that is None was *not given*: `model.forward(xs, solver=Solver(rtol=1e-2))` changes
    that one thing of the model's own solver. What nobody gave takes the default below.

    Numbers are static Python floats in a model, so that nothing trains or decays them, and may be
    arrays in a solver that is passed to `forward`: changing their values costs no new trace.

    Two controllers. `pid` (the default where the method estimates its error) keeps the error of
    each step below `atol + rtol * abs(y)`; `constant` takes equal steps, whose number (`steps`) or
    size (`dt0`) must then be given. Giving `rtol` or `atol` over a constant-step solver switches
    to `pid`: train on a fixed grid, evaluate adaptively.

    Raises `ConfigError` for a number out of range or a combination that would ignore an option.
    """

    method: diffrax.AbstractSolver | None
    """A Diffrax solver; default `diffrax.Dopri5()`."""
    rtol: Number | None = eqx.field(converter=_number)
    """Relative tolerance; default 1e-3."""
    atol: Number | None = eqx.field(converter=_number)
    """Absolute tolerance; where not given it follows `rtol`."""
    dt0: Number | None = eqx.field(converter=_number)
    """Size of the first step (`pid`; chosen from the problem where not given) or of all steps
    (`constant`): a positive magnitude, whose sign follows from the interval."""
    t0: Number | None = eqx.field(converter=_number)
    """Start of the interval; default 0."""
    t1: Number | None = eqx.field(converter=_number)
    """End of the interval, which may lie before `t0`; default 1."""
    steps: int | None = eqx.field(static=True)
    """Number of equal steps; means `controller="constant"`."""
    max_steps: int | None = eqx.field(static=True)
    """Attempts, rejected ones included, before a solve counts as failed; default 256."""
    controller: Controller | None = eqx.field(static=True)
    """`pid` or `constant`."""
    adjoint: Adjoint | None = eqx.field(static=True)
    """How gradients are taken, see `zoo.solve.adjoints`; default `recursive`."""
    batching: Batching | None = eqx.field(static=True)
    """`per-sample`: each example its own steps, value and cost as if it were alone; `joint`: one
    ODE for the whole batch, the error of a step that of its worst example."""
    dtype: str | None = eqx.field(static=True)
    """Floating type of times and state during the solve; default the state's, float32 at least."""

    def __init__(
        self,
        method: diffrax.AbstractSolver | None = None,
        *,
        rtol: Number | None = None,
        atol: Number | None = None,
        dt0: Number | None = None,
        t0: Number | None = None,
        t1: Number | None = None,
        steps: int | None = None,
        max_steps: int | None = None,
        controller: Controller | None = None,
        adjoint: Adjoint | None = None,
        batching: Batching | None = None,
        dtype: str | None = None,
    ) -> None:
        self.method = method
        self.rtol, self.atol, self.dt0 = rtol, atol, dt0
        self.t0, self.t1 = t0, t1
        self.steps, self.max_steps, self.controller = steps, max_steps, controller
        self.adjoint, self.batching, self.dtype = adjoint, batching, dtype

    def __check_init__(self) -> None:
        _check_ranges(self)
        _check_combination(self)

    def over(self, base: "Solver") -> "Solver":
        """What this solver gives, laid over `base`; the controller follows what was given."""
        tolerances = self.rtol is not None or self.atol is not None
        grid = self.steps is not None or self.controller == "constant"
        dropped: tuple[str, ...] = ()
        if grid:
            dropped = ("rtol", "atol", "controller") + (("dt0",) if self.steps else ("steps",))
        elif base.is_constant and (tolerances or self.controller == "pid"):
            dropped = ("steps", "dt0", "controller")
        elif self.dt0 is not None:
            dropped = ("steps",)
        if self.rtol is not None:
            dropped += ("atol",)  # where only rtol is given, atol follows it
        fields = {}
        for name in ("method", *_NUMBERS, *_STATICS):
            mine, theirs = getattr(self, name), getattr(base, name)
            fields[name] = theirs if mine is None and name not in dropped else mine
        return Solver(**fields)

    @property
    def is_constant(self) -> bool:
        """Whether all steps are equal."""
        if self.controller is not None:
            return self.controller == "constant"
        return self.steps is not None or not _is_adaptive(self.method or diffrax.Dopri5())

    def resolve(self) -> "Solver":
        """This solver with every default filled in; `steps` stays, `dt0` follows from it.

        Raises `ConfigError` for equal steps whose size nobody chose.
        """
        constant = self.is_constant
        t0 = 0.0 if self.t0 is None else self.t0
        t1 = 1.0 if self.t1 is None else self.t1
        rtol, atol, dt0 = self.rtol, self.atol, self.dt0
        if not constant:
            rtol = 1e-3 if rtol is None else rtol
            atol = rtol if atol is None else atol
        elif self.steps is None and dt0 is None:
            raise ConfigError(
                f"{type(self.method or diffrax.Dopri5()).__name__} with equal steps needs their "
                "number or size, and got neither: give steps=20 or dt0=0.05, or a method that "
                "estimates its error (diffrax.Dopri5()) with rtol and atol."
            )
        return Solver(
            self.method or diffrax.Dopri5(),
            rtol=rtol,
            atol=atol,
            dt0=dt0,
            t0=t0,
            t1=t1,
            steps=self.steps,
            max_steps=self.max_steps or max(256, 2 * (self.steps or 0)),
            controller="constant" if constant else "pid",
            adjoint=self.adjoint or "recursive",
            batching=self.batching or "per-sample",
            dtype=self.dtype,
        )

    def traced(self) -> "Solver":
        """The resolved solver with every number an array, so that new values cost no new trace."""
        resolved = self.resolve()
        numbers = tuple(getattr(resolved, name) for name in _NUMBERS)
        arrays = tuple(None if n is None else jnp.asarray(n, float) for n in numbers)
        where = lambda s: tuple(getattr(s, name) for name in _NUMBERS)  # noqa: E731
        return eqx.tree_at(where, resolved, arrays, is_leaf=lambda x: x is None)

    def concrete(self) -> "Solver":
        """This solver with array numbers turned to Python floats, as a model must hold it.

        Raises `ConfigError` under a trace, where there is no value to keep.
        """
        numbers = {}
        for name in _NUMBERS:
            value = getattr(self, name)
            if isinstance(value, jax.core.Tracer):
                raise ConfigError(
                    f"A model's own solver holds plain numbers, and {name} is being traced: pass "
                    "the solver to `model.forward(xs, solver=...)` instead."
                )
            numbers[name] = _number(float(value)) if value is not None else None
        return Solver(self.method, **numbers, **{n: getattr(self, n) for n in _STATICS})

    def options(self) -> dict[str, Any]:
        """What was given, as the JSON values from which `solver_from_options` makes it again."""
        given = {n: getattr(self.concrete(), n) for n in (*_NUMBERS, *_STATICS)}
        if self.method is not None:
            given["method"] = type(self.method).__name__
            if self.method != method_by_name(given["method"]):
                raise ConfigError(
                    f"{self.method} has settings of its own, which a configuration cannot hold by "
                    "name: build the model by hand (zoo.ODENet) and load it with `like=`."
                )
        return {name: value for name, value in given.items() if value is not None}


def solver_options(
    *,
    method: str | None = None,
    rtol: Tolerance | None = None,
    atol: Tolerance | None = None,
    dt0: PositiveFloat | None = None,
    t0: float | None = None,
    t1: float | None = None,
    steps: PositiveInt | None = None,
    max_steps: PositiveInt | None = None,
    controller: Controller | None = None,
    adjoint: Adjoint | None = None,
    batching: Batching | None = None,
    dtype: Literal["float32", "float64"] | None = None,
) -> Solver:
    """A `Solver` from JSON values: the schema of `--solver.*`.

    Args:
        method: class name of a Diffrax ODE solver; Dopri5 when not given
        rtol: relative tolerance of a step; 1e-3 when not given
        atol: absolute tolerance of a step; follows rtol when not given
        dt0: first step (pid) or every step (constant); chosen from the problem when not given
        t0: start of the interval; 0 when not given
        t1: end of the interval; 1 when not given
        steps: number of equal steps (controller constant)
        max_steps: attempts before a solve counts as failed; 256 when not given
        controller: pid adapts the steps to the tolerance, constant takes equal ones
        adjoint: how gradients are taken; recursive when not given
        batching: each example its own steps, or one ODE for the batch; per-sample when not given
        dtype: floating type of the solve; the state's, float32 at least, when not given
    """
    given = dict(locals())
    name = given.pop("method")
    return Solver(None if name is None else method_by_name(name), **given)


def solver_from_options(options: dict[str, Any] | None) -> Solver:
    """The `Solver` of a mapping of options; see `solver_options` for its keys and errors."""
    return solver_options(**resolve(solver_options, options or {}, "solver."))


def method_by_name(name: str) -> diffrax.AbstractSolver:
    """The Diffrax ODE solver of a class name, with its default settings.

    Raises `UnknownNameError` for anything else, with the closest name.
    """
    cls = getattr(diffrax, name, None)
    if cls is None or cls not in ode_methods():
        known = sorted(c.__name__ for c in ode_methods())
        raise ConfigError(unknown("ODE solver of Diffrax called", name, known))
    return cls()


def ode_methods() -> list[type[diffrax.AbstractSolver]]:
    """The Diffrax solvers of a plain ODE: explicit and diagonally implicit Runge-Kutta methods,
    and both Euler methods."""
    bases = (diffrax.AbstractERK, diffrax.AbstractDIRK, diffrax.Euler, diffrax.ImplicitEuler)
    classes = [v for v in vars(diffrax).values() if isinstance(v, type) and issubclass(v, bases)]
    return [c for c in classes if not c.__name__.startswith("Abstract")]


def _is_adaptive(method: diffrax.AbstractSolver) -> bool:
    return isinstance(method, diffrax.AbstractAdaptiveSolver)


def _check_ranges(solver: Solver) -> None:
    for name in ("rtol", "atol"):
        value = getattr(solver, name)
        if isinstance(value, float):
            _TOLERANCE.check(name, value)
    if isinstance(solver.dt0, float) and not 0 < solver.dt0 < math.inf:
        raise ConfigError(
            f"dt0 = {solver.dt0!r}: expected a positive, finite step size; its sign follows from "
            "the interval, also when t1 < t0."
        )
    for name in ("t0", "t1"):
        value = getattr(solver, name)
        if isinstance(value, float) and not math.isfinite(value):
            raise ConfigError(f"{name} = {value!r}: expected a finite time.")
    if isinstance(solver.t0, float) and solver.t0 == solver.t1:
        raise ConfigError(f"t0 == t1 == {solver.t0!r}: an interval of length zero solves nothing.")
    if solver.dtype == "float64" and not jax.config.read("jax_enable_x64"):
        raise ConfigError("dtype='float64' needs 64 bits switched on: set JAX_ENABLE_X64=1.")
    for name in ("steps", "max_steps"):
        value = getattr(solver, name)
        if value is not None and value < 1:
            raise ConfigError(f"{name} = {value!r}: expected at least 1.")
    _check_precision(solver)


def _check_precision(solver: Solver) -> None:
    if not isinstance(solver.rtol, float):
        return
    dtype = solver.dtype or jnp.zeros(()).dtype.name
    eps = float(jnp.finfo(dtype).eps)
    if solver.rtol < eps:
        raise ConfigError(
            f"rtol = {solver.rtol:g} is below the rounding error of {dtype} ({eps:.1e}): no "
            "step can reach it: loosen it, or use 64 bits (JAX_ENABLE_X64=1)."
        )
    if solver.rtol < 10 * eps:
        warnings.warn(
            f"rtol = {solver.rtol:g} is within ten rounding errors of {dtype} ({eps:.1e}): the "
            "error estimate is mostly noise. Use 64 bits (JAX_ENABLE_X64=1).",
            ZooWarning,
            stacklevel=5,
        )


def _check_combination(solver: Solver) -> None:
    tolerances = [n for n in ("rtol", "atol") if getattr(solver, n) is not None]
    if solver.method is not None and not isinstance(solver.method, tuple(ode_methods())):
        raise ConfigError(
            f"method = {solver.method!r} does not solve a plain ODE: expected one of "
            f"{', '.join(sorted(c.__name__ for c in ode_methods()))}."
        )
    if solver.is_constant and tolerances:
        why = f"steps={solver.steps}" if solver.steps else f"{type(solver.method).__name__}"
        if solver.controller == "constant":
            why = "controller='constant'"
        raise ConfigError(
            f"{why} takes equal steps and would ignore {' and '.join(tolerances)}: leave "
            "them out, or use an error-estimating method without steps (diffrax.Dopri5())."
        )
    if solver.controller == "pid":
        if solver.method is not None and not _is_adaptive(solver.method):
            raise ConfigError(
                f"controller='pid' needs an estimate of the error, which "
                f"{type(solver.method).__name__} does not have: give steps or dt0 with "
                "controller='constant', or use diffrax.Heun() or diffrax.Dopri5()."
            )
        if solver.steps is not None:
            raise ConfigError("steps means equal steps and contradicts controller='pid'.")
    if solver.steps is not None and solver.dt0 is not None:
        raise ConfigError(
            f"steps={solver.steps} and dt0={solver.dt0} both choose the step: give one of them."
        )
    if solver.steps and solver.max_steps and solver.steps > solver.max_steps:
        raise ConfigError(
            f"steps={solver.steps} is more than max_steps={solver.max_steps}: raise max_steps."
        )
    if solver.adjoint is not None and solver.adjoint not in ADJOINTS:
        raise ConfigError(unknown("adjoint", str(solver.adjoint), sorted(ADJOINTS)))
    if solver.batching not in (None, "per-sample", "joint"):
        raise ConfigError(unknown("batching", str(solver.batching), ["joint", "per-sample"]))
    if solver.controller not in (None, "pid", "constant"):
        raise ConfigError(unknown("controller", str(solver.controller), ["constant", "pid"]))
    check_adjoint(solver.adjoint or "recursive", solver.method or diffrax.Dopri5())
