"""The pages for three readers: every block runs, and gives what is shown."""

import sys

import pytest

from .pages import FOLDER, _alike, follow, unlike

PAGES = sorted(path.name for path in FOLDER.glob("*.md"))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_runs_and_shows_what_it_gives(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    wrong = [(unlike(shown, printed), printed) for shown, printed in follow(page)]
    assert not [each for each in wrong if each[0]]
    assert len(wrong) >= 5


def test_the_readme_leads_to_every_page():
    head = (FOLDER.parent / "README.md").read_text(encoding="utf-8").split("\n## ")[0]
    assert len(PAGES) == 3 and all(f"(notebooks/{page})" in head for page in PAGES)


def test_what_is_shown_is_compared():
    printed = '{"n": 40, "rmse": 10.31, "r2": 0.97}\nexit code 0\n'
    assert not unlike('{"n": 40, ...: 10.9...}\nexit code 0', printed)
    assert unlike("exit code 0\n{...}", printed) == ["{...}"], "not in this order"
    assert unlike('{"n": 41...', printed) and unlike('... "rmse": 13.0, ...', printed)
    assert _alike("a (b)", "a (b)") and not _alike("a.b", "axb")
