"""The sliced Wasserstein distance of two samples."""

import numpy as np
import pytest

from zoo.evaluation import sliced_wasserstein

RNG = np.random.default_rng(0)


def test_on_a_line_it_is_that_of_the_quantile_functions():
    x, y = RNG.normal(size=(4, 1)), RNG.normal(size=(6, 1))
    # Repeated until both have as many, each is matched with the other in order.
    pairs = np.sort(np.repeat(x, 3)), np.sort(np.repeat(y, 2))
    expected = np.sqrt(np.mean((pairs[0] - pairs[1]) ** 2))
    assert sliced_wasserstein(x, y, projections=3) == pytest.approx(expected, rel=1e-12)
    assert sliced_wasserstein(y, x) == pytest.approx(sliced_wasserstein(x, y))


def test_a_shift_is_its_length_seen_from_all_sides():
    x, shift = RNG.normal(size=(300, 2, 5)), RNG.normal(size=(2, 5))
    far = sliced_wasserstein(x, x + shift, projections=20_000)
    assert far == pytest.approx(np.linalg.norm(shift) / np.sqrt(10), rel=0.03)
    assert sliced_wasserstein(x, x[::-1]) < 1e-12
    assert sliced_wasserstein(x, x + shift) == sliced_wasserstein(x, x + shift)
    assert sliced_wasserstein(x, x + shift, seed=1) != sliced_wasserstein(x, x + shift)


def test_it_tells_densities_apart_that_their_moments_do_not():
    signs = RNG.choice([-1.0, 1.0], size=(4000, 2))
    normal, again = RNG.normal(size=(2, 4000, 2))
    assert sliced_wasserstein(signs, normal) > 5 * sliced_wasserstein(again, normal)
