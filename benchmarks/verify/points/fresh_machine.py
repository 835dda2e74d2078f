"""A newcomer's machine: a minimal Debian with Python, make and git, nothing else."""

import re
from pathlib import Path

from benchmarks.verify.point import Figure, Outcome, Point
from benchmarks.verify.shell import run, shared_tool

COMMANDS = ('make demo ARGS="--for 20s"', "make test")
ENDED = re.compile(r"^== ok in (\d+) s$", re.MULTILINE)
TESTS = re.compile(r"(\d+) passed(?:, (\d+) skipped)?")


def measure(root: Path) -> Outcome:
    """Set up, show the demo and run the tests of the committed HEAD on a fresh machine; needs root."""
    output = run([shared_tool(root, "fresh_machine.sh"), ".", *COMMANDS], root=root, log_name="fresh_machine")
    return read(output)


def read(output: str) -> Outcome:
    """Read what the fresh machine printed."""
    seconds = [int(found) for found in ENDED.findall(output)]
    measured: dict[str, Figure] = dict(zip(("setup_and_demo_s", "test_s"), seconds, strict=False))
    closing = TESTS.search(output)
    if closing:
        measured["tests_passed"] = int(closing[1])
        measured["tests_skipped"] = int(closing[2] or 0)
    return Outcome(passed=len(seconds) == len(COMMANDS) and closing is not None, measured=measured)


FRESH_MACHINE = Point(
    key="fresh_machine",
    asked="The demo and the tests run on a minimal Debian 12 with only Python, make and git",
    target="both commands end with exit code 0",
    command="../shared/tools/fresh_machine.sh . 'make demo ARGS=\"--for 20s\"' 'make test'",
    measure=measure,
)
