"""Files are written whole or not at all, with the permissions and in the place that is meant."""

import errno
import os
import stat
from pathlib import Path

import numpy as np
import pytest

import zoo
from zoo.checkpoint import replaceable, write_atomically
from zoo.errors import OutputError
from zoo.plots import Animation, save_animation, save_figure
from zoo.plots.style import new_figure
from zoo.pretrained import FOLDER, path_of
from zoo.runs.folder import results_folder
from zoo.train import RunFolder

from .test_cli import call


def mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o077, 0o002])
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_87_a_new_file_has_the_permissions_that_the_umask_leaves(tmp_path, umask):
    figure, _ = new_figure()
    with RunFolder(tmp_path / "run") as folder:
        folder.log.append("train", [{"step": 1, "loss": 1.0}])
    zoo.save(tmp_path / "deep" / "model.safetensors", {"a": np.ones(2)})
    write_atomically(tmp_path / "card.md", b"card")
    save_figure(figure, tmp_path / "figure.png")
    save_animation(Animation(figure, lambda frame: None, 1), tmp_path / "moving.gif")
    paths = list(tmp_path.rglob("*"))
    assert {p.suffix for p in paths} > {".safetensors", ".md", ".png", ".gif", ".jsonl"}
    for path in paths:
        assert mode(path) == (0o777 if path.is_dir() else 0o666) & ~umask, path


@pytest.mark.parametrize("kept", [0o600, 0o640, 0o755])
def test_87_a_file_that_is_replaced_keeps_its_permissions_and_owner(tmp_path, umask, kept):
    path = tmp_path / "card.md"
    path.write_text("old")
    path.chmod(kept)
    if os.getuid() == 0:  # who else may give a file away?
        os.chown(path, 1234, 5678)
    before = path.stat()
    write_atomically(path, b"new")
    after = path.stat()
    assert path.read_bytes() == b"new" and after.st_ino != before.st_ino
    assert [after.st_mode, after.st_uid, after.st_gid] == [
        before.st_mode,
        before.st_uid,
        before.st_gid,
    ]


def test_87_what_replaces_a_private_file_is_never_open_to_others(tmp_path, monkeypatch):
    path, seen = tmp_path / "weights", []
    path.touch(0o600)
    monkeypatch.setattr("os.fsync", lambda handle: seen.append(os.fstat(handle).st_mode))
    write_atomically(path, b"new")
    assert stat.S_IMODE(seen[0]) == 0o600


def test_87_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path):
    (tmp_path / "there").mkdir()
    for name, link in (("old", tmp_path / "link"), ("free", tmp_path / "dangling")):
        link.symlink_to(tmp_path / "there" / name)
    (tmp_path / "there" / "old").write_text("old")
    for link in (tmp_path / "link", tmp_path / "dangling"):
        write_atomically(link, b"new")
        assert link.is_symlink() and link.read_bytes() == b"new"
    assert sorted(p.name for p in tmp_path.rglob("*")) == [
        *("dangling", "free", "link", "old", "there")
    ]
    (tmp_path / "round").symlink_to(tmp_path / "round")
    with pytest.raises(OutputError, match=r"round cannot be written: Too many levels"):
        write_atomically(tmp_path / "round", b"new")


def test_87_what_is_no_file_is_never_replaced_by_one(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    os.mknod(tmp_path / "socket", stat.S_IFSOCK | 0o600)
    for path, kind in (("pipe", "a pipe"), ("link", "a pipe"), ("socket", "a socket"), ("", "a f")):
        before = (tmp_path / path).lstat()
        with pytest.raises(OutputError, match=rf"is {kind}.*: expected a file to replace"):
            write_atomically(tmp_path / path, b"new")
        assert (tmp_path / path).lstat().st_mode == before.st_mode
    with pytest.raises(OutputError, match="/dev/null is a device"):
        replaceable(Path("/dev/null"))
    with pytest.raises(OutputError, match="cannot be written: embedded null byte"):
        write_atomically(tmp_path / "a\0b", b"new")
    with pytest.raises(OutputError, match="cannot be written: File name too long"):
        write_atomically(tmp_path / ("a" * 300), b"new")


def test_87_the_longest_name_that_a_disk_takes_can_be_written(tmp_path):
    write_atomically(tmp_path / ("ä" * 127), b"new")
    assert [len(p.name) for p in tmp_path.iterdir()] == [127]


def test_87_a_full_disk_leaves_no_empty_figure(tmp_path, monkeypatch):
    figure, _ = new_figure()
    moving = Animation(figure, lambda frame: None, 1)
    save_figure(figure, tmp_path / "there.png")
    before = (tmp_path / "there.png").read_bytes()

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    for name in ("there.png", "other.svg", "other.pdf"):
        with pytest.raises(OutputError, match="the disk is full"):
            save_figure(figure, tmp_path / name)
    with pytest.raises(OutputError, match="the disk is full"):
        save_animation(moving, tmp_path / "moving.gif")
    assert [p.name for p in tmp_path.iterdir()] == ["there.png"]
    assert (tmp_path / "there.png").read_bytes() == before


def test_87_what_is_made_of_pretrained_weights_is_written_where_the_user_is(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    weights = path_of("cubic-resnet")
    own = tmp_path / "run" / "model.safetensors"
    assert results_folder(None, own, "sweep") == tmp_path / "run" / "sweep"
    assert str(results_folder(None, weights, "sweep")) == f"runs/{weights.stem}/sweep"
    assert str(results_folder("mine", weights, "sweep")) == "mine"
    before = sorted(FOLDER.iterdir())
    assert call("plot", weights.stem, "--format", "svg") == 0
    told = capsys.readouterr().out.split()
    assert told and sorted(told) == sorted(
        str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*.*")
    )
    assert all(path.startswith(f"runs/{weights.stem}/figures/") for path in told)
    assert sorted(FOLDER.iterdir()) == before


@pytest.mark.parametrize(
    "typed",
    [
        "plot run --out=",
        "sweep run --out=",
        "train --model mlp --dataset moons --out=",
        "train --resume --out=",
        "train --from= --dataset moons",
        "predict run --input= --output b.csv",
        "predict run --input a.csv --output=",
        "evaluate=",
    ],
)
def test_87_an_empty_path_is_refused_in_words(typed, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = typed.split() if typed != "evaluate=" else ["evaluate", ""]
    assert call(*words) == 2
    assert " is empty" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
