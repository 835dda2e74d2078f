"""Shadow mode: a second policy decides about the same snapshots, acts on nothing, and is compared.

The acting policy is always asked first, and its plan is handed on before anything is compared. The shadow has
one decision in hand at most: while it is at work on one, those that follow are dropped for it and counted. An
error of the shadow, or in comparing, is counted and goes no further; after some in a row it is asked nothing
more. Nothing of it is logged, so that the log and its hash are those of a room without a shadow.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from dispatch.expected import Expected, expected
from dispatch.metrics import percent, percentile
from dispatch.metrics.metric import ratio
from dispatch.params import VerifierParams
from dispatch.snapshot import Snapshot
from dispatch.verifier import verify
from domain.ids import OrderId
from domain.plans import DispatchPlan
from domain.ports import TravelTimes
from domain.units import MINUTE_MS, Millis
from runtime.solver import Solver

PATIENCE_S = 60.0
"""Wall time after which a shadow that is still at work has lost its way, and is started again."""
FAILURES_IN_A_ROW = 3
"""So many, and the shadow is asked nothing more."""
TIMES_KEPT = 1_000
"""Latest decisions over which latencies are told."""

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Deltas:
    """How much later the shadow would have been, over the orders for which both say when.

    Attributes
    ----------
    count, sooner, later : int
        Orders; those for which the shadow would have been sooner, and later.
    sum_ms : int
        The sum of all differences; negative when the shadow is sooner.
    """

    count: int = 0
    sooner: int = 0
    later: int = 0
    sum_ms: Millis = 0

    def add(self, delta_ms: Millis) -> None:
        """Count one order in."""
        self.count += 1
        self.sooner += delta_ms < 0
        self.later += delta_ms > 0
        self.sum_ms += delta_ms

    def figures(self) -> dict[str, float | None]:
        """Return them as they are told, the mean in minutes."""
        mean_ms = ratio(self.sum_ms, self.count)
        mean_min = None if mean_ms is None else mean_ms / MINUTE_MS
        return {"orders": self.count, "sooner": self.sooner, "later": self.later, "mean_min": mean_min}


@dataclass(slots=True)
class ShadowReport:
    """What comparing two policies came to so far.

    Attributes
    ----------
    policy, acting : str
        The policy in the shadow, and the one that acts.
    asked : int
        Decisions since the start.
    compared : int
        Those for which both answered, and the shadow broke no rule.
    dropped : int
        Those that the shadow was not asked: it was still at work on one before.
    failed : int
        Those that ended in an error of the shadow, or without an answer.
    unanswered : int
        Those that the acting policy did not answer, or with a plan that was refused.
    infeasible : dict
        Plans of the shadow that break a hard rule, by rule; a plan counts once for each.
    infeasible_plans : int
        How many plans that were.
    started : int
        Orders that the acting plan gave to a rider, of the decisions compared.
    same_rider, other_rider, no_rider : int
        Those among them for which the shadow had the same rider, another, or none in mind.
    sent_earlier : int
        Those that the shadow would have given to a rider at an earlier decision; that is what it is held to.
    pickup, dropoff : Deltas
        How much later the shadow expected to pick up and to hand over the orders started.
    acting_s, shadow_s : deque of float
        Wall time of the latest decisions.
    stopped : str
        Why the shadow is asked nothing more; empty while it is.
    """

    policy: str
    acting: str
    asked: int = 0
    compared: int = 0
    dropped: int = 0
    failed: int = 0
    unanswered: int = 0
    infeasible: dict[str, int] = field(default_factory=dict)
    infeasible_plans: int = 0
    started: int = 0
    same_rider: int = 0
    other_rider: int = 0
    no_rider: int = 0
    sent_earlier: int = 0
    pickup: Deltas = field(default_factory=Deltas)
    dropoff: Deltas = field(default_factory=Deltas)
    acting_s: deque[float] = field(default_factory=lambda: deque(maxlen=TIMES_KEPT))
    shadow_s: deque[float] = field(default_factory=lambda: deque(maxlen=TIMES_KEPT))
    stopped: str = ""
    _sent: dict[OrderId, Expected] = field(default_factory=dict)

    def compare(
        self, snapshot: Snapshot, acted: DispatchPlan, thought: DispatchPlan, travel: TravelTimes
    ) -> None:
        """Count in what both policies have in mind for the orders of one decision.

        An order that the shadow would have sent off waits on as long as the acting policy holds it; what
        counts is the rider whom the shadow chose first.
        """
        real = expected(snapshot, acted, travel, frozenset())
        mind = expected(snapshot, thought, travel, real.keys())
        self.compared += 1
        waiting = {order.order_id for order in snapshot.orders}
        before = {order_id: plan for order_id, plan in self._sent.items() if order_id in waiting}
        self._sent = {o: plan for o, plan in mind.items() if plan.starts_now} | before
        for order_id, plan in real.items():
            self.started += 1
            self.sent_earlier += order_id in before
            other = self._sent.pop(order_id, None) or mind.get(order_id)
            if other is None:
                self.no_rider += 1
                continue
            self.same_rider += other.rider_id == plan.rider_id
            self.other_rider += other.rider_id != plan.rider_id
            self.pickup.add(other.pickup_at_ms - plan.pickup_at_ms)
            self.dropoff.add(other.dropoff_at_ms - plan.dropoff_at_ms)

    def figures(self) -> dict[str, Any]:
        """Return everything as it is told."""
        return {
            "policy": self.policy,
            "acting": self.acting,
            "stopped": self.stopped,
            "decisions": {
                "asked": self.asked,
                "compared": self.compared,
                "dropped": self.dropped,
                "failed": self.failed,
                "unanswered": self.unanswered,
                "infeasible": self.infeasible_plans,
            },
            "broken_rules": dict(sorted(self.infeasible.items())),
            "orders": {
                "started": self.started,
                "same_rider": self.same_rider,
                "other_rider": self.other_rider,
                "no_rider": self.no_rider,
                "sent_earlier": self.sent_earlier,
                "same_rider_pct": percent(self.same_rider, self.started),
            },
            "pickup": self.pickup.figures(),
            "dropoff": self.dropoff.figures(),
            "decision_s": {"acting": _latency(self.acting_s), "shadow": _latency(self.shadow_s)},
        }


def _latency(taken_s: Sequence[float]) -> dict[str, float | None]:
    return {"p50": percentile(taken_s, 0.5), "p99": percentile(taken_s, 0.99)}


@dataclass(slots=True)
class _Pair:
    """One decision that both policies are asked about, and what is known of their answers."""

    snapshot: Snapshot
    began_s: float
    acted: DispatchPlan | None = None
    thought: DispatchPlan | None = None


class ShadowingSolver:
    """Has one solver decide, and lets another decide about the same snapshots without consequence.

    Parameters
    ----------
    acting : Solver
        Whose plans count.
    shadow : Solver
        Whose plans are compared; a live one is to call ``note_thought`` when it has one.
    report : ShadowReport
        Where to count.
    travel : TravelTimes
        The city's travel times.
    limits : VerifierParams
        The city's soft limits.
    wall_s : callable
        Seconds that never go back; a test gives its own.
    """

    def __init__(
        self,
        acting: Solver,
        shadow: Solver,
        report: ShadowReport,
        travel: TravelTimes,
        limits: VerifierParams,
        wall_s: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._acting = acting
        self._shadow = shadow
        self._report = report
        self._travel = travel
        self._limits = limits
        self._wall_s = wall_s
        self._pair: _Pair | None = None
        self._began_s: float | None = None
        self._thought_at_s: float | None = None
        self._failures = 0

    def start(self, snapshot: Snapshot, now_ms: Millis) -> None:
        """Ask the acting policy, and then the shadow if it is free."""
        self._began_s = self._wall_s()
        self._acting.start(snapshot, now_ms)
        if self._acting.next_ready_ms() is not None:
            self._note_acting_s()
        self._report.asked += 1
        self._guarded(lambda: self._turn(snapshot, now_ms))

    def next_ready_ms(self) -> Millis | None:
        """Return when the acting policy's plan is due: the shadow's never is."""
        return self._acting.next_ready_ms()

    def take(self, now_ms: Millis) -> DispatchPlan | None:
        """Return the acting policy's plan if it is due; comparing waits until it is applied."""
        plan = self._acting.take(now_ms)
        if plan is not None:
            self._note_acting_s()
            if self._pair is not None and self._pair.snapshot.decision_id == plan.decision_id:
                self._pair.acted = plan
        return plan

    def note_thought(self) -> None:
        """Note that the shadow has its plan now; from any thread."""
        self._thought_at_s = self._wall_s()

    def report(self) -> ShadowReport:
        """Return everything up to now."""
        self._guarded(self._look)
        return self._report

    def _note_acting_s(self) -> None:
        if self._began_s is not None:
            self._report.acting_s.append(self._wall_s() - self._began_s)
            self._began_s = None

    def _guarded(self, step: Callable[[], None]) -> None:
        """Do something about the shadow, whatever comes of it; the acting policy never notices."""
        if self._report.stopped:
            return
        try:
            step()
        except Exception as error:
            self._fail(f"{type(error).__name__}: {error}")

    def _turn(self, snapshot: Snapshot, now_ms: Millis) -> None:
        """Finish the decision before, as far as it is, and ask the shadow about this one."""
        self._look()
        pair = self._pair
        if pair is not None and pair.thought is None and not self._has_lost_its_way(pair):
            self._report.dropped += 1
            return
        if pair is not None and pair.thought is not None:
            self._report.unanswered += 1
        elif pair is not None:
            self._fail(f"still at work after {PATIENCE_S:g} s")
            if self._report.stopped:
                return
        self._thought_at_s = None
        self._pair = _Pair(snapshot, self._wall_s())
        self._shadow.start(snapshot, now_ms)
        if self._shadow.next_ready_ms() is not None and self._thought_at_s is None:
            self.note_thought()

    def _has_lost_its_way(self, pair: _Pair) -> bool:
        return self._wall_s() - pair.began_s > PATIENCE_S

    def _look(self) -> None:
        """Take the shadow's plan if it is there, and compare both plans once they are."""
        pair = self._pair
        if pair is None:
            return
        if pair.thought is None and self._shadow.next_ready_ms() is not None:
            pair.thought = self._shadow.take(pair.snapshot.at_ms)
            ended_s = self._thought_at_s if self._thought_at_s is not None else self._wall_s()
            self._report.shadow_s.append(ended_s - pair.began_s)
        if pair.thought is None or pair.acted is None:
            return
        self._pair = None
        verdict = verify(pair.snapshot, pair.thought, self._travel, self._limits)
        if verdict.hard:
            self._report.infeasible_plans += 1
            for kind in sorted({found.kind for found in verdict.hard}):
                self._report.infeasible[kind] = self._report.infeasible.get(kind, 0) + 1
        elif verify(pair.snapshot, pair.acted, self._travel, self._limits).hard:
            self._report.unanswered += 1
        else:
            self._report.compare(pair.snapshot, pair.acted, pair.thought, self._travel)
        self._failures = 0

    def _fail(self, reason: str) -> None:
        self._pair = None
        self._report.failed += 1
        self._failures += 1
        _log.warning("shadow_failed", policy=self._report.policy, reason=reason)
        if self._failures >= FAILURES_IN_A_ROW:
            self._report.stopped = f"{self._failures} failures in a row, the last: {reason}"
            _log.error("shadow_stopped", policy=self._report.policy, reason=self._report.stopped)
