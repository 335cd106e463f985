"""Weight files: what cannot be written, what is damaged, foreign, or of another model."""

import json
import os
import pickle
import struct
from pathlib import Path

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from safetensors.numpy import save_file

import zoo
from zoo.checkpoint import read, transfer, write, write_atomically

from ..files import signed
from ..torture.swapped import nested
from .given import KEY, broken, decay, full, model, moons, ode, where, written

CONFIG = {"model": "mlp", "in_size": 2, "out_size": 2, "options": {"width": 4, "depth": 1}}


def saved(net=None, config=None) -> str:
    zoo.save("m.safetensors", model() if net is None else net, config)
    return "m.safetensors"


def loaded(content: bytes, **options):
    return zoo.load(written("m.safetensors", content), **options)


def changed(at: int, how) -> bytes:
    """A sound file with something done to it from a place on."""
    whole = Path(saved()).read_bytes()
    return whole[:at] + how(whole[at:])


def header(text: str) -> bytes:
    return struct.pack("<Q", len(text)) + text.encode()


def foreign(metadata=None):
    save_file({"x": np.zeros(2)}, "m.safetensors", metadata)
    return zoo.load("m.safetensors")


def made(**changes):
    """A file whose configuration says something else."""
    return loaded(signed({}, {"config": {**CONFIG, **changes}, "leaves": {}}))


def broken_bias():
    bias = jnp.array([0.0, jnp.nan, jnp.inf, 0.0])
    return eqx.tree_at(lambda m: m.net.layers[0].bias, model(), bias)


TENSOR = {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}

CASES = {
    "A pipe": lambda: (os.mkfifo("m.safetensors"), zoo.load("m.safetensors")),
    "No such file": lambda: zoo.load("none.safetensors"),
    "A folder": lambda: read("."),
    "No such file, read as it is": lambda: read("none.safetensors"),
    "A name that no disk takes": lambda: zoo.load("a" * 5000),
    "A folder without weights": lambda: zoo.load("."),
    "A folder of runs": lambda: (
        saved(),
        Path("runs/a").mkdir(parents=True),
        Path("m.safetensors").rename("runs/a/model.safetensors"),
        zoo.load("runs"),
    ),
    "A run without weights yet": lambda: (written("run/config.json", "{}"), zoo.load("run")),
    "An empty file": lambda: loaded(b""),
    "A file that cannot be read": where("os.open", broken, lambda: loaded(b"x")),
    "A file that was cut short": lambda: loaded(changed(300, lambda rest: b"")),
    "A file with a changed byte": lambda: loaded(changed(-1, lambda rest: b"\1")),
    "A file with a changed header": lambda: loaded(changed(40, lambda rest: b"?" + rest[1:])),
    "A file that promises more than it holds": lambda: loaded(struct.pack("<Q", 2**60) + b"{}"),
    "A file of another program": lambda: foreign(),
    "A file of a newer version": lambda: foreign({"zoo": json.dumps({"format": 99})}),
    "A file without a digest": lambda: foreign({"zoo": json.dumps({"format": 2})}),
    "A header that cannot be read": lambda: loaded(header("{")),
    "A pickle": lambda: loaded(pickle.dumps({"x": 1})),
    "An archive": lambda: loaded(b"PK\x03\x04" + bytes(30)),
    "An array of NumPy": lambda: loaded(b"\x93NUMPY" + bytes(30)),
    "A file of HDF5": lambda: loaded(b"\x89HDF" + bytes(30)),
    "A list of leaves that is another": lambda: loaded(
        signed(TENSOR, {"config": None, "leaves": {}}, bytes(8))
    ),
    "Leaves of another shape than is told": lambda: loaded(
        signed(TENSOR, {"config": None, "leaves": {"x": ["float32", [3]]}}, bytes(8))
    ),
    "A state of training": lambda: (
        write("m.safetensors", model(), "state", None),
        zoo.load("m.safetensors"),
    ),
    "Weights that are not finite": lambda: zoo.load(saved(broken_bias())),
    "A name of no pretrained weights": lambda: zoo.pretrained.load("cubic-odnet"),
    "Pretrained weights with options of one's own": lambda: zoo.create_model(
        "mlp", moons(), pretrained=True, width=8
    ),
    "Pretrained weights for data that have none": lambda: zoo.create_model(
        "mlp", moons(), pretrained=True
    ),
    "Pretrained weights for other data": lambda: zoo.create_model(
        "odenet", moons(), pretrained=True
    ),
    "A pair that a recipe would make": where(
        "zoo.models.with_weights.trained_pairs",
        dict,
        lambda: zoo.create_model("odenet", moons(), pretrained=True),
    ),
    "Weights of a model that was made by hand, for other data": lambda: zoo.transfer(
        saved(), moons(), key=KEY
    ),
    "Weights of which little fits": lambda: zoo.transfer("digits-odenet", moons(), key=KEY),
    "A model that was made by hand": lambda: zoo.load(saved()),
    "A model that is not known here": lambda: made(model="mymodule:net", use=["mymodule"]),
    "A configuration of another kind": lambda: made(in_size="2"),
    "A configuration without a size": lambda: loaded(
        signed({}, {"config": {"model": "mlp", "options": {}, "sizes": {}}, "leaves": {}})
    ),
    "A size of another kind": lambda: made(sizes={"in_shape": "2"}),
    "Levels of other inputs": lambda: made(sizes={"quanta": [0.5, 0.0, 0.5]}),
    "Levels that lie less than no distance apart": lambda: made(sizes={"quanta": [-0.5]}),
    "A shape of another length": lambda: made(sizes={"in_shape": [2, 2, 1]}),
    "A configuration without a model": lambda: loaded(
        signed({}, {"config": {"in_size": 2, "out_size": 2}, "leaves": {}})
    ),
    "A configuration of a run of which a part is none": lambda: made(resumed=[3]),
    "A configuration with a data set in its data set's options": lambda: made(
        dataset_options={"name": "moons"}
    ),
    "Weights that need 64 bits": lambda: zoo.load("flip-odenet"),
    "A configuration that goes too deep": lambda: made(options=nested(99)),
    "A configuration of more layers than the file can hold": lambda: made(options={"depth": 999}),
    "A configuration that makes no model": lambda: made(options={"width": -1}),
    "A model of another width": lambda: zoo.load(saved(), like=model(width=8)),
    "A model of another activation": lambda: zoo.load(saved(), like=model(activation="relu")),
    "A model of another tolerance": lambda: zoo.load(
        saved(ode(decay, rtol=0.1)), like=ode(decay, rtol=0.01)
    ),
    "A model of another type": lambda: zoo.load(
        saved({"a": jnp.ones(2, jnp.bfloat16)}), like={"a": jnp.ones(2)}
    ),
    "A configuration of another model": lambda: saved(
        model(activation="relu"), zoo.model_config("mlp", (2, 2), width=4, depth=1)
    ),
    "A random key": lambda: saved({"key": KEY}),
    "Weights of which none fits": lambda: transfer(saved({"weight": jnp.ones(3)}), model()),
    "A place that cannot be written": lambda: (written("file", ""), zoo.save("file/m", model())),
    "A place that is no path": lambda: write_atomically(Path("a\0b"), b""),
    "A full disk": where("os.fsync", full, lambda: write_atomically(Path("card.md"), bytes(1000))),
}
