"""How straight the paths of flow matching are, by how data and base are paired."""

import time

import jax
import optax
from json_lines import Row

import zoo
from zoo.evaluation.straightness import straightness

SOURCES = {"normal": "normal", "moons": "moons"}
BLOCKS = (0, 16, 64, 128)
"""Examples that are paired by optimal transport; 0 for the independent coupling."""
CASES = tuple(f"{source}: {block}" for source in SOURCES for block in BLOCKS)
STEPS, BATCH, RATE = 2000, 256, 1e-3
_NET = {"width": 64, "depth": 3, "activation": "selu"}


def measure(case: str, seed: int) -> Row:
    """The normalised path energy to eight Gaussians, as Tong et al. 2024 train: 3×64 SELU, sigma
    0.1 and AdamW at 1e-3."""
    source, block = case.split(": ")
    data = zoo.load_dataset("eightgaussians", n=10_000, seed=seed)
    options = {"coupling": "optimal_transport", "coupling_options": {"block": int(block)}}
    model = zoo.create_model(
        "flow_matching",
        data,
        task="density",
        key=jax.random.key(seed),
        dynamics="mlp",
        dynamics_options=_NET,
        path_options={"sigma": 0.1},
        source=SOURCES[source],
        **(options if int(block) else {}),
    )
    used = time.process_time()
    fitted = zoo.fit(
        model,
        data,
        task="density",
        steps=STEPS,
        batch_size=BATCH,
        optimiser=optax.adamw(RATE),
        eval_every=STEPS,
        key=jax.random.key(seed),
    )
    spent = time.process_time() - used
    tight = zoo.Solver(rtol=1e-4, atol=1e-4)
    found = straightness(
        fitted.model, data.test["x"], key=jax.random.key(seed), n=1024, solver=tight
    )
    return {**found._asdict(), "processor": round(spent, 2)}
