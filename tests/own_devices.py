"""What a module of the tests prints as JSON, run in a process with devices of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def told_by(module: str) -> dict:
    """What `tests.MODULE` prints; the number of its devices is read where its JAX starts."""
    ran = subprocess.run(
        [sys.executable, "-m", f"tests.{module}"],
        cwd=ROOT,
        env={**os.environ, "JAX_ENABLE_X64": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
