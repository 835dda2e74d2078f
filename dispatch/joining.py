"""Orders that join a trip under way: the partial stage of a commitment."""

from dataclasses import replace

from dispatch.book import Book
from dispatch.routes import pickup_done_ms, plan_dropoffs
from domain.events import Event, OrderAssigned, TripRevised
from domain.orders import OrderStep, next_order_state
from domain.plans import TripAddition
from domain.units import Millis


def join_trip(book: Book, addition: TripAddition, now_ms: Millis) -> list[Event]:
    """Let orders join a trip that still takes them; the rider, who has accepted the trip, is told.

    Nobody is asked again, also where trips may be declined: ``additions_until`` says that an accepted trip
    may grow.
    """
    trip = book.state.trips[addition.trip_id]
    orders = [book.state.orders[order_id] for order_id in addition.order_ids]
    first = trip.stops[0]
    done_at_ms = max(now_ms, pickup_done_ms(book, first.arrives_at_ms, orders))
    leaves_at_ms = done_at_ms + book.times.pickup_after_ms
    trip.order_ids = addition.order_ids
    trip.stops = (
        replace(first, order_ids=addition.order_ids, done_at_ms=done_at_ms),
        *plan_dropoffs(book, first.location, leaves_at_ms, orders),
    )
    events: list[Event] = [TripRevised(trip.trip_id, trip.rider_id, trip.order_ids, trip.stops)]
    dropoff_at_ms = {stop.order_ids[0]: stop.done_at_ms for stop in trip.stops[1:]}
    for order_id, explanation in zip(addition.added, addition.explanations, strict=True):
        order = book.state.orders[order_id]
        book.stop_waiting(order_id)
        order.held_reason = ""
        order.rider_id, order.trip_id = trip.rider_id, trip.trip_id
        order.state = next_order_state(order_id, order.state, OrderStep.ASSIGN)
        order.explanation = explanation
        events.append(
            OrderAssigned(
                order_id, trip.rider_id, trip.trip_id, done_at_ms, dropoff_at_ms[order_id], explanation
            )
        )
    return events
