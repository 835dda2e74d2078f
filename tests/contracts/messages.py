"""Any message that a log may hold, as hypothesis draws it."""

from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from domain.commands import Command, PinOrder, PlaceOrder, RecordFixes, ReleaseOrder
from domain.events import Event
from domain.fixes import Fix
from domain.geo import Point
from domain.loads import Capacity, Load, OrderType
from domain.schedule import SHORTEST_WINDOW_MS, DeliveryWindow
from runtime.codec import MESSAGE_TYPES
from runtime.event_log.port import LogRecord

INT64 = st.integers(-(2**53), 2**53)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
WORDS = st.text(max_size=12)

REPORTED = st.one_of(
    st.integers(-1_800_000_000, 1_800_000_000).map(lambda n: n / 1e7),
    st.integers(-2_000_000, 2_000_000).map(lambda n: n / 1e3),
    st.floats(),
)
"""Numbers as phones report them, and any others: a broken phone may report infinity."""

FIXES = st.builds(
    Fix,
    rider_id=st.one_of(st.sampled_from(["r1", "r2", "骑手"]), WORDS),
    fixed_at_ms=st.one_of(st.integers(1_800_000_000_000, 1_800_000_100_000), st.integers(-(2**62), 2**62)),
    sequence=st.one_of(st.integers(0, 2**31), st.integers(0, 2**62)),
    point=st.builds(Point, REPORTED, REPORTED),
    accuracy_m=REPORTED,
    speed_mps=st.none() | REPORTED,
    heading_deg=st.none() | REPORTED,
)
LOADS = st.builds(Load, st.sampled_from(OrderType), st.integers(0, 500), st.integers(0, 200_000))
CAPACITIES = st.builds(Capacity, st.integers(1, 500), st.integers(1, 200_000))
WINDOWS = st.tuples(INT64, st.integers(SHORTEST_WINDOW_MS, 2**40)).map(
    lambda drawn: DeliveryWindow(drawn[0], drawn[0] + drawn[1])
)
ORDERS = st.builds(
    PlaceOrder,
    merchant_id=WORDS,
    dropoff=st.builds(Point, NUMBERS, NUMBERS),
    value_cents=st.integers(0, 10**9),
    ready_at_ms=st.none() | INT64,
    promised_at_ms=st.none() | INT64,
    reference=st.text(max_size=64),
    load=st.none() | LOADS,
) | st.builds(PlaceOrder, merchant_id=WORDS, dropoff=st.builds(Point, NUMBERS, NUMBERS), window=WINDOWS)
SPECIAL: dict[type, st.SearchStrategy[Any]] = {
    PlaceOrder: ORDERS,
    Load: LOADS,
    Capacity: CAPACITIES,
    DeliveryWindow: WINDOWS,
    PinOrder: st.builds(PinOrder, order_id=WORDS, rider_id=WORDS, by=WORDS),
    ReleaseOrder: st.builds(ReleaseOrder, order_id=WORDS, by=WORDS),
    RecordFixes: st.builds(RecordFixes, st.lists(FIXES, max_size=6).map(tuple)),
}
PLAIN: dict[type, st.SearchStrategy[Any]] = {
    int: INT64,
    float: NUMBERS,
    str: WORDS,
    bool: st.booleans(),
    NoneType: st.none(),
}


@cache
def values(kind: type) -> st.SearchStrategy[Any]:
    """Draw any value of a type that messages use."""
    if kind in SPECIAL or kind in PLAIN:
        return {**PLAIN, **SPECIAL}[kind]
    if get_origin(kind) is tuple:
        return st.lists(values(get_args(kind)[0]), max_size=2).map(tuple)
    if get_origin(kind) is UnionType or isinstance(kind, UnionType):
        return st.one_of([values(choice) for choice in get_args(kind)])
    if issubclass(kind, Enum):
        return st.sampled_from(kind)
    assert is_dataclass(kind)
    hints = get_type_hints(kind)
    return st.builds(kind, **{field.name: values(hints[field.name]) for field in fields(kind)})


def messages() -> st.SearchStrategy[Command | Event]:
    return st.sampled_from(sorted(MESSAGE_TYPES)).flatmap(lambda name: values(MESSAGE_TYPES[name]))


def logs(most: int = 12) -> st.SearchStrategy[list[LogRecord]]:
    """Draw the records of a log: numbered without gaps, in the order of time."""

    def number(drawn: list[tuple[int, bool, Command | Event]]) -> list[LogRecord]:
        at_ms, cause_seq, records = 1_800_000_000_000, None, []
        for seq, (gap_ms, is_caused, message) in enumerate(drawn, start=1):
            at_ms += gap_ms
            is_input = isinstance(message, get_args(Command))
            records.append(LogRecord(seq, at_ms, cause_seq if is_caused and not is_input else None, message))
            cause_seq = seq if is_input else cause_seq
        return records

    return st.lists(st.tuples(st.integers(0, 10**6), st.booleans(), messages()), max_size=most).map(number)
