"""A command loads only what it needs: numba alone takes longer than most of them."""

import subprocess
import sys

from tests.architecture.tree import ROOT

HELP = """
import sys
sys.argv = ["peakline", "--help"]
from cli.main import main
try:
    main()
finally:
    print(sorted({name.partition(".")[0] for name in sys.modules} & {"numba", "llvmlite"}), file=sys.stderr)
"""


def test_help_does_not_load_numba() -> None:
    done = subprocess.run([sys.executable, "-c", HELP], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "Usage" in done.stdout
    assert done.stderr.splitlines()[-1] == "[]"
