"""Text of any origin in Markdown, where some letters mean more than themselves."""


def on_one_line(text: object) -> str:
    """A text for a heading or the cell of a table, whose `|` end no cell."""
    return " ".join(str(text).split("\n")).replace("|", "\\|")
