"""Orders over HTTP: from the customer's click to the door."""

from tests.api.served import Served
from tests.runtime import town


def test_an_order_goes_from_click_to_door(served: Served) -> None:
    served.start_shift("rider-1")
    placed = served.place(reference="till-1")
    assert placed["state"] == "placed"
    assert placed["merchant_name"] == "Noodles"
    assert placed["pickup"] == {"lon": town.WEST, "lat": town.SOUTH}

    order_id = placed["order_id"]
    served.delivered(order_id)

    order = served.get(f"/orders/{order_id}")
    assert order["state"] == "delivered"
    assert order["rider_id"] == "rider-1"
    assert [entry["event"] for entry in order["timeline"] if entry["event"] != "OrderHeld"] == [
        "OrderPlaced",
        "OrderOffered",
        "OrderAssigned",
        "RiderArrivedAtMerchant",
        "OrderPickedUp",
        "OrderDelivered",
    ]
    assert order["explanation"]["reason"]
    assert {"binding", "foreseen", "opportunity_min"} <= order["explanation"].keys()
    summary = served.get("/summary")
    assert (summary["placed"], summary["delivered"], summary["open"]) == (1, 1, 0)
    assert summary["median_click_to_door_min"] > 6


def test_location_header_leads_to_the_order(served: Served) -> None:
    door = town.corner(1, 1)
    answer = served.http.post(
        "/orders", json={"merchant_id": "m1", "dropoff": {"lon": door.x, "lat": door.y}}
    )
    assert answer.status_code == 201
    assert served.get(answer.headers["location"])["order_id"] == answer.json()["order_id"]
    assert answer.json()["tracking_url"] == f"/track#{answer.json()['tracking_token']}"


def test_kitchen_confirms_and_marks_ready(served: Served) -> None:
    order_id = served.place()["order_id"]
    later = served.later(600_000)
    assert served.post(f"/orders/{order_id}/confirm", {"ready_at": later})["ready_at"] == later
    assert served.post(f"/orders/{order_id}/confirm")["ready_at"] == later
    ready = served.post(f"/orders/{order_id}/ready")
    assert ready["is_ready"]
    assert ready["ready_at"] < later


def test_declined_offers_go_to_somebody_else(served: Served) -> None:
    served.start_shift("rider-1", 0, 0)
    served.start_shift("rider-2", 3, 3)
    order_id = served.place()["order_id"]
    first = served.offered(order_id)
    declined = served.post(f"/orders/{order_id}/decline", {"rider_id": first, "reason": "too far"})
    assert (declined["state"], declined["rider_id"]) == ("placed", None)
    assert served.offered(order_id) != first


def test_a_rider_who_breaks_down_hands_the_food_over(served: Served) -> None:
    served.start_shift("rider-1")
    order_id = served.place()["order_id"]
    assert served.offered(order_id) == "rider-1"
    for step, more in (("accept", {}), ("arrive", {"at": "merchant"}), ("pick-up", {})):
        served.post(f"/orders/{order_id}/{step}", {"rider_id": "rider-1", **more})
    place = town.corner(1, 0)
    body = {"reason": "flat tire", "place": {"lon": place.x, "lat": place.y}}
    assert served.post("/riders/rider-1/breakdown", body)["state"] == "off_duty"
    order = served.get(f"/orders/{order_id}")
    assert (order["state"], order["rider_id"]) == ("placed", None)
    assert order["pickup"] == {"lon": place.x, "lat": place.y}
    served.start_shift("rider-2", 3, 3)
    assert served.offered(order_id) == "rider-2"
    served.post("/riders/rider-1/breakdown", body, expect=409)


def test_canceled_orders_say_why(served: Served) -> None:
    order_id = served.place()["order_id"]
    canceled = served.post(f"/orders/{order_id}/cancel", {"reason": "no longer hungry"})
    assert canceled["state"] == "canceled"
    assert canceled["canceled_reason"] == "no longer hungry"


def test_pages_of_orders_hold_each_order_once_while_new_ones_come(served: Served) -> None:
    ids = [served.place()["order_id"] for _ in range(5)]
    seen: list[str] = []
    page = served.get("/orders?limit=2")
    served.place()
    while True:
        seen += [order["order_id"] for order in page["orders"]]
        if page["next_cursor"] is None:
            break
        page = served.get(f"/orders?limit=2&cursor={page['next_cursor']}")
    assert seen == ids[::-1]


def test_orders_are_filtered_by_state_zone_and_rider(served: Served) -> None:
    served.start_shift("rider-1")
    west = served.place(dropoff={"lon": town.WEST, "lat": town.SOUTH})["order_id"]
    east = served.place()["order_id"]
    served.post(f"/orders/{east}/cancel")

    def found(query: str) -> list[str]:
        return [order["order_id"] for order in served.get(f"/orders?{query}")["orders"]]

    assert found("state=open") == [west]
    assert found("state=canceled") == [east]
    assert found("zone=west") == [west]
    assert found("zone=all") == [east, west]
    rider_id = served.offered(west)
    assert found(f"rider_id={rider_id}") == [west]


def test_another_rider_cannot_act_for_the_one_who_has_it(served: Served) -> None:
    served.start_shift("rider-1")
    served.start_shift("rider-2", 3, 3)
    order_id = served.place()["order_id"]
    other = {"rider-1": "rider-2", "rider-2": "rider-1"}[served.offered(order_id)]
    for step, more in [("accept", {}), ("decline", {}), ("arrive", {"at": "merchant"}), ("pick-up", {})]:
        problem = served.post(f"/orders/{order_id}/{step}", {"rider_id": other, **more}, expect=409)
        assert other in problem["detail"]
