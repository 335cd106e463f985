"""MNIST."""

from typing import Annotated

from ...registry import register_dataset
from ...schema import File, Seed, Size
from ..raw import RawData
from .download import Known
from .idx_sets import NAMES, IdxSet

_SHA256 = (
    "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
)
_SIZES = (9_912_422, 28_881, 1_648_877, 4_542)
MNIST = IdxSet(
    "mnist",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    tuple(map(Known, (f"{name}.gz" for name in NAMES), _SHA256, _SIZES)),  # type: ignore[arg-type]
)


@register_dataset("mnist", kind="image", tasks=("classification", "density"))
def mnist(*, path: Annotated[str, File()] = "", n: Size | None = None, seed: Seed = 0) -> RawData:
    """70,000 handwritten digits of 28×28 pixels (classification, 10 classes; density).

    LeCun, Bottou, Bengio & Haffner 1998, "Gradient-based learning applied to document
    recognition"; its 10,000 test images are the test split.

    Args:
        path: folder of the four IDX files; found in ZOO_DATA_DIR, or downloaded when not given
        n: how many of the 60,000 training images, of which validation is a part; all when not given
        seed: which of them
    """
    return MNIST.load(path, n, seed)
