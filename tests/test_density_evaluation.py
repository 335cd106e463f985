"""What a density is worth beside its likelihood, on one whose draws and integral are known."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo.evaluation.batched import traced_solver
from zoo.evaluation.densities.integral import integral_of
from zoo.evaluation.reference import reference_of
from zoo.evaluation.sweep import density_rows
from zoo.models.densities import CNF
from zoo.plots import sweep_figures
from zoo.solve import Solver

pytestmark = pytest.mark.filterwarnings("ignore:.*:zoo.ZooWarning")


class Turn(zoo.dynamics.AbstractDynamics):
    """Turns the plane, which leaves N(0, 1) as it is, and makes it smaller by `shrink`."""

    shrink: jax.Array

    def __call__(self, t, y, args):
        return 3.0 * jnp.stack([-y[1], y[0]]) - self.shrink * y


def flow(shrink: float = 0.0) -> CNF:
    return CNF((Turn(jnp.array(shrink)),), (2,), solver=Solver(rtol=1e-2))


X = np.random.default_rng(0).normal(size=(500, 2)) * [5.0, 0.1] + [100.0, 0.0]
KEY = jax.random.key(0)
DATA = zoo.make_dataset(zoo.RawData({"x": X}, ("density",)))


@pytest.fixture(scope="module")
def told():
    return zoo.evaluate(flow(), DATA)


def test_draws_of_the_true_density_are_as_near_as_training_rows(told):
    assert 0 < told["sliced_w2"] < 2 * told["sliced_w2_train"]
    assert told["nfe_sample"] > 0 and told["failed_draws"] == 0
    wider = zoo.evaluate(flow(shrink=0.7), DATA)  # draws are twice as wide
    assert wider["sliced_w2"] > 4 * wider["sliced_w2_train"]
    assert wider["sliced_w2_train"] == told["sliced_w2_train"]


def test_a_likelihood_at_a_hundredth_of_the_tolerance_is_that_of_such_a_solver(told):
    tight = zoo.evaluate(flow(), DATA, solver=Solver(rtol=1e-4), draws=False)
    assert told["nll_tight"] == pytest.approx(tight["nll"], abs=2e-6)
    assert abs(told["nll"] - tight["nll"]) > 1e-5
    assert told["nfe_tight"] == tight["nfe"] > told["nfe"]
    assert not {"nll_tight", "sliced_w2", "integral"} & tight.keys()


def test_the_integral_over_the_plane_is_one_and_less_in_a_smaller_box(told):
    tight = traced_solver(flow(), Solver(rtol=1e-4))
    assert integral_of(flow(), DATA.train, solver=tight) == pytest.approx(1.0, abs=0.002)
    assert 0.95 < told["integral"] < 0.99  # what the model's own tolerance of 1e-2 loses
    # The box is twice as wide as what it is given: one deviation on each side.
    small = {"x": np.array([[-0.5, -0.5], [0.5, 0.5]], np.float32)}
    inner = integral_of(flow(), small, solver=tight, resolution=40)
    assert inner == pytest.approx(0.6827**2, abs=0.01)


def test_few_steps_draw_from_another_density_and_both_costs_are_said():
    options = {"methods": ("Euler",), "evaluations": (2,), "tolerances": (1e-2,), "limit": 64}
    euler, adaptive = density_rows(flow(), DATA, **options)
    assert (euler["by"], euler["nfe"], euler["nfe_sample"]) == ("Euler", 2, 2)
    assert (adaptive["by"], adaptive["rtol"]) == ("adaptive", 1e-2)
    assert euler["sliced_w2"] > 4 * adaptive["sliced_w2"]
    assert adaptive["sliced_w2_train"] == euler["sliced_w2_train"]
    figures = sweep_figures({"likelihood": [euler, adaptive]})
    assert list(figures) == ["sweep-likelihood"]
    lines = [len(axes.lines) for axes in figures["sweep-likelihood"].axes]
    assert lines == [3, 3]  # both ways of stepping, and what they are beside


def test_what_is_kept_of_training_rows_are_their_log_densities_in_order():
    kept = reference_of(flow(), DATA, "density")["log_prob"]
    raw = DATA.preprocessing.raw(DATA.train["x"])
    expected = np.sort(zoo.predict(flow(), raw, data=DATA))
    np.testing.assert_allclose(kept, expected, atol=1e-4)
    model = zoo.create_model(zoo.model_config("mlp", (2, 2), width=4, depth=1), key=KEY)
    assert reference_of(model, zoo.load_dataset("moons", n=50, seed=0), "classification") == {}
