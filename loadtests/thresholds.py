"""What a load test must hold, and the comparable record that it leaves."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from locust.stats import RequestStats, StatsEntry


@dataclass(frozen=True, slots=True)
class Threshold:
    """The slowest allowed 95th percentile of one kind of request, and how many there must be at least.

    Attributes
    ----------
    method, name : str
        As in the statistics.
    p95_ms : float
        Upper limit.
    at_least : int
        Fewer mean that the test did not test it.
    """

    method: str
    name: str
    p95_ms: float
    at_least: int


SMOKE: tuple[Threshold, ...] = (
    Threshold("POST", "POST /riders/{id}/fixes", 500, 100),
    Threshold("POST", "POST /orders", 600, 50),
    Threshold("LIVE", "live state frame", 1_000, 300),
)
"""For 30 users on two cores that others use too: on a busy machine half of it was measured."""


def broken(stats: RequestStats, thresholds: Iterable[Threshold] = SMOKE) -> list[str]:
    """Return what does not hold, in words; empty when all does."""
    found = [f"{entry.name}: {entry.occurrences} x {entry.error}" for entry in stats.errors.values()]
    for threshold in thresholds:
        entry = stats.entries.get((threshold.name, threshold.method))
        count = entry.num_requests if entry else 0
        if entry is None or count < threshold.at_least:
            found.append(f"{threshold.name}: {count} measured, {threshold.at_least} are needed")
        elif (p95_ms := entry.get_response_time_percentile(0.95)) > threshold.p95_ms:
            found.append(f"{threshold.name}: p95 is {p95_ms:.0f} ms, at most {threshold.p95_ms:.0f} ms")
    return found


def record(stats: RequestStats, users: int, wrong: list[str]) -> dict[str, Any]:
    """Return the run as a document that can be compared with that of another run."""
    limits = {(threshold.method, threshold.name): threshold.p95_ms for threshold in SMOKE}
    return {
        "users": users,
        "seconds": round(stats.total.last_request_timestamp - stats.total.start_time, 1)
        if stats.total.last_request_timestamp
        else 0.0,
        "requests_per_s": round(stats.total.total_rps, 1),
        "failures": stats.total.num_failures,
        "held": not wrong,
        "broken": wrong,
        "requests": [
            _row(entry, limits.get((entry.method or "", entry.name)))
            for entry in sorted(stats.entries.values(), key=lambda entry: entry.name)
        ],
    }


def _row(entry: StatsEntry, limit_ms: float | None) -> dict[str, Any]:
    return {
        "name": entry.name,
        "count": entry.num_requests,
        "failures": entry.num_failures,
        "p50_ms": round(entry.get_response_time_percentile(0.5) or 0, 1),
        "p95_ms": round(entry.get_response_time_percentile(0.95) or 0, 1),
        "p99_ms": round(entry.get_response_time_percentile(0.99) or 0, 1),
        "p95_limit_ms": limit_ms,
    }
