"""What the documents say, as a reader would paste it."""

import json
import re
import shlex
from pathlib import Path
from subprocess import CompletedProcess

import jax.numpy as jnp
import numpy as np
import pytest

import zoo

from . import forked
from .compiling import SOON

ROOT = Path(__file__).parents[1]
DENSITIES, LAWS, NOISE, SERIES = (
    f"notebooks/families/{name}.md" for name in ("densities", "laws", "noise", "series")
)


def blocks(document: str, language: str) -> list[str]:
    """The code blocks of a document in a language."""
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / document).read_text(), flags=re.DOTALL)


def module_of(document: str, name: str, folder: Path) -> Path:
    """The module that a document shows, written to a folder."""
    (text,) = [b for b in blocks(document, "python") if b.startswith(f"# {name}\n")]
    (folder / name).write_text(text)
    return folder / name


def commands_of(document: str, word: str) -> list[list[str]]:
    """The words of the zoo's commands in the shell block in which a word stands."""
    (text,) = [b for b in blocks(document, "sh") if word in b]
    lines = [shlex.split(line) for line in text.splitlines()]
    return [line[1:] for line in lines if line[0] == "zoo"]


def follow(commands: list[list[str]], folder: Path) -> list[CompletedProcess]:
    """Run commands in a folder; each must end well. Training draws no figures, `zoo plot` does."""
    done = []
    for command in commands:
        command = [*command, "--no-figures"] if command[0] == "train" else command
        done.append(forked.run(command, folder, XLA_FLAGS=SOON))
        assert done[-1].returncode == 0, done[-1].stderr
        assert "Traceback" not in done[-1].stderr
    return done


@pytest.mark.filterwarnings("ignore:Solved forwards and back again")
def test_the_readme_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    module_of("README.md", "mymodule.py", tmp_path)
    plain = [b for b in blocks("README.md", "python") if not b.startswith("# ")]
    first, second, blocks_in_a_model, third, fourth = plain
    shared: dict = {"jnp": jnp}
    exec(first, shared)
    accuracy = shared["zoo"].evaluate(shared["model"], shared["data"])["accuracy"]
    assert accuracy > 0.95
    assert shared["labels"].tolist() == [0, 1]
    assert shared["states"].shape == (len(shared["data"].test["x"]), 50, 3)
    exec(second, shared)
    turned = shared["model"](shared["jnp"].array([1.0, 0.0]))
    assert abs(turned - shared["jnp"].array([-1.0, 0.0])).max() < 1e-2
    assert zoo.count_parameters(shared["frozen"]) == 0
    assert len(blocks_in_a_model.splitlines()) <= 25
    exec(blocks_in_a_model, shared)
    told, (one, two) = shared["told"], shared["told"]["nfe_by_block"].values()
    assert told["accuracy"] > 0.95 and told["nfe"] == one + two > 13
    assert shared["residual"].history.train[-1]["nfe"] == 2
    capsys.readouterr()
    exec(third, shared)
    printed = capsys.readouterr().out
    assert "nan" in printed and "1 of 2 solves grew past any bound" in printed
    assert "t≈1.571 after 25 accepted" in printed
    exec(fourth, shared)
    np.testing.assert_allclose(shared["hit"].t, [0.6386, 1.0096], rtol=1e-3)
    np.testing.assert_allclose(shared["given"], (1 - np.exp(-1)) * np.exp(-2), rtol=1e-2)
    assert shared["paths"].shape == (3, 2)
    energy = shared["p"] ** 2 / 2 - np.cos(shared["q"])
    np.testing.assert_allclose(energy, -np.cos(1.0), rtol=1e-2)


@pytest.mark.filterwarnings("ignore:Solved forwards and back again")
def test_a_flow_by_matching():
    (block,) = [b for b in blocks(DENSITIES, "python") if b.startswith("# a density of moons\n")]
    shared: dict = {}
    exec(block, shared)
    data, points, told = shared["data"], shared["points"], shared["told"]
    assert told["nll"] < told["gaussian_nll"] - 0.2
    # The class's own moon is where its draws lie.
    train = data.train["x"] * data.x_scale.std + data.x_scale.mean
    distances = ((points[:, None] - train) ** 2).sum(axis=-1)
    assert np.mean(data.train["y"][distances.argmin(axis=1)] == 1) > 0.9


