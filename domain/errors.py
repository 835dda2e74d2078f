"""Every error that Peakline raises on purpose.

::

    PeaklineError                 anything we refuse or find wrong
    |-- InvalidValueError         a field holds an impossible value
    |-- InputFileError            a file is missing, damaged or says something impossible
    |-- LogError                  the event log cannot be read, written or continued
    `-- RefusedError              a command that must not change anything
        |-- UnknownIdError        no such order, rider, merchant, incident, trip ...
        |-- WrongStateError       the state table does not allow it now
        |-- RuleBrokenError       a rule of the city does not allow it
        `-- ConflictError         it contradicts what is already so

The API maps them to problem documents in one table (``api/errors.py``); the CLI to exit code 2.
"""

from collections.abc import Sequence
from typing import Any


class PeaklineError(Exception):
    """Base of all errors that Peakline raises on purpose; the message is written for people."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle message and data, so that an error comes out of a worker process as it was raised there."""
        return _unpickled, (type(self), self.args, self.__dict__)


def _unpickled(kind: type[PeaklineError], args: tuple[Any, ...], data: dict[str, Any]) -> PeaklineError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(data)
    return error


class InvalidValueError(PeaklineError, ValueError):
    """A field holds a value that cannot be.

    Attributes
    ----------
    field : str
        Name of the field.
    value : object
        What it held.
    allowed : str
        What would be right, in words.
    """

    def __init__(self, field: str, value: object, allowed: str) -> None:
        super().__init__(f"{field}: {value!r} is not possible; allowed: {allowed}")
        self.field = field
        self.value = value
        self.allowed = allowed


class InputFileError(PeaklineError):
    """A file is missing, damaged or says something impossible.

    Attributes
    ----------
    path : str
        The file.
    line : int or None
        Its line, from 1, where one is to blame.
    """

    def __init__(self, path: object, message: str, line: int | None = None) -> None:
        where = f"{path}" if line is None else f"{path}:{line}"
        super().__init__(f"{where}: {message}")
        self.path = str(path)
        self.line = line


class LogError(PeaklineError):
    """The event log cannot be read, written or continued."""


class RefusedError(PeaklineError):
    """A command was refused; nothing has changed and nothing was logged."""


class UnknownIdError(RefusedError):
    """No such thing."""

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"there is no {kind} {key!r}")
        self.kind = kind
        self.key = key


class WrongStateError(RefusedError):
    """The state table does not allow this step now."""

    def __init__(self, kind: str, key: str, state: str, step: str, possible: Sequence[str]) -> None:
        steps = ", ".join(possible) or "none"
        super().__init__(f"{kind} {key!r} is {state}: {step} is not possible; possible now: {steps}")
        self.kind = kind
        self.key = key
        self.state = state
        self.step = step
        self.possible = tuple(possible)


class RuleBrokenError(RefusedError):
    """A rule of the city does not allow it.

    Attributes
    ----------
    rule : str
        A stable word of ``dispatch/violations.py``.
    field : str
        The field of the command that would have to be different.
    allowed : str
        What would be right, in words.
    """

    def __init__(self, rule: str, field: str, found: str, allowed: str) -> None:
        super().__init__(f"{field}: {found} ({rule}); allowed: {allowed}")
        self.rule = rule
        self.field = field
        self.allowed = allowed


class ConflictError(RefusedError):
    """The command contradicts what is already so."""
