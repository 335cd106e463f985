"""Modules of the user's own: imported by his own words alone, and names looked up only in those."""

import difflib
import hashlib
import importlib
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from .errors import ConfigError, UnknownNameError

_USED: dict[str, ModuleType] = {}
_SOURCES: dict[str, str] = {}
_INSTALLED = [Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")]


def use(module: str) -> ModuleType:
    """Import a module of the user's own, so that what it registers and holds can be named.

    Afterwards `module:builder` names what it holds, and a bare name what it registers by decorator.
    The current folder is searched first, then whatever Python searches. This is the one place that
    imports by name; a file never comes here.

    Args:
        module: its name as in an import, such as `mymodule` or `package.module`.

    Raises `ConfigError` where there is none of that name or it fails at import, with its own last
    line.
    """
    if module in _USED:
        return _USED[module]
    if module.endswith(".py") or not all(part.isidentifier() for part in module.split(".")):
        raise ConfigError(
            f"--use {module}: expected a module's name as in an import, such as mymodule for "
            "mymodule.py."
        )
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)
        importlib.invalidate_caches()
    try:
        _USED[module] = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and (module + ".").startswith(error.name + "."):
            raise ConfigError(_not_found(module, folder)) from None
        raise ConfigError(_failed(module, error)) from error
    except Exception as error:
        raise ConfigError(_failed(module, error)) from error
    _SOURCES.update(_digests(_USED[module]))  # of what was imported, whatever is edited later
    return _USED[module]


def sources() -> dict[str, str]:
    """A digest of the source of each module that `use` brought in, and of each that these import
    from the same folder, by name."""
    return dict(_SOURCES)


def used() -> list[str]:
    """The modules that were brought in by `use`, in that order."""
    return list(_USED)


def lookup(kind: str, name: str) -> Any:
    """What `module:attribute` names, in a module that `use` brought in.

    Raises `UnknownNameError` for a module that was not, even where Python has it loaded: what is
    written in a file must not reach code that the user did not ask for.
    """
    module, _, attribute = name.partition(":")
    if module not in _USED:
        if not all(part.isidentifier() for part in module.split(".")):
            raise UnknownNameError(f"There is no {kind} {name!r}: {module!r} names no module.")
        raise UnknownNameError(
            f"The {kind} {name!r} is in the module {module!r}, which was not asked for: "
            f"add --use {module}, or zoo.use({module!r}) in Python.",
            (module,),
        )
    held = vars(_USED[module])
    if attribute not in held:
        names = [n for n, v in held.items() if callable(v) and not n.startswith("_")]
        close = difflib.get_close_matches(attribute, names, n=1, cutoff=0.5)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise UnknownNameError(f"There is no {attribute!r} in {module}.{hint}")
    return held[attribute]


def _digests(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Name and digest of a module and of those beside it that it uses, these ones' too."""
    depth = module.__name__.count(".") + hasattr(module, "__path__")
    file = getattr(module, "__file__", None)
    root = Path(file).parents[depth] if file else None
    seen, pending = set(), [module]
    while pending:
        each = pending.pop()
        file = getattr(each, "__file__", None)
        if each.__name__ in seen or not file or not Path(file).is_file():
            continue
        if each is not module and (root is None or not _is_beside(each.__name__, Path(file), root)):
            continue
        seen.add(each.__name__)
        yield each.__name__, hashlib.sha256(Path(file).read_bytes()).hexdigest()[:16]
        for value in vars(each).values():
            owner = getattr(value, "__module__", None)
            found = value if isinstance(value, ModuleType) else sys.modules.get(str(owner))
            pending += [] if found is None else [found]


def _is_beside(name: str, file: Path, root: Path) -> bool:
    """Whether a module is the user's own too: in its folder, not installed, not the zoo."""
    installed = any(file.is_relative_to(folder) for folder in _INSTALLED)
    own = name.split(".")[0] not in (__package__, "__main__")
    return own and file.is_relative_to(root) and not installed


def _not_found(module: str, folder: str) -> str:
    here = sorted(p.stem for p in Path(folder).glob("*.py"))
    close = difflib.get_close_matches(module, here, n=1, cutoff=0.5)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    place = f"Run from the folder that holds {module.split('.')[0]}.py, or put that on PYTHONPATH."
    return (
        f"There is no module {module!r} in {folder} or among those installed.{hint or ' ' + place}"
    )


def _failed(module: str, error: Exception) -> str:
    """The module's own last line, and where it came from."""
    own = [f for f in traceback.extract_tb(error.__traceback__) if "importlib" not in f.filename]
    where = f"{own[-1].filename}:{own[-1].lineno}" if len(own) > 1 else module
    if isinstance(error, SyntaxError):
        where = f"{error.filename}:{error.lineno}"
    last = traceback.format_exception_only(error)[-1].strip().rstrip(".")
    return f"The module {module!r} fails at import with {last} ({where}). Mend it there."
