"""A real `peakline serve` in a process of its own, for tests that look at it from outside."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TOKEN = "a-token-for-tests-only-0123456789"


@dataclass(frozen=True)
class Answer:
    """Status and body of one answer."""

    status: int
    body: Any


class Caller:
    """One keep-alive connection of an operator."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def __enter__(self) -> "Caller":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def ask(self, method: str, path: str, body: object = None) -> Answer:
        """Send one request. Raises OSError or http.client.HTTPException when the server is gone."""
        text = None if body is None else json.dumps(body)
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        self._connection.request(method, path, text, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        return Answer(answer.status, json.loads(content) if content else None)


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class LiveServer:
    """A server process on a data folder; it is ready when the constructor returns."""

    def __init__(self, data: Path, port: int, *extra: str) -> None:
        self.port = port
        command = [sys.executable, "-m", "cli.main", "serve", "lunch_peak", "--json"]
        with (data / "server.err").open("ab") as errors:
            self._process = subprocess.Popen(
                [*command, "--data", str(data), "--port", str(port), *extra],
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, "PEAKLINE_OPERATOR_TOKEN": TOKEN},
            )
        assert self._process.stdout is not None
        first = self._process.stdout.readline()
        if not first:
            raise AssertionError(f"the server ended at once: {(data / 'server.err').read_text()}")
        self._until_ready()

    def caller(self) -> Caller:
        """Return a new connection."""
        return Caller(self.port)

    def kill(self) -> None:
        """End the process the hard way, and wait until it is gone."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._close()

    def stop(self) -> int:
        """Ask it to end, and return its exit code."""
        self._process.send_signal(signal.SIGINT)
        code = self._process.wait(timeout=30)
        self._close()
        return code

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    def _close(self) -> None:
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _until_ready(self) -> None:
        while True:
            if not self.is_running:
                raise AssertionError(f"the server ended with exit code {self._process.returncode}")
            try:
                with self.caller() as caller:
                    if caller.ask("GET", "/readyz").status == 200:
                        return
            except OSError:
                continue


@contextmanager
def live_server(data: Path, *extra: str) -> Iterator[LiveServer]:
    """Run a server on a free port for the time of a block."""
    server = LiveServer(data, free_port(), *extra)
    try:
        yield server
    finally:
        if server.is_running:
            server.stop()
