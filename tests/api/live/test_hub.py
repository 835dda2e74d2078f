"""Laws of the hub: nothing lost, nothing doubled, nothing unbounded, however clients drop and stall."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from api.live.hub import IDLE_FLUSHES, RING_FRAMES, Connection, Hub, TopicKey
from api.live.protocol import positions
from domain.ids import RiderId
from domain.units import Millis

FLEET = TopicKey("fleet:all")


class Ledger:
    """The truth behind one topic: a list that only grows, and the latest position of each rider."""

    def __init__(self) -> None:
        self.happened: list[int] = []
        self.places: dict[RiderId, float] = {}
        self.hub = Hub(self, "test")

    def snapshot(self, key: TopicKey, epoch: str, seq: int) -> bytes:
        return json.dumps({"happened": self.happened, "places": self.places}).encode()

    def positions(self, key: TopicKey, riders: Iterable[RiderId]) -> str | None:
        shown = [(rider, self.places[rider], 0.0, None, 0) for rider in riders if rider in self.places]
        return positions(key.name, 0, shown) if shown else None

    def riders(self, key: TopicKey) -> Iterable[RiderId]:
        return list(self.places)

    def now_ms(self) -> Millis:
        return 0

    def add(self) -> None:
        self.happened.append(len(self.happened))
        self.hub.publish(FLEET, "Added", 0, json.dumps(self.happened[-1]).encode())

    def move(self, rider: RiderId, to: float) -> None:
        self.places[rider] = to
        self.hub.mark_moved(FLEET, rider)


class Client:
    """A client as pages are: folds frames, remembers its place, reconnects with it."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.connection: Connection | None = None
        self.epoch: str | None = None
        self.seq: int | None = None
        self.happened: list[int] = []
        self.places: dict[str, float] = {}
        self.snapshots = 0
        self.frames: list[dict[str, Any]] = []

    def connect(self) -> None:
        self.drop()
        self.connection = Connection(lambda: None)
        self.ledger.hub.follow(self.connection, FLEET, self.epoch, self.seq)

    def drop(self) -> None:
        if self.connection is not None:
            self.ledger.hub.leave(self.connection)
            self.connection = None

    def read(self, limit: int | None = None) -> None:
        while self.connection is not None and limit != 0:
            text = self.ledger.hub.next_frame(self.connection)
            if text is None:
                return
            self.take(json.loads(text))
            limit = None if limit is None else limit - 1

    def lose(self, count: int) -> None:
        """Let frames be written to a socket whose other end is gone already."""
        for _ in range(count):
            if self.connection is not None:
                self.ledger.hub.next_frame(self.connection)
        self.drop()

    def take(self, frame: dict[str, Any]) -> None:
        self.frames.append(frame)
        match frame["t"]:
            case "snapshot":
                self.snapshots += 1
                self.epoch, self.seq = frame["epoch"], frame["seq"]
                self.happened = frame["data"]["happened"]
                self.places = frame["data"]["places"]
            case "resumed":
                assert (frame["epoch"], frame["seq"]) == (self.epoch, self.seq)
            case "state":
                assert self.seq is not None
                assert frame["epoch"] == self.epoch
                assert frame["seq"] == self.seq + 1
                self.seq = frame["seq"]
                self.happened.append(frame["data"])
            case "positions":
                self.places |= {rider: lon for rider, lon, *_ in frame["riders"]}

    def knows_everything(self) -> bool:
        return self.happened == self.ledger.happened and self.places == self.ledger.places


steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(1, 300)),
        st.tuples(st.just("move"), st.integers(0, 4)),
        st.tuples(st.just("flush"), st.just(0)),
        st.tuples(st.just("read"), st.integers(1, 20)),
        st.tuples(st.just("drop"), st.just(0)),
        st.tuples(st.just("lose"), st.integers(1, 20)),
        st.tuples(st.just("connect"), st.just(0)),
        st.tuples(st.just("idle"), st.just(0)),
    ),
    max_size=40,
)


@given(steps)
def test_client_that_drops_anywhere_misses_and_doubles_nothing(script: list[tuple[str, int]]) -> None:
    ledger = Ledger()
    client = Client(ledger)
    acts: dict[str, Callable[[int], object]] = {
        "add": lambda number: [ledger.add() for _ in range(number)],
        "move": lambda number: ledger.move(f"rider-{number}", len(ledger.happened) + number / 10),
        "flush": lambda _: ledger.hub.flush_positions(),
        "read": client.read,
        "drop": lambda _: client.drop(),
        "lose": client.lose,
        "connect": lambda _: client.connect(),
        "idle": lambda _: [ledger.hub.flush_positions() for _ in range(IDLE_FLUSHES + 1)],
    }
    for step, number in script:
        acts[step](number)
    client.connect()
    client.read()
    ledger.hub.flush_positions()
    client.read()
    assert client.knows_everything()


