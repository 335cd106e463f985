"""`Solver`: how an ODE is solved, as a value that is passed around."""

from collections.abc import Iterable
from dataclasses import KW_ONLY, fields, replace
from typing import Annotated, Any, Literal, TypeAlias

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..errors import ConfigError
from ..regularisers import Regulariser
from ..schema import PositiveFloat, Range, Size
from .adjoints import ADJOINTS
from .agreed import agreed
from .checks import MAX_STEPS, STEPS, TOLERANCE, check_combination, check_ranges
from .defaults import with_defaults
from .held import options_held
from .laying import laid_over
from .methods import Method, is_adaptive
from .solver_field import number, numbers_of, part, setting, unchecked

Tolerance: TypeAlias = Annotated[float, TOLERANCE]
Number: TypeAlias = float | Float[Array, ""]
Batching: TypeAlias = Literal["per-sample", "joint", "joint-rms"]
Controller: TypeAlias = Literal["pid", "constant"]
Adjoint: TypeAlias = Literal["replay", "recursive", "direct", "backsolve", "backsolve-seminorm"]

_POSITIVE = Range(0, open_low=True)
_STEP_SIZE = "a positive, finite step size; its sign follows from the interval, also when t1 < t0."


def _merges(t0: Any, t1: Any) -> bool:
    """Whether rounding both ends to JAX's float type would change their distance."""
    if not (isinstance(t0, float) and isinstance(t1, float)):
        return False
    rounded = [float(np.asarray(t, jnp.zeros(()).dtype)) for t in (t0, t1)]
    return abs((rounded[1] - rounded[0]) - (t1 - t0)) > 1e-5 * abs(t1 - t0)


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

    A field is added in two places: here, as a `number` or a `setting` with the type and help of its
    option, and where it is used. Ranges, `over`, `common`, the arrays of `traced`, `--solver.*` and
    what a configuration and a weight file hold follow from the fields (`zoo.solve.solver_field`).
    """

    method: Method | None = part(
        str,
        "class name of a Diffrax ODE solver or of a stepper (Leapfrog, ETDRK4, ...); Dopri5 "
        "when not given",
    )
    """A Diffrax solver, or a stepper such as `zoo.solve.Leapfrog()`; default `diffrax.Dopri5()`.
    Those of equations with noise are for `zoo.solve.solve_sde`."""
    _: KW_ONLY
    rtol: Number | None = number(Tolerance, "relative tolerance of a step; 1e-3 when not given")
    """Relative tolerance; default 1e-3."""
    atol: Number | None = number(
        Tolerance, "absolute tolerance of a step; follows rtol when not given"
    )
    """Absolute tolerance; where not given it follows `rtol`."""
    dt0: Number | None = number(
        PositiveFloat,
        "first step (pid) or every step (constant); chosen from the problem when not given",
        expected=_STEP_SIZE,
    )
    """Size of the first step (`pid`; chosen from the problem where not given) or of all steps
    (`constant`): a positive magnitude, whose sign follows from the interval."""
    dtmax: Number | None = number(
        PositiveFloat, "largest step (pid); no bound when not given", expected=_STEP_SIZE
    )
    """Size of the largest step (`pid`), a positive magnitude; no bound where not given. A field
    that is zero but for a short while may be stepped over, and is not with steps of at most that
    while's length; where the field jumps at known times, `solve(..., jumps=)` is better."""
    t0: Number | None = number(
        float, "start of the interval; 0 when not given", bounds=Range(), expected="a finite time."
    )
    """Start of the interval; default 0."""
    t1: Number | None = number(
        float, "end of the interval; 1 when not given", bounds=Range(), expected="a finite time."
    )
    """End of the interval, which may lie before `t0`; default 1."""
    stretch: Number | None = number(bounds=_POSITIVE, expected="a positive, finite factor.")
    """Factor on the length of the interval, whose end is then t0 + stretch (t1 - t0); drawn anew in
    each training step it is the regularisation of Ghosh et al. 2020, "STEER". Times that are asked
    for by `ts` stay where they are."""
    steps: int | None = setting(Size, "number of equal steps (controller constant)", bounds=STEPS)
    """Number of equal steps; means `controller="constant"`."""
    max_steps: int | None = setting(
        Size, "attempts before a solve counts as failed; 256 when not given", bounds=MAX_STEPS
    )
    """Attempts, rejected ones included, before a solve counts as failed; default 256."""
    controller: Controller | None = setting(
        Controller, "pid adapts the steps to the tolerance, constant takes equal ones"
    )
    """`pid` or `constant`."""
    adjoint: Adjoint | None = setting(
        Adjoint, "how gradients are taken; replay, or recursive if implicit, when not given"
    )
    """How gradients are taken, see `zoo.solve.adjoints`; default `replay`, and `recursive` for the
    methods that it cannot serve."""
    batching: Batching | None = setting(
        Batching,
        "each example its own steps, or one ODE for the batch with the error of its worst "
        "example or of them all (rms); per-sample when not given",
    )
    """`per-sample`: each example its own steps, value and cost as if it were alone; `joint`: one
    ODE for the whole batch, the error of a step that of its worst example; `joint-rms`: the same,
    the error a root mean square over the batch, as in torchdiffeq, for comparison with others."""
    dtype: str | None = setting(
        Literal["float32", "float64"],
        "floating type of the solve; the state's, float32 at least, when not given",
    )
    """Floating type of times and state during the solve; default the state's, float32 at least."""
    field_dtype: Literal["bfloat16", "state"] | None = setting(
        Literal["bfloat16", "state"],
        "floating type in which the field computes; bfloat16 is for explicit methods and an rtol "
        "of 1e-2 or more; the state's when not given",
    )
    """Floating type in which the field computes, see `zoo.dynamics.Bfloat16Dynamics`: state, error
    control and all layers outside of the solve stay as they are. Default `state`, the state's."""
    regulariser: Regulariser | None = setting()
    """The cost of the trajectory, see `zoo.regularisers`; its integral becomes `Stats.penalty`."""
    probe: Float[Array, " B"] | None = None
    """Zeros on which nothing depends. Their gradient is 1 for each example that was kept out of the
    others' gradient since its own was not finite: so training learns of them. One for each of the
    batch, for `adjoint="replay"`; elsewhere it stays 0."""

    def __check_init__(self) -> None:
        check_ranges(self)
        check_combination(self)

    def over(self, base: "Solver") -> "Solver":
        """What this solver gives, laid over `base`; the controller follows what was given."""
        return laid_over(self, base)

    @staticmethod
    def common(solvers: Iterable["Solver"]) -> "Solver":
        """What several solvers agree on, once their defaults are filled in; None of the rest.

        Laid over any of them, it changes nothing of how that one solves. Raises `ConfigError` as
        `resolve` does.
        """
        resolved = [solver.resolve() for solver in solvers]
        return Solver(**agreed([{f.name: getattr(s, f.name) for f in fields(s)} for s in resolved]))

    @property
    def is_constant(self) -> bool:
        """Whether all steps are equal."""
        if self.controller is not None:
            return self.controller == "constant"
        return self.steps is not None or not is_adaptive(self.method or diffrax.Dopri5())

    @property
    def shares_steps(self) -> bool:
        """Whether all examples of a batch take the same steps, which depend on all of them."""
        resolved = self.resolve()
        return resolved.batching != "per-sample" and not resolved.is_constant

    @property
    def isolates_failures(self) -> bool:
        """Whether an example whose solve fails leaves the gradients of the others alone."""
        resolved = self.resolve()
        spec = ADJOINTS[str(resolved.adjoint)]
        return spec.isolates_failures and resolved.batching == "per-sample"

    def resolve(self) -> "Solver":
        """This solver with every default filled in; `steps` stays, `dt0` follows from it.

        Raises `ConfigError` for equal steps whose size nobody chose.
        """
        return with_defaults(self)

    def backwards(self) -> "Solver":
        """This solver, resolved, from the end of its interval to the start."""
        there = self.resolve()
        return unchecked(there, t0=there.t1, t1=there.t0)

    def traced(self) -> "Solver":
        """The resolved solver with every number an array, so that new values cost no new trace.

        The ends of an interval whose length an array's type would not hold stay as they are: in
        float32 the numbers 1.6e9 and 1.6e9 + 60 are one.
        """
        resolved = self.resolve()
        stay = ("t0", "t1") if _merges(resolved.t0, resolved.t1) else ()
        return resolved._with_arrays(tuple(n for n in numbers_of(self) if n not in stay))

    def traced_as_given(self) -> "Solver":
        """What this solver gives, with numbers as arrays; what it does not give stays None.

        To be laid over solvers that keep what is their own. The ends of the interval stay as they
        are, since whether an array's type holds its length depends on the end that is not given.
        """
        return self._with_arrays(tuple(n for n in numbers_of(self) if n not in ("t0", "t1")))

    def _with_arrays(self, names: tuple[str, ...]) -> "Solver":
        numbers = tuple(getattr(self, name) for name in names)
        arrays = tuple(None if n is None else jnp.asarray(n, float) for n in numbers)

        def where(s: Solver) -> tuple[object, ...]:
            return tuple(getattr(s, name) for name in names)

        changed: Solver = eqx.tree_at(where, self, arrays, is_leaf=lambda x: x is None)
        return changed

    def concrete(self) -> "Solver":
        """This solver with array numbers turned to Python floats, as a model must hold it.

        Raises `ConfigError` under a trace, where there is no value to keep.
        """
        numbers: Any = {}
        for name in numbers_of(self):
            value = getattr(self, name)
            if isinstance(value, jax.core.Tracer):
                raise ConfigError(
                    f"A model's own solver holds plain numbers, and {name} is being traced: pass "
                    "the solver to `model.forward(xs, solver=...)` instead."
                )
            numbers[name] = None if value is None else float(value)
        return replace(self, **numbers, probe=None)

    def options(self) -> dict[str, Any]:
        """What was given, as the JSON values from which `solver_from_options` makes it again."""
        return options_held(self.concrete())