def test_the_readme_s_dynamics_from_an_empty_folder(tmp_path):
    module_of("README.md", "mymodule.py", tmp_path)
    (tmp_path / "new.csv").write_text("x0,x1\n0.5,-0.5\n1.0,0.2\n")
    commands = commands_of("README.md", "mymodule:swirl")
    follow(commands, tmp_path)
    header, *rows = (tmp_path / "predicted.csv").read_text().splitlines()
    assert header == "x0,x1,prediction,probability_0,probability_1" and len(rows) == 2
    assert (tmp_path / "swirl" / "figures" / "boundary.png").is_file()
    forgotten = [word for word in commands[1] if word not in ("--use", "mymodule")]
    refused = forked.run(forgotten, tmp_path)
    assert refused.returncode == 2 and "evaluate swirl --use mymodule" in refused.stderr


def test_the_readme_s_own_data(tmp_path):
    (example,) = blocks("README.md", "csv")
    rng = np.random.default_rng(0)
    towns = ("Köln", '"Bonn, West"', "Aachen")
    rows = [
        f"{r},{40 * r},{towns[r % 3]},{100 + 60 * r + i}\n"
        for i, r in enumerate(rng.integers(1, 6, 60))
    ]
    (tmp_path / "homes.csv").write_text(example + "".join(rows), encoding="utf-8")
    trained, evaluated, _ = follow(commands_of("README.md", "homes.csv"), tmp_path)
    assert trained.stdout == evaluated.stdout and "regression" in trained.stderr
    priced = (tmp_path / "priced.csv").read_text(encoding="utf-8").splitlines()
    assert priced[0] == "rooms,area,town,price,prediction"
    assert priced[2].startswith('4,98,"Bonn, West",415,') and len(priced) == 63
    error = [abs(float(line.split(",")[-1]) - float(line.split(",")[-2])) for line in priced[1:]]
    assert np.mean(error) < 40


def test_own_series(tmp_path):
    (example,) = [each for each in blocks(SERIES, "text") if each.startswith("patient,")]
    rng = np.random.default_rng(0)
    rows = [
        f"p{i},{hour:.2f},{60 + 30 * (i % 2)}.5,,{hour > 2:d},{('well', 'ill')[i % 2]}"
        for i in range(30)
        for hour in np.sort(rng.uniform(0, 5, rng.integers(4, 9)))
    ]
    header, *shown = example.splitlines()
    a7 = [row for row in shown if row.startswith("a7")]
    (tmp_path / "visits.csv").write_text("\n".join([header, *rng.permutation([*a7, *rows])]))
    trained, evaluated, _ = follow(commands_of(SERIES, "visits.csv"), tmp_path)
    assert trained.stdout == evaluated.stdout and "31 series of 2 to 8 times" in trained.stderr
    assert json.loads(evaluated.stdout.splitlines()[-1])["accuracy"] > 0.8
    told = (tmp_path / "told.csv").read_text().splitlines()
    assert told[0].startswith("patient,prediction,probability_ill,") and len(told) == 32


def test_what_is_out_of_the_tree(tmp_path):
    module_of("CONTRIBUTING.md", "mine.py", tmp_path)
    trained, evaluated, straight = follow(commands_of("CONTRIBUTING.md", "mine:wave"), tmp_path)
    assert trained.stdout == evaluated.stdout and "height" in trained.stdout
    assert "penalty" in (tmp_path / "straight" / "metrics.jsonl").read_text()
    assert straight.stdout


def test_a_model_of_images_out_of_the_tree(tmp_path):
    from sklearn.datasets import load_digits

    module = module_of("CONTRIBUTING.md", "pictures.py", tmp_path)
    assert len(module.read_text().splitlines()) <= 26  # the first line is the file's name
    images, labels = load_digits(return_X_y=True)
    images = images.reshape(-1, 8, 8, 1)
    np.savez(tmp_path / "digits.npz", x=images[:600], y=labels[:600])
    np.savez(tmp_path / "new.npz", x=images[600:800])
    follow(commands_of("CONTRIBUTING.md", "pictures:convolution"), tmp_path)
    right = np.load(tmp_path / "read.npz")["prediction"] == labels[600:800]
    assert right.mean() > 0.8
    card = (tmp_path / "convolution" / "card.md").read_text()
    assert "| inputs | images of 8×8×1 |" in card and '"in_shape": [' in card
    table = ["train", "--model", "pictures:convolution", "--dataset", "moons"]
    refused = forked.run(table, tmp_path)
    assert refused.returncode == 2
    assert "needs the size in_shape" in refused.stderr and "mlp, odenet" in refused.stderr


def test_a_module_with_ode_blocks_out_of_the_tree(tmp_path):
    source = module_of("CONTRIBUTING.md", "blocks.py", tmp_path).read_text()
    assert len(source.splitlines()) <= 25
    _, evaluated = follow(commands_of("CONTRIBUTING.md", "blocks:chain"), tmp_path)
    card = (tmp_path / "chain" / "card.md").read_text()
    told = json.loads(evaluated.stdout)
    costs = told["nfe_by_block.0"], told["nfe_by_block.1"]
    assert told["nfe"] == sum(costs) and "| nfe_by_block | 0: " in card
    assert "Dopri5" in card.split("| solver |")[1].splitlines()[0].split(";")[1]


