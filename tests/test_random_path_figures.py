"""Figures of random paths: what is drawn is what the model draws, beside the data."""

import jax
import numpy as np
import pytest

import zoo
import zoo.plots
from zoo.plots.every import all_figures
from zoo.plots.stochastic.drawn import drawn_beside

from .small_data import random_paths

pytestmark = pytest.mark.filterwarnings("ignore:::zoo.ZooWarning")


@pytest.fixture(scope="module")
def drawn():
    data = random_paths()
    small = {"width": 8, "depth": 1}
    options = {"drift_options": small, "diffusion_options": small}
    model = zoo.create_model("neural_sde", data, key=jax.random.key(0), **options)
    return data, model, all_figures(model, data, None, "paths")


def test_random_paths_get_their_figures(drawn):
    data, model, figures = drawn
    assert set(figures) == {"fan", "marginals"}
    left, right = figures["fan"].axes
    told = drawn_beside(model, data)
    # Twenty paths or all, their mean, and three lines of the law, in the user's units and times.
    shown = min(len(told.held_out), 20)
    assert [len(axes.lines) for axes in (left, right)] == [shown + 4, 20 + 4]
    np.testing.assert_allclose(right.lines[0].get_xdata(), np.linspace(0, 4, 9), rtol=1e-6)
    np.testing.assert_allclose(left.lines[shown].get_ydata(), told.held_out[..., 0].mean(axis=0))
    np.testing.assert_allclose(left.lines[-3].get_ydata(), data.law.mean[:, 0])
    heights = [patch.get_height() for patch in figures["marginals"].axes[2].patches[:-1]]
    widths = [patch.get_width() for patch in figures["marginals"].axes[2].patches[:-1]]
    assert np.dot(heights, widths) == pytest.approx(1, abs=0.05)


def test_a_density_has_no_fan():
    data = zoo.load_dataset("moons", n=50)
    flow = zoo.create_model("cnf", data, key=jax.random.key(0))
    with pytest.raises(zoo.ZooError, match="no random paths to draw"):
        zoo.plots.path_fan(flow, data)
