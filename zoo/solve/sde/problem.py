"""What an equation with noise must be given: one array, keys, and times within its interval."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PRNGKeyArray

from ...errors import DataError
from ...types import AnyArray, Keys, State
from ..solver import Solver


def one_array(y0: State) -> Array:
    """The state as an array. Raises `DataError` for a pytree."""
    if isinstance(y0, dict | list | tuple) or not hasattr(y0, "shape"):
        raise DataError(
            f"y0 is a {type(y0).__name__}: solve_sde takes one array [B, ...]. Concatenate the "
            "parts of a state along an axis, and take them apart in drift and diffusion."
        )
    return jnp.asarray(y0)


def checked_key(key: PRNGKeyArray | Keys, count: int) -> PRNGKeyArray | Keys:
    """One key, or one for each example, as typed keys. Raises `DataError` for anything else."""
    if eqx.is_array(key) and key.dtype == jnp.uint32 and key.ndim:
        key = jax.random.wrap_key_data(key)  # of jax.random.PRNGKey
    typed = eqx.is_array(key) and jnp.issubdtype(key.dtype, jax.dtypes.prng_key)
    if not typed or key.shape not in ((), (count,)):
        got = f"holds keys of shape {key.shape}" if typed else f"is {key!r}"
        raise DataError(
            f"key {got}: expected jax.random.key(0), or an array of keys ({count},), one for "
            "each example, such as jax.random.split makes."
        )
    return key


def with_end(ts: AnyArray | None, solver: Solver) -> AnyArray | None:
    """The times wanted and, behind them, the end of the interval over which the path is drawn.

    Raises `DataError` for times that lie beyond.
    """
    if ts is None or ts.ndim == 0:
        return ts
    traced = any(isinstance(x, jax.core.Tracer) for x in (ts, solver.t0, solver.t1))
    if not traced and ts.size:
        t0, t1 = (np.asarray(t, ts.dtype) for t in (solver.t0, solver.t1))
        beyond = np.asarray(ts)[np.sign(t1 - t0) * (np.asarray(ts) - t1) > 0]
        if beyond.size:
            raise DataError(
                f"Times reach {beyond[0]:g}, and the path of the noise is drawn from t0 = {t0:g} "
                f"to t1 = {t1:g}: give the interval, Solver(t1={beyond.max():g})."
            )
    stack = jnp if isinstance(ts, jax.Array) or isinstance(solver.t1, jax.Array) else np
    end = stack.broadcast_to(stack.asarray(solver.t1, ts.dtype), (*ts.shape[:-1], 1))
    return stack.concatenate([ts, end], axis=-1)
