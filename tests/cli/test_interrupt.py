"""Ctrl-C ends a command at once, without a traceback."""

import signal
import subprocess
import sys

import pytest


@pytest.mark.parametrize("wait_for", ["", "simulating"], ids=["while loading", "while simulating"])
def test_ctrl_c_says_interrupted_and_nothing_else(wait_for: str) -> None:
    command = [sys.executable, "-u", "-X", "importtime", "-m", "cli.main", "run"]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        # importtime tells every module as it is loaded: the first one of ours is the moment to interrupt.
        for line in process.stderr:
            if (wait_for or "domain.") in line:
                break
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert process.returncode == 130
    assert "interrupted" in err
    assert "Traceback" not in err
    assert not out
