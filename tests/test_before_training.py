"""What is found before anything is compiled or written: options, losses, data, weights."""

import dataclasses
import functools
import math
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import zoo
from zoo import DATASETS, DYNAMICS, LOSSES, MODELS, REGULARISERS
from zoo.errors import ConfigError, DataError
from zoo.objectives.losses import cross_entropy, huber_loss
from zoo.runs.config import RunConfig
from zoo.runs.prepare import carry_out, prepare
from zoo.schema import INT32_MAX, Range, options_of, resolve, type_name
from zoo.solve import solve, solver_options
from zoo.train.options import training_options

from .test_cli import call
from .test_training import Line

MOONS = zoo.load_dataset("moons", n=60)
CUBIC = zoo.load_dataset("cubic", n=60)


@functools.cache
def model(name: str = "mlp", sizes=(2, 2), **options):
    small = {"width": 4, "depth": 1} if name == "mlp" else {}
    return zoo.create_model(name, sizes, key=jax.random.key(0), **small, **options)


def raw(x, y=None, task="classification", **more) -> zoo.Dataset:
    y = np.arange(len(x)) % 2 if y is None else y
    return zoo.make_dataset(zoo.RawData({"x": x, "y": y, **more}, (task,)))


def mean_of_all(net, batch, **_):
    ys, stats = net.forward(batch["x"])
    return jnp.mean(ys), zoo.Aux(stats)


def values_alone(net, batch, **_):
    return net.forward(batch["x"])[0][:, 0]


def with_a_bad_metric(net, batch, **_):
    ys, stats = net.forward(batch["x"])
    return ys[:, 0], zoo.Aux(stats, {"size": jnp.mean(ys)})


def with_weight(weight) -> zoo.Dataset:
    return dataclasses.replace(MOONS, train={**MOONS.train, "weight": weight})


