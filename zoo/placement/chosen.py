"""Which devices share a batch, as a user names them."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

import jax
import numpy as np
from jax.sharding import AxisType, Mesh

from ..errors import ConfigError
from .processes import is_several

AXIS = "examples"
"""The axis of the mesh of devices, along which a batch is divided."""

Devices: TypeAlias = Literal["all"] | int | Sequence[jax.Device] | None
"""`"all"` that JAX sees, the first so many, these, or None for the one that JAX computes on."""


def chosen_mesh(devices: Devices) -> Mesh | None:
    """The devices that share a batch as a mesh of one axis; None for the one JAX computes on.

    Of several processes all devices share it.

    Raises `ConfigError` for another word, for more devices than there are, and for none.
    """
    if is_several():
        return _of_all_processes(devices)
    if devices is None:
        return None
    chosen = _named(devices)
    if len(chosen) == 1 and chosen[0] == jax.devices()[0]:
        return None
    return Mesh(np.array(chosen), (AXIS,), axis_types=(AxisType.Auto,))


def _of_all_processes(devices: Devices) -> Mesh:
    """All devices: processes that wait for each other have to compute the same."""
    there = jax.devices()
    if devices not in (None, "all", len(there), there):
        raise ConfigError(
            f"devices = {devices}: of {jax.process_count()} processes all devices take part, "
            f"{len(there)} in all. Leave it out, or start fewer processes."
        )
    return Mesh(np.array(there), (AXIS,), axis_types=(AxisType.Auto,))


def devices_of(mesh: Mesh | None) -> Devices:
    """The devices of a mesh, for what takes them by name."""
    return None if mesh is None else list(mesh.devices.flat)


def _named(devices: Literal["all"] | int | Sequence[jax.Device]) -> list[jax.Device]:
    there = jax.devices()
    if isinstance(devices, str):
        if devices != "all":
            raise ConfigError(
                f"devices = {devices!r}: expected 'all', a number of devices, or a list of them."
            )
        return there
    if isinstance(devices, int):
        if isinstance(devices, bool) or not 1 <= devices <= len(there):
            raise ConfigError(
                f"devices = {devices}: JAX sees {_count(there)}, expected "
                f"{'1' if len(there) == 1 else f'1 to {len(there)}'} or 'all'. A processor shows "
                "as several with XLA_FLAGS="
                f"--xla_force_host_platform_device_count={max(int(devices), 2)}."
            )
        return there[:devices]
    chosen = list(devices)
    foreign = [each for each in chosen if each not in there]
    if not chosen or foreign or len(set(chosen)) < len(chosen):
        raise ConfigError(
            f"devices = {chosen}: expected one or more of jax.devices(), {there}, each once."
        )
    return chosen


def _count(there: Sequence[jax.Device]) -> str:
    kind = there[0].platform
    return f"one device ({kind})" if len(there) == 1 else f"{len(there)} devices ({kind})"
