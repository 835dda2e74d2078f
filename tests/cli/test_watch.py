"""``peakline watch`` against a real server."""

import asyncio
import json
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import URLError
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from cli.app import app
from cli.watch import BACKOFF_LAST_S, LostFrameError, Place, backoff_s, follow
from cli.watch_lines import frame_line
from cli.watch_server import Server, WatchError, reason
from domain.errors import InvalidValueError
from tests.api.served import TOKEN, Served, serving
from tests.cli.conftest import Peakline


def run(*arguments: str) -> tuple[int, list[str]]:
    done = CliRunner().invoke(app, ["watch", *arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout.splitlines()


@pytest.fixture
def served() -> Any:  # noqa: ANN401  (a generator of Served)
    with serving() as server:
        yield server


def test_fleet_as_json_lines(served: Served) -> None:
    code, lines = run("--url", served.url, "--token", TOKEN, "--json", "--count", "2")
    assert code == 0
    assert [json.loads(line)["t"] for line in lines] == ["hello", "snapshot"]


def test_order_by_its_tracking_link(served: Served) -> None:
    token = served.place()["tracking_token"]
    code, lines = run("--url", served.url, "--track", token, "--count", "2")
    assert code == 0
    assert "order-1 placed (Noodles" in lines[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--token", "wrong-token-of-a-stranger"], "the server at http://.* does not know this token"),
        (["--track", "wrong"], "the server at http://.* does not know this tracking token"),
        (["--track", "x" * 65], "does not know this tracking token"),
        ([], "^--token is missing: give the operator token .* or --track TOKEN$"),
        (["fleet:nowhere", "--token", TOKEN], "^there is no zone 'nowhere'; zones: all, west$"),
        (["order:nope", "--token", TOKEN], "^there is no order 'nope'$"),
        (["weather", "--token", TOKEN], "^topics are fleet:all, fleet:<zone> and order:<id>$"),
    ],
)
def test_what_cannot_be_followed_says_why(served: Served, arguments: list[str], words: str) -> None:
    with pytest.raises(WatchError, match=words):
        run("--url", served.url, *arguments)


def test_a_refusal_is_told_once_and_ends_in_2(served: Served, peakline: Peakline) -> None:
    ended = peakline("watch", "order:nope", "--url", served.url, "--token", TOKEN)
    assert ended.code == 2
    assert (ended.out + ended.err).count("nope") == 1


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1",
        "127.0.0.1:8000",
        "http://",
        "http://:8000",
        "http://127.0.0.1:abc",
        "http://127.0.0.1:0",
        "http://127.0.0.1:70000",
        "http://[::1",
        "http://a..b",
        "http://a b",
        "http://a\n",
        "http://爱",
        "http://me:secret@127.0.0.1",
        "http://127.0.0.1:8000/track#token",
    ],
)
def test_address_that_is_none(url: str) -> None:
    with pytest.raises(InvalidValueError, match=r"^--url: .*scheme, host and port"):
        run("--url", url, "--token", TOKEN)


@pytest.mark.parametrize("option", ["--token", "--track"])
@pytest.mark.parametrize("token", ["two\nlines", "naïve-token", "a token", "\udcff"])
def test_token_that_no_header_can_carry(option: str, token: str) -> None:
    with pytest.raises(InvalidValueError, match=f"^{option}: .*ASCII") as raised:
        run(option, token)
    assert token not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "socket_url"),
    [
        ("http://127.0.0.1:8000/", "ws://127.0.0.1:8000/live?ticket=t"),
        ("HTTPS://[::1]/city", "wss://[::1]/city/live?ticket=t"),
    ],
)
def test_live_socket_is_at_the_same_address(url: str, socket_url: str) -> None:
    assert Server(url, TOKEN, None).socket_url("t") == socket_url


@pytest.mark.parametrize("who", [("--token", TOKEN), ("--track", "token")])
@pytest.mark.parametrize("more", [(), ("--json",)])
def test_server_that_does_not_run(peakline: Peakline, who: tuple[str, ...], more: tuple[str, ...]) -> None:
    ended = peakline("watch", "--url", "http://127.0.0.1:9", *who, *more)
    told = "error: no connection to http://127.0.0.1:9: Connection refused; give the address with --url\n"
    assert (ended.code, ended.out, ended.err) == (2, "", told)


