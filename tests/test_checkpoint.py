"""Weights go through one file unchanged, or are refused."""

import errno
import json
import pickle

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

import zoo
from zoo.errors import CheckpointError, OutputError
from zoo.registry import MODELS
from zoo.schema import options_of, resolve

from .files import mutations, signed


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


def mlp(activation: str = "tanh"):
    config = zoo.model_config("mlp", (2, 3), width=4, depth=1, activation=activation)
    return zoo.create_model(config, key=jax.random.key(0)), config


def test_bytes_do_not_depend_on_the_order_of_the_configuration(tmp_path):
    model, config = mlp()
    zoo.save(tmp_path / "a", model, config)
    zoo.save(tmp_path / "b", model, dict(reversed(config.items())))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_what_does_not_fit_is_refused_by_path(tmp_path):
    path = tmp_path / "m"
    zoo.save(path, odd())
    wider = eqx.tree_at(lambda m: m.matrix, odd(), jnp.ones((2, 1)))
    with pytest.raises(CheckpointError, match=r"matrix: shape \(1, 1\), expected \(2, 1\)"):
        zoo.load(path, like=wider)
    with pytest.raises(CheckpointError, match=r"count: type int32"):
        zoo.load(path, like=eqx.tree_at(lambda m: m.count, odd(), jnp.asarray(1.0)))
    with pytest.raises(CheckpointError, match=r"flag: not in the model"):
        zoo.load(path, like=eqx.tree_at(lambda m: m.flag, odd(), None))
    with pytest.raises(CheckpointError, match=r"like=model"):
        zoo.load(path)


def test_every_cut_and_what_is_appended_is_refused(tmp_path):
    path = tmp_path / "m"
    zoo.save(path, *mlp())
    whole = path.read_bytes()
    for cut in {*range(0, len(whole), 37), 7, 8, 9, len(whole) - 1}:
        path.write_bytes(whole[:cut])
        with pytest.raises(CheckpointError, match=r"empty|whole|damaged|digest"):
            zoo.load(path)
    path.write_bytes(whole + b"\0")
    with pytest.raises(CheckpointError, match=r"digest is [0-9a-f]{64}, expected [0-9a-f]{64}"):
        zoo.load(path)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_changed_byte_is_loaded(tmp_path, data):
    path = tmp_path / "m"
    if not path.exists():
        zoo.save(path, *mlp())
    whole = path.read_bytes()
    mutated = data.draw(mutations(whole))
    assume(mutated != whole)
    (tmp_path / "mutated").write_bytes(mutated)
    with pytest.raises(CheckpointError):
        zoo.load(tmp_path / "mutated")


def test_foreign_files_are_refused_by_what_they_are(tmp_path):
    path = tmp_path / "m"
    save_file({"x": np.zeros(2)}, path)
    with pytest.raises(CheckpointError, match=r"not written by the zoo"):
        zoo.load(path)
    with pytest.raises(CheckpointError, match=r"no weight file"):
        zoo.load(tmp_path / "none")
    with pytest.raises(CheckpointError, match=r"is a folder"):
        zoo.load(tmp_path)
    path.write_bytes(b"")
    with pytest.raises(CheckpointError, match=r"is empty"):
        zoo.load(path)
    np.savez(tmp_path / "a.npz", x=np.zeros(2))
    with pytest.raises(CheckpointError, match=r"zip archive"):
        zoo.load(tmp_path / "a.npz")
    path.write_bytes(pickle.dumps({"x": np.zeros(2)}))
    with pytest.raises(CheckpointError, match=r"a pickle, which could run any code"):
        zoo.load(path)
    save_file({"x": np.zeros(2)}, path, {"zoo": json.dumps({"format": 99})})
    with pytest.raises(CheckpointError, match=r"format 99, this zoo reads up to 2"):
        zoo.load(path)


def test_what_promises_more_than_it_holds_is_refused(tmp_path):
    path = tmp_path / "m"
    path.write_bytes((2**60).to_bytes(8, "little") + b"{}")
    with pytest.raises(CheckpointError, match=r"1,152,921,504,606,846,976 bytes"):
        zoo.load(path)
    giant = {"x": {"dtype": "F32", "shape": [2**40, 2**20], "data_offsets": [0, 2**62]}}
    text = json.dumps({"__metadata__": {"zoo": json.dumps({"format": 2})}, **giant}).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text)
    with pytest.raises(CheckpointError, match=r"no digest"):
        zoo.load(path)
    path.write_bytes(signed(giant, {"leaves": {"x": ["float32", [2**40, 2**20]]}}))
    with pytest.raises(CheckpointError, match=r"no sound weight file"):
        zoo.load(path)


