"""The first look at a command line: one walk, before it is known which options there are."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..errors import ConfigError

_SUCH_AS = {
    "--use": "mymodule",
    "--model": "odenet",
    "--dataset": "moons",
    "--recipe": "digits-odenet",
    "--task": "regression",
    "--out": "myrun",
    "--from": "runs/digits",
}
_HELP = {"-h", "--help"}
_NEGATIVE = re.compile(r"-\d+|-\d*\.\d+")


@dataclass(frozen=True)
class CommandLine:
    """What was typed after a command's name, and which values stand behind each option in it.

    Every command is given one. It is what decides which further options there are, such as
    `--model.dynamics`; these are read once, by tyro, see `zoo.cli.parsing.parse`.
    """

    words: tuple[str, ...] = ()
    given: Mapping[str, tuple[str | None, ...]] = field(default_factory=dict)
    """The options in their order, `--split_seed` as `--split-seed`, with their values; None where
    an option stands without one."""

    @classmethod
    def of(cls, words: Sequence[str]) -> "CommandLine":
        """Walk over what was typed, once."""
        given: dict[str, tuple[str | None, ...]] = {}
        left = iter(enumerate(words, start=1))
        for following, word in left:
            name, equals, value = word.partition("=")
            if not name.startswith("--") or name == "--":
                continue
            told: str | None = value if equals else None
            if not equals and following < len(words) and _is_value(words[following]):
                told = next(left)[1]
            name = name.replace("_", "-")
            given[name] = (*given.get(name, ()), told)
        return cls(tuple(words), given)

    def has(self, option: str) -> bool:
        """Whether an option was typed."""
        return option.replace("_", "-") in self.given

    @property
    def asks_for_help(self) -> bool:
        """Whether `--help` or `-h` was typed."""
        return not _HELP.isdisjoint(self.words)

    def all_values_of(self, option: str) -> list[str]:
        """Every value that an option was given, in that order.

        Raises `ConfigError` where it stands there without one.
        """
        values = self.given.get(option.replace("_", "-"), ())
        if None in values:
            example = _SUCH_AS.get(option)
            such_as = f", such as {option} {example}" if example else ""
            raise ConfigError(f"{option} needs a value{such_as}.")
        return [value for value in values if value is not None]

    def value_of(self, option: str) -> str | None:
        """The value of an option, the last of several; None where it is not given."""
        values = self.all_values_of(option)
        return values[-1] if values else None


NOTHING_TYPED = CommandLine()


def _is_value(word: str) -> bool:
    """Whether a word is read as a value where it follows an option, as argparse and tyro do."""
    return not word.startswith("-") or word == "-" or " " in word or bool(_NEGATIVE.fullmatch(word))
