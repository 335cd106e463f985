"""Command lines for `tests.torture.commands`: those made by chance, and those made by intent."""

import dataclasses
import random
from collections.abc import Iterator

from zoo.cli.card import CardCommand
from zoo.cli.evaluate import EvaluateCommand, PlotCommand
from zoo.cli.export import ExportCommand
from zoo.cli.flags import flags_of, train_flags
from zoo.cli.listing import ListCommand
from zoo.cli.predict import PredictCommand
from zoo.cli.report import ReportCommand
from zoo.cli.sweep import SweepCommand
from zoo.cli.train import TrainCommand
from zoo.runs.config import RunConfig
from zoo.solve import solver_options

DIGITS = "1234567890123456789012345"
LONG = "a" * 300
NUMBERS = ("-1", "0", "1", "2", "0.5", "1e-3", "nan", "inf", "-inf", "1e400", "1e308", "2147483647")
ODD = ("", "None", "[]", "{}", "=", "True", "no", "-", "--", "a b", "x\ny", "Köln", "\x1b[2J", "'")
PATHS = (".", "/", "run", "new.csv", "run/model.safetensors", "/dev/null", "/dev/full", "pipe")
NAMES = ("odenet", "mlp", "resnet", "moons", "cubic", "csv", "npz", "Tsit5", "Euler", "mymodule")
VALUES = (*NUMBERS, "2147483648", DIGITS, "9" * 5000, *ODD, LONG, "\udcff", "a\0b", *PATHS, *NAMES)

PAIRS = (("odenet", "moons"), ("mlp", "moons"), ("resnet", "cubic"), ("mlp", "csv"))
SMALL = ["--dataset.n", "60", "--steps", "2", "--no-figures"]
BASES: dict[str, list[list[str]]] = {
    "train": [
        *(["--model", model, "--dataset", data] for model, data in PAIRS),
        ["--recipe", "cubic-resnet"],
        ["--resume", "--out", "run"],
        ["--from", "run", "--dataset", "moons"],
        [],
    ],
    "evaluate": [["run"], ["odenet-moons"], []],
    "predict": [["run", "--input", "new.csv", "--output", "out.csv"], ["run"]],
    "sweep": [["odenet-moons", "--kinds", "effort"], ["run"]],
    "plot": [["run"], []],
    "export": [["run", "--output", "m.stablehlo"], ["odenet-moons", "--output", "m.stablehlo"]],
    "card": [["run"], []],
    "report": [["run", "odenet-moons", "--output", "r.html"], ["--output", "r.html"]],
    "list": [[]],
}
COMMANDS = {
    "train": TrainCommand,
    "evaluate": EvaluateCommand,
    "predict": PredictCommand,
    "sweep": SweepCommand,
    "plot": PlotCommand,
    "export": ExportCommand,
    "card": CardCommand,
    "report": ReportCommand,
    "list": ListCommand,
}


def options() -> dict[str, list[str]]:
    """The options of each command, by their real names."""
    own = {
        name: [f"--{f.name.rstrip('_').replace('_', '-')}" for f in dataclasses.fields(command)]
        for name, command in COMMANDS.items()
    }
    solver = [f"--{flag.name}" for flag in flags_of(solver_options, (), "solver.", {})]
    for model, data in PAIRS:
        flags = train_flags(RunConfig(model=model, dataset=data))
        own["train"] += [f"--{flag.name.replace('_', '-')}" for flag in flags]
    for name in ("evaluate", "predict", "export"):
        own[name] += solver
    return {name: sorted(set(each)) for name, each in own.items()}


def misspelt(option: str, rng: random.Random) -> str:
    """An option with one letter left out, doubled or exchanged."""
    at = rng.randrange(2, len(option))
    return option[:at] + rng.choice(["", option[at] * 2, "q"]) + option[at + 1 :]


