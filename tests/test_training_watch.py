"""What a training run may be called: failing examples, early stopping, nothing learned."""

import dataclasses
import warnings
from collections.abc import Mapping
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import zoo
from zoo.errors import TrainingDivergedError, ZooWarning
from zoo.objectives.losses import squared_error
from zoo.solve import Outcome

from .test_training import line_data


class Flaky(zoo.AbstractModel):
    """y = a x, and a solve that is told to fail at x > 0 until a is large enough."""

    objectives: ClassVar[Mapping[str, Any]] = {"regression": squared_error}
    a: jax.Array
    enough: float = np.inf

    def forward(self, xs, *, args=None, solver=None, key=None):
        stats = zoo.Stats.discrete(len(xs), 1)
        fails = (xs[:, 0] > 0) & (self.a < self.enough)
        result = jnp.where(fails, int(Outcome.MAX_STEPS), 0)
        return self.a * xs, dataclasses.replace(stats, result=result)


def flaky_data() -> zoo.Dataset:
    """Training examples that are solved, and validation examples of which some are not."""
    data = line_data(60, standardise=False)
    x = -np.abs(data.train["x"])
    return dataclasses.replace(data, train={"x": x, "y": 2 * x})


def fit(model, data, steps=60, **options):
    rest = {"eval_every": 20, "optimiser": optax.sgd(0.01), **options}
    return zoo.fit(model, data, steps=steps, **rest)


def told(record) -> list[str]:
    return [str(each.message) for each in record if issubclass(each.category, ZooWarning)]


@pytest.mark.filterwarnings("ignore:The evaluation at step:zoo.ZooWarning")
def test_84_patience_without_a_single_best_is_an_error_with_the_weights(tmp_path):
    data = flaky_data()
    failing = int((data.val["x"] > 0).sum())
    words = (
        rf"ended at step 60 without a best: none of 3 evaluations .* {failing} of 12 validation "
        r"examples could not be solved: they used up max_steps.*step 60.*raise max_steps.*patience"
    )
    options = {"patience": 3, "out": tmp_path / "run"}
    with pytest.warns(ZooWarning) as record, pytest.raises(TrainingDivergedError, match=words) as e:
        fit(Flaky(jnp.zeros(())), data, 400, **options)
    (once,) = told(record)
    assert "evaluation at step 20 is not compared" in once and f"{failing} of 12" in once
    assert e.value.exit_code == 4
    result = e.value.result
    assert float(result.model.a) == float(result.state.model.a) > 0
    assert [row["failed"] for row in result.history.val] == [failing] * 3
    with pytest.raises(TrainingDivergedError, match="step 60 without a best"):
        fit(Flaky(jnp.zeros(())), data, 400, resume=True, **options)


def test_84_all_steps_without_a_best_are_a_result_and_a_warning():
    with pytest.warns(ZooWarning) as record:
        result = fit(Flaky(jnp.zeros(())), flaky_data(), patience=50)
    first, last = told(record)
    assert "not compared" in first and "nothing to choose from in 60 steps" in last
    assert float(result.model.a) == float(result.state.model.a)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(Flaky(jnp.zeros(())), flaky_data())  # nobody asked for a comparison


def test_84_an_evaluation_that_fails_is_not_the_best_but_a_later_one_is():
    with pytest.warns(ZooWarning) as record:
        result = fit(Flaky(jnp.zeros(()), 1.0), flaky_data(), 400, patience=8)
    (once,) = told(record)
    assert "step 20 is not compared" in once
    failed = [row["failed"] > 0 for row in result.history.val]
    assert failed[0] and not failed[-1]
    sound = [row for row, bad in zip(result.history.val, failed, strict=True) if not bad]
    assert int(result.state.best_step) == min(sound, key=lambda row: row["loss"])["step"]


class Hot(zoo.dynamics.AbstractDynamics):
    """A field whose solution blows up where the state is positive."""

    a: jax.Array

    def __call__(self, t, y, args):
        return self.a + 200 * jnp.maximum(y, 0) ** 2


