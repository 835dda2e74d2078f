"""From records of the log to frames of the live socket."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from api.fleet.schemas import FleetOut, SummaryOut
from api.incidents.schemas import incident_out
from api.live import protocol
from api.live.hub import Hub, TopicKey, order_topic
from api.minimap import MiniMap
from api.orders.schemas import order_out
from api.riders.schemas import rider_out
from api.track.customer_view import customer_out, rounded, visible_rider
from domain.events import (
    DecisionRequested,
    Event,
    FixesRejected,
    IncidentAcknowledged,
    IncidentEscalated,
    IncidentOpened,
    IncidentResolved,
    OfferDeclined,
    OfferExpired,
    OrderDelivered,
    PlanApplied,
    PlanRefused,
    RiderArrivedAtMerchant,
    RiderMoved,
    TripAssigned,
    TripEnded,
    TripOffered,
    TripRevised,
)
from domain.ids import IncidentId, OrderId, RiderId, ZoneId
from domain.places import ALL_ZONES
from domain.units import Millis
from runtime.event_log.port import LogRecord
from runtime.projections import ReadModel
from runtime.projections.views import OrderView, RiderView

_TRIP_EVENTS = (TripOffered, TripAssigned, TripRevised, TripEnded)
_UNPUBLISHED = (DecisionRequested, PlanApplied, PlanRefused, FixesRejected, RiderMoved)
_INCIDENT_EVENTS = (IncidentOpened, IncidentEscalated, IncidentAcknowledged, IncidentResolved)


@dataclass(frozen=True, slots=True)
class Touched:
    """Whose view an event changed."""

    order_ids: tuple[OrderId, ...] = ()
    rider_id: RiderId | None = None
    incident_id: IncidentId | None = None


def touched(model: ReadModel, event: Event) -> Touched:
    """Return whose view an event changed; of a trip only the rider's, its orders have events of their own."""
    if isinstance(event, _INCIDENT_EVENTS):
        order_id = model.incidents.all[event.incident_id].order_id
        known = order_id is not None and order_id in model.orders.all
        return Touched((order_id,) if order_id and known else (), None, event.incident_id)
    rider_id = getattr(event, "rider_id", None)
    if isinstance(event, _TRIP_EVENTS):
        return Touched((), rider_id)
    if isinstance(event, OfferDeclined | OfferExpired | RiderArrivedAtMerchant):
        return Touched(event.order_ids, rider_id)
    order_id = getattr(event, "order_id", None)
    return Touched((order_id,) if order_id else (), rider_id)


class LiveViews:
    """Snapshots and positions as they travel: what the hub asks for.

    Parameters
    ----------
    model : ReadModel
        What has happened so far.
    now_ms : callable
        The control room's time.
    rate : float
        How fast it goes by.
    mini_map : MiniMap
        The background of the customers' maps.
    """

    def __init__(
        self, model: ReadModel, now_ms: Callable[[], Millis], rate: float, mini_map: MiniMap
    ) -> None:
        self.model = model
        self.now_ms = now_ms
        self.rate = rate
        self.mini_map = mini_map

    def snapshot(self, key: TopicKey, epoch: str, seq: int) -> bytes:
        """Return the ``data`` of a snapshot as JSON."""
        if key.kind == "fleet":
            return self.fleet(key.subject, epoch, seq)
        return self.order(key, self.model.orders.all[key.subject], self.mini_map)

    def fleet(self, zone: ZoneId, epoch: str, seq: int) -> bytes:
        """Return everything that a dispatcher of a zone sees, as JSON."""
        model, now_ms = self.model, self.now_ms()
        riders = [r for r in model.riders.on_duty() if zone == ALL_ZONES or zone in self.zones_of(r)]
        orders = [o for o in model.orders.open.values() if zone in {ALL_ZONES, o.zone_id}]
        ids = {o.order_id for o in orders} | {r.rider_id for r in riders}
        incidents = [
            i
            for i in model.incidents.unresolved.values()
            if zone == ALL_ZONES or i.order_id in ids or i.rider_id in ids
        ]
        fleet = FleetOut(
            seq=seq,
            epoch=epoch,
            at=now_ms,
            zone=zone,
            riders=[rider_out(rider) for rider in riders],
            orders=[order_out(order) for order in orders],
            incidents=[incident_out(incident) for incident in incidents],
            summary=SummaryOut.model_validate(model.summary(now_ms)),
        )
        return fleet.model_dump_json().encode()

    def order(self, key: TopicKey, order: OrderView, mini_map: MiniMap | None = None) -> bytes:
        """Return one order as the followers of its topic see it, as JSON."""
        if not key.for_customer:
            return order_out(order).model_dump_json().encode()
        view = customer_out(self.model, order, now_ms=self.now_ms(), rate=self.rate, mini_map=mini_map)
        # Without a map the field is left out: a page keeps the one it has.
        return view.model_dump_json(exclude={"map"} if mini_map is None else None).encode()

    def riders(self, key: TopicKey) -> Iterable[RiderId]:
        """Return all riders whose positions belong to a topic."""
        if key.kind == "fleet":
            return list(self.model.riders.positions)
        rider_id = self.model.orders.all[key.subject].rider_id
        return [rider_id] if rider_id else []

    def positions(self, key: TopicKey, riders: Iterable[RiderId]) -> str | None:
        """Return a frame with the latest positions of riders, None when there is nothing to show."""
        if key.kind == "fleet":
            shown = [entry for rider_id in riders if (entry := self._position(key.subject, rider_id))]
            return protocol.positions(key.name, self.now_ms(), shown) if shown else None
        order = self.model.orders.all[key.subject]
        if key.for_customer:
            rider = visible_rider(self.model, order)
        else:
            rider = self.model.riders.get(order.rider_id) if order.rider_id else None
        if rider is None or rider.position is None:
            return None
        point = rider.position.point
        lon, lat = rounded(point) if key.for_customer else (round(point.x, 6), round(point.y, 6))
        entry = ("", lon, lat, rider.position.heading_deg, rider.position.fixed_at_ms)
        return protocol.position(key.name, self.now_ms(), entry)

    def zones_of(self, rider: RiderView) -> set[ZoneId]:
        """Return the zones that a rider concerns: where the rider is, and those of the orders of the trip."""
        orders = (self.model.orders.all.get(order_id) for order_id in rider.order_ids)
        return {self.model.city.zone_of(rider.point)} | {order.zone_id for order in orders if order}

    def _position(self, zone: ZoneId, rider_id: RiderId) -> protocol.RiderPosition | None:
        position = self.model.riders.positions.get(rider_id)
        if position is None:
            return None
        if zone != ALL_ZONES and self.model.city.zone_of(position.point) != zone:
            return None
        lon, lat = round(position.point.x, 6), round(position.point.y, 6)
        return rider_id, lon, lat, position.heading_deg, position.fixed_at_ms


