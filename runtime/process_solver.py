"""The live solver: a policy works in a process of its own, so that a hard decision never holds up the API."""

import multiprocessing
import os
import pickle
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from multiprocessing.connection import Connection
from typing import TypeAlias

import structlog

from dispatch.fallback import DEFAULT_LIMITS, plan_fallback
from dispatch.matching import MATCHERS, Budget
from dispatch.params import VerifierParams
from dispatch.prepositioning import with_moves
from dispatch.snapshot import Snapshot
from domain.plans import DispatchPlan
from domain.ports import TravelTimes
from domain.units import SECOND_MS, Millis

_log = structlog.get_logger(__name__)


class ProcessSolver:
    """Has one worker process solve, one decision after the other.

    A plan is due as soon as it is back. When the worker dies, the fallback answers that decision at once, in
    this process, and a new worker is started.

    Parameters
    ----------
    policy : str
        A key of ``MATCHERS``.
    travel : TravelTimes
        The city's travel times; pickled once, for the worker.
    time_limit_ms : int
        Wall time after which a search is asked to stop with what it has.
    limits : VerifierParams
        The city's soft limits, which bundles of the fallback keep.
    stands_in : bool
        Whether the fallback answers for a worker that died; otherwise `take` raises what happened.
    niceness : int
        By how much the worker gives way to others.
    """

    def __init__(
        self,
        policy: str,
        travel: TravelTimes,
        *,
        time_limit_ms: Millis = 2 * SECOND_MS,
        limits: VerifierParams = DEFAULT_LIMITS,
        stands_in: bool = True,
        niceness: int = 0,
    ) -> None:
        self.on_ready: Callable[[], None] | None = None
        self._policy = policy
        self._travel = travel
        self._pickled = pickle.dumps(travel, protocol=pickle.HIGHEST_PROTOCOL)
        self._time_limit_ms = time_limit_ms
        self._limits = limits
        self._stands_in = stands_in
        self._niceness = niceness
        self._solving: tuple[Snapshot, Future[DispatchPlan]] | None = None
        self._worker = _Worker(self._pickled, niceness)

    @property
    def worker_pid(self) -> int:
        """Process id of the worker."""
        return self._worker.pid

    def start(self, snapshot: Snapshot, now_ms: Millis) -> None:
        """Hand a snapshot to the worker.

        Dispatch asks anew only when the decision before was answered or given up: a worker that is still at
        work on one has lost its way, and is replaced.
        """
        if self._solving is not None and not self._solving[1].done():
            self._replace_worker("it was still at work on a decision that was given up")
        self._solving = snapshot, self._submit(snapshot)

    def next_ready_ms(self) -> Millis | None:
        """Return 0, which is always due, when the plan is back."""
        return 0 if self._solving is not None and self._solving[1].done() else None

    def take(self, now_ms: Millis) -> DispatchPlan | None:
        """Return the plan if it is back."""
        if self._solving is None or not self._solving[1].done():
            return None
        snapshot, future = self._solving
        self._solving = None
        error = future.exception()
        if error is None:
            return future.result()
        self._replace_worker(str(error))
        if not self._stands_in:
            raise error
        return plan_fallback(snapshot, self._travel, self._limits)

    def close(self) -> None:
        """End the worker."""
        self.on_ready = None
        self._worker.end()

    def _submit(self, snapshot: Snapshot) -> "Future[DispatchPlan]":
        if not self._worker.is_alive():
            self._replace_worker("it died while nobody was waiting for it")
        future = self._worker.ask((self._policy, snapshot, self._time_limit_ms))
        future.add_done_callback(self._tell)
        return future

    def _tell(self, _: "Future[DispatchPlan]") -> None:
        if self.on_ready is not None:
            self.on_ready()

    def _replace_worker(self, reason: str) -> None:
        _log.warning("solver_worker_replaced", reason=reason)
        self._worker.end()
        self._worker = _Worker(self._pickled, self._niceness)


_Question: TypeAlias = tuple[str, Snapshot, Millis]


class _Worker:
    """One process, and a pipe to it; it answers one question at a time.

    A pool of one would do the same with semaphores, about which Python complains on the terminal when this
    process is killed.
    """

    def __init__(self, pickled_travel: bytes, niceness: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, pickled_travel, niceness), daemon=True)
        self._process.start()
        theirs.close()  # so that the pipe ends when the worker does
        self._asking: threading.Thread | None = None

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def ask(self, question: _Question) -> "Future[DispatchPlan]":
        future: Future[DispatchPlan] = Future()
        self._asking = threading.Thread(target=self._wait, args=(question, future), daemon=True)
        self._asking.start()
        return future

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        if self._asking is not None:
            self._asking.join()
        self._pipe.close()

    def _wait(self, question: _Question, future: "Future[DispatchPlan]") -> None:
        try:
            self._pipe.send(question)
            answer = self._pipe.recv()
        except (OSError, EOFError) as error:
            future.set_exception(RuntimeError(f"it died ({type(error).__name__})"))
            return
        if isinstance(answer, DispatchPlan):
            future.set_result(answer)
        else:
            future.set_exception(RuntimeError(answer))


def _work(pipe: Connection, pickled_travel: bytes, niceness: int) -> None:
    """In the worker: leave Ctrl-C to the parent, end with it, and answer its questions."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(niceness)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    travel: TravelTimes = pickle.loads(pickled_travel)  # noqa: S301  (pickled by our own parent)
    while True:
        try:
            question: _Question = pipe.recv()
        except EOFError:
            return
        pipe.send(_answer(question, travel))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _answer(question: _Question, travel: TravelTimes) -> DispatchPlan | str:
    """In the worker: return the plan, or what went wrong with it."""
    policy, snapshot, time_limit_ms = question
    ends_s = time.monotonic() + time_limit_ms / SECOND_MS
    try:
        budget = Budget(should_stop=lambda: time.monotonic() > ends_s)
        return with_moves(snapshot, MATCHERS[policy].decide(snapshot, travel, budget), travel)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
