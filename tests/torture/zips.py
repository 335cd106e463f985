"""Files of arrays (.npz) as nobody should write them: damaged, or made by hand to do harm."""

import functools
import io
import random
import struct
import warnings
import zipfile

import numpy as np

from ..files import HOW, changed

METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
NUMBERS = (0, 1, 2, 7, 8, 12, 14, 99, 255, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1)
SHAPES = (
    "(9, 3)",
    "(9, 0)",
    "(0, 3)",
    "(-9, 3)",
    "(9, -3)",
    "()",
    "(9,)",
    "(27,)",
    "(9, 3, 1)",
    "(3, 9)",
    "(10**9, 2)",
    "(1000000000, 2)",
    "(2000000, 1000)",
    "(9223372036854775807, 9223372036854775807)",
    "(18446744073709551616,)",
    "(0, 9223372036854775807)",
    "(True, 3)",
    "(9.0, 3)",
    "'93'",
    "None",
    "[9, 3]",
    "(" + "1, " * 70 + ")",
    "(" * 200,
)
TYPES = (
    *("'<f8'", "'>f8'", "'<f4'", "'<f2'", "'<f16'", "'<i8'", "'|u1'", "'|b1'", "'<u8'", "'>i4'"),
    *("'|O'", "'<c16'", "'<U3'", "'<U0'", "'|S0'", "'|V0'", "'|S5'", "'|V8'", "'<M8[s]'", "'<m8'"),
    *("'<U999999999'", "[('a', '<f8'), ('b', '<i4')]", "[('a', '|O')]", "('<f8', (3,))"),
    *("'os.system'", "5", "None", "[]", "{}", "'f8, f8'", "[('a', [('b', '<f8')])]", "'<f9'"),
)


def npy(values: np.ndarray) -> bytes:
    """An array as .npy."""
    buffer = io.BytesIO()
    np.save(buffer, values, allow_pickle=False)
    return buffer.getvalue()


def npy_by_hand(
    header: str, data: bytes, version: tuple[int, int] = (1, 0), length: int | None = None
) -> bytes:
    """An .npy file with any header."""
    text = header.encode("utf-8") + b"\n"
    size = len(text) if length is None else length
    kind = "<H" if version[0] == 1 else "<I"
    return b"\x93NUMPY" + bytes(version) + struct.pack(kind, size % 2**16) + text + data


