"""Every policy obeys what riders can carry, in the same way (``dispatch/capacity.py``)."""

from dataclasses import dataclass

from dispatch.capacity import decide_within_capacity
from dispatch.matching.base import Budget, Matcher
from dispatch.snapshot import Snapshot
from domain.plans import DispatchPlan
from domain.ports import TravelTimes


@dataclass(frozen=True, slots=True)
class WithinCapacity:
    """A policy that plans nothing that its rider cannot carry.

    Attributes
    ----------
    policy : Matcher
        A policy that knows nothing of loads.
    """

    policy: Matcher

    def decide(self, snapshot: Snapshot, travel: TravelTimes, budget: Budget) -> DispatchPlan:
        """Decide as the policy does, on what everybody can carry."""
        if not snapshot.loads:
            return self.policy.decide(snapshot, travel, budget)
        return decide_within_capacity(snapshot, lambda fitted: self.policy.decide(fitted, travel, budget))
