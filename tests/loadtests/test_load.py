"""The load test itself: its clock, its verdict, and its users against a real server."""

import json
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from loadtests.room_clock import RoomClock, parse_rfc3339_ms, rfc3339

ROOT = Path(__file__).resolve().parents[2]

# Locust patches the standard library on import: it stays in processes of its own.
VERDICT = """
import json, sys
from locust.stats import RequestStats
from loadtests.thresholds import SMOKE, broken, record

slow, failing, few = json.loads(sys.argv[1])
stats = RequestStats()
for threshold in SMOKE:
    for _ in range(threshold.at_least - few):
        stats.log_request(threshold.method, threshold.name, threshold.p95_ms * (2 if slow else 0.5), 0)
if failing:
    stats.log_error("POST", "POST /orders", "503")
wrong = broken(stats)
print(json.dumps({"wrong": wrong, "record": record(stats, 30, wrong)}))
"""


def verdict(*, slow: bool = False, failing: bool = False, few: int = 0) -> dict[str, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", VERDICT, json.dumps([slow, failing, few])],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    answer: dict[str, list[str]] = json.loads(done.stdout)
    return answer


def test_run_within_its_thresholds_holds() -> None:
    answer = verdict()
    assert answer["wrong"] == []
    assert answer["record"]["held"]  # type: ignore[call-overload]


def test_run_that_is_slow_fails_or_measured_too_little_does_not_hold() -> None:
    assert ["p95" in line for line in verdict(slow=True)["wrong"]] == [True] * 3
    assert verdict(failing=True)["wrong"] == ["POST /orders: 1 x 503"]
    assert ["are needed" in line for line in verdict(few=1)["wrong"]] == [True] * 3


@given(st.integers(0, 4_000_000_000_000))
def test_instants_survive_the_way_out_and_in(at_ms: int) -> None:
    assert parse_rfc3339_ms(rfc3339(at_ms)) == at_ms


def test_clock_counts_on() -> None:
    clock = RoomClock("2026-06-05T03:30:00.000Z", 10_000.0)
    first = clock.now_ms()
    assert parse_rfc3339_ms("2026-06-05T03:30:00Z") <= first <= clock.now_ms()
