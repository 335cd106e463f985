"""Words that may come from a file, as a terminal can show them."""


def plain(words: str) -> str:
    """The words without the control characters that a terminal would obey; lines are kept."""
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in words)
