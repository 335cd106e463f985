"""`RunConfig`: the one description of a run, and `ResolvedConfig`, once its data were seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NotRequired, TypeAlias, TypedDict, TypeVar

from ..checkpoint import Change, RunEntries, check_kinds, size_entries, sizes_from_json
from ..recipes.base import Init
from ..registry import RECIPES
from ..schema import Seed, SizeValue, check_fields

_Own = TypeVar("_Own", bound="RunConfig")
"""The class on which a constructor is called."""

Options: TypeAlias = Mapping[str, Any]
"""Options of a builder by name, as JSON values; nested ones are mappings too."""

_JSON_NAMES = {"model_options": "options", "source": "from"}
_ORDER = (
    *("model", "in_size", "out_size", "sizes", "task", "options", "use", "recipe"),
    *("dataset", "dataset_options", "training", "init", "seed", "classes", "preprocessing"),
    *("resumed", "from", "x64", "split_seed"),
)
"""Of the entries in a file: by its text a finished run is known."""
_LISTS = ("resumed", "use", "classes")
_LEFT_OUT = ("resumed", "from", "x64", "split_seed")
"""Entries that are left out where they say nothing."""


class AskedEntries(TypedDict):
    """What a description of a run always says beside its model."""

    dataset: str


class ResolvedEntries(TypedDict):
    """What a run's file always says beside its model, which `zoo.checkpoint` knows."""

    task: str
    dataset: str
    dataset_options: Mapping[str, Any]
    training: Mapping[str, Any]
    seed: Seed
    split_seed: NotRequired[Seed]
    init: NotRequired[Init]


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """What a run is asked to be, before its data are seen: names, and options as they were given.

    A recipe, the command line, a saved run and one that goes on are each described by one, of
    which `zoo.runs.prepare.prepare` makes a `Run`. An option that is not given takes its builder's
    default there. `to_json` and `from_json` have the names of `config.json`.
    """

    model: str
    dataset: str
    model_options: Options = field(default_factory=dict)
    dataset_options: Options = field(default_factory=dict)
    training: Options = field(default_factory=dict)
    """Options of `zoo.train.options.training_options`."""
    task: str | None = None
    """The first in common where not given."""
    init: Init = "default"
    seed: int = 0
    """Decides the initial weights and the batches."""
    split_seed: int | None = None
    """Decides the split and the points of a data set that draws them; `seed` where not given."""
    recipe: str | None = None
    source: str | None = None
    """A weight file whose weights are taken where they fit: `from` in a file."""
    x64: bool | None = None
    """Whether JAX has 64 bits; as it is now where not given."""
    resumed: tuple[Change, ...] = ()
    """What the run was resumed with, see `zoo.train.schedules`."""
    use: tuple[str, ...] = ()
    """The user's modules that its names are from."""

    @property
    def seed_of_split(self) -> int:
        """The seed of the split: its own, or the one that decides weights and batches too."""
        return self.seed if self.split_seed is None else self.split_seed

    def to_json(self) -> dict[str, Any]:
        """The entries of `config.json`."""
        entries = {_JSON_NAMES.get(f.name, f.name): getattr(self, f.name) for f in fields(self)}
        return _ordered(entries | {name: list(entries[name]) for name in _LISTS if name in entries})

    @classmethod
    def from_json(cls: type[_Own], values: object) -> _Own:
        """A description of the entries of `config.json`; those it does not know are left alone.

        Raises `ConfigError` for an entry that is missing, of another type or out of range. That its
        names are registered, and its options those of what they name, is seen by `prepare`.
        """
        check_fields(RunEntries, values)
        check_fields(AskedEntries, values)
        assert isinstance(values, Mapping)
        return cls(**_named(cls, values))


@dataclass(frozen=True, kw_only=True)
class ResolvedConfig(RunConfig):
    """What a run is, once its data were seen: every option has its value, and the data's are there.

    It is written to `config.json` and to the header of the weights. `zoo.runs.resume.as_asked`
    makes the `RunConfig` with which the run goes on.
    """

    task: str
    sizes: Mapping[str, SizeValue]
    """The sizes of the data that the model was built for, by name."""
    classes: tuple[str | int | float | bool, ...] = ()
    """What the classes are called, in the order of the outputs."""
    preprocessing: Options | None = None
    """What was learned from the training rows, see `zoo.datasets.preparation.Preparation`."""

    def to_json(self) -> dict[str, Any]:
        """The entries of `config.json` and of the header of a weight file."""
        entries = super().to_json()
        del entries["sizes"]
        return _ordered(entries | size_entries(self.sizes))

    @classmethod
    def from_json(cls: type[_Own], values: object) -> _Own:
        """As `RunConfig.from_json`, of a file of any version; what its run did not know is at its
        default."""
        check_kinds(values)
        check_fields(ResolvedEntries, values)
        assert isinstance(values, Mapping)
        return cls(**_named(cls, values) | {"sizes": sizes_from_json(values)})


def recipe_config(name: str) -> RunConfig:
    """A registered recipe as the description of a run."""
    recipe = RECIPES[name].builder()
    return RunConfig(
        recipe=name,
        model=recipe.model,
        model_options=dict(recipe.model_options),
        dataset=recipe.dataset,
        dataset_options=dict(recipe.dataset_options),
        training=dict(recipe.training),
        init=recipe.init,
        x64=True if recipe.x64 else None,
    )


def _ordered(entries: Mapping[str, Any]) -> dict[str, Any]:
    """The entries in the order of a file, without those that say nothing."""
    silent = {name for name in _LEFT_OUT if entries.get(name) in (None, [])}
    return {name: entries[name] for name in _ORDER if name in entries and name not in silent}


def _named(kind: type[RunConfig], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a description's fields, by the fields' own names."""
    json_names = {f.name: _JSON_NAMES.get(f.name, f.name) for f in fields(kind)}
    given = {name: values[entry] for name, entry in json_names.items() if entry in values}
    return given | {name: tuple(given[name]) for name in _LISTS if name in given}
