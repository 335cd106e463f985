"""A figure that moves, and how it becomes a GIF."""

from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from matplotlib.animation import PillowWriter
from matplotlib.figure import Figure

from ..errors import ConfigError, OutputError
from .style import style

_DOTS = 120
"""Pixels an inch: a column is 420 wide."""


@dataclass(frozen=True)
class Animation:
    """A figure, and what changes it into each of its frames."""

    figure: Figure
    show: Callable[[int], None]
    """Draws frame number i, counted from 0."""
    frames: int
    rate: float = 12.0
    """Frames a second."""


def save_animation(animation: Animation, path: str | PathLike[str]) -> Path:
    """Write an animation as a GIF that begins anew for ever, and return the path.

    The folder is made where there is none.

    Args:
        animation: what is drawn.
        path: where to; what is there is replaced.

    Raises `ConfigError` for another suffix than gif, `OutputError` where it cannot be written.
    """
    path = Path(path)
    if path.suffix != ".gif":
        raise ConfigError(f"Animation format {path.suffix!r}: expected a path that ends in .gif.")
    writer = PillowWriter(fps=animation.rate)  # type: ignore[arg-type]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with style(), writer.saving(animation.figure, str(path), _DOTS):
            for frame in range(animation.frames):
                animation.show(frame)
                writer.grab_frame()
    except OSError as error:
        raise OutputError(f"The animation {path} cannot be written: {error}.") from error
    return path


def settle(figure: Figure) -> None:
    """Arrange a figure once and for all, so that nothing jumps from frame to frame."""
    # Axes of equal units find their place at the second attempt.
    for _ in range(2):
        figure.canvas.draw()
    figure.set_layout_engine("none")
