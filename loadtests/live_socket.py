"""A live connection of a load-test user: reads in a greenlet of its own and checks every frame."""

import json
import time
from collections.abc import Callable
from typing import Any

import gevent
import websocket

from domain.errors import PeaklineError
from loadtests.room_clock import parse_rfc3339_ms

Frame = dict[str, Any]
Report = Callable[[str, float, Exception | None], None]
"""Called with the name of a measurement, milliseconds, and what was wrong, if anything."""


class LiveGapError(PeaklineError):
    """A state frame was missing or came twice."""


class LiveSocket:
    """Follows one topic and reports how old each state frame was on arrival.

    Parameters
    ----------
    url : str
        ``ws://.../live?ticket=...``.
    topic : str
        What to follow.
    report : callable
        Where measurements go.
    """

    def __init__(self, url: str, topic: str, report: Report) -> None:
        self.topic = topic
        self.frames = 0
        self.snapshot: Frame | None = None
        self._report = report
        self._seq = -1
        self._room_ms = self._rate = 0.0
        self._heard_s = time.perf_counter()
        self._socket = websocket.create_connection(url, timeout=20)
        self._socket.send(json.dumps({"sub": True, "topic": topic}))
        self._reader = gevent.spawn(self._read)

    def close(self) -> None:
        """Stop following."""
        self._reader.kill()
        self._socket.close()

    def wait_for_snapshot(self, timeout_s: float) -> Frame:
        """Return the data of the snapshot.

        Raises
        ------
        TimeoutError
            If none came in time.
        """
        until_s = time.perf_counter() + timeout_s
        while self.snapshot is None:
            if time.perf_counter() > until_s:
                raise TimeoutError(f"no snapshot of {self.topic} within {timeout_s} s")
            gevent.sleep(0.01)
        return self.snapshot

    def _read(self) -> None:
        try:
            while True:
                self._take(json.loads(self._socket.recv()))
        except (websocket.WebSocketException, OSError, ValueError) as error:
            self._report("live connection", 0.0, error)

    def _take(self, frame: Frame) -> None:
        self.frames += 1
        match frame["t"]:
            case "hello":
                self._room_ms, self._rate = float(parse_rfc3339_ms(frame["now"])), frame["rate"]
                self._heard_s = time.perf_counter()
            case "snapshot":
                self._seq, self.snapshot = frame["seq"], frame["data"]
            case "state":
                wrong = None
                if frame["seq"] != self._seq + 1:
                    wrong = LiveGapError(f"{self.topic}: frame {frame['seq']} after {self._seq}")
                self._seq = frame["seq"]
                self._report("live state frame", self._age_ms(frame["at"]), wrong)
            case "error":
                self._report("live state frame", 0.0, PeaklineError(frame["detail"]))

    def _age_ms(self, at: str) -> float:
        """Return how long ago in wall milliseconds something happened in the control room."""
        now_ms = self._room_ms + (time.perf_counter() - self._heard_s) * self._rate * 1_000
        return max(0.0, (now_ms - parse_rfc3339_ms(at)) / self._rate)
