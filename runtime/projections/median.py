"""A running median of integers."""

from bisect import insort
from dataclasses import dataclass, field

from domain.units import MINUTE_MS, Millis


@dataclass(slots=True)
class RunningMedian:
    """Durations in sequence of size; adding one costs O(n) moves of a few bytes, the median nothing."""

    durations_ms: list[Millis] = field(default_factory=list)

    def add(self, duration_ms: Millis) -> None:
        """Take in one duration."""
        insort(self.durations_ms, duration_ms)

    def minutes(self) -> float | None:
        """Return the median in minutes, None without data."""
        count = len(self.durations_ms)
        if not count:
            return None
        low, high = self.durations_ms[(count - 1) // 2], self.durations_ms[count // 2]
        return (low + high) / 2 / MINUTE_MS
