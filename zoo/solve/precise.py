"""Whether the field of a solve can tell its times apart, in the floating type that they have."""

import warnings

import jax
import jax.numpy as jnp
import numpy as np

from ..dynamics.base import Dynamics, lift, origin
from ..errors import ZooWarning
from ..types import Args, State
from .demands import looks_at
from .times import TimesLike

# With fewer different times than this in its interval a field of time is a staircase.
_FEW = 64


def warn_of_times_that_merge(
    dynamics: Dynamics,
    y0: State,
    args: Args,
    t0: TimesLike | None,
    ends: TimesLike | None,
    dtype: np.dtype,
) -> None:
    """Warn where dynamics that look at the time see only a few different ones of type `dtype`.

    Only of times whose values are known, as plain numbers are also under `jit`; and once for a
    place in the code. A field that does not look at the time is solved as precisely wherever it
    starts.
    """
    if any(isinstance(x, jax.core.Tracer) for x in (t0, ends)):
        return
    start, last = np.asarray(t0, np.float64), np.asarray(ends, np.float64)
    # An example that failed before may start from NaN.

    def most(x: np.ndarray) -> float:
        return float(np.max(np.nan_to_num(np.abs(x)), initial=0.0))

    latest, length = most(start), most(last - start[..., None])
    spacing = float(np.spacing(np.asarray(latest, dtype)))
    if length == 0 or length >= _FEW * spacing or not looks_at(lift(dynamics), y0, args)[0]:
        return
    warnings.warn(
        f"{origin(dynamics)} looks at the time, and from t0 = {latest:g} on there are only "
        f"{int(length / spacing)} different times of {jnp.dtype(dtype).name} in an interval of "
        f"{length:.3g}. "
        "Way out: count time from the start (t0=0), or use 64 bits (JAX_ENABLE_X64=1).",
        ZooWarning,
        stacklevel=4,
    )
