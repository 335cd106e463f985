"""Texts and numbers as YAML, so that every parser of it reads what they are."""

_ESCAPED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def yaml_text(value: str | int | float) -> str:
    """A value on one line, as YAML 1.1 and 1.2 read it alike.

    A text stands in double quotes: `yes`, `1e3` and `null` stay texts. JSON is not enough, although
    it is YAML on paper: it writes a letter beyond the first 65,536, such as an emoji, as two halves
    that a parser need not join, and 1e-05, which YAML 1.1 takes for a text, as it has no point.

    Args:
        value: a text, or a number that is finite.
    """
    if isinstance(value, str):
        return '"' + "".join(_ESCAPED.get(c) or _letter(c) for c in value) + '"'
    if isinstance(value, int):
        return str(value).lower()  # true and false, of those that are bool
    digits, e, exponent = repr(float(value)).partition("e")
    return f"{digits if '.' in digits else f'{digits}.0'}{e}{exponent}"


def _letter(c: str) -> str:
    """A letter as it is, or its number where no reader would see it."""
    if c.isprintable():
        return c
    number = ord(c)
    return f"\\U{number:08x}" if number > 0xFFFF else f"\\u{number:04x}"
