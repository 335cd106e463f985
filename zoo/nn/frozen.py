"""Parts of a model that training leaves as they are."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax


class Frozen(eqx.Module):
    """`module`, whose arrays are not trained. Made by `zoo.nn.frozen`.

    It is called as the module is and has its attributes. No gradient goes to its arrays; one that
    goes through it to its input does.
    """

    module: Any

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the module returns."""
        return self.still(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name == "module" or name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.module, name)

    @property
    def still(self) -> Any:
        """The module with every array cut off from gradients."""
        return jax.tree.map(
            lambda x: jax.lax.stop_gradient(x) if eqx.is_array(x) else x, self.module
        )


def frozen(module: Callable[..., object]) -> Frozen:
    """A part of a model that is not trained: dynamics, a head, a lift, a block.

    `zoo.ODENet(zoo.frozen(dynamics), head=head)` trains the head alone. What is frozen does not
    count as a parameter, and is saved and loaded like the rest.
    """
    return Frozen(module)
