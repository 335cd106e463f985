"""Weights go through one file unchanged, or are refused."""

import json

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from safetensors.numpy import save_file

import zoo
from zoo.errors import CheckpointError, OutputError


class Odd(eqx.Module):
    half: jax.Array
    matrix: jax.Array
    scalar: jax.Array
    count: jax.Array
    flag: jax.Array
    transposed: np.ndarray
    nothing: None = None


def odd() -> Odd:
    base = np.arange(6, dtype=np.float32).reshape(2, 3)
    return Odd(
        jnp.arange(5, dtype=jnp.bfloat16) / 3,
        jnp.ones((1, 1)),
        jnp.asarray(2.5),
        jnp.asarray(7, jnp.int32),
        jnp.asarray([True, False]),
        base.T,
    )


def test_every_kind_of_leaf_comes_back(tmp_path):
    path = tmp_path / "a b" / "ü.safetensors"
    zoo.save(path, odd())
    empty = jax.tree.map(jnp.zeros_like, odd())
    again = zoo.load(path, like=empty)
    assert eqx.tree_equal(jax.tree.map(jnp.asarray, again), jax.tree.map(jnp.asarray, odd()))
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_bytes_do_not_depend_on_the_process(tmp_path):
    zoo.save(tmp_path / "a", odd(), {"b": 1, "a": 2})
    zoo.save(tmp_path / "b", odd(), {"a": 2, "b": 1})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_what_does_not_fit_is_refused_by_path(tmp_path):
    path = tmp_path / "m"
    zoo.save(path, odd())
    wider = eqx.tree_at(lambda m: m.matrix, odd(), jnp.ones((2, 1)))
    with pytest.raises(CheckpointError, match=r"matrix: shape \(1, 1\), expected \(2, 1\)"):
        zoo.load(path, like=wider)
    with pytest.raises(CheckpointError, match="count: type int32"):
        zoo.load(path, like=eqx.tree_at(lambda m: m.count, odd(), jnp.asarray(1.0)))
    with pytest.raises(CheckpointError, match="flag: not in the model"):
        zoo.load(path, like=eqx.tree_at(lambda m: m.flag, odd(), None))
    with pytest.raises(CheckpointError, match="like=model"):
        zoo.load(path)


def test_foreign_and_damaged_files_are_refused(tmp_path):
    path = tmp_path / "m"
    zoo.save(path, odd())
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(CheckpointError, match="not a whole safetensors file"):
        zoo.load(path, like=odd())
    save_file({"x": np.zeros(2)}, tmp_path / "plain")
    with pytest.raises(CheckpointError, match="not written by the zoo"):
        zoo.load(tmp_path / "plain")
    with pytest.raises(CheckpointError, match="no weight file"):
        zoo.load(tmp_path / "none")
    save_file({"x": np.zeros(2)}, tmp_path / "new", {"zoo": json.dumps({"format": 99})})
    with pytest.raises(CheckpointError, match="format 99"):
        zoo.load(tmp_path / "new")
    with pytest.raises(CheckpointError, match="random key"):
        zoo.save(tmp_path / "key", {"key": jax.random.key(0)})
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        zoo.save(tmp_path / "file" / "m", odd())