THREE_AXES = np.ones((30, 5, 2))
SQUASHED = model("odenet", dynamics="concat_squash")
BAD = {
    "85 numbers, of classes": (
        lambda out: zoo.fit(model(), MOONS, loss=huber_loss(), out=out),
        r"class indices \(int32, \(36,\)\).*use cross_entropy",
    ),
    "85 classes, of numbers": (
        lambda out: zoo.fit(model(sizes=(1, 1)), CUBIC, loss=cross_entropy, out=out),
        r"targets are numbers \(float32, \(36, 1\)\).*use squared_error",
    ),
    "85 outputs": (
        lambda out: zoo.fit(model(), raw(np.ones((30, 2)), np.arange(30) % 3), out=out),
        "The model has 2 outputs and 'data' has 3 classes",
    ),
    "85 three axes, net": (
        lambda out: zoo.fit(model(), raw(THREE_AXES), out=out),
        r"MLP got inputs of shape \(18, 5, 2\): expected \(B, 2\)",
    ),
    "85 three axes, ODE": (
        lambda out: zoo.fit(SQUASHED, raw(THREE_AXES), out=out),
        r"ODENet on the data set 'data' cannot be computed with a batch of x float32 \(18, 5, 2\), "
        r"y int32 \(18,\) \(ValueError: .*\). Expected x of shape \(examples, features\)",
    ),
    "85 three axes, residual net": (
        lambda out: zoo.fit(model("resnet"), raw(THREE_AXES), out=out),
        r"predicts shape \(18, 5, 2\) and the labels have \(18,\)",
    ),
    "85 a mean": (
        lambda out: zoo.fit(model(), MOONS, loss=mean_of_all, out=out),
        r"mean_of_all \(.*test_before_training.py:\d+\) returns the loss as float32 of shape \(\) "
        r"for 36 examples: expected a floating number for each",
    ),
    "85 no Aux": (
        lambda out: zoo.fit(model(), MOONS, loss=values_alone, out=out),
        r"values_alone .* expected two things, the loss of each example and a zoo.Aux",
    ),
    "85 a metric": (
        lambda out: zoo.fit(model(), MOONS, loss=with_a_bad_metric, out=out),
        r"returns size as float32 of shape \(\)",
    ),
    "85 evaluations": (
        lambda out: zoo.fit(model(), MOONS, eval_every=0, out=out),
        "eval_every = 0 is out of range: expected at least 1",
    ),
    "85 no patience": (
        lambda out: zoo.fit(model(), MOONS, patience=0, out=out),
        "patience = 0 is out of range",
    ),
    "85 patience that cannot run out": (
        lambda out: zoo.fit(model(), MOONS, steps=50, eval_every=50, patience=5, out=out),
        "patience = 5 would be ignored: with eval_every = 50 and steps = 50 there is one",
    ),
    "85 an average of nothing": (
        lambda out: zoo.fit(model(), MOONS, ema=0.0, out=out),
        "ema = 0.0 is out of range: expected more than 0 and less than 1",
    ),
    "85 an average that never moves": (
        lambda out: zoo.fit(model(), MOONS, ema=1.0, out=out),
        "ema = 1.0 is out of range",
    ),
    "85 no step at all": (
        lambda out: zoo.fit(model(), MOONS, max_bad_steps=0, out=out),
        "max_bad_steps = 0 is out of range",
    ),
    "85 checkpoints nowhere": (
        lambda out: zoo.fit(model(), MOONS, checkpoint_every=5),
        "checkpoint_every = 5 would be ignored: checkpoints need out",
    ),
    "85 more than any float": (
        lambda out: resolve(training_options, {"lr": 10**400}),
        "lr = inf is out of range: expected a finite number",
    ),
    "85 more than 32 bits": (
        lambda out: zoo.Solver(max_steps=2**31),
        "max_steps = 2147483648 is out of range: expected at least 1 and at most 2147483646",
    ),
    "86 two axes": (
        lambda out: raw(np.ones((9, 2)), weight=np.ones((9, 1))),
        r"weight has shape \(9, 1\): expected a number for each example, of shape \(9,\)",
    ),
    "86 two axes, by hand": (
        lambda out: zoo.fit(model(), with_weight(np.ones((36, 1))), out=out),
        r"weight has shape \(36, 1\)",
    ),
    "86 negative": (
        lambda out: raw(np.ones((9, 2)), weight=np.array([1, 1, 0, -2, 1, 1, -1, 1, 1])),
        r"weight\[3\] is -2: expected 0 or more",
    ),
    "86 nothing": (
        lambda out: raw(np.ones((9, 2)), weight=np.zeros(9)),
        "weights of all 5 training examples are zero",
    ),
}


@pytest.mark.wrong_types
@pytest.mark.parametrize("fault", BAD)
def test_a_fault_is_found_before_anything_is_compiled_or_written(fault, compilations, tmp_path):
    action, words = BAD[fault]
    for each in (("mlp", (2, 2)), ("mlp", (1, 1)), ("odenet", (2, 2)), ("resnet", (2, 2))):
        model(*each)
    compilations.clear()
    with pytest.raises((ConfigError, DataError), match=words) as refused:
        action(tmp_path / "run")
    assert refused.value.exit_code == 2 and not (tmp_path / "run").exists()
    assert not [event for event in compilations if "backend_compile" in event]


def test_85_a_target_that_is_not_there_is_told_in_words():
    data = zoo.make_dataset(zoo.RawData({"x": np.ones((30, 2))}, ("density",)))

    class Density(Slope):
        objectives: ClassVar[Mapping[str, Any]] = {"density": zoo.losses.squared_error}

    with pytest.raises(DataError, match=r"Density on .* batch of x float32 .*KeyError: 'y'"):
        zoo.fit(Density(jnp.zeros(())), data)


def npz(folder: Path, **arrays) -> str:
    np.savez(folder / "data.npz", **arrays)
    return f"--dataset npz --dataset.path {folder / 'data.npz'}"


