"""The real application on a real socket, in a thread, with a clock that a test can move on."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import uvicorn
from fastapi import FastAPI
from websockets.sync.client import ClientConnection, connect

from api.app import create_app
from api.live.hub import Hub
from api.server import server_config
from api.wire import rfc3339
from domain.geo import Point
from domain.places import City, Zone
from domain.units import HOUR_MS, MINUTE_MS, SECOND_MS, Millis
from runtime.asyncio_driver import AsyncioDriver
from runtime.bootstrap import build_control_room
from runtime.city_setup import CitySetup
from runtime.event_log.memory import MemoryLog
from runtime.event_log.port import EventLog
from tests.runtime import town

TOKEN = "operator-token-of-the-tests"
WEST_HALF = Zone(
    "west",
    "West",
    "西",
    (Point(103.9, 29.9), Point(104.0075, 29.9), Point(104.0075, 30.1), Point(103.9, 30.1)),
)


def zoned_town() -> CitySetup:
    setup = town.setup()
    city: City = replace(setup.city, zones=(WEST_HALF,))
    return replace(setup, city=city, streets_geojson=town_geojson)


def town_geojson() -> dict[str, Any]:
    corners = [
        [[c.x, c.y] for c in (town.corner(k, row) for k in range(town.SIDE))] for row in range(town.SIDE)
    ]
    streets = [
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": line},
            "properties": {
                "kind": "street",
                "name_en": "Main Street",
                "name_zh": "大街",
                "road_class": "street",
            },
        }
        for line in corners
    ]
    river = {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [[*corners[0], corners[0][0]]]},
        "properties": {"kind": "river", "name_en": "River", "name_zh": "河"},
    }
    return {"type": "FeatureCollection", "features": [river, *streets]}


class Served:
    """A running server, and a client for it."""

    def __init__(
        self, server: uvicorn.Server, loop: asyncio.AbstractEventLoop, driver: AsyncioDriver, app: FastAPI
    ) -> None:
        port = server.servers[0].sockets[0].getsockname()[1]
        self.address = f"127.0.0.1:{port}"
        self.port = port
        self.url = f"http://{self.address}"
        self.driver = driver
        self.app = app
        self.hub: Hub = app.state.hub
        self._loop = loop
        self.http = httpx2.Client(base_url=self.url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=20)
        self.stranger = httpx2.Client(base_url=self.url, timeout=20)

    def advance(self, by_ms: Millis) -> None:
        """Let time pass in the control room, and everything happen that is due."""
        done: Future[None] = Future()

        def step() -> None:
            try:
                self.driver.catch_up(self.driver.now_ms() + by_ms)
                done.set_result(None)
            except Exception as error:
                done.set_exception(error)

        self._loop.call_soon_threadsafe(step)
        done.result(20)

    def drop_live_connections(self) -> None:
        """End every live connection from the server's side."""

        def drop() -> None:
            for topic in self.hub._topics.values():
                for connection in topic.followers:
                    connection.end(1012)

        self._loop.call_soon_threadsafe(drop)

    def wait_until(self, so: Callable[[], bool]) -> None:
        """Keep asking the server until something is so."""
        until_s = time.monotonic() + 20
        while not so():
            assert time.monotonic() < until_s, "it never came to be"
            self.get("/healthz")

    def post(self, path: str, body: object = None, expect: int | None = None) -> dict[str, Any]:
        answer = self.http.post(path, json=body) if body is not None else self.http.post(path)
        if expect is None:
            assert answer.is_success, answer.text
        else:
            assert answer.status_code == expect, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def get(self, path: str, expect: int = 200) -> dict[str, Any]:
        answer = self.http.get(path)
        assert answer.status_code == expect, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def now(self) -> str:
        return str(self.get("/clock")["now"])

    def later(self, ms: Millis) -> str:
        return rfc3339(self.driver.now_ms() + ms)

    def start_shift(self, rider_id: str, column: int = 0, row: int = 0) -> dict[str, Any]:
        point = town.corner(column, row)
        body = {"lon": point.x, "lat": point.y, "ends_at": self.later(8 * HOUR_MS), "name": "Wei Li"}
        return self.post(f"/riders/{rider_id}/shift", body)

    def place(self, merchant_id: str = "m1", **more: object) -> dict[str, Any]:
        door = town.corner(2, 2)
        body = {"merchant_id": merchant_id, "dropoff": {"lon": door.x, "lat": door.y}, "value_cents": 4200}
        return self.post("/orders", {**body, "ready_at": self.later(MINUTE_MS), **more})

    def fix(self, rider_id: str, sequence: int, column: float, row: float) -> dict[str, Any]:
        body = {
            "fixed_at": self.now(),
            "sequence": sequence,
            "lon": town.WEST + column * town.BLOCK_DEG,
            "lat": town.SOUTH + row * town.BLOCK_DEG,
            "accuracy_m": 5.0,
        }
        return self.post(f"/riders/{rider_id}/fixes", body)

    def offered(self, order_id: str) -> str:
        """Let time pass until an order is offered; return the rider."""
        for _ in range(40):
            order = self.get(f"/orders/{order_id}")
            if order["state"] == "offered":
                return str(order["rider_id"])
            self.advance(15 * SECOND_MS)
        raise AssertionError(f"order {order_id} was never offered")

    def assigned(self, order_id: str) -> str:
        rider_id = self.offered(order_id)
        self.post(f"/orders/{order_id}/accept", {"rider_id": rider_id})
        return rider_id

    def picked_up(self, order_id: str) -> str:
        rider_id = self.assigned(order_id)
        self.post(f"/orders/{order_id}/arrive", {"rider_id": rider_id, "at": "merchant"})
        self.advance(MINUTE_MS)
        self.post(f"/orders/{order_id}/pick-up", {"rider_id": rider_id})
        return rider_id

    def delivered(self, order_id: str) -> str:
        rider_id = self.picked_up(order_id)
        self.advance(5 * MINUTE_MS)
        self.post(f"/orders/{order_id}/deliver", {"rider_id": rider_id})
        return rider_id

    @contextmanager
    def live(self, ticket: str | None = None, origin: str | None = None) -> Iterator["LiveTester"]:
        """Connect to the live socket, with an operator's ticket unless one is given."""
        chosen = ticket if ticket is not None else self.post("/live/tickets")["ticket"]
        with connect(f"ws://{self.address}/live?ticket={chosen}", max_size=None, origin=origin) as connection:
            yield LiveTester(connection)

    def close(self) -> None:
        self.http.close()
        self.stranger.close()


