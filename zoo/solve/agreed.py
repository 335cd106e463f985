"""What several solvers agree on, field by field."""

from collections.abc import Mapping, Sequence
from typing import Any

import equinox as eqx
import jax

_GRID = ("controller", "steps", "dt0")
"""How equal steps are chosen: where one is given, what is not given of the others is dropped."""


def agreed(solvers: Sequence[Mapping[str, object]]) -> dict[str, Any]:
    """The fields that resolved solvers, each given by its fields, have in common; None elsewhere.

    A field is left out where laying it over one of them (`Solver.over`) would drop another that
    they do not agree on: `rtol` drops `atol`, and one of `controller`, `steps` and `dt0` of equal
    steps drops the others.
    """
    if not solvers:
        return {}
    first = solvers[0]
    same = {name: all(_same(first[name], s[name]) for s in solvers[1:]) for name in first}
    common = {name: first[name] if same[name] else None for name in first}
    if not same["atol"]:
        common["rtol"] = None
    equal = any(s["controller"] == "constant" for s in solvers)
    if equal and not all(same[name] for name in _GRID):
        common |= dict.fromkeys(_GRID)
    return common


def _same(a: Any, b: Any) -> bool:
    """Whether two values are one; of numbers that are being traced only the same array is."""
    if a is b:
        return True
    if any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves((a, b))):
        return False
    return bool(eqx.tree_equal(a, b))
