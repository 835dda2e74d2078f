"""The live solver: a policy works in a process of its own, so that a hard decision never holds up the API."""

import contextlib
import multiprocessing
import os
import pickle
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor

import structlog

from dispatch.matching import MATCHERS, Budget
from dispatch.snapshot import Snapshot
from domain.plans import DispatchPlan
from domain.ports import TravelTimes
from domain.units import SECOND_MS, Millis

FALLBACK_POLICY = "nearest"
"""The policy that answers, in this process, when the worker has died."""

_log = structlog.get_logger(__name__)


class ProcessSolver:
    """Has one worker process solve, one decision after the other.

    A plan is due as soon as it is back. When the worker dies, that decision is answered at once with
    ``nearest``, and a new worker is started.

    Parameters
    ----------
    policy : str
        A key of ``MATCHERS``.
    travel : TravelTimes
        The city's travel times; pickled once, for the worker.
    time_limit_ms : int
        Wall time after which a search is asked to stop with what it has.
    """

    def __init__(self, policy: str, travel: TravelTimes, *, time_limit_ms: Millis = 2 * SECOND_MS) -> None:
        self.on_ready: Callable[[], None] | None = None
        self._policy = policy
        self._travel = travel
        self._pickled = pickle.dumps(travel, protocol=pickle.HIGHEST_PROTOCOL)
        self._time_limit_ms = time_limit_ms
        self._solving: tuple[Snapshot, Future[DispatchPlan]] | None = None
        self._pool, self._worker_pid = self._start_worker()

    @property
    def worker_pid(self) -> int:
        """Process id of the worker; waits until it is up."""
        return self._worker_pid.result()

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
        self._replace_worker(f"{type(error).__name__}: {error}")
        return MATCHERS[FALLBACK_POLICY].decide(snapshot, self._travel, Budget())

    def close(self) -> None:
        """End the worker."""
        self.on_ready = None
        if self._worker_pid.done() and self._worker_pid.exception() is None:
            _kill(self._worker_pid.result())
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _submit(self, snapshot: Snapshot) -> "Future[DispatchPlan]":
        try:
            future = self._pool.submit(_solve, self._policy, snapshot, self._time_limit_ms)
        except RuntimeError as error:
            # The worker died while nobody was waiting for it.
            self._replace_worker(f"{type(error).__name__}: {error}")
            future = self._pool.submit(_solve, self._policy, snapshot, self._time_limit_ms)
        future.add_done_callback(self._tell)
        return future

    def _tell(self, _: "Future[DispatchPlan]") -> None:
        if self.on_ready is not None:
            self.on_ready()

    def _start_worker(self) -> "tuple[ProcessPoolExecutor, Future[int]]":
        pool = ProcessPoolExecutor(
            max_workers=1,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(self._pickled,),
        )
        return pool, pool.submit(os.getpid)

    def _replace_worker(self, reason: str) -> None:
        _log.warning("solver_worker_replaced", reason=reason)
        if self._worker_pid.done() and self._worker_pid.exception() is None:
            _kill(self._worker_pid.result())
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool, self._worker_pid = self._start_worker()


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


_travel: TravelTimes | None = None


def _begin(pickled: bytes) -> None:
    """In the worker: take up the travel times, leave Ctrl-C to the parent, and end with it."""
    global _travel  # noqa: PLW0603  (the worker's only memory; pool workers have no other place for it)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _travel = pickle.loads(pickled)  # noqa: S301  (pickled by our own parent)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _solve(policy: str, snapshot: Snapshot, time_limit_ms: Millis) -> DispatchPlan:
    """In the worker: answer one decision."""
    if _travel is None:
        raise RuntimeError("the worker was not begun")
    ends_s = time.monotonic() + time_limit_ms / SECOND_MS
    return MATCHERS[policy].decide(snapshot, _travel, Budget(should_stop=lambda: time.monotonic() > ends_s))
