"""How XLA is told to compile where a program runs once."""

SOON = " ".join(
    [
        "--xla_backend_optimization_level=0",
        "--xla_cpu_use_fusion_emitters=false",
        "--xla_cpu_parallel_codegen_split_count=1",
    ]
)
"""XLA_FLAGS with which compiling takes a third of the time, and programs are slow."""