@given(missed=st.integers(0, RING_FRAMES))
def test_short_absence_is_made_good_frame_by_frame(missed: int) -> None:
    ledger = Ledger()
    client = Client(ledger)
    client.connect()
    client.read()
    client.drop()
    for _ in range(missed):
        ledger.add()
    client.frames.clear()
    client.connect()
    client.read()
    assert [frame["t"] for frame in client.frames] == ["resumed", *["state"] * missed]
    assert client.knows_everything()


def test_long_absence_is_made_good_by_a_snapshot_that_says_so() -> None:
    ledger = Ledger()
    client = Client(ledger)
    client.connect()
    client.read()
    client.drop()
    for _ in range(RING_FRAMES + 1):
        ledger.add()
    client.frames.clear()
    client.connect()
    client.read()
    assert [(frame["t"], frame["recovered"]) for frame in client.frames] == [("snapshot", False)]
    assert client.knows_everything()


def test_places_of_another_generation_mean_nothing() -> None:
    ledger = Ledger()
    client = Client(ledger)
    client.epoch, client.seq = "of-another-process", 0
    client.connect()
    client.read()
    assert client.snapshots == 1


def test_stalled_client_gets_every_state_frame_while_the_ring_holds_them() -> None:
    ledger = Ledger()
    client = Client(ledger)
    client.connect()
    client.read()
    for _ in range(RING_FRAMES):
        ledger.add()
        ledger.move("rider-1", 1.0)
        ledger.hub.flush_positions()
    client.frames.clear()
    client.read()
    kinds = [frame["t"] for frame in client.frames]
    assert kinds == [*["state"] * RING_FRAMES, "positions"]
    assert client.knows_everything()


def test_stalled_client_costs_a_bounded_amount_of_memory() -> None:
    ledger = Ledger()
    client = Client(ledger)
    client.connect()
    assert client.connection is not None
    client.read()
    for round_ in range(20 * RING_FRAMES):
        ledger.add()
        for number in range(10):
            ledger.move(f"rider-{number}", float(round_))
        ledger.hub.flush_positions()
    (subscription,) = client.connection.subscriptions.values()
    assert len(subscription.moved) == 10
    assert len(subscription.topic.ring) == RING_FRAMES
    assert not client.connection.answers
    client.read()
    assert client.snapshots == 2
    assert client.knows_everything()


def test_stalled_client_does_not_hold_up_the_others() -> None:
    ledger = Ledger()
    stalled, quick = Client(ledger), Client(ledger)
    stalled.connect()
    quick.connect()
    quick.read()
    for number in range(2 * RING_FRAMES):
        ledger.add()
        quick.read()
        assert len(quick.happened) == number + 1
    assert quick.snapshots == 1


def test_only_the_latest_position_of_each_rider_travels() -> None:
    ledger = Ledger()
    client = Client(ledger)
    client.connect()
    client.read()
    client.frames.clear()
    for to in (1.0, 2.0, 3.0):
        ledger.move("rider-1", to)
        ledger.hub.flush_positions()
    client.read()
    assert [frame["riders"] for frame in client.frames] == [[["rider-1", 3.0, 0.0, None, 0]]]


def test_prepared_positions_are_made_anew_after_a_state_change() -> None:
    """After a delivery the rider is hidden: a position prepared before it must not slip through."""
    ledger = Ledger()
    client = Client(ledger)
    client.connect()
    client.read()
    ledger.move("rider-1", 1.0)
    ledger.hub.flush_positions()
    del ledger.places["rider-1"]
    ledger.add()
    client.frames.clear()
    client.read()
    assert [frame["t"] for frame in client.frames] == ["state"]


def test_topic_that_nobody_follows_is_forgotten_after_a_while() -> None:
    ledger = Ledger()
    client = Client(ledger)
    client.connect()
    client.drop()
    for _ in range(IDLE_FLUSHES):
        ledger.hub.flush_positions()
    assert ledger.hub.is_open(FLEET)
    ledger.hub.flush_positions()
    assert not ledger.hub.is_open(FLEET)
