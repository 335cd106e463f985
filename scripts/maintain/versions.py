"""Install the lowest and the newest versions that pyproject.toml allows, and use the zoo with them.

    python scripts/maintain/versions.py --python python3.11 python3.12 python3.13

For each interpreter and each end of the bounds: a fresh environment in a temporary folder, the zoo
installed in it as a user would, and every command once, in an empty folder. What was installed and
how it went is kept in scripts/maintain/versions.json. Ends with 1 where a command failed.

The lowest end pins each direct dependency to its lower bound and leaves the others to pip; the
newest pins nothing. An environment takes a minute and about 1 GB, which is given back.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
RESULTS = Path(__file__).with_suffix(".json")
WHOLE = ("pyproject.toml", "README.md", "LICENSE", "zoo")
"""What of a checkout makes the distribution."""

COMMANDS = {
    "train": "train --model odenet --dataset csv --dataset.path rows.csv --dataset.target colour "
    "--dataset.missing mean --steps 60 --out run",
    "evaluate": "evaluate run",
    "predict": "predict run --input rows.csv --output predicted.csv",
    "plot": "plot run --out figures --format pdf",
    "train in the plane": "train --model mlp --dataset moons --steps 60 --out plane",
    "scikit-learn's data": "evaluate digits-resnet",
}
FILES = (
    "run/figures/steps.png",
    "predicted.csv",
    "figures/depth.pdf",
    "plane/figures/boundary.png",
)
"""Some of what the commands leave behind."""

_BAD_WORDS = re.compile(r"Traceback|SIGILL|DeprecationWarning")


def lower_bounds() -> dict[str, str]:
    """The lowest version of each direct dependency. Raises `ValueError` for one without a bound."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    bounds = {}
    for requirement in map(Requirement, project["dependencies"]):
        lowest = [s.version for s in requirement.specifier if s.operator == ">="]
        if len(lowest) != 1:
            raise ValueError(f"{requirement}: expected one lower bound, name>=version")
        bounds[requirement.name] = lowest[0]
    return bounds


def rows() -> Iterator[str]:
    """A small table: numbers, a word, and one empty cell."""
    yield "length,weight,place,colour"
    for i in range(60):
        colour = ("red", "blue")[i % 2]
        weight = "" if i == 7 else f"{i % 2 + 0.01 * i:.2f}"
        yield f"{0.02 * i:.2f},{weight},{'north' if i % 3 else 'south'},{colour}"


def install(python: str, end: str, folder: Path) -> Path:
    """An environment with the zoo in it; the folder of its programs."""
    checkout = folder / "checkout"
    checkout.mkdir()
    for name in WHOLE:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, checkout / name)
    subprocess.run([python, "-m", "venv", str(folder / "venv")], check=True)
    programs = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    pins = [f"{n}=={v}" for n, v in lower_bounds().items()] if end == "lowest" else ["--upgrade"]
    pip = [str(programs / "python"), "-m", "pip", "--disable-pip-version-check"]
    done = subprocess.run(
        [*pip, "install", "-q", *pins, str(checkout)], capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"{python}, {end}: pip could not install\n{done.stderr}")
    return programs


def installed(programs: Path) -> dict[str, str]:
    """The versions of the direct dependencies in an environment."""
    code = (
        "import json, sys; from importlib.metadata import version; "
        "print(json.dumps({name: version(name) for name in sys.argv[1:]}))"
    )
    command = [str(programs / "python"), "-c", code, *lower_bounds()]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def use(programs: Path, folder: Path) -> list[str]:
    """Every command in an empty folder; the names of those that failed, each said on stderr."""
    folder.mkdir()
    (folder / "rows.csv").write_text("\n".join(rows()) + "\n", encoding="utf-8")
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "ZOO_", "JAX_"))}
    environment = {**clean, "ZOO_COMPILE_CACHE": str(folder.parent / "compiled")}
    failed = []
    for name, line in COMMANDS.items():
        begun = time.monotonic()
        done = subprocess.run(
            [str(programs / "zoo"), *line.split()],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
        )
        print(f"  {name} {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
        if done.returncode or _BAD_WORDS.search(done.stderr):
            print(f"  {name}: exit {done.returncode}\n{done.stderr[-2000:]}", file=sys.stderr)
            failed.append(name)
    missing = [name for name in FILES if not (folder / name).is_file()]
    return failed + [f"no {name}" for name in missing]


def tried(python: str, end: str) -> dict[str, Any]:
    """One interpreter with one end of the bounds, from nothing to nothing."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        programs = install(python, end, Path(name))
        about = [
            str(programs / "python"),
            "-c",
            "import platform; print(platform.python_version())",
        ]
        version = subprocess.run(about, capture_output=True, text=True, check=True).stdout.strip()
        failed = use(programs, Path(name) / "empty")
        seconds = round(time.monotonic() - begun)
        print(
            f"Python {version}, {end}: {', '.join(failed) or 'all well'} ({seconds} s)", flush=True
        )
        versions = installed(programs)
    return {"python": version, "end": end, "failed": failed, "versions": versions}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--python", nargs="+", default=[sys.executable], help="interpreters")
    parser.add_argument("--ends", nargs="+", default=["lowest", "newest"], help="of the bounds")
    parser.add_argument("--out", type=Path, default=RESULTS, help="the file of results")
    options = parser.parse_args()
    results = [tried(python, end) for python in options.python for end in options.ends]
    names = " ".join(
        f"python{r['python'].rpartition('.')[0]}" for r in results[:: len(options.ends)]
    )
    told = {
        "made_by": f"python scripts/maintain/versions.py --python {names}",
        "commands": COMMANDS,
        "results": results,
    }
    options.out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    sys.exit(1 if any(result["failed"] for result in results) else 0)


if __name__ == "__main__":
    main()
