"""The book keeps one open incident for each type and subject, and refuses what cannot be."""

import pytest

from domain.errors import UnknownIdError, WrongStateError
from domain.events import IncidentAcknowledged, IncidentEscalated, IncidentOpened, IncidentResolved
from domain.incidents import IncidentType, Severity
from tracking.findings import Finding, Standing
from tracking.incidents import Concern, IncidentBook, order_subject, rider_subject

LATE = IncidentType.LATE
ORDER = Concern(order_subject("x-1"), "x-1", "r-1")
MINOR = Finding(Standing.MET, Severity.MINOR, "seen", "reassign")
SERIOUS = Finding(Standing.MET, Severity.SERIOUS, "seen worse", "reassign")
CLEAR = Finding(Standing.CLEAR, reason="gone")


def opened_book() -> IncidentBook:
    book = IncidentBook()
    book.take_in(LATE, ORDER, MINOR, 0)
    return book


def test_the_same_condition_opens_once() -> None:
    book = IncidentBook()
    assert book.take_in(LATE, ORDER, MINOR, 0) == [
        IncidentOpened("incident-1", LATE, Severity.MINOR, "x-1", "r-1", "seen", "reassign")
    ]
    assert book.take_in(LATE, ORDER, MINOR, 5) == []


def test_severity_only_escalates() -> None:
    book = opened_book()
    assert book.take_in(LATE, ORDER, SERIOUS, 1) == [
        IncidentEscalated("incident-1", Severity.SERIOUS, "seen worse")
    ]
    assert book.take_in(LATE, ORDER, MINOR, 2) == []
    assert book.open["incident-1"].severity is Severity.SERIOUS


def test_a_clear_condition_settles_after_the_hold_down_unless_it_returns() -> None:
    book = opened_book()
    book.take_in(LATE, ORDER, CLEAR, 10)
    book.take_in(LATE, ORDER, CLEAR, 20)
    assert book.settles_at_ms("incident-1", 60) == 70
    book.take_in(LATE, ORDER, MINOR, 30)
    assert book.settles_at_ms("incident-1", 60) is None
    book.take_in(LATE, ORDER, CLEAR, 40)
    assert book.settle("incident-1") == [IncidentResolved("incident-1", "gone", "")]
    assert book.settles_at_ms("incident-1", 60) is None


def test_between_entering_and_leaving_nothing_changes() -> None:
    book = opened_book()
    uncertain = Finding(Standing.UNCERTAIN)
    book.take_in(LATE, ORDER, CLEAR, 10)
    assert book.take_in(LATE, ORDER, uncertain, 20) == []
    assert book.settles_at_ms("incident-1", 60) == 70
    assert IncidentBook().take_in(LATE, ORDER, uncertain, 0) == []


def test_what_is_over_resolves_at_once() -> None:
    book = opened_book()
    over = Finding(Standing.OVER, reason="became_late")
    assert book.take_in(LATE, ORDER, over, 1) == [IncidentResolved("incident-1", "became_late", "")]


def test_an_order_and_a_rider_of_the_same_name_are_kept_apart() -> None:
    book = opened_book()
    rider = Concern(rider_subject("x-1"), rider_id="x-1")
    book.take_in(IncidentType.GPS_SIGNAL_LOSS, rider, MINOR, 0)
    assert book.end(order_subject("x-1"), "delivered") == [IncidentResolved("incident-1", "delivered", "")]
    assert book.is_quiet(order_subject("x-1"))
    assert not book.is_quiet(rider_subject("x-1"))


def test_acknowledge_then_resolve() -> None:
    book = opened_book()
    assert book.acknowledge("incident-1", "Li") == [IncidentAcknowledged("incident-1", "Li")]
    with pytest.raises(WrongStateError, match="acknowledged: acknowledge is not possible; possible now: res"):
        book.acknowledge("incident-1", "Li")
    assert book.resolve("incident-1", "called", "Li") == [IncidentResolved("incident-1", "called", "Li")]
    for refused in (lambda: book.acknowledge("incident-1", ""), lambda: book.resolve("incident-1", "", "")):
        with pytest.raises(WrongStateError, match="is resolved"):
            refused()


@pytest.mark.parametrize(
    "name", ["incident-2", "incident-0", "incident-01", "incident-", "x", "incident-²", ""]
)
def test_an_unknown_incident_is_refused_and_nothing_changes(name: str) -> None:
    book = opened_book()
    with pytest.raises(UnknownIdError):
        book.acknowledge(name, "")
    with pytest.raises(UnknownIdError):
        book.resolve(name, "", "")
    assert book == opened_book()


def test_what_a_dispatcher_closed_opens_again_only_when_worse_or_after_it_was_clear() -> None:
    book = opened_book()
    book.resolve("incident-1", "known", "Li")
    assert book.take_in(LATE, ORDER, MINOR, 1) == []
    assert len(book.take_in(LATE, ORDER, SERIOUS, 2)) == 1
    book.resolve("incident-2", "known", "Li")
    assert book.take_in(LATE, ORDER, SERIOUS, 3) == []
    book.take_in(LATE, ORDER, CLEAR, 4)
    assert len(book.take_in(LATE, ORDER, MINOR, 5)) == 1