class LiveFeed:
    """Takes in durable records and lets the hub publish what they changed; subscribe it to the driver.

    Parameters
    ----------
    views : LiveViews
        The read model (which is brought up to date here) and how it travels.
    hub : Hub
        Who follows what.
    """

    def __init__(self, views: LiveViews, hub: Hub) -> None:
        self.views = views
        self.hub = hub
        self._summary: bytes = b""

    def take_in(self, records: Sequence[LogRecord]) -> None:
        """Take in the records of one or more steps, in order."""
        if not self.hub.is_followed:
            for record in records:
                self.views.model.apply(record)
            return
        published = [not r.is_input and not isinstance(r.message, _UNPUBLISHED) for r in records]
        last = max((index for index, is_news in enumerate(published) if is_news), default=-1)
        for index, record in enumerate(records):
            self.views.model.apply(record)
            if isinstance(record.message, RiderMoved):
                self._moved(record.message.rider_id)
            elif published[index]:
                self._publish(record.message, record.at_ms, is_last=index == last)  # type: ignore[arg-type]

    def _moved(self, rider_id: RiderId) -> None:
        for key in self.hub.open_fleets():
            self.hub.mark_moved(key, rider_id)
        rider = self.views.model.riders.views.get(rider_id)
        for order_id in rider.order_ids if rider else ():
            self.hub.mark_moved(order_topic(order_id), rider_id)
            self.hub.mark_moved(order_topic(order_id, for_customer=True), rider_id)

    def _publish(self, event: Event, at_ms: Millis, *, is_last: bool) -> None:
        change = touched(self.views.model, event)
        name = type(event).__name__
        fleets = self.hub.open_fleets()
        frames = list(self._fleet_data(change, at_ms, with_summary=is_last)) if fleets else []
        for key in fleets:
            if key.subject == ALL_ZONES or key.subject in self._zones(change):
                for data in frames:
                    self.hub.publish(key, name, at_ms, data)
        for order_id in change.order_ids:
            self._publish_order(order_id, name, at_ms)
        if isinstance(event, OrderDelivered | TripRevised):
            # One door less, or another sequence, before the doors of the other orders of the trip.
            rider = self.views.model.riders.views[event.rider_id]
            for order_id in rider.order_ids:
                self._publish_order(order_id, TripRevised.__name__, at_ms)

    def _publish_order(self, order_id: OrderId, name: str, at_ms: Millis) -> None:
        order = self.views.model.orders.all[order_id]
        for key in (order_topic(order_id), order_topic(order_id, for_customer=True)):
            if self.hub.is_open(key):
                self.hub.publish(key, name, at_ms, self.views.order(key, order))

    def _zones(self, change: Touched) -> set[ZoneId]:
        model = self.views.model
        zones = {model.orders.all[order_id].zone_id for order_id in change.order_ids}
        rider_id = change.rider_id
        if change.incident_id is not None:
            rider_id = model.incidents.all[change.incident_id].rider_id
        rider = model.riders.get(rider_id) if rider_id else None
        return zones | self.views.zones_of(rider) if rider else zones

    def _fleet_data(self, change: Touched, at_ms: Millis, *, with_summary: bool) -> Iterator[bytes]:
        """Yield the data of one frame per order, the first with everything else that changed."""
        model = self.views.model
        parts: list[bytes] = []
        rider = model.riders.get(change.rider_id) if change.rider_id else None
        if rider is not None:
            parts.append(b'"rider":' + rider_out(rider).model_dump_json().encode())
        if change.incident_id is not None:
            incident = incident_out(model.incidents.all[change.incident_id])
            parts.append(b'"incident":' + incident.model_dump_json().encode())
        if with_summary:
            summary = SummaryOut.model_validate(model.summary(at_ms)).model_dump_json().encode()
            if summary != self._summary:
                self._summary = summary
                parts.append(b'"summary":' + summary)
        orders = [
            b'"order":' + order_out(model.orders.all[order_id]).model_dump_json().encode()
            for order_id in change.order_ids
        ]
        yield b"{" + b",".join([*parts, *orders[:1]]) + b"}"
        for order in orders[1:]:
            yield b"{" + order + b"}"
