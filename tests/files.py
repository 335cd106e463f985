"""Weight files as nobody should write them: changed, and made by hand with a right digest."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st


def changed(whole: bytes, how: str, at: int, bit: int, length: int) -> bytes:
    """`whole` with one thing done to it at a place."""
    if how == "flip":
        return whole[:at] + bytes([whole[at] ^ (1 << bit)]) + whole[at + 1 :]
    if how == "cut":
        return whole[:at]
    if how == "delete":
        return whole[:at] + whole[at + length :]
    if how == "zero":
        return whole[:at] + bytes(length) + whole[at + length :]
    if how == "repeat":
        return whole[: at + length] + whole[at:]
    if how == "swap":
        other = (at + 64) % len(whole)
        first, second = sorted((at, other))
        middle = whole[first + 1 : second]
        rest = whole[second + 1 :]
        return whole[:first] + whole[second : second + 1] + middle + whole[first : first + 1] + rest
    return whole + bytes(range(length))


HOW = ("flip", "cut", "delete", "zero", "repeat", "swap", "append")


def mutations(whole: bytes) -> st.SearchStrategy[bytes]:
    """A file with one thing done to it."""
    return st.builds(
        changed,
        st.just(whole),
        st.sampled_from(HOW),
        st.integers(0, len(whole) - 1),
        st.integers(0, 7),
        st.integers(1, 40),
    )


def signed(tensors: Mapping[str, Any], header: Mapping[str, Any], data: bytes = b"") -> bytes:
    """A file whose digest is right and whose content is whatever it is told to be."""
    told = {"digest": "0" * 64, "format": 2, "kind": "model", "class": "X", "static": {}, **header}
    text = json.dumps({"__metadata__": {"zoo": json.dumps(told)}, **tensors}, separators=(",", ":"))
    whole = len(text.encode()).to_bytes(8, "little") + text.encode() + data
    return whole.replace(b"0" * 64, hashlib.sha256(whole).hexdigest().encode(), 1)
