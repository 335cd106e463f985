"""The check of annotations finds a wrong type, a wrong shape, and nothing in a true call."""

import jax.numpy as jnp
import pytest
from jaxtyping import Array, Float, TypeCheckError, jaxtyped

import zoo

from .checked import CHECKING, checked


@jaxtyped(typechecker=checked)
def scaled(xs: Float[Array, "B D"], factor: float) -> Float[Array, "B D"]:
    return xs * factor


def test_an_int_is_a_float_and_a_shape_is_a_shape():
    assert scaled(jnp.ones((2, 3)), 2).shape == (2, 3)
    for wrong in ((jnp.ones(3), 2.0), (jnp.ones((2, 3), int), 2.0), (jnp.ones((2, 3)), "2")):
        with pytest.raises(TypeCheckError):
            scaled(*wrong)


@pytest.mark.skipif(not CHECKING, reason="annotations are not checked in this run")
def test_functions_and_fields_of_the_package_are_checked():
    with pytest.raises(TypeCheckError, match="batch_size"):
        zoo.Stats.discrete("3", 1)
    with pytest.raises(TypeCheckError, match="metrics"):
        zoo.Aux(zoo.Stats.discrete(3, 1), {"size": jnp.zeros(())})


@pytest.mark.wrong_types
def test_a_test_that_is_marked_runs_unchecked():
    assert zoo.Aux(zoo.Stats.discrete(3, 1), {"size": jnp.zeros(())}).metrics