class LiveTester:
    """A live connection that a test speaks through."""

    def __init__(self, connection: ClientConnection) -> None:
        self.socket = connection

    def send(self, frame: object) -> None:
        self.socket.send(frame if isinstance(frame, str) else json.dumps(frame))

    def next(self, kind: str | None = None) -> dict[str, Any]:
        """Return the next frame, or the next of a kind."""
        while True:
            frame: dict[str, Any] = json.loads(self.socket.recv(20))
            if kind is None or frame["t"] == kind:
                return frame

    def follow(self, topic: str, **place: object) -> dict[str, Any]:
        self.send({"sub": True, "topic": topic, **place})
        while True:
            frame = self.next()
            if frame["t"] in {"snapshot", "resumed", "error"}:
                return frame

    def drain(self) -> list[dict[str, Any]]:
        """Return everything that was sent up to now."""
        self.send({"ping": 4711})
        frames: list[dict[str, Any]] = []
        while True:
            frames.append(self.next())
            if frames[-1] == {"t": "pong", "n": 4711}:
                return frames[:-1]


class TellingServer(uvicorn.Server):
    """A server that tells when it listens."""

    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_started()


@contextmanager
def serving(
    *,
    log: EventLog | None = None,
    setup: CitySetup | None = None,
    links_path: Path | None = None,
    web_root: Path | None = None,
    options: Mapping[str, Any] | None = None,
) -> Iterator[Served]:
    """Serve the town until the test is done."""
    chosen = setup or zoned_town()
    started: Future[Served] = Future()
    stop: list[Any] = []

    async def main() -> None:
        room = build_control_room(chosen, log or MemoryLog(town.header()), policy="nearest")
        driver = AsyncioDriver(room, starts_at_ms=town.START_MS)
        more = dict(options or {}) | ({"web_root": web_root} if web_root else {})
        app = create_app(driver, chosen, operator_token=TOKEN, links_path=links_path, **more)
        loop = asyncio.get_running_loop()
        server = TellingServer(
            server_config(app), lambda: started.set_result(Served(server, loop, driver, app))
        )
        stop.append(lambda: loop.call_soon_threadsafe(setattr, server, "should_exit", True))
        running = asyncio.create_task(driver.run())
        await server.serve()
        await driver.stop()
        await running

    def run() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:
            ended.append(error)
            if not started.done():
                started.set_exception(error)

    ended: list[BaseException] = []
    thread = threading.Thread(target=run, name="server")
    thread.start()
    try:
        served = started.result(30)
        try:
            yield served
        finally:
            served.close()
    finally:
        if stop:
            stop[0]()
        thread.join(30)
        assert not thread.is_alive()
    if ended:
        raise ended[0]
