"""Paths on the command line, refused where no disk can hold them."""

import os
from pathlib import Path

from ..errors import ConfigError

LONGEST = 255
"""Bytes of a file's or folder's own name."""


class IsPath:
    """Marks an option of a command as a path: `Annotated[str, IsPath()]`."""

    def check(self, option: str, value: str) -> None:
        """Raise `ConfigError` for a path of which a part is too long.

        What Python answers to such a path, an error or that it is not there, depends on its
        version.
        """
        for part in Path(value).parts:
            size = len(os.fsencode(part))
            if size > LONGEST:
                raise ConfigError(
                    f"{option} {part[:20]}...: a name of {size} bytes, and a disk takes at most "
                    f"{LONGEST}. Choose a shorter one."
                )
