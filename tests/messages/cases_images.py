"""Images: their files, the download of these, pictures, ranges, augmentation."""

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import numpy as np
import requests
from filelock import FileLock
from PIL import Image

import zoo
from zoo.datasets.images import download
from zoo.datasets.images.download import Known, downloaded
from zoo.datasets.images.idx_sets import NAMES
from zoo.datasets.images.pictures import pictures_in
from zoo.train import SeriesAugmentation
from zoo.train.options import training_options

from .. import idx_files
from ..small_models.line import waves
from .given import KEY, Typed, model, moons

CONTENT = b"an image file"
FILE = Known("images.gz", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))
ORIGIN, BY_HAND = "https://example.org/", "put images.gz into a folder."
X = np.arange(480.0).reshape(30, 4, 4, 1) / 2
Y = np.arange(30) % 2
MLP = "train --model mlp --no-figures"


def asked(content: bytes | Exception, file: Known = FILE, folder: str = "kept"):
    """A download of which this is what the origin answers."""

    def answer(url, output, pooch):
        if isinstance(content, Exception):
            raise content
        output.write(content)

    def case() -> None:
        with mock.patch("pooch.HTTPDownloader", lambda **options: answer):
            downloaded([file], ORIGIN, Path(folder), BY_HAND)

    return case


def meanwhile() -> None:
    """A download, while another process has the lock of its folder."""
    Path("kept").mkdir()
    with FileLock("kept/.lock"), mock.patch.object(download, "_WAIT", 0):
        downloaded([FILE], ORIGIN, Path("kept"), BY_HAND)


def in_a_file() -> None:
    """A download into a folder that is a file."""
    Path("kept").write_text("")
    downloaded([FILE], ORIGIN, Path("kept"), BY_HAND)


def idx(name: str, change: Callable[[bytes], bytes], data: str = "mnist"):
    """A data set of four files, of which one is changed."""

    def case() -> None:
        folder = idx_files.write(Path("files"), packed=False, train=30, test=10, size=4)
        path = folder / name
        path.write_bytes(change(path.read_bytes()))
        zoo.load_dataset(data, path="files")

    return case


def labels(count: int) -> Callable[[bytes], bytes]:
    """As many labels in the place of those that are there."""
    return lambda content: idx_files.idx(np.arange(count))


def picture(path: str, shape: tuple[int, ...] = (4, 4)) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros(shape, np.uint8)).save(path)


def album(then: Callable[[], object], path: str = "album"):
    """Pictures of two classes, and then something else, as a data set."""

    def case() -> None:
        for name in ("a", "b"):
            picture(f"album/{name}/1.png")
        then()
        zoo.load_dataset("image_folder", path=path)

    return case


def cut() -> None:
    """A picture of which a half is there."""
    pixels = np.random.default_rng(0).integers(0, 255, (4, 4))
    Image.fromarray(pixels.astype(np.uint8)).resize((4, 4)).save("album/b/2.bmp")
    content = Path("album/b/2.bmp").read_bytes()
    Path("album/b/2.bmp").write_bytes(content[:-9])


def images(x: np.ndarray = X) -> zoo.Dataset:
    return zoo.make_dataset(zoo.RawData({"x": x, "y": Y}, ("classification",)))


def trained_on(x: np.ndarray):
    """The weight file of a run on these inputs, and a folder of pictures."""

    def case() -> None:
        data = zoo.make_dataset(zoo.RawData({"x": x, "y": Y[: len(x)]}, ("classification",)))
        config = zoo.model_config("mlp", data, width=4, depth=1)
        config["preprocessing"] = data.preprocessing.to_json()
        zoo.save("model.safetensors", zoo.create_model(config, key=KEY), config)
        picture("new/1.png")

    return case


def saved(**arrays: np.ndarray) -> Callable[[], object]:
    return lambda: np.savez("data.npz", **arrays)


def fit(data: zoo.Dataset, **options: int) -> None:
    net = zoo.create_model("mlp", data, key=KEY)
    zoo.fit(net, data, steps=1, augmentation=zoo.train.Augmentation(**options))


PREDICT = "predict model.safetensors --input new --output out.csv"
CASES = {
    "A download without a known hash": asked(CONTENT, Known("images.gz", "", 1)),
    "A download of another hash": asked(CONTENT[:-1]),
    "A download that is larger": asked(CONTENT + b"s"),
    "A download without a network": asked(requests.ConnectionError()),
    "A download that another process makes": meanwhile,
    "A download into a file": in_a_file,
    "A folder without the files": Typed(f"{MLP} --dataset mnist --dataset.path none"),
    "A file that is no IDX file": idx(NAMES[0], lambda content: b"PK" + content),
    "An IDX file without a header": idx(NAMES[0], lambda content: content[:9]),
    "An IDX file that is cut": idx(NAMES[0], lambda content: content[:-1]),
    "A packed file that is cut": idx(NAMES[0], lambda content: gzip.compress(content)[:-9]),
    "Labels of other images": idx(NAMES[1], labels(31)),
    "Labels of another data set": idx(NAMES[1], labels(30), "fashion_mnist"),
    "Images of two sizes": idx(NAMES[2], lambda content: idx_files.idx(np.zeros((10, 5, 4)))),
    "More images than there are": Typed(
        f"{MLP} --dataset mnist --dataset.path files --dataset.n 70000",
        lambda: idx_files.write(Path("files")),
    ),
    "No folder of pictures": album(lambda: None, "albun"),
    "A folder of one class": album(lambda: picture("one/a/1.png"), "one"),
    "A class without a picture": album(lambda: Path("album/c").mkdir()),
    "A folder that is a file": lambda: (Path("a").write_text(""), pictures_in(Path("a"))),
    "A picture of another size": album(lambda: picture("album/b/2.png", (20, 20))),
    "A picture that is none": album(lambda: Path("album/b/2.png").write_text("no picture")),
    "A picture that is cut": album(cut),
    "A picture that is huge": album(lambda: picture("album/a/0.png", (7100, 7100))),
    "Rows of numbers as images": Typed(
        f"{MLP} --dataset npz --dataset.path data.npz --dataset.images True",
        saved(x=np.ones((30, 16)), y=Y),
    ),
    "Images of another size": lambda: images().inputs(np.ones((2, 20, 20, 1))),
    "Images of 0 to 255 for a model of 0 to 1": lambda: images(X / 255).inputs(X),
    "Images of 0 to 1 for a model of 0 to 255": lambda: images().inputs(X / 255),
    "Augmentation of data that are no images": lambda: fit(moons(), flip=True),
    "Series thinned out that are tables": lambda: zoo.fit(
        model(), moons(), steps=1, augmentation=SeriesAugmentation(thin=0.5)
    ),
    "All of a series thinned out": lambda: SeriesAugmentation(thin=1.0).check(waves()),
    "Other times of series whose ends are to be found": lambda: SeriesAugmentation(
        redraw=True
    ).check(zoo.load_dataset("damped_oscillators", n=20, length=8, horizon=1.0)),
    "Images and series changed in one run": lambda: training_options(
        flip=True, jitter=0.1
    ).fit_arguments(None),
    "A shift by the whole image": lambda: fit(images(), shift=4),
    "Pictures for a model of tables": Typed(PREDICT, trained_on(np.ones((30, 2)))),
    "Pictures for a model of two channels": Typed(PREDICT, trained_on(np.ones((30, 4, 4, 2)))),
}
