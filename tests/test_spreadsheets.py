"""What `predict` adds to a user's table: one cell each, which a spreadsheet shows and not runs."""

import csv
import itertools

import numpy as np
import pytest

import zoo
from zoo.cli.prediction_files import TableRows
from zoo.cli.predictions import Predictions
from zoo.cli.spreadsheet import as_text
from zoo.datasets.files.table import read_table
from zoo.runs.config import RunConfig
from zoo.runs.prepare import prepare

from .tables import lines, rows_of, write_file
from .test_cli import call

HARMFUL = ("=1+1", "+x", "-2+3", "@SUM(A1)", "\tx", "\r=x", "\n=x", "＝1", "'=1+1", "=", "-a.5")
HARMLESS = ("a", "", "'a", "a=1", "-1", "+5", "-1e3", "1-2", " =1", "ü", "'")


def test_88_a_label_that_would_be_computed_gets_an_apostrophe_and_no_other_does():
    for label in HARMFUL:
        assert as_text(label) == f"'{label}"
    for label in HARMLESS:
        assert as_text(label) == label


def test_88_no_two_labels_become_one():
    labels = ["".join(each) for n in range(5) for each in itertools.product("'=-1", repeat=n)]
    assert len({as_text(label) for label in labels}) == len(labels)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_88_every_label_is_one_cell_and_the_users_own_stay_as_they_were(tmp_path, delimiter):
    classes = ("a\nb", "c\r\nd", "e\rf", 'g"h', f"i{delimiter}j", *HARMFUL)
    own = [delimiter.join(row) for row in (("x", "=y"), ("1", "=1+1"), ("2", '" @z"'), ("3", "-1"))]
    path = write_file(tmp_path, lines(*own))
    rows = TableRows(read_table(path, header="yes"))
    labels, shares = np.array(classes), np.full((3, len(classes)), -0.125)
    for start in range(0, len(classes), 3):
        values = labels[[(start + i) % len(labels) for i in range(3)]]
        predictions = Predictions(values, ("prediction",), np.ones(3, bool), classes, shares)
        written = rows.with_predictions(predictions).decode()
        again = list(csv.reader(written.splitlines(keepends=True), delimiter=delimiter))
        assert len(again) == 4
        assert again[0][2:] == ["prediction", *(f"probability_{label}" for label in classes)]
        assert [row[2] for row in again[1:]] == [as_text(value) for value in values]
        assert all(row[3:] == ["-0.125"] * len(classes) for row in again[1:])
        records = read_table(write_file(tmp_path, written, "out.csv"), header="yes")
        assert len(records) == 3 and len(records.names) == 3 + len(classes)
        for record, begins in zip([records.header, *records.rows], own, strict=True):
            assert record.text.startswith(begins + delimiter)


def test_88_numbers_are_never_touched(tmp_path):
    rows = TableRows(read_table(write_file(tmp_path, lines("x;y", "1,5;2", "2,5;3"))))
    values = np.array([[-1.5, 2.0], [-3e-9, -0.0]])
    regression = Predictions(values, ("prediction_=u", "prediction_v"), np.ones(2, bool))
    assert rows.with_predictions(regression).decode().splitlines()[1:] == [
        "1,5;2;-1,5;2,0",
        "2,5;3;-3e-09;-0,0",
    ]
    for classes in ((-1, 1), (-0.5, 0.5), (False, True)):
        shares = np.ones((2, 2))
        predictions = Predictions(np.array(classes), ("p",), np.ones(2, bool), classes, shares)
        assert "'" not in rows.with_predictions(predictions).decode()
        assert rows.note(predictions) == ""


def test_88_a_user_is_told_of_the_apostrophes(tmp_path, capsys):
    words = ['"a\nb"', "=1+1", "@home"]
    table = write_file(tmp_path, lines("x,kind", *(f"{i},{words[i % 3]}" for i in range(60))))
    run = prepare(RunConfig(model="mlp", dataset="csv", dataset_options={"path": table}))
    zoo.save(tmp_path / "m.safetensors", run.model, run.config.to_json())
    out = tmp_path / "out.csv"
    paths = [str(tmp_path / "m.safetensors"), "--input", table, "--output", str(out)]
    assert call("predict", *paths) == 0
    told = capsys.readouterr().err
    got = rows_of(out)
    assert len(got) == 61 and {len(row) for row in got} == {6}
    harmful = {row[2] for row in got[1:]} - {"a\nb"}
    assert harmful and harmful <= {"'=1+1", "'@home"}
    assert all(f"{label[1:]!r}" in told.splitlines()[-1] for label in harmful)
    assert "with an apostrophe before it" in told and "'probability_a\\nb'" in told
