"""Data sets of images: where their files are looked for, and every way in which these are wrong."""

import gzip
import hashlib
import http.server
import socket
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import zoo
from zoo.datasets.images.download import Known, downloaded
from zoo.datasets.images.fashion_mnist import FASHION_MNIST
from zoo.datasets.images.idx import read_idx
from zoo.datasets.images.idx_sets import NAMES, IdxSet, files_in
from zoo.datasets.images.mnist import MNIST
from zoo.datasets.images.subset import stratified
from zoo.errors import ConfigError, DataError, DownloadError, NetworkError

from . import idx_files

CONTENT = gzip.compress(bytes(range(256)) * 400, mtime=0)
FILE = Known("bytes.gz", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))
BY_HAND = "put them into a folder."


class Origin(http.server.BaseHTTPRequestHandler):
    """Serves a file, and counts how often; cut or slow where the path says so."""

    asked = 0

    def do_GET(self):
        type(self).asked += 1
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        if "slow" in self.path:
            time.sleep(0.5)
        if "larger" in self.path:
            self.wfile.write(CONTENT + b"more")
            return
        self.wfile.write(CONTENT[: len(CONTENT) // 2] if "cut" in self.path else CONTENT)

    def log_message(self, *args):
        """Nothing."""


@pytest.fixture(scope="module")
def origin():
    """The address of a server of this machine."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Origin)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def test_a_file_is_downloaded_once_and_kept(origin, tmp_path):
    before = Origin.asked
    for _ in range(2):
        (path,) = downloaded([FILE], origin, tmp_path / "new" / "folder", BY_HAND)
        assert path.read_bytes() == CONTENT
    assert Origin.asked == before + 1 and kept(path.parent) == [FILE.name]


def test_71_a_file_of_another_hash_is_removed(origin, tmp_path):
    other = Known(FILE.name, "0" * 64, FILE.size)
    with pytest.raises(DownloadError, match=r"Nothing was kept\. Try again; or put them") as caught:
        downloaded([other], origin, tmp_path, BY_HAND)
    assert caught.value.exit_code == 3 and kept(tmp_path) == []


def test_72_a_transfer_that_is_cut_leaves_nothing(origin, tmp_path):
    with pytest.raises((DownloadError, NetworkError), match="put them into a folder"):
        downloaded([FILE], f"{origin}cut/", tmp_path, BY_HAND)
    assert kept(tmp_path) == []
    assert downloaded([FILE], origin, tmp_path, BY_HAND)[0].read_bytes() == CONTENT


def test_73_a_file_that_was_altered_is_downloaded_anew(origin, tmp_path):
    (tmp_path / FILE.name).write_bytes(CONTENT[:-1] + b"x")
    assert downloaded([FILE], origin, tmp_path, BY_HAND)[0].read_bytes() == CONTENT


def test_74_without_a_network_the_folder_and_the_way_out_are_told(tmp_path, monkeypatch):
    with socket.socket() as free:  # a port that nobody listens to
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/"
    monkeypatch.setenv("ZOO_DATA_DIR", str(tmp_path))
    alone = IdxSet("mnist", address, MNIST.files)
    with pytest.raises(NetworkError) as caught:
        alone.load("", None, 0)
    words = str(caught.value)
    assert caught.value.exit_code == 5 and "\n" not in words
    assert str(tmp_path / "downloaded" / "mnist") in words and "--dataset.path FOLDER" in words
    assert NAMES[0] in words and "ZOO_DATA_DIR" in words


def test_76_no_more_is_taken_than_a_file_has(origin, tmp_path):
    small = Known(FILE.name, FILE.sha256, FILE.size - 1)
    with pytest.raises(DownloadError, match="larger than the"):
        downloaded([small], origin, tmp_path, BY_HAND)
    assert kept(tmp_path) == []


def test_76_a_file_that_unpacks_to_more_than_it_declares_is_refused(tmp_path):
    bomb = tmp_path / "bomb.gz"
    bomb.write_bytes(gzip.compress(idx_files.idx(np.zeros((1, 2, 2))) + bytes(50_000_000)))
    with pytest.raises(DataError, match="4 bytes, and holds more than 4"):
        read_idx(bomb, 3)


def test_77_what_has_no_known_hash_is_not_downloaded(origin, tmp_path):
    before = Origin.asked
    for digits in ("", "md5:0123", "g" * 64):
        with pytest.raises(ConfigError, match="64 hexadecimal digits"):
            downloaded([Known(FILE.name, digits, FILE.size)], origin, tmp_path, BY_HAND)
    assert Origin.asked == before


def test_78_of_two_processes_one_downloads(origin, tmp_path):
    before = Origin.asked
    program = (
        "from pathlib import Path; from zoo.datasets.images.download import Known, downloaded; "
        f"downloaded([{FILE}], {f'{origin}slow/'!r}, Path({str(tmp_path)!r}), '')"
    )
    both = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(2)]
    assert [each.wait(60) for each in both] == [0, 0] and Origin.asked == before + 1
    assert (tmp_path / FILE.name).read_bytes() == CONTENT and kept(tmp_path) == [FILE.name]


def test_the_known_hashes_are_of_four_files_each():
    for each in (FASHION_MNIST, MNIST):
        assert [file.name for file in each.files] == [f"{name}.gz" for name in NAMES]
        assert all(len(file.sha256) == 64 and file.size > 4000 for file in each.files)
        assert each.origin.startswith("https://") and each.origin.endswith("/")


@pytest.mark.parametrize("packed", [True, False])
def test_images_are_found_in_the_order_that_is_told(packed, tmp_path, monkeypatch):
    mine = idx_files.write(tmp_path / "mine", packed, train=30, test=10)
    named = idx_files.write(tmp_path / "data" / "fashion-mnist", packed, train=40, test=10)
    packaged = idx_files.write(tmp_path / "packaged", packed, train=50, test=10)
    found = IdxSet("fashion-mnist", "https://nowhere.invalid/", MNIST.files, (str(packaged),))
    monkeypatch.setenv("ZOO_DATA_DIR", str(tmp_path / "data"))
    count = lambda path="": int((~found.load(path, None, 0).held_out).sum())  # noqa: E731
    assert count(str(mine)) == 30 and count() == 40
    monkeypatch.delenv("ZOO_DATA_DIR")
    assert count() == 50
    monkeypatch.setenv("ZOO_DATA_DIR", str(named))  # the folder itself
    assert count() == 40
    (mine / sorted(p.name for p in mine.iterdir())[0]).unlink()
    with pytest.raises(DataError, match=r"does not hold train-images.*or without"):
        count(str(mine))


def test_fashion_mnist_is_images_with_its_own_test_part():
    data = zoo.load_dataset("fashion_mnist", n=50)
    assert str(data.spec) == "images of 28×28×1" and data.tasks == ("classification", "density")
    assert data.sizes("density")["quanta"] == pytest.approx((1 / data.x_scale.std[0],))
    assert [len(data.split(each)["x"]) for each in ("train", "val", "test")] == [40, 10, 20]
    assert data.classes[0] == "Ankle boot" and len(data.classes) == 10
    assert zoo.load_dataset("mnist", n=50).classes == tuple(range(10))
    digits = zoo.load_dataset("digits", images=True, standardise=False)
    flat = zoo.load_dataset("digits", standardise=False)
    assert digits.train["x"].shape[1:] == (8, 8, 1)
    np.testing.assert_array_equal(digits.train["x"].reshape(-1, 64), flat.train["x"])


DAMAGE = {
    "other": (lambda c: b"PK" + c[2:], "begins with the bytes"),
    "floats": (lambda c: c[:2] + b"\x0d" + c[3:], "an IDX file of bytes with 3 axes"),
    "cut": (lambda c: c[:-1], "the file is damaged"),
    "long": (lambda c: c + b"x", "holds more than"),
    "header": (lambda c: c[:9], "ends within its header"),
    "giant": (lambda c: c[:4] + b"\xff" * 12, "expected at most"),
    "packed": (lambda c: gzip.compress(c)[:-9], "cannot be unpacked"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_idx_file_is_refused(damage, tmp_path):
    change, words = DAMAGE[damage]
    path = tmp_path / "images"
    path.write_bytes(change(idx_files.idx(np.arange(24).reshape(2, 3, 4))))
    with pytest.raises(DataError, match=words):
        read_idx(path, 3)


def test_files_of_two_data_sets_are_refused(tmp_path):
    folder, more = (idx_files.write(tmp_path / n, train=30 + i) for i, n in enumerate("ab"))
    labels = f"{NAMES[1]}.gz"
    (folder / labels).write_bytes((more / labels).read_bytes())
    with pytest.raises(DataError, match="31 labels for 30 images"):
        zoo.load_dataset("mnist", path=str(folder))
    small = idx_files.write(tmp_path / "c", size=8)
    wrong = f"{NAMES[2]}.gz"
    (more / wrong).write_bytes((small / wrong).read_bytes())
    with pytest.raises(DataError, match=r"\(8, 8\).*\(28, 28\): expected one size"):
        zoo.load_dataset("mnist", path=str(more))
    (small / labels).write_bytes(gzip.compress(idx_files.idx(np.arange(120))))
    with pytest.raises(DataError, match="holds the label 119"):
        zoo.load_dataset("fashion_mnist", path=str(small))
    assert files_in(tmp_path) is None


def test_a_subset_keeps_the_share_of_every_class():
    labels = np.repeat([0, 1, 2], [600, 300, 3])
    rows = stratified(labels, 90, 0, "n")
    assert len(set(rows)) == 90 and np.bincount(labels[rows]).tolist() == [59, 30, 1]
    assert (rows == stratified(labels, 90, 0, "n")).all()
    assert (rows != stratified(labels, 90, 1, "n")).any()
    assert len(stratified(labels, None, 0, "n")) == len(stratified(labels, 903, 0, "n")) == 903
    for n in (2, 904):
        with pytest.raises(ConfigError, match=f"n = {n}: expected 3, one of each class, to 903"):
            stratified(labels, n, 0, "n")


def picture(path: Path, values: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values.astype(np.uint8)).save(path)


@pytest.fixture
def album(tmp_path):
    """Two classes of ten pictures, 6×5 grey pixels."""
    for i in range(20):
        picture(tmp_path / "album" / "ab"[i % 2] / f"{i}.png", np.full((6, 5), 10 * i))
    return tmp_path / "album"


def test_a_folder_of_pictures_a_class(album):
    load = partial(zoo.load_dataset, "image_folder", path=str(album), standardise=False)
    data = load()
    assert data.classes == ("a", "b") and str(data.spec) == "images of 6×5×1"
    values = np.concatenate(
        [data.split(each)["x"][:, 0, 0, 0] for each in ("train", "val", "test")]
    )
    assert sorted(values) == [10 * i for i in range(20)]
    assert str(load(channels="colour").spec) == "images of 6×5×3"
    picture(album / "a" / "red.png", np.full((6, 5, 3), [255, 0, 0]))
    assert str(load().spec) == "images of 6×5×3" and str(load(channels="grey").spec)[-1] == "1"


def test_pictures_that_are_none_or_of_another_size_are_refused(album, tmp_path):
    load = partial(zoo.load_dataset, "image_folder", path=str(album))
    picture(album / "b" / "z.png", np.zeros((20, 20)))
    with pytest.raises(DataError, match=r"z.png is a picture of 20×20 pixels: expected 6×5"):
        load()
    (album / "b" / "z.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"z\.png is no picture"):
        load()
    picture(album / "b" / "z.png", np.random.default_rng(0).integers(0, 255, (60, 50)))
    content = (album / "b" / "z.png").read_bytes()
    (album / "b" / "z.png").write_bytes(content[: len(content) // 2])
    with pytest.raises(DataError, match=r"z.png is a (damaged )?picture"):
        load()
    with pytest.raises(DataError, match="There is no folder"):
        load(path=str(tmp_path / "none"))
    (tmp_path / "one" / "a").mkdir(parents=True)
    with pytest.raises(DataError, match="holds 1 folders"):
        load(path=str(tmp_path / "one"))
    (tmp_path / "one" / "b").mkdir()
    with pytest.raises(DataError, match="holds no pictures"):
        load(path=str(tmp_path / "one"))
