"""The benchmarks still run: each of them once, untimed."""

import subprocess
import sys

from tests.architecture.tree import ROOT


def test_every_benchmark_runs_once() -> None:
    words = [sys.executable, "-m", "pytest", "benchmarks/speed", "--benchmark-disable", "-q"]
    words += ["-p", "no:cacheprovider", "-p", "no:xdist"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-1_000:]
