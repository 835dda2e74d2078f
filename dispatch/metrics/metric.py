"""What a metric is, and the arithmetic that metrics share."""

import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dispatch.metrics.day import Day


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure: its name with the unit, what it means, and how it is computed (None without data)."""

    name: str
    unit: str
    meaning: str
    compute: Callable[[Day], float | None]


def mean(values: Iterable[float]) -> float | None:
    """Return the mean, None of nothing."""
    values = list(values)
    return statistics.fmean(values) if values else None


def percent(part: float, whole: float) -> float | None:
    """Return the percentage of a part, None of nothing."""
    return 100.0 * part / whole if whole else None


def ratio(part: float, whole: float) -> float | None:
    """Return how much there is per unit, None without any."""
    return part / whole if whole else None


def percentile(values: Iterable[float], share: float) -> float | None:
    """Return a percentile, interpolated linearly between the two nearest values; None of nothing."""
    ordered = sorted(values)
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
