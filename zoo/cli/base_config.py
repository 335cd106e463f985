"""What a training command line is laid over: a run that goes on, a recipe, or another's model."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..checkpoint import load, needed_modules, read_model
from ..pretrained import path_of
from ..runs.config import Options, RunConfig, recipe_config
from ..runs.resume import as_asked
from ..runs.saved_config import saved_config
from ..runs.seeds import begun
from .chosen import Chosen


@dataclass(frozen=True, kw_only=True)
class Base:
    """What the options of the command line are laid over, and what that is called."""

    origin: str = "default"
    """`run`, `recipe`, `weights`, or `default` where there is nothing."""
    config: RunConfig | None = None
    """Of a run or a recipe."""
    model: str | None = None
    model_options: Options = field(default_factory=dict)
    use: tuple[str, ...] = ()
    """The modules that are needed for its names."""

    @classmethod
    def of_config(cls, config: RunConfig, origin: str) -> "Base":
        """The description of a run or a recipe."""
        return cls(
            origin=origin,
            config=config,
            model=config.model,
            model_options=config.model_options,
            use=needed_modules({"use": config.use}),
        )

    def under(self, chosen: Chosen) -> RunConfig | None:
        """A run of what was chosen and, where nothing was, of this; None where a model or a data
        set is still missing. Options of another model or data set are dropped."""
        model = chosen.model or self.model
        dataset = chosen.dataset or (None if self.config is None else self.config.dataset)
        if model is None or dataset is None:
            return None
        start = self.config or RunConfig(model=model, dataset=dataset)
        same_data = dataset == start.dataset
        return replace(
            start,
            model=model,
            model_options=self.model_options if model == self.model else {},
            dataset=dataset,
            dataset_options=start.dataset_options if same_data else {},
            recipe=chosen.recipe or start.recipe,
            task=chosen.task or start.task,
        )


def base_of(chosen: Chosen, run: Path | None = None) -> Base:
    """A run that goes on, a recipe, or the model of the run whose weights are taken.

    `run` is the folder of the run that goes on, where it is not that of `--out`.
    """
    place = (run or chosen.out) if chosen.resume else None
    saved = None if place is None else saved_config(begun(place))
    if saved is not None:
        return Base.of_config(as_asked(saved), "run")
    if chosen.recipe is not None:
        return Base.of_config(recipe_config(chosen.recipe), "recipe")
    if chosen.source and chosen.model is None:
        return _of_weights(chosen.source)
    return Base()


def _of_weights(source: str) -> Base:
    """The model of a weight file, which is read so far as to know that its weights are its."""
    path = path_of(source)
    config: Mapping[str, Any] | None = read_model(path)[0]["config"]
    if config is None:
        return Base()
    load(path, cast=True, strict=False)
    model, options = config["model"], config["options"]
    return Base(origin="weights", model=model, model_options=options, use=needed_modules(config))
