"""What the stable words of explanations mean, for people at a terminal.

The web pages say the same (``web/src/i18n/en.json``), and a test holds them together.
"""

REASONS = {
    "nearest_free_rider": "The free rider with the shortest drive to the merchant",
    "cheapest_assignment": "Part of the cheapest assignment of all open orders",
    "cheapest_plan": "Part of the cheapest plan of all riders' next trips",
    "greedy_insertion": "The fallback's choice: where it delays everybody the least",
    "joins_trip": "The rider goes to this merchant anyway, and takes it along sooner than anybody else",
    "orders_expected": "Orders are expected nearer to there",
    "assigned_by_hand": "A dispatcher chose the rider; no policy changes it until it is released",
    "waits_for_pinned_rider": "A dispatcher chose a rider who is still on a trip; it is that rider's next",
    "no_rider_on_duty": "Nobody is on duty",
    "no_free_rider": "Everybody on duty is on a trip",
    "no_rider_in_time": "Nobody can pick it up before the end of the shift, or all who could have declined",
    "no_rider_can_carry": "Too large or too heavy for everybody on duty",
    "waits_for_busy_rider": (
        "A rider who is still on a trip would be there sooner, or the free ones are needed elsewhere"
    ),
    "waits_for_kitchen": "The food is not ready yet: leaving later does not delay the pickup",
    "waits_for_window": "To come later: a rider is looked for in time for its delivery window",
    "waits_in_queue": "Planned as a later trip of a rider",
    "worth_waiting": "Waiting for the next decision costs this order nothing, and may help others",
}
"""Why an order was given to a rider, or held."""

UNPINNED = {
    "released": "released: the policy decides again",
    "reassigned": "assigned to somebody else by hand",
    "rider_declined": "the rider turned the offer down",
    "offer_expired": "the rider did not answer the offer",
    "rider_off_duty": "the rider goes off duty",
    "rider_broke_down": "the rider cannot go on",
    "rider_silent": "nothing is heard of the rider",
    "pickup_after_shift": "the pickup would come after the end of the shift",
    "order_canceled": "the order was called off",
}
"""Why an order is no longer assigned by hand."""

BINDINGS = {
    "kitchen": "The food is not ready earlier",
    "rider_arrival": "The rider cannot be at the merchant earlier",
    "shift_end": "The rider's shift ends",
    "sequence": "Other drop-offs come first",
}
"""What keeps the cost from being lower."""

TERMS = {
    "first_mile": "Drive to the merchant",
    "preparation": "From order to food ready",
    "pickup_after_ready": "Food waits for the rider",
    "pickup_after_placed": "From order to pickup",
    "last_mile": "Straight way from merchant to door",
    "click_to_door": "From order to door",
    "detour": "Detour by way of other doors",
    "delay_of_others": "Delay of the trip's other orders",
    "late": "Price of the minutes after the promise",
    "beyond_promise": "Price of each minute after the promise",
    "broken_promise": "Price of breaking the promise",
    "pay": "Rider's pay against the guarantee",
    "expected_orders": "Orders expected there soon",
    "first_mile_here": "Way to them from here",
    "first_mile_there": "Way to them from there",
    "drive_there": "Drive there",
    "saved": "Saved on the next order",
}
"""Addends of a cost."""

HAPPENINGS = {
    "OrderPlaced": "placed",
    "OrderReleased": "due: a rider is looked for",
    "OrderConfirmed": "confirmed by the merchant",
    "OrderReady": "food ready",
    "OrderHeld": "held",
    "Foreseen": "foreseen",
    "Planned": "planned",
    "Joined": "added to a trip under way",
    "Dropped": "plan dropped: it no longer held when it came",
    "PlanRefused": "plan refused",
    "TripOffered": "offered",
    "OfferDeclined": "declined",
    "OfferExpired": "offer expired",
    "OrderAssigned": "assigned",
    "TripAssigned": "trip begins",
    "TripRevised": "trip changed",
    "OrderReturned": "given back",
    "OrderPinned": "assigned by hand",
    "OrderUnpinned": "no longer assigned by hand",
    "RiderArrivedAtMerchant": "rider at the merchant",
    "OrderPickedUp": "picked up",
    "RiderArrivedAtDoor": "rider at the door",
    "OrderDelivered": "delivered",
    "OrderCanceled": "canceled",
    "IncidentOpened": "incident",
}
"""What happened to an order."""


def said(words: dict[str, str], word: str) -> str:
    """Return what a word means; one that is not known as it is."""
    return words.get(word, word)
