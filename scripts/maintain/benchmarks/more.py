"""The page's tables of what goes through the loop beside plain solves of dense nets."""

from typing import Any

from .kept_numbers import ratio as _ratio
from .kept_numbers import read_kept as _read
from .path_tables import sections as _paths


def sections() -> list[str]:
    """The lines of all of them, of the numbers that were kept."""
    firsts = [*_noise(), *_events(), *_jumps(), *_conv()]
    return [*firsts, *_paths(), *_neural_cde(), *_flows(), *_fields()]


def _noise() -> list[str]:
    lines = [
        "## Noise",
        "",
        "The gradient of an equation with noise, 64 equal steps. *general*: 64 examples of 16",
        "states and 3 motions, nets of width 16; *diagonal*: 256 examples of 8 states, nets of",
        "width 64. The scan is written by hand for the one equation and draws its increments up",
        "front; Diffrax is `vmap` of `diffeqsolve` along a `VirtualBrownianTree`. Made by",
        "`python -m benchmarks.sde`. *training step*: as the recipe `ou-neural-sde`, 128 paths of",
        "65 values, loss, gradient and Adam; the processor's time, on one core, by",
        "`XLA_FLAGS=--xla_cpu_multi_thread_eigen=false taskset -c 0 python -m benchmarks.ou 5",
        "PYTHON`, with an interpreter that has torchsde.",
        "",
        "| equation | ratio | | compile, s |",
        "|---|---|---|---|",
    ]
    for work, told in _read("sde.json").items():
        for pair, values in told["ratio"].items():
            spent = [told["compiling"].get(who) for who in pair.split(" / ")]
            seconds = " / ".join("none" if each is None else f"{each:.1f}" for each in spent)
            lines.append(f"| {work} | {pair} | {_ratio(values)} | {seconds} |")
    return [*lines, ""]


def _events() -> list[str]:
    lines = [
        "## Events",
        "",
        "64 balls that fall and bounce, with gradients, over the same by the zoo; *net*: with drag",
        "that a net gives; *no event*: a solve as long as the longest flight. Made by",
        "`python -m benchmarks.events`.",
        "",
        "| balls | by | ms | ratio | compile, s |",
        "|---|---|---|---|---|",
    ]
    for work, told in _read("events.json").items():
        for who, values in told["ratio"].items():
            ms, seconds = told["ms"][who][0], told["compile"][who]
            lines.append(f"| {work} | {who} | {ms:.2f} | {_ratio(values)} | {seconds:.1f} |")
    return [*lines, ""]


def _jumps() -> list[str]:
    lines = [
        "## Jumps",
        "",
        "A training step that is told where its field jumps (it does not), over one that is not.",
        "Each jump inside ends a step. Made by `python -m benchmarks.jumps`.",
        "",
        "| workload | jumps | NFE | ratio |",
        "|---|---|---|---|",
    ]
    for work, rows in _read("jumps.json").items():
        for jumps, told in rows.items():
            lines.append(f"| {work} | {jumps} | {told['nfe']:.1f} | {_ratio(told['ratio'])} |")
    return [*lines, ""]


def _conv() -> list[str]:
    kept = _read("conv.json")
    block = kept.get("block", {})
    lines = [
        "## Convolutions",
        "",
        "A training step of a convolutional ODE block (64 channels, 7×7 pixels, a batch of 128,",
        "four steps of Dopri5) over its evaluations and vjps, chained; memory is that of the",
        "compiled program's intermediate values, of torch what the process grows by at most.",
        "*processor* is the time of both cores, which other work on them changes little; where ms",
        "is empty the machine was too busy to compare two processes by the clock: other work had",
        f"it at a load of {block.get('load average', 0):.0f}.",
        "Goals: a ratio of at most 1.15, joint and per-sample, and 1.6 times the memory. Made by",
        "`python -m benchmarks.conv 9 PYTHON`, with an interpreter that has torch.",
        "",
        "| by | ms | ratio | processor, ms | MiB | ratio |",
        "|---|---|---|---|---|---|",
    ]
    for who, size in block.get("memory", {}).items():
        by_clock = who in block["ratio"]
        cells = [f"{block['milliseconds'][who][0]:.0f}" if by_clock else ""]
        cells += [_ratio(block["ratio"][who]) if by_clock else ""]
        cells += [f"{block['processor'][who]:.0f}" if who in block["processor"] else ""]
        cells += [f"{size:.0f}", f"{block['memory_ratio'][who]:.2f}"]
        lines.append(f"| {who} | {' | '.join(cells)} |")
    lines += _evaluations_in_torch(block)
    lines += [
        "",
        "One convolution of that size in a loop over the same alone; by itself XLA takes 44 times",
        "as long (`ZOO_FAST_CONVOLUTIONS=off`). Goal: at most 1.1.",
        "",
        "| convolution | loop / alone |",
        "|---|---|",
    ]
    lines += [f"| {name} | {_ratio(values)} |" for name, values in kept.get("loop", {}).items()]
    return [*lines, ""]


def _evaluations_in_torch(block: dict[str, Any]) -> list[str]:
    """What torchdiffeq's ways evaluate, and the time of one beside the floor's."""
    floor = "evaluations and vjps"
    rows = {floor: [24, 24], **block.get("evaluations", {})}
    if len(rows) == 1:
        return []
    lines = [
        "",
        "torchdiffeq has no equal steps of Dopri5: six of its RK4 evaluate as often. *as its",
        "ODE-Net* is `odeint_adjoint` by Dopri5 at 1e-3, as in its example. An evaluation's time",
        "is the processor's of the step by all evaluations; the way back pulls back through 24,",
        "or through as many as it makes.",
        "",
        "| by | evaluations forward | on the way back | processor, ms an evaluation |",
        "|---|---|---|---|",
    ]
    for who, (forward, back) in rows.items():
        each = block["processor"][who] / (forward + back)
        lines.append(f"| {who} | {forward} | {back} | {each:.1f} |")
    return lines


