"""The frames of the live socket, as text: what a client may say, and what it is told."""

from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from api.wire import rfc3339
from domain.units import Millis

MAX_CLIENT_FRAME_BYTES = 4_096

CLOSE_BAD_TICKET = 4001
CLOSE_NOT_ALLOWED = 4003
CLOSE_TOO_SLOW = 4008
CLOSE_GOING_AWAY = 1001


@dataclass(frozen=True, slots=True)
class Subscribe:
    """A client wants to follow a topic, from a position it still remembers or anew."""

    topic: str
    epoch: str | None = None
    since: int | None = None


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """A client has enough of a topic."""

    topic: str


@dataclass(frozen=True, slots=True)
class Ping:
    """A client wants to know whether anybody is there."""

    n: int


ClientFrame: TypeAlias = Subscribe | Unsubscribe | Ping


class FrameError(ValueError):
    """A client said something that is no frame of this protocol; the message says what would be."""


class _ClientFrame(msgspec.Struct, forbid_unknown_fields=True):
    sub: bool = False
    unsub: bool = False
    topic: str | None = None
    epoch: str | None = None
    since: int | None = None
    ping: int | None = None


_decoder = msgspec.json.Decoder(_ClientFrame)


def parse_client_frame(text: str | bytes) -> ClientFrame:
    """Return what a client said.

    Raises
    ------
    FrameError
        If it is too long, no JSON, or none of the three frames.
    """
    if len(text) > MAX_CLIENT_FRAME_BYTES:
        raise FrameError(f"a frame has at most {MAX_CLIENT_FRAME_BYTES} bytes")
    try:
        frame = _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise FrameError(f"not a frame: {error}") from None
    if frame.ping is not None:
        return Ping(frame.ping)
    if frame.topic is not None and frame.sub:
        return Subscribe(frame.topic, frame.epoch, frame.since)
    if frame.topic is not None and frame.unsub:
        return Unsubscribe(frame.topic)
    raise FrameError('expected {"sub": true, "topic": ...}, {"unsub": true, "topic": ...} or {"ping": n}')


def hello(now_ms: Millis, rate: float) -> str:
    """Return the first frame of every connection: what time it is, and how fast it goes by."""
    return _text({"t": "hello", "now": rfc3339(now_ms), "rate": rate})


def snapshot(topic: str, epoch: str, seq: int, at_ms: Millis, data: bytes) -> str:
    """Return everything about a topic at one position; it replaces whatever the client knew."""
    return _text(
        {
            "t": "snapshot",
            "topic": topic,
            "epoch": epoch,
            "seq": seq,
            "recovered": False,
            "at": rfc3339(at_ms),
            "data": msgspec.Raw(data),
        }
    )


def resumed(topic: str, epoch: str, seq: int) -> str:
    """Return the promise that the state frames after ``seq`` follow, none missing and none double."""
    return _text({"t": "resumed", "topic": topic, "epoch": epoch, "seq": seq, "recovered": True})


def state(topic: str, epoch: str, seq: int, at_ms: Millis, event: str, data: bytes) -> str:
    """Return one thing that happened, with the new views of what it changed."""
    return _text(
        {
            "t": "state",
            "topic": topic,
            "epoch": epoch,
            "seq": seq,
            "at": rfc3339(at_ms),
            "event": event,
            "data": msgspec.Raw(data),
        }
    )


RiderPosition: TypeAlias = tuple[str, float, float, float | None, Millis]
"""Rider, longitude, latitude, heading in degrees, device's stamp in Unix ms."""


def positions(topic: str, at_ms: Millis, riders: list[RiderPosition]) -> str:
    """Return where riders are now; only the latest position of each counts."""
    return _text({"t": "positions", "topic": topic, "at": rfc3339(at_ms), "riders": riders})


def position(topic: str, at_ms: Millis, rider: RiderPosition) -> str:
    """Return where the rider of an order is now, without saying who it is."""
    _, lon, lat, heading_deg, fixed_at_ms = rider
    return _text(
        {
            "t": "position",
            "topic": topic,
            "at": rfc3339(at_ms),
            "lon": lon,
            "lat": lat,
            "heading_deg": heading_deg,
            "fixed_at_ms": fixed_at_ms,
        }
    )


def error(status: int, title: str, detail: str, topic: str | None = None) -> str:
    """Return a refusal; the connection stays open."""
    frame: dict[str, object] = {"t": "error", "status": status, "title": title, "detail": detail}
    return _text(frame if topic is None else {**frame, "topic": topic})


def pong(n: int) -> str:
    """Return the answer to a ping."""
    return _text({"t": "pong", "n": n})


def _text(frame: dict[str, object]) -> str:
    return msgspec.json.encode(frame).decode()
