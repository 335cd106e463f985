"""The same solve by torchdiffeq; skipped where torch is not installed."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from zoo.solve import Solver, solve


@pytest.mark.parametrize("batching", ["joint-rms", "per-sample"])
def test_same_output_as_torchdiffeq(batching):
    torch = pytest.importorskip("torch")
    torchdiffeq = pytest.importorskip("torchdiffeq")
    rng = np.random.RandomState(0)
    first, second = rng.randn(3, 16), rng.randn(16, 2)
    xs, ts = rng.randn(5, 2), np.array([0.0, 0.3, 1.0])

    def field(t, ys):
        column = t.expand(len(ys), 1)
        return torch.tanh(torch.cat([ys, column], 1) @ torch.tensor(first)) @ torch.tensor(second)

    theirs = torchdiffeq.odeint(
        field, torch.tensor(xs), torch.tensor(ts), rtol=1e-9, atol=1e-9, method="dopri5"
    )
    with jax.enable_x64(True):
        one = lambda t, y, args: jnp.tanh(jnp.append(y, t) @ first) @ second  # noqa: E731
        solver = Solver(rtol=1e-9, batching=batching)
        ours, stats = solve(one, jnp.asarray(xs), ts=jnp.asarray(ts), solver=solver)
    assert stats.ok.all()
    np.testing.assert_allclose(ours, theirs.numpy().swapaxes(0, 1), atol=1e-6)
