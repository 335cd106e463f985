"""What a model is: one example by call, a batch with its cost by `forward`."""

import abc
import math
from collections.abc import Sequence
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, PyTree

from ..errors import ConfigError, DataError
from ..nn.physical import physical_parameters
from ..objectives.by_task import Objectives
from ..objectives.parameters import float_type
from ..registry import MODELS
from ..solve import Solver
from ..solve.of_model import isolates_failures, solvers_of
from ..types import AnyArray, AnyKey, Args, Batch, Keys, State, Stats


class AbstractModel(eqx.Module):
    """Base of all models. `model(x)` is one example, `model.forward(xs)` a batch with its cost.

    To write your own, subclass and give two things:

    - `forward(xs, *, args, solver, key) -> (ys, Stats)`: the only place where batching is decided.
      A model that solves an ODE passes `solver` on to `zoo.solve` and returns its `Stats`; a
      discrete one returns `Stats.discrete(B, depth)`.
    - `objectives`: for each task that the model can be trained for, its loss (see
      `zoo.losses.Loss`) or, where one gradient of one loss is not how it is trained, a
      `zoo.train.AbstractUpdate`. The first task in common with the data set wins.

    A third is worth giving: `head_part`, the part whose numbers belong to the classes or targets
    alone, such as `return self.head`. Fine-tuning (`zoo.transfer`, `--from`) draws it anew for
    others.

    A builder beside the class makes it available by name: see `zoo.register_model`.
    """

    objectives: eqx.AbstractClassVar[Objectives]
    draws_given_inputs: ClassVar[bool] = True
    """Whether a draw of `sample` is given an input; False where xs is None, as of a density."""

    @abc.abstractmethod
    def forward(
        self,
        xs: PyTree[AnyArray],
        *,
        args: Args = None,
        solver: Solver | None = None,
        key: AnyKey | None = None,
    ) -> tuple[PyTree[Array], Stats]:
        """The outputs of a batch and what each example cost.

        Args:
            xs: inputs [B, ...].
            args: passed to the dynamics, for each example; the batch axis first.
            solver: laid over the model's own, field by field; discrete models have no use for it.
            key: for models that draw in training; None in evaluation.
        """

    def inputs(self, batch: Batch) -> PyTree[AnyArray]:
        """What `forward` takes of a batch's named arrays: here `x` alone.

        A model of series takes more, see `zoo.models.series.Series`.
        """
        return batch["x"]

    def sample(
        self,
        xs: PyTree[AnyArray],
        *,
        key: Keys,
        args: Args = None,
        solver: Solver | None = None,
    ) -> tuple[PyTree[Array], Stats]:
        """A draw for each example from what the model says could be observed, and what it cost.

        For models of a distribution: paths of a posterior, points of a density. Override it where
        there is one; `zoo.sample` calls it, for several draws with the examples repeated.

        Args:
            xs: inputs [B, ...], as `forward` takes them; None for a model that draws without any,
                which says so by `draws_given_inputs = False`.
            key: one for each draw, [B]; nothing else decides what is drawn.
            args: passed to the dynamics, for each example.
            solver: laid over the model's own.

        Raises `ConfigError`, here, since a model need not have a distribution.
        """
        drawing = [e.name for e in MODELS if e.product.sample is not AbstractModel.sample]
        raise ConfigError(
            f"{type(self).__name__} has no distribution to draw from: expected a model that does, "
            f"{' or '.join(drawing)}, or a class with a method sample."
        )

    def isolates_failures(self, solver: Solver | None = None) -> bool:
        """Whether an example whose solve fails leaves the gradients of the others alone.

        Then training leaves that example out; else it skips the step. `solver` is what `forward` is
        given. It follows from the solvers that the model holds. A model that makes a solver within
        `forward` holds none: override this one where it solves by `adjoint="replay"`, each example
        with its own steps, and uses `zoo.solve.zeroed` between two solves.
        """
        return isolates_failures(self, solver)

    def repeated_parts(self, nfe: Sequence[float]) -> Sequence[tuple[PyTree, float]] | None:
        """The parts that are evaluated more than once for an example, each with how often.

        What is in none of them is evaluated once; None where this is not known, as here of a model
        that holds a `Solver`. What an example reads of the weights follows from it: override it in
        a model that makes a solve of its own kind, or whose layers share weights.

        Args:
            nfe: evaluations of each of the model's solves, as `Stats.nfe_by_block` has them, or
                `Stats.nfe` alone of a model with one.
        """
        return None if solvers_of(self) else ()

    def head_part(self) -> object:
        """The part of the model that belongs to the classes or targets that it was trained for.

        A field or something within one, as `where` of `eqx.tree_at` gives it; None for a model
        without such a part, whose weights are then taken for other targets as they are.
        """
        return None

    def noise_part(self) -> object:
        """The part of the model that a likelihood of its own fits, beside a loss it has no part in.

        A field, as `head_part` gives one, such as the deviation of values from a path that is
        fitted by squares; None, as here, where every gradient is one of the loss. L-BFGS, whose
        line search compares losses, leaves that part to steps of Adam.
        """
        return None

    def physical_parameters(self) -> dict[str, float]:
        """The trained parameters with a meaning, by name, see `zoo.nn.physical_parameters`.

        Those that the model holds as `zoo.nn.Positive`, `zoo.nn.Bounded` and the like, anywhere in
        it. `evaluate` reports them as `parameters`, the card shows them. Override it to name them
        otherwise, or to convert them to units of the user's.
        """
        return physical_parameters(self)

    def __call__(
        self,
        x: PyTree[AnyArray],
        *,
        args: Args = None,
        solver: Solver | None = None,
        key: AnyKey | None = None,
    ) -> State:
        """The output of one example, without a batch axis."""

        def lead(leaf: object) -> object:
            return jnp.asarray(leaf)[None] if eqx.is_array_like(leaf) else leaf

        xs, batched = jax.tree.map(lead, (x, args))
        ys, _ = self.forward(xs, args=batched, solver=solver, key=key)
        return jax.tree.map(lambda y: y[0], ys)


