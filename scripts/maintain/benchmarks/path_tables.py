"""The page's tables of fields that are fitted to paths."""

from .kept_numbers import ratio, read_kept


def sections() -> list[str]:
    """The lines of all of them."""
    return [*_trajectory(), *_pendulum()]


def _trajectory() -> list[str]:
    lines = [
        "## Trajectories",
        "",
        "A training step of a field that is fitted to paths: 58 series of two channels at 40",
        "irregular times each, a net of two hidden layers of 64, Tsit5 at 1e-4, each by its",
        "own steps. torchdiffeq makes one solve of the union of all times, as the authors of",
        "latent ODEs do. Goals: 2.5 times as fast as Diffrax and half its time to compile.",
        "Milliseconds and seconds are the processor's; made on one core by",
        "`XLA_FLAGS=--xla_cpu_multi_thread_eigen=false taskset -c 0",
        "python -m benchmarks.trajectory 3 PYTHON`, with an interpreter that has torchdiffeq.",
        "",
    ]
    return [*lines, *_steps_on_paths("trajectory.json")]


def _pendulum() -> list[str]:
    lines = [
        "## Rollouts of a pendulum",
        "",
        "A training step of a Hamiltonian net of two hidden layers of 200, whose field is the",
        "gradient of its energy: the error of 25 rollouts at 45 times from 0 to 3, Dopri5 at 1e-5.",
        "torchdiffeq, and *joint*, take the same steps for the whole batch. Made as the",
        "table above, by `python -m benchmarks.pendulum 9 PYTHON`.",
        "",
    ]
    return [*lines, *_steps_on_paths("pendulum.json")]


def _steps_on_paths(name: str) -> list[str]:
    """The table of a training step on paths, of kept numbers."""
    told = read_kept(name)
    lines = ["| by | ms | ratio | compile, s |", "|---|---|---|---|"]
    for who, values in told.get("ratio", {}).items():
        ms, seconds = told["milliseconds"][who][0], told["compiling"].get(who)
        compiled = "" if seconds is None else f"{seconds:.1f}"
        lines.append(f"| {who} | {ms:.1f} | {ratio(values)} | {compiled} |")
    return [*lines, ""]