def test_a_task_out_of_the_tree(tmp_path):
    module_of("CONTRIBUTING.md", "mine.py", tmp_path)
    source = module_of("CONTRIBUTING.md", "medians.py", tmp_path).read_text()
    task = source.split("@zoo.register_task")[1].split("\n\n\nclass")[0]
    assert len(task.splitlines()) <= 25
    (tmp_path / "new.csv").write_text("x\n0.0\n0.5\n")
    commands = commands_of("CONTRIBUTING.md", "medians:swell")
    trained, _, listed = follow(commands, tmp_path)
    metrics = json.loads(trained.stdout)
    assert metrics["task"] == "median" and metrics["mae"] < 0.5 * metrics["median_mae"]
    header, _, last = (tmp_path / "predicted.csv").read_text().splitlines()
    assert header == "x,prediction" and abs(float(last.split(",")[1]) - np.sin(1.5)) < 0.3
    assert "beside that of the training median. (table, image, series)" in listed.stdout


def test_a_density_out_of_the_tree(tmp_path):
    source = module_of("CONTRIBUTING.md", "gaussians.py", tmp_path).read_text()
    own = source.split("class Gaussian")[1].split("\n\n\ndef tilted")[0]
    assert len(own.splitlines()) <= 25
    trained, evaluated = follow(commands_of("CONTRIBUTING.md", "gaussians:tilted"), tmp_path)
    told, closer = (json.loads(each.stdout) for each in (trained, evaluated))
    assert abs(told["nll"] - told["gaussian_nll"]) < 0.05
    assert abs(closer["nll"] - told["nll"]) < 0.01


def test_a_flow_by_likelihood():
    (text,) = [b for b in blocks(DENSITIES, "python") if b.startswith("# exact likelihoods\n")]
    shared: dict = {}
    exec(text, shared)
    zs, told = shared["zs"], shared["told"]
    assert told["nll"] < told["gaussian_nll"] - 0.2 and shared["log_p"].shape == (2,)
    assert abs(np.std(zs) - 1) < 0.15 and shared["points"].shape == (500, 2)


def test_the_equation_of_the_page_slows_down_by_its_term():
    name = "# Burgers' equation with a term of one's own\n"
    (block,) = [b for b in blocks(LAWS, "python") if b.startswith(name)]
    shown: dict = {}
    exec(block, shown)
    free = shown["pde"].MethodOfLines(shown["space"], shown["field"].terms[:2])
    solver = zoo.Solver(rtol=1e-4, t1=0.5)
    without, _ = zoo.solve.solve(free, shown["u0"][None], solver=solver)
    assert shown["stats"].ok.all() and shown["u"].shape == (1, 64)
    ratio = float(jnp.abs(shown["u"]).sum() / jnp.abs(without).sum())
    assert 0.9 < ratio < 0.99


def test_a_law_and_a_net(tmp_path, monkeypatch):
    from scipy.integrate import solve_ivp

    (text,) = [b for b in blocks("README.md", "python") if b.startswith("# a law and a net\n")]
    code = [
        line for line in text.splitlines() if line and not line.startswith(("#", "import", "from"))
    ]
    assert len(code) <= 15
    t = np.linspace(0, 10, 400)
    swing = lambda t, y: [y[1], -9.81 * np.sin(y[0]) - 0.4 * y[1]]  # noqa: E731
    y = solve_ivp(swing, (0, 10), [1.5, 0.0], t_eval=t, rtol=1e-9, atol=1e-9).y.T
    table = np.column_stack([t, y])
    np.savetxt(tmp_path / "swing.csv", table, "%.7g", ",", header="time,angle,speed", comments="")
    monkeypatch.chdir(tmp_path)
    shared: dict = {}
    exec(text, shared)
    assert shared["told"]["rmse_standardised"] < 0.05 and shared["told"]["net_share"] < 0.2
    np.testing.assert_allclose(shared["friction"], [0.0, -0.4], atol=0.1)


def test_a_law_of_random_paths():
    name = "# a law of random paths\n"
    (text,) = [b for b in blocks(NOISE, "python") if b.startswith(name)]
    shared: dict = {}
    exec(text, shared)
    told, drawn = shared["told"], shared["drawn"]
    assert drawn.shape == (100, 8, 1) and np.isfinite(drawn).all()
    assert {"sd", "sd_data", "sd_se", "sd_off"} <= told.keys()
    # A walk spreads as the root of its length; twenty steps of training know as much.
    assert drawn[:, -1].std() / drawn[:, 0].std() > 1.2
