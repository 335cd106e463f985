"""Text files of rows as nobody should write them."""

import random

from ..files import HOW, changed

OPTIONS: tuple[dict[str, list], ...] = (
    *({},) * 6,
    {"header": ["yes", "no"]},
    {"delimiter": [",", ";", "tab", "|"]},
    {"encoding": ["latin-1", "utf-16", "utf-32", "utf-7", "ascii", "cp1252", "punycode", "idna"]},
    {"missing": ["mean"]},
    {"task": ["classification", "regression"]},
    {"target": ["y", "a,b", "c0", '"', "\0", ""]},
    {"words": ["a", "y"], "numbers": ["b", "kind"]},
)
CELLS = (
    *("0", "1.5", "-2e3", "1,5", "007", "01001", "12345678901234567890", "9" * 400, "1e999"),
    *("", " ", "NA", "?", "-", "None", "nan", "inf", "1_000", "١٢", "½", "0x10", "1 000", "+5"),
    *("19580329", "2020-02-30", "2020-02-28", "a", "é", "\0", "\x1a", "\u2028", "\x85", "\ufeff"),
    *('"', '""', '"a', 'a"b', '"a""b"', '"two\nlines"', '"a\rb"', '"x" y', "'", "\\", '"' * 9),
    *("x" * 200_000, "1" * 200_000, "=cmd|' /C calc'!A0", "\U0001f600", "\ud7ff"),
)
ENDS = ("\n", "\r\n", "\r", "\n\n", "\r\r\n", "\n \n", "")


def good(rng: random.Random) -> str:
    """A table that can be read."""
    delimiter = rng.choice([",", ",", ";", "\t", "|"])
    rows = [["a", "b", "kind", "y"]]
    for i in range(rng.choice([2, 12, 40])):
        rows.append([str(rng.randrange(9)), f"{rng.random():.3f}", rng.choice("uvw"), f"{i}.5"])
    return rng.choice(ENDS[:3]).join(map(delimiter.join, rows[rng.choice([0, 0, 1]) :])) + "\n"


def with_bytes_changed(rng: random.Random) -> bytes:
    whole = good(rng).encode()
    for _ in range(rng.choice([1, 1, 2, 3])):
        at = rng.randrange(max(len(whole), 1))
        whole = changed(whole or b"\0", rng.choice(HOW), at, rng.randrange(8), rng.randint(1, 40))
    return whole


def with_cells_changed(rng: random.Random) -> bytes:
    """Some cells, or all of a column, hold something else."""
    rows = [line.split(",") for line in good(rng).replace(";", ",").splitlines()]
    column, cell = rng.randrange(4), rng.choice(CELLS)
    for row in rows if rng.random() < 0.3 else rng.sample(rows, min(len(rows), 2)):
        row[column % len(row)] = cell if rng.random() < 0.7 else rng.choice(CELLS)
    return "\n".join(map(",".join, rows)).encode("utf-8", "surrogatepass")


def of_any_cells(rng: random.Random) -> bytes:
    """Rows of anything, of one length or not."""
    width, delimiter, end = rng.randint(1, 5), rng.choice(",;\t| "), rng.choice(ENDS)
    short = [cell for cell in CELLS if len(cell) < 1000]
    rows = []
    for _ in range(rng.choice([1, 2, 9, 30])):
        count = width if rng.random() < 0.95 else rng.randint(0, 7)
        rows.append(delimiter.join(rng.choice(short) for _ in range(count)))
    return end.join(rows).encode("utf-8", "surrogatepass")


def in_another_encoding(rng: random.Random) -> bytes:
    encodings = ("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "latin-1", "utf-7", "cp037")
    whole = good(rng).replace("u", "ü").encode(rng.choice(encodings))
    mark = rng.choice([b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff"])
    return mark + whole[: rng.choice([len(whole), len(whole) - 1])]


def of_little(rng: random.Random) -> bytes:
    """Hardly anything, or one thing many times."""
    piece = rng.choice(
        [b"\n", b"\r", b"\r\n", b",", b'"', b" ", b"\0", b"1", b"a,b\n", b",\n", b"\xff"]
    )
    return piece * rng.choice([0, 1, 2, 3, 1000, 70_000])


WAYS = (with_bytes_changed, with_cells_changed, of_any_cells, in_another_encoding, of_little)


def mutated_text(rng: random.Random) -> tuple[str, bytes]:
    """A text that something was done to, and what."""
    way = rng.choice(WAYS)
    return way.__name__, way(rng)
