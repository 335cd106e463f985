"""Gradients against central differences."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest


def check_gradient(end, inputs, h=1e-5, rel=1e-6):
    """The gradient along two random directions, and by the first two arrays on their own."""
    random = np.random.RandomState(3)
    leaves, structure = jax.tree.flatten(inputs)
    gradient = jax.tree.leaves(end(inputs)[1])
    directions = [[jnp.asarray(random.randn(*x.shape)) for x in leaves] for _ in range(2)]
    for i in (0, 1):
        directions.append([jnp.ones_like(x) * (i == j) for j, x in enumerate(leaves)])
    for direction in directions:
        pairs = list(zip(leaves, direction, strict=True))
        moved = [jax.tree.unflatten(structure, [x + s * d for x, d in pairs]) for s in (h, -h)]
        ahead, behind = [end(each)[0] for each in moved]
        ours = sum(jnp.sum(a * d) for a, d in zip(gradient, direction, strict=True))
        assert float(ours) == pytest.approx(float((ahead - behind) / (2 * h)), rel=rel, abs=1e-9)
