#!/usr/bin/env sh
# A training step of each workload by the CPU and by a GPU, and the page's table of both:
# `sh gpu.sh`, three minutes with an H200 and 16 cores. `python` is the environment's, or $PYTHON.
set -eu
cd "$(dirname "$0")"
python=${PYTHON:-python}
"$python" -c 'import jax; assert jax.default_backend() == "gpu", "JAX sees no GPU here."'
"$python" -m benchmarks.both benchmarks/both_gpu.json
JAX_PLATFORMS=cpu "$python" -m benchmarks.both benchmarks/both_cpu.json
"$python" benchmark.py --report
