"""Multiple shooting: into how many pieces training cuts a path."""

from dataclasses import dataclass

from ...errors import ConfigError


@dataclass(frozen=True)
class Shooting:
    """How training shoots at a path: at once, or in windows that each begin anew.

    A long path, or one that a small change turns elsewhere, is fitted better in pieces: multiple
    shooting cuts it into `windows`, each solved from a state of its own, and adds the squared jumps
    from one to the next, by the weight `continuity` (Bock and Plitt 1984).

    Raises `ConfigError` for windows below 1 or a weight below 0.
    """

    windows: int = 1
    continuity: float = 1.0

    def __post_init__(self) -> None:
        if self.windows < 1 or self.continuity < 0:
            raise ConfigError(
                f"windows = {self.windows}, continuity = {self.continuity}: expected 1 or more "
                "windows, and a weight of 0 or more."
            )
