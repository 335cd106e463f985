"""Runs each workload in a process of its own for each framework, and keeps the raw numbers."""

import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from zoo.checkpoint import json_text

from .workloads import WORKLOADS

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "results.json"


def run(only: tuple[str, ...], rounds: int, torch_python: str) -> None:
    """Time the workloads and write their rows into `results.json`, one after the other."""
    unknown = set(only) - set(WORKLOADS)
    if unknown:
        raise SystemExit(f"No workload {sorted(unknown)}: expected some of {list(WORKLOADS)}.")
    kept: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in only or WORKLOADS:
        count = max(3, rounds // 3) if name == "c" else rounds
        with tempfile.TemporaryDirectory() as folder:
            reference = str(Path(folder) / "gradient.npy")
            told = name, str(count), reference
            result = process(sys.executable, "run_jax", *told)
            peers = process(torch_python or sys.executable, "run_torch", *told)
        if result is None:
            raise SystemExit(f"The JAX process of workload {name!r} failed; see above.")
        if peers is None:
            print(f"{name}: torch or torchdiffeq is missing or failed; its rows are left out.")
        else:
            for kind, rows in peers["rows"].items():
                result["rows"][kind] |= rows
            result["versions"] |= peers["versions"]
        result |= {"rounds": count, "machine": _machine()}
        kept[name] = result
        keep(RESULTS, kept)
        print(f"{name}: kept in {RESULTS}", flush=True)


def keep(path: Path, found: dict[str, Any]) -> None:
    """Write numbers of five digits as JSON, a line a workload."""
    lines = [f"{json_text(key)}: {json_text(_short(value))}" for key, value in found.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def process(python: str, module: str, *arguments: str, **variables: str) -> Any:
    """What a module of this folder prints last, as JSON, run by an interpreter; None if it failed.

    `variables` are set in its environment.
    """
    command, env = [python, "-m", f"benchmarks.{module}", *arguments], environment(**variables)
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=env, check=False)
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None


def environment(**variables: str) -> dict[str, str]:
    """That of a process that runs a module of this folder, with some variables more."""
    return dict(os.environ) | {"PYTHONPATH": str(FOLDER.parent)} | variables


def _short(tree: Any) -> Any:
    """The tree with numbers of five digits."""
    if isinstance(tree, dict):
        return {key: _short(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_short(value) for value in tree]
    return float(f"{tree:.5g}") if isinstance(tree, float) else tree


def _machine() -> dict[str, Any]:
    return {"cores": os.cpu_count(), "system": platform.system(), "python": sys.version.split()[0]}
