"""Flows: what they are made of and given."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np

import zoo
from zoo.models.densities import CNF, Trace
from zoo.objectives.likelihood import negative_log_likelihood

from .given import KEY, decay, model

FLOW = CNF((decay,), (2,))

CASES = {
    "A flow without a field": lambda: CNF((), (2,)),
    "A flow of a field that is in no tuple": lambda: CNF(decay, (2,)),
    "A trace without probes": lambda: Trace(probes=0),
    "A flow that lost its fields": lambda: eqx.tree_at(lambda m: m.blocks, FLOW, ()).encode(
        jnp.ones((4, 2))
    ),
    "Inputs of another shape for a flow": lambda: FLOW.log_prob(np.ones((4, 3))),
    "Inputs for draws from a flow": lambda: zoo.sample(FLOW, np.ones((4, 2)), 3, key=KEY),
    "The likelihood of a model without a density": lambda: negative_log_likelihood(
        model(), {"x": np.ones((4, 2))}, key=None, step=jnp.zeros(()), solver=None
    ),
}
