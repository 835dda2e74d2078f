"""Positions over HTTP."""

from typing import Any

from api.fixes.schemas import MAX_FIXES
from api.wire import rfc3339
from tests.api.served import Served
from tests.runtime import town


def fix(served: Served, sequence: int, **more: object) -> dict[str, Any]:
    place = {"lon": town.WEST, "lat": town.SOUTH + sequence * 1e-6, "accuracy_m": 4}
    return {"fixed_at": rfc3339(served.driver.now_ms() + sequence), "sequence": sequence, **place, **more}


def test_one_fix(served: Served) -> None:
    served.start_shift("rider-1")
    body = fix(served, 7, speed_mps=5.5, heading_deg=90)
    assert served.post("/riders/rider-1/fixes", body) == {"accepted": 1, "durable_sequence": 7}
    rider = served.get("/riders/rider-1")
    assert (rider["heading_deg"], rider["speed_mps"]) == (90, 5.5)
    assert rider["fixed_at"] == body["fixed_at"]


def test_many_fixes_in_any_order_doubles_left_out(served: Served) -> None:
    served.start_shift("rider-1")
    fixes = [fix(served, sequence) for sequence in (3, 1, 2)]
    answer = served.post("/riders/rider-1/fixes", {"fixes": [*fixes, fixes[0]]})
    assert answer == {"accepted": 3, "durable_sequence": 3}
    assert served.get("/summary")["fixes_received"] == 4


def test_fixes_of_several_riders(served: Served) -> None:
    served.start_shift("rider-1")
    served.start_shift("rider-2")
    fixes = [fix(served, n, rider_id=f"rider-{1 + n % 2}") for n in range(4)]
    assert served.post("/fixes", {"fixes": fixes}) == {
        "accepted": 4,
        "durable_sequences": {"rider-1": 2, "rider-2": 3},
    }


def test_largest_batch(served: Served) -> None:
    served.start_shift("rider-1")
    body = {"fixes": [fix(served, number) for number in range(MAX_FIXES)]}
    assert served.post("/riders/rider-1/fixes", body)["durable_sequence"] == MAX_FIXES - 1


def test_shift_ends_at_once_when_idle(served: Served) -> None:
    served.start_shift("rider-1")
    assert [rider["rider_id"] for rider in served.get("/riders")["riders"]] == ["rider-1"]
    assert served.http.delete("/riders/rider-1/shift").json()["state"] == "off_duty"
    assert served.get("/riders")["riders"] == []
    assert served.get("/summary")["riders_on_duty"] == 0
