"""Fields in bfloat16 within a solve of float32: from which tolerance on, how accurate, how fast.

    python -m memory.bfloat16

from scripts/maintain. First the tolerance: NFE, rejected steps and error of the solution of a
trained net at each rtol, in both types, against float64 at 1e-10. Where the error estimate sees
rounding, steps are rejected and the error no longer falls. Then digits trained in both types, three
seeds: accuracy and milliseconds of a step.
"""

import json
import statistics
from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from benchmarks.clock import rounds

import zoo
from zoo.precision import cast_floats

TOLERANCES = (1e-1, 5e-2, 2e-2, 1e-2, 5e-3, 2e-3, 1e-3, 1e-4)
SEEDS = (0, 1, 2)
STEPS = 300
WIDE = {"cpu": (256, 512), "gpu": (16_384, 2048)}
"""Examples and units of a net whose products outweigh all else, by the kind of device."""
KEPT = Path(__file__).with_name("bfloat16.json")


def exact_states(model: zoo.ODENet, xs: np.ndarray) -> np.ndarray:
    """The states at the end, in float64 at 1e-10."""
    with jax.enable_x64(True):
        wide = cast_floats(model.dynamics, "float64")
        solver = zoo.Solver(rtol=1e-10, atol=1e-10, max_steps=4096)
        ys, _ = zoo.solve.solve(wide, jnp.asarray(xs, jnp.float64), solver=solver)
        return np.asarray(ys)


def by_tolerance(model: zoo.ODENet, xs: np.ndarray) -> list[dict[str, float | str]]:
    """NFE, rejected steps and error at each tolerance, in both types."""
    exact = exact_states(model, xs)
    rows: list[dict[str, float | str]] = []
    for name, field in (("float32", model.dynamics), ("bfloat16", rounded(model))):
        for rtol in TOLERANCES:
            solver = zoo.Solver(rtol=jnp.asarray(rtol), atol=jnp.asarray(rtol), max_steps=2048)
            ys, stats = solved(field, xs, solver)
            ok = np.asarray(stats.ok)
            error = np.linalg.norm(np.asarray(ys) - exact, axis=1) / np.linalg.norm(exact, axis=1)
            rows.append(
                {
                    "field": name,
                    "rtol": rtol,
                    "nfe": float(np.mean(stats.nfe)),
                    "rejected": float(np.mean(stats.rejected)),
                    "error": float(np.median(error[ok])),
                    "failed": int((~ok).sum()),
                }
            )
            print(rows[-1], flush=True)
    return rows


@eqx.filter_jit
def solved(
    field: zoo.dynamics.Dynamics, xs: np.ndarray, solver: zoo.Solver
) -> tuple[jax.Array, zoo.Stats]:
    """One compiled solve for all tolerances."""
    ys, stats = zoo.solve.solve(field, xs, solver=solver)
    return jnp.asarray(ys), stats


def rounded(model: zoo.ODENet) -> zoo.dynamics.Dynamics:
    """The field in bfloat16, past the check that this study is for."""
    return zoo.dynamics.Bfloat16Dynamics(model.dynamics)


def trained(field_dtype: str, seed: int, options: dict[str, object]) -> tuple[zoo.ODENet, dict]:
    """A model of the digits, its test accuracy and the milliseconds of a step."""
    data = zoo.load_dataset("digits", seed=seed)
    solver = {"field_dtype": field_dtype, **options}
    config = zoo.model_config(
        "odenet", data, lift=64, dynamics_options={"width": 128}, solver=solver
    )
    model = zoo.create_model(config, key=jax.random.key(seed))
    result = zoo.fit(model, data, steps=STEPS, key=jax.random.key(seed))
    metrics = zoo.evaluate(result.model, data, other_grids=False)
    row = {"seed": seed, "accuracy": metrics["accuracy"], "nfe": metrics["nfe"]}
    return result.model, {**row, "milliseconds": 1e3 / result.history.steps_per_second}


def by_type(options: dict[str, object]) -> list[dict[str, object]]:
    """Accuracy and speed of both types, over the seeds."""
    found = []
    for field_dtype in ("state", "bfloat16"):
        rows = [trained(field_dtype, seed, options)[1] for seed in SEEDS]
        accuracies = [row["accuracy"] for row in rows]
        found.append(
            {
                "field_dtype": field_dtype,
                **options,
                "accuracy": statistics.mean(accuracies),
                "accuracies": accuracies,
                "nfe": statistics.mean(row["nfe"] for row in rows),
                "milliseconds": statistics.median(row["milliseconds"] for row in rows),
            }
        )
        print(found[-1], flush=True)
    return found


def wide() -> list[dict[str, float | str]]:
    """Milliseconds of a training step of a wide net of two hidden layers, by field and precision.

    States of 16 numbers, 8 equal steps of Dopri5; `highest` keeps float32 products as they are,
    where a GPU by default rounds their factors.
    """
    batch, width = WIDE[jax.default_backend()]
    field = zoo.dynamics.MLPDynamics(16, width=width, depth=2, key=jax.random.key(0))
    ys = jax.random.normal(jax.random.key(1), (batch, 16))
    found: list[dict[str, float | str]] = []
    for name, precision in (("state", "highest"), ("state", "default"), ("bfloat16", "default")):
        solver = zoo.Solver(steps=8, batching="joint", field_dtype=name)  # type: ignore[arg-type]

        @eqx.filter_jit
        @eqx.filter_value_and_grad
        def step(field: zoo.dynamics.Dynamics, solver: zoo.Solver = solver) -> jax.Array:
            return jnp.mean(zoo.solve.solve(field, ys, solver=solver)[0] ** 2)

        with jax.default_matmul_precision(precision):
            call = {name: lambda step=step: jax.block_until_ready(step(field))}
            times = rounds(call, 9)[name]
        row = {"field_dtype": name, "precision": precision, "batch": batch, "width": width}
        found.append({**row, "milliseconds": statistics.median(times)})
        print(found[-1], flush=True)
    return found


def main() -> None:
    """Measure all and keep it, under the name of the device."""
    model, _ = trained("state", 0, {"rtol": 1e-2})
    data = zoo.load_dataset("digits", seed=0)
    states = np.asarray(eqx.filter_jit(model.initial_state)(data.test["x"][:128]))
    told = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    told[jax.devices()[0].device_kind] = {
        "command": "python -m memory.bfloat16",
        "by_tolerance": by_tolerance(model, states),
        "wide": wide(),
        "digits": [*by_type({"rtol": 1e-2}), *by_type({"method": "Heun", "steps": 8})],
    }
    KEPT.write_text(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    main()
