"""What every policy is: a pure function from a snapshot to a plan."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from dispatch.snapshot import Snapshot
from domain.errors import InvalidValueError
from domain.plans import DispatchPlan
from domain.ports import TravelTimes


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Budget:
    """How much a policy may compute.

    Attributes
    ----------
    iterations : int
        Improvement steps allowed; the only limit in simulation, so that a replay is exact.
    should_stop : callable
        Asked now and then by long searches; only the live solver passes one that ever says yes, and a plan
        that was cut short says so.
    """

    iterations: int = 40
    should_stop: Callable[[], bool] = _never

    def __post_init__(self) -> None:
        if self.iterations < 0:
            raise InvalidValueError("iterations", self.iterations, "0 or more")


class Matcher(Protocol):
    """A dispatch policy."""

    def decide(self, snapshot: Snapshot, travel: TravelTimes, budget: Budget) -> DispatchPlan:
        """Decide who carries what. The same snapshot always gives the same plan."""
        ...
