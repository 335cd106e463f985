"""A density at the command line: trained by name, drawn from, and its odd rows found."""

import json
import shutil

import jax
import numpy as np
import pytest

import zoo
from zoo.checkpoint import read, reference_in
from zoo.checkpoint.file import encode
from zoo.cli import main
from zoo.cli.sweep import KINDS, SweepCommand, kinds_of
from zoo.errors import ConfigError
from zoo.plots.draws import draws_figure
from zoo.tasks.percentiles import MOST, percentiles, quantiles

from .test_readme import commands_of

pytestmark = pytest.mark.filterwarnings("ignore:.*:zoo.ZooWarning")

WEIGHTS, LONGER = "people/model.safetensors", "longer/model.safetensors"
NAMES = ["height", "weight", "age in years"]
TRAIN, EVALUATE, PREDICT, SAMPLE, SWEEP = commands_of(
    "notebooks/families/densities.md", "people.csv"
)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A folder with a table of people and the run of a small flow on it."""
    folder = tmp_path_factory.mktemp("density")
    rows = np.random.default_rng(0).normal(size=(60, 3)) * [10.0, 15.0, 0.5] + [170, 70, 40]
    text = [",".join(NAMES), *(",".join(map(repr, row)) for row in rows.tolist())]
    (folder / "people.csv").write_text("\n".join(text) + "\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        main([*TRAIN, "--no-figures", "--steps", "3"])
    return folder


@pytest.fixture
def here(run, monkeypatch):
    monkeypatch.chdir(run)
    return run


def typed(line: str) -> None:
    main(line.split())


def rows_of(path) -> tuple[list[str], np.ndarray]:
    head, *lines = path.read_text().splitlines()
    return head.split(","), np.array([[float(c) for c in line.split(",")] for line in lines])


def test_a_density_is_chosen_by_its_objectives_and_drawn_as_in_python(here):
    assert json.loads((here / "people/config.json").read_text())["task"] == "density"
    typed("sample people --n 7 --seed 3 --output mine.csv")
    typed("sample people --n 7 --seed 3 --output drawn.npz")
    names, drawn = rows_of(here / "mine.csv")
    assert names == NAMES
    data = zoo.load_dataset("csv", path="people.csv", target="none", seed=0)
    model, key = zoo.load(WEIGHTS), jax.random.key(3)
    expected = zoo.sample(model, None, 7, key=key, data=data)
    np.testing.assert_array_equal(drawn, expected)
    np.testing.assert_array_equal(np.load("drawn.npz")["x"], expected)
    more = zoo.sample(model, None, 9, key=key, data=data)
    np.testing.assert_allclose(more[:7], expected, rtol=1e-5)


def test_the_readme_s_commands_find_odd_rows_and_draw(here, capsys):
    for command in (EVALUATE, PREDICT, SAMPLE):
        main(command)
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["task"] == "density" and told["sliced_w2"] > 0 and told["nfe_sample"] > 0
    assert "integral" not in told  # of three columns
    assert rows_of(here / "odd.csv")[0] == [*NAMES, "log_prob", "percentile"]
    assert rows_of(here / "drawn.csv")[1].shape == (100, 3)


def test_all_sweeps_are_those_that_fit_the_model(here):
    flow, net = zoo.load(WEIGHTS), zoo.load("odenet-circles")
    assert "likelihood" in SWEEP
    assert set(kinds_of(SweepCommand(run="people"), flow, "density")) == set(KINDS)
    assert set(kinds_of(SweepCommand(run="n"), net, "classification")) == {*KINDS} - {"likelihood"}
    asked = SweepCommand(run="people", kinds=("likelihood",))
    with pytest.raises(ConfigError, match="no density that can be drawn from"):
        kinds_of(asked, net, "classification")


def test_what_was_drawn_is_predicted_with_its_percentile_among_the_training_rows(here, capsys):
    typed("sample people --n 5 --output new.csv")
    typed("predict people --input new.csv --output told.csv")
    names, told = rows_of(here / "told.csv")
    assert names == [*NAMES, "log_prob", "percentile"]
    data = zoo.load_dataset("csv", path="people.csv", target="none", seed=0)
    model = zoo.load(WEIGHTS)
    train = zoo.predict(model, data.preprocessing.raw(data.train["x"]), data=data)
    share = 100 * (train[None] < told[:, 3, None]).mean(axis=1)
    np.testing.assert_allclose(told[:, 4], share, atol=100 / len(train) + 1e-9)
    np.savez("new.npz", x=told[:, :3])
    typed("predict people --input new.npz --output told.npz")
    arrays = np.load("told.npz")
    np.testing.assert_allclose(arrays["log_prob"], told[:, 3], rtol=1e-5)
    np.testing.assert_array_equal(arrays["percentile"], told[:, 4])


def test_a_weight_file_of_an_earlier_version_has_no_percentile_and_says_so(here, capsys):
    header, arrays = read(WEIGHTS)
    assert len(reference_in(header, "people")["log_prob"]) == 36
    for name in ("reference", "digest", "leaves", "format"):
        header.pop(name, None)
    (here / "old.safetensors").write_bytes(encode(header, arrays))
    typed("sample old.safetensors --n 2 --output two.csv")
    typed("predict old.safetensors --input two.csv --output plain.csv")
    assert rows_of(here / "plain.csv")[0][-1] == "log_prob"
    assert "keeps nothing of its training rows" in capsys.readouterr().err


def test_a_run_goes_on_with_what_its_own_rows_say(here):
    shutil.copytree("people", "longer")
    typed("train --resume --out longer --steps 5 --no-figures --resume-schedule restart")
    first, longer = (reference_in(read(w)[0], w)["log_prob"] for w in (WEIGHTS, LONGER))
    assert first != longer
    (here / LONGER).unlink()
    typed("train --resume --out longer --no-figures")
    assert reference_in(read(LONGER)[0], LONGER)["log_prob"] == longer


def test_a_percentile_is_the_share_of_rows_that_are_less_likely():
    few = np.array([3.0, 1.0, np.nan, 2.0, 4.0])
    assert quantiles(few) == [1.0, 2.0, 3.0, 4.0]
    told = percentiles(np.array([0.5, 1.0, 2.5, 4.0, 5.0, np.nan]), quantiles(few))
    np.testing.assert_array_equal(told, [0, 0, 50, 75, 100, np.nan])
    many = np.random.default_rng(0).normal(size=20_000)
    kept = quantiles(many)
    assert len(kept) == MOST
    at = np.linspace(-4, 4, 50)
    exact = 100 * (many[None] < at[:, None]).mean(axis=1)
    np.testing.assert_allclose(percentiles(at, kept), exact, atol=0.1)


def test_a_plane_and_images_are_drawn_without_what_failed():
    points = np.random.default_rng(0).normal(size=(20, 2))
    points[3] = np.nan
    (axes,) = draws_figure(points, ("a", "b")).axes
    assert len(axes.collections[0].get_offsets()) == 19
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("a", "b")
    images = np.random.default_rng(0).uniform(size=(5, 4, 4, 1))
    shown = [axes for axes in draws_figure(images).axes if axes.images]
    np.testing.assert_array_equal([a.images[0].get_array() for a in shown], images[..., 0])
