"""What the Hugging Face Hub reads of a model card: YAML between two lines of ---."""

import math
from collections.abc import Iterator, Mapping

from ..checkpoint import json_text
from ..tasks import Output, task_named
from .reported import ReportedRun

LIBRARY = "neural-de-zoo"
PIPELINES: Mapping[tuple[str, Output], str] = {
    ("table", Output.LOGITS): "tabular-classification",
    ("table", Output.NUMBERS): "tabular-regression",
    ("image", Output.LOGITS): "image-classification",
    ("series", Output.PATH): "time-series-forecasting",
}
"""What the Hub calls a model of a kind of data and an output; others have no name there."""


def front_matter(run: ReportedRun, license: str) -> str:
    """The YAML of a run: license, library, tags, and its metrics as a model-index.

    Every text is written as JSON writes it, which is YAML too, whatever is in it.
    """
    config = run.config
    tags = ["jax", "equinox", "diffrax", "neural-differential-equations", config.model, config.task]
    pipeline = pipeline_of(run)
    known = [] if pipeline is None else [f"pipeline_tag: {pipeline}"]
    lines = [
        f"license: {_text(license)}",
        f"library_name: {LIBRARY}",
        *known,
        "tags:",
        *(f"- {_text(tag)}" for tag in dict.fromkeys(tags)),
        "model-index:",
        f"- name: {_text(run.name)}",
        "  results:",
        "  - task:",
        f"      type: {_text(pipeline or config.task)}",
        f"      name: {_text(config.task)}",
        "    dataset:",
        f"      type: {_text(config.dataset)}",
        f"      name: {_text(config.dataset)}",
        "      split: test",
        "    metrics:",
    ]
    for name, value in numbers(run):
        lines += [f"    - type: {_text(name)}", f"      name: {_text(name)}"]
        lines.append(f"      value: {json_text(value)}")
    return "\n".join(["---", *lines, "---"])


def pipeline_of(run: ReportedRun) -> str | None:
    """What the Hub calls a model of this kind; None where it has no name for it."""
    return PIPELINES.get((run.data.kind, task_named(run.config.task).output))


def numbers(run: ReportedRun) -> Iterator[tuple[str, float]]:
    """The metrics that the card tells: the one that stands for all and its baseline, by target
    where there are several, and the evaluations of an example. What is not finite is left out."""
    for name in ("loss", run.metric, run.baseline, "nfe"):
        value = None if name is None else run.metrics.get(name)
        named = value.items() if isinstance(value, Mapping) else [("", value)]
        for part, each in named:
            if isinstance(each, int | float) and math.isfinite(each):
                yield (f"{name} {part}".rstrip(), each)


def _text(words: str) -> str:
    return json_text(words)
