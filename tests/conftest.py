import tempfile

import jax
import pytest

import zoo

# Many tests compile the same program anew, since they make their functions anew.
_programs = tempfile.TemporaryDirectory()
jax.config.update("jax_compilation_cache_dir", _programs.name)
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.3)


@pytest.fixture(scope="session")
def moons() -> zoo.Dataset:
    return zoo.load_dataset("moons", n=500)


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
