"""A figure that moves, and how it becomes a GIF."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from matplotlib.figure import Figure
from PIL import Image

from ..checkpoint import write_atomically
from ..errors import ConfigError
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

    It is written whole or not at all, into a folder that is made where there is none.

    Args:
        animation: what is drawn.
        path: where to; what is there is replaced.

    Raises `ConfigError` for another suffix than gif, `OutputError` where it cannot be written.
    """
    path = Path(path)
    if path.suffix != ".gif":
        raise ConfigError(f"Animation format {path.suffix!r}: expected a path that ends in .gif.")
    frames = []
    with style():
        for frame in range(animation.frames):
            animation.show(frame)
            frames.append(_pixels(animation.figure))
    moving = io.BytesIO()
    each = int(1000 / animation.rate)
    frames[0].save(moving, "GIF", save_all=True, append_images=frames[1:], duration=each, loop=0)
    write_atomically(path, moving.getvalue())
    return path


def settle(figure: Figure) -> None:
    """Arrange a figure once and for all, so that nothing jumps from frame to frame."""
    # Axes of equal units find their place at the second attempt.
    for _ in range(2):
        figure.canvas.draw()
    figure.set_layout_engine("none")


def _pixels(figure: Figure) -> Image.Image:
    drawn = io.BytesIO()
    figure.savefig(drawn, format="rgba", dpi=_DOTS)
    width, height = (int(side * _DOTS) for side in figure.get_size_inches())
    return Image.frombuffer("RGBA", (width, height), drawn.getvalue()).convert("RGB")
