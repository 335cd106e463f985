"""The equations that are known by name, as sums of terms."""

from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

from .burgers import BurgersFlux
from .diffusion import Diffusion, Hyperdiffusion
from .term import AbstractTerm

Equation: TypeAlias = Literal["burgers", "heat", "kuramoto_sivashinsky", "none"]


def burgers(viscosity: float, upwind: bool) -> tuple[AbstractTerm, ...]:
    """u_t = -(u²/2)_x + ν u_xx."""
    return BurgersFlux(upwind), Diffusion(viscosity)


def heat(viscosity: float, upwind: bool) -> tuple[AbstractTerm, ...]:
    """u_t = ν u_xx; there is no flux to be upwind."""
    return (Diffusion(viscosity),)


def kuramoto_sivashinsky(viscosity: float, upwind: bool) -> tuple[AbstractTerm, ...]:
    """u_t = -(u²/2)_x - u_xx - ν u_xxxx."""
    return BurgersFlux(upwind), Diffusion(-1.0), Hyperdiffusion(viscosity)


def none(viscosity: float, upwind: bool) -> tuple[AbstractTerm, ...]:
    """Nothing is known."""
    return ()


EQUATIONS: Mapping[Equation, Callable[[float, bool], tuple[AbstractTerm, ...]]] = {
    "burgers": burgers,
    "heat": heat,
    "kuramoto_sivashinsky": kuramoto_sivashinsky,
    "none": none,
}
