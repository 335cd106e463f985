"""A user's own rows in a Parquet file, read batch by batch."""

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from ...errors import ConfigError, DataError
from ...registry import register_dataset, unknown
from ...schema import File, Required
from ...tasks import Target
from ..raw import RawData
from .enumeration import some
from .inference import SERVED, TaskChoice, check_untold, infer_target
from .parquet_rows import ParquetRows, holds_words, open_parquet
from .roles import NONE, OPTIONS, listed

if TYPE_CHECKING:
    from pyarrow import DataType, Schema
else:  # an extra that is imported when a file is opened
    DataType = Schema = Any


@register_dataset("parquet")
def parquet_file(
    *,
    path: Annotated[str, Required(), File()] = "",
    target: str | None = None,
    ignore: str | None = None,
    task: TaskChoice = "auto",
) -> RawData:
    """Rows of your own in a Parquet file, which stay on disk (classification or regression).

    Columns of numbers are inputs, and columns of lists of one length as many as a list is long.
    Row groups are shuffled, and rows within a window of them: write small ones, of 1 to 16 MB.

    Args:
        path: the file
        target: the column to predict, or several, as in price,rent; none for data without; the last
            if not given
        ignore: columns that are no inputs, as in id,name
        task: auto infers it from the target, and says so
    """
    file = open_parquet(path)
    schema = file.schema_arrow
    targets, inputs = _roles(path, list(schema.names), target, ignore)
    _check_types(path, schema, inputs, targets)
    if not file.metadata.num_rows:
        raise DataError(f"{path} has no row: expected rows of data.")
    source = ParquetRows(path, file, inputs, targets)
    about = f"{path}: {len(source):,} rows in {len(source.groups) - 1:,} row groups."
    if not targets:
        check_untold(task)
        notes = (about, "No target, as told.")
        return RawData({}, SERVED[Target.NOTHING], notes=notes, source=source)
    y = np.concatenate([block["y"] for _, block in source.blocks({"y"})])
    held, words = infer_target(y, some(targets), task)
    names = targets if held is Target.NUMBERS else ()
    return RawData({}, SERVED[held], names, notes=(about, f"Target {words}"), source=source)


def _roles(
    path: str, names: list[str], target: str | None, ignore: str | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns to predict and those that are inputs. Raises `ConfigError` for wrong names."""
    ignored = _chosen(names, "ignore", ignore)
    without = target == NONE and NONE not in names
    targets = () if without else tuple(_chosen(names, "target", target) or names[-1:])
    inputs = tuple(name for name in names if name not in {*targets, *ignored})
    if not inputs or set(targets) & set(ignored):
        raise ConfigError(
            f"{path} has the columns {some(names)}: expected at least one input beside the target "
            f"{some(targets) or NONE}, which is not to be ignored."
        )
    return targets, inputs


def _chosen(names: list[str], option: str, text: str | None) -> list[str]:
    """The columns that an option names. Raises `ConfigError` for one that is not there."""
    found = [text] if text in names else listed(text)
    for name in found:
        if name not in names:
            raise ConfigError(f"{OPTIONS}{option} {text}: {unknown('column', name, names)}")
    return [name for name in found if name is not None]


def _check_types(
    path: str, schema: Schema, inputs: tuple[str, ...], targets: tuple[str, ...]
) -> None:
    """Raise `DataError` for inputs that are no numbers, and targets that are neither these nor
    words."""
    wrong = [name for name in inputs if not _holds_numbers(schema.field(name).type)]
    if wrong:
        raise DataError(
            f"{path}: column {some(wrong)} holds {schema.field(wrong[0]).type}: expected numbers, "
            "or lists of one length. Leave it out with "
            f"{OPTIONS}ignore {','.join(wrong)}, or write it as numbers."
        )
    for name in targets:
        kind = schema.field(name).type
        if not (_holds_numbers(kind) or (holds_words(kind) and len(targets) == 1)):
            raise DataError(
                f"{path}: the target {name!r} holds {kind}: expected numbers, or of one target "
                f"alone words. Name another with {OPTIONS}target."
            )


def _holds_numbers(kind: DataType) -> bool:
    from pyarrow import types

    lists = types.is_fixed_size_list(kind)
    plain = kind.value_type if lists else kind
    checks = (types.is_floating, types.is_integer, types.is_boolean, types.is_decimal)
    return any(check(plain) for check in checks)
