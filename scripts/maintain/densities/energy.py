"""How straight the paths of flow matching are, by how data and base are paired."""

import time

import jax
import jax.numpy as jnp
import numpy as np
import optax
from json_lines import Row

import zoo
from zoo.datasets.densities.eight_gaussians import RADIUS
from zoo.dynamics import dynamics_by_name
from zoo.evaluation.straightness import straightness
from zoo.models.densities import FlowMatching
from zoo.models.densities.couplings import AbstractCoupling, Independent, OptimalTransport
from zoo.models.densities.paths import Linear
from zoo.models.densities.source import SourceRows

SOURCES = ("normal", "moons")
BLOCKS = (0, 64, 128)
"""Examples that are paired by optimal transport; 0 for the independent coupling."""
CASES = tuple(f"{source}: {block}" for source in SOURCES for block in BLOCKS)
ROWS, STEPS, BATCH, RATE = 20_000, 4000, 512, 1e-3
_NET = {"width": 64, "depth": 3, "activation": "selu"}
_RADIUS, _STD = 5.0, 0.1**0.25
"""Of the eight Gaussians in the source's code, which takes the root of a variance of 0.1 for a
variance. Data are left in these units: in others a normal distribution is as wide as the circle,
the least energy is small, and the ratio another one."""


def measure(case: str, seed: int) -> Row:
    """The normalised path energy to eight Gaussians, as Tong et al. 2024 train: 3×64 SELU, sigma
    0.1 and AdamW at 1e-3."""
    source, block = case.split(": ")
    data, key = _eight_gaussians(seed), jax.random.key(seed)
    coupling: AbstractCoupling = OptimalTransport(int(block)) if int(block) else Independent()
    model = FlowMatching(
        dynamics_by_name("mlp", (2,), _NET, key=key),
        (2,),
        path=Linear(sigma=0.1),
        coupling=coupling,
        source=None if source == "normal" else zoo.frozen(SourceRows(jnp.asarray(_moons(seed)))),
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


def _eight_gaussians(seed: int) -> zoo.Dataset:
    """On a circle of radius 5, not standardised."""
    scale = _RADIUS / RADIUS
    rows = _rows("eightgaussians", seed, std=_STD / scale)
    return zoo.make_dataset(
        zoo.RawData({"x": scale * rows}, ("density",)), seed=seed, standardise=False
    )


def _moons(seed: int) -> np.ndarray:
    """Half circles as the source scales them, three times and one to the left and down."""
    return np.asarray(3 * _rows("moons", seed, noise=0.2) - 1, np.float32)


def _rows(name: str, seed: int, **options: float) -> np.ndarray:
    """The points of a data set in its own units, [ROWS, 2]."""
    made = zoo.load_dataset(name, n=ROWS, seed=seed, split="all", standardise=False, **options)
    return np.asarray(made.train["x"], np.float64)
