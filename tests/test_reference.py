"""The reference that pdoc makes of the docstrings, and what the package says of itself."""

import inspect
import warnings
from importlib.metadata import version
from pathlib import Path

import pdoc
import pytest

import zoo

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> Path:
    """The reference, as the command in CONTRIBUTING makes it."""
    folder = tmp_path_factory.mktemp("reference")
    pdoc.render.configure(docformat="google")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pdoc.pdoc("zoo", output_directory=folder)
    return folder


def test_every_public_name_has_its_place(pages):
    front = (pages / "zoo.html").read_text(encoding="utf-8")
    for name in zoo.__all__:
        thing = getattr(zoo, name)
        if inspect.ismodule(thing):
            page = pages.joinpath(*thing.__name__.split(".")).with_suffix(".html")
            assert page.exists(), name
        else:
            assert f'id="{name}"' in front, name


def test_every_room_that_is_imported_by_name_is_described(pages):
    rooms = [getattr(zoo, name) for name in zoo.__all__ if inspect.ismodule(getattr(zoo, name))]
    public = [(room, name) for room in rooms for name in getattr(room, "__all__", [])]
    assert public
    things = {f"{room.__name__}.{name}": getattr(room, name) for room, name in public}
    written = {n: x for n, x in things.items() if inspect.isclass(x) or inspect.isroutine(x)}
    undescribed = [name for name, thing in written.items() if not inspect.getdoc(thing)]
    assert not undescribed


def test_one_version_everywhere():
    assert zoo.__version__ == version("neural-de-zoo")
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {zoo.__version__}\n" in citation
    assert (ROOT / "zoo" / "py.typed").exists()
