"""Names for models, data sets, tasks and the rest, open from outside: importing registers."""

import difflib
import fnmatch
import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from .errors import ConfigError, UnknownNameError
from .extensions import lookup

_T = TypeVar("_T", bound=Callable[..., Any])
_NAME = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Preview:
    """What is known of a data set without building it, which may take a download.

    `kind` is that of `zoo.datasets.Spec`, `tasks` are those of its `RawData`, for the default
    options of its builder.
    """

    kind: str
    tasks: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """A registered name: its builder, where that was written, and of a data set its preview."""

    name: str
    builder: Callable[..., Any]
    preview: Preview | None = None

    @property
    def origin(self) -> str:
        """`file:line` of the builder."""
        builder = self.builder.__init__ if inspect.isclass(self.builder) else self.builder
        code = getattr(inspect.unwrap(builder), "__code__", None)
        return f"{code.co_filename}:{code.co_firstlineno}" if code else repr(self.builder)

    @property
    def summary(self) -> str:
        """The first line of the builder's docstring."""
        return (inspect.getdoc(self.builder) or "").split("\n")[0]

    @property
    def module(self) -> str | None:
        """The module outside the zoo in which the builder was written; None for the zoo's own."""
        name = inspect.unwrap(self.builder).__module__
        return None if name.split(".")[0] == __package__ else name

    @property
    def product(self) -> Any:
        """What the builder returns: itself if it is a class, else read from its annotation.

        Raises `ConfigError` where it has none.
        """
        if inspect.isclass(self.builder):
            return self.builder
        product = inspect.signature(self.builder, eval_str=True).return_annotation
        if not inspect.isclass(product) or product is inspect.Signature.empty:
            raise ConfigError(
                f"The builder {self.name!r} ({self.origin}) does not say what it returns: annotate "
                "it with the class, def builder(...) -> MyModel."
            )
        return product


class Registry:
    """The builders of one kind, by name. `@registry.register("name")` adds one.

    A builder takes the sizes first, then keyword-only options with JSON values and defaults; its
    signature and docstring are the one schema from which the command line, the configuration and
    the errors are made (see `zoo.schema`). `sizes` are the builder's positional parameters; None
    where each builder names the sizes that it needs (see `zoo.schema.sizes`).

    A name `module:builder` needs no registration: it is looked up in a module that the user asked
    for with `--use module` or `zoo.use`.
    """

    def __init__(self, kind: str, sizes: tuple[str, ...] | None = (), *, key: bool = False) -> None:
        self.kind = kind
        self._sizes, self._key = sizes, key
        self._entries: dict[str, Entry] = {}

    def register(self, name: str, preview: Preview | None = None) -> Callable[[_T], _T]:
        """A decorator that registers a builder under `name`.

        Raises `ConfigError` for a name that is taken (both origins are told) or that would not be
        safe as a file name.
        """
        if not _NAME.fullmatch(name):
            raise ConfigError(
                f"{name!r} cannot name a {self.kind}: use letters, digits, '.', '_' and '-'."
            )

        def decorate(builder: _T) -> _T:
            entry = Entry(name, builder, preview)
            taken = self._entries.get(name)
            # The same function imported anew (a notebook's autoreload) is not a second owner.
            if taken is not None and taken.origin != entry.origin:
                raise ConfigError(
                    f"Two builders of a {self.kind} want the name {name!r}: {taken.origin} has it, "
                    f"{entry.origin} asks for it. Rename one."
                )
            self._entries[name] = entry
            return builder

        return decorate

    def __getitem__(self, name: str) -> Entry:
        """The entry of `name`. Raises `UnknownNameError` with the closest names."""
        if ":" in name:
            return Entry(name, self._check(name, lookup(self.kind, name)))
        if name not in self._entries:
            raise UnknownNameError(unknown(self.kind, name, self.names()))
        return self._entries[name]

    def __iter__(self) -> Iterator[Entry]:
        return iter([self._entries[name] for name in self.names()])

    def _check(self, name: str, builder: Any) -> Callable[..., Any]:
        """What the user named, if it can be called as a builder of this kind."""
        sizes = ("sizes of the data",) if self._sizes is None else self._sizes
        expected = ", ".join([*sizes, "*, options"] + ["key"] * self._key)
        try:
            signature = inspect.signature(builder)
            bind = signature.bind if self._sizes is not None else signature.bind_partial
            bind(*(self._sizes or ()), **({"key": None} if self._key else {}))
        except (TypeError, ValueError) as error:
            raise ConfigError(
                f"{name!r} is no builder of a {self.kind}: expected a function of ({expected}) "
                f"that returns one, and {getattr(builder, '__name__', builder)!r}: {error}."
            ) from None
        return builder

    def names(self, pattern: str = "*") -> list[str]:
        """The registered names, sorted, that match an `fnmatch` pattern."""
        return sorted(fnmatch.filter(self._entries, pattern))


def unknown(kind: str, got: str, known: list[str]) -> str:
    """The message for a name that is not known: got, the close name if there is one, the list.

    A long list is left out where there is a close name.
    """

    def plain(name: str) -> str:
        return name.lower().lstrip("-")

    by_plain = {plain(name): name for name in known}
    close = difflib.get_close_matches(plain(got), by_plain, n=1, cutoff=0.6)
    hint = f" Did you mean {by_plain[close[0]]!r}?" if close else ""
    if hint and len(known) > 30:
        return f"There is no {kind} {got!r}.{hint}"
    return f"There is no {kind} {got!r}.{hint} Known: {', '.join(known)}."


MODELS = Registry("model", None, key=True)
DYNAMICS = Registry("dynamics", ("size",), key=True)
CONTROLS = Registry("control", ("length",))
DATASETS = Registry("dataset")
TASKS = Registry("task", ("name",))
LOSSES = Registry("loss")
REGULARISERS = Registry("regulariser")
RECIPES = Registry("recipe")
PREPARATIONS = Registry("preparation")
PATHS = Registry("probability path")
COUPLINGS = Registry("coupling")

register_model = MODELS.register
register_dynamics = DYNAMICS.register
register_control = CONTROLS.register
register_task = TASKS.register
register_loss = LOSSES.register
register_regulariser = REGULARISERS.register
register_recipe = RECIPES.register
register_preparation = PREPARATIONS.register
register_path = PATHS.register
register_coupling = COUPLINGS.register


def register_dataset(
    name: str, *, kind: str | None = None, tasks: Sequence[str] = ()
) -> Callable[[_T], _T]:
    """A decorator that registers a builder of `zoo.RawData` under `name`.

    `kind` and `tasks` are what `zoo list` says of the data; where they are not given, it builds
    them.

    Raises `ConfigError` as `Registry.register` does.
    """
    return DATASETS.register(name, None if kind is None else Preview(kind, tuple(tasks)))
