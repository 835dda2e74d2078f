"""Who loads the server: riders, customers and dispatchers, over the public HTTP and WebSocket API only."""

import itertools
import math
import os
import random
from typing import Any

from locust import FastHttpUser, between, constant, task

from domain.errors import PeaklineError
from domain.units import HOUR_MS, MINUTE_MS
from loadtests import environment
from loadtests.live_socket import LiveSocket
from loadtests.room_clock import RoomClock, rfc3339

STEP_DEG = 0.0004
"""How far a rider moves between two fixes, about 40 m."""

_numbers = itertools.count(1)


class ApiUser(FastHttpUser):
    """What all users have in common: the token, the city, the clock, and live connections."""

    abstract = True

    def on_start(self) -> None:
        """Get to know the city."""
        self.number = next(_numbers)
        self.drawn = random.Random(self.number)
        self.headers = {"Authorization": f"Bearer {os.environ[environment.TOKEN]}"}
        self.merchants: list[dict[str, Any]] = self.ask("GET", "/city")["merchants"]
        clock = self.ask("GET", "/clock")
        self.clock = RoomClock(clock["now"], clock["rate"])

    def ask(self, method: str, path: str, name: str | None = None, body: object = None) -> dict[str, Any]:
        """Send a request and return the JSON of its answer; an empty one after a failure."""
        answer = self.client.request(
            method, path, name=name or f"{method} {path}", json=body, headers=self.headers
        )
        document: dict[str, Any] = answer.json() if answer.status_code and answer.status_code < 400 else {}
        return document

    def follow(self, ticket: dict[str, Any], topic: str) -> LiveSocket:
        """Open a live connection for a topic."""
        host = str(self.host).rstrip("/").removeprefix("http")
        return LiveSocket(f"ws{host}/live?ticket={ticket['ticket']}", topic, self._report)

    def anywhere(self) -> dict[str, float]:
        """Return a place in the city: near one of its merchants."""
        merchant = self.drawn.choice(self.merchants)
        return {"lon": merchant["lon"], "lat": merchant["lat"]}

    def _report(self, name: str, response_ms: float, wrong: Exception | None) -> None:
        self.environment.events.request.fire(
            request_type="LIVE",
            name=name,
            response_time=response_ms,
            response_length=0,
            exception=wrong,
            context={},
        )


class Rider(ApiUser):
    """Comes on duty, reports positions, takes what is offered, and carries it."""

    fixed_count = 12
    wait_time = constant(1)

    def on_start(self) -> None:
        """Come on duty."""
        super().on_start()
        self.rider_id = f"load-rider-{self.number}"
        self.place = self.anywhere()
        self.sequence = itertools.count()
        self.heading_rad = self.drawn.uniform(0, 2 * math.pi)
        shift = {**self.place, "ends_at": rfc3339(self.clock.now_ms() + 8 * HOUR_MS), "name": "Load"}
        self.ask("POST", f"/riders/{self.rider_id}/shift", "POST /riders/{id}/shift", shift)

    @task
    def work(self) -> None:
        """Report a position, and take the next step of the present trip."""
        self._report_position()
        rider = self.ask("GET", f"/riders/{self.rider_id}", "GET /riders/{id}")
        if rider.get("stops"):
            self._next_step(rider["state"], rider["stops"][0]["order_ids"][0])

    def _report_position(self) -> None:
        self.heading_rad += self.drawn.uniform(-0.4, 0.4)
        self.place = {
            "lon": self.place["lon"] + STEP_DEG * math.sin(self.heading_rad),
            "lat": self.place["lat"] + STEP_DEG * math.cos(self.heading_rad),
        }
        fix = {
            **self.place,
            "fixed_at": rfc3339(self.clock.now_ms()),
            "sequence": next(self.sequence),
            "accuracy_m": 8.0,
        }
        self.ask("POST", f"/riders/{self.rider_id}/fixes", "POST /riders/{id}/fixes", fix)

    def _next_step(self, state: str, order_id: str) -> None:
        """Do the one thing that the state of the rider asks for."""
        steps: dict[str, tuple[str, dict[str, str]]] = {
            "offered": ("accept", {}),
            "to_merchant": ("arrive", {"at": "merchant"}),
            "at_merchant": ("pick-up", {}),
            "to_door": ("arrive", {"at": "door"}),
            "at_door": ("deliver", {}),
        }
        step, more = steps[state]
        body = {"rider_id": self.rider_id, **more}
        self._step(f"/orders/{order_id}/{step}", f"POST /orders/{{id}}/{step}", body)

    def _step(self, path: str, name: str, body: object) -> None:
        with self.client.request(
            "POST", path, name=name, json=body, headers=self.headers, catch_response=True
        ) as answer:
            # An offer may expire, and an order may be canceled, between looking and answering.
            if answer.status_code == 409:
                answer.success()


class Customer(ApiUser):
    """Orders, follows the order by its link, and sometimes thinks better of it."""

    fixed_count = 12
    wait_time = between(2, 4)

    @task
    def order(self) -> None:
        """Place an order and follow it for a moment."""
        merchant = self.drawn.choice(self.merchants)
        body = {
            "merchant_id": merchant["merchant_id"],
            "dropoff": self.anywhere(),
            "value_cents": self.drawn.randrange(1_500, 12_000),
            "ready_at": rfc3339(self.clock.now_ms() + 2 * MINUTE_MS),
            "reference": f"load-{self.number}",
        }
        placed = self.ask("POST", "/orders", body=body)
        if placed:
            self._follow(placed["order_id"], placed["tracking_token"])
            if self.drawn.random() < 0.1:
                self.ask("POST", f"/orders/{placed['order_id']}/cancel", "POST /orders/{id}/cancel")

    def _follow(self, order_id: str, token: str) -> None:
        ticket = self.ask("POST", f"/track/{token}/ticket", "POST /track/{token}/ticket")
        if not ticket:
            return
        socket = self.follow(ticket, f"order:{order_id}")
        try:
            view = socket.wait_for_snapshot(5)
            wrong = None
            if view["rider"] is not None and view["state"] not in {"picked_up", "at_door"}:
                wrong = PeaklineError(f"order {order_id} shows its rider while {view['state']}")
            self._report("rider hidden", 0.0, wrong)
        except TimeoutError as error:
            self._report("live snapshot", 5_000.0, error)
        finally:
            socket.close()
        self.ask("GET", f"/track/{token}", "GET /track/{token}")


class Dispatcher(ApiUser):
    """Watches the whole fleet live and looks things up."""

    fixed_count = 6
    wait_time = between(1, 3)

    def on_start(self) -> None:
        """Open the live connection."""
        super().on_start()
        self.socket = self.follow(self.ask("POST", "/live/tickets"), "fleet:all")

    def on_stop(self) -> None:
        """Close the live connection."""
        self.socket.close()

    @task
    def look(self) -> None:
        """Look at the figures, the open orders, and one order in full."""
        self.ask("GET", "/summary")
        page = self.ask("GET", "/orders?state=open&limit=20", "GET /orders")
        if page.get("orders"):
            order_id = self.drawn.choice(page["orders"])["order_id"]
            self.ask("GET", f"/orders/{order_id}", "GET /orders/{id}")
        self.ask("GET", "/incidents")
