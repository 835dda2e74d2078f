"""The hold: fixes wait here until those measured before them can have arrived."""

from dataclasses import dataclass, field
from heapq import heappop, heappush

from domain.fixes import Fix
from domain.units import Millis


@dataclass(slots=True)
class Hold:
    """Fixes by the instant at which they are released.

    Attributes
    ----------
    instants_ms : list of int
        Heap of the instants at which something is released.
    waiting : dict of int to list of Fix
        What is released at each of them.
    """

    instants_ms: list[Millis] = field(default_factory=list)
    waiting: dict[Millis, list[Fix]] = field(default_factory=dict)

    def put(self, fix: Fix, release_ms: Millis) -> None:
        """Keep a fix until an instant."""
        group = self.waiting.get(release_ms)
        if group is None:
            self.waiting[release_ms] = [fix]
            heappush(self.instants_ms, release_ms)
        else:
            group.append(fix)

    def next_ms(self) -> Millis | None:
        """Return the next instant at which something is released; O(1)."""
        return self.instants_ms[0] if self.instants_ms else None

    def take(self, now_ms: Millis) -> list[Fix]:
        """Take out what is due, in order of (fixed_at, sequence, rider)."""
        due: list[Fix] = []
        while self.instants_ms and self.instants_ms[0] <= now_ms:
            due += self.waiting.pop(heappop(self.instants_ms))
        due.sort(key=lambda fix: (fix.fixed_at_ms, fix.sequence, fix.rider_id))
        return due
