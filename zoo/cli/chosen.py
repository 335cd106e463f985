"""What a training command line chooses: names, a place, and whether a run goes on."""

from dataclasses import dataclass
from pathlib import Path

from ..errors import ConfigError
from ..registry import DATASETS, MODELS
from .first_pass import CommandLine
from .own_modules import use_module_of
from .path_names import IsPath


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The options of `train` that decide which further options there are."""

    model: str | None
    dataset: str | None
    recipe: str | None
    task: str | None
    source: str | None
    """Of `--from`: a run, a weight file or a pretrained name."""
    out: Path | None
    resume: bool

    @classmethod
    def of(cls, line: CommandLine) -> "Chosen":
        """What was typed. Imports the module of a `module:builder`.

        Raises `ConfigError` for an option that is empty or no path where it is one, and
        `UnknownNameError` for a model or data set that is not registered.
        """
        names = ("model", "dataset", "recipe", "task", "out", "from")
        chosen = {name: line.value_of(f"--{name}") for name in names}
        if "" in chosen.values():
            empty = next(name for name, value in chosen.items() if value == "")
            raise ConfigError(f"--{empty} is empty: give a value, or leave it out.")
        out, source = chosen.pop("out"), chosen.pop("from")
        IsPath().check("--out", out or "")
        IsPath().check("--from", source or "")
        for registry, name in ((MODELS, chosen["model"]), (DATASETS, chosen["dataset"])):
            if name is not None:
                use_module_of(name)
                registry[name]
        place = Path(out) if out else None
        return cls(**chosen, source=source, out=place, resume=line.has("--resume"))
