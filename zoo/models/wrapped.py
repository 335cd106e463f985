"""An Equinox module of one example as a model of the zoo."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any, ClassVar, TypeGuard

import equinox as eqx
import jax
from jaxtyping import Array, Float, PRNGKeyArray, PyTree, Shaped

from ..blocks import ODEBlock, collecting, totalled
from ..errors import ConfigError
from ..objectives.losses import PREDICTION
from ..regularisers import keys_of_examples
from ..solve import Solver, marked, override
from ..types import AnyArray, AnyKey, Stats
from .base import AbstractModel, check_inputs


class Wrapped(AbstractModel):
    """Any Equinox module that maps one example to its output, with ODE blocks in it or without.

    `zoo.fit(zoo.Wrapped(module), data)` trains it; a batch is `jax.vmap` of the module. What its
    ODE blocks (`zoo.ode_block`) cost is the model's `Stats`: `nfe` their sum, `nfe_by_block` beside
    it. A solver that `forward` is given is laid over that of each block. An example whose solve
    fails goes on as 0 and is NaN at the end, so that it leaves the others' gradients alone.

    A module that takes `key` gets one for each example in training. Without a key, as in
    evaluation, layers such as Dropout are in Equinox' inference mode. One that takes `args` gets
    those of the example.

    Raises `ConfigError` for a module that keeps a state (BatchNorm).
    """

    objectives: ClassVar[Mapping[str, Any]] = PREDICTION

    module: Callable[..., Array]

    def __check_init__(self) -> None:
        if any(map(_is_state, jax.tree.leaves(self.module, is_leaf=_is_state))):
            raise ConfigError(
                f"{type(self.module).__name__} keeps a state (eqx.nn.StateIndex, as BatchNorm and "
                "SpectralNorm do), and zoo.Wrapped takes a module of one example whose output "
                "follows from its weights alone: use eqx.nn.GroupNorm or eqx.nn.LayerNorm."
            )

    def forward(
        self,
        xs: Shaped[AnyArray, "B ..."],
        *,
        args: PyTree[AnyArray] = None,
        solver: Solver | None = None,
        key: AnyKey | None = None,
    ) -> tuple[Float[Array, "B ..."], Stats]:
        """As `AbstractModel.forward`.

        Raises `ConfigError` for args that the module does not take, and for an ODE block within a
        transformation inside of the module, whose `Stats` do not come out.
        """
        xs = check_inputs(xs, None, self)
        keys = None if key is None else keys_of_examples(key, len(xs))
        module = override(self.module, solver)
        takes = inspect.signature(self.module).parameters
        if key is None:
            module = eqx.nn.inference_mode(module)
        if args is not None and "args" not in takes:
            raise ConfigError(
                f"The data give each example args, and {type(self.module).__name__} takes "
                f"({', '.join(takes)}): expected a parameter args, or data without them."
            )

        def one(x: Array, args: PyTree[Array], key: PRNGKeyArray | None) -> Any:
            own, drawn = (None, None) if key is None else jax.random.split(key)
            given = {"args": args, "key": own}
            given = {n: v for n, v in given.items() if v is not None and n in takes}
            with collecting(drawn) as collector:
                return module(x, **given), collector.solves

        ys, solves = jax.vmap(one)(xs, args, keys)
        if not solves:
            return ys, Stats.discrete(len(xs), 1)
        stats = reduce(Stats.then, map(totalled, solves))
        return marked(ys, stats), stats

    def repeated_parts(self, nfe: Sequence[float]) -> Sequence[tuple[PyTree, float]] | None:
        """The layer of each ODE block, called in the order in which the module holds them.

        None where the module makes another number of solves than it holds blocks.
        """
        leaves = jax.tree.leaves(self.module, is_leaf=_is_block)
        layers = [leaf.dynamics for leaf in leaves if _is_block(leaf)]
        if not layers:
            return ()
        return list(zip(layers, nfe, strict=True)) if len(layers) == len(nfe) else None


def _is_block(node: object) -> TypeGuard[ODEBlock]:
    return isinstance(node, ODEBlock)


def _is_state(node: object) -> bool:
    return isinstance(node, eqx.nn.StateIndex)
