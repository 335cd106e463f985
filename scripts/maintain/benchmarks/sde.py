"""The gradient of equations with noise: by the zoo, by Diffrax, and by a scan written by hand.

python -m benchmarks.sde       from scripts/maintain/; its rows of sde.json, beside `benchmarks.ou`
"""

import json
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import lineax
from jaxtyping import Array

from zoo.dynamics import AbstractBatchDynamics, lift
from zoo.nn.dense import FeedForward
from zoo.solve import solve_sde

from .clock import rounds, spread
from .drive import FOLDER, keep

RESULTS = FOLDER / "sde.json"
STEPS = 64
KEY = jax.random.key(5)
Solve = Callable[[Any, Any, Array, Array], Array]
"""From drift, diffusion, initial states and a key to the states at the end."""


class Net(AbstractBatchDynamics):
    """tanh of a net of (t, y): drift or diffusion of the generator of Diffrax's example of a
    neural SDE; a matrix [d, m] where `motions` is not 0."""

    net: FeedForward
    motions: int = eqx.field(static=True)

    def batch(self, t: Any, ys: Any, args: Any) -> Any:
        """Of a batch."""
        times = jnp.broadcast_to(jnp.asarray(t, ys.dtype).reshape(-1, 1), (len(ys), 1))
        out = jnp.tanh(jax.vmap(self.net)(jnp.concatenate([ys, times], axis=1)))
        return out.reshape(*ys.shape, self.motions) if self.motions else out


class Work(NamedTuple):
    """An equation: how many examples, of which size, with how many motions (0: diagonal)."""

    batch: int
    size: int
    motions: int
    width: int

    def arrays(self) -> tuple[Net, Net, Array]:
        """Drift, diffusion and initial states."""
        keys = jax.random.split(jax.random.key(1), 3)
        out = self.size * (self.motions or 1)
        net = lambda out, key: FeedForward(self.size + 1, out, width=self.width, depth=1, key=key)  # noqa: E731
        y0 = jax.random.normal(keys[2], (self.batch, self.size))
        return Net(net(self.size, keys[0]), 0), Net(net(out, keys[1]), self.motions), y0


WORK = {
    "general": Work(batch=64, size=16, motions=3, width=16),
    "diagonal": Work(batch=256, size=8, motions=0, width=64),
}


def zoo_by(work: Work, calculus: Any) -> Solve:
    """`solve_sde` with the default method of a calculus."""
    noise: Any = "general" if work.motions else "diagonal"
    options = {"noise": noise, "calculus": calculus, "steps": STEPS}
    return lambda drift, diffusion, y0, key: solve_sde(drift, diffusion, y0, key=key, **options)[0]


def diffrax_by(work: Work, method: Any) -> Solve:
    """As its examples do: `vmap` of `diffeqsolve` along a `VirtualBrownianTree`."""
    shape = (work.motions or work.size,)

    def run(drift: Any, diffusion: Any, y0: Array, key: Array) -> Array:
        def g(t: Any, y: Any, args: Any) -> Any:
            out = diffusion(t, y, args)
            return out if work.motions else lineax.DiagonalLinearOperator(out)

        def one(y0: Array, key: Array) -> Array:
            path = diffrax.VirtualBrownianTree(0.0, 1.0, tol=0.5 / STEPS, shape=shape, key=key)
            terms: Any = diffrax.MultiTerm(diffrax.ODETerm(drift), diffrax.ControlTerm(g, path))
            solution = diffrax.diffeqsolve(
                terms,
                method,
                0.0,
                1.0,
                1 / STEPS,
                y0,
                adjoint=diffrax.RecursiveCheckpointAdjoint(),
                max_steps=STEPS + 1,
            )
            assert solution.ys is not None
            return solution.ys[-1]

        return jax.vmap(one)(y0, jax.random.split(key, work.batch))

    return run


def scan_by(work: Work, stratonovich: bool) -> Solve:
    """Written by hand for this one equation: `lax.scan` of a batch, its increments drawn up front.

    Neither does it look at failures nor at times, and its path belongs to one number of steps.
    """
    shape, h = (work.motions or work.size,), 1 / STEPS

    def run(drift: Any, diffusion: Any, y0: Array, key: Array) -> Array:
        f, g = lift(drift), lift(diffusion)
        keys = jax.random.split(key, work.batch)
        dw = jax.vmap(lambda key: jax.random.normal(key, (STEPS, *shape)))(keys) * jnp.sqrt(h)

        def change(t: Any, y: Array, noise: Array) -> Array:
            out = g(t, y, None)
            driven = jnp.einsum("bim,bm->bi", out, noise) if work.motions else out * noise
            return f(t, y, None) * h + driven

        def step(y: Array, now: Any) -> Any:
            t, noise = now
            first = change(t, y, noise)
            if not stratonovich:
                return y + first, None
            return y + 0.5 * (first + change(t + h, y + first, noise)), None

        times = jnp.arange(STEPS) * h
        return jax.lax.scan(jax.checkpoint(step), y0, (times, jnp.moveaxis(dw, 1, 0)))[0]

    return run


def competitors(work: Work) -> dict[str, Solve]:
    """What solves an equation."""
    return {
        "zoo, Euler-Maruyama": zoo_by(work, "ito"),
        "scan, Euler-Maruyama": scan_by(work, False),
        "Diffrax, Euler": diffrax_by(work, diffrax.Euler()),
        "zoo, Heun": zoo_by(work, "stratonovich"),
        "scan, Heun": scan_by(work, True),
        "Diffrax, Heun": diffrax_by(work, diffrax.Heun()),
    }


RATIOS = (
    ("Diffrax, Euler", "zoo, Euler-Maruyama"),
    ("Diffrax, Heun", "zoo, Heun"),
    ("zoo, Euler-Maruyama", "scan, Euler-Maruyama"),
    ("zoo, Heun", "scan, Heun"),
)


def measured(work: Work, count: int) -> dict[str, Any]:
    """Milliseconds and seconds of compiling of each, and ratios within the rounds."""
    *fields, y0 = work.arrays()
    calls, compiled = {}, {}
    for name, solve in competitors(work).items():

        def mean_square(fields: Any, key: Array, solve: Solve = solve) -> Array:
            return jnp.mean(solve(*fields, y0, key) ** 2)

        step = eqx.filter_jit(eqx.filter_value_and_grad(mean_square))
        began = time.perf_counter()
        jax.block_until_ready(step(tuple(fields), KEY))
        compiled[name] = time.perf_counter() - began
        calls[name] = lambda step=step: jax.block_until_ready(step(tuple(fields), KEY))
    times = rounds(calls, count)
    of_pair = lambda a, b: [x / y for x, y in zip(times[a], times[b], strict=True)]  # noqa: E731
    return {
        "milliseconds": {name: list(spread(values)) for name, values in times.items()},
        "least": {name: min(values) for name, values in times.items()},
        "compiling": compiled,
        "ratio": {f"{a} / {b}": list(spread(of_pair(a, b))) for a, b in RATIOS},
    }


if __name__ == "__main__":
    found = {name: measured(work, 15) for name, work in WORK.items()}
    keep(RESULTS, {**json.loads(RESULTS.read_text()), **found})
    for name, row in found.items():
        for kind, values in row.items():
            print(name, kind, values, flush=True)
