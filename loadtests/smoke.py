"""``make load``: start a server, drive it for half a minute by its public API, hold it to its thresholds."""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from loadtests import environment

RECORD = Path("build") / "load.json"
RATE = 10
"""The control room's time goes by ten times as fast, so that orders are dispatched within the half minute."""
START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 30


@contextmanager
def running_server(folder: Path) -> Iterator[dict[str, str]]:
    """Serve the lunch-peak city from an empty folder on a free port.

    Yields
    ------
    dict
        ``url`` and ``operator_token``.

    Raises
    ------
    RuntimeError
        If it does not start, or does not end cleanly.
    """
    command = [sys.executable, "-m", "cli.main", "serve", "lunch_peak", "--port", "0", "--json"]
    variables = {**os.environ, "PEAKLINE_LOG_LEVEL": "warning"}
    with (folder / "server.log").open("w+") as log:
        server = subprocess.Popen(
            [*command, "--data", str(folder), "--rate", str(RATE)],
            stdout=subprocess.PIPE,
            stderr=log,
            env=variables,
        )
        try:
            yield _address(server)
            _stop(server)
        except BaseException:
            log.seek(0)
            sys.stderr.write(log.read()[-4_000:])
            raise
        finally:
            server.kill()


def _stop(server: "subprocess.Popen[bytes]") -> None:
    server.send_signal(signal.SIGINT)
    if server.wait(STOP_TIMEOUT_S) != 0:
        raise RuntimeError(f"the server ended with exit code {server.returncode}")


def _address(server: "subprocess.Popen[bytes]") -> dict[str, str]:
    """Read the JSON document that a starting server writes to its standard output."""
    assert server.stdout is not None
    told = b""
    for line in server.stdout:
        told += line
        if line.startswith(b"}"):
            address: dict[str, str] = json.loads(told)
            return address
    raise RuntimeError("the server ended before it told its address")


def main(arguments: list[str] | None = None) -> int:
    """Run the smoke test; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m loadtests", description=__doc__)
    parser.add_argument("--seconds", type=int, default=30, help="how long to drive (30)")
    parser.add_argument("--record", type=Path, default=RECORD, help=f"where the record goes ({RECORD})")
    options = parser.parse_args(arguments)
    options.record.parent.mkdir(parents=True, exist_ok=True)
    options.record.unlink(missing_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="peakline-load-") as folder,
        running_server(Path(folder)) as address,
    ):
        code = _drive(address, options.seconds, options.record)
    if not options.record.exists():
        sys.stderr.write("load: Locust left no record\n")
        return code or 1
    _print(json.loads(options.record.read_text(encoding="utf-8")))
    return code


def _drive(address: dict[str, str], seconds: int, record: Path) -> int:
    command = [sys.executable, "-m", "locust", "-f", str(Path(__file__).with_name("locustfile.py"))]
    options = ["--headless", "--users", "30", "--spawn-rate", "15", "--run-time", f"{seconds}s"]
    quiet = ["--only-summary", "--loglevel", "ERROR", "--stop-timeout", "5"]
    variables = {
        **os.environ,
        environment.TOKEN: address["operator_token"],
        environment.RECORD: str(record.resolve()),
    }
    done = subprocess.run(
        [*command, "--host", address["url"], *options, *quiet],
        env=variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=seconds + 60,
        check=False,
    )
    if not record.exists():
        sys.stderr.write(done.stderr.decode(errors="replace"))
    return done.returncode


def _print(record: dict[str, Any]) -> None:
    lines = [f"{'request':<32}{'count':>7}{'failed':>8}{'p50 ms':>8}{'p95 ms':>8}{'limit':>7}"]
    for row in record["requests"]:
        limit = "" if row["p95_limit_ms"] is None else f"{row['p95_limit_ms']:.0f}"
        counts = f"{row['count']:>7}{row['failures']:>8}{row['p50_ms']:>8.0f}{row['p95_ms']:>8.0f}"
        lines.append(f"{row['name']:<32}{counts}{limit:>7}")
    lines += [f"load: {problem}" for problem in record["broken"]]
    verdict = "held" if record["held"] else "NOT held"
    lines.append(
        f"load: {record['users']} users, {record['requests_per_s']} requests/s: thresholds {verdict}"
    )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
