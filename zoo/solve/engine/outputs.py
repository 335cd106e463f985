"""Values at given times, interpolated within the steps by the method's own polynomial."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Int, PyTree, Shaped

from .devices import while_loop
from .lanes import Lane, buffer, read, write
from .plan import Plan


class Outputs(NamedTuple):
    """The times wanted and the values so far; times run forward, as in `take_step`."""

    times: Shaped[Array, "T *outputs"]
    """[T] where all lanes come to them together, else [T, B]."""
    values: PyTree[Array]
    """[T + 1, B, ...]; the last place takes what is not wanted."""
    made: Int[Array, "*outputs"]
    """How many of them are there."""


def begin(times: Array, start: Lane, y0: PyTree[Array]) -> Outputs:
    """No output yet but those wanted at the start, or before it: the initial state."""
    count = times.shape[0]
    values = jax.tree.map(
        lambda room, y: jnp.broadcast_to(y, room.shape), buffer(count + 1, y0), y0
    )
    rows = times if times.ndim == 2 or start.ndim == 0 else times[:, None]
    made = jnp.sum(rows <= start, axis=0, dtype=jnp.int32)
    return Outputs(times, values, made)


def wanted(outputs: Outputs, until: Lane, keep: Bool[Array, "*lanes"]) -> Bool[Array, "*outputs"]:
    """Which lanes have an output before `until` to make."""
    count = outputs.times.shape[0]
    at = read_time(outputs.times, jnp.minimum(outputs.made, count - 1))
    return keep & (outputs.made < count) & (at <= until)


def read_time(times: Array, index: Array) -> Array:
    """times[index], where each lane may have its own row and its own index, or several."""
    return times[index] if times.ndim == 1 else read(times, index)


def interpolate(
    plan: Plan, start: Lane, stop: Lane, y0: Any, y1: Any, slopes: list, time: Array, sign: Lane
) -> Any:
    """The state at `time` inside the step from `start` to `stop`."""
    cls: Any = plan.method.interpolation_cls
    stacked = jax.tree.map(lambda *ks: jnp.stack(ks), *slopes)

    def one(start: Any, stop: Any, y0: Any, y1: Any, slopes: Any, time: Any, sign: Any) -> Any:
        h = sign * (stop - start)
        scaled = jax.tree.map(lambda k: h.astype(k.dtype) * k, slopes)
        dense = {} if plan.tableau.stages == 1 else {"k": scaled}
        state = cls(t0=start, t1=stop, y0=y0, y1=y1, **dense).evaluate(time)
        # Linear in all but time; the times' type may be wider than the state's.
        return jax.tree.map(lambda value, y: value.astype(y.dtype), state, y0)

    axis = lambda x: 0 if jnp.ndim(x) else None  # noqa: E731
    axes = (axis(start), axis(stop), 0, 0, 1, axis(time), axis(sign))
    return jax.vmap(one, in_axes=axes)(start, stop, y0, y1, stacked, time, sign)


def make(
    plan: Plan,
    outputs: Outputs,
    start: Lane,
    stop: Lane,
    y0: Any,
    y1: Any,
    slopes: list,
    sign: Lane,
    keep: Bool[Array, "*lanes"],
    lane: Int[Array, " lanes"] | None = None,
) -> Outputs:
    """The outputs with those that lie in the step just kept, of `lane` where that is not all."""
    count = outputs.times.shape[0]

    def body(outputs: Outputs) -> Outputs:
        now = wanted(outputs, stop, keep)
        time = read_time(outputs.times, jnp.minimum(outputs.made, count - 1))
        value = interpolate(plan, start, stop, y0, y1, slopes, time, sign)
        slot = jnp.where(now, outputs.made, count)
        values = write(outputs.values, slot, value, lane)
        return Outputs(outputs.times, values, outputs.made + now)

    return while_loop(lambda o: wanted(o, stop, keep).any(), body, outputs)
