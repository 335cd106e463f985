"""A law that is known, plus a net for what is missing: universal differential equations."""

from collections.abc import Mapping
from typing import Annotated

import jax
import jax.numpy as jnp
from jaxtyping import PRNGKeyArray, PyTree

from ..errors import ConfigError
from ..nn.dense import Activation, InitScale, activation_by_name
from ..nn.frozen import frozen
from ..registry import DYNAMICS, register_dynamics
from ..schema import Depth, Selects, Size
from ..types import Args, State
from .base import AbstractBatchDynamics, Dynamics, Time, lift
from .by_name import dynamics_by_name
from .mlp import MLPDynamics


class HybridDynamics(AbstractBatchDynamics):
    """dy/dt = known(t, y, args) + net(t, y, args).

    Rackauckas et al. 2020, "Universal Differential Equations for Scientific Machine Learning".

        def known(t, y, args):
            return jnp.array([2 / 3 * y[0], -y[1]])

        dynamics = HybridDynamics(known, MLPDynamics(2, time=False, init_scale=0.1, key=key))

    Numbers within `known` are trained where they are arrays of a module; `zoo.frozen(known)` holds
    them. A net can make up for a wrong number in what is known and fit as well: what a parameter
    beside a net is worth must be judged by other seeds and data, not with the net held fixed. By
    how much it does on predators and prey is told by the recipe `lotka-volterra-hybrid`.
    `evaluate` tells the net's share of the motion, see `zoo.evaluation.laws`.

    Args:
        known: any `f(t, y, args) -> dy/dt` on one example.
        net: another one, which is learned.
    """

    known: Dynamics
    net: Dynamics

    def batch(self, t: Time, ys: State, args: Args) -> State:
        """The derivatives of a batch of states."""
        known, missing = lift(self.known)(t, ys, args), lift(self.net)(t, ys, args)
        return jax.tree.map(jnp.add, known, missing)


def without_net(dynamics: Dynamics) -> Dynamics | None:
    """Dynamics in which every `HybridDynamics`, also within others, is what is known alone.

    None where there are no such.
    """
    nodes = jax.tree.leaves(dynamics, is_leaf=_is_hybrid)
    if not any(map(_is_hybrid, nodes)):
        return None

    def known(node: PyTree) -> PyTree:
        return node.known if isinstance(node, HybridDynamics) else node

    found: Dynamics = jax.tree.map(known, dynamics, is_leaf=_is_hybrid)
    return found


def _is_hybrid(node: object) -> bool:
    return isinstance(node, HybridDynamics)


@register_dynamics("hybrid")
def hybrid_dynamics(
    size: int,
    *,
    known: Annotated[str | None, Selects(DYNAMICS)] = None,
    known_options: Mapping[str, object] | None = None,
    learn_known: bool = False,
    width: Size = 32,
    depth: Depth = 2,
    activation: Activation = "tanh",
    time: bool = False,
    init_scale: InitScale = 0.1,
    key: PRNGKeyArray,
) -> HybridDynamics:
    """A law that is known, chosen by name, plus a dense net for what it leaves out.

    Raises `ConfigError` where no law is named.

    Args:
        size: length of the state
        known: name of the vector field that is known
        known_options: its options
        learn_known: whether its numbers are trained too; else they stay as they are given
        width: units of a hidden layer of the net
        depth: number of its hidden layers
        activation: after each hidden layer
        time: whether the net sees t beside the state
        init_scale: factor on the net's initial output
        key: random key of the initial weights
    """
    if known is None:
        raise ConfigError(
            "The dynamics 'hybrid' add a net to a law that is known, and none is named: expected "
            "known (--model.dynamics.known growth), one of zoo.list_dynamics() or a field of your "
            "own, module:builder."
        )
    known_key, net_key = jax.random.split(key)
    law = dynamics_by_name(known, (size,), known_options, key=known_key)
    net = MLPDynamics(
        size,
        width=width,
        depth=depth,
        activation=activation_by_name(activation),
        time=time,
        init_scale=init_scale,
        key=net_key,
    )
    return HybridDynamics(law if learn_known else frozen(law), net)
