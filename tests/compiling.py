"""How XLA is told to compile where a program runs once."""

from importlib.metadata import version

_JAXLIB = tuple(map(int, version("jaxlib").split(".")[:2]))
SOON = " ".join(
    [
        "--xla_backend_optimization_level=0",
        # A flag that XLA does not know ends the process; this one went with jaxlib 0.11.
        *(["--xla_cpu_use_fusion_emitters=false"] if _JAXLIB < (0, 11) else []),
        "--xla_cpu_parallel_codegen_split_count=1",
    ]
)
"""XLA_FLAGS with which compiling takes a third of the time, and programs are slow."""
