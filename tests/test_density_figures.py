"""Figures of densities: which fit, and that what is drawn is what the model says."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo import plots
from zoo.errors import ConfigError
from zoo.nn.dense import scale_parameters
from zoo.plots.densities import FIGURES
from zoo.plots.densities.mosaic import mosaic
from zoo.plots.densities.names import wrapped
from zoo.plots.densities.nearest import nearest_rows
from zoo.plots.densities.pairs import most_correlated
from zoo.plots.densities.straightness import length_over_distance

RNG = np.random.default_rng(0)
MIXED = np.array([[1.0, 0.0, 2.0], [0.0, 3.0, 0.0], [0.0, 0.0, 0.2]])
OF_ALL = {"likelihoods", "least_likely", "paths"}
FITTING = {
    "plane": {"log_density", "particles", "particle_panels", "draws_by_nfe"},
    "table": {"pairs"},
    "images": {"images_from_noise", "draws_by_nfe", "nearest_images"},
}


def of(x: np.ndarray, **options) -> tuple[zoo.AbstractDensity, zoo.Dataset]:
    """A small flow that moves its examples visibly, and the data."""
    data = zoo.make_dataset(zoo.RawData({"x": x}, ("density",)), name="own")
    small = {"dynamics_options": {"width": 4, "depth": 1}, "solver": {"rtol": 1e-2}}
    model = zoo.create_model("cnf", data, key=jax.random.key(0), **{**small, **options})
    moved = tuple(scale_parameters(block, 2.0) for block in model.blocks)
    return eqx.tree_at(lambda m: m.blocks, model, moved), data


@pytest.fixture(scope="module")
def plane():
    return of(RNG.standard_normal((200, 2)) * [3.0, 0.5] + [10.0, 0.0])


@pytest.fixture(scope="module")
def table():
    x = RNG.standard_normal((60, 3)) @ MIXED
    x[7] = [0.0, 0.0, 30.0]
    return of(x)


@pytest.fixture(scope="module")
def images():
    return of(RNG.standard_normal((60, 4, 3, 1)))


def offsets(axes, place: int) -> np.ndarray:
    """The points of a scatter, [N, 2], in the order in which they were drawn."""
    return np.asarray(axes.collections[place].get_offsets())


@pytest.mark.parametrize("blocks", [1, 2])
def test_paths_lead_from_the_base_to_what_decode_gives(blocks):
    model, _ = of(RNG.standard_normal((20, 2)), blocks=blocks, solver={"rtol": 1e-4})
    zs = jax.random.normal(jax.random.key(1), (3, 2))
    states, stats = model.paths(zs, jnp.linspace(1.0, 1.0 - blocks, 4 * blocks + 1))
    assert states.shape == (3, 4 * blocks + 1, 2)
    assert stats.nfe_by_block.shape[-1] == blocks if blocks > 1 else (stats.nfe > 0).all()
    np.testing.assert_allclose(states[:, 0], zs)
    xs = model.decode(zs)[0]
    np.testing.assert_allclose(states[:, -1], xs, rtol=1e-4, atol=1e-5)
    assert np.abs(states[:, -1] - zs).max() > 0.1
    if blocks == 1:
        there = model.trajectory(xs, jnp.linspace(0.0, 1.0, 5))[0]
        np.testing.assert_allclose(states, there[:, ::-1], atol=5e-3)
    else:  # the end of the last block is where the first one starts
        alone = eqx.tree_at(lambda m: m.blocks, model, model.blocks[1:])
        np.testing.assert_allclose(states[:, 4], alone.decode(zs)[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", FITTING)
def test_every_figure_that_fits_is_drawn(kind, request, tmp_path):
    model, data = request.getfixturevalue(kind)
    found = {name: figure.attempt(model, data) for name, figure in FIGURES.items()}
    drawn = {name: figure for name, figure in found.items() if figure is not None}
    assert set(drawn) == FITTING[kind] | OF_ALL
    still = {name: f for name, f in drawn.items() if not isinstance(f, plots.Animation)}
    written = plots.write_figures(tmp_path, still)
    assert {path.stem for path in written} == set(still)
    assert all(path.stat().st_size > 3000 for path in written)


def test_a_run_for_density_has_them_and_one_for_classes_has_not(table):
    model, data = table
    drawn = plots.all_figures(model, data, None, "density")
    assert set(drawn) == FITTING["table"] | OF_ALL | {"depth", "steps"}
    assert set(plots.all_figures(model, data, None, "classification")) == {"depth", "steps"}


def test_the_truth_stands_beside_the_model_on_one_scale():
    data = zoo.load_dataset("rings", n=100)
    small = {"dynamics_options": {"width": 4, "depth": 1}, "solver": {"rtol": 1e-2}}
    model = zoo.create_model("cnf", data, task="density", key=jax.random.key(0), **small)
    left, right = plots.density_map(model, data, resolution=5).axes[:2]
    assert (left.get_title(), right.get_title()) == ("model", "truth")
    assert left.images[0].get_clim() == right.images[0].get_clim()
    west, east, south, north = right.images[0].get_extent()
    middle = np.array([[(west + east) / 2, (south + north) / 2]])
    shown = right.images[0].get_array()[2, 2]
    assert shown == pytest.approx(data.log_density(middle)[0], rel=1e-5)


def test_a_flow_from_data_to_data_has_no_map_of_its_density():
    data = zoo.load_dataset("moons", n=100)
    small = {"dynamics_options": {"width": 4, "depth": 1}, "solver": {"rtol": 1e-2}}
    model = zoo.create_model(
        "flow_matching", data, task="density", source="moons", key=jax.random.key(0), **small
    )
    fit = {name for name, figure in FIGURES.items() if figure.fits(model, data)}
    assert fit == {"particles", "particle_panels", "paths", "draws_by_nfe"}
    animation = plots.particle_animation(model, data, frames=2)
    base = offsets(animation.figure.axes[0], 1)
    rows = np.concatenate([data.x_scale.invert(data.split(n)["x"]) for n in ("train", "test")])
    assert np.ptp(base, axis=0).max() < 1.5 * np.ptp(rows, axis=0).max()


def test_particles_go_from_the_base_to_draws_in_the_users_units(plane):
    model, data = plane
    animation = plots.particle_animation(model, data, frames=4)
    draws = zoo.sample(model, None, 1000, key=jax.random.key(0), data=data)
    seen = {}
    assert (animation.frames, animation.rest) == (4, 12)
    for frame in (0, 3):
        animation.show(frame)
        seen[frame] = offsets(animation.figure.axes[0], 1).copy()
    base = (seen[0] - data.x_scale.mean) / data.x_scale.std
    assert np.abs(base.mean(axis=0)).max() < 0.15 and np.abs(base.std(axis=0) - 1).max() < 0.1
    np.testing.assert_allclose(seen[3], draws, rtol=1e-3, atol=1e-3)
    panels = plots.particle_panels(model, data, panels=3).axes
    assert [axes.get_title() for axes in panels] == ["$t$ = 1.00", "$t$ = 0.50", "$t$ = 0.00"]
    np.testing.assert_allclose(offsets(panels[2], 1), draws, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("blocks", [1, 2])
def test_the_evaluations_over_draws_were_counted(blocks):
    model, data = of(RNG.standard_normal((40, 2)), blocks=blocks, solver={"steps": 3})
    figure = plots.draws_by_evaluations(model, data, evaluations=(2, 4))
    titles = [axes.get_title() for axes in figure.axes]
    assert titles[:2] == [f"NFE {2 * blocks}", f"NFE {4 * blocks}"]
    assert titles[2].startswith("adaptive, NFE")
    draws = zoo.sample(model, None, 1000, key=jax.random.key(0), data=data)
    assert np.abs(offsets(figure.axes[2], 1) - draws).mean() < 1e-2


def test_a_path_is_as_much_longer_as_it_is():
    turn = np.linspace(0, np.pi, 2000)
    half_circle = np.c_[np.cos(turn), np.sin(turn)]
    line, ring = np.c_[turn, -turn], np.tile(half_circle[:1], (2000, 1))
    ratios = length_over_distance(np.stack([half_circle, line, ring]))
    np.testing.assert_allclose(ratios, [np.pi / 2, 1.0, np.nan], rtol=1e-5)


def test_likelihoods_are_those_of_evaluate(table):
    model, data = table
    (axes,) = plots.likelihood_histogram(model, data).axes
    told = zoo.evaluate(model, data)
    labels = {text.get_text() for text in axes.figure.legends[0].get_texts()}
    assert labels == {
        f"Gaussian: mean {-told['gaussian_nll']:.2f}",
        f"model: mean {-told['nll']:.2f}",
    }


def test_the_planted_row_is_the_least_likely(table):
    model, data = table
    told = {name: data.x_scale.invert(data.split(name)["x"]) for name in ("train", "val", "test")}
    odd = RNG.standard_normal((1, 3)).astype(np.float32) + 8
    test = {"x": np.concatenate([data.test["x"], odd])}
    planted = dataclasses.replace(data, test=test)
    axes = plots.least_likely(model, planted, examples=2).axes[0]
    first = axes.get_yticklabels()[0].get_text()
    score = zoo.predict(model, data.x_scale.invert(odd), data=data)[0]
    assert first == f"test row {len(told['test'])}: {score:.1f} nats"
    shown = axes.images[0].get_array()
    np.testing.assert_allclose(shown[0], odd[0], rtol=1e-3)


def test_the_nearest_training_image_is_found(images):
    model, data = images
    train = data.train["x"]
    shifted = train[[4, 2]] + np.float32(0.01)
    places, distances = nearest_rows(shifted, train)
    assert places.tolist() == [4, 2]
    np.testing.assert_allclose(distances, 0.01 * np.sqrt(12), rtol=1e-3)
    assert np.isnan(nearest_rows(np.full_like(shifted, np.nan), train)[1]).all()
    figure = plots.nearest_images(model, data, columns=3)
    draws = zoo.sample(model, None, 3, key=jax.random.key(0), data=data)
    shown = figure.axes[1].images[0].get_array()
    np.testing.assert_allclose(shown, draws[1, ..., 0], atol=1e-4)
    tiles = mosaic(draws, 2)
    assert tiles.shape == (9, 7, 1) and np.isnan(tiles[5:, 4:]).all()
    np.testing.assert_array_equal(tiles[5:, :3], draws[2])


def test_pairs_are_of_the_columns_that_depend_on_each_other(table):
    model, data = table
    x = np.c_[RNG.standard_normal((50, 3)), RNG.standard_normal(50)]
    x[:, 3] = x[:, 1] + 0.1 * x[:, 0]
    assert most_correlated(x, 2) == (1, 3)
    figure = plots.pair_plots(model, data, columns=(0, 2))
    shown = [axes for axes in figure.axes if axes.axison]
    assert len(shown) == 3 and figure.axes[2].get_ylabel() == "$x_{3}$"
    assert wrapped("od280_of diluted_wines", 12) == "od280_of\ndiluted_\nwines"
    with pytest.raises(ConfigError, match="columns"):
        plots.pair_plots(model, data, columns=(0, 0))
