"""The same workloads on a GPU, and the page's table of them.

python -m benchmarks.accelerator       from scripts/maintain/, where JAX sees a GPU; writes gpu.json
"""

import json
import tempfile
from pathlib import Path

import jax

from .clock import spread
from .drive import FOLDER, keep
from .goals import FLOORS, floor
from .run_jax import measure

RESULTS = FOLDER / "gpu.json"
MEASURED = ("a", "b", "c", "digits")


def section() -> list[str]:
    """The lines of the table: ratios to the floor, a row a workload and kind."""
    told = json.loads(RESULTS.read_text())
    device = next(iter(told.values()))["device"]
    version = next(iter(told.values()))["versions"]["jax"]
    names = [n for n in told["digits"]["rows"]["train"] if n not in FLOORS]
    lines = [
        "## On a GPU",
        "",
        f"{device}, float32 with JAX's default precision of matrix products, jax {version}:",
        "multiples of the floor on the same device, medians of 15 rounds. At these sizes it waits",
        "for its kernels to be launched. Made by `python -m benchmarks.accelerator`.",
        "",
        f"| workload | | floor, ms | {' | '.join(names)} |",
        "|---" * (len(names) + 3) + "|",
    ]
    for workload, result in told.items():
        for kind, rows in result["rows"].items():
            least = spread(floor(rows))[0]
            ratios = [f"{spread(rows[n]['ms'])[0] / least:.2f}" if n in rows else "" for n in names]
            words = "training step" if kind == "train" else "inference"
            lines.append(f"| {workload} | {words} | {least:.2f} | {' | '.join(ratios)} |")
    return [*lines, ""]


def main() -> None:
    found = {}
    for name in MEASURED:
        with tempfile.TemporaryDirectory() as folder:
            result = measure(name, 15, str(Path(folder) / "gradient.npy"))
        found[name] = result | {"device": jax.devices()[0].device_kind}
        keep(RESULTS, found)


if __name__ == "__main__":
    main()
