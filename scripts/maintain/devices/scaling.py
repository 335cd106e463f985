"""How a training step scales with devices: measured on virtual ones, modelled for many.

    python -m devices.scaling

from scripts/maintain; writes scaling.json and scaling.png. Virtual devices share this machine's
cores, so that no number of them computes faster than the cores do: what is seen is that dividing a
batch costs little, and what a device says to the others. The model of weak scaling, 32 examples a
device, takes the measured time of a share on one core and the measured bytes, and assumes a link:

    t(D) = t_share · E[longest solve among D shares] / E[longest solve of a share] + t_reduce(D)
    t_reduce(D) = 2 (D - 1) / D · bytes / BANDWIDTH + 2 log2(D) · LATENCY

A device waits for the longest solve of all only once a step, at the sum of the gradients.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

HERE = Path(__file__).parent
COUNTS, BATCH, SHARE = (1, 2, 4, 8), 256, 32
MANY = [2**power for power in range(11)]
BANDWIDTH, LATENCY = 10e9, 10e-6
"""Bytes a second and seconds: assumed of a network of 100 Gbit/s, and not measured."""


def measured(devices: int, batch: int) -> dict:
    """What `devices.step` tells."""
    flags = f"--xla_force_host_platform_device_count={devices}"
    done = subprocess.run(
        [sys.executable, "-m", "devices.step", str(batch)],
        cwd=HERE.parent,
        env={**os.environ, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def modelled(share: float, bytes_: int, longest: list[int]) -> list[dict[str, float]]:
    """Milliseconds of a step of 32 examples on each of many devices."""
    drawn = np.random.default_rng(0).choice(np.array(longest, float), (400, max(MANY)))
    slowest = np.maximum.accumulate(drawn, axis=1).mean(axis=0) / np.mean(longest)
    rows = []
    for count in MANY:
        reduce = 2 * (count - 1) / count * bytes_ / BANDWIDTH + 2 * np.log2(count) * LATENCY
        total = share * slowest[count - 1] + 1000 * reduce
        row = {"devices": count, "solve": share * slowest[count - 1], "reduce": 1000 * reduce}
        rows.append({**row, "milliseconds": total, "efficiency": share / total})
    return rows


def draw(told: dict) -> None:
    """The figure: measured steps, and the modelled efficiency."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    rows = told["measured"]
    left.plot([r["devices"] for r in rows], [r["milliseconds"] for r in rows], "o-")
    left.set(xscale="log", xticks=COUNTS, xticklabels=COUNTS, ylim=(0, None))
    left.minorticks_off()
    left.set(xlabel="virtual devices of two cores", ylabel="ms a step", title=f"batch of {BATCH}")
    rows = told["modelled"]
    right.plot([r["devices"] for r in rows], [100 * r["efficiency"] for r in rows], "o-")
    right.set(xscale="log", ylim=(0, 105), xlabel="devices, of 32 examples each", ylabel="%")
    right.set_title("weak-scaling efficiency, modelled")
    figure.savefig(HERE / "scaling.png", dpi=120)


def main() -> None:
    """Measure, model and keep both."""
    rows = [measured(count, BATCH) for count in COUNTS]
    longest = rows[0].pop("longest solves")
    share = measured(1, SHARE)
    told = {
        "command": "python -m devices.scaling",
        "model": "odenet on circles, width 128, Tsit5 at rtol 1e-3, replay, float32",
        "measured": rows,
        "share of 32 on one device, ms": share["milliseconds"],
        "assumed": {"bytes a second": BANDWIDTH, "latency, s": LATENCY},
        "modelled": modelled(share["milliseconds"], rows[0]["bytes"], longest),
    }
    (HERE / "scaling.json").write_text(json.dumps(told, indent=2) + "\n")
    draw(told)


if __name__ == "__main__":
    main()
