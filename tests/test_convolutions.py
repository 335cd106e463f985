"""Convolutions in loops keep the form that XLA's fast routine takes, and their numbers."""

import itertools
import os
import re
import subprocess
import sys

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax._src.lax.convolution import _conv_general_dilated_lower
from jax.extend.core.primitives import conv_general_dilated_p
from jax.interpreters import mlir

from zoo.errors import DataError
from zoo.nn import conv, conv_layer, fast_convolutions, install_fast_convolutions

KEY = jax.random.key(0)
LAYERS = {
    "1d": eqx.nn.Conv1d(2, 3, 3, padding=1, key=KEY),
    "2d": eqx.nn.Conv2d(2, 3, 3, padding=1, key=KEY),
    "3d": eqx.nn.Conv3d(2, 3, 3, padding=1, key=KEY),
    "stride": eqx.nn.Conv2d(2, 3, 3, stride=2, padding=1, key=KEY),
    "dilation": eqx.nn.Conv2d(2, 3, 2, dilation=2, key=KEY),
    "even window, unlike edges": eqx.nn.Conv2d(2, 3, (2, 3), padding=((0, 1), (2, 0)), key=KEY),
    "transposed": eqx.nn.ConvTranspose2d(2, 3, 3, stride=2, padding=1, key=KEY),
    "cut": eqx.nn.ConvTranspose2d(2, 3, 2, padding=3, key=KEY),
    "groups": eqx.nn.Conv2d(2, 4, 3, groups=2, padding=1, key=KEY),
}
SIZES = {"1d": (7,), "3d": (3, 4, 5)}


def gradients(layer, x):
    """The gradient of a sum of squares, by input and weights, and its own derivative along both."""
    arrays, rest = eqx.partition(layer, eqx.is_inexact_array)

    def value(arrays, x):
        return jnp.sum(jax.vmap(eqx.combine(arrays, rest))(x) ** 2)

    of_both = jax.grad(value, (0, 1))
    return of_both(arrays, x), jax.jvp(of_both, (arrays, x), (arrays, jnp.sin(x)))[1]


@pytest.mark.parametrize("name", LAYERS)
def test_values_and_derivatives_of_any_order_are_those_of_jax(name, monkeypatch):
    assert install_fast_convolutions()
    rules = mlir._platform_specific_lowerings["cpu"]
    entry = rules[conv_general_dilated_p]
    assert entry.rule is not _conv_general_dilated_lower
    with jax.enable_x64(True):
        x = jax.random.normal(KEY, (2, 2, *SIZES.get(name, (6, 7))), jnp.float64)
        layer = jax.tree.map(lambda a: a.astype(float) if eqx.is_array(a) else a, LAYERS[name])
        ours = eqx.filter_jit(gradients)(layer, x)
        own = type(entry)(_conv_general_dilated_lower, True)
        monkeypatch.setitem(rules, conv_general_dilated_p, own)
        theirs = eqx.filter_jit(lambda layer, x: gradients(layer, x))(layer, x)
    for a, b in zip(jax.tree.leaves(ours), jax.tree.leaves(theirs), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


def loop_of(layer):
    """A loop of three steps down the gradient of an Equinox layer of images [N, C, H, W]."""
    arrays, rest = eqx.partition(layer, eqx.is_inexact_array)

    def step(_, both):
        grads, _ = gradients(eqx.combine(both[0], rest), both[1])
        return jax.tree.map(lambda a, g: a - 1e-3 * g, both, grads)

    return arrays, lambda arrays, x: jax.lax.fori_loop(0, 3, step, (arrays, x))


@pytest.mark.skipif(jax.default_backend() != "cpu", reason="a lowering for CPUs")
@pytest.mark.parametrize("name", ["1d", "2d", "3d", "stride", "dilation"])
def test_the_compiled_loop_has_them_channels_last(name):
    install_fast_convolutions()
    arrays, loop = loop_of(LAYERS[name])
    x = jnp.ones((2, 2, *SIZES.get(name, (6, 7))))
    compiled = jax.jit(loop).lower(arrays, x).compile().as_text()
    found = re.findall(r" convolution\(.*?dim_labels=([\w>-]+)", compiled)
    space = {"1d": "0", "3d": "012"}.get(name, "01")
    assert len(found) >= 3 and set(found) == {f"b{space}f_{space}io->b{space}f"}


OFF = """
import jax, sys
from jax.interpreters import mlir
from jax.extend.core.primitives import conv_general_dilated_p as primitive
before = mlir._platform_specific_lowerings["cpu"].get(primitive)
import zoo
from zoo.nn import fast_convolutions, install_fast_convolutions
assert mlir._platform_specific_lowerings["cpu"].get(primitive) is before
if "moved" in sys.argv:
    del mlir._lowerings
    fast_convolutions.mlir = type("moved", (), {})()
zoo.solve.solve(lambda t, y, args: -y, jax.numpy.ones((1, 2)), solver=zoo.Solver(steps=1))
installed = install_fast_convolutions()
assert (mlir._platform_specific_lowerings["cpu"].get(primitive) is before) != installed
print("installed", installed)
"""


@pytest.mark.parametrize(
    ("switch", "argument", "expected"),
    [("", "", "True"), ("off", "", "False"), ("", "moved", "False")],
)
def test_it_is_installed_by_a_solve_unless_switched_off_or_jax_has_moved_its_rule(
    switch, argument, expected
):
    environment = {**os.environ, fast_convolutions.SWITCH: switch, "JAX_PLATFORMS": "cpu"}
    told = subprocess.run(
        [sys.executable, "-c", OFF, argument], env=environment, capture_output=True, text=True
    )
    assert told.stdout == f"installed {expected}\n", told.stderr


@pytest.mark.parametrize(("stride", "size"), list(itertools.product([1, 2], [(1, 1), (5, 6)])))
def test_channels_last_are_equinox_s_own_numbers(stride, size):
    layer = conv_layer(2, 3, stride=stride, key=KEY)
    x = jax.random.normal(KEY, (4, *size, 2))
    theirs = jnp.moveaxis(jax.vmap(layer)(jnp.moveaxis(x, -1, 1)), 1, -1)
    np.testing.assert_allclose(conv(layer, x), theirs, atol=1e-5)


@pytest.mark.wrong_types
def test_a_convolution_of_other_channels_is_refused():
    with pytest.raises(DataError, match=r"2 channels got shape \(4, 5, 5, 3\).*\(B, height, width"):
        conv(conv_layer(2, 3, key=KEY), jnp.ones((4, 5, 5, 3)))
    with pytest.raises(DataError, match=r"One image is x\[None\]"):
        conv(conv_layer(2, 3, key=KEY), jnp.ones((5, 5, 2)))
