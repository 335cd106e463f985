"""Every error that the zoo raises on purpose, each with the exit code that a script ends with.

A message says what was got, what was expected and the way out, in that order.
"""

from typing import ClassVar


class ZooError(Exception):
    """Base of all errors that the zoo raises on purpose.

    `exit_code` is what a script ends with: 2 bad input, 3 bad checkpoint or data file,
    4 the numbers failed, 5 input or output.
    """

    exit_code: ClassVar[int] = 1


class ConfigError(ZooError, ValueError):
    """A name, an option or a combination of options that cannot be used."""

    exit_code = 2


class UnknownNameError(ConfigError):
    """A name that is not registered; the message offers the closest names.

    `modules` are those that would have to be asked for (`--use`, `zoo.use`) to know it.
    """

    def __init__(self, message: str, modules: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.modules = modules


class DataError(ZooError, ValueError):
    """Data whose shape, type or values a model cannot take."""

    exit_code = 2


class DynamicsError(ZooError, TypeError):
    """Dynamics that return something else than the derivative of the state they were given."""

    exit_code = 2


class CheckpointError(ZooError):
    """A weight file that is damaged, foreign, or made for another model."""

    exit_code = 3


class DownloadError(ZooError):
    """A downloaded file that is not the known one."""

    exit_code = 3


class NetworkError(ZooError, OSError):
    """A file that cannot be downloaded: no network, no answer, or an answer that is an error."""

    exit_code = 5


class NumericalError(ZooError, ArithmeticError):
    """The numbers failed: a solve, a loss or a weight is not finite."""

    exit_code = 4


class TrainingDivergedError(NumericalError):
    """Training came to nothing that may be called a result.

    Several steps in a row, or all of them, could not be taken; or patience ended a run of which no
    evaluation could be compared. `result` holds what `zoo.fit` would have returned: the last good
    weights and the history.
    """

    def __init__(self, message: str, result: object = None) -> None:
        super().__init__(message)
        self.result = result


class OutputError(ZooError, OSError):
    """A file or folder that cannot be written."""

    exit_code = 5


class ProcessError(ZooError, OSError):
    """Of several processes that compute together another one ended, or does not answer."""

    exit_code = 5


class ZooWarning(UserWarning):
    """Base of the warnings: the result stands, but a user should know."""
