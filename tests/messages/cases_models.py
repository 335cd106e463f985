"""Models, dynamics, layers and losses."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np

import zoo
from zoo.dynamics import DrivenDynamics
from zoo.dynamics.growth import growth_dynamics
from zoo.dynamics.hybrid import hybrid_dynamics
from zoo.dynamics.nbody import nbody_dynamics
from zoo.dynamics.second_order import second_order_dynamics
from zoo.models import ODEStage, OuterLayers, StagedODENet
from zoo.models.series import Horizon, Series, Shooting
from zoo.nn import conv, conv_layer
from zoo.objectives.latent import elbo
from zoo.objectives.losses import cross_entropy, squared_error
from zoo.objectives.parameters import check_parameters
from zoo.objectives.paths import path_error
from zoo.precision import cast_floats
from zoo.solve import solve

from ..small_models.flow import Flow
from .given import KEY, decay, model, moons, ode

X = np.ones((4, 2), np.float32)
ARRAY = jnp.ones(2)
LAYER = eqx.nn.Linear(2, 2, key=KEY)
BATCH_NORM = eqx.nn.BatchNorm(2, "batch", mode="batch")


class Swirl(zoo.dynamics.AbstractDynamics):
    """Dynamics of one's own, of any function."""

    function: object

    def __call__(self, t, y, args):
        return self.function(y)


class Noisy(zoo.dynamics.AbstractBatchDynamics):
    """A draw of noise for each example, kept where it should not be."""

    noise: object

    def batch(self, t, ys, args):
        return ys + self.noise


class Static(eqx.Module):
    weight: object = eqx.field(static=True)


class Unsolved(zoo.AbstractODEModel):
    """A model that does not say how it is solved."""

    objectives = zoo.losses.PREDICTION
    dynamics: object

    def initial_state(self, xs):
        return xs

    def forward(self, xs, *, args=None, solver=None, key=None):
        return self.trajectory(xs, jnp.ones(1), args=args, solver=solver)


def loss_of(loss, **targets):
    return loss(model(), {"x": X, **targets}, key=None, step=0, solver=None)


def hiding(model, batch, *, key, step, solver):
    """A loss that does not tell what the model predicted."""
    log_density, stats = model.forward(batch["x"], solver=solver)
    return -log_density, zoo.Aux(stats)


def infinite():
    net = model()
    return eqx.tree_at(lambda m: m.net.layers[0].bias, net, jnp.array([0, jnp.inf, 1, jnp.nan]))


IMAGES = {"in_shape": (8, 8, 1), "out_size": 10}


class Held(eqx.Module):
    """A field that calls a layer of Equinox."""

    layer: eqx.Module

    def __call__(self, t, y, args):
        return self.layer(y)


def stages(count: int, transitions: int):
    stage = ODEStage(zoo.dynamics.MLPDynamics(1, key=KEY))
    outer = OuterLayers(jnp.sum, in_shape=(8, 8, 1), transitions=[jnp.sin] * transitions)
    return StagedODENet([stage] * count, outer)


DRIVEN = DrivenDynamics(decay, 2, 1)

