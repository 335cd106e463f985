"""Flow matching: what it cannot be told, and what is not known of it."""

import numpy as np

import zoo
from zoo.evaluation.straightness import straightness
from zoo.objectives.matching import velocity_matching
from zoo.registry import MODELS
from zoo.solve import Solver

from .given import KEY, model, moons

X = np.ones((4, 2), np.float32)
SIZES = {"in_size": 2, "out_size": 2, "classes": 2}
SMALL = {"dynamics_options": {"width": 4, "depth": 1}}


def flow(**options):
    """A small flow of two numbers."""
    return zoo.create_model("flow_matching", SIZES, key=KEY, **SMALL, **options)


def cnf(**options):
    """A small continuous normalising flow of two numbers."""
    return zoo.create_model("cnf", SIZES, key=KEY, **SMALL, **options)


def matched(net, solver=None, key=KEY, **labels):
    """The loss of a batch."""
    return velocity_matching(net, {"x": X, **labels}, key=key, step=0, solver=solver)


CASES = {
    "Classes of data that have none": lambda: MODELS["flow_matching"].builder(
        2, classes=True, key=KEY
    ),
    "A source of other shape": lambda: flow(source="wine"),
    "A source that there is not": lambda: flow(source="moon"),
    "A class of a flow that is told none": lambda: flow().of_class(1),
    "A class that there is not": lambda: flow(classes=True).of_class(2),
    "A guidance that is no number": lambda: flow(classes=True).of_class(1, float("nan")),
    "An SDE in half a step": lambda: flow().stochastic(2.5),
    "A class of a flow by maximum likelihood": lambda: cnf().of_class(0),
    "An SDE of a flow by maximum likelihood": lambda: cnf().stochastic(),
    "An SDE of a flow by optimal transport": lambda: flow(
        coupling="optimal_transport"
    ).stochastic(),
    "An SDE of no step": lambda: flow().stochastic(steps=0),
    "The density of a flow between data sets": lambda: flow(source="moons").log_prob(X),
    "A point of a flow that is given inputs": lambda: flow().sample(X, key=KEY),
    "Flow matching of a classifier": lambda: matched(model()),
    "Flow matching without a key": lambda: matched(flow(), key=None),
    "Flow matching of classes without labels": lambda: matched(flow(classes=True)),
    "Flow matching with a regulariser": lambda: matched(
        flow(), solver=Solver(regulariser=zoo.regularisers.kinetic())
    ),
    "The straightness of a flow of several fields": lambda: straightness(
        cnf(blocks=2), moons().test["x"], key=KEY
    ),
    "The straightness of no path": lambda: straightness(flow(), X[:0], key=KEY),
}
