"""Figures of fields: which models have them, and that they draw what the numbers are."""

import jax
import numpy as np
import pytest

import zoo
from zoo import plots
from zoo.plots.fields.spectra import power

pytestmark = pytest.mark.filterwarnings("ignore::zoo.ZooWarning")


def test_power_by_wavenumber_is_half_the_squared_height():
    x = np.arange(16) / 16
    u = 3 * np.sin(2 * np.pi * 2 * x) + np.cos(2 * np.pi * 5 * x + 1)
    expected = np.zeros(9)
    expected[[2, 5]] = 4.5, 0.5
    np.testing.assert_allclose(power(u[None]), expected, atol=1e-12)


def test_maps_and_spectra_of_a_plain_scheme():
    data = zoo.load_dataset("heat", n=10, points=16, length=5, standardise=False)
    known = {"equation": "heat", "viscosity": 0.02, "order": 4, "init_scale": 0.0}
    options = {"dynamics": "learned_closure", "dynamics_options": known, "initial": "given"}
    key = jax.random.key(0)
    model = zoo.create_model("trajectory", data, key=key, solver={"rtol": 1e-4}, **options)
    drawn = plots.all_figures(model, data, None, "trajectory")
    assert {"space_time", "spectra", "series"} <= set(drawn) and "phase" not in drawn
    meshes = [m for axes in drawn["space_time"].axes for m in axes.collections][:6]
    observed, told = (np.asarray(m.get_array()) for m in meshes[:2])
    np.testing.assert_allclose(observed, data.test["x"][0].T, atol=1e-6)
    np.testing.assert_allclose(told, observed, atol=2e-2)  # the heat equation of the data
    assert np.abs(told - observed).max() > 0
    free = zoo.create_model("trajectory", data, key=key)
    assert "space_time" not in plots.all_figures(free, data, None, "trajectory")