CASES = {
    "A positive parameter of zero": lambda: zoo.nn.Positive(0.0),
    "A parameter on its bound": lambda: zoo.nn.Bounded(1.0, 0.0, 1.0),
    "Positions without as many velocities": lambda: second_order_dynamics(3, key=KEY),
    "Bodies of other dimensions": lambda: nbody_dynamics(6, dimensions=2, key=KEY),
    "Rates of another number of entries": lambda: growth_dynamics(2, rates=[0.5], key=KEY),
    "A hybrid of no law": lambda: hybrid_dynamics(2, key=KEY),
    "A field that nothing drives": lambda: zoo.ODENet(DRIVEN)(ARRAY),
    "No window": lambda: Shooting(windows=0),
    "A share of nothing": lambda: Horizon(first_share=0.0),
    "Paths of a classifier": lambda: loss_of(path_error),
    "Paths that a classifier does not draw": lambda: loss_of(elbo),
    "Draws of a classifier": lambda: zoo.sample(model(), X, 2, key=KEY),
    "No draws": lambda: zoo.sample(model(), X, 0, key=KEY),
    "Series of a table": lambda: Series.of({"x": X}),
    "A field with a layer that needs a key": lambda: solve(
        Held(eqx.nn.Dropout(0.5)), jnp.ones((3, 2))
    ),
    "A field with a layer that needs state": lambda: solve(
        Held(eqx.nn.BatchNorm(2, "batch", mode="batch")), jnp.ones((3, 2))
    ),
    "A field of vectors for a state that is an image": lambda: zoo.create_model(
        "conv_odenet", IMAGES, key=KEY, dynamics="mlp"
    ),
    "A field of images for a state that is a vector": lambda: zoo.create_model(
        "odenet", (64, 10), key=KEY, dynamics="conv"
    ),
    "A model of images for a series": lambda: zoo.create_model(
        "unet_odenet", {**IMAGES, "in_shape": (8, 8)}, key=KEY
    ),
    "Images of another size than a model was made for": lambda: zoo.create_model(
        "transformer_odenet", IMAGES, key=KEY
    ).forward(np.ones((2, 28, 28, 1), np.float32)),
    "A convolution of images without a channel": lambda: conv(
        conv_layer(1, 4, key=KEY), jnp.ones((2, 8, 8))
    ),
    "Heads that do not divide the width": lambda: zoo.create_model(
        "transformer_odenet", IMAGES, key=KEY, dynamics_options={"heads": 3}
    ),
    "Solver options for residual steps": lambda: zoo.create_model(
        "conv_odenet", IMAGES, key=KEY, discrete=4, solver={"rtol": 1e-2}
    ),
    "Stages without a transition between them": lambda: stages(2, 0),
    "Fewer channels of zeros than none": lambda: OuterLayers(
        jnp.sum, in_shape=(8, 8, 1), augment=-1
    ),
    "A task that the model does not do": lambda: zoo.fit(model(), moons(), task="density"),
    "A loss that hides its log densities": lambda: zoo.fit(
        Flow(2, key=KEY), moons(), task="density", steps=1, loss=hiding
    ),
    "A model and a data set without a common task": lambda: zoo.fit(
        model(), zoo.make_dataset(zoo.RawData({"x": np.ones((9, 2))}, ("density",)))
    ),
    "A task for other kinds of data": lambda: zoo.models.choose_task(
        "Flow", ["density"], zoo.make_dataset(zoo.RawData({"x": np.ones((9, 5, 2))}, ("density",)))
    ),
    "Stats of two batches in a row": lambda: zoo.Stats.discrete(8, 1).then(
        zoo.Stats.discrete(4, 1)
    ),
    "Stats in groups of another size": lambda: zoo.Stats.discrete(8, 1).grouped(3),
    "Inputs of other channels": lambda: model().forward(np.ones((4, 3))),
    "Inputs without a batch axis": lambda: model().forward(np.ones(2)),
    "Complex inputs": lambda: model().forward(np.ones((4, 2), complex)),
    "Inputs of other channels, of an ODE-Net": lambda: model("odenet").forward(np.ones((4, 3))),
    "Images of another size": lambda: model(sizes=(64, 2)).forward(np.ones((4, 6, 6, 1))),
    "Images without channels": lambda: model(sizes=(64, 2)).forward(np.ones((4, 6, 6))),
    "A layer that gets other channels": lambda: zoo.ResNet(
        [zoo.nn.dense.Affine(2, 2, key=KEY)]
    ).forward(np.ones((4, 3))),
    "A residual block of another size": lambda: zoo.ResNet([lambda x: x[:1]])(ARRAY),
    "A residual net without a head": lambda: model("resnet", (3, 4), head=False),
    "An ODE-Net without a head": lambda: model("odenet", (3, 4), head=False),
    "Less than no dimensions": lambda: zoo.ODENet(decay, augment=-1),
    "An ODE model without a solver": lambda: Unsolved(decay).forward(X),
    "A scalar state that is to be augmented": lambda: zoo.ODENet(decay, augment=1).forward(
        np.ones(4)
    ),
    "A derivative of another shape": lambda: ode(lambda t, y, args: y[:1])(ARRAY),
    "A derivative of another type": lambda: ode(lambda t, y, args: [y, None])(ARRAY),
    "A derivative that a class returns": lambda: zoo.ODENet(Swirl(jnp.sum))(ARRAY),
    "A batch that is more than its examples": lambda: zoo.ODENet(Noisy(jnp.ones((128, 2)))).forward(
        jnp.ones((128, 2))
    ),
    "A field without args": lambda: ode(lambda t, y: y)(ARRAY),
    "A field of y and t": lambda: ode(lambda y, t, args: y)(ARRAY),
    "A derivative of another precision": lambda: ode(lambda t, y, args: y.astype(jnp.bfloat16))(
        ARRAY
    ),
    "Weights of several types": lambda: check_parameters(
        zoo.ResNet([LAYER, cast_floats(LAYER, "bfloat16")])
    ),
    "Weights that are not finite": lambda: check_parameters(infinite()),
    "Weights in a closure": lambda: check_parameters(ode(lambda t, y, args: ARRAY * y)),
    "Weights in a static field": lambda: check_parameters(zoo.ODENet(Static(ARRAY))),
    "A layer that is in two places": lambda: check_parameters(zoo.ResNet([LAYER, LAYER])),
    "A layer of an ODE block that changes the shape": lambda: zoo.ode_block(lambda x: x[:1])(ARRAY),
    "A layer of an ODE block that draws": lambda: zoo.ode_block(eqx.nn.Dropout(0.1)),
    "A layer of an ODE block that keeps a state": lambda: zoo.ode_block(BATCH_NORM),
    "A layer of an ODE block with other parameters": lambda: zoo.ode_block(lambda x, y: x + y),
    "Args for a layer of an ODE block": lambda: zoo.ode_block(LAYER)(ARRAY, args=ARRAY),
    "An ODE block within a jit of the model": lambda: zoo.Wrapped(
        eqx.filter_jit(zoo.ode_block(LAYER))
    ).forward(X),
    "A module that keeps a state": lambda: zoo.Wrapped(BATCH_NORM),
    "Args for a module without": lambda: zoo.Wrapped(LAYER).forward(X, args=X),
    "A model without an ODE that is to be ablated": lambda: zoo.ablate(model()),
    "A method for an equilibrium model": lambda: model("equilibrium").forward(
        X, solver=zoo.Solver(t1=2.0)
    ),
    "A fixed point of another shape": lambda: zoo.solve.fixed_point(lambda z, x: z[:1], X),
    "Predictions of another shape than the targets": lambda: loss_of(squared_error, y=np.ones(4)),
    "Labels of another shape than the predictions": lambda: loss_of(
        cross_entropy, y=np.ones((4, 1), int)
    ),
    "Classes where numbers are compared": lambda: loss_of(squared_error, y=np.arange(4)),
    "Numbers where there should be classes": lambda: loss_of(cross_entropy, y=np.ones((4, 1))),
}
