"""Tasks: no file but a task's own compares its name, and one that only this module has."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo.cli import main
from zoo.errors import ConfigError, DataError
from zoo.registry import TASKS
from zoo.tasks import Answer, Target, Task, task_named

ROOT = Path(zoo.__file__).parent
KEY = jax.random.key(0)
OWN = {entry.name for entry in TASKS if entry.module is None}


def names_of(node: ast.AST) -> set[str]:
    """The tasks whose names stand in a piece of source as strings."""
    strings = {each.value for each in ast.walk(node) if isinstance(each, ast.Constant)}
    return OWN & {each for each in strings if isinstance(each, str)}


def compared(source: str) -> Iterator[ast.AST]:
    """Where a task's name decides something: compared, matched, looked up, searched for."""
    for node in ast.walk(ast.parse(source)):
        asked: list[ast.AST] = []
        if isinstance(node, ast.Compare):
            asked = [node.left, *node.comparators]
        elif isinstance(node, ast.MatchValue):
            asked = [node.value]
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) != "Literal":
            asked = [node.value, node.slice]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            searches = {"get", "index", "count", "startswith", "endswith", "out_size", "issubset"}
            searches |= {"isdisjoint", "issuperset", "intersection"}
            asked = [node.func.value, *node.args] if node.func.attr in searches else []
        if any(map(names_of, asked)):
            yield node


def test_no_file_but_its_own_compares_a_task_s_name():
    paths = ["dynamics", "forecasting", "interpolation", "paths", "trajectory"]
    assert sorted(OWN) == sorted(["classification", "density", "regression", *paths])
    files = [path for path in ROOT.rglob("*.py") if path.parent.name != "tasks"]
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}"  # type: ignore[attr-defined]
        for path in files
        for node in compared(path.read_text())
    ]
    assert not found
    # Recipes and registrations name tasks: what a data set serves, what a model's loss is for.
    naming = {str(p.relative_to(ROOT)) for p in files if names_of(ast.parse(p.read_text()))}
    files_of_data = {"files/inference.py", "files/tabular.py", "toy.py"}
    files_of_data |= {"images/idx_sets.py", "images/image_folder.py"}
    registering = {
        *(f"objectives/{name}.py" for name in ("losses", "forecasts", "paths")),
        *(f"objectives/{name}.py" for name in ("adversarial", "path_distance", "path_elbo")),
        # "paths" is a kind of data, a module and a figure too; "dynamics" a room and a registry.
        *("__init__.py", "registry.py"),
        *("datasets/spec.py", "models/densities/__init__.py", "recipes/__init__.py"),
        *(f"plots/densities/{name}.py" for name in ("__init__", "straightness")),
        "models/series/trajectory.py",  # the model has the name of its task
        *(f"models/densities/{name}.py" for name in ("cnf", "flow_matching", "stochastic")),
        "plots/densities/pairs.py",  # a histogram's option
        *(f"datasets/{name}" for name in files_of_data),
    }
    rooms = (
        *(f"datasets/{kind}/" for kind in ("densities", "images", "physics", "series")),
        "recipes/",
    )
    registering |= {name for name in naming if name.startswith(rooms)}
    assert naming <= registering | {"cli/first_pass.py"}


@pytest.mark.parametrize(
    "source",
    [
        "task == 'classification'",
        "'density' in data.tasks",
        "task not in ('classification', 'regression')",
        "{'regression': 1}.get(task)",
        "{'regression': 1}[task]",
        "{'regression'}.isdisjoint(tasks)",
        "match task:\n    case 'density': pass",
    ],
)
def test_what_compares_a_task_is_found(source):
    assert list(compared(source))


# A task of one's own


@zoo.register_task("quartiles")
class Quartiles(Task):
    """The quartiles of one target: pinball loss beside that of the training rows' quartiles."""

    target: ClassVar[Target] = Target.NUMBERS
    metric: ClassVar[str] = "pinball"
    baseline: ClassVar[str] = "constant_pinball"

    def out_size(self, spec):
        return 3

    def metrics(self, outputs, arrays, data, ok):
        unit = data.preprocessing.targets
        true = unit(arrays["y"][ok])
        constant = np.quantile(unit(data.train["y"]), LEVELS, axis=0).T
        return {
            "pinball": float(pinball(unit(outputs[ok]), true).mean()),
            "constant_pinball": float(pinball(constant, true).mean()),
        }

    def answer(self, outputs, xs, learned):
        return Answer(learned.targets(outputs), ("low", "middle", "high"), array="quartiles")


LEVELS = np.array([0.25, 0.5, 0.75])