def check_inputs(
    xs: AnyArray, size: int | None, model: AbstractModel, *, any_axes: bool = False
) -> Array:
    """`xs` as an array [B, size] in the model's own floating type, the default where it has none.

    Inputs of more axes that hold `size` numbers each, such as images [B, height, width, channels],
    are flattened, row by row with the channels last.

    Args:
        xs: inputs [B, ...].
        size: the numbers of an input; None takes any shape.
        model: whose floating type it is.
        any_axes: whether the model also works along axes between the batch and the last one, which
            has length `size` then: such inputs are kept as they are.

    Raises `DataError` for another shape, a complex or no batch, and `ConfigError` for a model whose
    arrays are of several types.
    """
    xs, name = jnp.asarray(xs), type(model).__name__
    if jnp.iscomplexobj(xs):
        raise DataError(f"{name} got complex inputs ({xs.dtype}): stack real and imaginary part.")
    expected = f"(B, {size})" if size is not None else "(B, ...)"
    expected += f", or images of {size} numbers" if xs.ndim == 4 else ""
    kept = size is None or (xs.shape[-1:] == (size,) and (any_axes or xs.ndim == 2))
    if not kept and xs.ndim > 2 and math.prod(xs.shape[1:]) == size:
        xs = xs.reshape(len(xs), math.prod(xs.shape[1:]))
    elif xs.ndim == 0 or not kept:
        hint = ""
        if xs.shape == (size,) or (xs.ndim > 2 and xs.size == size):
            hint = " One example is model(x); a batch of one is x[None]."
        elif xs.ndim == 3:
            hint = " Images are (B, height, width, channels), those of one channel x[..., None]."
        raise DataError(f"{name} got inputs of shape {xs.shape}: expected {expected}.{hint}")
    dtype = float_type(model)
    if dtype is None:
        return xs if jnp.issubdtype(xs.dtype, jnp.floating) else xs.astype(float)
    return xs.astype(dtype)
