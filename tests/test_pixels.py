"""Images of bytes: the same numbers as floats, ranges that are told apart, augmentation."""

import csv
from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from PIL import Image

import zoo
from zoo.datasets.pixels import PixelSplit, stored_arrays
from zoo.errors import CheckpointError, ConfigError, DataError
from zoo.train import Augmentation
from zoo.train.augmentation.arrival import Arrival
from zoo.train.folder.settings import fingerprint

from .test_cli import call

KEY = jax.random.key(0)
LABELS = np.arange(60) % 3
PIXELS = np.random.default_rng(0).integers(0, 200, (60, 5, 4, 3)) + 20 * LABELS.reshape(-1, 1, 1, 1)
PIXELS = PIXELS.astype(np.uint8)
SMALL = {"width": 8, "depth": 1}


def images(x=PIXELS, **options) -> zoo.Dataset:
    return zoo.make_dataset(zoo.RawData({"x": x, "y": LABELS}, ("classification",)), **options)


@pytest.mark.parametrize("standardise", [True, False])
@pytest.mark.parametrize("x64", [False, True])
def test_bytes_are_kept_and_are_the_same_numbers_to_the_bit(standardise, x64):
    with jax.enable_x64(x64):
        kept, wide = (images(x, standardise=standardise) for x in (PIXELS, PIXELS.astype(float)))
        assert kept.preprocessing.to_json() == wide.preprocessing.to_json()
        for name in ("train", "val", "test"):
            split = kept.split(name)
            assert isinstance(split, PixelSplit) and stored_arrays(split)["x"].dtype == np.uint8
            np.testing.assert_array_equal(split["x"], wide.split(name)["x"])
            assert split["x"].dtype == wide.split(name)["x"].dtype and list(split) == ["x", "y"]
        assert fingerprint(kept) == fingerprint(wide)  # a run of before goes on


def test_training_on_bytes_is_training_on_their_numbers():
    results = []
    for x in (PIXELS, PIXELS.astype(float)):
        data = images(x)
        net = zoo.create_model("mlp", data, key=KEY, **SMALL)
        results.append(zoo.fit(net, data, steps=5, batch_size=16))
    assert results[0].history.train == results[1].history.train
    assert eqx.tree_equal(results[0].model, results[1].model)


def drawn(augmentation, index, *, step=0, key=KEY, x=None):
    """What becomes of the examples `index` of a data set of 12."""
    x = np.arange(12 * 6 * 5 * 2, dtype=np.float32).reshape(12, 6, 5, 2) if x is None else x
    index = jnp.asarray(index)
    made = Arrival(None, jnp.full(2, -7.0), augmentation)
    batch = {"x": jnp.asarray(x)[index]}
    return np.asarray(jax.jit(lambda b, i, s: made(b, i, 12, s, key))(batch, index, step)["x"])


def test_an_example_is_drawn_alike_in_every_batch_size_and_anew_in_every_epoch():
    every = Augmentation(2, 2, True)
    whole = drawn(every, range(12), step=1)  # epoch 1, one batch
    for size in (3, 4):
        many = 12 // size
        parts = [
            drawn(every, range(at * size, (at + 1) * size), step=many + at) for at in range(many)
        ]
        np.testing.assert_array_equal(np.concatenate(parts), whole)
    assert (drawn(every, range(12), step=2) != whole).any()
    assert (drawn(every, range(12), step=1, key=jax.random.key(1)) != whole).any()


def test_a_shift_moves_the_background_in_and_a_flip_mirrors():
    x = np.arange(1.0, 61, dtype=np.float32).reshape(1, 6, 5, 2).repeat(12, axis=0)
    moves = set()
    for image in drawn(Augmentation(shift=2), range(12), x=x):
        framed = np.full((10, 9, 2), -7.0)
        framed[2:8, 2:7] = x[0]
        windows = {(i, j): framed[i : i + 6, j : j + 5] for i in range(5) for j in range(5)}
        moves |= {place for place, each in windows.items() if (each == image).all()}
    assert len(moves) > 5
    made = drawn(Augmentation(flip=True), range(12), x=x)
    flipped = sum((image == x[0][:, ::-1]).all() for image in made)
    assert 2 < flipped < 10 and flipped + sum((image == x[0]).all() for image in made) == 12


