"""Whether the densities of points in the plane hold a probability of 1, and what tolerances do."""

import jax
import optax
from json_lines import Row

import zoo

CASES = ("moons", "spirals2d", "rings", "eightgaussians", "checkerboard", "pinwheel")
STEPS = 1500


def measure(case: str, seed: int) -> Row:
    """A flow by matching, of few steps, read at 1e-3 and at 1e-5, and its integral."""
    data = zoo.load_dataset(case, n=5000, seed=seed)
    joint = {"batching": "joint", "rtol": 1e-3, "atol": 1e-3}
    key = jax.random.key(seed)
    model = zoo.create_model("flow_matching", data, task="density", solver=joint, key=key)
    adam = optax.adam(optax.cosine_decay_schedule(1e-2, STEPS))
    fitted = zoo.fit(
        model,
        data,
        task="density",
        steps=STEPS,
        batch_size=256,
        optimiser=adam,
        eval_every=STEPS,
        key=key,
    ).model
    told = zoo.evaluate(fitted, data, task="density", other_grids=False)
    kept = ("nll", "gaussian_nll", "true_nll", "nfe", "nll_tight", "nfe_tight", "integral")
    return {name: told[name] for name in kept if name in told}
