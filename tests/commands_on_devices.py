"""Commands on two devices against the same on one, which `eight_devices.py` runs.

Two divide neither the rows nor the draws.
"""

import contextlib
import io
import json
import sys
import warnings
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import numpy as np

from zoo.cli import main
from zoo.placement import divided

EVALUATE = "evaluate annuli-odenet --split val --solver.rtol 1e-2"
PREDICT = "predict annuli-odenet --input rows.csv --output told.csv --solver.max-steps 4"
DENSITY = "sample ou-neural-sde --n 5 --output told.npz"
SERIES = "sample damped-latent-ode --input series.npz --output told.npz --n 3"
SERIES += " --solver.batching per-sample"  # joint, each device would be a batch of its own
WAYS = ("", " --devices 2")
ALL = (EVALUATE, PREDICT, DENSITY, SERIES)


class Typed(NamedTuple):
    """What came of a command: its exit code, what it printed, and how many devices shared a batch,
    [] where one has it whole."""

    code: int
    out: str
    err: str
    devices: list[int]


def typed(line: str) -> Typed:
    """Run a command in this process."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    dividing = mock.patch.object(sys.modules["zoo.placement.spread"], "divided", wraps=divided)
    streams = contextlib.redirect_stdout(out), contextlib.redirect_stderr(err)
    with streams[0], streams[1], warnings.catch_warnings(), dividing as calls:
        warnings.simplefilter("always")
        try:
            main(line.split())
        except SystemExit as end:
            code = int(end.code or 0)
    devices = {call.args[1].size for call in calls.call_args_list}
    return Typed(code, out.getvalue(), err.getvalue(), sorted(devices))


def write_inputs() -> None:
    """Eleven rows, some of which take more steps than `PREDICT` allows, and three series."""
    rng = np.random.default_rng(0)
    table = rng.normal(size=(11, 2)) * np.linspace(0.2, 3.0, 11)[:, None]
    np.savetxt("rows.csv", table, delimiter=",", header="x0,x1", comments="")
    times = np.tile(np.linspace(0, 1, 5), (3, 1))
    np.savez("series.npz", t=times, x=rng.normal(size=(3, 5, 2)))


def predicted(options: str) -> dict:
    """The cells of the predictions in the file, and what is said of rows without one."""
    told = typed(PREDICT + options)
    cells = [line.split(",")[2] for line in Path("told.csv").read_text().splitlines()[1:]]
    Path("told.csv").unlink()
    said = [line for line in told.err.splitlines() if "There is no prediction for" in line]
    return {"cells": cells, "said": said, "devices": told.devices}


def drawn(line: str, name: str) -> tuple[np.ndarray, list[int]]:
    """What is drawn, which is an array of that name, and on how many devices; its file goes."""
    told = typed(line)
    with np.load("told.npz") as file:
        values = file[name]
    Path("told.npz").unlink()
    return values, told.devices


def sampled(line: str, name: str) -> dict:
    """How far the draws of two devices are from those of one."""
    (one, alone), (two, shared) = (drawn(line + way, name) for way in WAYS)
    apart = float(np.abs(one - two).max())
    return {"apart": apart, "shape": two.shape, "devices": [alone, shared]}


def compared(folder: Path) -> dict:
    """What the commands say on one device and on two, and of nine where there are eight."""
    with contextlib.chdir(folder):
        write_inputs()
        evaluated = [typed(EVALUATE + way) for way in WAYS]
        results: dict = {
            "evaluate": [(json.loads(told.out), told.err) for told in evaluated],
            "predict": [predicted(way) for way in WAYS],
            "density": sampled(DENSITY, "x"),
            "series": sampled(SERIES, "sample"),
        }
        before = sorted(Path().iterdir())
        results["nine"] = [typed(f"{line} --devices 9") for line in ALL]
        results["nothing written"] = sorted(Path().iterdir()) == before
    return results
