"""What is compared on series, and at which shares of dropped points."""

MODELS = ("neural-cde", "ode-rnn", "gru", "gru-dt")
DROPS = (0.0, 0.3, 0.5, 0.7)
SEEDS = {("vowels", "neural-cde", 0.0): 5, ("vowels", "neural-cde", 0.7): 5}
"""How many seeds a model has, where not one."""
PATHS = (
    "oscillators-trajectory",
    "lotka-volterra-trajectory",
    "pelts-lotka-volterra",
    "damped-latent-ode",
    "periodic-latent-ode-10",
    "periodic-latent-ode-20",
    "periodic-latent-ode-30",
    "periodic-latent-ode-50",
    "spirals-latent-ode-30",
    "spirals-latent-ode-50",
    "spirals-latent-ode-100",
    "spirals-gru-30",
    "co2-gru-dt",
    "co2-latent-ode",
    "sunspots-gru-dt",
    "sunspots-ode-rnn",
)
"""Recipes of paths, which the ledger runs."""
