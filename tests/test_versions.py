"""The bounds of pyproject.toml are those that scripts/maintain/versions.py installed and used."""

import json
import re
import sys
from pathlib import Path

import pytest
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PYTHONS = ["3.11", "3.12", "3.13"]


@pytest.fixture
def versions(monkeypatch):
    """The script as a module."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import versions

    yield versions
    del sys.modules["versions"]


def test_97_both_ends_of_every_bound_were_used_on_each_python(versions):
    told = json.loads(versions.RESULTS.read_text(encoding="utf-8"))
    assert told["commands"] == versions.COMMANDS
    tried = {(r["python"].rpartition(".")[0], r["end"]): r for r in told["results"]}
    assert set(tried) == {(p, end) for p in PYTHONS for end in ("lowest", "newest")}
    assert not [r["failed"] for r in tried.values() if r["failed"]]
    bounds = {name: Version(lowest) for name, lowest in versions.lower_bounds().items()}
    for (_, end), result in tried.items():
        got = {name: Version(version) for name, version in result["versions"].items()}
        assert got.keys() == bounds.keys()
        assert end == "newest" or got == bounds, "run scripts/maintain/versions.py again"
        assert all(got[name] >= bounds[name] for name in bounds)


def test_97_the_workflow_tries_the_same_pythons():
    text = (ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")
    matrices = re.findall(r"python: \[(.*)\]", text)
    assert [re.findall(r"[\d.]+", each) for each in matrices] == [PYTHONS, PYTHONS]
    assert "bash .ci/run" in text and "scripts/maintain/versions.py" in text


def test_97_a_dependency_has_one_lower_bound(versions, tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["jax>=0.10", "numpy<3"]\n')
    monkeypatch.setattr(versions, "ROOT", tmp_path)
    with pytest.raises(ValueError, match="numpy<3: expected one lower bound"):
        versions.lower_bounds()
