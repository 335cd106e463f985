"""Laws of random paths: a latent SDE, a neural SDE and an SDE-GAN on paths of known law."""

from ..registry import register_recipe
from .base import Recipe

NETS = {
    "drift_options": {"width": 32, "depth": 1, "time": False},
    "diffusion_options": {"width": 16, "depth": 1, "time": False},
}


@register_recipe("ou-latent-sde")
def ou_latent_sde() -> Recipe:
    """A latent SDE on Ornstein-Uhlenbeck paths, whose mean, deviation and covariance are known.

    Li et al. 2020, "Scalable Gradients for Stochastic Differential Equations"; the posterior's
    steps are narrower than the prior's, against a prior whose noise collapses. No weight is drawn
    to zero, which would make the noise smaller too.
    """
    return Recipe(
        model="latent_sde",
        dataset="ornstein_uhlenbeck",
        model_options={
            **NETS,
            "width": 32,
            "blur": 0.6,
            "draws": 2,
            "narrowed": True,
            "substeps": 1,
        },
        training={
            "steps": 4000,
            "batch_size": 64,
            "optimiser": "adam",
            "lr": 7e-3,
            "schedule": "cosine",
            "keep_best": False,
        },
        seeds=3,
        metric="signature_mmd",
    )


@register_recipe("ou-neural-sde")
def ou_neural_sde() -> Recipe:
    """A neural SDE on Ornstein-Uhlenbeck paths, by the moments of a batch of draws and of data."""
    return Recipe(
        model="neural_sde",
        dataset="ornstein_uhlenbeck",
        model_options={**NETS, "distance": "moments"},
        training={
            "steps": 4000,
            "batch_size": 128,
            "optimiser": "adam",
            "lr": 1e-2,
            "schedule": "cosine",
            "keep_best": False,
        },
        seeds=1,
        metric="signature_mmd",
    )


@register_recipe("ou-sde-gan")
def ou_sde_gan() -> Recipe:
    """An SDE-GAN on 8,192 Ornstein-Uhlenbeck paths of 64 times, of which none is dropped.

    Kidger et al. 2021, "Efficient and Accurate Gradients for Neural SDEs", report no distance on
    this law; of their paths, as many and as long, 30 % of the times are dropped. The critic is told
    the quadratic variation and learns slower than the generator.
    """
    return Recipe(
        model="sde_gan",
        dataset="ornstein_uhlenbeck",
        dataset_options={"n": 8192, "length": 64},
        model_options={**NETS, "variation": True, "critic_pace": 0.7},
        training={
            "steps": 7500,
            "batch_size": 64,
            "optimiser": "adam",
            "lr": 5e-3,
            "schedule": "cosine",
            "ema": 0.9995,
            "keep_best": False,
        },
        seeds=1,
        metric="signature_mmd",
    )
