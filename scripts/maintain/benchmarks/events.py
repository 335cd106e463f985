"""What an event costs: 64 balls that fall and bounce, with gradients, here and by Diffrax.

python -m benchmarks.events       from scripts/maintain/; writes events.json
"""

import time
from collections.abc import Callable
from typing import Any

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import optimistix

from zoo.dynamics import AbstractDynamics
from zoo.solve import Solver, solve, until

from .clock import rounds, spread
from .drive import FOLDER, keep

RESULTS = FOLDER / "events.json"
BATCH, RTOL, END, FLIGHTS = 64, 1e-4, 10.0, 3


class Ball(AbstractDynamics):
    """(height, velocity) under gravity, and a drag that a net gives, where there is one."""

    gravity: jax.Array
    drag: eqx.nn.MLP | None

    def __call__(self, t: Any, y: Any, args: Any) -> Any:
        """The derivative of one ball."""
        force = -self.gravity
        if self.drag is not None:
            force = force - 0.1 * jnp.tanh(self.drag(y)) * y[1]
        return jnp.stack([y[1], force])


def height(t: Any, y: Any, args: Any, **_: Any) -> Any:
    """What crosses zero on the floor."""
    return y[0]


def here(ball: Ball, t: Any, y: Any) -> tuple[Any, Any]:
    """The next contact with the floor, by the zoo."""
    hit, _ = until(ball, y, height, direction="down", start=t, solver=Solver(t1=END, rtol=RTOL))
    return hit.t, hit.y


def by_diffrax(ball: Ball, t: Any, y: Any) -> tuple[Any, Any]:
    """The same, by Diffrax, vmapped."""
    event = diffrax.Event(height, optimistix.Newton(1e-6, 1e-6), direction=False)

    def one(t: Any, y: Any) -> Any:
        found = diffrax.diffeqsolve(
            diffrax.ODETerm(ball),
            diffrax.Dopri5(),
            t,
            END,
            None,
            y,
            stepsize_controller=diffrax.PIDController(rtol=RTOL, atol=RTOL),
            event=event,
            max_steps=256,
            throw=False,
        )
        return found.ts[-1], found.ys[-1]

    return jax.vmap(one)(t, y)


def to_the_end(ball: Ball, t: Any, y: Any) -> tuple[Any, Any]:
    """No event: as long as the longest flight takes."""
    y, _ = solve(ball, y, solver=Solver(t1=1.02, rtol=RTOL))
    return t, y


def step_of(flight: Callable, flights: int) -> Callable:
    """Values and gradients, compiled, of the times and velocities after some flights."""

    @eqx.filter_jit
    @eqx.filter_value_and_grad
    def step(inputs: Any) -> Any:
        ball, heights, restitution = inputs
        y = jnp.stack([heights, jnp.zeros_like(heights)], axis=1)

        def bounce(carry: Any, _: None) -> Any:
            t, y = flight(ball, *carry)
            return (t, jnp.stack([y[:, 0], -restitution * y[:, 1]], axis=1)), None

        (t, y), _ = jax.lax.scan(bounce, (jnp.zeros_like(heights), y), length=flights)
        return jnp.sum(t + jnp.sin(y[:, 1]))

    return step


def ratios(net: bool, flights: int, count: int) -> dict[str, Any]:
    """Milliseconds of a gradient, seconds to compile it, and the ratios to ours."""
    drag = eqx.nn.MLP(2, "scalar", 64, 2, key=jax.random.key(0)) if net else None
    inputs = Ball(jnp.asarray(9.81), drag), jnp.linspace(0.5, 5.0, BATCH), jnp.asarray(0.8)
    steps = {name: step_of(flight, flights) for name, flight in COMPETITORS.items()}
    if flights > 1:
        del steps["no event"]
    told: dict[str, Any] = {"compile": {}, "gradient": {}}
    for name, step in steps.items():
        began = time.perf_counter()
        _, gradient = jax.block_until_ready(step(inputs))
        told["compile"][name] = time.perf_counter() - began
        told["gradient"][name] = [float(gradient[2]), float(gradient[0].gravity)]
    calls = {
        name: lambda step=step: jax.block_until_ready(step(inputs)) for name, step in steps.items()
    }
    times = rounds(calls, count)
    told["ms"] = {name: list(spread(each)) for name, each in times.items()}
    told["ratio"] = {
        name: list(spread([a / b for a, b in zip(each, times["zoo"], strict=True)]))
        for name, each in times.items()
    }
    return told


COMPETITORS = {"zoo": here, "Diffrax": by_diffrax, "no event": to_the_end}

if __name__ == "__main__":
    found = {}
    for net in (False, True):
        for flights in (1, FLIGHTS):
            name = f"{'net' if net else 'ball'}, {flights} flight{'s' if flights > 1 else ''}"
            found[name] = ratios(net, flights, 15)
            print(name, found[name], flush=True)
    keep(RESULTS, found)
