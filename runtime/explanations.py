"""Logged explanations come out again: the log is replayed, and each decision explained a second time.

A replay rebuilds the snapshot of every decision, as the policy saw it: engines start empty, take in the
inputs of the log one by one, and every event on the way is compared with the logged one.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import takewhile

from dispatch.explain_again import Explained, explain_again
from dispatch.snapshot import Snapshot
from domain.commands import ApplyPlan
from domain.errors import LogError
from domain.ids import DecisionId, OrderId
from domain.plans import DispatchPlan
from domain.units import Millis
from runtime.bootstrap import build_engines
from runtime.city_setup import CitySetup
from runtime.event_log.port import EventLog, LogHeader, LogRecord
from runtime.replay import replay
from runtime.solver import ReplaySolver


@dataclass(frozen=True, slots=True)
class Compared:
    """One logged explanation, and the one that comes out again.

    Attributes
    ----------
    seq, at_ms : int
        The record of the plan that holds it.
    decision_id, policy : str
        Which decision, and who decided.
    explained : Explained
        Both explanations of one order.
    """

    seq: int
    at_ms: Millis
    decision_id: DecisionId
    policy: str
    explained: Explained


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What computing explanations again came to.

    Attributes
    ----------
    decisions : int
        Plans looked at.
    checked : int
        Explanations compared.
    incomparable : int
        Plans whose explanations cannot be computed again: a clock cut the search short, or the policy is no
        longer known.
    mismatches : tuple of Compared
        Explanations that came out differently.
    """

    decisions: int
    checked: int
    incomparable: int
    mismatches: tuple[Compared, ...]


def recompute_all(log: EventLog, setup: CitySetup) -> Recomputed:
    """Compute every explanation of a log again.

    Parameters
    ----------
    log : EventLog
        A log; it is replayed from its first record.
    setup : CitySetup
        The city of the log. One that has seen no other log: places get their keys as they are met.

    Raises
    ------
    LogError
        If an event differs from the logged one.
    """
    return _recompute(log, setup, lambda _: True)


def recompute(log: EventLog, setup: CitySetup, order_id: OrderId) -> Recomputed:
    """Compute the explanations of one order again; the replay ends after the last plan that names it.

    Raises
    ------
    LogError
        If an event up to there differs from the logged one.
    """
    plans = (record.seq for record in log.read() if _names(record, order_id))
    last_seq = max(plans, default=0)
    return _recompute(_Beginning(log, last_seq), setup, lambda found: found.order_id == order_id)


def _names(record: LogRecord, order_id: OrderId) -> bool:
    message = record.message
    return isinstance(message, ApplyPlan) and order_id in _explained_orders(message.plan)


def _explained_orders(plan: DispatchPlan) -> Iterator[OrderId]:
    for trip in plan.trips:
        yield from trip.order_ids
    for addition in plan.additions:
        yield from addition.added
    for hold in plan.holds:
        yield hold.order_id


def _recompute(log: EventLog, setup: CitySetup, wanted: Callable[[Explained], bool]) -> Recomputed:
    engines = build_engines(setup)
    watching = _Watching(setup, wanted)
    replay(engines.by_name, log, engines.dispatch, solver=watching, listener=watching.hear)
    return Recomputed(watching.decisions, watching.checked, watching.incomparable, tuple(watching.mismatches))


class _Watching(ReplaySolver):
    """Keeps the snapshot of the pending decision, and compares its plan's explanations when it is applied."""

    def __init__(self, setup: CitySetup, wanted: Callable[[Explained], bool]) -> None:
        super().__init__()
        self.decisions = self.checked = self.incomparable = 0
        self.mismatches: list[Compared] = []
        self._travel = setup.travel
        self._limits = setup.dispatch_params.verifier
        self._wanted = wanted
        self._asked: Snapshot | None = None

    def start(self, snapshot: Snapshot, now_ms: Millis) -> None:
        """Keep a snapshot until its plan comes."""
        self._asked = snapshot

    def hear(self, records: Sequence[LogRecord]) -> None:
        """Compare the plan of a step that has one."""
        for record in records:
            if isinstance(record.message, ApplyPlan):
                self._compare(record, record.message.plan)

    def _compare(self, record: LogRecord, plan: DispatchPlan) -> None:
        if self._asked is None or self._asked.decision_id != plan.decision_id:
            raise LogError(f"record {record.seq}: plan of decision {plan.decision_id!r}, which was not asked")
        found = explain_again(self._asked, plan, self._travel, self._limits)
        self.decisions += 1
        if found is None:
            self.incomparable += 1
            return
        for explained in filter(self._wanted, found):
            self.checked += 1
            if not explained.is_same:
                self.mismatches.append(
                    Compared(record.seq, record.at_ms, plan.decision_id, plan.policy, explained)
                )


class _Beginning:
    """The first records of a log, for a replay that need not go to its end."""

    def __init__(self, log: EventLog, last_seq: int) -> None:
        self._log = log
        self._last_seq = last_seq

    @property
    def header(self) -> LogHeader:
        return self._log.header

    def append(self, records: Sequence[LogRecord]) -> "Future[None]":
        return self._log.append(records)

    def read(self, after_seq: int = 0) -> Iterator[LogRecord]:
        return takewhile(lambda record: record.seq <= self._last_seq, self._log.read(after_seq))

    def close(self) -> None:
        """Do nothing: the log stays open."""
