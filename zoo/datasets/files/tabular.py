"""Real data that scikit-learn ships; it is imported only when one of them is asked for."""

from typing import Any

from ...registry import register_dataset
from ..raw import RawData


@register_dataset("digits", kind="table", tasks=("classification", "density"))
def digits(*, images: bool = False) -> RawData:
    """1,797 handwritten digits of 8×8 pixels from 0 to 1 (classification, 10 classes).

    Alpaydin & Kaynak 1998, UCI "Optical Recognition of Handwritten Digits", whose counts from 0 to
    16 are divided by 16.

    Args:
        images: whether an input is an image of [8, 8, 1], and not a row of 64 numbers
    """
    raw = _classification("load_digits")
    x = raw.arrays["x"] / 16
    x = x.reshape(-1, 8, 8, 1) if images else x
    return RawData({**raw.arrays, "x": x}, raw.tasks, quantum=1 / 16)


@register_dataset("breast_cancer", kind="table", tasks=("classification", "density"))
def breast_cancer() -> RawData:
    """569 tumours by 30 features of their cell nuclei (classification, 2 classes).

    Wolberg, Mangasarian & Street 1993, UCI "Breast Cancer Wisconsin (Diagnostic)".
    """
    return _classification("load_breast_cancer")


@register_dataset("wine", kind="table", tasks=("classification", "density"))
def wine() -> RawData:
    """178 Italian wines by 13 features of a chemical analysis (classification, 3 cultivars).

    Aeberhard & Forina 1991, UCI "Wine".
    """
    return _classification("load_wine")


@register_dataset("diabetes", kind="table", tasks=("regression",))
def diabetes() -> RawData:
    """442 patients by 10 features, and the disease's progression a year later (regression).

    Efron et al. 2004, "Least Angle Regression".
    """
    loaded = _load("load_diabetes")
    return RawData({"x": loaded.data, "y": loaded.target}, ("regression",), ("progression",))


def _classification(loader: str) -> RawData:
    loaded = _load(loader)
    labels = loaded.target_names[loaded.target]
    return RawData({"x": loaded.data, "y": labels}, ("classification", "density"))


def _load(loader: str) -> Any:
    import sklearn.datasets  # takes seconds to import

    return getattr(sklearn.datasets, loader)()
