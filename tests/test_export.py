"""`zoo export`: the program is the model, in a process that has JAX and NumPy alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo.errors import ConfigError, NumericalError
from zoo.export import export, inputs_of
from zoo.export.units import Units
from zoo.solve import Outcome
from zoo.tasks import Task

from .compiling import SOON
from .small_data import images, series
from .test_cli import call
from .test_readme import module_of

KEY = jax.random.key(0)
ALONE = """
import sys

class Refused:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("zoo", "diffrax", "equinox", "optax", "lineax"):
            raise ImportError(name)

sys.meta_path.insert(0, Refused())
exec(open("without_the_zoo.py").read())
for name in sys.argv[1:]:
    told = json.load(open(f"{name}.json"))
    program = export.deserialize(open(told["program"], "rb").read())
    rows = np.load(f"{name}.npz")
    arguments = [rows[each["name"]] for each in told["arguments"]]
    got = program.call(*arguments, *told["tolerance"].values())
    np.savez(f"{name}-got.npz", **dict(zip("poe", got)))
    if told["tolerance"]:
        fewer = 3 if name == "square" else 4
        tight = program.call(*[each[:fewer] for each in arguments], 1e-6, 1e-6)
        np.savez(f"{name}-tight.npz", **dict(zip("poe", tight)))
"""
"""Runs the README's lines, then each program named, where importing the zoo raises."""


def square(t, y, args):
    return y**2


def blowing_up() -> tuple[zoo.ODENet, zoo.Dataset]:
    """1 / y of the initial value 1 less the time: large ones blow up; far from 0 in their unit."""
    x = np.linspace(-1.0, 1.0, 40)[:, None] + 1000.0
    data = zoo.make_dataset(zoo.RawData({"x": x, "y": 20 * x + 3}, ("regression",)))
    return zoo.ODENet(square, solver=zoo.Solver(rtol=1e-3, t1=0.9)), data


def made(name: str, data: zoo.Dataset, **options) -> tuple[zoo.AbstractModel, zoo.Dataset]:
    return zoo.create_model(zoo.model_config(name, data, **options), key=KEY), data


@pytest.fixture(scope="module")
def models() -> dict[str, tuple[zoo.AbstractModel, zoo.Dataset]]:
    small = {"dynamics_options": {"width": 4}}
    moons = zoo.load_dataset("moons", n=60)
    return {
        "square": blowing_up(),
        "images": made("conv_odenet", images(), width=2, solver={"steps": 4, "method": "Euler"}),
        "density": made("cnf", moons, **small),
        "forecast": made("trajectory", series(), **small),
    }


def raw_rows(name: str) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    if name == "square":
        return {"x": np.linspace(999.0, 1001.0, 200)[:, None]}
    if name == "density":
        return {"x": rng.normal(size=(4, 2))}
    if name == "images":
        return {"x": rng.uniform(0, 1, size=(4, 4, 3, 2))}
    t = np.broadcast_to(np.arange(12.0), (4, 12))
    mask = np.broadcast_to((t < 8)[..., None], (4, 12, 2))
    return {"x": 10 + rng.normal(size=(4, 12, 2)), "t": t, "mask": mask}


def results(path: Path) -> dict[str, np.ndarray]:
    """The prediction, the outcomes and the evaluations of a program's rows."""
    with np.load(path) as held:
        return dict(held)


def same(got: np.ndarray, expected: np.ndarray) -> None:
    np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.filterwarnings("ignore:.* of .* solves grew:zoo.ZooWarning")
