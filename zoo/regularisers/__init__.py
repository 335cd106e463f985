"""Regularisers: what a solution costs along its trajectory, added to the loss of each example.

| name | what it charges for | price | source |
|---|---|---|---|
| `kinetic` | ∫ \\|dy/dt\\|² dt | 1.0 | Finlay et al. 2020 |
| `jacobian` | ∫ ‖∂f/∂y‖² dt, by a random projection | 1.4 to 1.7 | Finlay et al. 2020 |
| `taylor` | ∫ \\|d^K y/dt^K\\|² dt | 1.7 to 2.2 for K = 2, 7 for K = 3 | Kelly et al. 2020 |
| `local_error` | Σ \\|h\\| \\|error estimate\\| over the steps taken | 1.5 | Pal et al. 2021 |
| `stiffness` | Σ \\|h\\| λ over the steps taken | 1.4 | Pal et al. 2021 |

The price is the time of a training step by evaluation over that without, as measured for a dense
net on digits on CPU (zoo/recipes/IMAGES.md).

One of your own is a function of an example (`Rate`), an `AbstractRegulariser` where it looks at the
field or draws, or an `AbstractStepRegulariser` of the steps taken. All act in training alone.
"""

from .base import AbstractRegulariser, AbstractStepRegulariser, Field, Rate, Regulariser, Step
from .jacobian import Jacobian, jacobian
from .kinetic import kinetic
from .local_error import LocalError, local_error
from .noise import draw_noise, keys_of_examples
from .norms import norms, squares
from .stiffness import Stiffness, stiffness
from .taylor import Taylor, taylor

__all__ = [
    "AbstractRegulariser",
    "AbstractStepRegulariser",
    "Field",
    "Jacobian",
    "LocalError",
    "Rate",
    "Regulariser",
    "Step",
    "Stiffness",
    "Taylor",
    "draw_noise",
    "jacobian",
    "keys_of_examples",
    "kinetic",
    "local_error",
    "norms",
    "squares",
    "stiffness",
    "taylor",
]
