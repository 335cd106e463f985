"""Values of series, and what they have beside them: finite, and observed somewhere."""

from collections.abc import Mapping, Sequence

import numpy as np

from ...errors import DataError
from .names import series_name


def check_observed(x: np.ndarray, mask: np.ndarray, ids: Sequence[object] | None) -> None:
    """Raise `DataError` for observed values that are not finite, and where none is observed.

    Args:
        x: values, [N, T, D].
        mask: which are observed, of the same shape.
        ids: what the series are called.
    """
    bad = mask & ~np.isfinite(x)
    if bad.any():
        row, place, channel = (int(i) for i in np.argwhere(bad)[0])
        raise DataError(
            f"x of {series_name(ids, row)} at place {place} is {x[row, place, channel]}, in "
            f"channel {channel}: expected finite numbers. What is missing is hidden by an array "
            "mask, such as ~numpy.isnan(x)."
        )
    empty = ~mask.any(axis=(1, 2))
    if empty.any():
        name = series_name(ids, int(np.argmax(empty)))
        raise DataError(
            f"There is no value at any time of {name}: expected one or more. Leave it out."
        )
    never = ~mask.any(axis=(0, 1))
    if never.any():
        raise DataError(
            f"Channel {int(np.argmax(never))} has no value in any of the {len(x)} series: "
            "expected some. Leave it out."
        )


def check_beside(
    arrays: Mapping[str, np.ndarray], real: np.ndarray, ids: Sequence[object] | None
) -> None:
    """Raise `DataError` for `static` [N, S], `inputs` [N, T, U] or `dx` [N, T, D] of other shapes,
    or not finite.

    `real` [N, T] says which places are no padding; what padding holds is not looked at.
    """
    for name, axes, shown in (("static", 2, None), ("inputs", 3, real), ("dx", 3, real)):
        values = arrays.get(name)
        if values is None:
            continue
        ahead = real.shape[: axes - 1]
        if values.ndim != axes or values.shape[:-1] != ahead or not values.shape[-1]:
            raise DataError(
                f"{name} has shape {values.shape}: expected ({', '.join(map(str, ahead))}, columns)"
                ", one column or more, beside the series in x."
            )
        bad = ~np.isfinite(values)
        if shown is not None:
            bad &= shown[..., None]
        if bad.any():
            at = tuple(int(i) for i in np.argwhere(bad)[0])
            place = f" at place {at[1]}" if axes == 3 else ""
            raise DataError(
                f"{name} of {series_name(ids, at[0])}{place} is {values[at]}, in column {at[-1]}: "
                "expected finite numbers, since it is what is known of a series. Fill it in, or "
                "leave the column out."
            )
