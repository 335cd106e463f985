"""Figures, and sweeps."""

import equinox as eqx
import numpy as np
from matplotlib.figure import Figure

import zoo
from zoo.evaluation.sweep import compute_rows
from zoo.plots import (
    Animation,
    attention_maps,
    control_paths,
    decision_boundary,
    density_map,
    draws_by_evaluations,
    effort_by_class,
    effort_map,
    flow_animation,
    hardest_and_easiest,
    images_from_noise,
    least_likely,
    lift_in_space,
    nearest_images,
    pair_plots,
    particle_animation,
    path_straightness,
    phase_portrait,
    regression_fit,
    save_animation,
    save_figure,
    series_bands,
    state_against_depth,
    state_maps,
    step_sizes,
    training_curves,
    vector_field,
)
from zoo.train import History

from ..small_data import labelled_series
from ..small_models.flow import Flow
from ..small_models.line import Line, waves
from .given import KEY, cubic, model, moons, written

LINE = model(sizes=(1, 1))
NET = model("odenet")
HISTORY = History([{"step": i, "loss": 2.0**-i} for i in range(9)], [])
STILL = Animation(Figure(), lambda frame: None, 1)


class Wrapped(zoo.AbstractModel):
    """A model that solves an ODE, and says neither how nor which."""

    objectives = zoo.losses.PREDICTION
    inner: zoo.ODENet

    def forward(self, xs, *, args=None, solver=None, key=None):
        return self.inner.forward(xs, args=args, solver=solver, key=key)


def fit(models=None, data=None, **options):
    return regression_fit({"mlp": LINE} if models is None else models, data or cubic(), **options)


def flow() -> zoo.AbstractModel:
    return zoo.create_model("cnf", moons(), key=KEY)


def pixels() -> zoo.Dataset:
    """Grey images of 2×2 pixels, of two classes."""
    y = np.arange(20) % 2
    x = np.zeros((20, 2, 2, 1)) + y[:, None, None, None]
    return zoo.make_dataset(zoo.RawData({"x": x, "y": y}, ("classification",)), name="pixels")


def of_pixels() -> zoo.AbstractModel:
    return zoo.create_model("conv_odenet", pixels(), width=2, stages=1, key=KEY)


CASES = {
    "No history": lambda: training_curves(History()),
    "A fit of a classification": lambda: fit(data=moons()),
    "Paths of a model of tables": lambda: series_bands(model(), moons()),
    "Paths of a channel that there is not": lambda: series_bands(Line(), waves(), channels=(2,)),
    "A control of a model without one": lambda: control_paths(Line(), waves()),
    "A control of a series that there is not": lambda: control_paths(
        zoo.create_model("neural_cde", labelled_series(), hidden=2, width=2, key=KEY),
        labelled_series(),
        example=99,
    ),
    "A plane of one channel": lambda: phase_portrait(Line(), waves(), channels=(1, 1)),
    "A fit of models without names": lambda: fit(LINE),
    "A fit over no interval": lambda: fit(interval=(1, 1)),
    "A fit of a target that there is not": lambda: fit(target=1),
    "A fit at one point": lambda: fit(points=1),
    "A boundary of a regression": lambda: decision_boundary(model(), cubic()),
    "A boundary at one point": lambda: decision_boundary(model(), moons(), resolution=1),
    "A boundary of a model of other data": lambda: decision_boundary(
        model(sizes=(2, 3)), moons(), resolution=2
    ),
    "Densities of a classifier": lambda: density_map(model(), moons()),
    "Densities at one point": lambda: density_map(Flow(2, key=KEY), moons(), resolution=1),
    "Particles of a classifier": lambda: particle_animation(model(), moons()),
    "Particles in one frame": lambda: particle_animation(flow(), moons(), frames=1),
    "Draws by half a step": lambda: draws_by_evaluations(flow(), moons(), evaluations=(2, 3)),
    "Images from the noise of points": lambda: images_from_noise(flow(), moons()),
    "Images near to points": lambda: nearest_images(flow(), moons()),
    "The least likely of no rows": lambda: least_likely(flow(), moons(), examples=0),
    "Pairs of a column that there is not": lambda: pair_plots(flow(), moons(), columns=(1, 2)),
    "Paths of a net without a density": lambda: path_straightness(NET, moons()),
    "States of a model without any": lambda: state_against_depth({"mlp": model()}, moons()),
    "States of models without names": lambda: state_against_depth(NET, moons()),
    "States at one time": lambda: state_against_depth({"odenet": NET}, moons(), points=1),
    "States of no example": lambda: state_against_depth({"odenet": NET}, moons(), examples=0),
    "A field of three dimensions": lambda: vector_field(model("odenet", augment=1), moons()),
    "A field at one point": lambda: vector_field(NET, moons(), resolution=1),
    "A map of evaluations of equal steps": lambda: effort_map(
        model("odenet", solver={"steps": 4}), moons()
    ),
    "A map of evaluations at one point": lambda: effort_map(NET, moons(), resolution=1),
    "The hardest classes of a regression": lambda: effort_by_class(NET, cubic()),
    "The hardest classes in no rows": lambda: effort_by_class(NET, moons(), classes=0),
    "The hardest images of a regression": lambda: hardest_and_easiest(NET, cubic()),
    "The hardest images of what are no images": lambda: hardest_and_easiest(NET, moons()),
    "The hardest images in no columns": lambda: hardest_and_easiest(
        NET, moons(), columns=0, shape=(1, 2)
    ),
    "Maps of states that are vectors": lambda: state_maps(NET, moons()),
    "Maps of states at one time": lambda: state_maps(of_pixels(), pixels(), times=1),
    "Attention of a dense net": lambda: attention_maps(NET, moons()),
    "Attempts at equal steps": lambda: step_sizes(model("odenet", solver={"steps": 4}), moons()),
    "Attempts of an example that there is not": lambda: step_sizes(NET, moons(), example=12),
    "A lift of two dimensions": lambda: lift_in_space(NET, moons()),
    "A flow of a model without any": lambda: flow_animation(model(), moons()),
    "A flow of one frame": lambda: flow_animation(NET, moons(), frames=1),
    "An animation in another format": lambda: save_animation(STILL, "flow.mp4"),
    "An animation that cannot be written": lambda: (
        written("file", ""),
        save_animation(STILL, "file/flow.gif"),
    ),
    "A sweep of a model without an ODE": lambda: next(compute_rows(model(), moons())),
    "A sweep of dynamics that are not known": lambda: next(compute_rows(Wrapped(NET), moons())),
    "Pruning more than there is": lambda: zoo.prune(NET, 1.5),
    "Quantisation to one bit": lambda: zoo.quantise(NET, 1),
    "Quantisation of what holds no matrix": lambda: zoo.quantise(eqx.nn.LayerNorm(2), 8),
    "A figure in another format": lambda: save_figure(training_curves(HISTORY), "fit.gif"),
    "A figure that cannot be written": lambda: (
        written("file", ""),
        save_figure(training_curves(HISTORY), "file/fit.png"),
    ),
}
