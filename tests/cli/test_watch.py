"""``peakline watch`` against a real server."""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from cli.app import app
from cli.watch import BACKOFF_LAST_S, LostFrameError, Place, Server, backoff_s, follow
from cli.watch_lines import frame_line
from domain.errors import InvalidValueError
from tests.api.served import TOKEN, Served, serving


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
        (["--token", "wrong-token-of-a-stranger"], "one that the server knows"),
        (["--track", "wrong"], "one that the server knows"),
        ([], "--token"),
        (["fleet:nowhere", "--token", TOKEN], "a topic of the server"),
    ],
)
def test_what_cannot_be_followed_says_why(served: Served, arguments: list[str], words: str) -> None:
    with pytest.raises(InvalidValueError, match=words):
        run("--url", served.url, *arguments)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "127.0.0.1:8000"])
def test_address_that_is_none(url: str) -> None:
    with pytest.raises(InvalidValueError, match="an address like"):
        run("--url", url, "--token", TOKEN)


def test_customer_of_a_server_that_does_not_run() -> None:
    with pytest.raises(InvalidValueError, match="a running server"):
        run("--url", "http://127.0.0.1:9", "--track", "token")


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


def test_every_kind_of_frame_has_its_line() -> None:
    at = "2026-06-05T03:30:00.000Z"
    incident = {"type": "late", "severity": "minor", "evidence": "[past] promise"}
    frames = [
        {"t": "hello", "now": at, "rate": 10.0},
        {"t": "resumed", "seq": 4},
        {"t": "state", "at": at, "event": "IncidentOpened", "data": {"incident": incident}},
        {"t": "position", "at": at, "lon": 1.0, "lat": 2.0},
        {"t": "positions", "at": at, "riders": [1, 2]},
        {"t": "error", "status": 404, "detail": "no"},
    ]
    assert all(frame_line(frame) for frame in frames)
    assert frame_line({"t": "pong", "n": 1}) is None
