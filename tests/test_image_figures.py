"""Figures of images through depth: the states as maps, and where a transformer looks."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo import plots
from zoo.dynamics import TransformerDynamics, lift
from zoo.errors import ConfigError
from zoo.plots.maps import _main_component
from zoo.registry import MODELS

KEY = jax.random.key(0)
LABELS = np.arange(30) % 3
PIXELS = np.random.default_rng(0).standard_normal((30, 5, 4, 1)) + LABELS[:, None, None, None]


def images(x=PIXELS) -> zoo.Dataset:
    raw = zoo.RawData({"x": x, "y": LABELS}, ("classification",), kind="image")
    return zoo.make_dataset(raw, name="pictures")


def made(name, data, **options):
    return zoo.create_model(name, data, key=KEY, solver={"rtol": 1e-2}, **options)


def shown(axes) -> np.ndarray:
    return np.asarray(axes.get_images()[0].get_array())


def test_attention_is_that_of_the_tokens_that_the_field_sees():
    field = TransformerDynamics((4, 6), width=8, depth=2, key=KEY)
    ys = jax.random.normal(KEY, (3, 4, 6))
    seen = field.attention(jnp.array(0.5), ys)
    assert seen.shape == (3, 2, 2, 4, 4) and (seen >= 0).all()
    np.testing.assert_allclose(seen.sum(axis=-1), 1, rtol=1e-5)
    # A set of tokens in another order is seen in that order.
    order = np.array([2, 0, 3, 1])
    turned = field.attention(jnp.array(0.5), ys[:, order])
    np.testing.assert_allclose(turned, seen[..., order, :][..., order], atol=1e-6)
    # One token that nothing else is beside gets all.
    assert (TransformerDynamics((1, 6), width=8, key=KEY).attention(0.0, ys[:, :1]) == 1).all()
    assert lift(field)(0.5, ys, None).shape == ys.shape


def test_attention_of_a_net_of_patches_is_drawn_by_time():
    data = images()
    net = made("transformer_odenet", data, patch=2, width=8, dynamics_options={"width": 8})
    figure = plots.attention_maps(net, data, examples=3, times=2)
    axes, titles = figure.axes, ["input", "$t$ = 0", "$t$ = 1"]
    assert len(axes) == 3 * 3 and [each.get_title() for each in axes[:3]] == titles
    maps = [shown(axes[i]) for i in (1, 2, 4, 5, 7, 8)]
    assert {m.shape for m in maps} == {(3, 2)}  # 5×4 pixels in squares of 2
    np.testing.assert_allclose([m.sum() for m in maps], 1, rtol=1e-5)
    assert shown(axes[0]).shape == (5, 4) and axes[1].patches
    drawn = plots.all_figures(net, data, None, "classification")
    assert "attention" in drawn and "maps" not in drawn  # its states are tokens


def test_states_that_are_images_are_drawn_by_time():
    data = images()
    net = made("conv_odenet", data, width=4, stages=1, dynamics_options={"width": 4})
    figure = plots.state_maps(net, data, examples=2, times=3)
    assert len(figure.axes) == 2 * 4 and shown(figure.axes[3]).shape == (5, 4)
    states = np.random.default_rng(0).standard_normal((2, 3, 5, 4, 1))
    np.testing.assert_allclose(_main_component(states), states[..., 0] - states.mean(), atol=1e-9)
    wide = np.concatenate([0.01 * states[..., :1], 3 * states[..., :1] ** 2], axis=-1)
    main = _main_component(wide)
    assert np.corrcoef(main.ravel(), wide[..., 1].ravel())[0, 1] > 0.999
    drawn = plots.all_figures(net, data, None, "classification")
    assert "maps" in drawn and "attention" not in drawn
    assert "attention (an ODE of a transformer)" in plots.left_out(drawn, data)


@pytest.mark.parametrize("figure", [plots.state_maps, plots.attention_maps])
def test_what_cannot_be_drawn_is_refused(figure):
    data = images()
    name = "conv_odenet" if figure is plots.state_maps else "transformer_odenet"
    assert name in MODELS.names()
    with pytest.raises(ConfigError, match=f"MLP on 'pictures' .*such as {name}"):
        figure(zoo.create_model("mlp", data, key=KEY), data)
    net = made(name, data, width=4, **({} if name == "conv_odenet" else {"patch": 4}))
    with pytest.raises(ConfigError, match="times = 1: expected 2 or more"):
        figure(net, data, times=1)
    with pytest.raises(ConfigError, match="images of 5×4×2"):
        figure(net, images(np.concatenate([PIXELS, PIXELS], axis=-1)))
