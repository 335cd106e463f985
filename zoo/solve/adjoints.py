"""How a solve is differentiated: the adjoints, what each can do, and with which methods.

| name | what it is | gradients |
|---|---|---|
| `replay` | the accepted steps taken once more, from the last to the first, by the engine of our
own; explicit methods, and steppers (`zoo.solve.Leapfrog`, ...) | exact for the discretisation; no
memory but the steps' states; a failed example is kept out. Forward mode, and reverse mode once |
| `recursive` | backpropagation through the steps, recursively checkpointed (Griewank 1992) | exact
for the discretisation; memory grows with the logarithm of the steps |
| `direct` | the same without checkpoints | the same; memory grows with the steps |
| `backsolve` | the adjoint ODE solved backwards (Chen et al. 2018) | approximate, for y0,
parameters and args; none for t0 and t1; constant memory |
| `backsolve-seminorm` | the same, its error measured on state and adjoint alone (Kidger et al.
2021, "Hey, that's not an ODE") | the same with fewer backward steps |
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import diffrax
import jax

from ..errors import ConfigError
from ..types import Tree
from .controllers import Norm, ObservedPID, adjoint_norm
from .engine import AbstractStepper, Leapfrog
from .methods import ENGINE_SDE_METHODS, Method, ode_methods


@dataclass(frozen=True)
class AdjointSpec:
    """What one adjoint is and can do."""

    build: Callable[[diffrax.AbstractStepSizeController, Norm], diffrax.AbstractAdjoint] | None
    """From the forward controller and the norm of a state to Diffrax's adjoint; None where the
    engine, not Diffrax, solves."""
    differentiates_times: bool
    """Whether t0 and t1 get a gradient."""
    implicit_methods: bool
    """Whether it works with implicit solvers."""
    on_devices: bool = True
    """Whether it runs where several devices share a batch, within `jax.shard_map`."""
    isolates_failures: bool = False
    """Whether a failed example leaves the gradients of the others alone, unless they are joint."""


def _backsolve(parameters_count: bool) -> Callable[..., diffrax.AbstractAdjoint]:
    def build(controller: Any, norm: Norm) -> diffrax.AbstractAdjoint:
        if not isinstance(controller, ObservedPID):
            return diffrax.BacksolveAdjoint()
        # The backward state is a tuple that a norm of the forward state cannot take.
        backward = diffrax.PIDController(
            rtol=controller.rtol, atol=controller.atol, norm=adjoint_norm(norm, parameters_count)
        )
        return diffrax.BacksolveAdjoint(stepsize_controller=backward)

    return build


ADJOINTS: dict[str, AdjointSpec] = {
    "replay": AdjointSpec(None, True, False, isolates_failures=True),
    "recursive": AdjointSpec(
        lambda *_: diffrax.RecursiveCheckpointAdjoint(), True, True, on_devices=False
    ),
    "direct": AdjointSpec(lambda *_: diffrax.DirectAdjoint(), True, True),
    "backsolve": AdjointSpec(_backsolve(True), False, False),
    "backsolve-seminorm": AdjointSpec(_backsolve(False), False, False),
}


def check_adjoint(name: str, method: Method) -> None:
    """Raise `ConfigError` where an adjoint cannot serve a method, naming those that can."""
    if _works(name, method):
        return
    working = [n for n in ADJOINTS if _works(n, method)]
    raise ConfigError(
        f"adjoint={name!r} cannot be used with {type(method).__name__}; these can: "
        f"{', '.join(working)}."
    )


def default_adjoint(method: Method) -> Literal["replay", "recursive"]:
    """`replay` where it works with the method, else `recursive`."""
    return "replay" if _works("replay", method) else "recursive"


def adjoint_table() -> list[tuple[str, str, bool]]:
    """(adjoint, kind of method, works) for every cell, as `list.py` prints it."""
    kinds: dict[str, Method] = {
        "explicit": diffrax.Dopri5(),
        "implicit": diffrax.Kvaerno5(),
        "stepper": Leapfrog(),
    }
    return [(name, kind, _works(name, m)) for name in ADJOINTS for kind, m in kinds.items()]


def _works(name: str, method: Method) -> bool:
    if isinstance(method, AbstractStepper):
        return ADJOINTS[name].build is None
    if not isinstance(method, tuple(ode_methods())):  # for equations with noise alone
        return name in ("recursive", "direct") or (
            name == "replay" and isinstance(method, ENGINE_SDE_METHODS)
        )
    implicit = isinstance(method, diffrax.AbstractImplicitSolver)
    return ADJOINTS[name].implicit_methods or not implicit


def refuse_gradient(value: Tree, name: str, adjoint: str) -> Tree:
    """The value itself; raises `ConfigError` as soon as something differentiates by it."""

    @jax.custom_jvp
    def identity(x: Any) -> Any:
        return x

    @identity.defjvp
    def refuse(primals: Any, tangents: Any) -> Any:
        able = ", ".join(n for n, spec in ADJOINTS.items() if spec.differentiates_times)
        raise ConfigError(
            f"adjoint={adjoint!r} gives no gradient for {name}; these do: {able}. "
            f"Or keep {name} out of what is differentiated."
        )

    same: Tree = identity(value)
    return same
