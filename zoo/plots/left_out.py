"""Which figures do not fit data of several axes, such as images, in a sentence."""

from collections.abc import Collection

from ..datasets import Dataset

NEEDS = {
    "fit": "one feature",
    "boundary": "two features",
    "effort": "two features",
    "flow": "two features",
    "lift": "two features",
    "field": "a state of two entries",
    "depth": "inputs of one axis",
    "maps": "an ODE whose states are images",
    "attention": "an ODE of a transformer",
    "effort_by_class": "an adaptive classifier of tables or images",
    "hardest": "an adaptive classifier of images with one or three channels",
}
"""What a figure needs of data or model, by its name."""


def left_out(drawn: Collection[str], data: Dataset) -> str:
    """What is not drawn of data that are no table, and what each figure needs; "" for a table.

    Args:
        drawn: the names of the figures that were drawn.
        data: what they show.
    """
    missing = {name: needs for name, needs in NEEDS.items() if name not in drawn}
    if data.spec.kind == "table" or not missing:
        return ""
    by_need: dict[str, list[str]] = {}
    for name, needs in missing.items():
        by_need.setdefault(needs, []).append(name)
    told = "; ".join(f"{', '.join(names)} ({needs})" for needs, names in by_need.items())
    return f"not drawn of {data.spec}: {told}"
