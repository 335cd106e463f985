"""Labels that a spreadsheet shows, instead of computing them as formulas."""

import re

from ..datasets.files.cells import number

# What OWASP lists under "CSV Injection". Apostrophes before it count too, so that one more can be
# told from one that was there.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def as_text(label: str) -> str:
    """A label as a cell of text: an apostrophe before what would be computed, as `=1+1` would.

    A label that is a number, such as -1, is harmless and stays. No two labels become one: what
    begins with apostrophes and then one of these characters was written with one less.
    """
    if _FORMULA.match(label) and number(label) is None:
        return f"'{label}"
    return label