def test_programs_without_the_zoo_say_what_zoo_predict_says(models, run, tmp_path):
    module_of("README.md", "without_the_zoo.py", tmp_path)
    code = (tmp_path / "without_the_zoo.py").read_text().splitlines()
    assert len([line for line in code if line and not line.startswith("#")]) <= 10
    assert call("export", "run", "--output", "m.stablehlo") == 0
    (tmp_path / "new.csv").write_text("x0,x1\n0.5,-0.5\n1.0,0.2\n")
    for name, (model, data) in models.items():
        length = 12 if name == "forecast" else None
        platforms = ("cpu", "cuda") if name == "square" else ("cpu",)
        task = "density" if name == "density" else data.tasks[0]
        artefact = export(model, data.preprocessing, task, length=length, platforms=platforms)
        assert artefact.difference is not None and artefact.difference <= 1e-6
        artefact.save(tmp_path / f"{name}.stablehlo")
        np.savez(tmp_path / f"{name}.npz", **raw_rows(name))
    command = [sys.executable, "-c", ALONE, *models]
    environment = os.environ | {"XLA_FLAGS": SOON}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert call("predict", "run", "--input", "new.csv", "--output", "out.csv") == 0
    cells = [row.split(",")[2] for row in Path("out.csv").read_text().splitlines()[1:]]
    assert done.stdout.strip() == f"[{' '.join(cells)}] [0 0]"
    for name, (model, data) in models.items():
        raw = raw_rows(name)
        given = raw if name == "forecast" else raw["x"]
        own = results(tmp_path / f"{name}-got.npz")
        same(own["p"], zoo.predict(model, given, data=data))
        if name == "images":
            continue
        tight = results(tmp_path / f"{name}-tight.npz")
        expected = zoo.predict(model, given, data=data, solver=zoo.Solver(rtol=1e-6, atol=1e-6))
        count = len(tight["p"])
        same(tight["p"], expected[:count])
        assert (tight["e"] > own["e"][:count]).all(), name
    outcomes = results(tmp_path / "square-got.npz")["o"]
    assert set(outcomes.tolist()) == {0, Outcome.GREW} and (np.diff(outcomes) >= 0).all()
    described = json.loads((tmp_path / "square.json").read_text())
    assert described["outcomes"]["3"]["what"] == "grew past any bound"
    assert described["arguments"][0]["shape"] == ["b", 1]
    assert described["platforms"] == ["cpu", "cuda"]


def test_equal_steps_have_no_tolerance_and_a_joint_solve_is_each_row_s_own():
    data = zoo.load_dataset("moons", n=60)
    small = {"dynamics_options": {"width": 4}}
    joint = {"batching": "joint", "steps": 3, "method": "Euler"}
    model, _ = made("odenet", data, solver=joint, **small)
    artefact = export(model, data.preprocessing, "classification", platforms=("cpu",))
    assert artefact.description["tolerance"] == {} and "each row" in artefact.notes[0]
    assert artefact.description["platforms"] == ["cpu"]


def test_a_program_that_disagrees_is_not_written(run, monkeypatch, capsys):
    monkeypatch.setattr(Units, "apply", lambda self, outputs: jnp.asarray(outputs, float) + 1e-2)
    assert call("export", "run", "--output", "m.stablehlo") == NumericalError.exit_code
    assert "differs from zoo.predict by" in capsys.readouterr().err
    assert not Path("m.stablehlo").exists() and not Path("m.json").exists()


def test_units_that_mix_outputs_are_refused():
    class Mixed(Task):
        def to_units(self, outputs, xs, learned):
            return np.cumsum(outputs, axis=1)

    with pytest.raises(ConfigError, match="more than a factor and a shift"):
        Units.of(Mixed("mixed"), (3,), (2,), zoo.load_dataset("moons", n=60).preprocessing)


def test_series_are_padded_as_the_mask_says():
    _, data = made("trajectory", series(), dynamics_options={"width": 4})
    inputs = inputs_of(data.preprocessing, 12)
    raw = inputs.examples(3)
    with jax.enable_x64(True):
        got = inputs.prepare({n: jnp.asarray(v) for n, v in raw.items()})
    for name, values in data.preprocessing.prepared(raw).items():
        np.testing.assert_allclose(got[name], values, rtol=1e-6, atol=1e-6)
    with pytest.raises(ConfigError, match="--length"):
        inputs_of(data.preprocessing, None)
