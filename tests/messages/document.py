"""MESSAGES.md: one section a room, and in it the messages as they are read."""

import re
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

from . import (
    cases_checkpoint,
    cases_cli,
    cases_data,
    cases_densities,
    cases_devices,
    cases_door,
    cases_dynamics,
    cases_fields,
    cases_files,
    cases_flow_matching,
    cases_images,
    cases_models,
    cases_names,
    cases_paths,
    cases_plots,
    cases_predict,
    cases_sample,
    cases_series,
    cases_series_files,
    cases_solve,
    cases_stream,
    cases_tasks,
    cases_train,
)
from .collect import Message, collect

FILE = Path(__file__).with_name("MESSAGES.md")
WIDTH = 100

ROOMS = {
    "Names, options and modules of one's own": cases_names.CASES,
    "Solving": cases_solve.CASES,
    "Models, dynamics and losses": cases_models.CASES,
    "Densities": cases_densities.CASES,
    "Dynamics": cases_dynamics.CASES,
    "Flow matching": cases_flow_matching.CASES,
    "Tasks": cases_tasks.CASES,
    "Random paths": cases_paths.CASES,
    "Training": cases_train.CASES,
    "Several devices and processes": cases_devices.CASES,
    "Weight files": cases_checkpoint.CASES,
    "Data in arrays": cases_data.CASES,
    "Series": cases_series.CASES,
    "Fields in space": cases_fields.CASES,
    "Series of one's own": cases_series_files.CASES,
    "Data in files": cases_files.CASES,
    "Rows that stay on disk": cases_stream.CASES,
    "Images": cases_images.CASES,
    "Commands": cases_cli.CASES,
    "Predicting": cases_predict.CASES,
    "Drawing": cases_sample.CASES,
    "Figures and sweeps": cases_plots.CASES,
    "Exports, reports and TensorBoard": cases_door.CASES,
}

HEAD = """\
# Every error message of the zoo

Made by `python -m tests.messages`, never by hand: `tests/test_messages.py` tells when it is out of
date, and when a message is missing. Long lines are wrapped here at 100 characters. A word in
capitals, such as FOLDER, stands for what differs from one machine to another.

The exit code is what a command ends with: 2 bad input, 3 bad weight file, 4 the numbers failed, 5
input or output. In Python the class is what is raised, a subclass of `zoo.ZooError`.
"""


def all_messages() -> dict[str, list[Message]]:
    """What comes of every case, by room."""
    return {room: collect(cases) for room, cases in ROOMS.items()}


def document(rooms: Mapping[str, Sequence[Message]]) -> str:
    """The whole file."""
    anchors = {room: re.sub(r"[^a-z -]", "", room.lower()).replace(" ", "-") for room in rooms}
    links = [f"- [{room}](#{anchors[room]}): {len(each)}" for room, each in rooms.items()]
    parts = [HEAD, *links, ""]
    for room, messages in rooms.items():
        parts += [f"## {room}\n", *map(entry, messages)]
    return "\n".join(parts)


def entry(message: Message) -> str:
    """One message, below its title."""
    kind = [] if message.command else [f"`{message.kind}`"]
    about = ", ".join([*kind, f"exit code {message.exit_code}"])
    shown = [f"$ {message.command}"] if message.command else []
    shown += [wrapped(line) for line in message.words.split("\n")]
    return "\n".join([f"**{message.title}** ({about})\n", "```", *shown, "```", ""])


def wrapped(line: str) -> str:
    """A line as a terminal of this width shows it, but broken between words."""
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.fill(
        line,
        WIDTH,
        subsequent_indent=indent,
        drop_whitespace=True,
        break_long_words=False,
        break_on_hyphens=False,
    )