def test_a_crop_enlarges_a_window():
    y, x = np.mgrid[:6, :5].astype(np.float32)
    ramp = np.stack([y, x], axis=-1)[None].repeat(12, axis=0)
    made = drawn(Augmentation(crop=2), range(12), x=ramp)
    lengths = np.ptp(made, axis=(1, 2))
    assert made.min() >= 0 and (made.max(axis=(0, 1, 2)) <= [5 + 1e-5, 4 + 1e-5]).all()
    whole = np.isclose(lengths, [5, 4]).all(axis=1)
    assert 0 < whole.sum() < 12 and (lengths[~whole] < [5, 4]).all()
    np.testing.assert_allclose(made[whole], ramp[whole], atol=1e-5)


def test_augmentation_is_of_training_alone_and_resumes_exactly(tmp_path):
    data = images()
    net = zoo.create_model("mlp", data, key=KEY, **SMALL)
    options = {"optimiser": optax.adam(1e-2), "batch_size": 16, "eval_every": 2}
    plain = zoo.fit(net, data, steps=6, **options)
    options["augmentation"] = Augmentation(1, 1, True)
    whole = zoo.fit(net, data, steps=6, **options)
    assert whole.history.train != plain.history.train
    zoo.fit(net, data, steps=3, out=tmp_path / "run", **options)
    again = zoo.fit(net, data, steps=6, out=tmp_path / "run", resume=True, **options)
    assert eqx.tree_equal(again.model, whole.model)
    loss = zoo.evaluate(whole.model, data, split="val")["loss"]
    assert whole.history.val[-1]["loss"] == pytest.approx(loss, abs=1e-6)
    options["augmentation"] = Augmentation(2)
    with pytest.raises(CheckpointError, match="augmentation was"):
        zoo.fit(net, data, steps=9, out=tmp_path / "run", resume=True, **options)


def test_augmentation_of_other_data_or_too_large_is_refused():
    moons = zoo.load_dataset("moons", n=30)
    net = zoo.create_model("mlp", moons, key=KEY, **SMALL)
    with pytest.raises(ConfigError, match=r"flip = True: they change images, and 'moons' holds"):
        zoo.fit(net, moons, steps=1, augmentation=Augmentation(flip=True))
    net = zoo.create_model("mlp", images(), key=KEY, **SMALL)
    with pytest.raises(ConfigError, match=r"shift = 4, .*expected less than 4, the pixels of im"):
        zoo.fit(net, images(), steps=1, augmentation=Augmentation(4))


def test_images_of_another_range_or_size_are_refused():
    unit, wide = images(PIXELS / 255.0), images()
    assert 0 <= wide.preprocessing.low < 3 and 237 < wide.preprocessing.high <= 239
    with pytest.raises(DataError, match=r"from 0.* to 0\.9.*go up to 2\d\d: .*Divide them by 255"):
        unit.inputs(PIXELS)
    with pytest.raises(DataError, match="Multiply them by 255"):
        wide.inputs(PIXELS / 255.0)
    dark = np.ones_like(PIXELS)
    assert wide.inputs(dark).shape == unit.inputs(PIXELS / 300.0).shape == dark.shape
    with pytest.raises(DataError, match=r"\(2, 20, 20, 3\): expected images of 5×4×3.*Resize"):
        wide.inputs(np.ones((2, 20, 20, 3)))
    grey = images(PIXELS[..., :1])
    np.testing.assert_array_equal(grey.inputs(PIXELS[..., 0]), grey.inputs(PIXELS[..., :1]))
    net = zoo.create_model("mlp", unit, key=KEY, **SMALL)
    with pytest.raises(DataError, match="Divide them"):
        zoo.predict(net, PIXELS, data=unit)


