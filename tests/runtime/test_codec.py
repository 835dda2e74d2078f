"""The canonical bytes are a promise: hashes of logs are compared across machines and versions."""

from dataclasses import fields, replace

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.commands import PlaceOrder, RecordFixes
from domain.errors import LogError
from domain.events import OrderCanceled, OrderConfirmed, RiderMoved
from domain.fixes import Fix
from domain.geo import Point
from domain.loads import Load
from runtime.codec import (
    LATER_FIELDS,
    MESSAGE_TYPES,
    StoredRecord,
    canonical,
    decode_message,
    encode,
    log_hash,
)
from runtime.event_log.port import LogRecord
from runtime.fix_packing import pack_fixes, unpack_fixes

AT_MS = 1_800_000_000_000


def phone(number: int) -> Fix:
    """Return a fix as a phone reports it: 7 decimals of a degree, tenths of everything else."""
    point = Point(round(104.06 + number * 0.00123, 7), round(30.67 - number * 0.00077, 7))
    return Fix(f"r{number % 20}", AT_MS + 1_000 * number, number, point, 4.5, number / 10, number / 2)


def test_a_record_is_one_line_of_json() -> None:
    command = PlaceOrder("m1", Point(104.0665, 30.67), 3_550, None, None, "外卖 7")

    assert canonical(LogRecord(7, AT_MS, None, command)).decode() == (
        '{"seq":7,"at_ms":1800000000000,"cause_seq":null,"type":"PlaceOrder","body":'
        '{"merchant_id":"m1","dropoff":{"x":104.0665,"y":30.67},"value_cents":3550,'
        '"ready_at_ms":null,"promised_at_ms":null,"reference":"外卖 7"}}\n'
    )


def test_fields_that_came_later_are_written_only_when_they_say_something() -> None:
    order = PlaceOrder("m1", Point(104.0665, 30.67), load=Load(volume_l=7))

    assert (
        canonical(LogRecord(7, AT_MS, None, order))
        .decode()
        .endswith('"reference":"","load":{"type":"meal","volume_l":7,"weight_g":0},"window":null}}\n')
    )
    for command in (order, replace(order, load=None)):
        stored = encode(LogRecord(7, AT_MS, None, command))
        assert decode_message(stored) == command
        assert canonical(LogRecord(7, AT_MS, None, command)).endswith(b',"body":' + stored.body + b"}\n")


@pytest.mark.parametrize("kind", LATER_FIELDS, ids=lambda kind: kind.__name__)
def test_fields_that_came_later_are_the_last_ones_and_may_be_left_out(kind: type) -> None:
    names = LATER_FIELDS[kind]
    last = fields(kind)[-len(names) :]
    assert tuple(field.name for field in last) == names
    assert all(field.default is None for field in last)


def test_fixes_are_packed_into_one_word_of_the_line() -> None:
    line = canonical(LogRecord(8, AT_MS, None, RecordFixes((Fix("r1", AT_MS, 3, Point(1.5, -2.5), 5.0),))))

    assert line.decode() == (
        '{"seq":8,"at_ms":1800000000000,"cause_seq":null,"type":"RecordFixes","body":'
        '"AgAAUFwYowEAAAMAAAAAAAAAAAAAAAAA+D8AAAAAAAAEwAAAAAAAABRAAAAAAAAAAAAAAAAAAAAAAHIx"}\n'
    )


def test_derived_events_have_no_place_in_a_log_or_its_hash() -> None:
    moved = LogRecord(0, AT_MS, 1, RiderMoved("r1", AT_MS, Point(0.0, 0.0), None, None))
    canceled = LogRecord(1, AT_MS, None, OrderCanceled("order-1", None, ""))

    assert "RiderMoved" not in MESSAGE_TYPES
    assert log_hash([canceled, moved]) == log_hash([canceled])


def test_what_phones_report_takes_little_room() -> None:
    fixes = tuple(phone(number) for number in range(100))

    assert len(pack_fixes(fixes)) / len(fixes) < 36
    assert unpack_fixes(pack_fixes(fixes)) == fixes


def test_numbers_that_would_lose_something_are_kept_whole() -> None:
    fixes = (phone(1), Fix("r1", 2**62, 2**62, Point(1 / 3, 1e300), 0.1 + 0.2))

    assert unpack_fixes(pack_fixes(fixes)) == fixes


def test_numpy_numbers_are_refused_by_name() -> None:
    record = LogRecord(3, AT_MS, 2, OrderConfirmed("order-1", np.int64(5)))  # type: ignore[arg-type]

    for act in (canonical, encode):
        with pytest.raises(LogError, match="OrderConfirmed cannot be stored"):
            act(record)


def test_an_unknown_type_is_named() -> None:
    with pytest.raises(LogError, match="record 5: unknown type 'OrderEaten'; this version knows PlaceOrder"):
        decode_message(StoredRecord(5, AT_MS, None, "OrderEaten", b"{}"))


def test_a_body_of_another_type_is_named() -> None:
    with pytest.raises(LogError, match="record 5: "):
        decode_message(StoredRecord(5, AT_MS, None, "OrderReady", msgspec.json.encode({"order": 7})))


@given(cut=st.integers(0, 200), several=st.booleans())
def test_a_block_of_fixes_that_is_cut_is_told(cut: int, several: bool) -> None:
    block = pack_fixes(tuple(phone(number) for number in range(9 if several else 1)))
    kept = block[: cut % len(block)] if several else block[: cut % 50]

    with pytest.raises(LogError, match="fixes"):
        unpack_fixes(kept)


def test_a_block_of_fixes_that_is_too_long_is_told() -> None:
    with pytest.raises(LogError, match="2 bytes too many"):
        unpack_fixes(pack_fixes((phone(1), phone(2))) + b"xx")


def test_a_block_of_another_format_is_told() -> None:
    with pytest.raises(LogError, match="format 9"):
        unpack_fixes(b"\x09")
