"""The dispatch engine: commands in, events out; decisions fall due at epochs and their plans come back."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from dispatch.batching import locate_idle, take_snapshot
from dispatch.book import Book, DispatchState
from dispatch.intake import cancel_order, confirm_order, mark_order_ready, place_order, release_due
from dispatch.offers import (
    accept_offer,
    apply_plan,
    decline_offer,
    expire_offers,
    first_expiry,
    give_up_plan,
)
from dispatch.pins import pin_order, release_order, settle_pins
from dispatch.rescue import (
    first_silence_due_ms,
    hear_incident,
    hear_resolved,
    report_breakdown,
    rescue_from_silent,
)
from dispatch.shifts import announce_shift, end_shift, note_position, start_shift
from dispatch.snapshot import Snapshot
from dispatch.trips import arrive_at_door, arrive_at_merchant, deliver_order, pick_up_order
from domain import commands, events
from domain.commands import Command
from domain.errors import UnknownIdError
from domain.events import DecisionRequested, Event
from domain.ids import DecisionId
from domain.units import Millis

_is_free = attrgetter("is_free")

HANDLERS: dict[type, Callable[[Book, Any, Millis], list[Event]]] = {
    commands.PlaceOrder: place_order,
    commands.ConfirmOrder: confirm_order,
    commands.MarkOrderReady: mark_order_ready,
    commands.CancelOrder: cancel_order,
    commands.PinOrder: pin_order,
    commands.ReleaseOrder: release_order,
    commands.StartShift: start_shift,
    commands.AnnounceShift: announce_shift,
    commands.EndShift: end_shift,
    commands.ReportBreakdown: report_breakdown,
    commands.AcceptOffer: accept_offer,
    commands.DeclineOffer: decline_offer,
    commands.ArriveAtMerchant: arrive_at_merchant,
    commands.PickUpOrder: pick_up_order,
    commands.ArriveAtDoor: arrive_at_door,
    commands.DeliverOrder: deliver_order,
    commands.ApplyPlan: apply_plan,
    events.RiderMoved: note_position,
    events.IncidentOpened: hear_incident,
    events.IncidentResolved: hear_resolved,
}
"""What dispatch does with each message; others do not concern it."""

SIGNS_OF_LIFE = (
    commands.StartShift,
    commands.AcceptOffer,
    commands.DeclineOffer,
    commands.ArriveAtMerchant,
    commands.PickUpOrder,
    commands.ArriveAtDoor,
    commands.DeliverOrder,
    events.RiderMoved,
)
"""What only a rider whose phone works can say."""


class DispatchEngine:
    """Who carries what, in which order and when.

    Parameters
    ----------
    book : Book
        What it remembers, beside the city that it works in.
    """

    def __init__(self, book: Book) -> None:
        self._book = book

    @property
    def state(self) -> DispatchState:
        """Everything that dispatch remembers."""
        return self._book.state

    def restore(self, state: DispatchState) -> None:
        """Take up a state that was stored before."""
        self._book.restore(state)

    def handle(self, message: Command | Event, now_ms: Millis) -> list[Event]:
        """Take in a command or an event.

        Raises
        ------
        RefusedError, InvalidValueError
            If a command cannot be carried out; nothing has changed then.
        """
        handler = HANDLERS.get(type(message))
        if handler is None:
            return []
        happened = handler(self._book, message, now_ms)
        if self._book.state.silences and isinstance(message, SIGNS_OF_LIFE):
            self._book.state.silences.pop(message.rider_id, None)
        if self._book.state.pins:
            happened = [*happened, *settle_pins(self._book, happened, now_ms)]
        return happened

    def next_wakeup_ms(self) -> Millis | None:
        """Return when the next decision, the expiry of an offer or the end of a solver's patience is due."""
        state = self._book.state
        due = state.epoch_due_ms
        if state.offers:
            expiry = next(iter(state.offers.values()))
            due = expiry if due is None or expiry < due else due
        if state.pending_decision is not None:
            patience = state.pending_since_ms + self._book.params.solve_timeout_ms
            due = patience if due is None or patience < due else due
        if state.schedule.due:
            release = state.schedule.due[0][0]
            due = release if due is None or release < due else due
        if state.silences:
            silent = first_silence_due_ms(self._book)
            due = silent if due is None or (silent is not None and silent < due) else due
        return due

    def wake(self, now_ms: Millis) -> list[Event]:
        """Take back expired offers, release what is due, decide without an overdue plan, close a batch."""
        state = self._book.state
        happened = expire_offers(self._book, now_ms) if first_expiry(self._book) is not None else []
        if state.schedule.due:
            happened += release_due(self._book, now_ms)
        if state.silences:
            happened += rescue_from_silent(self._book, now_ms)
        if state.pins:
            # Before the batch is closed: an order whose pin falls is part of it.
            happened += settle_pins(self._book, happened, now_ms)
        patience = state.pending_since_ms + self._book.params.solve_timeout_ms
        if state.pending_decision is not None and patience <= now_ms:
            happened += give_up_plan(self._book, now_ms)
        if state.epoch_due_ms is not None and state.epoch_due_ms <= now_ms:
            happened.append(self._close_batch(now_ms))
        return happened

    def decision(self, decision_id: DecisionId) -> Snapshot:
        """Return the snapshot of the decision that was just requested.

        Raises
        ------
        UnknownIdError
            If that decision is not the pending one.
        """
        asked = self._book.state.asked
        if asked is None or asked.decision_id != decision_id:
            raise UnknownIdError("decision", decision_id)
        return asked

    def pending_decision(self, now_ms: Millis) -> Snapshot | None:
        """Return the snapshot of the decision whose plan is not back, if there is one.

        It is the one that was asked about first. Only a memory that an older version stored lacks it, and
        gets one of now.
        """
        state = self._book.state
        if state.pending_decision is None:
            return None
        return state.asked or take_snapshot(self._book, state.pending_decision, now_ms)

    def _close_batch(self, now_ms: Millis) -> DecisionRequested:
        state = self._book.state
        state.epoch_due_ms = None
        state.pending_decision = state.ids.next_id("decision")
        state.pending_since_ms = now_ms
        locate_idle(self._book, now_ms)
        state.asked = snapshot = take_snapshot(self._book, state.pending_decision, now_ms)
        free = sum(map(_is_free, snapshot.riders))
        return DecisionRequested(state.pending_decision, len(snapshot.orders), free)
