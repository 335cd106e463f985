"""A model card, as the Hugging Face Hub shows it: what a model is, where it is from, its limits."""

from collections.abc import Iterator

from ..checkpoint import json_text
from ..registry import DATASETS, MODELS
from ..runs.markdown import on_one_line
from .front_matter import front_matter, numbers
from .metrics import shown
from .reported import ReportedRun

_TRUSTED = 1e-2
"""The reconstruction error up to which a numerical flow is taken for the ODE's."""


def model_card(run: ReportedRun, license: str) -> str:
    """The card of a run, in Markdown below its front matter."""
    parts = {
        "The model": _model(run),
        "Data": _data(run),
        "Training": f"```sh\n{run.commands}\n```",
        "Metrics": _metrics(run),
        "How to load it": _loading(run),
        "Limits": "\n".join(f"- {each}" for each in limits(run)),
    }
    sections = [f"## {title}\n\n{text}" for title, text in parts.items()]
    return "\n\n".join([front_matter(run, license), f"# {on_one_line(run.name)}", *sections]) + "\n"


def limits(run: ReportedRun) -> Iterator[str]:
    """What is known against trusting the model, from what was measured."""
    config, metrics = run.config, run.metrics
    yield (
        f"It was trained on {run.counts['train']:,} examples of {config.dataset} and measured on "
        "one split of the same data, from one seed: nothing is known of it on other data."
    )
    if not run.held_out:
        yield "No part of the data was held out: the metrics are of the training examples."
    score = run.score
    if score is not None and None not in (score.score, score.baseline):
        yield f"The baseline beside it has {score.figure} {shown(score.baseline)}."
    if metrics.get("failed"):
        yield f"Of {metrics['n']} test examples {metrics['failed']} could not be solved."
    error = metrics.get("reconstruction_error", 0.0)
    if not isinstance(error, float) or error > _TRUSTED:
        yield (
            f"Solved forwards and back, an example is off by {shown(error)} of its size: at this "
            "tolerance the numerical flow is not the ODE's."
        )
    if any("joint" in each for each in run.solvers):
        yield (
            "It solves one ODE for a batch: an output depends a little on the rows beside it "
            "(Solver(batching='per-sample') does not)."
        )
    if config.use:
        yield f"It needs modules of its author's own: {', '.join(config.use)}."


def _model(run: ReportedRun) -> str:
    summary = MODELS[run.config.model].summary
    solver = f" Solved by: {'; '.join(run.solvers)}." if run.solvers else ""
    return (
        f"`{run.config.model}` of the zoo of neural differential equations, for "
        f"{run.config.task}. {summary} {run.parameters:,} trained numbers.{solver}"
    )


def _data(run: ReportedRun) -> str:
    config = run.config
    counts = ", ".join(f"{count:,} {split}" for split, count in run.counts.items())
    options = json_text(dict(config.dataset_options), indent=None)
    seed = f"seed of the split {config.seed_of_split}"
    return (
        f"`{config.dataset}`: {DATASETS[config.dataset].summary} Inputs are {run.data}. {counts}; "
        f"{seed}; options `{options}`."
    )


def _metrics(run: ReportedRun) -> str:
    """The main metric beside its baseline first, then what else the front matter has."""
    about = [f"Of the test split, {run.metrics['n']} examples.", run.direction]
    lines = [" ".join(filter(None, about)), "", "| metric | value |", "|---|---|"]
    if run.score is not None:
        lines.append(f"| **{run.score.figure}** | **{shown(run.score.score)}** |")
        lines.append(f"| its baseline | {shown(run.score.baseline)} |")
    told = None if run.score is None else run.score.figure
    lines += [
        f"| {on_one_line(name)} | {shown(value)} |" for name, value in numbers(run) if name != told
    ]
    return "\n".join(lines)


def _loading(run: ReportedRun) -> str:
    new = "pictures" if run.data.kind == "image" else "new.csv"
    lines = [
        f"zoo evaluate {run.typed}",
        f"zoo predict {run.typed} --input {new} --output predicted.csv",
    ]
    if run.has_export:
        times = run.data.size("length")
        length = f" --length {times}" if times else ""
        lines.append(f"zoo export {run.typed}{length} --output model.stablehlo")
    shell = "\n".join(lines)
    return f"```python\n{_in_python(run)}\n```\n\n```sh\n{shell}\n```"


def _in_python(run: ReportedRun) -> str:
    """The lines that load a run, with its author's modules and in its precision."""
    load = f"model = zoo.load({run.name!r})"
    imports = ["import zoo"]
    if run.config.x64:
        imports.insert(0, "import jax")
        load = f"with jax.enable_x64(True):\n    {load}"
    modules = [f"zoo.use({module!r})" for module in run.config.use]
    return "\n".join([*imports, "", *modules, load])