X, Y = np.ones((40, 2)), np.arange(40) % 2
TYPED = {
    "huber": (lambda _: "--dataset moons --loss huber", "use cross_entropy"),
    "rtol": (lambda _: "--dataset moons --rtol-start inf", "rtol_start = inf is out of range"),
    "clip": (lambda _: "--dataset moons --clip inf", "clip = inf .* a finite number"),
    "steps": (lambda _: "--dataset moons --steps 2147483648", "steps = 2147483648 is out of"),
    "seed": (lambda _: "--dataset moons --seed -1", "seed = -1 is out of range: expected at least"),
    "split seed": (lambda _: "--dataset moons --split-seed 4294967296", "at most 4294967295"),
    "axes": (lambda folder: npz(folder, x=np.ones((40, 5, 2)), y=Y), r"\(24, 5, 2\)"),
    "weight": (lambda folder: npz(folder, x=X, y=Y, weight=np.ones((40, 2))), "weight has shape"),
    "negative": (lambda folder: npz(folder, x=X, y=Y, weight=-np.ones(40)), r"weight\[0\] is -1.0"),
}


@pytest.mark.parametrize("case", TYPED)
def test_85_a_command_ends_with_2_and_leaves_no_folder(case, tmp_path, capsys):
    typed, words = TYPED[case]
    options = ("--out", str(tmp_path / "run"), "--no-figures")
    assert call("train", "--model", "mlp", *typed(tmp_path).split(), *options) == 2
    message = capsys.readouterr().err
    assert message.splitlines()[-1].startswith("error: ") and not (tmp_path / "run").exists()
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(message)


def test_85_max_steps_of_more_than_32_bits_is_refused_by_its_option():
    with pytest.raises(ConfigError, match=r"solver.max_steps = 2147483648 .* at most 1000000"):
        zoo.model_config("odenet", MOONS, solver={"max_steps": 2**31})
    decay = lambda t, y, args: -y  # noqa: E731
    for most in ({"max_steps": 2**31 - 2}, {"steps": 2**30 - 1}):
        solver = zoo.Solver(diffrax.Euler(), **{"steps": 2, **most})
        jax.eval_shape(lambda x, s=solver: solve(decay, x, solver=s), jnp.ones((2, 1)))


def test_85_a_schedule_of_tolerances_begins_above_rounding():
    config = {"model": "odenet", "dataset": "moons", "dataset_options": {"n": 60}}
    with pytest.raises(ConfigError, match="rtol = 1e-09 is below the rounding error"):
        prepare(RunConfig(**config, training={"rtol_start": 1e-9}))


def every_builder():
    yield training_options
    yield solver_options
    for registry in (MODELS, DYNAMICS, DATASETS, LOSSES, REGULARISERS):
        yield from (entry.builder for entry in registry)


def test_85_every_number_of_every_schema_is_finite_and_fits():
    seen = 0
    for builder in every_builder():
        for name, option in options_of(builder).items():
            if type_name(option.type).startswith("list of"):
                continue  # of rates; their builder looks at each
            types = type_name(option.type).split(" or ")
            whole = "int" in types and "float" not in types
            bad = []
            if "float" in types:
                bad = [math.inf, -math.inf, math.nan]
            elif whole and option.name != "seed":
                bad = [INT32_MAX + 1, -INT32_MAX - 2]
            for value in bad:
                seen += 1
                with pytest.raises(ConfigError, match=f"{name} = .* is out of range: expected"):
                    option.check(value, "")
    assert seen > 60


def test_85_a_range_of_its_own_may_be_larger():
    Range(0, finite=False).check("bound", math.inf)
    Range(0, 2**40).check("count", 2**35)
    with pytest.raises(ConfigError, match="at least 0 and at most 1099511627776"):
        Range(0, 2**40).check("count", 2**41)


def test_85_evaluations_of_no_part_are_warned_of():
    data = zoo.load_dataset("cubic", n=20, split="all")
    with pytest.warns(zoo.ZooWarning, match="eval_every = 2 does nothing: with split='all'"):
        zoo.fit(Slope(jnp.zeros(())), data, steps=4, eval_every=2)


TRACES: list[str] = []


def counted(net, batch, *, key, step, solver):
    TRACES.append("evaluation" if key is None else "step")
    return cross_entropy(net, batch, key=key, step=step, solver=solver)


