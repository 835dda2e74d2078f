"""The control room of one city: routes commands and events between engines and writes the log.

It is synchronous and reads no clock. A driver (SimPy or asyncio) says what time it is; timers fire at their
own due time, earliest first, before the message at hand, so that a late driver changes nothing.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple, Protocol

from domain.commands import COMMAND_OWNERS, ApplyPlan, Command
from domain.errors import ConflictError, RefusedError
from domain.events import DERIVED_EVENTS, DecisionRequested, Event
from domain.ids import DecisionId
from domain.units import Millis
from runtime.event_log.port import EventLog, LogRecord
from runtime.solver import DecisionSource, Solver


class Engine(Protocol):
    """A synchronous, deterministic engine: a message and the time go in, events come out."""

    @property
    def state(self) -> Any:  # noqa: ANN401  (each engine has its own state type)
        """Everything the engine remembers: a dataclass that can be stored and restored."""
        ...

    def restore(self, state: Any) -> None:  # noqa: ANN401
        """Take up a state that was stored before."""
        ...

    def handle(self, message: Command | Event, now_ms: Millis) -> list[Event]:
        """Take in a command (which may be refused) or an event (which may not)."""
        ...

    def next_wakeup_ms(self) -> Millis | None:
        """Return when the engine wants to be woken, if at all."""
        ...

    def wake(self, now_ms: Millis) -> list[Event]:
        """Do what is due."""
        ...


_new_tuple = tuple.__new__
"""Makes a named tuple without the detour through its own ``__new__``: two are made for every message."""

Listener = Callable[[Sequence[LogRecord]], None]
"""Called with the records of one step as soon as the engines are done, before they are durable."""


class Outcome(NamedTuple):
    """What one step did.

    Attributes
    ----------
    records : sequence of LogRecord
        Input and events in order, derived events included (their ``seq`` is 0).
    durable : Future of None or None
        Done when everything up to here is in the log for good; None when nothing was appended.
    """

    records: Sequence[LogRecord]
    durable: "Future[None] | None"

    @property
    def events(self) -> list[Event]:
        """The events among the records."""
        return [record.message for record in self.records if not record.is_input]  # type: ignore[misc]


class ControlRoom:
    """Engines, their log and the solver of one city.

    Parameters
    ----------
    engines : mapping of str to Engine
        By the owner names of ``COMMAND_OWNERS``; the order of the mapping is the order of routing.
    log : EventLog
        Where every input and event goes.
    solver : Solver
        Who answers decisions.
    decisions : DecisionSource
        Who hands out the snapshot of a requested decision: the dispatch engine.
    last : LogRecord or None
        The last record already in the log, None for a new log.
    """

    def __init__(
        self,
        engines: Mapping[str, Engine],
        log: EventLog,
        solver: Solver,
        decisions: DecisionSource,
        last: LogRecord | None = None,
    ) -> None:
        self.engines = dict(engines)
        self.log = log
        self._solver = solver
        self._decisions = decisions
        self._seq = last.seq if last else 0
        self._now_ms = last.at_ms if last else 0
        self._listeners: list[Listener] = []
        # When the first engine wants to be woken; asked anew only after an engine has done something.
        self._wakeup_ms: Millis | None = None
        self._wakeup_is_known = False

    @property
    def seq(self) -> int:
        """Number of the last record."""
        return self._seq

    @property
    def now_ms(self) -> Millis:
        """The latest time that any driver has told."""
        return self._now_ms

    def subscribe(self, listener: Listener) -> None:
        """Call a listener with the records of every step from now on."""
        self._listeners.append(listener)

    def next_due_ms(self) -> Millis | None:
        """Return the earliest instant at which a timer or a plan is due."""
        if not self._wakeup_is_known:
            self._wakeup_ms = None
            for engine in self.engines.values():
                due_ms = engine.next_wakeup_ms()
                if due_ms is not None and (self._wakeup_ms is None or due_ms < self._wakeup_ms):
                    self._wakeup_ms = due_ms
            self._wakeup_is_known = True
        wakeup_ms, ready_ms = self._wakeup_ms, self._solver.next_ready_ms()
        return wakeup_ms if ready_ms is None or (wakeup_ms is not None and wakeup_ms < ready_ms) else ready_ms

    def advance(self, now_ms: Millis) -> Outcome:
        """Fire everything due up to an instant, each at its own due time, earliest first.

        At the same instant engines come before plans, in their order, so that a replay, in which plans are
        inputs of the log, sees the same sequence.
        """
        records: list[LogRecord] = []
        durable: Future[None] | None = None
        while (due := self.next_due_ms()) is not None and due <= now_ms:
            step = self._fire(max(due, self._now_ms))
            if step is not None:
                records += step.records
                durable = step.durable or durable
        self._now_ms = max(self._now_ms, now_ms)
        return Outcome(records, durable)

    def submit(self, command: Command, now_ms: Millis) -> Outcome:
        """Advance to an instant, then have a command handled by its owner.

        Returns
        -------
        Outcome
            The records of this command alone; those of timers that fired before it went to the listeners.

        Raises
        ------
        RefusedError
            If the owner refuses it; nothing has changed and nothing was logged.
        """
        due_ms = self.next_due_ms()
        if due_ms is not None and due_ms <= now_ms:
            self.advance(now_ms)
        elif now_ms > self._now_ms:
            self._now_ms = now_ms
        return self._take_in(command, self._now_ms)

    def resume_decision(self) -> None:
        """Ask the solver again for a decision whose plan never came back (after a restart)."""
        request = self._decisions.pending_decision(self._now_ms)
        if request is not None:
            self._solver.start(request, self._now_ms)

    def _fire(self, at_ms: Millis) -> Outcome | None:
        self._now_ms = at_ms
        self._wakeup_is_known = False
        for name, engine in self.engines.items():
            due = engine.next_wakeup_ms()
            if due is not None and due <= at_ms:
                return self._write(None, self._route(name, engine.wake(at_ms), at_ms), at_ms)
        plan = self._solver.take(at_ms)
        if plan is None:
            return None
        try:
            return self._take_in(ApplyPlan(plan), at_ms)
        except RefusedError:
            # It came after dispatch had given it up; nothing has changed and the next epoch decides anew.
            return None

    def _take_in(self, command: Command, at_ms: Millis) -> Outcome:
        owner = COMMAND_OWNERS[type(command)]
        engine = self.engines.get(owner)
        if engine is None:
            raise ConflictError(f"{type(command).__name__}: {owner} answers for it and does not run here")
        self._wakeup_is_known = False
        events = engine.handle(command, at_ms)
        return self._write(command, self._route(owner, events, at_ms), at_ms)

    def _route(self, source: str, events: list[Event], at_ms: Millis) -> list[Event]:
        """Hand every event to all other engines, first in first out, until nothing new comes."""
        if not events or len(self.engines) == 1:
            return events
        happened: list[Event] = []
        waiting = deque((source, event) for event in events)
        while waiting:
            origin, event = waiting.popleft()
            happened.append(event)
            for name, engine in self.engines.items():
                if name != origin:
                    waiting.extend((name, caused) for caused in engine.handle(event, at_ms))
        return happened

    def _write(self, command: Command | None, events: list[Event], at_ms: Millis) -> Outcome:
        records: list[LogRecord] = []
        seq = self._seq
        cause_seq: int | None = None
        asked: DecisionId | None = None
        derived = False
        if command is not None:
            seq = cause_seq = seq + 1
            records.append(_new_tuple(LogRecord, (seq, at_ms, None, command)))
        for event in events:
            kind = type(event)
            if kind in DERIVED_EVENTS:
                derived = True
                records.append(LogRecord(0, at_ms, cause_seq, event))
                continue
            seq += 1
            records.append(_new_tuple(LogRecord, (seq, at_ms, cause_seq, event)))
            if kind is DecisionRequested:
                asked = event.decision_id  # type: ignore[union-attr]  # its type was compared
        self._seq = seq
        appended = [record for record in records if record.seq] if derived else records
        durable = self.log.append(appended) if appended else None
        if asked is not None:
            self._solver.start(self._decisions.decision(asked), at_ms)
        for listener in self._listeners:
            listener(records)
        return _new_tuple(Outcome, (records, durable))
