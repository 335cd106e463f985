"""Dynamics that are driven: by an input u(t) that is known, and by numbers that do not change."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from ..errors import DataError
from ..types import AnyArray, Args
from .base import AbstractBatchDynamics, Dynamics, Time, lift
from .forced import AbstractForcedDynamics


class Drive(eqx.Module):
    """What a driven field is given as args: an input at times of its own, and statics.

    The input is linear between its times, and constant before the first and after the last. The
    last time repeated is padding, whatever the input holds there.

        drive = Drive(times, inputs, static)
        drive.at(0.5)                        # [u(0.5), static], [B, U + S]
    """

    times: Float[AnyArray, "*B T"] | None = None
    """Times of the input, in order; None without one."""
    inputs: Float[AnyArray, "*B T U"] | None = None
    """The input u at these times; None without one."""
    static: Float[AnyArray, "*B S"] | None = None
    """Numbers that do not change; None without any."""
    args: Args = None
    """What the field itself is given as args."""

    def at(self, t: Time) -> Float[Array, "B driven"]:
        """[u(t), static] of a batch; `t` is one time, or [B]."""
        parts = [] if self.inputs is None else [self._input(t)]
        parts += [] if self.static is None else [jnp.asarray(self.static)]
        return jnp.concatenate(parts, axis=-1)

    def _input(self, t: Time) -> Float[Array, "B U"]:
        assert self.times is not None and self.inputs is not None, "an input has times"
        times, inputs = jnp.asarray(self.times), jnp.asarray(self.inputs)
        t = jnp.broadcast_to(jnp.asarray(t, times.dtype), times.shape[:1])[:, None]
        # The first of equal times: those after it are padding.
        right = jnp.sum(times < jnp.minimum(t, times[:, -1:]), axis=1, keepdims=True)
        left = jnp.maximum(right - 1, 0)
        start, end = (jnp.take_along_axis(times, each, axis=1) for each in (left, right))
        share = jnp.where(end > start, (t - start) / jnp.where(end > start, end - start, 1), 0)
        share = jnp.clip(share, 0, 1)[..., None]
        before, after = (
            jnp.take_along_axis(inputs, each[..., None], axis=1) for each in (left, right)
        )
        return (before + share * (after - before))[:, 0]


class DrivenDynamics(AbstractForcedDynamics):
    """dy/dt = field([y, u(t), static]), of which the entries of y are kept; args is a `Drive`.

        field = zoo.dynamics.MLPDynamics(size + inputs + static, key=key)
        dynamics = DrivenDynamics(field, size, inputs + static)

    Args:
        field: a field of vectors of length `size + driven`.
        size: length of the state.
        driven: how many numbers drive it: those of the input and the statics.
    """

    field: Dynamics
    size: int = eqx.field(static=True)
    driven: int = eqx.field(static=True)

    def forcing(self, t: Time, args: Drive | None) -> Float[Array, "B driven"]:
        """[u(t), static] of a batch.

        Raises `DataError` for args that drive it by another count of numbers.
        """
        drive = Drive() if args is None else args
        given = [each.shape[-1] for each in (drive.inputs, drive.static) if each is not None]
        if sum(given) != self.driven:
            raise DataError(
                f"A field that is driven by inputs u(t) and statics, {self.driven} in all, got "
                f"{sum(given)}: expected the arrays inputs and static of the data it is for."
            )
        return drive.at(t)

    def forced(
        self,
        t: Time,
        ys: Float[Array, "B D"],
        forcing: Float[Array, "B driven"],
        args: Drive | None,
    ) -> Float[Array, "B D"]:
        """The derivatives of a batch of states."""
        whole = jnp.concatenate([ys, forcing.astype(ys.dtype)], axis=-1)
        return lift(self.field)(t, whole, None if args is None else args.args)[:, : self.size]


class ShiftedDynamics(AbstractBatchDynamics):
    """f(t + start, y, args), of args (start, args): a solve that begins at each example's own time.

    `zoo.solve.solve` counts every example from one t0; what a field of time sees is then its own.
    """

    dynamics: Dynamics

    def batch(
        self, t: Time, ys: Float[Array, "B D"], args: tuple[Float[AnyArray, " B"], Args]
    ) -> Float[Array, "B D"]:
        """The derivatives of a batch of states."""
        start, rest = args
        return lift(self.dynamics)(t + jnp.asarray(start), ys, rest)
