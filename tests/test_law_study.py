"""The study of laws: its tables are made of its runs and the ledger."""

from importlib import import_module

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from zoo.dynamics import AbstractDynamics, GrowthDynamics, HybridDynamics

hybrid, report = (import_module(f"laws.{name}") for name in ("hybrid", "report"))


def test_the_tables_say_what_the_runs_gave():
    same = {"growth": 0.5, "decay": 1.0, "term error": 0.1, "field error": 0.2, "rmse": 0.3}
    runs = [
        {
            "part": "hybrid",
            "case": "known",
            "seed": seed,
            "net share": 0.4,
            "correlation": r,
            **same,
        }
        for seed, r in ((1, 0.97), (0, 0.99))
    ]
    runs += [
        {"part": "closure", "case": "differences of order 2", "seed": seed, "rmse": rmse}
        for seed, rmse in ((1, 0.06), (0, 0.04))
    ]
    (row,) = report.terms(runs)[2:]
    assert row.endswith("| 0.9700 | 2 |")
    assert row.startswith("| known | 0.50 ± 0.00 | 1.00 ± 0.00 | 0.40 ± 0.00 | 0.9800 ± 0.0141 | ")
    ledger = {
        "burgers-closure": {"ours": [0.01, 0.02]},
        "bouncing-ball": {"parameters": {"gravity": [9.7, 9.9]}},
        "spring-mlp": {"ours": [1.0, 2.0, 6.0], "published": [0.17]},
    }
    plain, closure = report.closures(runs, ledger)[2:]
    assert plain == "| differences of order 2 | 0.04 / 0.06 | 0.05 | 3.5 ± 0.7 |"
    assert closure.endswith("| 0.015 | 1.0 ± 0.0 |")
    (row,) = report.energies(ledger)[2:]
    assert row == "| spring | mlp | 0.17 | 3 | 2 | 1 | 6 | 3 |"
    (row,) = report.ball(ledger)[2:]
    assert row == "| gravity | 9.81 | 9.7 | 9.9 | 9.8000 ± 0.1414 |"
    assert report.closures(runs, {}) == report.terms([]) == ["Not run yet."]


def test_every_mark_of_the_page_is_filled(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(report.PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    report.report(page=page)
    assert page.read_text(encoding="utf-8") == report.PAGE.read_text(encoding="utf-8")


def test_a_net_that_took_over_a_rate_is_not_the_missing_term():
    ys = np.random.default_rng(0).uniform(0.2, 2.0, (40, 2))
    rates = jnp.array(hybrid.TRUE)
    told = hybrid.beside_the_truth(HybridDynamics(GrowthDynamics(rates), Met(jnp.zeros(2))), ys)
    assert told["correlation"] == pytest.approx(1)
    assert told["term error"] < 1e-6 and told["field error"] < 1e-6
    other = HybridDynamics(GrowthDynamics(jnp.zeros(2)), Met(rates))
    told = hybrid.beside_the_truth(other, ys)
    assert told["field error"] < 1e-6 and told["term error"] > 0.3 and told["correlation"] < 0.99


class Met(AbstractDynamics):
    """What the meeting of predators and prey does, and rates that belong to the known law."""

    rates: jax.Array

    def __call__(self, t, y, args):
        return self.rates * y + jnp.array([-4 / 3, 1.0]) * y[0] * y[1]
