import os
import shutil
import tempfile
from pathlib import Path

import jax
import jaxtyping
import pytest

from .checked import CHECKING, check_annotations
from .compiling import SOON, trace_soon
from .small_runs import RESUME, TRAIN

# ZOO_TESTS_CHECK_TYPES=0 leaves it out. Processes that tests start run as a user's do, without.
if CHECKING:
    check_annotations()
import zoo
from zoo.cli import main
from zoo.report import ReportedRun, reported

from . import idx_files

# Compiling is most of a test's time, and its program runs once: XLA is told not to optimise here,
# which makes it 3 times as fast. Processes that tests start compile as a user's do, but for those
# of test_readme.py and test_messages.py, and so does everything with XLA_FLAGS set, to nothing as
# well: `XLA_FLAGS= pytest`.
if "XLA_FLAGS" not in os.environ:
    os.environ["XLA_FLAGS"] = SOON
    jax.devices()  # the backend reads them once, as it starts
    del os.environ["XLA_FLAGS"]
trace_soon()
# Many tests compile the same program anew, since they make their functions anew.
_programs = tempfile.TemporaryDirectory()
jax.config.update("jax_compilation_cache_dir", _programs.name)
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.3)


# What is downloaded elsewhere is small here, so that no test asks a network for it.
_data = tempfile.TemporaryDirectory()
for _name in ("fashion-mnist", "mnist"):
    idx_files.write(Path(_data.name) / _name)
os.environ["ZOO_DATA_DIR"] = _data.name


@pytest.fixture(scope="module", autouse=True)
def few_programs():
    """Let go of compiled programs once they are many: each takes pieces of the process's memory, of
    which Linux gives it 65,530, and XLA does not survive their end."""
    yield
    pieces = Path("/proc/self/maps")
    if pieces.exists() and pieces.read_bytes().count(b"\n") > 20_000:
        jax.clear_caches()


@pytest.fixture(autouse=True)
def markers_of_the_check(request):
    """What the markers `wrong_types` and `counts_frames` say in pyproject.toml."""
    if CHECKING and request.node.get_closest_marker("counts_frames"):
        pytest.skip("the check adds frames between a warning and the line that it points to")
    disabled = request.node.get_closest_marker("wrong_types") is not None
    jaxtyping.config.update("jaxtyping_disable", disabled)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


@pytest.fixture
def strict_promotion():
    """Within it JAX changes no type that it is not told to. Optax is given none such test: its bias
    correction raises a float to the power of a 32-bit count."""
    with jax.numpy_dtype_promotion("strict"):
        yield


@pytest.fixture(scope="session")
def moons() -> zoo.Dataset:
    return zoo.load_dataset("moons", n=500)


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Path:
    """A folder with a run of 20 steps, and with the same gone on to 30: `run` and `more`."""
    base = tmp_path_factory.mktemp("finished")
    main([*TRAIN, "--steps", "20", "--out", str(base / "run")])
    shutil.copytree(base / "run", base / "more")
    main([*RESUME[:-1], str(base / "more"), "--steps", "30"])
    return base


@pytest.fixture(scope="session")
def reported_run(finished) -> ReportedRun:
    """The run of 20 steps, as a report tells of it."""
    return reported(str(finished / "run"))


@pytest.fixture
def run(finished, tmp_path, monkeypatch) -> Path:
    """A copy of the run of 20 steps, in the current folder."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(finished / "run", "run")
    return Path("run")


@pytest.fixture
def compilations():
    """A list that grows by one with each program that JAX compiles."""
    events: list[str] = []

    def listen(event: str, duration: float, **_) -> None:
        if "compile" in event:
            events.append(event)

    jax.monitoring.register_event_duration_secs_listener(listen)
    yield events
    jax.monitoring.unregister_event_duration_listener(listen)