def test_84_a_share_of_failing_examples_is_told_once():
    data = line_data(40, standardise=False)
    x = np.where(np.arange(24) % 2, 1.0, -1.0)[:, None].astype(np.float32)
    data = dataclasses.replace(data, train={"x": x, "y": x + 0.5})
    model = zoo.ODENet(Hot(jnp.zeros(())), solver=zoo.Solver(max_steps=64))
    with pytest.warns(ZooWarning) as record:
        result = zoo.fit(model, data, steps=45, optimiser=optax.sgd(1e-3))
    (once,) = told(record)
    assert once.startswith("50 % of the training examples of steps 0 to 19 could not be solved")
    assert "grew past any bound" in once and "bound the dynamics" in once
    assert int(result.state.skipped) == 0
    assert {row["failed"] for row in result.history.train} == {12.0}


def test_84_a_few_failures_and_a_short_run():
    from zoo.train.watch.warned import FailingExamples

    report = lambda failed, ok=True, outcome=Outcome.STIFF: zoo.train.StepReport(  # noqa: E731
        ok=np.full(len(failed), ok),
        loss=np.zeros(len(failed)),
        metrics={},
        nfe=np.zeros(len(failed)),
        failed=np.array(failed),
        result=np.full(len(failed), int(outcome)),
        examples=np.full(len(failed), 128),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rare = FailingExamples(1000)
        for step in range(0, 60, 20):
            rare.see(report([1] + 19 * [0]), step)
        FailingExamples(1000).see(report(19 * [64]), 0)  # not yet
    with pytest.warns(ZooWarning, match=r"^75 % .*steps 0 to 2 .*stiff.* 3 steps were skipped"):
        FailingExamples(3).see(report([96, 96, 96], ok=False), 0)
    with pytest.warns(ZooWarning, match=r"^75 % .*does not say why .*report the Outcome"):
        FailingExamples(1).see(report([96], outcome=Outcome.SUCCESS), 0)


def overflowing(model, batch, **_):
    ys, stats = model.forward(batch["x"])
    return jnp.full(len(ys), jnp.inf) * model.a, zoo.Aux(stats)


def test_84_a_run_whose_every_step_was_skipped_is_an_error():
    model = Flaky(jnp.ones(()))
    with pytest.raises(TrainingDivergedError, match=r"every one of 3 steps was skipped.*loss") as e:
        fit(model, flaky_data(), 3, loss=overflowing)
    assert e.value.exit_code == 4 and int(e.value.result.state.skipped) == 3
    assert float(e.value.result.model.a) == 1.0
    failing = dataclasses.replace(flaky_data(), train={"x": np.ones((9, 1)), "y": np.ones((9, 1))})
    with (
        pytest.warns(ZooWarning, match=r"100 % .* and 3 steps were skipped"),
        pytest.raises(TrainingDivergedError, match=r"9 solves of the last .*used up max_s"),
    ):
        fit(model, failing, 3)


def test_84_such_a_run_ends_a_command_with_4(tmp_path, capsys):
    from .test_cli import call

    words = "train --model mlp --dataset moons --dataset.n 40 --optimiser sgd --lr 1e30 --steps 3"
    out = tmp_path / "run"
    assert call(*words.split(), "--no-figures", "--out", str(out)) == 4
    assert "every one of 3 steps was skipped" in capsys.readouterr().err
    assert (out / "model.safetensors").is_file() and "(3 skipped)" in (out / "card.md").read_text()


def test_84_a_run_that_gave_up_says_so_again_when_it_is_resumed(tmp_path):
    options = {"loss": overflowing, "out": tmp_path / "run", "checkpoint_every": 1}
    for resume in (False, True):
        with pytest.raises(TrainingDivergedError, match="10 steps in a row, up to step 10"):
            fit(Flaky(jnp.ones(())), flaky_data(), 30, resume=resume, **options)