def test_server_of_something_else() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), SilentHandler) as foreign:
        thread = threading.Thread(target=foreign.serve_forever)
        thread.start()
        try:
            with pytest.raises(WatchError, match="there is no Peakline server at http://127"):
                run("--url", f"http://127.0.0.1:{foreign.server_port}", "--token", TOKEN)
        finally:
            foreign.shutdown()
            thread.join()


class SilentHandler(SimpleHTTPRequestHandler):
    """A server of files that says nothing of it."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the name of the base class)
        """Say nothing."""


def test_wrappings_of_an_error_are_taken_off() -> None:
    assert reason(URLError(ConnectionRefusedError(111, "Connection refused"))) == "Connection refused"
    assert reason(URLError("unknown scheme")) == "unknown scheme"
    assert reason(TimeoutError()) == "TimeoutError"


def test_times_are_the_citys(served: Served) -> None:
    served.place()
    code, lines = run("--url", served.url, "--token", TOKEN, "--count", "2")
    assert code == 0
    hour_in_utc = int(served.now()[11:13])
    assert f"({served.get('/city')['time_zone']})" in lines[0]
    assert lines[1].startswith(f"{(hour_in_utc + 8) % 24:02}:")
    assert lines[1][8:14] == "+08:00"


async def test_goes_on_after_a_drop_without_gap_or_double(served: Served) -> None:
    """The server closes the connection of everybody; the client comes back by itself and has everything."""
    frames = follow(Server(served.url, TOKEN, None), Place("fleet:all"))
    seen: list[dict[str, Any]] = [await anext(frames), await anext(frames)]
    placed = []
    for _ in range(2):
        placed.append((await asyncio.to_thread(served.place))["order_id"])
        while len([f for f in seen if f.get("event") == "OrderPlaced"]) < len(placed):
            seen.append(await anext(frames))
        served.drop_live_connections()
        placed.append((await asyncio.to_thread(served.place))["order_id"])
    while len([f for f in seen if f.get("event") == "OrderPlaced"]) < len(placed):
        seen.append(await anext(frames))
    await frames.aclose()  # type: ignore[attr-defined]
    assert [f["data"]["order"]["order_id"] for f in seen if f.get("event") == "OrderPlaced"] == placed
    assert [f["t"] for f in seen].count("snapshot") == 1
    assert [f["t"] for f in seen].count("resumed") == 2
    numbers = [f["seq"] for f in seen if f["t"] == "state"]
    assert numbers == list(range(1, len(numbers) + 1))


def test_doubles_are_left_out_and_gaps_are_noticed() -> None:
    place = Place("fleet:all", "a", 5)
    assert not place.take({"t": "state", "topic": "fleet:all", "seq": 5})
    assert place.take({"t": "state", "topic": "fleet:all", "seq": 6})
    assert place.take({"t": "positions", "topic": "fleet:all"})
    with pytest.raises(LostFrameError, match="frame 7"):
        place.take({"t": "state", "topic": "fleet:all", "seq": 8})


@given(st.integers(1, 10_000))
def test_rest_grows_to_a_limit_and_is_never_the_same_for_all(attempt: int) -> None:
    assert 0 < backoff_s(attempt) <= BACKOFF_LAST_S


def test_every_kind_of_frame_has_its_line_at_city_time() -> None:
    at, zone = "2026-06-05T18:30:00.000Z", ZoneInfo("Asia/Shanghai")
    incident = {"type": "late", "severity": "minor", "evidence": "[past] promise"}
    order = {"order_id": "order-1", "state": "placed", "merchant_name": "Noodles", "eta_at": at}
    frames: list[tuple[dict[str, Any], str]] = [
        ({"t": "hello", "now": at, "rate": 10.0}, "2026-06-06 02:30:00+08:00 (Asia/Shanghai)"),
        ({"t": "resumed", "seq": 4}, "frame 4"),
        ({"t": "state", "at": at, "event": "IncidentOpened", "data": {"incident": incident}}, "late minor"),
        ({"t": "state", "at": at, "event": "OrderPlaced", "data": order}, "expected 02:30+08:00"),
        ({"t": "position", "at": at, "lon": 1.0, "lat": 2.0}, "02:30:00+08:00"),
        ({"t": "positions", "at": at, "riders": [1, 2]}, "2 riders"),
    ]
    for frame, words in frames:
        assert words in (frame_line(frame, zone) or ""), frame
    assert frame_line({"t": "pong", "n": 1}, zone) is None
