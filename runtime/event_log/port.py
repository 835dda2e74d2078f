"""What the control room needs of an event log, whatever stores it."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias

from domain.commands import COMMAND_OWNERS, Command
from domain.events import Event
from domain.units import Millis

Message: TypeAlias = Command | Event


class LogRecord(NamedTuple):
    """One line of the log: an input, or an event that an input or a timer caused.

    Attributes
    ----------
    seq : int
        Position in the log, from 1 without gaps; 0 marks a derived event: published, but never appended.
    at_ms : int
        When it happened: never smaller than that of the record before it.
    cause_seq : int or None
        ``seq`` of the input that caused an event; None for inputs and for what timers caused.
    message : Command or Event
        What happened.

    Notes
    -----
    A tuple, because one is made for every command and every event, and a tuple is made three times as fast
    as a frozen dataclass.
    """

    seq: int
    at_ms: Millis
    cause_seq: int | None
    message: Message

    @property
    def is_input(self) -> bool:
        """Whether this record is an accepted command (events are recomputed from inputs)."""
        return type(self.message) in COMMAND_OWNERS


@dataclass(frozen=True, slots=True)
class LogHeader:
    """What a log says of itself before its first record.

    Attributes
    ----------
    engine_version : str
        Version of the engines that write it; a tail written by another version is refused.
    scenario : str
        Name of the scenario or city.
    scenario_hash : str
        Hash of the scenario and its city, hexadecimal.
    policy : str
        Policy in force when the log was opened, a key of ``MATCHERS``.
    seed : int or None
        Root seed of a simulated log; None for a live one, which cannot be simulated again.
    """

    engine_version: str
    scenario: str
    scenario_hash: str
    policy: str
    seed: int | None = None


class EventLog(Protocol):
    """An append-only log. Appending returns at once; the future is done when the records are durable."""

    @property
    def header(self) -> LogHeader:
        """What the log says of itself."""
        ...

    def append(self, records: Sequence[LogRecord]) -> "Future[None]":
        """Append records in order, all or none.

        Returns
        -------
        Future of None
            Done when the records are durable; its exception is a ``LogError`` when they cannot be. Of no
            records: done when everything appended before is durable.

        Raises
        ------
        LogError
            If the records do not continue the log.
        """
        ...

    def read(self, after_seq: int = 0) -> Iterator[LogRecord]:
        """Yield the records with a larger ``seq``, in order."""
        ...

    def close(self) -> None:
        """Make everything appended durable, then let go of the storage."""
        ...