def archive(members: list[tuple[str, bytes]], method: int = zipfile.ZIP_STORED) -> bytes:
    """A zip file of members by name, of which several may be the same."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a name that is there already
        for name, content in members:
            file.writestr(name, content)
    return buffer.getvalue()


def good(rng: random.Random) -> list[tuple[str, bytes]]:
    """The members of a file that can be read."""
    draw = np.random.default_rng(rng.randrange(2**32))
    x = draw.standard_normal((40, 3))
    kinds = (x, x.astype(np.float32), (9 * x).astype(np.int16), np.asfortranarray(x), x > 0)
    targets = (x[:, 0], np.arange(40) % 3, np.array(["no", "yes"] * 20), x[:, :2])
    members = [("x.npy", npy(rng.choice(kinds))), ("y.npy", npy(rng.choice(targets)))]
    return [*members, ("weight.npy", npy(np.ones(40)))] if rng.random() < 0.3 else members


def with_bytes_changed(rng: random.Random) -> bytes:
    whole = archive(good(rng), rng.choice(METHODS[:2]))
    for _ in range(rng.choice([1, 1, 2, 3])):
        at = rng.randrange(max(len(whole), 1))
        whole = changed(whole or b"\0", rng.choice(HOW), at, rng.randrange(8), rng.randint(1, 40))
    return whole


def with_a_field_changed(rng: random.Random) -> bytes:
    """A field of a zip header is another number: method, flags, sizes, offset, length of a name."""
    whole = bytearray(archive(good(rng), rng.choice(METHODS)))
    begins = {
        b"PK\x01\x02": (6, 8, 10, 16, 20, 24, 28, 30, 42),
        b"PK\x03\x04": (4, 6, 8, 14, 18, 22),
    }
    for _ in range(rng.choice([1, 1, 2])):
        sign = rng.choice(list(begins))
        at = whole.find(sign, rng.choice([0, 0, whole.find(sign) + 1]))
        field = max(at, 0) + rng.choice(begins[sign])
        number = rng.choice([*NUMBERS, rng.randrange(2**32)])
        wide = rng.choice(["<H", "<I"])
        struct.pack_into(wide, whole, field, number % (2**16 if wide == "<H" else 2**32))
    return bytes(whole)


def with_another_header(rng: random.Random) -> bytes:
    """The .npy header of an array says anything, and the archive is whole."""
    shape, kind = rng.choice(SHAPES), rng.choice(TYPES)
    order = rng.choice(["False", "True", "1", "'no'"])
    header = f"{{'descr': {kind}, 'fortran_order': {order}, 'shape': {shape}, }}"
    if rng.random() < 0.2:
        header = rng.choice(
            ["", "{", "[]", "{'descr': '<f8'}", "x" * 70000, "\0", "1 +", header + "é"]
        )
    version = rng.choice([(1, 0), (1, 0), (2, 0), (3, 0), (0, 0), (9, 9)])
    length = rng.choice([None, None, None, 0, 3, 2**16 - 1])
    data = bytes(rng.randrange(256) for _ in range(rng.choice([0, 8, 72, 216, 216])))
    members = dict(good(rng))
    members[rng.choice(["x.npy", "y.npy", "weight.npy"])] = npy_by_hand(
        header, data, version, length
    )
    return archive(list(members.items()), rng.choice(METHODS[:2]))


def with_other_members(rng: random.Random) -> bytes:
    """Members twice, under odd names, or none."""
    members = good(rng)
    names = (
        "x.npy",
        "y.npy",
        "x",
        ".npy",
        "/",
        "../x.npy",
        "x.npy.npy",
        "ä.npy",
        "mask.npy",
        "t" * 99,
    )
    for _ in range(rng.randint(1, 3)):
        content = rng.choice([b"", b"x", members[0][1], members[1][1], npy(np.array(3.0))])
        members.insert(rng.randrange(len(members) + 1), (rng.choice(names), content))
    return archive(members if rng.random() < 0.9 else [], rng.choice(METHODS))


@functools.cache
def unpacking_to(megabytes: int) -> bytes:
    """A small file whose array x has so many megabytes, all of them zeros, and says so."""
    rows = megabytes * 2**20 // 24
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({rows}, 3), }}"
    x = npy_by_hand(header, bytes(rows * 24))
    return archive([("x.npy", x), ("y.npy", npy(np.arange(9.0)))], zipfile.ZIP_DEFLATED)


def bomb(rng: random.Random) -> bytes:
    """A small file that unpacks to much, or says so."""
    whole = bytearray(unpacking_to(rng.choice([8, 8, 8, 64, 300])))
    if rng.random() < 0.5:  # the size that the archive says the last array has
        struct.pack_into("<I", whole, whole.rfind(b"PK\x01\x02") + 24, 2**32 - 2)
    return bytes(whole)


def with_text_changed(rng: random.Random) -> bytes:
    """Letters that are none, and truth values of any byte, in an archive that is whole."""
    letters = np.array([rng.choice([65, 0xD800, 0x10FFFF, 0x110000, 2**32 - 1]) for _ in range(80)])
    header = "{'descr': '<U2', 'fortran_order': False, 'shape': (40,), }"
    y = npy_by_hand(header, letters.astype("<u4").tobytes())
    header = "{'descr': '|b1', 'fortran_order': False, 'shape': (40, 3), }"
    x = npy_by_hand(header, bytes(rng.randrange(256) for _ in range(120)))
    return archive([("x.npy", rng.choice([x, good(rng)[0][1]])), ("y.npy", y)])


WAYS = (
    *(with_bytes_changed, with_a_field_changed, with_another_header) * 8,
    *(with_other_members, with_text_changed) * 4,
    bomb,
)


def mutated_zip(rng: random.Random) -> tuple[str, bytes]:
    """A file that something was done to, and what."""
    way = rng.choice(WAYS)
    return way.__name__, way(rng)
