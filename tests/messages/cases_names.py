"""Names, options and modules of one's own: the registry, the schema, `--use`."""

import zoo
from zoo.extensions import lookup
from zoo.schema import resolve
from zoo.train.options import training_options

from .given import KEY, lines, model, moons, written


def own(name: str, *source: str):
    """A module of the user's own that was asked for."""
    zoo.use(written(f"{name}.py", lines("import zoo", *source)).removesuffix(".py"))


def second_owner():
    @zoo.register_loss("own-loss")
    def first(): ...

    @zoo.register_loss("own-loss")
    def second(): ...


NOT_ANNOTATED = "def net(in_size, out_size, *, key): ..."
SEVERAL = "def net(in_size, out_size, *, key) -> zoo.MLP | zoo.ODENet: ..."
BY_SHAPE = "def net(in_shape: tuple[int, ...], out_size: int, *, key) -> zoo.MLP: ..."
NO_VALUE = "def net(in_size, out_size, *, depth, key) -> zoo.MLP: ..."
NO_MODEL = "class Net:\n    def __init__(self, in_size, out_size, *, key): ..."

CASES = {
    "A model misspelt": lambda: model("odnet"),
    "A model like no other": lambda: model("qqqqqqq"),
    "A data set misspelt": lambda: zoo.load_dataset("circels"),
    "Dynamics misspelt": lambda: model("odenet", dynamics="mpl"),
    "An option misspelt": lambda: model(wdith=3),
    "An option of another type": lambda: model(width="8"),
    "An option that is one of several": lambda: model(activation="tahn"),
    "An option out of range": lambda: model(width=0),
    "A rate out of range": lambda: resolve(training_options, {"lr": -1}),
    "A number of more than 32 bits": lambda: model(width=2**31),
    "A rate that is not finite": lambda: resolve(training_options, {"lr": float("inf")}),
    "Options that are no mapping": lambda: model("odenet", dynamics_options=[8]),
    "Options of nothing": lambda: resolve(training_options, {"loss_options": {"delta": 2}}),
    "An option that must be given": lambda: zoo.load_dataset("csv"),
    "A name of two words": lambda: zoo.register_model("two words"),
    "A name registered twice": second_owner,
    "A task that is none": lambda: (
        zoo.register_task("own-task")(lambda name: name),
        zoo.tasks.task_named("own-task"),
    ),
    "A module that is not there": lambda: zoo.use("mymodlue"),
    "A module with a name like it": lambda: (written("mymodule.py", ""), zoo.use("mymodlue")),
    "A module by its file": lambda: (written("mymodule.py", ""), zoo.use("mymodule.py")),
    "A module by the path of its file": lambda: zoo.use("folder/mymodule"),
    "A module that fails": lambda: own("failing", "1 / 0"),
    "A module that imports another that is not there": lambda: own("lacking", "import nowhere"),
    "A module that is no Python": lambda: own("broken", "def f(:"),
    "A module that was not asked for": lambda: model("mymodule:net"),
    "A module by its path": lambda: model("../mymodule:net"),
    "A name that a module does not hold": lambda: (
        own("mine", "def swirl(size, *, key): ..."),
        lookup("dynamics", "mine:swril"),
    ),
    "A builder that takes something else": lambda: (
        own("mine", "def swirl(a, b): ..."),
        model("odenet", dynamics="mine:swirl"),
    ),
    "A builder that does not say what it returns": lambda: (
        own("mine", NOT_ANNOTATED),
        zoo.model_config("mine:net", moons()),
    ),
    "A builder that may return several things": lambda: (
        own("mine", SEVERAL),
        zoo.model_config("mine:net", moons()),
    ),
    "A model without objectives": lambda: (
        own("mine", NO_MODEL),
        zoo.model_config("mine:Net", moons()),
    ),
    "A model of images for a table": lambda: (
        own("mine", BY_SHAPE),
        zoo.model_config("mine:net", moons()),
    ),
    "A model of images for two lengths": lambda: (
        own("mine", BY_SHAPE),
        zoo.model_config("mine:net", (2, 2)),
    ),
    "A shape that is a number": lambda: (
        own("mine", BY_SHAPE),
        zoo.create_model("mine:net", {"in_shape": 64, "out_size": 2}, key=KEY),
    ),
    "A builder with a parameter that has no value": lambda: (
        own("mine", NO_VALUE),
        zoo.model_config("mine:net", moons()),
    ),
    "A model without sizes": lambda: zoo.create_model("mlp", key=KEY),
    "A model without a key": lambda: zoo.create_model("mlp", (2, 2)),
}
