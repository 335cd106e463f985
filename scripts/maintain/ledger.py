"""Every recipe over its seeds: what was published beside what came out here.

python scripts/maintain/ledger.py --recipes 'cubic-*'
"""

import dataclasses
import statistics
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import tyro
from kept_rows import keep_rows, matching, read_rows

from zoo.checkpoint import save, write_atomically
from zoo.cli.arguments import parse_command
from zoo.cli.ending import in_words
from zoo.cli.first_pass import CommandLine
from zoo.cli.path_names import IsPath
from zoo.cli.shared_options import Debug
from zoo.errors import ConfigError
from zoo.evaluation import reference_of
from zoo.registry import RECIPES
from zoo.runs.card import card
from zoo.runs.config import recipe_config
from zoo.runs.invocation import remember
from zoo.runs.prepare import Run, carry_out, precision_of, prepare
from zoo.train import Result

_NOT_FINITE = "not finite"
"""The reconstruction error of a recipe that ran back to no number; null is one without an ODE."""


@dataclasses.dataclass(kw_only=True)
class LedgerCommand:
    """What `ledger` takes."""

    recipes: Annotated[
        str, tyro.conf.arg(metavar="PATTERN", help="which recipes, such as 'cubic-*'")
    ] = "*"
    out: Annotated[
        str,
        IsPath(),
        tyro.conf.arg(metavar="FILE", help="the table; what was run lies beside it as JSON"),
    ] = "zoo/recipes/LEDGER.md"
    pretrained: Annotated[
        str | None,
        IsPath(),
        tyro.conf.arg(
            metavar="FOLDER",
            help="where the weights of seed 0 go, each with its card; None for nowhere",
        ),
    ] = "zoo/pretrained"
    again: Annotated[bool, tyro.conf.arg(help="run what was already run too")] = False
    debug: Debug = False


def ledger(line: CommandLine) -> None:
    """Run the recipes that are not in the ledger yet and write the table; can be interrupted."""
    command = parse_command(line, LedgerCommand, str(ledger.__doc__))
    table = Path(command.out)
    pretrained = Path(command.pretrained) if command.pretrained else None
    if table.is_dir():
        raise ConfigError(f"--out {table} is a folder: expected a file, such as {table}/LEDGER.md.")
    store = table.with_suffix(".json")
    names, rows = matching(RECIPES, "--recipes", command.recipes), read_rows(store)
    for name in names:
        if name not in rows or command.again:
            rows[name] = _run(name, pretrained)
            keep_rows(store, rows, indent=2)
        print(f"{name}: {rows[name]['ours']}", file=sys.stderr)
    write_atomically(table, render(rows).encode())
    print(table)


def _keep(folder: Path, name: str, run: Run, result: Result, metrics: dict[str, Any]) -> None:
    """Weights and card of a recipe, to come with the zoo."""
    kept = reference_of(result.model, run.data, run.config.task)
    # Percentiles in steps of 2 % where a run has a tenth: twenty times smaller, as all come along.
    reference = {
        name: values[::20] if len(values) > 1000 else values for name, values in kept.items()
    }
    save(folder / f"{name}.safetensors", result.model, run.config.to_json(), reference=reference)
    command = f"python scripts/train.py --recipe {name} --seed 0"
    write_atomically(folder / f"{name}.md", card(run, result, metrics, command).encode())


def _run(name: str, pretrained: Path | None) -> dict[str, Any]:
    recipe, config = RECIPES[name].builder(), recipe_config(name)
    metrics = []
    with precision_of(config):
        for seed in range(recipe.seeds):
            run = prepare(dataclasses.replace(config, seed=seed))
            result, told = carry_out(run)
            metrics.append(told)
            if seed == 0 and pretrained is not None:
                _keep(pretrained, name, run, result, told)
    nfes = [m["nfe"] for m in metrics]
    errors = [m["reconstruction_error"] for m in metrics if "reconstruction_error" in m]
    return {
        "metric": recipe.metric,
        "published": list(recipe.published),
        "ours": [m[recipe.metric] for m in metrics],
        "nfe": statistics.mean(nfes) if None not in nfes else None,
        "parameters": _by_seed([m["parameters"] for m in metrics if "parameters" in m]),
        "told": {k: v for k, v in metrics[0].items() if isinstance(v, int | float | dict)},
        "reconstruction_error": max(errors, default=None) if None not in errors else _NOT_FINITE,
        "versions": {p: version(p) for p in ("jax", "equinox", "diffrax", "optax")},
    }


def _by_seed(parameters: list[dict[str, float]]) -> dict[str, list[float]]:
    """Parameters with a meaning by name, one of each seed; none of a model without such."""
    names = parameters[0] if parameters else {}
    return {name: [each[name] for each in parameters] for name in names}


def render(rows: dict[str, Any]) -> str:
    """The table in Markdown."""
    lines = [
        "# Ledger",
        "",
        "What a source published beside what the recipe gives here. `ratio` is the mean of ours "
        "over the source's: on the seeds that the source gives, or on all if it gives one mean. "
        "The weights of seed 0 come with the zoo (`zoo.list_pretrained()`). Remade with "
        "`python scripts/maintain/ledger.py --again`; one row with "
        "`python scripts/train.py --recipe NAME --seeds 5`.",
        "",
        "| recipe | figure | published | ours by seed | ours: mean ± sd | ratio | NFE | "
        "reconstruction error |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, row in sorted(rows.items()):
        ours, published = row["ours"], row["published"]
        # A source gives a figure for each seed, or one mean over its own.
        same = ours[: len(published)] if len(published) > 1 else ours
        comparable = published and _mean(published) != 0
        ratio = f"{_mean(same) / _mean(published):.2f}" if comparable else ""
        error = row["reconstruction_error"]
        cells = [
            f"`{name}`",
            row["metric"],
            " / ".join(f"{x:g}" for x in published) or "none",
            " / ".join(f"{x:.3g}" for x in ours),
            f"{_mean(ours):.4g} ± {statistics.stdev(ours):.2g}" if len(ours) > 1 else "",
            ratio,
            "unknown" if row["nfe"] is None else f"{row['nfe']:.1f}",
            error if error == _NOT_FINITE else "" if error is None else f"{error:.2g}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _mean(values: Sequence[float]) -> float:
    return statistics.mean(values)


if __name__ == "__main__":
    remember("ledger", sys.argv[1:])
    in_words(ledger, sys.argv[1:])