@zoo.register_loss("counted-before-training")
def counted_loss() -> zoo.losses.Loss:
    """Cross-entropy that counts its traces."""
    return counted


def test_85_the_trace_that_is_checked_is_the_one_that_is_compiled():
    options = {"steps": 30, "loss": "counted-before-training", "ema": 0.9, "patience": 9}
    schedule = {"schedule": "cosine", "warmup": 3}
    config = {"model": "mlp", "dataset": "moons", "dataset_options": {"n": 60}}
    TRACES.clear()
    run = prepare(RunConfig(**config, training=options | schedule))
    assert sorted(TRACES) == ["evaluation", "step"]
    carry_out(run)
    assert TRACES.count("step") == 1
    assert TRACES.count("evaluation") <= 2  # another batch size for the 12 test examples


def test_85_what_a_users_own_code_raises_passes_untouched():
    def broken(net, batch, **_):
        raise KeyError("my own mistake")

    def draws(net, batch, *, key, **_):
        jax.random.normal(key, (2,))  # a loss that forgets that evaluation has no key
        return cross_entropy(net, batch, key=key, **_)

    with pytest.raises(KeyError, match="my own mistake"):
        zoo.fit(model(), MOONS, loss=broken)
    with pytest.raises((TypeError, ValueError)) as refused:
        zoo.fit(model(), MOONS, loss=draws)
    assert "key" in str(refused.value) or "None" in str(refused.value)


def weighted_line(weight) -> zoo.Dataset:
    x = np.linspace(-2, 2, len(weight))[:, None]
    arrays = {"x": x, "y": 3 * x[:, 0] + 1, "weight": np.asarray(weight)}
    data = zoo.RawData(arrays, ("regression",))
    return zoo.make_dataset(data, split="all", standardise=False)


class Slope(zoo.AbstractModel):
    objectives: ClassVar[Mapping[str, Any]] = Line.objectives
    a: jax.Array

    def forward(self, xs, *, args=None, solver=None, key=None):
        return self.a * xs, zoo.Stats.discrete(len(xs), 1)


def test_86_whole_weights_are_those_numbers_and_zero_leaves_an_example_out():
    fit = lambda data: zoo.fit(Slope(jnp.zeros(())), data, steps=5, optimiser=optax.sgd(0.1))  # noqa: E731
    whole, floating = (fit(weighted_line(np.array([2, 0, 1, 1], kind))) for kind in (int, float))
    assert float(whole.model.a) == float(floating.model.a)
    data = weighted_line([2.0, 0.0, 1.0, 1.0])
    x, y = data.train["x"][[0, 0, 2, 3]], data.train["y"][[0, 0, 2, 3]]
    twice = zoo.make_dataset(
        zoo.RawData({"x": x, "y": y}, ("regression",)), split="all", standardise=False
    )
    assert float(fit(twice).model.a) == pytest.approx(float(floating.model.a), rel=1e-6)


def test_86_a_batch_without_weight_is_skipped_but_no_fault():
    data = weighted_line([1.0] + 19 * [0.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # no word of silent leaves
        settings = {"optimiser": optax.adam(1e-3), "batch_size": 2, "max_bad_steps": 2}
        result = zoo.fit(Slope(jnp.zeros(())), data, steps=100, **settings)
    rows = result.history.train
    empty = [row for row in rows if row["skipped"]]
    assert len(empty) == int(result.state.skipped) == 90  # of 10 batches one holds the example
    assert all(np.isnan([row["loss"], row["mse"]]).all() and not row["failed"] for row in empty)
    assert int(result.state.bad_steps) == 0 and float(result.model.a) != 0
    assert int(result.state.optimiser[0].count) == 10


def test_86_a_run_of_such_batches_alone_learned_nothing():
    data = weighted_line(19 * [0.0] + [1.0])
    with pytest.raises(zoo.errors.TrainingDivergedError, match=r"batches are all zero.*larger b"):
        zoo.fit(Slope(jnp.zeros(())), data, steps=1, batch_size=1, key=jax.random.key(1))
