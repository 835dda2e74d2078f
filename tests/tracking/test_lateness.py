"""Late and probably late orders."""

from domain.commands import ResolveIncident
from domain.events import (
    IncidentEscalated,
    IncidentOpened,
    IncidentResolved,
    OrderCanceled,
    OrderConfirmed,
    OrderDelivered,
    OrderPickedUp,
    OrderReady,
)
from domain.incidents import IncidentType, Severity
from domain.units import HOUR_MS, MINUTE_MS
from tests.tracking.town import START_MS, Player, assigned, new_engine, placed, shift, shift_end
from tracking.params import SilenceParams, TrackingParams

PREDICTED, LATE = IncidentType.LATE_PREDICTED, IncidentType.LATE


def waiting(promise_in_ms: int, ready_in_ms: int = 5 * MINUTE_MS) -> Player:
    """An order that nobody brings though somebody is idle: about 15 min from now at any time."""
    never_silent = SilenceParams(shortest_ms=HOUR_MS, serious_ms=HOUR_MS, serious_with_food_ms=HOUR_MS)
    player = Player(new_engine(TrackingParams(silence=never_silent)))
    player.play(shift("r-9"), START_MS)
    player.play(placed(promise_in_ms=promise_in_ms, ready_in_ms=ready_in_ms), START_MS)
    return player


def opened(player: Player) -> list[tuple[int, IncidentType, Severity]]:
    return [
        (at_ms - START_MS, event.type, event.severity)
        for at_ms, event in player.of(IncidentOpened)
        if isinstance(event, IncidentOpened)
    ]


def resolved(player: Player) -> list[tuple[int, str]]:
    return [
        (at_ms - START_MS, event.reason)
        for at_ms, event in player.of(IncidentResolved)
        if isinstance(event, IncidentResolved)
    ]


def test_an_order_with_time_to_spare_raises_nothing() -> None:
    player = waiting(60 * MINUTE_MS)
    player.advance(START_MS + 20 * MINUTE_MS)
    assert player.incidents() == []


def test_lateness_is_predicted_on_the_second_look_then_turns_into_late() -> None:
    player = waiting(8 * MINUTE_MS)
    player.advance(START_MS + 30 * MINUTE_MS)
    assert opened(player) == [
        (15_000, PREDICTED, Severity.SERIOUS),
        (8 * MINUTE_MS + 1, LATE, Severity.MINOR),
    ]
    assert resolved(player) == [(8 * MINUTE_MS + 1, "became_late")]
    [(at_ms, worse)] = player.of(IncidentEscalated)
    assert at_ms == START_MS + 18 * MINUTE_MS
    assert isinstance(worse, IncidentEscalated)
    # The town's clocks show 16:00 at the start.
    assert worse.evidence.startswith("promised 16:08, not picked up; expected 16:30; slowest leg: ")


def test_evidence_tells_numbers_and_the_slowest_leg() -> None:
    player = waiting(20 * MINUTE_MS, ready_in_ms=25 * MINUTE_MS)
    player.advance(START_MS + MINUTE_MS)
    event = player.of(IncidentOpened)[0][1]
    assert isinstance(event, IncidentOpened)
    assert event.evidence.startswith("promised 16:20, expected 16:29 (late with probability 0.")
    assert event.evidence.endswith("; slowest leg: kitchen")
    assert (event.order_id, event.suggested_action) == ("o-1", "call_merchant")


def test_a_prediction_settles_a_minute_after_things_look_well_again() -> None:
    player = waiting(22 * MINUTE_MS, ready_in_ms=40 * MINUTE_MS)
    player.advance(START_MS + 2 * MINUTE_MS)
    assert [kind for _, kind, _ in opened(player)] == [PREDICTED]
    well_ms = START_MS + 2 * MINUTE_MS + 1_000
    player.play(OrderReady("o-1"), well_ms)
    player.play(assigned({"o-1": 30}, well_ms), well_ms)
    player.advance(well_ms + 3 * MINUTE_MS)
    assert resolved(player) == [(well_ms + MINUTE_MS - START_MS, "on_time_again")]


def test_a_prediction_ends_at_once_when_the_food_is_on_its_way_in_time() -> None:
    player = waiting(22 * MINUTE_MS, ready_in_ms=40 * MINUTE_MS)
    player.advance(START_MS + 2 * MINUTE_MS)
    picked_ms = START_MS + 2 * MINUTE_MS + 1_000
    player.play(assigned({"o-1": 30}, picked_ms), picked_ms)
    assert resolved(player) == []
    player.play(OrderPickedUp("o-1", "r-1", "t-1"), picked_ms)
    assert resolved(player) == [(picked_ms - START_MS, "on_time_again")]


def test_an_order_is_predicted_late_while_nobody_is_on_duty() -> None:
    player = Player()
    player.play(placed(), START_MS)
    player.advance(START_MS + MINUTE_MS)
    [(_, event)] = player.of(IncidentOpened)
    assert isinstance(event, IncidentOpened)
    assert event.type is PREDICTED
    assert event.evidence.endswith("; slowest leg: assignment")


def test_one_doubtful_estimate_alone_raises_nothing() -> None:
    player = waiting(22 * MINUTE_MS)
    player.advance(START_MS + 61_000)
    player.play(OrderConfirmed("o-1", START_MS + 40 * MINUTE_MS), START_MS + 61_000)
    assert player.engine.state.orders["o-1"].late_probability > 0.6
    player.play(OrderConfirmed("o-1", START_MS + 5 * MINUTE_MS), START_MS + 65_000)
    player.advance(START_MS + 2 * MINUTE_MS)
    assert player.incidents() == []


def test_delivery_ends_what_is_open_about_an_order() -> None:
    player = waiting(8 * MINUTE_MS)
    player.advance(START_MS + 9 * MINUTE_MS)
    events = player.play(OrderDelivered("o-1", "r-1", "t-1"), START_MS + 9 * MINUTE_MS)
    assert events == [IncidentResolved("incident-2", "delivered", "")]
    player.play(shift_end("r-9"), START_MS + 10 * MINUTE_MS)
    player.advance(START_MS + 60 * MINUTE_MS)
    assert len(player.of(IncidentOpened)) == 2
    assert player.engine.next_wakeup_ms() is None


def test_cancellation_ends_what_is_open_about_an_order() -> None:
    player = waiting(8 * MINUTE_MS)
    player.advance(START_MS + MINUTE_MS)
    events = player.play(OrderCanceled("o-1", None, "customer"), START_MS + MINUTE_MS)
    assert events == [IncidentResolved("incident-1", "canceled", "")]
    assert player.engine.state.orders == {}


def test_delivery_at_the_very_instant_of_the_promise_is_not_late() -> None:
    player = waiting(30 * MINUTE_MS, ready_in_ms=0)
    promised_ms = START_MS + 30 * MINUTE_MS
    player.advance(promised_ms - 1)
    before = len(player.of(IncidentOpened))
    player.play(OrderDelivered("o-1", "r-1", "t-1"), promised_ms)
    assert len(player.of(IncidentOpened)) == before


def test_a_prediction_closed_by_a_dispatcher_does_not_come_back_the_next_moment() -> None:
    player = waiting(8 * MINUTE_MS)
    player.advance(START_MS + MINUTE_MS)
    player.play(ResolveIncident("incident-1", "customer told", "Li"), START_MS + MINUTE_MS)
    player.advance(START_MS + 7 * MINUTE_MS)
    assert len(player.of(IncidentOpened)) == 1
