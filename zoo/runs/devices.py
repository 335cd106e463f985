"""What this machine computes on: asked for before a command begins, and named in its output."""

import os

import jax
import jax.extend.backend
from jax.sharding import Mesh

from ..errors import ConfigError


def check_devices() -> None:
    """Start JAX on the platforms that were asked for by `JAX_PLATFORMS`.

    Raises `ConfigError` where one of them is not there, with what was asked for and what there is.
    """
    asked = _asked()
    if not asked:  # JAX then takes the best that there is, and there is always a processor
        return
    try:
        jax.devices()
    # A platform without its plugin is an AssertionError, an unknown one a RuntimeError.
    except (RuntimeError, AssertionError):
        raise ConfigError(
            f"JAX_PLATFORMS asks for {asked}, and this machine offers JAX {_platforms()}: unset "
            "JAX_PLATFORMS to compute on that, or install what is missing, such as "
            "pip install 'jax[cuda]' for a card of NVIDIA."
        ) from None


def _asked() -> str | None:
    return getattr(jax.config, "jax_platforms", None)


def device_words(mesh: Mesh | None = None) -> str:
    """What is computed on, such as `cpu (2 threads)` or `4 × gpu (NVIDIA H100)`: the devices of a
    mesh, or the one that JAX computes on."""
    devices = jax.devices()[:1] if mesh is None else list(mesh.devices.flat)
    device = devices[0]
    kind = device.device_kind
    if device.platform == "cpu":
        kind = f"{_threads()} threads" if _threads() > 1 else "1 thread"
    several = f"{len(devices)} × " if len(devices) > 1 else ""
    return f"{several}{jax.default_backend()} ({kind})"


def _threads() -> int:
    """The processors that this program may use."""
    if hasattr(os, "sched_getaffinity"):  # Linux
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _platforms() -> str:
    """The platforms that JAX finds if it is left to choose; the program ends after this."""
    jax.config.update("jax_platforms", None)
    return ", ".join(jax.extend.backend.backends())
