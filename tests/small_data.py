"""A small data set that a registered model or field takes, whichever it is."""

from dataclasses import replace

import numpy as np

import zoo
from zoo.dynamics import takes_shape
from zoo.models import common_tasks
from zoo.registry import MODELS
from zoo.schema import sizes_of

IMAGE = (4, 3, 2)
SERIES_TASKS = ("classification", "forecasting", "interpolation", "trajectory")


def shape_for(dynamics: str) -> tuple[int, ...]:
    """The shape of a small state of registered dynamics; a vector's length is that of two bodies'
    positions and velocities in the plane."""
    return IMAGE if takes_shape(dynamics) else (8,)


def size_for(dynamics: str):
    """What the builder of registered dynamics is given for that state."""
    return IMAGE if takes_shape(dynamics) else 8


def options_for(dynamics: str) -> dict[str, object]:
    """The options without which registered dynamics are not to be had."""
    needed = {"hybrid": {"known": "growth", "known_options": {"rates": [0.0] * 8}}}
    return needed.get(dynamics, {})


def images(classes: int = 2, count: int = 50) -> zoo.Dataset:
    """Images of 4×3×2, whose class is in their brightness."""
    labels = np.arange(count) % classes
    noise = np.random.default_rng(0).standard_normal((count, *IMAGE))
    x = (noise + labels[:, None, None, None]).astype(np.float32)
    return zoo.make_dataset(zoo.RawData({"x": x, "y": labels}, ("classification",)))


def series(channels: int = 2, count: int = 20, length: int = 12) -> zoo.Dataset:
    """Waves with a season of 4, of which some values are missing and some are not shown."""
    rng = np.random.default_rng(0)
    t = np.broadcast_to(np.arange(float(length)), (count, length))
    phase = rng.uniform(0, 2 * np.pi, (count, 1, channels))
    x = 10 + 3 * np.sin(np.pi / 2 * t[..., None] + phase) + 0.1 * rng.standard_normal(phase.shape)
    mask = rng.uniform(size=x.shape) < 0.9
    arrays = {"t": t, "x": x, "mask": mask, "given": mask & (rng.uniform(size=x.shape) < 0.7)}
    data = zoo.make_dataset(
        zoo.RawData(arrays, ("forecasting", "interpolation", "trajectory"), kind="series")
    )
    return replace(data, preprocessing=replace(data.preprocessing, season=4.0))


def labelled_series(
    labels: str = "ab",
    tasks: tuple[str, ...] = SERIES_TASKS,
    count: int = 12,
    length: int = 9,
    name: str = "own",
) -> zoo.Dataset:
    """Irregular series with labels, a season of 3 and missing values, whose last third of times is
    not shown."""
    rng = np.random.default_rng(0)
    t = np.cumsum(rng.uniform(0.2, 2.0, (count, length)), axis=1)
    x = np.cumsum(rng.standard_normal((count, length, 2)), axis=1)
    mask = rng.uniform(size=x.shape) < 0.8
    mask[:, 0] = True
    given = np.broadcast_to(np.arange(length)[:, None] < 2 * length // 3, x.shape)
    arrays = {
        "t": t,
        "x": x,
        "mask": mask,
        "given": given,
        "static": rng.standard_normal((count, 1)),
        "inputs": np.sin(t)[..., None],
        "y": np.array(list(labels))[np.arange(count) % len(labels)],
    }
    raw = zoo.RawData(arrays, tasks, kind="series")
    data = zoo.make_dataset(raw, name=name, split="all")
    return replace(data, preprocessing=replace(data.preprocessing, season=3.0))


def random_paths(count: int = 40, length: int = 9) -> zoo.Dataset:
    """Ornstein-Uhlenbeck paths, whose law is known."""
    return zoo.load_dataset("ornstein_uhlenbeck", n=count, length=length)


def data_for(model: str, n: int = 50) -> zoo.Dataset:
    """Moons, images for a model that needs their shape, series of classes or paths, or random
    paths."""
    classes = lambda: labelled_series(tasks=("classification",))  # noqa: E731
    makers = (lambda: zoo.load_dataset("moons", n=n), images, classes, series, random_paths)
    return next(data for make in makers if common_tasks(model, data := make()))


def sizes_for(model: str, out_size: int = 2) -> dict[str, object]:
    """The sizes of such data, by name."""
    data = data_for(model)
    return {**data.sizes(common_tasks(model, data)[0]), "out_size": out_size}


def models_with_outputs() -> list[str]:
    """The registered models whose outputs are as many as their builder is told."""
    return [e.name for e in MODELS if "out_size" in [each.size for each in sizes_of(e.builder)]]
