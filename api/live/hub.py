"""Who follows what, and what each connection is to be told next. Pure: no socket, no clock, no task.

A connection has no queue of its own. It remembers, per topic, the last state frame it was given, and takes
the next one from the topic's ring when its socket can carry more. So memory per connection is bounded,
whatever the client does; state frames are never merged; who fell behind the ring gets a fresh snapshot.
Positions are latest-wins: while a client cannot take any, only *whose* position changed is remembered.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from api.live import protocol
from domain.ids import OrderId, RiderId
from domain.units import Millis

RING_FRAMES = 256
"""State frames that a topic remembers for clients that come back."""

IDLE_FLUSHES = 3_000
"""How many flushes (ten minutes at 200 ms) a topic that nobody follows is kept for those who come back."""


@dataclass(frozen=True, slots=True)
class TopicKey:
    """One stream of frames.

    Attributes
    ----------
    name : str
        What clients call it: ``fleet:<zone>`` or ``order:<id>``.
    for_customer : bool
        Whether it is the customer's view of the order, which shows less than the operator's.
    """

    name: str
    for_customer: bool = False

    @property
    def kind(self) -> str:
        """The part before the colon: ``fleet`` or ``order``."""
        return self.name.partition(":")[0]

    @property
    def subject(self) -> str:
        """The part after the colon: a zone or an order."""
        return self.name.partition(":")[2]


def order_topic(order_id: OrderId, *, for_customer: bool = False) -> TopicKey:
    """Return the topic of one order, as operators or as its customer see it."""
    return TopicKey(f"order:{order_id}", for_customer)


class Source(Protocol):
    """Where snapshots and positions come from."""

    def snapshot(self, key: TopicKey, epoch: str, seq: int) -> bytes:
        """Return the ``data`` of a snapshot as JSON."""
        ...

    def positions(self, key: TopicKey, riders: Iterable[RiderId]) -> str | None:
        """Return a frame with the latest positions of riders, None when there is nothing to show."""
        ...

    def riders(self, key: TopicKey) -> Iterable[RiderId]:
        """Return all riders whose positions belong to a topic."""
        ...

    def now_ms(self) -> Millis:
        """Return the control room's time."""
        ...


@dataclass(slots=True)
class Topic:
    """A stream with the state frames that can still be sent again.

    Attributes
    ----------
    epoch : str
        Generation of the stream; positions of another generation mean nothing.
    seq : int
        Number of the newest state frame.
    moved : dict
        Riders whose position changed since the last flush (a dict serves as ordered set).
    """

    key: TopicKey
    epoch: str
    seq: int = 0
    ring: deque[str] = field(default_factory=deque)
    followers: "dict[Connection, Subscription]" = field(default_factory=dict)
    moved: dict[RiderId, None] = field(default_factory=dict)
    idle_flushes: int = 0

    def frame(self, seq: int) -> str | None:
        """Return a state frame by its number, None when the ring no longer holds it."""
        index = seq - self.seq + len(self.ring) - 1
        return self.ring[index] if 0 <= index < len(self.ring) else None

    def can_resume(self, epoch: str | None, since: int | None) -> bool:
        """Tell whether every state frame after a position is still there."""
        return epoch == self.epoch and since is not None and self.seq - len(self.ring) <= since <= self.seq


@dataclass(slots=True)
class Subscription:
    """What one connection was told of one topic.

    Attributes
    ----------
    sent : int or None
        Number of the last state frame it got, None when a snapshot is due.
    resumed : bool
        Whether the frame that says "resumed" is due.
    moved : dict
        Riders whose positions it has not been given yet.
    prepared : str or None
        The frame with exactly those positions, when it is the one that all followers get.
    prepared_at : int
        Number of the newest state frame when it was made; after another one it may show too much.
    """

    topic: Topic
    sent: int | None = None
    resumed: bool = False
    moved: dict[RiderId, None] = field(default_factory=dict)
    prepared: str | None = None
    prepared_at: int = 0


