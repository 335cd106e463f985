"""A latent ODE on irregular, masked series of unequal lengths (Rubanova et al. 2019)."""

from collections.abc import Mapping
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

import zoo
from zoo.dynamics import MLPDynamics
from zoo.nn.dense import Affine, FeedForward
from zoo.solve import solve


def elbo(model, batch, *, key, step, solver):
    """Negative evidence lower bound of each series: masked Gaussian error and KL divergence."""
    mean, log_var = model.encode(batch["x"], batch["t"], batch["mask"])
    noise = 0.0 if key is None else jax.random.normal(key, mean.shape)
    z0 = mean + noise * jnp.exp(0.5 * log_var)
    states, stats = solve(model.dynamics, z0, solver=solver.over(model.solver), ts=batch["t"])
    squares = jnp.sum((model.decoder(states) - batch["x"]) ** 2, axis=-1)
    squares = jnp.where(batch["mask"], squares, 0.0)
    error = squares.sum(axis=1) / batch["mask"].sum(axis=1)
    kl = 0.5 * jnp.sum(mean**2 + jnp.exp(log_var) - 1 - log_var, axis=-1)
    return error / (2 * 0.1**2) + kl, zoo.Aux(stats, {"mse": error})


class LatentODE(zoo.AbstractModel):
    objectives: ClassVar[Mapping[str, Any]] = {"reconstruction": elbo}

    encoder: FeedForward
    dynamics: MLPDynamics
    decoder: Affine
    solver: zoo.Solver

    def __init__(self, channels: int, latent: int, *, key):
        encoder_key, dynamics_key, decoder_key = jax.random.split(key, 3)
        self.encoder = FeedForward(channels + 1, 2 * latent, width=16, depth=1, key=encoder_key)
        self.dynamics = MLPDynamics(latent, width=16, depth=1, time=False, key=dynamics_key)
        self.decoder = Affine(latent, channels, key=decoder_key)
        self.solver = zoo.Solver(rtol=1e-2)

    def encode(self, xs, ts, mask):
        """Mean and log-variance of z0 from a masked mean over what was observed."""
        observed = jnp.where(mask[..., None], xs, 0.0)
        features = self.encoder(jnp.concatenate([observed, ts[..., None]], axis=-1))
        total = jnp.sum(features * mask[..., None], axis=1)
        return jnp.split(total / mask.sum(axis=1)[:, None], 2, axis=-1)

    def forward(self, xs, *, args=None, solver=None, key=None):
        """Series of an initial latent state: `xs` is z0, [B, latent]; the end is decoded."""
        given = self.solver if solver is None else solver.over(self.solver)
        ys, stats = solve(self.dynamics, xs, args=args, solver=given)
        return self.decoder(ys), stats


def series(n: int = 64, length: int = 8) -> zoo.Dataset:
    """Cosines of random phase at random times; half are shorter, their last time repeated."""
    rng = np.random.default_rng(0)
    lengths = rng.integers(length // 2, length + 1, n)
    t = np.sort(rng.uniform(0.0, 2.0, (n, length)), axis=1)
    mask = np.arange(length) < lengths[:, None]
    t = np.where(mask, t, np.take_along_axis(t, lengths[:, None] - 1, axis=1))
    x = np.where(mask, np.cos(2 * t + rng.uniform(0, 1, (n, 1))), 0.0)[..., None]
    raw = zoo.RawData({"x": x, "t": t, "mask": mask}, ("reconstruction",))
    return zoo.make_dataset(raw, standardise=False)
