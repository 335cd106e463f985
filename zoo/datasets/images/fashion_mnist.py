"""Fashion-MNIST."""

from typing import Annotated

from ...registry import register_dataset
from ...schema import File, Seed, Size
from ..raw import RawData
from .download import Known
from .idx_sets import NAMES, IdxSet

_SHA256 = (
    "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
)
_SIZES = (26_421_880, 29_515, 4_422_102, 5_148)
_TOPS = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat")
FASHION_MNIST = IdxSet(
    "fashion-mnist",
    "https://fashion-mnist.s3.eu-central-1.amazonaws.com/",
    tuple(map(Known, (f"{name}.gz" for name in NAMES), _SHA256, _SIZES)),  # type: ignore[arg-type]
    ("/usr/share/datasets/fashion-mnist",),  # Debian's package dataset-fashion-mnist
    (*_TOPS, "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)


@register_dataset("fashion_mnist", kind="image", tasks=("classification", "density"))
def fashion_mnist(
    *, path: Annotated[str, File()] = "", n: Size | None = None, seed: Seed = 0
) -> RawData:
    """70,000 pieces of clothing of 28×28 pixels (classification, 10 classes; density).

    Xiao, Rasul & Vollgraf 2017, "Fashion-MNIST"; its 10,000 test images are the test split.

    Args:
        path: folder of the four IDX files; found in ZOO_DATA_DIR, in Debian's package, or
            downloaded when not given
        n: how many of the 60,000 training images, of which validation is a part; all when not given
        seed: which of them
    """
    return FASHION_MNIST.load(path, n, seed)
