"""Errors of JAX in the zoo's own code, which come of data that it was not written for."""

import sys
import sysconfig
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import jax

from ..errors import DataError, ZooError
from ..types import AnyArray

_ROOT = Path(__file__).parents[1]
_LIBRARIES = ("jax", "equinox", "optax", "diffrax", "lineax", "optimistix", "jaxtyping", "numpy")
_STANDARD = Path(sysconfig.get_paths()["stdlib"])


@contextmanager
def in_the_words_of_data(
    what: str, batch: Mapping[str, AnyArray | jax.ShapeDtypeStruct]
) -> Iterator[None]:
    """Turn an error of JAX in what the zoo wrote itself into a `DataError` about a batch.

    An error of the zoo passes as it is, and so does one that went through a user's own code: it is
    his to read, with his line last.
    """
    try:
        yield
    except ZooError:
        raise
    except Exception as error:
        if not _of_our_own(error):
            raise
        shapes = ", ".join(f"{n} {each.dtype} {each.shape}" for n, each in batch.items())
        words = f"{type(error).__name__}: {error}".partition("\n")[0].rstrip(".")
        raise DataError(
            f"{what} cannot be computed with a batch of {shapes} ({words}). Expected x of shape "
            "(examples, features), with classes of (examples,) or numbers of (examples, targets): "
            "reshape the arrays, or write a model that takes them (zoo.AbstractModel)."
        ) from error


def _of_our_own(error: Exception) -> bool:
    """Whether an error went through nothing but the zoo and the libraries that it stands on."""
    loaded = (sys.modules[name].__file__ for name in _LIBRARIES if name in sys.modules)
    roots = [_ROOT, *(Path(file).parent for file in loaded if file is not None)]
    files = [Path(frame.filename) for frame in traceback.extract_tb(error.__traceback__)]
    return all(_standard(file) or any(map(file.is_relative_to, roots)) for file in files)


def _standard(file: Path) -> bool:
    return file.is_relative_to(_STANDARD) and "site-packages" not in file.parts
