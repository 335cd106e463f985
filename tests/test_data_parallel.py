"""Training on several devices, and in parts: the weights, reports and draws of one device."""

import equinox as eqx
import jax
import numpy as np
import optax
import pytest

import zoo
from zoo.train import loop

from .own_devices import told_by


@pytest.fixture(scope="module")
def told():
    """What `eight_devices.py` found; the devices are its own."""
    return told_by("eight_devices")


@pytest.mark.parametrize(("run", "weights"), [("float32", 1e-4), ("float64", 1e-9)])
def test_a_run_is_that_of_one_device(told, run, weights):
    assert told[run]["gradient"] < 1e-6
    assert told[run]["weights"] < weights and told[run]["loss"] < weights
    # Two examples of forty fail, wherever they are solved; a batch is a half of them, and a bit.
    assert told[run]["failed"] >= 90 and told[run]["counts"]
    assert told[run]["devices of the result"] == 1


def test_whole_numbers_are_those_of_one_device(told):
    assert told["float64"]["nfe"] < 1e-9


@pytest.mark.parametrize("run", ["float32", "float64"])
def test_devices_talk_once_a_step_and_never_in_a_solve(told, run):
    assert told[run]["collectives by depth"] == {"1": 1}


def test_another_number_of_devices_is_said(told):
    (words,) = told["resumed"]["said"]
    assert "devices was 4 and is 1" in words
    assert told["resumed"]["weights"] < 1e-5


def test_a_batch_that_each_device_solves_for_itself_is_said(told):
    nothing, (said,), equal = told["joint"]
    assert nothing == equal == []
    assert "Each of 2 devices solves its share of a batch as one ODE" in said


def test_evaluation_prediction_and_draws_are_those_of_one_device(told):
    assert told["evaluated"] < 1e-9


def test_predict_on_two_devices_writes_what_one_does(told):
    one, two = told["commands"]["predict"]
    assert one["devices"] == [] and two["devices"] == [2]
    assert one["said"] == two["said"] != []
    solved = [cell != "" for cell in one["cells"]]
    assert solved == [cell != "" for cell in two["cells"]] and 0 < sum(solved) < 11
    both = [[float(cell) for cell in each["cells"] if cell] for each in (one, two)]
    np.testing.assert_allclose(*both, atol=1e-6)


def test_evaluate_on_two_devices_measures_what_one_does(told):
    (one, _), (two, words) = told["commands"]["evaluate"]
    assert "on 2 × cpu" in words
    for name in ("calls", "idle_share"):  # each device calls the field for its own examples
        assert two.pop(name) > one.pop(name)
    assert one.pop("task") == two.pop("task") and one.pop("split") == two.pop("split")
    assert two == pytest.approx(one, rel=1e-5)


@pytest.mark.parametrize(("name", "shape"), [("density", [5, 65, 1]), ("series", [3, 3, 5, 2])])
def test_sample_on_two_devices_draws_what_one_does(told, name, shape):
    found = told["commands"][name]
    assert found["devices"] == [[], [2]]
    assert found["apart"] < 1e-5 and found["shape"] == shape


def test_more_devices_than_there_are_is_refused_in_words_by_each_command(told):
    assert told["commands"]["nothing written"]
    for code, out, words, _ in told["commands"]["nine"]:
        assert code == 2 and not out
        assert "devices = 9: JAX sees 8 devices (cpu), expected 1 to 8 or 'all'" in words


def test_a_batch_in_parts_is_the_whole_batch_in_less_memory(moons, monkeypatch):
    model = zoo.MLP(2, 2, key=jax.random.key(0))
    chunk, programs, ends = loop.run_chunk, [], []

    def kept(*given):
        if not int(given[0].step):
            programs.append(chunk.lower(*given).compile())
        return programs[-1](*given)

    monkeypatch.setattr(loop, "run_chunk", kept)
    options = {"steps": 5, "batch_size": 250, "optimiser": optax.sgd(0.1)}
    for parts in (None, 7):
        result = zoo.fit(model, moons, accumulate=parts, **options)
        ends.append(jax.tree.leaves(eqx.filter(result.model, zoo.trainable(result.model))))
    for whole, of_parts in zip(*ends, strict=True):
        np.testing.assert_allclose(of_parts, whole, atol=1e-6)
    used = [each.compiled.memory_analysis().temp_size_in_bytes for each in programs]
    assert used[1] < used[0] / 2
