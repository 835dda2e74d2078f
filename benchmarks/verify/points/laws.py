"""Laws of the log at full size: the same day everywhere, and nothing acknowledged is ever lost."""

import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.verify.point import Figure, Outcome, Point
from benchmarks.verify.shell import peakline, run

KILLS = 30
PARITY_CASES = 300
CLOSING = re.compile(r"(\d+) passed")
SKIPPED = re.compile(r"(\d+) skipped")


def day(root: Path, hash_seed: str, *extra: str) -> dict[str, Figure]:
    """Simulate a whole lunch peak in a process of its own, and return what it printed."""
    # stderr joins stdout in the kept log, so the document begins at the first brace.
    printed = run(
        [peakline(), "run", "lunch_peak", "--seed", "7", "--json", *extra],
        root=root,
        log_name="law_day",
        environment={"PYTHONHASHSEED": hash_seed},
    )
    document: dict[str, Figure] = json.loads(printed[printed.index("{") : printed.rindex("}") + 1])
    return document


def measure_same_day(root: Path) -> Outcome:
    """Run one day three times, in memory and in SQLite, under different hash seeds, and replay it."""
    log = root / "build" / "verify" / "law_day.db"
    for old in log.parent.glob(log.name + "*"):
        old.unlink()
    days = [day(root, "0"), day(root, "4242"), day(root, "1", "--log", str(log))]
    printed = run([peakline(), "replay", str(log), "--json"], root=root, log_name="law_replay")
    replayed = json.loads(printed[printed.index("{") : printed.rindex("}") + 1])
    hashes = {document["log_hash"] for document in days} | {replayed["log_hash"]}
    return Outcome(
        passed=len(hashes) == 1 and replayed["identical"],
        measured={"runs": len(days), "hashes": len(hashes), "records": days[0]["records"]},
    )


def pytest_point(
    tests: str, log_name: str, measured: Mapping[str, Figure], environment: Mapping[str, str]
) -> Callable[[Path], Outcome]:
    """Return a measurement that runs tests at full size; a skipped test is no proof."""

    def measure(root: Path) -> Outcome:
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:benchmark",
            "--timeout",
            "1800",
            *tests.split(),
        ]
        printed = run(
            command, root=root, log_name=log_name, environment={"CI": "true", **environment}, accepted=(0, 1)
        )
        passed = CLOSING.search(printed)
        failed = re.search(r"(\d+) (failed|error)", printed)
        return Outcome(
            passed=passed is not None and failed is None and SKIPPED.search(printed) is None,
            measured={**measured, "tests": int(passed[1]) if passed else 0},
        )

    return measure


def _tests_point(
    key: str, asked: str, target: str, tests: str, measured: Mapping[str, Figure], **environment: str
) -> Point:
    variables = " ".join(f"{name}={value}" for name, value in environment.items())
    return Point(
        key=key,
        asked=asked,
        target=target,
        command=f"{variables} .venv/bin/python -m pytest {tests}".strip(),
        measure=pytest_point(tests, f"tests_{key}", measured, environment),
    )


SAME_DAY = Point(
    key="same_day",
    asked="Same seed, same log hash: two runs, other hash seeds, memory and SQLite, and the replay",
    target="one hash, replay identical",
    command="make verify ARGS='--only same_day --again'",
    measure=measure_same_day,
)
PARITY = _tests_point(
    "parity",
    "The same commands through SimPy and through asyncio give the same log",
    f"{PARITY_CASES} random cases equal",
    "tests/parity",
    {"cases": PARITY_CASES},
)
RECOVERY = _tests_point(
    "recovery",
    "Replay gives the live state; the log in memory is the log in SQLite; damaged tails are kept aside",
    "all laws hold with 300 examples each",
    "tests/contracts tests/runtime",
    {},
    HYPOTHESIS_PROFILE="full",
)
DISPATCH_LAWS = _tests_point(
    "dispatch_laws",
    "Dispatch on random small cases: never better than brute force, the same for relabeled riders, every "
    "planted violation caught, never two active assignments",
    "all laws hold with 300 examples each",
    "tests/dispatch",
    {},
    HYPOTHESIS_PROFILE="full",
    PEAKLINE_EXAMPLES="300",
)
KILL = _tests_point(
    "kill",
    "kill -9 of the server under load: every acknowledged command and fix is there after restart",
    f"{KILLS} kills, nothing lost",
    "tests/e2e/test_kill.py",
    {"kills": KILLS},
    PEAKLINE_KILLS=str(KILLS),
)
BROWSER = _tests_point(
    "browser",
    "In a real browser: an order placed by the API is seen on Dispatch and followed on Track until delivered",
    "passes, and a dropped socket leaves neither gap nor double",
    "tests/e2e --ignore=tests/e2e/test_kill.py",
    {},
)