def test_arrays_of_three_axes_are_images_where_they_are_bytes_or_told_so(tmp_path):
    path = str(tmp_path / "a.npz")
    load = lambda **options: zoo.load_dataset("npz", path=path, **options)  # noqa: E731
    np.savez(path, x=PIXELS[..., 0], y=LABELS)
    assert str(load().spec) == "images of 5×4×1"
    assert load(images=False).spec.kind == "series"
    np.savez(path, x=PIXELS[..., 0] / 255, y=LABELS)
    assert load().spec.kind == "series" and str(load(images=True).spec) == "images of 5×4×1"
    np.savez(path, x=PIXELS, y=LABELS)
    assert str(load().spec) == "images of 5×4×3" and isinstance(load().train, PixelSplit)
    np.savez(path, x=PIXELS.reshape(60, -1), y=LABELS)
    assert load().spec.kind == "table"
    with pytest.raises(DataError, match=r"images is on: expected \(examples, height, width\)"):
        load(images=True)


@pytest.fixture
def album(tmp_path, monkeypatch):
    """Pictures of three classes, and five of them to predict, in the current folder."""
    monkeypatch.chdir(tmp_path)
    Path("new").mkdir()
    for i, pixels in enumerate(PIXELS):
        path = Path("album") / "abc"[i % 3] / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
        if i < 5:
            Image.fromarray(pixels).save(f"new/{'=' if i == 4 else ''}{i}.png")


def test_a_folder_of_pictures_is_predicted_by_name(album, capsys):
    train = "train --model mlp --model.width 8 --dataset image_folder --dataset.path album "
    options = "--steps 60 --shift 1 --flip True --no-figures --out run"
    assert call(*train.split(), *options.split()) == 0
    assert "60 pictures of 3 classes, colour" in capsys.readouterr().err
    assert call(*["predict", "run", "--input", "new", "--output", "out.csv"]) == 0
    rows = list(csv.reader(Path("out.csv").read_text().splitlines()))
    data = zoo.load_dataset("image_folder", path="album")
    told = zoo.predict(zoo.load("run/model.safetensors"), PIXELS[:5], data=data).argmax(axis=1)
    expected = {f"{i}.png": data.classes[place] for i, place in enumerate(told)}
    assert rows[0][:2] == ["file", "prediction"]
    assert {row[0].removeprefix("'="): row[1] for row in rows[1:]} == expected
    assert "'=4.png" in [row[0] for row in rows]
    Image.fromarray(np.zeros((20, 20, 3), np.uint8)).save("new/large.png")
    capsys.readouterr()
    assert call(*["predict", "run", "--input", "new", "--output", "two.csv"]) == 2
    assert "large.png is a picture of 20×20 pixels: expected 5×4" in capsys.readouterr().err


def test_pictures_are_converted_for_a_model_of_0_to_1_and_it_is_said(album, capsys):
    np.savez("unit.npz", x=PIXELS / 255.0, y=LABELS)
    train = "train --model mlp --model.width 8 --dataset npz --dataset.path unit.npz --steps 9"
    assert call(*train.split(), "--no-figures", "--out", "unit") == 0
    assert call(*["predict", "unit", "--input", "new", "--output", "unit.csv"]) == 0
    assert "divided by 255: the model takes 0 to 1" in capsys.readouterr().err
    model, data = zoo.load("unit/model.safetensors"), zoo.load_dataset("npz", path="unit.npz")
    told = jax.nn.softmax(zoo.predict(model, PIXELS[:4] / 255.0, data=data))
    lines = Path("unit.csv").read_text().splitlines()[1:5]
    np.testing.assert_allclose(
        [list(map(float, line.split(",")[2:])) for line in lines], told, 1e-4
    )
    assert (
        call(
            *[
                "train",
                "--dataset",
                "moons",
                "--model",
                "mlp",
                "--steps",
                "9",
                "--no-figures",
                "--out",
                "m",
            ]
        )
        == 0
    )
    assert call(*["predict", "m", "--input", "new", "--output", "m.csv"]) == 2
    assert "is a folder, of pictures, and the model takes data of kind table" in (
        capsys.readouterr().err
    )
