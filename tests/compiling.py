"""How programs that run once are traced and compiled."""

import gc
from importlib.metadata import version

_JAXLIB = tuple(map(int, version("jaxlib").split(".")[:2]))
# A flag that XLA does not know ends the process: these are of jaxlib 0.10, and one went with 0.11.
_UNTIL_11 = ["--xla_cpu_use_fusion_emitters=false", "--xla_llvm_disable_expensive_passes=true"]
SOON = " ".join(
    [
        "--xla_backend_optimization_level=0",
        *(_UNTIL_11 if _JAXLIB < (0, 11) else []),
        "--xla_cpu_parallel_codegen_split_count=1",
    ]
)
"""XLA_FLAGS with which compiling takes a third of the time, and programs are slow."""


def trace_soon() -> None:
    """Let a process that has imported all it needs trace in less time."""
    import jax  # who imports this module may still have to say which devices JAX has

    # Where in the source an operation was made is of no use to a program that runs once: 8 % of a
    # test.
    jax.config.update("jax_traceback_in_locations_limit", 0)
    # Traces are many small objects. At its default Python looked for garbage among them 7,000 times
    # in two files of tests, 12 s of their 300; so it does 70 times.
    gc.set_threshold(50_000, 20, 50)
    gc.freeze()  # what is imported stays
