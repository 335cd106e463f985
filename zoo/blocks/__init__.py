"""ODE blocks: layers of any Equinox model that are solved, and what collects their cost."""

from .block import ODEBlock, ode_block
from .collector import Collector, collecting
from .layer import LayerDynamics
from .one_of_batch import totalled

__all__ = ["Collector", "LayerDynamics", "ODEBlock", "collecting", "ode_block", "totalled"]
