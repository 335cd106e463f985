"""What is compared on series, and at which shares of dropped points."""

MODELS = ("neural-cde", "ode-rnn", "gru", "gru-dt")
DROPS = (0.0, 0.3, 0.5, 0.7)
SEEDS = {("vowels", "neural-cde", 0.0): 5, ("vowels", "neural-cde", 0.7): 5}
"""How many seeds a model has, where not one."""
FORECASTS: tuple[tuple[str, float], ...] = tuple(
    (name, 0.0)
    for name in (
        "oscillators-trajectory",
        "lotka-volterra-trajectory",
        "pelts-lotka-volterra",
        "damped-latent-ode",
        "periodic-latent-ode-10",
        "periodic-latent-ode-20",
        "periodic-latent-ode-30",
        "periodic-latent-ode-50",
        "co2-gru-dt",
        "co2-latent-ode",
        "sunspots-ode-rnn",
    )
)
"""Recipes of paths, each with the share of its points that is dropped."""
