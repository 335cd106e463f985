"""What a model of series is."""

from collections.abc import Sequence

from jaxtyping import PyTree

from ...types import Batch
from ..base import AbstractModel
from .batch import Series


class AbstractSeriesModel(AbstractModel):
    """Base of models of series: `forward` takes a `Series`, one example `model(xs)` too.

    To write your own, subclass and give what `AbstractModel` asks for. `forward(xs: Series)`
    returns for `classification` and `regression` the outputs [B, out_size], and for `trajectory`,
    `interpolation` and `forecasting` what the model says of every time of `xs.t`: [B, T, D, 2],
    the mean and the standard deviation of each channel in standardised units, or the mean alone,
    [B, T, D]. Padding, and what `xs.mask` hides, must change nothing.
    """

    def inputs(self, batch: Batch) -> Series:
        """The series of a batch of a data set."""
        return Series.of(batch)

    def repeated_parts(self, nfe: Sequence[float]) -> Sequence[tuple[PyTree, float]] | None:
        """Not known here: a layer may be read at every time of a series, which `nfe` does not tell.

        Override it where each part is evaluated once or as often as `nfe` says.
        """
        return None
