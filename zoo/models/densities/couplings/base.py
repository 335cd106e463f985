"""What a coupling is: which point of the base goes with which example of a batch."""

import abc
from typing import ClassVar

import equinox as eqx
from jaxtyping import Array, Bool, Float


class AbstractCoupling(eqx.Module):
    """Base of all couplings: the joint law of data and base from which flow matching learns.

    Any law whose marginals are those of data and base will do (Tong et al. 2024, "Improving and
    generalizing flow-based generative models with minibatch optimal transport"). To write your own,
    subclass, say whether it is `independent`, implement `pairs`, and register a builder, whose
    options are the coupling's:

        @zoo.register_coupling("sorted")
        def sorted_coupling() -> Sorted: ...
    """

    independent: ClassVar[bool]
    """Whether a point of the base says nothing of the data: the score of the path's law, and so
    `FlowMatching.stochastic`, follows from the velocity of such a coupling alone."""

    @abc.abstractmethod
    def pairs(
        self,
        states: Float[Array, "B ..."],
        zs: Float[Array, "B ..."],
        real: Bool[Array, " B"],
    ) -> Float[Array, "B ..."]:
        """The points of the base that go with each state: a permutation of `zs`.

        Args:
            states: of a batch of data.
            zs: independent draws from the base, as many.
            real: which examples count. The others, which fill up a batch, must keep draws of their
                own: if they could take one, those left for real examples would follow another law.
        """
