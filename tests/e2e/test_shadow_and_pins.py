"""A real server: a policy in the shadow is compared, and what is assigned by hand survives a kill."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.e2e.live_server import Caller, LiveServer, free_port, live_server

HERE = {"lon": 120.15, "lat": 30.27}


def start_shift(caller: Caller, rider_id: str) -> None:
    ends = (datetime.now(UTC) + timedelta(hours=8)).isoformat()
    assert caller.ask("POST", f"/riders/{rider_id}/shift", {**HERE, "ends_at": ends}).status == 201


def place(caller: Caller) -> str:
    merchant = caller.ask("GET", "/city").body["merchants"][0]["merchant_id"]
    answer = caller.ask("POST", "/orders", {"merchant_id": merchant, "dropoff": HERE})
    assert answer.status == 201
    return str(answer.body["order_id"])


def show(caller: Caller, order_id: str) -> dict[str, Any]:
    view: dict[str, Any] = caller.ask("GET", f"/orders/{order_id}").body
    return view


def test_a_policy_in_the_shadow_is_compared_with_the_one_that_acts(tmp_path: Path) -> None:
    with live_server(tmp_path, "--policy", "nearest", "--shadow", "nearest", "--rate", "60") as server:
        with server.caller() as caller:
            start_shift(caller, "r1")
            told = caller.ask("GET", "/shadow").body
            assert (told["policy"], told["acting"], told["decisions"]["asked"]) == ("nearest", "nearest", 0)
            order_id = place(caller)
            while show(caller, order_id)["state"] == "placed":
                pass
            while (told := caller.ask("GET", "/shadow").body)["decisions"]["compared"] == 0:
                assert told["stopped"] == ""
        assert told["orders"]["started"] == told["orders"]["same_rider"] == 1
        assert told["pickup"] == {"orders": 1, "sooner": 0, "later": 0, "mean_min": 0.0}
        assert server.stop() == 0
    assert "In the shadow: nearest, beside nearest" in (tmp_path / "server.err").read_text()


def test_what_is_assigned_by_hand_survives_a_kill(tmp_path: Path) -> None:
    server = LiveServer(tmp_path, free_port(), "--policy", "nearest")
    with server.caller() as caller:
        start_shift(caller, "far")
        start_shift(caller, "other")
        first, second = place(caller), place(caller)
        for order_id in (first, second):
            assert (
                caller.ask("POST", f"/orders/{order_id}/assign", {"rider_id": "far", "by": "Chen"}).status
                == 200
            )
        before = [show(caller, order_id) for order_id in (first, second)]
    server.kill()
    with live_server(tmp_path, "--policy", "nearest") as again, again.caller() as caller:
        assert [show(caller, order_id)["pin"] for order_id in (first, second)] == [o["pin"] for o in before]
        assert show(caller, second)["held_reason"] == "waits_for_pinned_rider"
        assert caller.ask("GET", "/shadow").status == 404
        released = caller.ask("POST", f"/orders/{second}/release")
        assert (released.status, released.body["pin"]) == (200, None)
