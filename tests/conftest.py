"""What every test may ask for: the public data beside the checkout, and a browser."""

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

# Who starts the tests in the background of a script has them ignore Ctrl-C, and with them every process that
# they start; a process that handles it hands the usual behavior down.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

# `make check` runs the laws at reduced size; `make verify` sets HYPOTHESIS_PROFILE=full.
settings.register_profile("quick", max_examples=50, deadline=None)
settings.register_profile("full", max_examples=300, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Return a function that finds `../shared/data/<name>`, or skips: the data is public, but not in git."""

    def find(name: str) -> Path:
        path = ROOT.parent / "shared" / "data" / name
        if not path.exists():
            pytest.skip(f"no public data at ../shared/data/{name}")
        return path

    return find


@pytest.fixture(scope="session")
def require_browser() -> str:
    """Return the path of a Chromium; without one skip, but fail in CI, whose script installs it."""
    named = os.environ.get("PEAKLINE_BROWSER")
    found = named or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        reason = f"no browser: install one of {', '.join(BROWSERS)}, or name one in PEAKLINE_BROWSER"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found
