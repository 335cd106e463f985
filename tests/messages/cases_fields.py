"""Fields in space: grids, terms and discretisations that do not go together."""

import jax
import jax.numpy as jnp

import zoo
from zoo.dynamics import pde
from zoo.plots import space_time, spectra

from .given import model, moons

LINE = pde.Grid((16,), (1.0,))


def rate(term, state=16, discretisation=pde.Spectral):
    """The derivative of a state of zeros, by one term on a line of 16 points."""
    return pde.MethodOfLines(discretisation(LINE), (term,))(0.0, jnp.zeros(state), None)


CASES = {
    "A grid whose axes are not told alike": lambda: pde.Grid((16, 16), (1.0,)),
    "A boundary that there is not": lambda: pde.Grid((16,), (1.0,), "open"),
    "Differences of an odd order": lambda: pde.FiniteDifferences(LINE, 3),
    "An upwind flux in Fourier modes": lambda: rate(pde.BurgersFlux(upwind=True)),
    "A learned flux in Fourier modes": lambda: rate(pde.LearnedFlux((jnp.tanh,), 2)),
    "A state that does not fit its grid": lambda: rate(pde.Diffusion(0.1), state=24),
    "Modes of a field with ends": lambda: pde.SemilinearMethodOfLines(
        pde.Spectral(pde.Grid((16,), (1.0,), "dirichlet")), (pde.Diffusion(0.1),)
    ),
    "A coarse grid that is no part of the fine one": lambda: zoo.load_dataset(
        "burgers", points=48, fine=64
    ),
    "A front that the fine grid does not resolve": lambda: zoo.load_dataset(
        "burgers", n=2, length=3, fine=64, points=16, duration=0.2, viscosity=1e-3
    ),
    "Space and time of a model of tables": lambda: space_time(model(), moons()),
    "Spectra of a model of tables": lambda: spectra(model(), moons()),
    "A map of no series": lambda: space_time(*_closure(), series=0),
}


def _closure():
    """A small closure, untrained, and its data."""
    data = zoo.load_dataset("heat", n=5, points=8, length=4, standardise=False)
    options = {"dynamics": "learned_closure", "dynamics_options": {"width": 2}, "initial": "given"}
    return zoo.create_model("trajectory", data, key=jax.random.key(0), **options), data
