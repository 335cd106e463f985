"""Compiled programs kept between runs, so that the second start of a command is a short one."""

import os
from pathlib import Path

import jax

SWITCH = "ZOO_COMPILE_CACHE"


def keep_compiled_programs() -> None:
    """Let JAX keep what it compiles in the user's cache folder.

    `ZOO_COMPILE_CACHE=off` switches it off, a path moves it; a cache that the user has set up for
    JAX itself stays as it is. A folder that cannot be made is no error: it costs time alone.
    """
    wish = os.environ.get(SWITCH, "")
    users_own = getattr(jax.config, "jax_compilation_cache_dir", None)
    if wish.lower() in ("off", "0", "no") or users_own:
        return
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(wish) if wish else Path(base) / "zoo" / "compiled"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    jax.config.update("jax_compilation_cache_dir", str(folder))
    # Initial weights are many small programs: together they take as long as the training step.
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)
    jax.config.update("jax_compilation_cache_max_size", 2**29)
