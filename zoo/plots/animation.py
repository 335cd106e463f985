"""A figure that moves, and how it becomes a GIF."""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
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
    moving: Sequence[Artist] = ()
    """What `show` changes: it is drawn over a picture of all else, which is made once. Where
    nothing is named, the whole figure is drawn for each frame."""
    rest: int = 0
    """How many frames longer the last one stays."""
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
    with style():
        frames = list(_frames(animation))
    each = int(1000 / animation.rate)
    times = [each] * (len(frames) - 1) + [each * (1 + animation.rest)]
    moving = io.BytesIO()
    frames[0].save(moving, "GIF", save_all=True, append_images=frames[1:], duration=times, loop=0)
    write_atomically(path, moving.getvalue())
    return path


def settle(figure: Figure) -> None:
    """Arrange a figure once and for all, so that nothing jumps from frame to frame."""
    # Axes of equal units find their place at the second attempt.
    for _ in range(2):
        figure.canvas.draw()
    figure.set_layout_engine("none")


def _frames(animation: Animation) -> Iterator[Image.Image]:
    figure, moving = animation.figure, sorted(animation.moving, key=Artist.get_zorder)
    figure.set_dpi(_DOTS)
    canvas = FigureCanvasAgg(figure)
    for artist in moving:
        artist.set_animated(True)  # left out where the figure is drawn
    canvas.draw()
    still = canvas.copy_from_bbox(figure.bbox)
    for frame in range(animation.frames):
        animation.show(frame)
        if moving:
            canvas.restore_region(still)
            for artist in moving:
                figure.draw_artist(artist)
        else:
            canvas.draw()
        yield Image.fromarray(np.array(canvas.buffer_rgba())).convert("RGB")
