"""Which models' states are fields on the points of a grid."""

from ...datasets import Dataset
from ...dynamics.pde import Grid, MethodOfLines, SemilinearMethodOfLines
from ...errors import ConfigError
from ...models.base import AbstractModel
from ...models.series import Trajectory
from ...nn.frozen import Frozen
from ..series.predicted import tells_paths


def grid_of(model: AbstractModel, data: Dataset) -> Grid | None:
    """The grid of one axis whose points are the channels; None where there is none."""
    dynamics = model.dynamics if isinstance(model, Trajectory) else None
    dynamics = dynamics.module if isinstance(dynamics, Frozen) else dynamics
    if not isinstance(dynamics, MethodOfLines | SemilinearMethodOfLines):
        return None
    if not tells_paths(model, data):
        return None
    return dynamics.grid if dynamics.grid.points == (data.spec.size("channels"),) else None


def can_draw_fields(model: AbstractModel, data: Dataset) -> bool:
    """Whether figures of fields fit: a trajectory of fields on a grid of one axis."""
    return grid_of(model, data) is not None


def checked_grid(model: AbstractModel, data: Dataset) -> Grid:
    """The grid. Raises `ConfigError` where the model's states are no fields on a line."""
    grid = grid_of(model, data)
    if grid is None:
        raise ConfigError(
            f"{type(model).__name__} on {data.name!r} has no fields on a line: expected a "
            "trajectory whose dynamics are a zoo.dynamics.pde.MethodOfLines on a grid of one axis, "
            "whose points are the channels. Way out: zoo.plots.all_figures draws what fits."
        )
    return grid
