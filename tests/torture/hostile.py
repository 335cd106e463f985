"""`python -m tests.torture.hostile`: files made to do harm, read under an audit hook.

Each is given to `zoo.load`, `evaluate`, `predict` and `train --from`. The hook sees every import,
execution, process, socket and file that Python opens: there must be none but reading the file.
"""

import collections
import contextlib
import dataclasses
import io
import json
import os
import pickle
import struct
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path

import jax

import zoo
from zoo.cli import main as command

from ..files import signed
from .swapped import nested

WATCHED = ("import", "exec", "os.", "subprocess.", "socket.", "shutil.", "ctypes.", "pickle.")


# Data classes and named tuples are made by executing their own source, whatever the file says.
MAKERS = (dataclasses.__file__, collections.__file__)


class Harmful:
    def __reduce__(self):
        return os.system, ("touch harmed",)


def _config(**changes) -> dict:
    config = zoo.model_config("odenet", (2, 2), dynamics_options={"width": 4, "depth": 1})
    return {**config, "dataset": "moons", "dataset_options": {}, "seed": 0, **changes}


def _options(**changes) -> dict:
    return _config(options={**_config()["options"], **changes})


def _with_config(config) -> bytes:
    return signed({}, {"config": config, "leaves": {}})


def _archive(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, pickle.dumps(Harmful()))
    return buffer.getvalue()


def _tensor(dtype: str, shape: list, offsets: list, leaf: list) -> bytes:
    entry = {"dtype": dtype, "shape": shape, "data_offsets": offsets}
    return signed({"x": entry}, {"config": None, "leaves": {"x": leaf}}, bytes(8))


def hostile_files() -> dict[str, bytes]:
    """The files by what they try."""
    deep = "[" * 100_000 + "]" * 100_000
    long = struct.pack("<Q", 2**63 - 1)
    names = ("os:system", "subprocess:run", "builtins:exec", "mymodule:swirl", "__main__:main")
    files = {f"model {name}": _with_config(_config(model=name)) for name in names}
    files |= {
        "dynamics os:system": _with_config(_options(dynamics="os:system")),
        "dynamics with a path": _with_config(_options(dynamics="../../evil:f")),
        "data set os:system": _with_config(_config(dataset="os:system")),
        "use of a module": _with_config(_config(model="mine", use=["os", "evil"])),
        "use with a command": _with_config(_config(model="mine", use=["x; touch harmed", 3])),
        "loss os:system": _with_config(_config(training={"loss": "os:system"})),
        "data from a file": _with_config(
            _config(dataset="csv", dataset_options={"path": "/etc/passwd"})
        ),
        "data from a device": _with_config(
            _config(dataset="csv", dataset_options={"path": "/dev/zero"})
        ),
        "data from a pipe": _with_config(_config(dataset="npz", dataset_options={"path": "pipe"})),
        "ten thousand layers": _with_config(_options(dynamics_options={"depth": 10_000})),
        "options within options": _with_config(_options(dynamics_options=nested(150, dict))),
        "a template": _with_config(_config(model="{0.__class__}%s${HOME}`id`")),
        "terminal codes": _with_config(_config(model="\x1b]0;owned\x07\x1b[2J")),
        "no options": _with_config({"model": "odenet"}),
        "a list as configuration": _with_config(["odenet"]),
        "a giant net": _with_config(_config(in_size=2**62, out_size=2**62)),
        "preprocessing of nonsense": _with_config(_config(preprocessing={"columns": "os:system"})),
        "pickle": pickle.dumps(Harmful()),
        "pickle, protocol 0": pickle.dumps(Harmful(), protocol=0),
        "pickle behind a length": struct.pack("<Q", 64) + pickle.dumps(Harmful()),
        "torch archive": _archive("archive/data.pkl"),
        "archive that climbs": _archive("../../harmed"),
        "a header of 2**63": long + b"{}",
        "a deep header": struct.pack("<Q", len(deep)) + deep.encode(),
        "a header of NaN": struct.pack("<Q", 3) + b"NaN",
        "a giant shape": _tensor("F32", [2**40, 2**20], [0, 8], ["float32", [2**40, 2**20]]),
        "offsets beyond": _tensor("F32", [2], [8, 2**40], ["float32", [2]]),
        "another type than told": _tensor("I64", [1], [0, 8], ["float64", [1]]),
        "a type of objects": _tensor("OBJ", [1], [0, 8], ["object", [1]]),
        "metadata of text": b"\x2a" + bytes(7) + json.dumps({"__metadata__": "zoo" * 9}).encode(),
    }
    return files


def main() -> None:
    """Read each file in every way, under the hook; print what was seen as JSON."""
    events: list[tuple[str, str]] = []
    watching: list[Path] = []

    def hook(event: str, arguments: tuple) -> None:
        if not watching:
            return
        if event == "open" and isinstance(arguments[0], int):
            return  # a file that was opened before, of which there was an event then
        if event == "open":
            writes = arguments[1] is not None and set(str(arguments[1])) & set("wax+")
            if writes or arguments[0] != str(watching[0]):
                events.append((event, repr(arguments[:2])))
        elif event == "exec" and sys._getframe(1).f_code.co_filename in MAKERS:
            return
        elif event.startswith(WATCHED) and event not in ("os.listdir", "os.scandir"):
            events.append((event, repr(arguments)[:200]))

    sys.addaudithook(hook)
    jax.config.update("jax_enable_compilation_cache", False)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.mkfifo("pipe")
        Path("evil.py").write_text("open('harmed', 'w').write('by import')")
        Path("new.csv").write_text("x0,x1\n0,0\n")
        before = _warm_up()
        files, ends, path = hostile_files(), {}, Path("file.safetensors")
        for name, data in files.items():
            path.write_bytes(data)
            ends[name] = [_attempt(way, path, watching) for way in ways(path)]
        harmed = sorted({str(p) for p in Path().rglob("*")} - before - {str(path)})
    print(json.dumps({"files": len(files), "ends": ends, "events": events, "harmed": harmed}))


def _warm_up() -> set[str]:
    """Go through every door with a good file, so that all lazy imports are done; what is there."""
    train = [
        "train",
        "--model",
        "odenet",
        "--dataset",
        "moons",
        "--dataset.n",
        "60",
        "--steps",
        "1",
    ]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        command([*train, "--no-figures", "--out", "good"])
        for name, way in ways(Path("good/model.safetensors")).items():
            if name != "from":
                with contextlib.suppress(SystemExit):
                    way()
        with contextlib.suppress(SystemExit):
            command(["train", "--from", "none", "--dataset", "moons"])
    return {str(p) for p in Path().rglob("*")}


def ways(path: Path) -> dict:
    """The doors through which a file can come in."""
    return {
        "load": lambda: zoo.load(path),
        "evaluate": lambda: command(["evaluate", str(path)]),
        "predict": lambda: command(["predict", str(path), "--input", "new.csv", "--output", "o"]),
        "from": lambda: command(["train", "--from", str(path), "--dataset", "moons", "--out", "r"]),
    }


def _attempt(way: str, path: Path, watching: list) -> str:
    watching.append(path)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()) as words:
            warnings.simplefilter("ignore")
            ways(path)[way]()
        return "loaded"
    except zoo.ZooError as error:
        return f"refused: {str(error)[:300]}"
    except SystemExit as end:
        return f"exit {end.code}: {words.getvalue()[:300]}"
    except BaseException as error:
        return f"traceback: {error!r}"
    finally:
        watching.clear()


if __name__ == "__main__":
    main()
