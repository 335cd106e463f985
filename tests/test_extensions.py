"""What users bring: modules, names with typos, fields of every kind, frozen and shared parts."""

import string
import sys

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo import registry
from zoo.cli.flags import train_flags
from zoo.errors import ConfigError, DynamicsError, UnknownNameError
from zoo.extensions import lookup, use
from zoo.registry import DYNAMICS, MODELS
from zoo.regularisers import kinetic
from zoo.runs.config import RunConfig
from zoo.solve import solve
from zoo.solve.methods import ode_methods

SOURCE = '''
import jax
import zoo

@zoo.register_dynamics("{name}-decay")
def decay(size: int, *, rate: float = 1.0, key) -> zoo.dynamics.AbstractDynamics:
    """Decays."""
    return lambda t, y, args: -rate * y

class Still(zoo.dynamics.AbstractDynamics):
    """Does not move."""
    size: int
    def __init__(self, size, *, key):
        self.size = size
    def __call__(self, t, y, args):
        return 0 * y

answer = 42
def no_builder(a, b): ...
'''


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module in the current folder, of a name that no other test uses."""
    monkeypatch.chdir(tmp_path)
    name = f"mine{abs(hash(tmp_path.name)) % 10**8}"
    (tmp_path / f"{name}.py").write_text(SOURCE.format(name=name))
    monkeypatch.setattr(sys, "path", [p for p in sys.path if p])
    return name


def test_a_module_is_found_in_the_current_folder_and_its_names_only_after_use(module):
    with pytest.raises(UnknownNameError, match=rf"add --use {module}") as refused:
        DYNAMICS[f"{module}:decay"]
    assert refused.value.modules == (module,)
    use(module)
    assert DYNAMICS[f"{module}:decay"].module == module
    model = zoo.create_model(
        "odenet", (1, 1), dynamics=f"{module}:decay", head=False, key=jax.random.key(0)
    )
    np.testing.assert_allclose(model(jnp.ones(1)), np.exp(-1), rtol=1e-3)
    assert zoo.model_config("odenet", (1, 1), dynamics=f"{module}-decay")["use"] == [module]
    still = DYNAMICS[f"{module}:Still"].builder(3, key=None)
    assert (still(0.0, jnp.ones(3), None) == 0).all()
    with pytest.raises(UnknownNameError, match="Did you mean 'decay'"):
        lookup("dynamics", f"{module}:decya")
    for wrong in ("answer", "no_builder"):
        with pytest.raises(ConfigError, match=r"expected a function of \(size, \*, options, key\)"):
            DYNAMICS[f"{module}:{wrong}"]


def test_what_python_has_loaded_is_not_what_was_asked_for():
    for name in ("os:system", "zoo.cli:main", "builtins:exec"):
        with pytest.raises(UnknownNameError, match="which was not asked for"):
            MODELS[name]
    with pytest.raises(UnknownNameError, match="names no module"):
        MODELS["../evil:f"]


def test_a_module_that_fails_tells_its_own_last_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "breaks1.py").write_text("x = 1\nraise KeyError('my own words')\n")
    (tmp_path / "breaks2.py").write_text("import not_installed_anywhere\n")
    (tmp_path / "breaks3.py").write_text("def f(:\n")
    with pytest.raises(ConfigError, match=r"with KeyError: 'my own words' \(.*breaks1.py:2\)"):
        use("breaks1")
    with pytest.raises(ConfigError, match=r"ModuleNotFoundError: No module named 'not_installed"):
        use("breaks2")
    with pytest.raises(ConfigError, match=r"with SyntaxError: invalid syntax \(.*breaks3.py:1"):
        use("breaks3")
    with pytest.raises(ConfigError, match=r"no module 'braeks1'.*Did you mean 'breaks1'"):
        use("braeks1")
    with pytest.raises(ConfigError, match=r"expected a module's name"):
        use("breaks1.py; rm")


def test_a_name_is_registered_once():
    @zoo.register_loss("a-name-of-this-test")
    def first() -> zoo.losses.Loss:
        return zoo.losses.squared_error

    with pytest.raises(ConfigError, match=r"test_extensions.py:\d+ has it, .*:\d+ asks for it"):

        @zoo.register_loss("a-name-of-this-test")
        def second() -> zoo.losses.Loss:
            return zoo.losses.squared_error

    del registry.LOSSES._entries["a-name-of-this-test"]
    with pytest.raises(ConfigError, match="cannot name a model"):
        zoo.register_model("two words")


def typos(word: str) -> set[str]:
    """Every word that is one letter left out, changed or put in away."""
    cut = {word[:i] + word[i + 1 :] for i in range(len(word))}
    letters = string.ascii_lowercase
    changed = {word[:i] + c + word[i + 1 :] for i in range(len(word)) for c in letters}
    longer = {word[:i] + c + word[i:] for i in range(len(word) + 1) for c in letters}
    return cut | changed | longer


def all_names() -> dict[str, list[str]]:
    kinds = ("MODELS", "DYNAMICS", "DATASETS", "LOSSES", "REGULARISERS", "RECIPES")
    names = {kind: getattr(registry, kind).names() for kind in kinds}
    names["solvers"] = sorted(c.__name__ for c in ode_methods())
    config = RunConfig(model="odenet", dataset="circles")
    names["options"] = sorted({f"--{flag.name}" for flag in train_flags(config)})
    return names


@pytest.mark.parametrize("kind", all_names())
def test_a_typo_of_one_letter_gets_the_right_name_first(kind):
    names = all_names()[kind]
    right = wrong = 0
    rng = np.random.default_rng(0)
    for name in names:
        others = sorted(typos(name) - set(names) - {""})
        # Where names are many and long, of each a hundred typos, drawn by a fixed seed.
        for typo in rng.permutation(others)[:100] if len(names) > 30 else others:
            hit = f"Did you mean {name!r}?" in registry.unknown(kind, str(typo), names)
            right, wrong = right + hit, wrong + (not hit)
    assert right / (right + wrong) >= 0.95
    assert "Known:" in registry.unknown(kind, "zzzzzzzzzzzz", names)


STATE = jnp.array([1.0, 2.0])
WRONG_FIELDS = {
    "one": (lambda t, y, args: y[:1], r"float32\[1\]"),
    "column": (lambda t, y, args: y[:, None], r"float32\[2, 1\]"),
    "scalar": (lambda t, y, args: y.sum(), r"float32\[\]"),
    "integers": (lambda t, y, args: y.astype(int), r"int32\[2\]"),
    "list": (lambda t, y, args: [y[0], y[1]], r"\[float32\[\], float32\[\]\]"),
    "nothing": (lambda t, y, args: None, "None"),
    "two parameters": (lambda t, y: y, r"takes \(t, y\)"),
    "swapped": (lambda y, t, args: y, r"takes \(y, t, args\)"),
}


@pytest.mark.parametrize("case", WRONG_FIELDS)
def test_a_field_that_is_no_derivative_is_refused_in_three_lines(case):
    field, got = WRONG_FIELDS[case]
    with pytest.raises(DynamicsError) as refused:
        zoo.ODENet(field)(STATE)
    where, got_line, expected = str(refused.value).split("\n")
    assert "test_extensions.py:" in where
    assert __import__("re").search(got, got_line), got_line
    assert "expected:" in expected


def test_a_user_s_own_exception_passes_untouched():
    def broken(t, y, args):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine") as caught:
        zoo.ODENet(broken)(STATE)
    assert caught.traceback[-1].name == "broken"


@pytest.mark.parametrize("batching", ["per-sample", "joint"])
def test_args_of_each_example(batching):
    field = lambda t, y, args: -y + args["u"]  # noqa: E731
    ys, _ = solve(
        field,
        jnp.zeros((2, 1)),
        args={"u": jnp.array([[1.0], [2.0]])},
        solver=zoo.Solver(rtol=1e-6, batching=batching),
    )
    np.testing.assert_allclose(ys[:, 0], [0.632121, 1.264241], rtol=1e-5)


def test_a_lambda_as_activation_and_a_field_without_time():
    data = zoo.load_dataset("moons", n=60)
    net = zoo.nn.dense.FeedForward(
        2, 2, width=4, depth=1, activation=lambda x: x * jnp.tanh(x), key=jax.random.key(0)
    )

    class Timeless(zoo.dynamics.AbstractDynamics):
        net: zoo.nn.dense.FeedForward

        def __call__(self, t, y, args):
            return self.net(y)

    result = zoo.fit(zoo.ODENet(Timeless(net)), data, steps=3)
    assert np.isfinite(result.history.train[-1]["loss"])


def test_what_is_frozen_stays_and_what_is_behind_it_is_trained():
    data = zoo.load_dataset("moons", n=60)
    made = zoo.create_model("odenet", data, lift=2, key=jax.random.key(0))
    model = zoo.ODENet(zoo.frozen(made.dynamics), lift=made.lift, head=made.head)
    assert zoo.count_parameters(model) == 6 + 6
    result = zoo.fit(model, data, steps=5)
    assert eqx.tree_equal(result.model.dynamics, model.dynamics)
    for part in ("lift", "head"):
        old, new = getattr(model, part).layer.weight, getattr(result.model, part).layer.weight
        assert not (old == new).any()
    np.testing.assert_allclose(model(data.test["x"][0]), made(data.test["x"][0]), rtol=1e-6)
    assert model.dynamics.net.layers[0].weight.shape == (64, 3)


def test_a_layer_that_is_in_two_places_is_refused_or_shared():
    data = zoo.load_dataset("moons", n=60)
    layer = eqx.nn.Linear(2, 2, key=jax.random.key(0))

    class Twice(zoo.dynamics.AbstractDynamics):
        first: eqx.nn.Linear
        second: eqx.nn.Linear

        def __call__(self, t, y, args):
            return self.second(jnp.tanh(self.first(y)))

    with pytest.raises(ConfigError, match=r"dynamics.first.weight and dynamics.second.weight are"):
        zoo.fit(zoo.ODENet(Twice(layer, layer)), data, steps=1)

    class Tied(zoo.dynamics.AbstractDynamics):
        shared: eqx.nn.Shared

        def __init__(self):
            pair = (layer, eqx.nn.Linear(2, 2, key=jax.random.key(1)))
            self.shared = eqx.nn.Shared(
                pair, where=lambda p: p[1].weight, get=lambda p: p[0].weight
            )

        def __call__(self, t, y, args):
            first, second = self.shared()
            return second(jnp.tanh(first(y)))

    model = zoo.ODENet(Tied())
    assert zoo.count_parameters(model) == 4 + 2 + 2
    assert int(zoo.fit(model, data, steps=2).state.step) == 2


def test_a_regulariser_s_penalty_is_its_integral_and_leaves_the_steps_alone():
    decay = lambda t, y, args: -y  # noqa: E731
    for adjoint in ("replay", "direct"):
        plain = zoo.Solver(rtol=1e-6, adjoint=adjoint)
        charged = zoo.Solver(regulariser=kinetic(weight=2.0)).over(plain)
        ys, stats = solve(decay, jnp.ones((3, 1)), solver=charged)
        alone, alone_stats = solve(decay, jnp.ones((3, 1)), solver=plain)
        np.testing.assert_allclose(stats.penalty, 1 - np.exp(-2), rtol=1e-4)
        assert (stats.nfe == alone_stats.nfe).all() and (ys == alone).all()
    with pytest.raises(DynamicsError, match="expected a scalar"):
        vector = zoo.Solver(regulariser=lambda t, y, dy, args: dy)
        solve(decay, jnp.ones((3, 2)), solver=vector)
    data = zoo.load_dataset("moons", n=60)
    with pytest.raises(ConfigError, match="solves no ODE"):
        model = zoo.create_model("mlp", data, key=jax.random.key(0))
        zoo.fit(model, data, regulariser=kinetic())
    with pytest.raises(ConfigError, match="no part of a model's configuration"):
        zoo.Solver(regulariser=kinetic()).options()


@pytest.mark.wrong_types
def test_huber_is_smooth_l1():
    model = lambda: None  # noqa: E731
    model.forward = lambda xs, **_: (xs, zoo.Stats.discrete(len(xs), 1))
    model.inputs = lambda batch: batch["x"]
    batch = {"x": jnp.array([[0.5], [3.0]]), "y": jnp.zeros((2, 1))}
    loss = registry.LOSSES["huber"].builder()
    values, aux = loss(model, batch, key=None, step=jnp.zeros(()), solver=None)
    np.testing.assert_allclose(values, [0.125, 2.5])
    assert aux.metrics["mse"].tolist() == [0.25, 9.0]