def by_chance(rng: random.Random, known: dict[str, list[str]]) -> list[str]:
    """A command line: a good one, to which up to three things were added, half of them bad."""
    command = rng.choice(list(BASES))
    words = [command, *rng.choice(BASES[command])]
    everything = [option for each in known.values() for option in each]
    for _ in range(rng.choice([0, 1, 1, 1, 2, 2, 3])):
        option = rng.choice(known[command])
        match rng.randrange(10):
            case 0:
                words.append(misspelt(option, rng))
            case 1:
                words += [rng.choice(everything), rng.choice(VALUES)]
            case 2:
                words.append(option)
            case 3:
                words.append(rng.choice(VALUES))
            case 4:
                words.append(f"{option}={rng.choice(VALUES)}")
            case 5:
                words += [option, rng.choice(VALUES), option, rng.choice(VALUES)]
            case _:
                words += [option, rng.choice(VALUES)]
    if rng.random() < 0.05:
        words[0] = rng.choice([misspelt(f"--{command}", rng)[2:], *VALUES])
    return words


@dataclasses.dataclass(frozen=True)
class Intent:
    """A command line with the exit code that it must end with, and a word of what it must say."""

    words: list[str]
    code: int
    says: str


def _train(*words: str) -> list[str]:
    return ["train", "--model", "mlp", "--dataset", "moons", *words]


def _everywhere(option: str, *, wrong: tuple[str, ...], code: int = 2) -> Iterator[Intent]:
    for value in wrong:
        yield Intent(_train(option, value), code, option.lstrip("-").replace("-", "_")[:4])


