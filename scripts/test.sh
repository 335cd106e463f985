#!/bin/sh
# Make an environment (first argument, .venv-test where not given), install, and run the tests.
# PYTHON names the interpreter; python3.11 where it is not given and there is one.
set -eu
cd "$(dirname "$0")/.."
venv=${1:-.venv-test}
python=${PYTHON:-$(command -v python3.11 || command -v python3)}
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
"$venv/bin/pip" install -q -r scripts/requirements-test.txt -e .
"$venv/bin/python" -m pytest -n auto --dist loadfile --no-loadscope-reorder
