"""Series made up from equations, solved exactly or to nine digits, one file a data set."""

from . import (
    archimedean_spirals,
    damped_oscillators,
    driven_pendulum,
    lorenz,
    lotka_volterra,
    nonlinear_oscillators,
    periodic,
    spirals,
)

__all__ = [
    "archimedean_spirals",
    "damped_oscillators",
    "driven_pendulum",
    "lorenz",
    "lotka_volterra",
    "nonlinear_oscillators",
    "periodic",
    "spirals",
]