def by_intent() -> list[Intent]:
    """A hundred, of every fault of the command line."""
    ode = ["train", "--model", "odenet", "--dataset", "moons"]
    cases = [
        Intent([], 0, "usage: zoo COMMAND"),
        Intent(["--help"], 0, "zoo train --model"),
        Intent(["trian"], 2, "Did you mean 'train'"),
        Intent([""], 2, "There is no command ''"),
        Intent([DIGITS], 2, "There is no command"),
        Intent(["train"], 2, "Choose what to train"),
        *(Intent([name, "--help"], 0, f"usage: zoo {name}") for name in COMMANDS),
        *(
            Intent([name, "--qqq", "1"], 2, "There is no option '--qqq'")
            for name in COMMANDS
            if name != "train"
        ),
        *(Intent([name, "--debug=1", "run"], 2, "") for name in COMMANDS if name != "train"),
        Intent([*_train("--help")], 0, "chosen: mlp"),
        *_everywhere("--seed", wrong=("-1", "4294967296", DIGITS, "nan", "1.5", "", "[]")),
        *_everywhere("--seeds", wrong=("0", "-1", DIGITS, "None", "")),
        *_everywhere("--steps", wrong=("0", "-1", "nan", "", "None", "1e3", "9" * 5000)),
        *_everywhere("--lr", wrong=("0", "-1", "nan", "", "None")),
        *_everywhere("--batch-size", wrong=("0", "-1", DIGITS, "")),
        Intent(_train("--seed", "4294967295", "--seeds", "2"), 2, "--seeds"),
        *(Intent(_train(f"--{name}", ""), 2, "") for name in ("out", "task", "recipe", "from")),
        *(Intent(_train(f"--{name}"), 2, "needs a value") for name in ("out", "task", "use")),
        Intent(_train("--model"), 2, "--model needs a value, such as --model odenet"),
        Intent(_train("--model", LONG), 2, "There is no model"),
        Intent(_train("--dataset", LONG), 2, "There is no dataset"),
        Intent(_train("--recipe", "None"), 2, "There is no recipe 'None'"),
        Intent(_train("--init", "zeros"), 2, "'default', 'standard-normal', 'None'"),
        Intent(_train("--model.width", "2147483647"), 2, "model.width = 2147483647"),
        Intent(_train("--model.width", "1000000"), 2, "1,000,006,000,002 parameters"),
        Intent(_train("--model.width", "200000"), 2, "bytes of memory"),
        Intent([*ode, "--model.lift", "2147483647"], 2, ""),
        Intent([*ode, "--model.dynamics.width", "2147483647"], 2, ""),
        Intent([*ode, "--model.dynamics", LONG], 2, "There is no dynamics"),
        Intent([*ode, "--solver.max-steps", "2147483647"], 2, "max_steps"),
        Intent([*ode, "--solver.steps", DIGITS], 2, "steps"),
        Intent([*ode, "--solver.method", "Dopri6"], 2, "Dopri5"),
        Intent([*ode, "--solver.rtol", "nan"], 2, "rtol"),
        Intent([*ode, "--solver.adjoint", "None", "--solver.t1", "nan"], 2, "t1"),
        Intent(_train("--out", LONG), 2, "--out aaaaaaaaaaaaaaaaaaaa...: a name of 300 bytes"),
        Intent(_train("--out", f"runs/{LONG}/run"), 2, "a name of 300 bytes"),
        Intent(_train("--out", "ü" * 128), 2, "a name of 256 bytes"),
        Intent(["train", "--resume", "--out", LONG], 2, "a name of 300 bytes"),
        Intent(["evaluate", LONG], 2, "RUN aaaaaaaaaaaaaaaaaaaa...: a name of 300 bytes"),
        Intent(["predict", "run", "--input", LONG, "--output", "o.csv"], 2, "--input aaa"),
        Intent(_train("--out", "/dev/null"), 5, "exists"),
        Intent(_train("--out", "/dev/full"), 5, "exists"),
        Intent(_train("--out", "new.csv/run"), 5, "new.csv"),
        Intent(_train("--out", "run"), 5, "--resume"),
        Intent(_train("--out", "a\0b"), 2, "is not text"),
        Intent(_train("--out", "\udcff"), 2, "is not text"),
        Intent(_train("--no-resume"), 2, "--no-resume"),
        Intent(_train("--no-figures=1"), 2, ""),
        Intent(_train("--use", ""), 2, "--use"),
        Intent(_train("--use", "a b"), 2, "--use a b"),
        Intent(_train("--use", LONG), 2, "There is no module"),
        Intent(_train("=", "="), 2, "="),
        Intent(_train("--dataset.n", "4", "--dataset.n", "0"), 2, "dataset.n"),
        Intent(_train("--solver.rtol", "1e-3"), 2, "solver.rtol"),
        Intent(["train", "--resume"], 2, "--model"),
        Intent(["evaluate"], 2, "RUN"),
        Intent(["evaluate", ""], 2, "RUN is empty"),
        Intent(["evaluate", "/dev/null"], 3, "/dev/null"),
        Intent(["evaluate", "run", "run"], 2, "run"),
        Intent(["evaluate", "run", "--other-grids", "maybe"], 2, "maybe"),
        Intent(["evaluate", "run", "--split", "all"], 2, "'train', 'val', 'test'"),
        Intent(["evaluate", "new.csv"], 3, "new.csv"),
        Intent(["sweep", "odenet-moons", "--kinds"], 2, "--kinds is empty"),
        Intent(["sweep", "odenet-moons", "--limit", "0"], 2, "--limit = 0"),
        Intent(["sweep", "odenet-moons", "--limit", DIGITS], 2, "--limit"),
        Intent(["sweep", "run"], 2, "solves no ODE"),
        Intent(["plot", "run", "--format", "gif"], 2, "'png', 'svg', 'pdf'"),
        Intent(["plot", "run", "--out", "run"], 5, "exists"),
        Intent(["predict", "run", "--input", "new.csv", "--output", ""], 2, "--output is empty"),
        Intent(["predict", "run", "--input", "", "--output", "o.csv"], 2, "--input is empty"),
        Intent(["predict", "run", "--input", ".", "--output", "o.csv"], 2, "is a folder"),
        Intent(["list", "everything"], 2, "everything"),
    ]
    return cases
