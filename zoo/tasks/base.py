"""What a task is: what the targets hold, what outputs mean, and what both are worth."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .meaning import Output, Target
from .types import Answer, Arrays, Data, ExampleSpec, Learned, Metrics, Reference, Report, Score

KINDS = ("table", "image", "series", "paths")
"""Kinds of data."""


@dataclass(frozen=True)
class Task:
    """Base of all tasks, and itself a task of which nothing but the loss is known.

    To write your own, subclass, register the class, and say what differs:

        @zoo.register_task("median")
        class Median(zoo.tasks.Task): ...

    - `target`: what the data's `y` holds. A data set whose tasks include one of `Target.LABELS`
      has its labels mapped to indices; one of `Target.NUMBERS` has its targets standardised.
    - `output`: what the model's outputs mean. Figures and sweeps follow it: a boundary is drawn
      of logits, a fit of numbers, a map of log densities.
    - `out_size`: how many outputs a model needs; `sizes`: what else of the data one may ask for.
    - `check_data` and `notes`: which data cannot be learned, and what a user should know of others.
    - `metrics`, with `metric` and `baseline`, the names of the one that counts and of what it is
      to be compared with: what a model is worth on a whole split, in the user's units.
    - `to_units` and `answer`: what `zoo.predict` returns, and what `predict` adds to a user's rows.
    - `compares`, `reference` and `placed`: what is kept of the outputs for training rows, and
      where `predict` says that a new row stands among them.
    - `target_label`, `shade` and `output_label`: what figures call and colour examples by.

    A subclass of `Classification` or `Regression` inherits all that follows from their targets.
    A model can be trained for the task if its `objectives` name a loss for it, and data serve it if
    the `tasks` of their `RawData` name it. A name that both use without registering it is this
    class: it trains and is evaluated by its loss alone, and `predict` refuses it.
    """

    name: str
    """What it is registered as."""

    kinds: ClassVar[Sequence[str]] = KINDS
    """The kinds of data that it is for."""
    needs: ClassVar[Sequence[str]] = ()
    """Arrays that the data must have beside `x`, such as `given` for forecasting."""
    found_among_shown: ClassVar[bool] = False
    """Whether the values to be found lie at any times of a series, so that training may show these
    and ask for others."""
    target: ClassVar[Target] = Target.NOTHING
    output: ClassVar[Output] = Output.OTHER
    output_label: ClassVar[str] = "output"
    """What an axis of its outputs is called, with their unit."""
    metric: ClassVar[str | None] = None
    """The name of the metric that stands for all, in tables and figures."""
    baseline: ClassVar[str | None] = None
    """The name of the metric that `metric` is compared with."""
    perfect: ClassVar[float] = 0.0
    """What `metric` is of a model that makes no error."""
    compares: ClassVar[bool] = False
    """Whether `predict` compares rows with the training rows, whose outputs are then computed once
    a run has ended."""

    def out_size(self, spec: ExampleSpec) -> int:
        """How many outputs a model needs; here as many as an input has features."""
        return spec.size("in_size")

    def sizes(self, data: Data) -> Mapping[str, int | tuple[int, ...] | tuple[float, ...]]:
        """Sizes of the data that a model for this task may ask for beside those of `Spec`; none
        here. They are kept with its weights."""
        return {}

    def check_data(self, data: Data) -> None:
        """Raise `DataError` for data of which this task cannot be learned.

        It is asked before anything is compiled, with all data that serve the task. Here all can.
        """

    def notes(self, data: Data) -> Iterator[str]:
        """What a user should know of the data before training for this task; nothing here."""
        return iter(())

    def check_outputs(self, shape: tuple[int, ...] | None, count: int) -> None:
        """Raise `ConfigError` for predictions of which the metrics cannot be made.

        It is asked before anything is compiled. Here every shape is taken.

        Args:
            shape: of `Aux.prediction` for a batch; None where the loss gives none.
            count: examples of that batch.
        """

    def metrics(self, outputs: np.ndarray, arrays: Arrays, data: Data, ok: np.ndarray) -> Metrics:
        """The metrics of a whole split, in the user's units, with their baselines; none here.

        Args:
            outputs: `Aux.prediction` of all examples, [N, ...]; NaN where a solve failed.
            arrays: the split, as `data.split` gives it.
            data: the data set; a baseline learns from `data.train` alone.
            ok: which examples [N] were solved. `failed` is reported beside the metrics.
        """
        return {}

    def score(self, metrics: Report) -> Score | None:
        """`metric` beside `baseline` as two numbers, for a table; None without a metric.

        Raises `KeyError` for metrics that this task did not make.
        """
        baseline_name = self.compared(metrics)
        if self.metric is None or baseline_name is None:
            return None
        values = [metrics[name] for name in (self.metric, baseline_name)]
        score, baseline = (each if isinstance(each, int | float) else None for each in values)
        return Score(self.metric, score, baseline)

    def compared(self, metrics: Report) -> str | None:
        """The name of the metric that stands beside `metric` in the score; here `baseline`."""
        return self.baseline

    def to_units(self, outputs: np.ndarray, xs: np.ndarray, learned: Learned) -> np.ndarray:
        """Outputs [N, ...] in the user's units; here as they are.

        Args:
            outputs: of the model.
            xs: its inputs, [N, ...], as it got them.
            learned: what the training rows taught: scales, classes, names.
        """
        return outputs

    def answer(self, outputs: np.ndarray, xs: np.ndarray, learned: Learned) -> Answer:
        """What `predict` writes beside a user's rows: here the outputs, in the user's units.

        Arguments are those of `to_units`; a row [N] of which a solve failed is NaN.
        """
        values = self.to_units(outputs, xs, learned)
        if values.ndim == 1:
            return Answer(values, ("prediction",))
        values = values.reshape(len(values), -1)
        return Answer(values, tuple(f"prediction_{i}" for i in range(values.shape[1])))

    def reference(self, outputs: np.ndarray, xs: np.ndarray, learned: Learned) -> Reference:
        """What a weight file keeps of the outputs for training rows; nothing here.

        Arguments are those of `to_units`, of the training rows that were solved.
        """
        return {}

    def placed(self, answer: Answer, reference: Reference) -> Answer:
        """An answer with what can be said of its rows beside the training rows; here as it is.

        `reference` is what `reference` returned, of the model's own training rows.
        """
        return answer

    def target_label(self, learned: Learned, place: int = 0) -> str:
        """What an axis or a bar of a target is called; its unit is in its name."""
        names = learned.target_names
        return names[place] if names else "y"

    def shade(self, y: np.ndarray, learned: Learned) -> np.ndarray:
        """The numbers [N] by which a figure colours examples whose targets are numbers.

        Here the first target, in its own unit, as `target_label` calls it.

        Args:
            y: standardised targets, [N, targets].
            learned: their scale and names.
        """
        return learned.targets(y)[:, 0]
