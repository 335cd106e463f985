"""Series made up from equations, solved exactly or to nine digits, one file a data set."""

from . import (
    archimedean_spirals,
    damped_oscillators,
    double_well,
    driven_pendulum,
    geometric_brownian,
    lorenz,
    lotka_volterra,
    nonlinear_oscillators,
    ornstein_uhlenbeck,
    periodic,
    spirals,
)

__all__ = [
    "archimedean_spirals",
    "damped_oscillators",
    "double_well",
    "driven_pendulum",
    "geometric_brownian",
    "lorenz",
    "lotka_volterra",
    "nonlinear_oscillators",
    "ornstein_uhlenbeck",
    "periodic",
    "spirals",
]
