"""What a model of a density is: an invertible flow between data and a normal distribution."""

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray, PyTree

from ...dynamics import Dynamics
from ...dynamics.divergence import WithDivergence
from ...errors import ConfigError, DataError
from ...objectives.parameters import float_type
from ...precision import cast_floats
from ...regularisers import keys_of_examples
from ...regularisers.norms import norms
from ...solve import Solver, TimesLike, marked, zeroed
from ...types import AnyArray, Args, Keys, Stats
from ..base import check_inputs
from ..ode_model import AbstractODEModel
from .blocks import along, through
from .dequantise import dequantised
from .trace import Trace, fixed_keys


class AbstractDensity(AbstractODEModel):
    """Base of the models of a density p(x): an ODE takes data at t0 to N(0, 1) at t1, and back.

    With z = y(t1) of dy/dt = f(t, y, args), y(t0) = x, the density is (Chen et al. 2018)

        log p(x) = log N(z; 0, 1) + ∫ tr(df/dy) dt.

    `log_prob` is of the model's inputs, which are standardised; `zoo.predict(..., data=data)` and
    the metrics add the change of units. A density that did not solve is NaN, its `Stats` say why.

    To write your own, subclass and give `objectives`, and fields of these names:

    - `blocks`: the vector fields, solved one after another, each from t0 to t1 of the solver;
    - `solver`: the `Solver` of each;
    - `event_shape`: the shape of an example, and `state_shape`, that of the state, which holds as
      many numbers: an image of a dense field is flattened;
    - `trace`: how divergences are taken, a `Trace`;
    - `quanta`: the spacing of the levels of an input that takes few values, see `dequantise.py`.

        class Flow(zoo.AbstractDensity):
            objectives: ClassVar = {"density": zoo.models.densities.MAXIMUM_LIKELIHOOD}
            blocks: tuple[Dynamics, ...]
            solver: zoo.Solver = zoo.Solver(rtol=1e-3)
            event_shape: tuple[int, ...] = eqx.field(static=True, default=(2,))
            state_shape: tuple[int, ...] = eqx.field(static=True, default=(2,))
            trace: Trace = Trace()
            quanta: tuple[float, ...] = eqx.field(static=True, default=())
    """

    draws_given_inputs: ClassVar[bool] = False

    blocks: eqx.AbstractVar[tuple[Dynamics, ...]]
    solver: eqx.AbstractVar[Solver]
    event_shape: eqx.AbstractVar[tuple[int, ...]]
    state_shape: eqx.AbstractVar[tuple[int, ...]]
    trace: eqx.AbstractVar[Trace]
    quanta: eqx.AbstractVar[tuple[float, ...]]

    @property  # type: ignore[misc]
    def dynamics(self) -> Dynamics:  # type: ignore[override]
        """The field of the first block."""
        return self.blocks[0]

    @property
    def has_likelihood(self) -> bool:
        """Whether `log_prob` is known, as the density of the base is."""
        return True

    @property
    def main_solver(self) -> Solver:
        """The model's own solver."""
        return self.solver

    def repeated_parts(self, nfe: Sequence[float]) -> Sequence[tuple[PyTree, float]] | None:
        """The field of each block."""
        return list(zip(self.blocks, nfe, strict=True))

    def initial_state(self, xs: PyTree[AnyArray]) -> Float[Array, "B ..."]:
        """Inputs [B, *event_shape] as states [B, *state_shape]. Raises `DataError` for others."""
        xs = jnp.asarray(xs)
        if xs.shape[1:] not in (self.event_shape, self.state_shape):
            expected = ", ".join(map(str, ("B", *self.event_shape)))
            got = f"{type(self).__name__} got inputs of shape {xs.shape}"
            raise DataError(f"{got}: expected ({expected}), as it was made for.")
        return check_inputs(xs, None, self).reshape(len(xs), *self.state_shape)

    def forward(
        self,
        xs: PyTree[AnyArray],
        *,
        args: Args = None,
        solver: Solver | None = None,
        key: PRNGKeyArray | Keys | None = None,
    ) -> tuple[Float[Array, " B"], Stats]:
        """log p(x) of each example, as `log_prob` gives it in evaluation."""
        return self.log_prob(xs, args=args, solver=solver, key=key)

    def log_prob(
        self,
        xs: PyTree[AnyArray],
        *,
        args: Args = None,
        solver: Solver | None = None,
        key: PRNGKeyArray | Keys | None = None,
        training: bool = False,
    ) -> tuple[Float[Array, " B"], Stats]:
        """log p(x) in nats, [B], of inputs [B, *event_shape].

        Args:
            xs: inputs.
            args: of the fields, for each example.
            solver: laid over the model's own.
            key: what probes of the trace are drawn from, where it is not taken exactly, and what
                dequantises: one, or one for each example, [B]. Without one every example draws
                from `jax.random.key(0)`, so that its number is the same in any batch.
            training: whether the trace is taken as in training (`Trace`).
        """
        given = jnp.asarray(xs)
        keys = fixed_keys(len(given)) if key is None else keys_of_examples(key, len(given))
        split = jax.vmap(partial(jax.random.split, num=3), out_axes=1)
        noise_keys, level_keys, cost_keys = split(keys)
        states = dequantised(self.initial_state(given), self.quanta, level_keys)
        noise = self.trace.draw(states, noise_keys, training=training)
        fields = [WithDivergence(field) for field in self.blocks]
        args = cast_floats(args, float_type(self))
        ys = (states, jnp.zeros(len(states), states.dtype))
        both = (args, noise)
        (zs, change), stats = through(fields, ys, both, self.effective(solver), cost_keys)
        return marked(self.base_log_prob(zs) + change, stats), stats

    def base_log_prob(self, zs: Float[Array, "B ..."]) -> Float[Array, " B"]:
        """log N(z; 0, 1) of each example, [B]."""
        logs = jax.scipy.stats.norm.logpdf(zs)
        return logs.sum(axis=tuple(range(1, logs.ndim)))

    def encode(
        self, xs: PyTree[AnyArray], *, args: Args = None, solver: Solver | None = None
    ) -> tuple[Float[Array, "B ..."], Stats]:
        """The points z [B, *event_shape] of the base to which inputs flow, and what it cost."""
        states, args = self.problem(xs, args)
        zs, stats = through(self.blocks, states, args, self.effective(solver))
        return marked(zs, stats).reshape(len(zs), *self.event_shape), stats

    def decode(
        self, zs: PyTree[AnyArray], *, args: Args = None, solver: Solver | None = None
    ) -> tuple[Float[Array, "B ..."], Stats]:
        """The inputs x [B, *event_shape] that flow to points of the base: `encode` backwards."""
        states, args = self.problem(zs, args)
        back = self.effective(solver).backwards()
        xs, stats = through(self.blocks[::-1], states, args, back)
        return marked(xs, stats).reshape(len(xs), *self.event_shape), stats

    def paths(
        self,
        zs: PyTree[AnyArray],
        ts: TimesLike,
        *,
        args: Args = None,
        solver: Solver | None = None,
    ) -> tuple[Float[Array, "B T ..."], Stats]:
        """The states from points z of the base to data, [B, T, *event_shape]: `decode` at times.

        `ts` run from the solver's t1 to its t0, and with blocks in a row on to where the last one
        ends: to t1 - blocks (t1 - t0).
        """
        states, args = self.problem(zs, args)
        back = self.effective(solver).backwards()
        ys, stats = along(self.blocks[::-1], states, ts, args, back)
        return ys.reshape(*ys.shape[:2], *self.event_shape), stats

    def sample(
        self,
        xs: PyTree[AnyArray] = None,
        *,
        key: Keys,
        args: Args = None,
        solver: Solver | None = None,
    ) -> tuple[Float[Array, "n ..."], Stats]:
        """Draws [n, *event_shape] from the density, one for each of the keys [n].

        Raises `ConfigError` for inputs: a density draws without any.
        """
        self.check_no_inputs(xs)
        return self.decode(self.base_draws(key), args=args, solver=solver)

    def check_no_inputs(self, xs: PyTree[AnyArray]) -> None:
        """Raise `ConfigError` for inputs: a density draws without any."""
        if xs is not None:
            raise ConfigError(
                f"{type(self).__name__} draws examples without inputs: expected xs = None, as in "
                "zoo.sample(model, None, 1000, key=key)."
            )

    def base_draws(self, key: Keys) -> Float[Array, "n ..."]:
        """Points of the base [n, *state_shape], one for each of the keys."""
        dtype = float_type(self) or jnp.result_type(float)
        return jax.vmap(lambda key: jax.random.normal(key, self.state_shape, dtype))(key)

    def of_class(self, label: int, guidance: float = 1.0) -> "AbstractDensity":
        """The density of one class. Raises `ConfigError`, here, for a model that is told none."""
        raise ConfigError(
            f"label = {label}, and this {type(self).__name__} is told no classes: expected a model "
            "of flow_matching with classes = True (--model.classes)."
        )

    def stochastic(self, steps: int = 100) -> "AbstractDensity":
        """The same density, sampled by an SDE. Raises `ConfigError`, here: no score is known."""
        raise ConfigError(
            f"steps = {steps} of an SDE, and {type(self).__name__} knows no score: expected a "
            "model of flow_matching, or sampling without an SDE."
        )

    def trajectory(
        self,
        xs: PyTree[AnyArray],
        ts: TimesLike,
        *,
        args: Args = None,
        solver: Solver | None = None,
    ) -> tuple[Float[Array, "B T ..."], Stats]:
        """The states [B, T, *state_shape] on the way from inputs to the base, at times `ts`.

        Of several blocks the first goes from t0 to t1, the next from there to t1 + (t1 - t0), and
        so on: `ts` run from t0 to where the last one ends.
        """
        if len(self.blocks) == 1:
            return super().trajectory(xs, ts, args=args, solver=solver)
        ys, args = self.problem(xs, args)
        return along(self.blocks, ys, ts, args, self.effective(solver).resolve())

    def reconstruction_error(
        self, xs: PyTree[AnyArray], *, args: Args = None, solver: Solver | None = None
    ) -> Float[Array, " B"]:
        """|decode(encode(x)) - x| / |x| of each example, through all blocks and back, [B].

        NaN where a solve failed.
        """
        xs = self.initial_state(xs)
        zs, there = self.encode(xs, args=args, solver=solver)
        again, back = self.decode(zeroed(zs, there), args=args, solver=solver)
        apart = norms(again.reshape(xs.shape) - xs)
        share = apart / jnp.maximum(norms(xs), jnp.finfo(xs.dtype).tiny)
        return marked(share, there.then(back))
