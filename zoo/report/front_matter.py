"""What the Hugging Face Hub reads of a model card: YAML between two lines of ---."""

import math
from collections.abc import Iterator, Mapping

from ..tasks import Output, task_named
from .reported import ReportedRun
from .yaml_text import yaml_text

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

    A run without a metric that is a finite number has no model-index: the Hub takes none without
    metrics.
    """
    config, pipeline = run.config, pipeline_of(run)
    tags = ["jax", "equinox", "diffrax", "neural-differential-equations", config.model, config.task]
    known = [] if pipeline is None else [f"pipeline_tag: {pipeline}"]
    lines = [
        f"license: {yaml_text(license)}",
        f"library_name: {LIBRARY}",
        *known,
        "tags:",
        *(f"- {yaml_text(tag)}" for tag in dict.fromkeys(tags)),
        *_model_index(run, pipeline or config.task),
    ]
    return "\n".join(["---", *lines, "---"])


def _model_index(run: ReportedRun, task: str) -> list[str]:
    """The metrics as https://github.com/huggingface/hub-docs (modelcard.md) has them, by line."""
    metrics = []
    for name, value in numbers(run):
        metrics += [f"    - type: {yaml_text(name)}", f"      name: {yaml_text(name)}"]
        metrics.append(f"      value: {yaml_text(value)}")
    if not metrics:
        return []
    return [
        "model-index:",
        f"- name: {yaml_text(run.name)}",
        "  results:",
        "  - task:",
        f"      type: {yaml_text(task)}",
        f"      name: {yaml_text(run.config.task)}",
        "    dataset:",
        f"      type: {yaml_text(run.config.dataset)}",
        f"      name: {yaml_text(run.config.dataset)}",
        "      split: test",
        "    metrics:",
        *metrics,
    ]


def pipeline_of(run: ReportedRun) -> str | None:
    """What the Hub calls a model of this kind; None where it has no name for it."""
    return PIPELINES.get((run.data.kind, task_named(run.config.task).output))


def numbers(run: ReportedRun) -> Iterator[tuple[str, float]]:
    """The metrics that the card tells: the one that stands for all and its baseline, by target
    where there are several, and the evaluations of an example. What is not finite is left out."""
    for name in ("loss", run.metric, run.compared, "nfe"):
        value = None if name is None else run.metrics.get(name)
        named = value.items() if isinstance(value, Mapping) else [("", value)]
        for part, each in named:
            if isinstance(each, int | float) and math.isfinite(each):
                yield (f"{name} {part}".rstrip(), each)
