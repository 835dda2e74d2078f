"""``peakline watch``: follow a live topic in the terminal, through every drop of the connection."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

import typer
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from cli.output import out, remark
from cli.watch_lines import frame_line
from domain.errors import InvalidValueError

HTTP_TIMEOUT_S = 10.0
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


@dataclass(frozen=True, slots=True)
class Server:
    """Where to connect, and as whom.

    Attributes
    ----------
    url : str
        Address of the server, ``http://...`` or ``https://...``.
    token, track : str or None
        The operator's token, or a customer's tracking token.
    """

    url: str
    token: str | None
    track: str | None

    def __post_init__(self) -> None:
        if urlsplit(self.url).scheme not in {"http", "https"}:
            raise InvalidValueError("url", self.url, "an address like http://127.0.0.1:8000")
        if not self.token and not self.track:
            raise InvalidValueError("token", None, "--token (printed by the server at the start) or --track")

    def ticket(self) -> str:
        """Return a new ticket for one connection."""
        path = f"/track/{quote(self.track, safe='')}/ticket" if self.track else "/live/tickets"
        return str(self._ask("POST", path)["ticket"])

    def own_topic(self) -> str:
        """Return the topic of the order that the tracking token leads to."""
        view = self._ask("GET", f"/track/{quote(self.track or '', safe='')}")
        return f"order:{view['order_id']}"

    def socket_url(self, ticket: str) -> str:
        """Return the address of the live socket."""
        return f"ws{self.url.rstrip('/').removeprefix('http')}/live?ticket={quote(ticket)}"

    def _ask(self, method: str, path: str) -> Frame:
        request = Request(self.url.rstrip("/") + path, method=method)  # noqa: S310  (checked on construction)
        if self.token and not self.track:
            request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with urlopen(request, timeout=HTTP_TIMEOUT_S) as response:  # noqa: S310
                answer: Frame = json.load(response)
                return answer
        except HTTPError as error:
            raise _refusal(error) from error


def _refusal(error: HTTPError) -> Exception:
    """Return what a refused request means: a wrong token ends it all, a busy server does not."""
    if error.code in {401, 403, 404}:
        detail = error.reason
        with suppress(ValueError, AttributeError):
            detail = json.load(error)["detail"]
        return InvalidValueError("token", "...", f"one that the server knows: {detail}")
    return ConnectionError(f"the server answered {error.code}")


async def follow(server: Server, place: Place) -> AsyncIterator[Frame]:
    """Yield frames for ever; reconnect with jittered backoff and go on from the same place."""
    attempt = 0
    while True:
        try:
            ticket = await asyncio.to_thread(server.ticket)
            async with connect(server.socket_url(ticket), compression=None, max_size=None) as socket:
                await socket.send(place.subscription())
                async for text in socket:
                    frame = json.loads(text)
                    attempt = 0
                    if place.take(frame):
                        yield frame
            reason = "the server closed the connection"
        except LostFrameError as error:
            place.epoch = place.seq = None
            reason = str(error)
        except ConnectionClosed as error:
            if error.rcvd is not None and error.rcvd.code == CLOSE_NOT_ALLOWED:
                raise InvalidValueError(
                    "url", server.url, "a server that lets this client connect"
                ) from error
            reason = str(error)
        except (OSError, URLError, InvalidHandshake, TimeoutError) as error:
            reason = str(error)
        attempt += 1
        rest_s = backoff_s(attempt)
        remark(f"[yellow]{reason}; again in {rest_s:.1f} s[/]")
        await asyncio.sleep(rest_s)


def backoff_s(attempt: int) -> float:
    """Return how long to rest before an attempt.

    It doubles, and lies anywhere in the upper half, so that a thousand clients do not come back at once.
    """
    longest = min(BACKOFF_LAST_S, BACKOFF_FIRST_S * float(1 << min(attempt, 10)))
    return longest * (0.5 + secrets.randbelow(1_000) / 2_000)


async def _watch(server: Server, place: Place, *, as_json: bool, count: int | None) -> None:
    shown = 0
    async for frame in follow(server, place):
        text = json.dumps(frame, ensure_ascii=False) if as_json else frame_line(frame)
        if text is not None:
            if as_json:
                print(text, flush=True)
            else:
                out.print(text, highlight=False, soft_wrap=True)
            shown += 1
        if frame["t"] == "error":
            raise InvalidValueError("topic", place.topic, f"a topic of the server: {frame['detail']}")
        if count is not None and shown >= count:
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
        place = Place(server.own_topic() if track else topic)
    except (URLError, ConnectionError) as error:
        raise InvalidValueError("url", url, f"a running server ({error})") from error
    with suppress(KeyboardInterrupt):
        asyncio.run(_watch(server, place, as_json=as_json, count=count))
