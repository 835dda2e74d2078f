"""Replay and recovery: the logged inputs are handled again, and must give the logged events again.

Plans are inputs of the log, so that no policy is asked anything; timers fire at their own due times, as they
did then.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from domain.errors import LogError, PeaklineError
from domain.units import Millis
from runtime.control_room import ControlRoom, Engine, Listener
from runtime.event_log.port import EventLog, LogHeader, LogRecord
from runtime.snapshots import EngineSnapshot, SnapshotStore, restore_states
from runtime.solver import DecisionSource, ReplaySolver, Solver

ENGINE_VERSION = "4"
"""Raised whenever the engines answer the same inputs with other events, or keep another state."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay came to.

    Attributes
    ----------
    last : LogRecord or None
        The last record of the log, None for an empty one.
    snapshot_seq : int
        The record from whose snapshot it started, 0 for the beginning.
    inputs : int
        Inputs handled again.
    added : int
        Events after it: those that a cut had taken from the last step, or that came up to ``until_ms``.
    """

    last: LogRecord | None
    snapshot_seq: int
    inputs: int
    added: int


def check_version(log: EventLog, snapshot: EngineSnapshot | None) -> None:
    """See to it that this version of the engines may continue a log.

    It may continue what it wrote itself, and a log that another version closed with a snapshot.

    Raises
    ------
    LogError
        If another version left records after its last snapshot; names the version that must close the log.
    """
    header = log.header
    if header.engine_version == ENGINE_VERSION:
        return
    tail = sum(1 for _ in log.read(snapshot.seq if snapshot else 0))
    if tail:
        raise LogError(
            f"the last {tail} records of the log of {header.scenario!r} were written by engine version "
            f"{header.engine_version}, and this is version {ENGINE_VERSION}: start version "
            f"{header.engine_version} once more and stop it cleanly, then this one can go on"
        )


def replay(
    engines: Mapping[str, Engine],
    log: EventLog,
    decisions: DecisionSource,
    snapshot: EngineSnapshot | None = None,
    *,
    continues: bool = False,
    until_ms: Millis | None = None,
    solver: Solver | None = None,
    listener: Listener | None = None,
) -> Replayed:
    """Bring fresh engines to where a log ends, comparing every event on the way.

    Parameters
    ----------
    engines : mapping of str to Engine
        Fresh engines; afterwards they hold the state at the end of the log.
    log : EventLog
        The log.
    decisions : DecisionSource
        The dispatch engine among them.
    snapshot : EngineSnapshot or None
        Where to start; None: at the beginning.
    continues : bool
        Whether events that the log's last input caused, but that are missing from it, are appended to it.
    until_ms : int or None
        Let time pass up to here after the last record; None: only as far as the log says.
    solver : Solver or None
        Who is shown the snapshots of the decisions; it has no say, because the plans are in the log.
    listener : callable or None
        Hears of every step that happens again.

    Raises
    ------
    LogError
        If an event differs from the logged one, or an input is refused that was once accepted.
    """
    start = 0
    if snapshot is not None:
        start = snapshot.seq
        restore_states(engines, snapshot)
    comparing = _ComparingLog(log, start, continues=continues)
    room = ControlRoom(engines, comparing, solver or ReplaySolver(), decisions, comparing.last)
    if listener is not None:
        room.subscribe(listener)
    inputs = 0
    while (record := comparing.next_input()) is not None:
        inputs += 1
        _handle_again(room, record)
    while (record := comparing.missing()) is not None:
        due_ms = room.next_due_ms()
        if due_ms is None or due_ms > record.at_ms:
            raise LogError(f"record {record.seq} was logged, and does not happen again: {record.message!r}")
        room.advance(due_ms)
    if until_ms is not None:
        room.advance(until_ms)
    return Replayed(comparing.last, start, inputs, comparing.added)


def recover(
    engines: Mapping[str, Engine],
    log: EventLog,
    solver: Solver,
    decisions: DecisionSource,
    snapshots: SnapshotStore,
) -> tuple[ControlRoom, Replayed]:
    """Take up a city where its log ends: newest snapshot, then the inputs after it.

    A decision whose plan never came back is asked for again.

    Raises
    ------
    LogError
        If the log was left open by another engine version, or does not give its own events again.
    """
    snapshot = snapshots.newest_snapshot()
    check_version(log, snapshot)
    replayed = replay(engines, log, decisions, snapshot, continues=True)
    room = ControlRoom(engines, log, solver, decisions, replayed.last)
    room.resume_decision()
    return room, replayed


def _handle_again(room: ControlRoom, record: LogRecord) -> None:
    try:
        room.submit(record.message, record.at_ms)  # type: ignore[arg-type]  # an input is a command
    except LogError:
        raise
    except PeaklineError as error:
        raise LogError(
            f"record {record.seq} was accepted when it was logged, and is refused now ({error}): "
            f"{record.message!r}"
        ) from error


class _ComparingLog:
    """Stands in for the log while it is replayed: what is appended must be what comes next in it."""

    def __init__(self, log: EventLog, start: int, *, continues: bool) -> None:
        self.last: LogRecord | None = None
        self.added = 0
        self._log = log
        self._continues = continues
        self._coming: Iterator[LogRecord] = log.read(max(start - 1, 0))
        self._expected: deque[LogRecord] = deque()
        if start:
            self.last = next(self._coming, None)
            if self.last is None:
                raise LogError(f"the log ends before record {start}, of which there is a snapshot")

    @property
    def header(self) -> LogHeader:
        return self._log.header

    def next_input(self) -> LogRecord | None:
        """Return the next input; events before it, from timers, are expected first."""
        for record in self._coming:
            self._expected.append(record)
            if record.is_input:
                return record
        return None

    def missing(self) -> LogRecord | None:
        """Return the next logged record that has not happened again."""
        return self._expected[0] if self._expected else None

    def append(self, records: Sequence[LogRecord]) -> "Future[None]":
        for at, record in enumerate(records):
            logged = self._next()
            if logged is None:
                return self._beyond(records[at:])
            if record != logged:
                raise LogError(
                    f"record {logged.seq} is not what happens again: logged was {logged}, now it is {record}"
                )
            self.last = logged
        return _done()

    def read(self, after_seq: int = 0) -> Iterator[LogRecord]:
        return self._log.read(after_seq)

    def close(self) -> None:
        """Do nothing: the log stays open."""

    def _next(self) -> LogRecord | None:
        return self._expected.popleft() if self._expected else next(self._coming, None)

    def _beyond(self, records: Sequence[LogRecord]) -> "Future[None]":
        self.last = records[-1]
        self.added += len(records)
        return self._log.append(records) if self._continues else _done()


def _done() -> "Future[None]":
    future: Future[None] = Future()
    future.set_result(None)
    return future
