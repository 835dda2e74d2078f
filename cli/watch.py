"""``peakline watch``: follow a live topic in the terminal, through every drop of the connection."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import tzinfo
from typing import Annotated, Any

import typer
from rich.markup import escape
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from cli.output import out, remark
from cli.watch_lines import frame_line
from cli.watch_server import Server, WatchError, reason

BACKOFF_FIRST_S = 0.25
BACKOFF_LAST_S = 15.0
CLOSE_NOT_ALLOWED = 4003

Frame = dict[str, Any]


@dataclass(slots=True)
class Place:
    """Where in a topic a client is: what it needs to go on after a drop, none missing and none double.

    Attributes
    ----------
    topic : str
        What is followed.
    epoch, seq : str or None, int or None
        Generation of the stream and number of the last state frame; None before the first snapshot.
    """

    topic: str
    epoch: str | None = None
    seq: int | None = None

    def subscription(self) -> str:
        """Return the frame that asks for what comes next."""
        return json.dumps({"sub": True, "topic": self.topic, "epoch": self.epoch, "since": self.seq})

    def take(self, frame: Frame) -> bool:
        """Note what a frame says about the place; tell whether it is news, not a double.

        Raises
        ------
        LostFrameError
            If a state frame is missing before this one.
        """
        kind = frame["t"]
        if frame.get("topic") != self.topic:
            return True
        if kind in {"snapshot", "resumed"}:
            self.epoch, self.seq = frame["epoch"], frame["seq"]
        elif kind == "state":
            expected = (self.seq or 0) + 1
            if frame["seq"] < expected:
                return False
            if frame["seq"] > expected:
                raise LostFrameError(f"frame {expected} of {self.topic} is missing")
            self.seq = frame["seq"]
        return True


class LostFrameError(Exception):
    """The server left out a state frame; a new connection from a snapshot sets it right."""


async def follow(server: Server, place: Place) -> AsyncIterator[Frame]:
    """Yield frames for ever; reconnect with jittered backoff and go on from the same place.

    Raises
    ------
    WatchError
        If the first connection fails: then the address is wrong rather than the server away for a moment.
        Later, if the server does not let this client follow (any more).
    """
    attempt, reached = 0, False
    while True:
        try:
            ticket = await asyncio.to_thread(server.ticket)
            async with connect(server.socket_url(ticket), compression=None, max_size=None) as socket:
                await socket.send(place.subscription())
                async for text in socket:
                    frame = json.loads(text)
                    attempt, reached = 0, True
                    if place.take(frame):
                        yield frame
            why = "it closed the connection"
        except LostFrameError as error:
            place.epoch = place.seq = None
            why = str(error)
        except (OSError, WebSocketException) as error:
            if isinstance(error, ConnectionClosed) and _is_expelled(error):
                raise WatchError(f"the server at {server.url} lets this client follow no longer") from error
            why = reason(error)
        if not reached:
            raise server.unreachable(why)
        attempt += 1
        rest_s = backoff_s(attempt)
        remark(f"[yellow]{escape(f'lost {server.url}: {why}')}; again in {rest_s:.1f} s[/]")
        await asyncio.sleep(rest_s)


def _is_expelled(error: ConnectionClosed) -> bool:
    return error.rcvd is not None and error.rcvd.code == CLOSE_NOT_ALLOWED


def backoff_s(attempt: int) -> float:
    """Return how long to rest before an attempt.

    It doubles, and lies anywhere in the upper half, so that a thousand clients do not come back at once.
    """
    longest = min(BACKOFF_LAST_S, BACKOFF_FIRST_S * float(1 << min(attempt, 10)))
    return longest * (0.5 + secrets.randbelow(1_000) / 2_000)


async def _watch(server: Server, place: Place, zone: tzinfo | None, count: int | None) -> None:
    """Write what happens: lines for people with times of a zone, or JSON when there is none."""
    written = 0
    async for frame in follow(server, place):
        text = json.dumps(frame, ensure_ascii=False) if zone is None else frame_line(frame, zone)
        if text is not None:
            if zone is None:
                print(text, flush=True)
            else:
                out.print(text, highlight=False, soft_wrap=True)
            written += 1
        if frame["t"] == "error":
            raise WatchError(frame["detail"])
        if count is not None and written >= count:
            return


def watch(
    topic: Annotated[str, typer.Argument(help="fleet:all, fleet:<zone> or order:<id>.")] = "fleet:all",
    url: Annotated[str, typer.Option("--url", help="Address of the server.")] = "http://127.0.0.1:8000",
    token: Annotated[
        str | None,
        typer.Option("--token", envvar="PEAKLINE_OPERATOR_TOKEN", help="The operator's token."),
    ] = None,
    track: Annotated[
        str | None, typer.Option("--track", help="A tracking token: follow that order as its customer.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write every frame as a line of JSON.")] = False,
    count: Annotated[int | None, typer.Option("--count", min=1, help="Stop after so many frames.")] = None,
) -> None:
    """Follow a live topic in the terminal; reconnects, and goes on where it was."""
    server = Server(url, token, track)
    try:
        zone = None if as_json else server.time_zone()
        place = Place(server.own_topic() if track else topic)
    except ConnectionError as error:
        raise server.unreachable(reason(error)) from error
    with suppress(KeyboardInterrupt):
        asyncio.run(_watch(server, place, zone, count))