def _neural_cde() -> list[str]:
    kept = _read("series.json")
    lines = [
        "## Neural CDEs",
        "",
        "The gradient of a neural CDE: spirals of 100 times, a batch of 32, hidden 8, width 128,",
        "one hidden layer, a Hermite spline, Tsit5 at rtol 1e-3 and atol 1e-6. Diffrax as in its",
        "example: `vmap` of `ControlTerm.to_ode()`, which steps over the knots; and with steps",
        "that end at them, which makes its error as small as our default's. The spline's",
        "coefficients are made beforehand for Diffrax and torchcde; ours are part of what is",
        "timed. torchcde 0.2.5 takes dopri5, as its example at rtol 1e-4 by the adjoint. The",
        "outputs' error is relative. Goals: 2.3 times as fast as Diffrax's example, compiled twice",
        "as fast. Milliseconds and seconds are the processor's; made on one core by",
        "`XLA_FLAGS=--xla_cpu_multi_thread_eigen=false taskset -c 0",
        "python -m benchmarks.series 3 PYTHON`, with an interpreter that has torchcde.",
        "",
        "| by | ms | example / it | at knots / it | compile, s | example / it | error |",
        "|---|---|---|---|---|---|---|",
    ]
    told = kept.get("beside others", {})
    for who, each in told.items():
        ratios = [_ratio(values) for name, values in each.items() if name.endswith(" / it")]
        cells = [f"{each['milliseconds'][0]:.0f}", *ratios, "", "", ""]
        if "compile" in each:
            compiling = told["Diffrax, as in its example"]["compile"] / each["compile"]
            cells[-3:] = [f"{each['compile']:.1f}", f"{compiling:.2f}", f"{each['error']:.0e}"]
        lines.append(f"| {who} | {' | '.join(cells)} |")
    lines += [
        "",
        "100 real times and 900 of padding over the 100 alone. Goal: at most 1.05.",
        "",
        "| by | padded / real |",
        "|---|---|",
    ]
    padded = kept.get("900 padded times beside 100", {})
    return [*lines, *(f"| {name} | {_ratio(values)} |" for name, values in padded.items()), ""]


def _flows() -> list[str]:
    kept = _read("cnf.json")
    lines = [
        "## Normalising flows",
        "",
        "A training step by maximum likelihood: concat-squash nets of two hidden layers, Dopri5 at",
        "1e-4, one ODE for the batch. *exact*: 2 dimensions, width 64, a batch of 512.",
        "*Hutchinson*: 64 dimensions, width 256, a batch of 256, one probe. *value and trace* is",
        "as many evaluations as the accepted steps have stages, each made again on the way back,",
        "in a scan without the engine; two more choose the zoo's first step.",
        "Diffrax is `vmap` of a solve of the state and log p by adaptive Dopri5, both under error",
        "control, as FFJORD's code has it; Diffrax's own example takes fixed steps. Times",
        "are the processor's, since other work had the two cores at a load of "
        f"{max((told['load average'] for told in kept.values()), default=0):.0f}. Goals: the zoo",
        "over value and trace at most 1.2 (exact) and 1.05 (Hutchinson); Diffrax over the zoo at",
        "least 8 and 10. Made by `python -m benchmarks.cnf 9 PYTHON`, with an interpreter that has",
        "torch.",
        "",
        "| flow | by | processor, ms | it / zoo |",
        "|---|---|---|---|",
    ]
    for work, told in kept.items():
        for who, values in told["it / zoo"].items():
            lines.append(f"| {work} | {who} | {told['processor'][who][0]:.0f} | {_ratio(values)} |")
        floor = _ratio(told["zoo / floor"])
        lines.append(f"| {work} | zoo / {told['floor']} | | {floor} |")
    lines += [
        "",
        "The trace of 2 dimensions once took 4 times as long, of 8 dimensions 5: the gradient",
        "through a `vmap` over directions sums over their axis once for each product in the field,",
        "by a slow kernel of XLA's on CPUs. Up to 8 directions are now pushed one by one. The goal",
        "of 10 in *Hutchinson* is missed: value and trace alone are hardly faster than the zoo.",
    ]
    return [*lines, ""]


def _fields() -> list[str]:
    lines = [
        "## Partial differential equations",
        "",
        "The gradient by the viscosity of 8 fields of Burgers' equation to time 1, on 256 points",
        "in Fourier modes, viscosity 0.02: diffusion solved as the rest, by Dopri5 (rtol 1e-3),",
        "and taken exactly. Errors are against 4,096 steps. Made by `python -m benchmarks.fields`.",
        "",
        "| by | ms | NFE | largest error | gradient's error |",
        "|---|---|---|---|---|",
    ]
    told = _read("fields.json")
    for who, row in told.items():
        if who != "ratio":
            ms, error, slope = row["milliseconds"][0], row["error"], row["gradient's error"]
            lines.append(f"| {who} | {ms:.1f} | {row['nfe']:.0f} | {error:.1e} | {slope:.1e} |")
    ratio = _ratio(told["ratio"]) if told else "not measured"
    return [*lines, "", f"Dopri5 / ETDRK2: {ratio} (goal: 100 or more).", ""]
