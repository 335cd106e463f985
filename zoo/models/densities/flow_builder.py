"""`flow_matching` by name: the field, the path, the coupling and the source of a flow."""

from collections.abc import Mapping
from typing import Annotated

import jax
from jaxtyping import PRNGKeyArray

from ...dynamics import Dynamics, LabelledDynamics, dynamics_by_name, takes_shape
from ...errors import ConfigError
from ...registry import COUPLINGS, DYNAMICS, PATHS, register_model
from ...schema import Fraction, FromData, Nested, NonNegativeInt, Selects, Size
from ...solve import solver_from_options, solver_options
from .flow_matching import FlowMatching
from .source import source_rows
from .trace import Trace


@register_model("flow_matching")
def flow_matching(
    in_size: int,
    *,
    in_shape: Annotated[tuple[int, ...], FromData("in_shape")] = (),
    quanta: Annotated[tuple[float, ...], FromData("quanta")] = (),
    class_count: Annotated[int, FromData("classes")] = 0,
    dynamics: Annotated[str, Selects(DYNAMICS)] = "concat_squash",
    dynamics_options: Mapping[str, object] | None = None,
    path: Annotated[str, Selects(PATHS)] = "linear",
    path_options: Mapping[str, object] | None = None,
    coupling: Annotated[str, Selects(COUPLINGS)] = "independent",
    coupling_options: Mapping[str, object] | None = None,
    source: str = "normal",
    classes: bool = False,
    drop: Fraction = 0.1,
    embedding: Size = 8,
    exact_in_evaluation: NonNegativeInt = 256,
    solver: Annotated[Mapping[str, object] | None, Nested(solver_options)] = None,
    key: PRNGKeyArray,
) -> FlowMatching:
    """A flow between data and a normal distribution, learned from velocities without a solve.

    Args:
        in_size: numbers of an example
        in_shape: shape of an image, which dynamics of images take as it is
        quanta: spacing of the levels of each number
        class_count: classes of the data
        dynamics: name of the vector field
        dynamics_options: its options
        path: name of the probability path
        path_options: its options
        coupling: name of how data and base are paired
        coupling_options: its options
        source: where samples begin, normal or the name of a data set
        classes: whether the field is told the class of an example
        drop: share of examples whose class is not told in training
        embedding: numbers by which a class is told
        exact_in_evaluation: numbers of a state up to which the trace is exact; probes above
        solver: options of the solver
        key: random key of the initial weights
    """
    if classes and not class_count:
        raise ConfigError(
            "classes = True, and the data have none: expected data with classes, or classes = "
            "False."
        )
    event_shape = in_shape or (in_size,)
    state_shape = in_shape if in_shape and takes_shape(dynamics) else (in_size,)
    told = (class_count, embedding) if classes else None
    return FlowMatching(
        _field(dynamics, dynamics_options, state_shape, told, key=key),
        event_shape,
        state_shape=state_shape,
        path=PATHS[path].builder(**dict(path_options or {})),
        coupling=COUPLINGS[coupling].builder(**dict(coupling_options or {})),
        source=None if source == "normal" else source_rows(source, event_shape, state_shape),
        drop=drop,
        solver=solver_from_options(dict(solver or {})),
        trace=Trace(exact_in_evaluation=exact_in_evaluation),
        quanta=quanta,
    )


def _field(
    name: str,
    options: Mapping[str, object] | None,
    shape: tuple[int, ...],
    told: tuple[int, int] | None,
    *,
    key: PRNGKeyArray,
) -> Dynamics:
    """The field of states of a shape; `told` are how many classes there are and the numbers that
    say one."""
    if told is None:
        return dynamics_by_name(name, shape, options, key=key)
    classes, embedding = told
    field_key, label_key = jax.random.split(key)
    *axes, last = shape
    field = dynamics_by_name(name, (*axes, last + embedding), options, key=field_key)
    return LabelledDynamics(field, classes, last, embedding, key=label_key)
