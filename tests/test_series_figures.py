"""Figures of series: every observation where it was, and the band that the model tells."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from matplotlib.collections import PolyCollection

import zoo
from zoo import plots
from zoo.errors import ConfigError
from zoo.models.series import Series
from zoo.plots.series.predicted import predicted

from .small_models.line import Line, waves

WAVES = waves()


def points(axes, label) -> np.ndarray:
    """The points of the lines of that label, [N, 2]."""
    found = [line.get_xydata() for line in axes.get_lines() if line.get_label() == label]
    return np.concatenate(found) if found else np.zeros((0, 2))


def test_bands_stand_beside_every_observation_in_the_users_units():
    figure = plots.series_bands(Line(), WAVES, series=2)
    assert len(figure.axes) == 4 and figure.axes[2].get_ylabel() == "$x_2$"
    told = predicted(Line(), WAVES)
    assert np.nanmin(told.values) > 30 and np.nanmax(told.values) < 70
    for place, axes in enumerate(figure.axes):
        row, channel = (0, len(told.t) - 1)[place % 2], place // 2
        seen, hidden = points(axes, "observed"), points(axes, "held out")
        values = told.values[row, :, channel]
        real = np.isfinite(values)
        assert len(seen) == 4 and len(seen) + len(hidden) == real.sum()
        np.testing.assert_allclose(np.concatenate([seen, hidden])[:, 1], values[real])
        # The mean is the first value; padding has none, so that no line runs back.
        mean = points(axes, "mean")[:, 1]
        np.testing.assert_allclose(mean[np.isfinite(mean)], values[0], rtol=1e-5)
        assert np.isfinite(mean).sum() == real.sum()
        (band,) = [each for each in axes.collections if isinstance(each, PolyCollection)]
        height = np.ptp(band.get_paths()[0].vertices[:, 1])
        scale, last = WAVES.preprocessing.x_scale, WAVES.preprocessing.t_scale.length
        since = (told.t[row, real.sum() - 1] - told.t[row, 0]) / last
        assert height == pytest.approx(2 * 1.6449 * (0.1 + since) * scale.std[channel], rel=1e-3)


def test_a_model_without_deviations_has_no_band_and_a_phase_portrait():
    assert not [c for a in plots.series_bands(Line(False), WAVES).axes for c in a.collections]
    (axes,) = plots.phase_portrait(Line(False), WAVES, series=3).axes
    real = np.isfinite(predicted(Line(False), WAVES).values[:3, :, 0]).sum()
    assert len(points(axes, "observed")) + sum(
        len(line.get_xydata())
        for line in axes.get_lines()
        if str(line.get_label()).startswith("_") and line.get_linestyle() == "None"
        and line.get_markersize() < 2
    ) == real  # fmt: skip
    drawn = plots.all_figures(Line(), WAVES, None, "forecasting")
    assert {"series", "phase"} <= set(drawn)
    assert "phase" not in plots.all_figures(Line(), waves(channels=1), None, "forecasting")


def test_what_is_not_there_is_refused():
    moons = zoo.load_dataset("moons", n=50)
    with pytest.raises(ConfigError, match="tells no paths"):
        plots.series_bands(zoo.create_model("mlp", moons, key=jax.random.key(0)), moons)
    with pytest.raises(ConfigError, match="channels from 0 to 1"):
        plots.series_bands(Line(), WAVES, channels=(2,))
    with pytest.raises(ConfigError, match="two different channels"):
        plots.phase_portrait(Line(), WAVES, channels=(1, 1))


def test_a_control_goes_through_the_values_and_states_begin_where_they_should():
    data = zoo.load_dataset("spirals", n=30, length=9)
    net = zoo.create_model("neural_cde", data, hidden=4, width=4, key=jax.random.key(0))
    figure = plots.control_paths(net, data, example=2, series=4)
    seen = Series.of({name: values[2:3] for name, values in data.test.items()})
    for channel, axes in enumerate(figure.axes[::2]):
        path, dots = (line.get_xydata() for line in axes.get_lines())
        np.testing.assert_allclose(dots[:, 1], seen.x[0, :, channel], rtol=1e-6)
        at = np.interp(dots[:, 0], path[:, 0], path[:, 1])
        np.testing.assert_allclose(at, dots[:, 1], atol=0.02)
    assert [len(axes.get_lines()) for axes in figure.axes[1::2]] == [4, 4]
    xs = Series.of(dict(data.test))
    zs, stats = net.states(xs, jnp.array([0.0, 1.0]))
    np.testing.assert_allclose(net.head(zs[:, 1]), net.forward(xs)[0], atol=1e-3)
    assert stats.ok.all() and zs.shape == (len(xs.t), 2, 4)
    assert "control" in plots.all_figures(net, data, None, "classification")
    with pytest.raises(ConfigError, match="has no control"):
        plots.control_paths(Line(), WAVES)
    with pytest.raises(ConfigError, match="a test series from 0 to 5"):
        plots.control_paths(net, data, example=6)
