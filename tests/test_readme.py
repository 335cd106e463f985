"""The README's Python, as a reader would paste it."""

import re
from pathlib import Path

BLOCKS = re.findall(
    r"```python\n(.*?)```", (Path(__file__).parents[1] / "README.md").read_text(), flags=re.DOTALL
)


def test_the_readme_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert len(BLOCKS) == 3
    shared: dict = {}
    exec(BLOCKS[0], shared)
    accuracy = shared["zoo"].evaluate(shared["model"], shared["data"])["accuracy"]
    assert accuracy > 0.95
    assert shared["labels"].tolist() == [0, 1]
    assert shared["states"].shape == (len(shared["data"].test["x"]), 50, 3)
    exec(BLOCKS[1], shared)
    turned = shared["model"](shared["jnp"].array([1.0, 0.0]))
    assert abs(turned - shared["jnp"].array([-1.0, 0.0])).max() < 1e-2
    capsys.readouterr()
    exec(BLOCKS[2], shared)
    printed = capsys.readouterr().out
    assert "nan" in printed and "1 of 2 solves grew past any bound" in printed
    assert "t≈1.571 after 25 accepted" in printed
