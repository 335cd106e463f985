"""`train --tensorboard`: event files hold the log's numbers, also of a run that went on."""

import json
import struct
from pathlib import Path

import pytest

from zoo.train import EventFiles

from .small_runs import TRAIN
from .test_cli import call


def scalars(folder: Path) -> dict[tuple[str, int], float]:
    """The numbers in the event files of a folder, as TensorBoard reads them: later ones count, and
    a file that begins at a step makes void what earlier ones have from there on."""
    from tensorboardX.proto.event_pb2 import Event, SessionLog

    found: dict[tuple[str, int], float] = {}
    for path in sorted(folder.glob("events.*"), key=lambda path: path.stat().st_mtime_ns):
        content, place = path.read_bytes(), 0
        while place < len(content):
            (size,) = struct.unpack("<Q", content[place : place + 8])
            event = Event.FromString(content[place + 12 : place + 12 + size])
            place += 16 + size
            if event.session_log.status == SessionLog.START:
                found = {key: value for key, value in found.items() if key[1] < event.step}
            for value in event.summary.value:
                found[value.tag, event.step] = value.simple_value
    return found


def logged(run: Path) -> dict[tuple[str, int], float]:
    """The numbers of a run's log, by the same names."""
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return {
        (f"{name}/{row['split']}", row["step"]): value
        for row in rows
        for name, value in row.items()
        if name not in ("split", "step") and value is not None
    }


def same(events: dict[tuple[str, int], float], log: dict[tuple[str, int], float]) -> bool:
    near = all(abs(events.get(key, 1e9) - value) <= 1e-6 * abs(value) for key, value in log.items())
    return near and events.keys() == log.keys()


def test_event_files_hold_what_the_log_holds_also_after_a_resume(tmp_path):
    run = tmp_path / "run"
    assert call(*TRAIN, "--steps", "20", "--tensorboard", "True", "--out", str(run)) == 0
    first = logged(run)
    assert same(scalars(run / "tensorboard"), first) and ("loss/val", 20) in first
    more = ["train", "--resume", "--no-figures", "--out", str(run), "--steps", "30"]
    assert call(*more, "--tensorboard", "True") == 0
    assert len(logged(run)) > len(first)
    assert same(scalars(run / "tensorboard"), logged(run))


def test_a_folder_of_its_own_begins_with_the_rows_there_are(tmp_path):
    rows = [{"split": "train", "step": n, "loss": 1.0 / (n + 1), "lr": None} for n in range(4)]
    events = EventFiles(tmp_path / "late")
    events.begin(rows, 4)
    events.append("val", {"step": 4, "loss": 0.5})
    events.close()
    expected = {("loss/train", n): 1.0 / (n + 1) for n in range(4)} | {("loss/val", 4): 0.5}
    assert scalars(tmp_path / "late") == pytest.approx(expected)
