"""Who answers decisions, and when the answer is there."""

import time
from dataclasses import dataclass, field
from typing import Protocol

from dispatch.matching import Budget, Matcher
from dispatch.prepositioning import with_moves
from dispatch.snapshot import Snapshot
from domain.ids import DecisionId
from domain.plans import DispatchPlan
from domain.ports import TravelTimes
from domain.units import Millis


class DecisionSource(Protocol):
    """Who knows the snapshots of requested decisions: the dispatch engine."""

    def decision(self, decision_id: DecisionId) -> Snapshot:
        """Return the frozen snapshot of a decision that was just requested."""
        ...

    def pending_decision(self, now_ms: Millis) -> Snapshot | None:
        """Return a snapshot for the decision whose plan is still missing, if there is one."""
        ...


class Solver(Protocol):
    """Turns snapshots into plans, in its own time."""

    def start(self, snapshot: Snapshot, now_ms: Millis) -> None:
        """Begin to work on a snapshot."""
        ...

    def next_ready_ms(self) -> Millis | None:
        """Return when the next plan is due, None when there is none or it comes from outside."""
        ...

    def take(self, now_ms: Millis) -> DispatchPlan | None:
        """Return the next plan that is due, if any."""
        ...


@dataclass(slots=True)
class InlineSolver:
    """Solves at once, and hands the plan over after a declared virtual duration.

    Parameters
    ----------
    matcher : Matcher
        The policy.
    travel : TravelTimes
        The city's travel times.
    duration_ms : int
        Virtual solving time.
    budget : Budget
        Iterations allowed per decision.

    Attributes
    ----------
    decision_s : list of float
        Wall time of every decision so far: the driver's own measure, which neither engines nor the log see.
    """

    matcher: Matcher
    travel: TravelTimes
    duration_ms: Millis = 0
    budget: Budget = field(default_factory=Budget)
    decision_s: list[float] = field(default_factory=list)
    _ready: list[tuple[Millis, DispatchPlan]] = field(default_factory=list)

    def start(self, snapshot: Snapshot, now_ms: Millis) -> None:
        """Solve a snapshot; the plan is due ``duration_ms`` later."""
        began_s = time.perf_counter()
        plan = with_moves(snapshot, self.matcher.decide(snapshot, self.travel, self.budget), self.travel)
        self.decision_s.append(time.perf_counter() - began_s)
        self._ready.append((now_ms + self.duration_ms, plan))

    def next_ready_ms(self) -> Millis | None:
        """Return when the oldest plan is due."""
        return self._ready[0][0] if self._ready else None

    def take(self, now_ms: Millis) -> DispatchPlan | None:
        """Return the oldest plan if it is due."""
        if self._ready and self._ready[0][0] <= now_ms:
            return self._ready.pop(0)[1]
        return None


@dataclass(frozen=True, slots=True)
class SwitchingMatcher:
    """One policy up to an instant, another from then on: for runs that ask what if.

    Attributes
    ----------
    before, after : Matcher
        The policies.
    at_ms : int
        Decisions asked for at or after this instant are the second one's.
    """

    before: Matcher
    after: Matcher
    at_ms: Millis

    def decide(self, snapshot: Snapshot, travel: TravelTimes, budget: Budget) -> DispatchPlan:
        """Let the policy decide whose turn it is."""
        matcher = self.before if snapshot.at_ms < self.at_ms else self.after
        return matcher.decide(snapshot, travel, budget)


@dataclass(slots=True)
class ReplaySolver:
    """Solves nothing: in a replay the plans are inputs of the log."""

    started: int = 0

    def start(self, snapshot: Snapshot, now_ms: Millis) -> None:
        """Note that a decision was asked for; its plan follows in the log."""
        self.started += 1

    def next_ready_ms(self) -> Millis | None:
        """Return None: nothing ever becomes due."""
        return None

    def take(self, now_ms: Millis) -> DispatchPlan | None:
        """Return None: plans come from the log."""
        return None
