"""Wall-clock time as the driver of a control room: the live one, behind the API.

Everything happens on one event loop. A command is answered, and listeners hear of anything, only when it is
durably in the log; a log that cannot be written stops the driver for good.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from domain.commands import Command
from domain.errors import LogError, PeaklineError
from domain.events import Event
from domain.units import SECOND_MS, Millis
from runtime.control_room import ControlRoom
from runtime.event_log.port import LogRecord
from runtime.live_clock import LiveClock

TICK_S = 0.05
"""The longest rest between two looks at timers, plans and the simulated world, in wall seconds."""

PublishedListener = Callable[[Sequence[LogRecord]], None]
"""Called on the loop with records that are durable, in their sequence, derived ones included."""

_log = structlog.get_logger(__name__)


class SteppedWorld(Protocol):
    """A simulated world that shares the control room; it submits with its own stamps."""

    def run_until(self, at_ms: Millis) -> None:
        """Simulate up to and including an instant."""
        ...


@dataclass(slots=True)
class _Batch:
    """The records of one step, on their way to the listeners."""

    records: Sequence[LogRecord]
    durable: "Future[None]"
    published: bool = False
    waiters: "list[asyncio.Future[None]]" = field(default_factory=list)


class AsyncioDriver:
    """Runs a control room at a rate of the wall clock.

    Parameters
    ----------
    room : ControlRoom
        The control room; from now on nobody else tells it the time, except ``world``.
    rate : float
        How much faster than the wall clock.
    starts_at_ms : int or None
        The instant at which time starts; None: the wall clock's. Never before what the room knows already.
    world : SteppedWorld or None
        A simulated city in the same control room, stepped before every command and every 50 ms.
    monotonic : callable
        Seconds that never go back; a test gives its own.

    Attributes
    ----------
    failed : Future of LogError
        Done when the driver had to stop, with the reason.
    """

    def __init__(
        self,
        room: ControlRoom,
        *,
        rate: float = 1.0,
        starts_at_ms: Millis | None = None,
        world: SteppedWorld | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        starts = int(time.time() * SECOND_MS) if starts_at_ms is None else starts_at_ms
        self.room = room
        self.failed: Future[LogError] = Future()
        self._clock = LiveClock(max(starts, room.now_ms), rate, monotonic)
        self._world = world
        self._listeners: list[PublishedListener] = []
        self._heard: list[LogRecord] = []
        self._sealed: deque[_Batch] = deque()
        self._watched: Future[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._nudged = asyncio.Event()
        self._rests_until_ms: Millis | None = None
        self._stopping = False
        room.subscribe(self._heard.extend)

    @property
    def rate(self) -> float:
        """How much faster than the wall clock time runs."""
        return self._clock.rate

    @property
    def is_simulated(self) -> bool:
        """Whether a simulated world shares the control room."""
        return self._world is not None

    def now_ms(self) -> Millis:
        """Return the present instant of the control room's time line; it never goes back."""
        return self._clock.now_ms()

    def subscribe(self, listener: PublishedListener) -> None:
        """Call a listener with everything that happens from now on, once it is durable."""
        self._listeners.append(listener)

    async def submit(self, command: Command) -> list[Event]:
        """Have a command handled now, and wait until it is durable and the listeners know.

        A caller who gives up waiting changes nothing: the command was carried out.

        Returns
        -------
        list of Event
            What the command caused.

        Raises
        ------
        RefusedError, InvalidValueError
            If the owner refuses it; nothing has changed.
        LogError
            If it could not be made durable; the driver stops.
        """
        self._loop = asyncio.get_running_loop()
        events, batch = self._take_in(command)
        await self._published(self._loop, batch)
        return events

    async def run(self) -> None:
        """Let time pass until ``stop`` is called.

        Raises
        ------
        LogError
            If the log cannot be written any more, or an engine broke down.
        """
        self._loop = asyncio.get_running_loop()
        while not self._stopping:
            self._check_alive()
            self._step(self.now_ms())
            self._seal()
            await self._rest()
        self._check_alive()

    async def stop(self) -> None:
        """Refuse new commands, and wait until everything that happened is durable and published.

        Raises
        ------
        LogError
            If that is not possible.
        """
        self._loop = asyncio.get_running_loop()
        self._stopping = True
        self.nudge()
        await self._published(self._loop, self._seal())

    def catch_up(self, to_ms: Millis) -> None:
        """Simulate at full speed up to an instant and go on from there; before the loop runs.

        Raises
        ------
        LogError
            If what happened cannot be made durable.
        """
        self._clock.jump_to(to_ms)
        self._step(max(to_ms, self.room.now_ms))
        self._clock.jump_to(to_ms)
        batch = self._seal()
        if not batch.published:
            batch.durable.exception()
            self._publish_durable()
        self._check_alive()

    def nudge(self) -> None:
        """Have timers and plans looked at right away; from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._nudged.set)

    async def _published(self, loop: asyncio.AbstractEventLoop, batch: _Batch) -> None:
        if not batch.published:
            self._check_alive()
            waiter = loop.create_future()
            batch.waiters.append(waiter)
            await waiter

    def _take_in(self, command: Command) -> tuple[list[Event], _Batch]:
        self._check_alive()
        if self._stopping:
            raise LogError("the control room is stopping; nothing was done")
        now_ms = self.now_ms()
        self._step(now_ms)
        try:
            outcome = self.room.submit(command, now_ms)
        except LogError as error:
            self._fail(error)
            raise
        except PeaklineError:
            self._seal()
            raise
        except Exception as error:
            raise self._break_down(f"handling {command!r}", error) from error
        due_ms = self.room.next_due_ms()
        if due_ms is not None and self._rests_until_ms is not None and due_ms < self._rests_until_ms:
            self._nudged.set()
        return outcome.events, self._seal()

    def _step(self, now_ms: Millis) -> None:
        try:
            if self._world is not None:
                self._world.run_until(now_ms)
            self.room.advance(now_ms)
        except Exception as error:
            raise self._break_down(f"stepping to {now_ms}", error) from error

    def _break_down(self, doing: str, error: Exception) -> LogError:
        """Stop after a bug in an engine: its state may be half changed, the log is what counts."""
        failure = LogError(f"the control room broke down while {doing}: {type(error).__name__}: {error}")
        failure.__cause__ = error
        self._fail(failure)
        return failure

    def _seal(self) -> _Batch:
        """Put what the room told since last time in line for publishing."""
        records = self._heard.copy()
        self._heard.clear()
        batch = _Batch(records, self.room.log.append(()))
        self._sealed.append(batch)
        if batch.durable.done():
            self._publish_durable()
        elif batch.durable is not self._watched and self._loop is not None:
            self._watched = batch.durable
            batch.durable.add_done_callback(self._on_durable)
        return batch

    def _on_durable(self, _: "Future[None]") -> None:
        """On the writer's thread: have the loop publish."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._publish_durable)

    def _publish_durable(self) -> None:
        while self._sealed and self._sealed[0].durable.done():
            error = self._sealed[0].durable.exception()
            if error is not None:
                self._fail(error if isinstance(error, LogError) else LogError(str(error)))
                return
            batch = self._sealed.popleft()
            if batch.records:
                self._publish(batch.records)
            batch.published = True
            for waiter in batch.waiters:
                if not waiter.done():
                    waiter.set_result(None)

    def _publish(self, records: Sequence[LogRecord]) -> None:
        for listener in self._listeners:
            try:
                listener(records)
            except Exception:
                # One listener's bug must not keep the news from the others.
                _log.exception("listener_failed", listener=repr(listener), seq=records[-1].seq)

    def _fail(self, error: LogError) -> None:
        if not self.failed.done():
            _log.error("driver_stopped", reason=str(error))
            self.failed.set_result(error)
        while self._sealed:
            for waiter in self._sealed.popleft().waiters:
                if not waiter.done():
                    waiter.set_exception(error)
        self.nudge()

    def _check_alive(self) -> None:
        if self.failed.done():
            raise LogError(str(self.failed.result())) from self.failed.result()

    async def _rest(self) -> None:
        due_ms = self.room.next_due_ms()
        rest_s = TICK_S if due_ms is None else min(TICK_S, self._clock.seconds_until(due_ms))
        self._rests_until_ms = self.now_ms() + int(rest_s * self.rate * SECOND_MS)
        try:
            async with asyncio.timeout(rest_s):
                await self._nudged.wait()
        except TimeoutError:
            pass
        self._nudged.clear()