class Connection:
    """One client: what it follows, and small answers that wait for it.

    Parameters
    ----------
    wake : callable
        Called whenever there may be something to send; it must not block.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self.wake = wake
        self.answers: deque[str] = deque()
        self.subscriptions: dict[TopicKey, Subscription] = {}
        self.ends_with: int | None = None

    def end(self, code: int) -> None:
        """Have the connection closed with a code."""
        self.ends_with = code
        self.wake()

    def answer(self, frame: str) -> None:
        """Put a small answer (pong, error) in front of everything else."""
        self.answers.append(frame)
        self.wake()


class Hub:
    """All topics and their followers.

    Parameters
    ----------
    source : Source
        Where snapshots and positions come from.
    generation : str
        Name of this process's generation; part of every epoch.
    """

    def __init__(self, source: Source, generation: str) -> None:
        self._source = source
        self._generation = generation
        self._topics: dict[TopicKey, Topic] = {}
        self._fleets: dict[TopicKey, None] = {}
        self._opened = 0

    @property
    def is_followed(self) -> bool:
        """Whether any topic is open."""
        return bool(self._topics)

    def is_open(self, key: TopicKey) -> bool:
        """Tell whether frames of a topic have anybody to go to, now or soon again."""
        return key in self._topics

    def open_fleets(self) -> list[TopicKey]:
        """Return the open topics that show a fleet: there are few, and every event asks."""
        return list(self._fleets)

    def position_of(self, key: TopicKey) -> tuple[str, int]:
        """Return epoch and number of the newest state frame of a topic; it is kept open from now on."""
        topic = self._open(key)
        return topic.epoch, topic.seq

    def follow(self, connection: Connection, key: TopicKey, epoch: str | None, since: int | None) -> None:
        """Let a connection follow a topic, from where it was if that is still known, else from a snapshot."""
        topic = self._open(key)
        subscription = Subscription(topic)
        if topic.can_resume(epoch, since):
            subscription.sent, subscription.resumed = since, True
            subscription.moved = dict.fromkeys(self._source.riders(key))
        topic.followers[connection] = subscription
        topic.idle_flushes = 0
        connection.subscriptions[key] = subscription
        connection.wake()

    def unfollow(self, connection: Connection, key: TopicKey) -> None:
        """Let a connection follow a topic no longer."""
        subscription = connection.subscriptions.pop(key, None)
        if subscription is not None:
            del subscription.topic.followers[connection]

    def expel(self, key: TopicKey, code: int) -> None:
        """End all connections that follow a topic."""
        topic = self._topics.get(key)
        for connection in topic.followers if topic else ():
            connection.end(code)

    def leave(self, connection: Connection) -> None:
        """Forget a connection."""
        for key in list(connection.subscriptions):
            self.unfollow(connection, key)

    def publish(self, key: TopicKey, event: str, at_ms: Millis, data: bytes) -> None:
        """Give a state frame its number and let all followers of its topic have it."""
        topic = self._topics.get(key)
        if topic is None:
            return
        topic.seq += 1
        topic.ring.append(protocol.state(key.name, topic.epoch, topic.seq, at_ms, event, data))
        if len(topic.ring) > RING_FRAMES:
            topic.ring.popleft()
        for connection in topic.followers:
            connection.wake()

    def mark_moved(self, key: TopicKey, rider_id: RiderId) -> None:
        """Note that a rider's position changed; it travels with the next flush."""
        topic = self._topics.get(key)
        if topic is not None and topic.followers:
            topic.moved[rider_id] = None

    def flush_positions(self) -> None:
        """Offer all changed positions to the followers, one frame per topic however many they are.

        Topics that nobody has followed for a while are forgotten here.
        """
        for topic in list(self._topics.values()):
            if topic.moved:
                moved, topic.moved = topic.moved, {}
                self._offer(topic, moved)
            if not topic.followers:
                topic.idle_flushes += 1
                if topic.idle_flushes > IDLE_FLUSHES:
                    del self._topics[topic.key]
                    self._fleets.pop(topic.key, None)

    def next_frame(self, connection: Connection) -> str | None:
        """Return what a connection is to be told next, None when it knows everything.

        A snapshot is made at this very moment, so that it is never older than the socket's next write, and
        nothing can happen between it and the frames that follow it.
        """
        if connection.answers:
            return connection.answers.popleft()
        for subscription in connection.subscriptions.values():
            frame = self._next_state(subscription)
            if frame is not None:
                return frame
        for subscription in connection.subscriptions.values():
            frame = self._next_positions(subscription)
            if frame is not None:
                return frame
        return None

    def _next_positions(self, subscription: Subscription) -> str | None:
        if not subscription.moved:
            return None
        topic, frame = subscription.topic, subscription.prepared
        if frame is None or subscription.prepared_at != topic.seq:
            frame = self._source.positions(topic.key, subscription.moved)
        subscription.moved, subscription.prepared = {}, None
        return frame

    def _next_state(self, subscription: Subscription) -> str | None:
        topic = subscription.topic
        if subscription.sent is not None:
            if subscription.resumed:
                subscription.resumed = False
                return protocol.resumed(topic.key.name, topic.epoch, subscription.sent)
            if subscription.sent == topic.seq:
                return None
            frame = topic.frame(subscription.sent + 1)
            if frame is not None:
                subscription.sent += 1
                return frame
        subscription.sent = topic.seq
        subscription.resumed = False
        subscription.moved, subscription.prepared = {}, None
        data = self._source.snapshot(topic.key, topic.epoch, topic.seq)
        return protocol.snapshot(topic.key.name, topic.epoch, topic.seq, self._source.now_ms(), data)

    def _offer(self, topic: Topic, moved: dict[RiderId, None]) -> None:
        frame = self._source.positions(topic.key, moved)
        if frame is None:
            return
        for connection, subscription in topic.followers.items():
            if subscription.moved:
                subscription.moved = subscription.moved | moved
                subscription.prepared = None
            else:
                subscription.moved, subscription.prepared = moved, frame
                subscription.prepared_at = topic.seq
            connection.wake()

    def _open(self, key: TopicKey) -> Topic:
        topic = self._topics.get(key)
        if topic is None:
            self._opened += 1
            topic = Topic(key, f"{self._generation}-{self._opened}")
            self._topics[key] = topic
            if key.kind == "fleet":
                self._fleets[key] = None
        return topic
