"""kill -9 under load: what was acknowledged is there after the restart, every time.

`PEAKLINE_KILLS` says how many times (3 by default, 30 in `make verify`).
"""

import http.client
import os
import random
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.commands import PlaceOrder, RecordFixes
from runtime.event_log.sqlite import SqliteLog
from tests.e2e.live_server import Caller, LiveServer, free_port

KILLS = int(os.environ.get("PEAKLINE_KILLS", "3"))
CLIENTS = 6


class Load:
    """Clients that place orders and report fixes until the server is gone, noting what was acknowledged."""

    def __init__(self) -> None:
        self.orders: dict[str, str] = {}
        self.fixes: set[tuple[str, int]] = set()
        self.unexpected: list[str] = []
        self._more = threading.Condition()
        self._sequences = dict.fromkeys(range(CLIENTS), 0)
        self._placed = 0

    @property
    def acknowledged(self) -> int:
        return len(self.orders) + len(self.fixes)

    def run_until(self, port: int, more: int) -> list[threading.Thread]:
        """Start the clients, and return once so many more messages were acknowledged."""
        wanted = self.acknowledged + more
        clients = [threading.Thread(target=self._client, args=(port, number)) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        with self._more:
            reached = self._more.wait_for(lambda: self.acknowledged >= wanted or self.unexpected, timeout=60)
        assert reached, "the load does not get through"
        return clients

    def _client(self, port: int, number: int) -> None:
        try:
            with Caller(port) as caller:
                self._start_shift(caller, number)
                while True:
                    self._place_order(caller)
                    self._report_fixes(caller, number)
        except (OSError, http.client.HTTPException, ValueError):
            return  # the server was killed: what was under way is not acknowledged

    def _start_shift(self, caller: Caller, number: int) -> None:
        ends = datetime.now(UTC) + timedelta(hours=8)
        body = {"lon": 120.15, "lat": 30.27, "ends_at": ends.isoformat(), "name": f"Rider {number}"}
        answer = caller.ask("POST", f"/riders/kill-{number}/shift", body)
        if answer.status not in {200, 201, 409}:
            self.unexpected.append(f"shift: {answer}")

    def _place_order(self, caller: Caller) -> None:
        with self._more:
            self._placed += 1
            reference = f"kill-{self._placed}"
        merchant = caller.ask("GET", "/city").body["merchants"][0]["merchant_id"]
        body = {"merchant_id": merchant, "dropoff": {"lon": 120.155, "lat": 30.275}, "reference": reference}
        answer = caller.ask("POST", "/orders", body)
        with self._more:
            if answer.status == 201:
                self.orders[reference] = answer.body["order_id"]
            else:
                self.unexpected.append(f"order: {answer}")
            self._more.notify()

    def _report_fixes(self, caller: Caller, number: int) -> None:
        first = self._sequences[number]
        self._sequences[number] += 5
        now = datetime.now(UTC)
        fixes = [
            {
                "fixed_at": (now - timedelta(milliseconds=100 * (5 - k))).isoformat(),
                "sequence": first + k,
                "lon": 120.15,
                "lat": 30.27,
                "accuracy_m": 8.0,
            }
            for k in range(5)
        ]
        answer = caller.ask("POST", f"/riders/kill-{number}/fixes", {"fixes": fixes})
        with self._more:
            if answer.status == 202:
                self.fixes.update((f"kill-{number}", first + k) for k in range(5))
            else:
                self.unexpected.append(f"fixes: {answer}")
            self._more.notify()


def in_log(path: Path) -> tuple[set[str], set[tuple[str, int]]]:
    """Return the references of all orders and the (rider, sequence) of all fixes in a log."""
    orders: set[str] = set()
    fixes: set[tuple[str, int]] = set()
    log = SqliteLog(path)
    assert log.damage is None, str(log.damage)
    for record in log.read():
        if isinstance(record.message, PlaceOrder):
            orders.add(record.message.reference)
        elif isinstance(record.message, RecordFixes):
            fixes.update((fix.rider_id, fix.sequence) for fix in record.message.fixes)
    log.close()
    return orders, fixes


def test_nothing_acknowledged_is_lost_when_the_server_is_killed_under_load(tmp_path: Path) -> None:
    draw = random.Random(20_261_122)
    load = Load()
    port = free_port()
    for _ in range(KILLS):
        server = LiveServer(tmp_path, port)
        clients = load.run_until(port, draw.randint(20, 400))
        server.kill()
        for client in clients:
            client.join()
        assert not load.unexpected
        orders, fixes = in_log(tmp_path / "lunch_peak.db")
        assert set(load.orders) <= orders
        assert load.fixes <= fixes
    server = LiveServer(tmp_path, port)
    with server.caller() as caller:
        for reference, order_id in load.orders.items():
            assert caller.ask("GET", f"/orders/{order_id}").body["reference"] == reference
        summary = caller.ask("GET", "/summary").body
    assert summary["fixes_received"] >= len(load.fixes)
    assert summary["placed"] >= len(load.orders)
    assert server.stop() == 0
