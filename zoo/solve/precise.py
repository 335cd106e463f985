"""Whether the field of a solve can tell its times apart, in the floating type that they have."""

import warnings
from typing import Any

import jax
import numpy as np

from ..dynamics.base import Dynamics, lift, origin
from ..errors import ZooWarning
from .demands import looks_at
from .times import Times

# With fewer different times than this in its interval a field of time is a staircase.
_FEW = 64


def warn_of_times_that_merge(dynamics: Dynamics, y0: Any, args: Any, times: Times) -> None:
    """Warn where dynamics that look at the time see only a few different ones.

    Only of times whose values are known, and once for a place in the code; a field that does not
    look at the time is solved as precisely wherever it starts.
    """
    if any(isinstance(x, jax.core.Tracer) for x in (times.t0, times.offsets)):
        return
    t0 = np.asarray(times.t0)
    length = float(np.max(np.abs(np.asarray(times.offsets)), initial=0.0))
    spacing = float(np.spacing(np.abs(t0)))
    if length == 0 or length >= _FEW * spacing or not looks_at(lift(dynamics), y0, args)[0]:
        return
    warnings.warn(
        f"{origin(dynamics)} looks at the time, and from t0 = {float(t0):g} on there are only "
        f"{int(length / spacing)} different times of {t0.dtype} in an interval of {length:.3g}. "
        "Way out: count time from the start (t0=0), or use 64 bits (JAX_ENABLE_X64=1).",
        ZooWarning,
        stacklevel=4,
    )
