"""What `train` does with nothing else: the best weights kept, and the settings of the study."""

import jax
import numpy as np
import optax

import zoo
from zoo.evaluate import evaluate

FAST = {"steps": 40, "optimiser": optax.adam(0.3), "key": jax.random.key(0)}


def test_the_best_weights_are_kept_without_patience_and_every_step_is_taken():
    noisy = zoo.load_dataset("moons", n=60, noise=0.6)
    net = zoo.create_model("mlp", noisy, width=8, depth=1, key=jax.random.key(1))
    result = zoo.fit(net, noisy, keep_best=True, eval_every=1, **FAST)
    losses = [row["loss"] for row in result.history.val]
    assert int(result.state.step) == len(losses) == 40
    best = int(np.argmin(losses))
    assert best < 39 and int(result.state.best_step) == best + 1
    assert abs(evaluate(result.model, noisy, split="val")["loss"] - losses[best]) < 1e-5
    last = zoo.fit(net, noisy, eval_every=1, **FAST).model
    assert abs(evaluate(last, noisy, split="val")["loss"] - losses[-1]) < 1e-5


def test_without_a_held_out_part_the_last_weights_are_the_result():
    data = zoo.load_dataset("moons", n=100, split="all")
    net = zoo.create_model("mlp", data, width=8, depth=1, key=jax.random.key(1))
    kept, last = (zoo.fit(net, data, keep_best=b, **FAST).model for b in (True, False))
    for a, b in zip(jax.tree.leaves(kept), jax.tree.leaves(last), strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_best_is_looked_for_as_often_as_it_is_cheap(moons):
    def steps_of(data, **options):
        net = zoo.create_model("mlp", data, width=4, depth=1, key=jax.random.key(1))
        fitted = zoo.fit(net, data, steps=100, **options)
        return [row["step"] for row in fitted.history.val]

    assert steps_of(moons) == list(range(10, 101, 10))
    assert steps_of(moons, keep_best=True) == list(range(2, 101, 2))
    # 100 examples of validation in batches of 20 are those of 5 steps; of 5, at most those of 10.
    assert steps_of(moons, keep_best=True, batch_size=20) == list(range(5, 101, 5))
    assert steps_of(moons, keep_best=True, batch_size=5) == list(range(10, 101, 10))
