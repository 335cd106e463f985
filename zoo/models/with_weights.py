"""`create_model(..., pretrained=...)`: weights of what was asked for, or why there are none."""

from collections.abc import Mapping

from ..checkpoint import load, read_model
from ..datasets import Dataset
from ..errors import ConfigError
from ..pretrained import path_of, trained_pairs
from ..registry import MODELS, RECIPES
from .base import AbstractModel
from .trained_on import TrainedOn


def with_weights(
    name: object,
    data: object,
    which: bool | str,
    task: str | None,
    options: Mapping[str, object],
) -> AbstractModel:
    """Pretrained weights of a model on a data set, if what is asked for is what they are.

    Raises `ConfigError` where they are not, with what differs, or where the pair has none.
    """
    given = [option for option, value in options.items() if value is not None]
    if not isinstance(name, str) or not isinstance(data, Dataset) or given:
        raise ConfigError(
            "Pretrained weights are of a model by name, a data set, and the options they were "
            f"trained with: got {', '.join(given) or 'other arguments'} too. Leave them out; a "
            "solver is passed to model.forward(xs, solver=...)."
        )
    MODELS[name]  # a name that is misspelt is told as that
    pair = (name, data.name)
    found = (
        [which] if isinstance(which, str) else [n for n, p in trained_pairs().items() if p == pair]
    )
    if not found:
        raise ConfigError(_no_weights(name, data.name))
    differences = {}
    for each in found:
        path = path_of(each)
        differences[each] = _difference(name, data, task, read_model(path)[0].get("config"))
        if not differences[each]:
            return load(path)
    told = "; ".join(
        f"{', '.join(n for n in found if differences[n] == why)}: {why}"
        for why in dict.fromkeys(differences.values())
    )
    raise ConfigError(
        f"No pretrained {name!r} fits the data set {data.name!r} as it was loaded ({told}). The "
        "card of each names the data set's options; zoo.load(NAME) takes the weights whatever the "
        "data, zoo.transfer(NAME, data, key=key) for training on."
    )


def _difference(name: str, data: Dataset, task: str | None, config: object) -> str:
    """In what weights are not those of a model on a data set; nothing where they are."""
    if not isinstance(config, Mapping):
        return "its model was made by hand"
    if config.get("model") != name:
        return f"its model is {config.get('model')}"
    then = TrainedOn.of(config)
    asked = task or (config["task"] if config.get("task") in data.tasks else data.tasks[0])
    return then.other_targets(data, asked) or then.other_inputs(data) or then.other_units(data)


def _no_weights(model: str, dataset: str) -> str:
    """A pair for which there is nothing, and what there is."""
    recipes = []
    for entry in RECIPES:
        recipe = entry.builder()
        if (recipe.model, recipe.dataset) == (model, dataset):
            recipes.append(entry.name)
    start = f"There are no pretrained weights of {model!r} on the data set {dataset!r}."
    if recipes:
        return (
            f"{start} The recipe {recipes[0]!r} makes them: zoo train --recipe {recipes[0]}; then "
            "zoo.load of the run's folder."
        )
    pairs = trained_pairs()
    by_model = {
        m: sorted({d for other, d in pairs.values() if other == m}) for m, _ in pairs.values()
    }
    there_are = "; ".join(f"{m} on {', '.join(ds)}" for m, ds in sorted(by_model.items()))
    return (
        f"{start} There are those of {there_are}. zoo.transfer(NAME, data, key=key) begins with "
        "the weights of another data set."
    )
