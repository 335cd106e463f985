"""Models on several devices that share batches, and the solvers that do not run there."""

import warnings
from collections.abc import Sequence
from typing import TypeVar

import diffrax
from jax.sharding import Mesh

from ..errors import ConfigError, ZooWarning
from ..placement import Devices, chosen_mesh, replicated
from .adjoints import ADJOINTS
from .of_model import laid_solvers
from .solver import Solver

_Model = TypeVar("_Model")


def on_devices(model: _Model, devices: Devices, solver: Solver | None) -> _Model:
    """The model with its arrays on all devices that are to share its batches, see `zoo.placement`.

    Args:
        model: any model.
        devices: as in `zoo.evaluate`; on None it stays where it is.
        solver: what is laid over its own solvers.

    Raises `ConfigError` for devices that there are not, and for a method that runs on one alone.
    Warns where all examples of a batch share their steps: there are then as many batches as
    devices.
    """
    mesh = chosen_mesh(devices)
    if mesh is None:
        return model
    solvers = laid_solvers(model, solver)
    check_on_devices(solvers, mesh)
    if any(each.shares_steps for each in solvers):
        warnings.warn(
            f"Each of {mesh.size} devices solves its share of a batch as one ODE, so that outputs "
            "depend a little on how many devices there are: batching='per-sample' "
            "(--solver.batching per-sample) does not.",
            ZooWarning,
            stacklevel=3,
        )
    return replicated(model, mesh)


def check_on_devices(
    solvers: Sequence[Solver], mesh: Mesh | None, *, gradients: bool = False
) -> None:
    """Raise `ConfigError` for solvers that do not run within `jax.shard_map`.

    There an array's type also says how it is spread, which Lineax and Equinox's checkpointed loop
    do not expect: https://github.com/patrick-kidger/lineax/issues/185 and
    https://github.com/patrick-kidger/diffrax/issues/765.

    Args:
        solvers: of a model, under what is laid over them.
        mesh: the devices that share a batch; on one alone, None, all solvers run.
        gradients: whether they are differentiated there.
    """
    if mesh is None:
        return
    devices = mesh.size
    for solver in (each.resolve() for each in solvers):
        if isinstance(solver.method, diffrax.AbstractImplicitSolver):
            raise ConfigError(
                f"{type(solver.method).__name__} does not run on several devices (devices = "
                f"{devices}): Lineax refuses to solve the equations of its steps there, lineax "
                "issue 185. Take an explicit method, such as Dopri5, or one device."
            )
        if gradients and not ADJOINTS[str(solver.adjoint)].on_devices:
            raise ConfigError(
                f"adjoint={solver.adjoint!r} does not run on several devices (devices = "
                f"{devices}): Equinox refuses its checkpointed loop there, diffrax issue 765. Take "
                "adjoint='replay', which is the default, or 'direct', with the same gradients; or "
                "one device, with accumulate."
            )