def test_what_is_no_array_must_be_as_it_was_saved(tmp_path):
    path = tmp_path / "m"
    model, _ = mlp("tanh")
    zoo.save(path, model)
    other, _ = mlp("relu")
    with pytest.raises(CheckpointError, match=r"net.activation: tanh in the file, relu in the mod"):
        zoo.load(path, like=other)
    assert zoo.load(path, like=other, strict=False).net.activation is jax.nn.relu
    net = lambda rtol: zoo.ODENet(lambda t, y, args: y, solver=zoo.Solver(rtol=rtol))  # noqa: E731
    zoo.save(path, net(1e-3))
    assert zoo.load(path, like=net(1e-3))(jnp.ones(2)).shape == (2,)
    with pytest.raises(CheckpointError, match=r"solver.rtol: 0.001 in the file, 0.01 in the model"):
        zoo.load(path, like=net(1e-2))


def test_a_configuration_that_makes_another_model_is_not_saved_with_it(tmp_path):
    model, _ = mlp("tanh")
    _, config = mlp("relu")
    with pytest.raises(CheckpointError, match=r"does not describe this model: net.activation"):
        zoo.save(tmp_path / "m", model, config)
    assert not list(tmp_path.iterdir())


def test_types_change_where_that_is_asked_for(tmp_path):
    path = tmp_path / "m"
    zoo.save(path, {"a": jnp.ones(2, jnp.bfloat16), "n": jnp.arange(2)})
    like = {"a": jnp.zeros(2), "n": jnp.zeros(2, jnp.int32)}
    with pytest.raises(
        CheckpointError, match=r"\['a'\]: type bfloat16, expected float32 \(cast=True"
    ):
        zoo.load(path, like=like)
    assert zoo.load(path, like=like, cast=True)["a"].dtype == jnp.float32
    with pytest.raises(CheckpointError, match=r"\['n'\]: type int32, expected float32"):
        zoo.load(path, like={"a": jnp.zeros(2), "n": jnp.zeros(2)}, cast=True)


def test_weights_that_are_not_finite_are_refused_by_leaf(tmp_path):
    model, config = mlp()
    bias = lambda m: m.net.layers[0].bias  # noqa: E731
    broken = eqx.tree_at(bias, model, jnp.array([0.0, jnp.nan, jnp.inf, 0.0]))
    zoo.save(tmp_path / "m", broken, config)
    with pytest.raises(CheckpointError, match=r"2 of 4 in 'net.layers\[0\].bias'"):
        zoo.load(tmp_path / "m")


def test_a_new_head_stays_as_it_was_drawn(tmp_path):
    old = zoo.create_model("odenet", (2, 3), key=jax.random.key(0))
    new = zoo.create_model("odenet", (2, 5), key=jax.random.key(1))
    zoo.save(tmp_path / "m", old)
    filled, told = zoo.checkpoint.transfer(tmp_path / "m", new)
    assert list(told.new) == ["head.layer.weight", "head.layer.bias"] and len(told.taken) == 6
    assert told.new["head.layer.bias"] == "shape (5,), (3,) in the file"
    assert eqx.tree_equal(filled.dynamics, old.dynamics) and eqx.tree_equal(filled.head, new.head)
    with pytest.raises(CheckpointError, match=r"Too little of .* fits"):
        zoo.checkpoint.transfer(
            tmp_path / "m", zoo.create_model("mlp", (7, 7), key=jax.random.key(0))
        )


def test_what_cannot_be_written_leaves_what_was_there(tmp_path, monkeypatch):
    with pytest.raises(CheckpointError, match=r"random key"):
        zoo.save(tmp_path / "key", {"key": jax.random.key(0)})
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"cannot be written"):
        zoo.save(tmp_path / "file" / "m", odd())
    path = tmp_path / "m"
    zoo.save(path, odd())
    before = path.read_bytes()

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OutputError, match=r"disk is full: [\d,]+ bytes are needed and [\d,]+ are"):
        zoo.save(path, {"a": jnp.ones(5)})
    assert path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "m"]


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(zoo.list_models()), data=st.data())
def test_any_options_resolve_to_what_resolves_to_itself_or_are_refused(name, data):
    builder = MODELS[name].builder
    names = st.sampled_from([*options_of(builder), "widht", "solver_options", ""])
    values = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-3, 9),
        st.floats(allow_nan=True),
        st.sampled_from(["tanh", "mlp", "concat_squash", "os:system", ""]),
        st.dictionaries(
            st.sampled_from(["width", "rtol", "steps"]), st.integers(-1, 4), max_size=2
        ),
    )
    given_options = data.draw(st.dictionaries(names, values, max_size=4))
    try:
        resolved = resolve(builder, given_options, "model.")
    except zoo.errors.ConfigError as error:
        assert len(str(error)) > 20
        return
    assert resolve(builder, resolved, "model.") == resolved
    assert json.loads(json.dumps(resolved)) == resolved
