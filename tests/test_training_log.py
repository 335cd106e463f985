"""What a run tells of itself: learning rate, memory, compilations, and the seed of its split."""

import json

import jax
import numpy as np
import optax
import pytest

import zoo
from zoo.errors import ZooWarning
from zoo.runs.config import RunConfig
from zoo.runs.prepare import prepare
from zoo.train import read_log
from zoo.train.options import training_options

from .test_cli import call
from .test_training import line, line_data, poisoned

CONFIG = {"model": "mlp", "dataset": "moons", "dataset_options": {"n": 60}}
pytestmark = pytest.mark.filterwarnings("ignore:The gradient of unused")


def optimiser(**options) -> optax.GradientTransformation:
    from zoo.schema import resolve

    given = resolve(training_options, {"lr": 0.1, **options})
    return training_options(**given).fit_arguments(None)["optimiser"]


def rates(made, data=None, steps=12, **options) -> list[float]:
    result = zoo.fit(line(), data or line_data(60), steps=steps, optimiser=made, **options)
    return [row.get("lr") for row in result.history.train]


def test_99_the_rate_of_each_step_is_that_of_its_update():
    made = optimiser(schedule="cosine", warmup=4, steps=12, clip=1.0)
    schedule = optax.join_schedules(
        [optax.linear_schedule(0.0, 0.1, 4), optax.cosine_decay_schedule(0.1, 8)], [4]
    )
    np.testing.assert_allclose(rates(made), [schedule(n) for n in range(12)], rtol=1e-6)
    # One of each four batches is skipped: the optimiser's count stands still, and so does the rate.
    told = rates(made, poisoned(line_data(60)), batch_size=9)
    assert len(set(told)) == 9 and sorted(told[:5]) == told[:5]
    assert rates(optax.adam(1e-3)) == [None] * 12  # nobody says what it is
    assert rates(None)[0] == pytest.approx(1e-2)  # the command's


def test_99_an_unknown_rate_is_left_out():
    schedule = optax.linear_schedule(0.1, 0.0, 12)
    assert set(rates(optax.adam(schedule))) == {None}
    told = rates(optax.inject_hyperparams(optax.adam)(learning_rate=schedule))
    np.testing.assert_allclose(told, [schedule(n) for n in range(12)], rtol=1e-6)


def test_99_the_log_of_a_run_that_was_stopped_is_the_same(tmp_path):
    made = optimiser(schedule="cosine", steps=30)
    options = {"optimiser": made, "eval_every": 10, "key": jax.random.key(1)}
    data = line_data(60)
    zoo.fit(line(), data, steps=30, out=tmp_path / "whole", **options)
    zoo.fit(line(), data, steps=10, out=tmp_path / "run", **options)
    zoo.fit(line(), data, steps=30, out=tmp_path / "run", resume=True, **options)
    logs = [(tmp_path / name / "metrics.jsonl").read_bytes() for name in ("whole", "run")]
    assert logs[0] == logs[1]
    rows = read_log(tmp_path / "run" / "metrics.jsonl")
    assert {"lr"} <= rows[0].keys() and not {"peak_memory", "compilations"} & rows[0].keys()
    times = [json.loads(x) for x in (tmp_path / "run" / "times.jsonl").read_text().splitlines()]
    assert all(row["peak_memory"]["process"] > 50e6 for row in times)
    begins = [n for n, row in enumerate(times) if row["step"] in (1, 11)]
    assert len(begins) == 2
    assert not any(row["compilations"] for row in times[begins[0] + 4 : begins[1]])


def test_99_compilations_are_counted():
    told = zoo.fit(line(), line_data(70), steps=30).history
    assert 1 <= told.compilations <= 12
    assert told.peak_memory["process"] > 50e6


def test_99_one_seed_for_the_split_and_another_for_the_weights():
    runs = [prepare(RunConfig(**CONFIG, split_seed=7, seed=seed)) for seed in (1, 2)]
    first, second = runs
    for split in ("train", "val", "test"):
        for name, values in first.data.split(split).items():
            np.testing.assert_array_equal(values, second.data.split(split)[name])
    weights = [np.asarray(run.model.net.layers[0].weight) for run in runs]
    assert (weights[0] != weights[1]).any()
    assert [(r.config.seed, r.config.seed_of_split) for r in runs] == [(1, 7), (2, 7)]
    alone = prepare(RunConfig(**CONFIG, seed=7))
    assert "split_seed" not in alone.config.to_json() and alone.config.seed_of_split == 7
    np.testing.assert_array_equal(alone.data.train["x"], first.data.train["x"])
    zero = prepare(RunConfig(**CONFIG, split_seed=0, seed=7))
    assert zero.config.to_json()["split_seed"] == 0
    assert (zero.data.train["x"] != alone.data.train["x"]).any()


def test_99_seeds_share_a_split_and_evaluate_and_resume_keep_it(tmp_path, capsys, recwarn):
    out = tmp_path / "runs"
    words = "train --model mlp --dataset moons --dataset.n 60 --seeds 2 --split-seed 5 --steps 3"
    words += " --schedule constant"
    assert call(*words.split(), "--no-figures", "--out", str(out)) == 0
    trained = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    configs = [json.loads((out / f"seed-{n}" / "config.json").read_text()) for n in (0, 1)]
    assert configs[0]["preprocessing"] == configs[1]["preprocessing"]
    assert [(c["seed"], c["split_seed"]) for c in configs] == [(0, 5), (1, 5)]
    assert "| seed of the split | 5 |" in (out / "seed-1" / "card.md").read_text()
    assert call("evaluate", str(out / "seed-1")) == 0
    assert json.loads(capsys.readouterr().out) == trained[1]
    resume = ("train", "--resume", "--out", str(out / "seed-1"), "--no-figures")
    assert call(*resume, "--steps", "5") == 0
    again = json.loads((out / "seed-1" / "config.json").read_text())
    assert again["split_seed"] == 5 and again["preprocessing"] == configs[1]["preprocessing"]
    capsys.readouterr()
    assert call(*resume, "--split-seed", "6") == 2
    assert "split_seed was 5 and is 6" in capsys.readouterr().err
    assert not [w for w in recwarn if issubclass(w.category, ZooWarning)]
