"""HTML as values: an element of escaped text and other elements."""

import html
from typing import TypeAlias

from ..checkpoint import json_text

Value: TypeAlias = str | int | float | bool | None
"""Of an attribute; True is an attribute without a value, None or False one that is left out."""
_EMPTY = {"br", "hr", "img", "input", "meta"}


class Markup(str):
    """Text that is HTML already, and is not escaped again."""


def element(tag: str, /, *children: str | None, **attributes: Value) -> Markup:
    """An element; children that are no `Markup` are escaped, None is left out.

    `class_` and `for_` are the attributes class and for; other `_` are written as `-`.
    """
    opening = "".join(_attribute(n, v) for n, v in attributes.items())
    if tag in _EMPTY:
        return Markup(f"<{tag}{opening}>")
    return Markup(f"<{tag}{opening}>{joined(*children)}</{tag}>")


def joined(*children: str | None) -> Markup:
    """Children one behind the other, escaped as `element` does."""
    return Markup("".join(_text(child) for child in children if child is not None))


def table(head: list[str], rows: list[list[str]], caption: str | None = None) -> Markup:
    """A table of a head and rows whose first cell names them, in a box that scrolls sideways."""
    titles = [element("th", each, scope="col") for each in head]
    body = [
        element("tr", element("th", first, scope="row"), *(element("td", each) for each in cells))
        for first, *cells in rows
    ]
    named = None if caption is None else element("caption", caption)
    whole = element(
        "table",
        named,
        element("thead", element("tr", *titles)),
        element("tbody", *body),
    )
    return element("div", whole, class_="wide", tabindex=0, role="group", aria_label=caption)


def data(identity: str, values: object) -> Markup:
    """JSON values in a script element of an id, where no text of theirs can end it."""
    text = json_text(values).replace("<", "\\u003c")
    return element("script", Markup(text), type="application/json", id=identity)


def _text(child: str) -> str:
    return child if isinstance(child, Markup) else html.escape(child, quote=False)


def _attribute(name: str, value: Value) -> str:
    if value is None or value is False:
        return ""
    written = name.rstrip("_").replace("_", "-")
    return f" {written}" if value is True else f' {written}="{html.escape(str(value))}"'
