"""Instants outside and inside, tickets, and the file of tracking links."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.links import TrackingLinks
from api.tickets import MAX_WAITING, OPERATOR, TICKET_LIFE_MS, Audience, Tickets
from api.wire import parse_rfc3339, rfc3339
from domain.errors import InputFileError


@given(st.integers(-62_135_596_800_000, 253_402_300_799_999))
def test_instants_survive_the_way_out_and_in(at_ms: int) -> None:
    assert parse_rfc3339(rfc3339(at_ms)) == at_ms


def test_offsets_and_fractions_are_understood() -> None:
    assert parse_rfc3339("2026-06-05t11:30:00.1239+08:00") == parse_rfc3339("2026-06-05T03:30:00.123Z")


@pytest.mark.parametrize(
    "text", ["", "2026-06-05", "2026-W23-5T00:00:00Z", "20260605T033000Z", 5, None, "2026"]
)
def test_other_texts_are_no_instants(text: object) -> None:
    with pytest.raises(ValueError, match="RFC 3339"):
        parse_rfc3339(text)


def test_ticket_is_for_one_use_and_half_a_minute() -> None:
    tickets = Tickets()
    ticket, expires_at_ms = tickets.issue(OPERATOR, 1_000)
    assert expires_at_ms == 1_000 + TICKET_LIFE_MS
    assert tickets.redeem(ticket, expires_at_ms - 1) == OPERATOR
    assert tickets.redeem(ticket, 1_001) is None
    late, expires_at_ms = tickets.issue(Audience("order-1"), 1_000)
    assert tickets.redeem(late, expires_at_ms) is None


def test_waiting_tickets_are_bounded() -> None:
    tickets = Tickets()
    first, _ = tickets.issue(OPERATOR, 0)
    for _ in range(MAX_WAITING):
        tickets.issue(OPERATOR, 0)
    assert tickets.redeem(first, 1) is None
    assert len(tickets._waiting) == MAX_WAITING
    tickets.issue(OPERATOR, TICKET_LIFE_MS)
    assert len(tickets._waiting) == 1


def test_tokens_are_long_and_stored_as_hashes_only(tmp_path: Path) -> None:
    path = tmp_path / "links.db"
    links = TrackingLinks(path)
    tokens = {links.issue(f"order-{number}") for number in range(100)}
    links.close()
    assert len(tokens) == 100
    assert all(len(token) >= 22 for token in tokens)  # 128 bits in base64
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert all(token.encode() not in stored for token in tokens)


def test_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "links.db"
    path.write_bytes(b"something else" * 1_000)
    with pytest.raises(InputFileError, match=str(path)):
        TrackingLinks(path)
