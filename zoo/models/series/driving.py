"""What drives the field of a model of series, as args of a solve: inputs u(t) and statics."""

from collections.abc import Mapping

from jaxtyping import PRNGKeyArray

from ...dynamics import Drive, DrivenDynamics, Dynamics, dynamics_by_name
from ...types import Args
from .batch import Series


def drive_of(xs: Series, args: Args) -> Args:
    """The args of a solve that counts time since each series' own start.

    A `Drive` where the series have an input or statics, with `args` in it; else `args`.
    """
    if xs.inputs is None and xs.static is None:
        return args
    times = None if xs.inputs is None else xs.since_start
    return Drive(times, xs.inputs, xs.static, args)


def driven_by_name(
    name: str,
    size: int,
    options: Mapping[str, object] | None,
    driven: int,
    *,
    key: PRNGKeyArray,
) -> Dynamics:
    """The registered dynamics `name` of a state of length `size` that `driven` numbers drive.

    Without any they are the dynamics themselves, else a `DrivenDynamics`.
    """
    field = dynamics_by_name(name, (size + driven,), options, key=key)
    return DrivenDynamics(field, size, driven) if driven else field
