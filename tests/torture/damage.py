"""What may befall a run's folder: bytes, rows and values changed, files and folders exchanged."""

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

VALUES = (None, True, 7, -3, 1.5, 1e400, 10**400, "text", "", [], [1], {}, {"a": 1})


class Damage:
    """What is done to a copy of a run's folder, and the files in it that are a user's own."""

    def __init__(self, folder: Path, rng: random.Random, weights: bytes) -> None:
        self.folder, self.rng, self.weights = folder, rng, weights
        self.told: list[str] = []
        self.theirs: set[Path] = set()

    def some(self, count: int) -> None:
        """Do `count` things, chosen at random."""
        ways: list[Callable[[], str]] = [
            *(self.flip, self.cut, self.remove, self.empty),
            *(self.to_folder, self.to_file, self.value, self.value, self.row, self.row, self.add),
        ]
        self.told += [self.rng.choice(ways)() for _ in range(count)]

    def flip(self) -> str:
        path, data = self._file()
        for _ in range(self.rng.choice([1, 1, 8])):
            at = self.rng.randrange(max(len(data), 1))
            data[at : at + 1] = bytes([self.rng.randrange(256)])
        path.write_bytes(data)
        return f"flipped {path.name}"

    def cut(self) -> str:
        path, data = self._file()
        path.write_bytes(data[: self.rng.randrange(len(data) + 1)])
        return f"cut {path.name}"

    def remove(self) -> str:
        path, _ = self._file()
        path.unlink()
        return f"removed {path.name}"

    def empty(self) -> str:
        path, _ = self._file()
        path.write_bytes(b"")
        return f"emptied {path.name}"

    def to_folder(self) -> str:
        path, _ = self._file()
        path.unlink()
        path.mkdir()
        self._mine(path / "mine.txt")
        return f"a folder for {path.name}"

    def to_file(self) -> str:
        path = self.folder / self.rng.choice(["checkpoints", "figures"])
        if path.is_dir():
            shutil.rmtree(path)
        path.write_bytes(b"a file")
        return f"a file for {path.name}"

    def value(self) -> str:
        """Change a value of the configuration, at any depth."""
        path = self.folder / "config.json"
        try:
            config = json.loads(path.read_text())
        except (ValueError, OSError):
            return "no configuration left"
        inside: Any = {"": config}
        key: Any = ""
        while isinstance(inside[key], dict | list) and inside[key] and self.rng.random() < 0.85:
            inside = inside[key]
            keys = list(inside) if isinstance(inside, dict) else range(len(inside))
            key = self.rng.choice(keys)
        inside[key] = self.rng.choice(VALUES)
        whole = config if key != "" else inside[""]
        path.write_text(json.dumps(whole, indent=2))
        return f"config.json {key} = {str(inside[key])[:20]}"

    def row(self) -> str:
        """Change, double or take out a line of the metrics log."""
        path = self.folder / "metrics.jsonl"
        lines = path.read_bytes().splitlines(keepends=True) if path.is_file() else []
        if not lines:
            return "no log left"
        at = self.rng.randrange(len(lines))
        try:
            row = json.loads(lines[at])
            key = self.rng.choice([*row, "step"])
            row[key] = self.rng.choice(VALUES)
            changed = json.dumps(row).encode() + b"\n"
        except (ValueError, TypeError):
            changed = b"{}\n"
        lines[at] = self.rng.choice([changed, changed, b"nonsense\n", b"", b"\xff\x00\n", b"[1]\n"])
        if self.rng.random() < 0.2:
            lines.insert(at, lines[at])
        path.write_bytes(b"".join(lines))
        return f"row {at + 1}"

    def add(self) -> str:
        """Add a file of another program, or one that looks like the run's."""
        names = ["notes.txt", ".notes.tmp", ".card.md", "checkpoints/.mine.tmp", "checkpoints/best"]
        names += [f"checkpoints/step-{n}.safetensors" for n in ("000000999", "000000001", "best")]
        path = self.folder / self.rng.choice(names)
        if path.exists() or not path.parent.is_dir():
            return "nothing added"
        self._mine(path, self.weights if path.suffix == ".safetensors" else b"mine")
        return f"added {path.name}"

    def _file(self) -> tuple[Path, bytearray]:
        files = [p for p in sorted(self.folder.rglob("*")) if p.is_file() and p not in self.theirs]
        path = self.rng.choice([p for p in files if p.name != ".lock"] or files)
        return path, bytearray(path.read_bytes())

    def _mine(self, path: Path, content: bytes = b"mine") -> None:
        path.write_bytes(content)
        self.theirs.add(path)
