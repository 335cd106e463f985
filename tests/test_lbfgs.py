"""L-BFGS after the steps of the optimiser: what it reaches, how it goes on, what it refuses."""

import json
import signal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo.cli import main
from zoo.solve import Outcome
from zoo.train import read_log
from zoo.train.folder.keeper import Keeper

KEY = jax.random.key(0)


@pytest.fixture(scope="module")
def line():
    """Values of a smooth function, without noise."""
    x = np.linspace(-2, 2, 40, dtype=np.float32)[:, None]
    arrays = {"x": x, "y": np.sin(2 * x)}
    return zoo.make_dataset(zoo.RawData(arrays, ("regression",)), split="60/20/20")


def net(data):
    return zoo.create_model("mlp", data, key=KEY, width=8, depth=1, activation="tanh")


def same(one, other):
    leaves = zip(*(jax.tree.leaves(eqx.filter(m, eqx.is_array)) for m in (one, other)), strict=True)
    return all((a == b).all() for a, b in leaves)


def test_lbfgs_reaches_what_as_many_steps_of_adam_do_not(line):
    plain = zoo.fit(net(line), line, steps=250)
    done = zoo.fit(net(line), line, steps=50, lbfgs_steps=200)
    losses = [each.history.train[-1]["loss"] for each in (plain, done)]
    assert losses[1] < 0.05 * losses[0] and int(done.state.step) == 250
    after = [row["loss"] for row in done.history.train[50:]]
    assert [row["step"] for row in done.history.train] == list(range(250))
    assert (np.diff(after) <= 1e-7).all()  # the same loss of all examples in every step
    assert done.history.val[-1]["step"] == 250


def test_a_run_stopped_in_its_lbfgs_steps_goes_on_to_the_same_bits(line, tmp_path, monkeypatch):
    options = {"steps": 6, "lbfgs_steps": 8, "batch_size": 10, "checkpoint_every": 2}
    whole = zoo.fit(net(line), line, out=tmp_path / "whole", **options)
    take, seen = Keeper.take, []

    def stopping(keeper, chunk):
        seen.append(int(chunk.state.step))
        if seen[-1] > 8:
            signal.raise_signal(signal.SIGTERM)
        return take(keeper, chunk)

    with monkeypatch.context() as patch:
        patch.setattr(Keeper, "take", stopping)
        with pytest.raises(BaseException) as stopped:
            zoo.fit(net(line), line, out=tmp_path / "part", **options)
    assert not isinstance(stopped.value, zoo.ZooError) and 8 < seen[-1] < 14
    again = zoo.fit(net(line), line, out=tmp_path / "part", resume=True, **options)
    assert same(again.state, whole.state) and same(again.model, whole.model)
    logs = [(tmp_path / each / "metrics.jsonl").read_text() for each in ("whole", "part")]
    assert logs[0] == logs[1] and len(list(read_log(tmp_path / "part" / "metrics.jsonl"))) > 14
    with pytest.raises(zoo.errors.CheckpointError, match="steps_before_lbfgs was 6 and is 7"):
        zoo.fit(net(line), line, out=tmp_path / "part", resume=True, **options | {"steps": 7})


class Failing(zoo.AbstractModel):
    """x + rate, which fails where the rate is above 1, though the loss goes on to fall there."""

    objectives = zoo.losses.PREDICTION
    rate: jax.Array

    def forward(self, xs, *, args=None, solver=None, key=None):
        stats = zoo.Stats.discrete(len(xs), 1)
        failed = jnp.where(self.rate > 1, Outcome.MAX_STEPS, Outcome.SUCCESS)
        return jnp.asarray(xs) + self.rate, eqx.tree_at(
            lambda s: s.result, stats, stats.result + failed
        )


@pytest.mark.filterwarnings("ignore::zoo.ZooWarning")
def test_a_line_search_does_not_win_by_failing(line):
    arrays = {"x": line.train["x"], "y": line.train["x"] + 3}
    data = zoo.make_dataset(zoo.RawData(arrays, ("regression",)), standardise=False)
    found = zoo.fit(Failing(jnp.asarray(0.5)), data, steps=1, lbfgs_steps=10).state
    assert 0.5 < float(found.model.rate) <= 1 and int(found.skipped) == 0


def test_lbfgs_is_refused_where_it_means_nothing(line):
    for more, words in (
        ({"patience": 3}, "patience = 3 do not go together"),
        ({"ema": 0.9}, "ema = 0.9 do not go together"),
        ({"lbfgs_steps": 0}, "lbfgs_steps = 0 is out of range"),
    ):
        with pytest.raises(zoo.errors.ConfigError, match=words):
            zoo.fit(net(line), line, **{"steps": 5, "lbfgs_steps": 5, "eval_every": 1} | more)


def test_lbfgs_by_command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    flags = "--model mlp --dataset cubic --model.width 4 --steps 5 --lbfgs-steps 4 --no-figures"
    assert main(["train", *flags.split(), "--out", "run"]) in (0, None)
    first = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert main(["train", "--resume", "--out", "run", "--no-figures"]) in (0, None)
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == first
    assert "| steps | 9 (0 skipped) |" in (tmp_path / "run" / "card.md").read_text()