def pinball(predicted, true):
    """The loss whose least value is at the quantiles of `LEVELS`."""
    errors = true - predicted
    return abs(errors) * (LEVELS * (errors > 0) + (1 - LEVELS) * (errors <= 0))


def pinball_loss(model, batch, *, key, step, solver):
    ys, stats = model.forward(batch["x"], solver=solver, key=key)
    return jnp.mean(pinball(ys, batch["y"]), axis=-1), zoo.Aux(stats, prediction=ys)


class Line(zoo.AbstractModel):
    objectives: ClassVar[Mapping[str, Any]] = {"quartiles": pinball_loss}
    weight: jax.Array
    bias: jax.Array

    def forward(self, xs, *, args=None, solver=None, key=None):
        return xs @ self.weight + self.bias, zoo.Stats.discrete(len(xs), 1)


def line(in_size: int, out_size: int, *, key) -> Line:
    """A linear map."""
    return Line(jnp.zeros((in_size, out_size)), jnp.zeros(out_size))


def spread_out(*, n: int = 200, seed: int = 0) -> zoo.RawData:
    """Heights in metres whose spread grows (quartiles)."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 1, (n, 1))
    y = 100 + 50 * x[:, 0] + 10 * x[:, 0] * rng.standard_normal(n)
    return zoo.RawData({"x": x, "y": y}, ("quartiles",), ("height",))


def test_a_task_of_a_test_is_trained_evaluated_and_predicted(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    options = ["--steps", "300", "--lr", "3e-2", "--no-figures", "--out", "run"]
    name = f"{__name__}:"
    main(["train", "--model", f"{name}line", "--dataset", f"{name}spread_out", *options])
    trained = capsys.readouterr().out
    main(["evaluate", "run", "--use", __name__])
    told = capsys.readouterr().out
    assert told == trained and '"task": "quartiles"' in told
    Path("new.csv").write_text("x\n0.0\n1.0\n")
    main(["predict", "run", "--use", __name__, "--input", "new.csv", "--output", "out.csv"])
    header, first, last = Path("out.csv").read_text().splitlines()
    assert header == "x,low,middle,high"
    near, far = (np.array(row.split(","), float)[1:] for row in (first, last))
    assert (np.diff(far) > 0).all() and near[1] == pytest.approx(100, abs=10)
    assert far[1] == pytest.approx(150, abs=10)
    assert np.ptp(far) > np.ptp(near)  # in metres, not in deviations
    data = zoo.load_dataset(f"{name}spread_out")
    model = zoo.load("run/model.safetensors")
    metrics = zoo.evaluate(model, data)
    assert 0 < metrics["pinball"] < 0.5 * metrics["constant_pinball"]
    assert task_named("quartiles").score(metrics).score == metrics["pinball"]
    assert zoo.model_config(f"{name}line", data)["use"] == [__name__]


def test_data_serve_a_task_that_they_do_not_name_if_it_is_asked_for():
    model = Line(jnp.zeros((1, 3)), jnp.zeros(3))
    cubic, moons = zoo.load_dataset("cubic", n=30), zoo.load_dataset("moons", n=30)
    assert cubic.serves("quartiles") and cubic.serves("density")
    series = zoo.make_dataset(zoo.RawData({"x": np.zeros((9, 4, 2)), "y": np.arange(9)}, ("own",)))
    assert not series.serves("density") and series.serves("own")
    assert not moons.serves("quartiles") and not moons.serves("not registered")
    metrics = zoo.evaluate(model, cubic, task="quartiles")
    assert metrics["pinball"] > 0.9 * metrics["constant_pinball"]
    for task, data in ((None, cubic), ("quartiles", moons)):
        with pytest.raises(ConfigError, match="the model does quartiles; the data serve"):
            zoo.evaluate(model, data, task=task)
    flat = zoo.predict(model, np.zeros((2, 1)), data=cubic)
    assert (flat == 0).all()  # the outputs as they are: `Quartiles` has no units of its own


def test_a_task_that_nobody_registered_has_its_loss_alone():
    task = task_named("not registered")
    assert type(task) is Task and task.score({}) is None
    data = zoo.load_dataset("moons", n=20)
    assert task.out_size(data.spec) == 2
    assert task.metrics(np.ones(2), data.test, data, np.ones(2, bool)) == {}
    raw = zoo.RawData({"x": np.ones((9, 2)), "y": np.arange(9)}, ("classification", "quartiles"))
    with pytest.raises(DataError, match="classification, whose y holds labels, and quartiles"):
        zoo.make_dataset(raw)
