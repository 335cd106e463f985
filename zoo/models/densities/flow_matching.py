"""Flow matching: a density whose ODE is learned from velocities between data and base."""

import math
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from ...dynamics import Dynamics, LabelledDynamics, OfClass, lift
from ...errors import ConfigError
from ...nn.frozen import Frozen
from ...objectives.by_task import Objectives
from ...objectives.matching import FLOW_MATCHING
from ...objectives.parameters import float_type
from ...regularisers import keys_of_examples
from ...solve import Solver
from ...types import AnyArray, Keys
from .base import AbstractDensity
from .couplings import AbstractCoupling, Independent
from .dequantise import dequantised
from .paths import AbstractPath, Linear
from .stochastic import StochasticFlow
from .trace import Trace


class FlowMatching(AbstractDensity):
    """A flow that is trained without a solve, on the velocities of paths from data to the base.

    Lipman et al. 2023, "Flow Matching for Generative Modeling"; Liu et al. 2023, "Flow Straight and
    Fast"; Albergo and Vanden-Eijnden 2023; Tong et al. 2024. As everywhere among the zoo's
    densities data are at t0 and the base at t1: the field learns d/dt of that direction, and
    `sample` solves backwards. It is the density of a `CNF` with the same field, and `log_prob`,
    which evaluation reports, is comparable.

    Args:
        dynamics: the vector field; `LabelledDynamics` for a model that is told classes.
        event_shape: the shape of an example.
        state_shape: that of the state, where it is another one: images that are flattened.
        path: of each pair of an example and a point of the base.
        coupling: which point of the base goes with which example.
        source: draws a point of the base from a key; standard normal where not given. Then no
            `log_prob` is known.
        drop: the share of examples whose class is not told in training, so that the field without
            a class is learned too.
        solver: what it does not give takes its defaults.
        trace: how divergences are taken.
        quanta: the spacing of an input's levels, 0 where it is continuous.

    Raises `ConfigError` for a solver that cannot work.
    """

    objectives: ClassVar[Objectives] = {"density": FLOW_MATCHING}

    blocks: tuple[Dynamics, ...]
    path: AbstractPath
    coupling: AbstractCoupling
    source: Frozen | None
    solver: Solver
    trace: Trace
    drop: float = eqx.field(static=True)
    event_shape: tuple[int, ...] = eqx.field(static=True)
    state_shape: tuple[int, ...] = eqx.field(static=True)
    quanta: tuple[float, ...] = eqx.field(static=True)

    def __init__(
        self,
        dynamics: Dynamics,
        event_shape: tuple[int, ...],
        *,
        state_shape: tuple[int, ...] | None = None,
        path: AbstractPath | None = None,
        coupling: AbstractCoupling | None = None,
        source: Frozen | None = None,
        drop: float = 0.1,
        solver: Solver | None = None,
        trace: Trace | None = None,
        quanta: tuple[float, ...] = (),
    ) -> None:
        self.blocks = (dynamics,)
        self.path = Linear() if path is None else path
        self.coupling = Independent() if coupling is None else coupling
        self.source = source
        self.solver = (Solver() if solver is None else solver).concrete()
        self.solver.resolve()
        self.trace = Trace() if trace is None else trace
        self.drop = drop
        self.event_shape = tuple(event_shape)
        self.state_shape = self.event_shape if state_shape is None else tuple(state_shape)
        self.quanta = tuple(quanta)

    @property
    def has_likelihood(self) -> bool:
        """Whether `log_prob` is known: the base is standard normal."""
        return self.source is None

    @property
    def classes(self) -> int:
        """How many classes the field is told; 0 where it is told none, or always the same."""
        field = self.dynamics
        return field.classes if isinstance(field, LabelledDynamics) else 0

    def velocity_errors(
        self,
        xs: AnyArray,
        *,
        key: PRNGKeyArray | Keys,
        labels: Int[AnyArray, " B"] | None = None,
        real: Bool[Array, " B"] | None = None,
        solver: Solver | None = None,
    ) -> Float[Array, " B"]:
        """(v - dx_s/ds)² of each example, a mean over its numbers, at a point of its path.

        Times are scaled to an interval of length 1, whatever the solver's is.

        Args:
            xs: inputs [B, *event_shape].
            key: what time, noise and the point of the base are drawn from: one, or one for each
                example, [B].
            labels: classes [B] of a model that is told them; each is dropped with a probability.
            real: which examples count; see `AbstractCoupling.pairs`.
            solver: whose interval it is, laid over the model's own.
        """
        given = self.initial_state(xs)
        count, dtype = len(given), given.dtype
        keys = keys_of_examples(key, count)
        time, base, noise, level, drop = jax.vmap(lambda k: jax.random.split(k, 5), out_axes=1)(
            keys
        )
        states = dequantised(given, self.quanta, level)
        real = jnp.ones(count, bool) if real is None else real
        zs = self.coupling.pairs(states, self.base_draws(base), real)
        s = jax.vmap(lambda k: jax.random.uniform(k, (), dtype))(time)
        normal = jax.vmap(lambda k: jax.random.normal(k, self.state_shape, dtype))(noise)
        points, rates = jax.vmap(self.path.between)(s, states, zs, normal)
        told = self._dropped(labels, drop)
        errors = self.rate(s, points, told, solver) - rates
        return jnp.mean(errors.reshape(count, -1) ** 2, axis=1)

    def rate(
        self,
        s: Float[Array, ""] | Float[Array, " B"],
        states: Float[Array, "B ..."],
        args: Int[AnyArray, " B"] | None = None,
        solver: Solver | None = None,
    ) -> Float[Array, "B ..."]:
        """dx/ds of states by the field, s from 0 (data) to 1 (base)."""
        solved = self.effective(solver).resolve()
        assert solved.t0 is not None and solved.t1 is not None, "a resolved solver"
        span = jnp.asarray(solved.t1 - solved.t0, states.dtype)
        t = jnp.asarray(solved.t0, states.dtype) + span * s
        slopes: Float[Array, "B ..."] = lift(self.dynamics)(t, states, args)
        return span * slopes

    def _dropped(self, labels: Int[AnyArray, " B"] | None, keys: Keys) -> Int[Array, " B"] | None:
        """The labels, that for no class in the place of a share of them."""
        if labels is None or not self.classes:
            return None
        drawn = jax.vmap(jax.random.uniform)(keys)
        return jnp.where(drawn < self.drop, self.classes, jnp.asarray(labels))

    def base_draws(self, key: Keys) -> Float[Array, "n ..."]:
        """Points of the base [n, *state_shape], one for each of the keys."""
        if self.source is None:
            return super().base_draws(key)
        return jax.vmap(self.source)(key).astype(float_type(self) or float)

    def base_log_prob(self, zs: Float[Array, "B ..."]) -> Float[Array, " B"]:
        """log N(z; 0, 1) of each example. Raises `ConfigError` where the base is a data set."""
        if self.source is not None:
            raise ConfigError(
                "log p(x) is not known of a flow whose source is a data set, of which there are "
                "rows and no density: expected source = 'normal'. sample, encode and decode work."
            )
        return super().base_log_prob(zs)

    def of_class(self, label: int, guidance: float = 1.0) -> AbstractDensity:
        """The density of one class, as the field has learned it.

        Args:
            label: the class's index, 0 to classes - 1.
            guidance: above 1 examples are driven further to what tells the class from others, see
                `zoo.dynamics.OfClass`.

        Raises `ConfigError` for a model that was told no classes, another label, or a guidance that
        is not finite.
        """
        field = self.dynamics
        if not isinstance(field, LabelledDynamics):
            return super().of_class(label, guidance)
        if not 0 <= label < field.classes:
            raise ConfigError(
                f"label = {label}: expected a class's index, 0 to {field.classes - 1}."
            )
        dtype = float_type(self) or np.float32
        if isinstance(guidance, int | float) and not math.isfinite(guidance):
            raise ConfigError(f"guidance = {guidance}: expected a finite number, 1 for none.")
        plain = isinstance(guidance, int | float) and guidance == 1
        weight = None if plain else jnp.asarray(guidance, dtype)
        one = OfClass(field, jnp.asarray(label, jnp.int32), weight)
        return eqx.tree_at(_blocks, self, (one,))

    def stochastic(self, steps: int = 100) -> AbstractDensity:
        """The same density, whose `sample` solves an SDE of the same marginals in equal steps.

        Raises `ConfigError` where the score does not follow from the velocity: for a source that is
        a data set, and for a coupling that is not independent.
        """
        if self.source is not None or not self.coupling.independent:
            why = (
                "its source is a data set"
                if self.source is not None
                else (f"the coupling {type(self.coupling).__name__} pairs data and base")
            )
            raise ConfigError(
                f"The SDE needs the score, which does not follow from the velocity where {why}: "
                "expected source = 'normal' and coupling = 'independent'."
            )
        return StochasticFlow(self, self.path, steps)


def _blocks(model: FlowMatching) -> tuple[Dynamics, ...]:
    return model.blocks
