"""A generator against a critic: two players, two optimiser states, an update of its own."""

from collections.abc import Mapping
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import optax

import zoo
from zoo.nn.dense import FeedForward
from zoo.objectives.losses import weighted_mean
from zoo.train import AbstractUpdate, report_of


def critic_loss(critic, real, fake, weight):
    """Hinge loss of the critic."""
    return weighted_mean(
        jax.nn.relu(1 - critic(real)[:, 0]) + jax.nn.relu(1 + critic(fake)[:, 0]), weight
    )


def weights(player):
    """What the optimiser changes of a player."""
    return eqx.filter(player, eqx.is_inexact_array)


class AdversarialUpdate(AbstractUpdate):
    """One step of the critic, then one of the generator."""

    def loss(self, model, batch, *, key, step, solver):
        """Distance of the two batches' means, the same for each example."""
        fake, stats = model.forward(batch["z"])
        distance = jnp.abs(fake.mean(axis=0) - batch["x"].mean(axis=0)).sum()
        return jnp.full(len(fake), distance), zoo.Aux(stats)

    def init(self, model, optimiser):
        return tuple(optimiser.init(weights(each)) for each in (model.generator, model.critic))

    def __call__(self, model, state, optimiser, batch, weight, *, key, step, solver):
        generator, critic = model.generator, model.critic
        z = jax.random.normal(key, batch["z"].shape)
        fake = generator(z)
        c_loss, grads = eqx.filter_value_and_grad(critic_loss)(critic, batch["x"], fake, weight)
        updates, critic_state = optimiser.update(grads, state[1], weights(critic))
        critic = eqx.apply_updates(critic, updates)
        g_loss, grads = eqx.filter_value_and_grad(
            lambda g: -weighted_mean(critic(g(z))[:, 0], weight)
        )(generator)
        updates, generator_state = optimiser.update(grads, state[0], weights(generator))
        generator = eqx.apply_updates(generator, updates)
        finite = jnp.isfinite(c_loss) & jnp.isfinite(optax.tree.norm(grads))
        stats = zoo.Stats.discrete(len(z), 1)
        report = report_of(stats, g_loss, {"critic": jnp.full(len(z), c_loss)}, weight, finite)
        return Adversaries(generator, critic), (generator_state, critic_state), report


class Adversaries(zoo.AbstractModel):
    objectives: ClassVar[Mapping[str, Any]] = {"generation": AdversarialUpdate()}

    generator: FeedForward
    critic: FeedForward

    def forward(self, xs, *, args=None, solver=None, key=None):
        """What the generator makes of noise."""
        return self.generator(xs), zoo.Stats.discrete(len(xs), 1)
