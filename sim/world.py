"""The simulated city: its people, wired to a driver and to the control room's events."""

from collections.abc import Callable, Sequence
from typing import Any

import simpy

from domain import events
from domain.commands import AnnounceShift
from domain.ids import OrderId, RiderId
from domain.units import Millis
from runtime.control_room import ControlRoom
from runtime.event_log.port import LogRecord
from sim.actors.customer import Customers
from sim.actors.merchant import Kitchens
from sim.actors.rider import Rider, RiderWorld
from sim.demand import draw_orders
from sim.driver import SimpyDriver
from sim.motion import Motion, meters_per_unit
from sim.randomness import Streams
from sim.sensors import Sensors
from sim.spec import ScenarioSpec, Tracking
from sim.truth import TruthLog


class World:
    """Everybody in a scenario; each submits commands through the driver and hears only of own events.

    Parameters
    ----------
    spec : ScenarioSpec
        The scenario.
    seed : int
        Root of all random streams.
    driver : SimpyDriver
        Whose clock and control room the people use; its clock must not be past `opens_at_ms`.

    Attributes
    ----------
    truth : TruthLog
        What really went wrong.
    """

    def __init__(self, spec: ScenarioSpec, seed: int, driver: SimpyDriver) -> None:
        self.truth = TruthLog()
        self._spec = spec
        self._driver = driver
        streams = Streams(seed)
        setup = spec.setup
        motion, sensors = _phones(spec, driver, streams, self.truth)
        self._sensors: Sensors | None = sensors
        orders = draw_orders(spec.demand, setup.city, spec.kitchens, spec.starts_at_ms, streams)
        usual_ms = {merchant.merchant_id: merchant.preparation_ms for merchant in setup.city.merchants}
        self._kitchens = Kitchens(spec.kitchens, driver, streams, usual_ms)
        self._customers = Customers(iter(orders), spec.customers, driver, self._kitchens)
        self._on_shelf: set[OrderId] = set()
        shared = RiderWorld(driver, spec.riders, setup.service_times, self._on_shelf, motion)
        self._pickup_from_ms, self._handover_from_ms = shared.pickup_from_ms, shared.handover_from_ms
        self._riders: dict[RiderId, Rider] = {
            shift.rider_id: Rider(index, shift, shared, streams) for index, shift in enumerate(spec.shifts)
        }
        self._carriers: dict[OrderId, Rider] = {}
        self._open_orders = 0
        self._riders_to_come_or_here = len(spec.shifts)
        self._hearers: dict[type, Callable[[Any], None]] = {
            events.OrderPlaced: self._hear_placed,
            events.OrderReleased: self._hear_released,
            events.OrderReady: self._hear_ready,
            events.OrderAssigned: self._customers.hear_assigned,
            events.OrderDelivered: self._hear_delivered,
            events.OrderCanceled: self._hear_canceled,
            events.OrderReturned: self._hear_returned,
            events.TripOffered: self._hear_offered,
            events.OfferDeclined: self._hear_offer_gone,
            events.OfferExpired: self._hear_offer_gone,
            events.TripAssigned: self._hear_assigned,
            events.TripRevised: self._hear_revised,
            events.TripEnded: self._hear_ended,
            events.MoveAdvised: self._hear_move_advised,
            events.ShiftStarted: self._hear_shift_started,
            events.ShiftEnded: self._hear_shift_ended,
        }

    def goes_on(self) -> bool:
        """Tell whether the window is not over, or an order can still be carried by somebody."""
        return (
            not self._customers.done
            or (self._open_orders > 0 and self._riders_to_come_or_here > 0)
            or self._driver.now_ms < self._spec.ends_at_ms
        )

    @property
    def placed(self) -> int:
        """How many orders the scenario's customers have placed so far."""
        return self._customers.placed

    def start(self) -> None:
        """Subscribe to the control room, and begin everybody's day."""
        self._driver.room.subscribe(self._hear)
        self._driver.at(opens_at_ms(self._spec), self._announce_shifts)
        for rider in self._riders.values():
            rider.start()
        self._customers.start()
        if self._sensors is not None:
            self._sensors.start()

    def _announce_shifts(self) -> None:
        """Tell the roster of the day, which is known before it begins."""
        for shift in self._spec.shifts:
            announced = AnnounceShift(
                shift.rider_id, shift.point, shift.starts_at_ms, shift.ends_at_ms, shift.vehicle
            )
            self._driver.submit(announced)

    def _hear(self, records: Sequence[LogRecord]) -> None:
        for _, _, _, message in records:
            hearer = self._hearers.get(type(message))
            if hearer is not None:
                hearer(message)

    def _hear_placed(self, event: events.OrderPlaced) -> None:
        self._open_orders += 1
        self._kitchens.hear_placed(event)
        self._customers.hear_placed(event)
        if event.window is not None:
            self._handover_from_ms[event.order_id] = event.window.earliest_ms

    def _hear_released(self, event: events.OrderReleased) -> None:
        self._customers.hear_released(event)
        self._pickup_from_ms[event.order_id] = event.pickup_from_ms

    def _hear_ready(self, event: events.OrderReady) -> None:
        self._on_shelf.add(event.order_id)
        rider = self._carriers.get(event.order_id)
        if rider is not None:
            rider.hear_ready(event.order_id)

    def _hear_delivered(self, event: events.OrderDelivered) -> None:
        self._open_orders -= 1
        self._carriers.pop(event.order_id, None)

    def _hear_canceled(self, event: events.OrderCanceled) -> None:
        self._open_orders -= 1
        self._carriers.pop(event.order_id, None)
        self._customers.hear_canceled(event)
        self._kitchens.hear_canceled(event)

    def _hear_returned(self, event: events.OrderReturned) -> None:
        self._carriers.pop(event.order_id, None)
        if event.was_picked_up:
            # Whoever comes for it finds it in the hands of the rider before.
            self._on_shelf.add(event.order_id)

    def _hear_offered(self, event: events.TripOffered) -> None:
        if (rider := self._riders.get(event.rider_id)) is not None:
            rider.hear_offered(event)

    def _hear_offer_gone(self, event: events.OfferDeclined | events.OfferExpired) -> None:
        if (rider := self._riders.get(event.rider_id)) is not None:
            rider.hear_offer_gone(event.trip_id)

    def _hear_assigned(self, event: events.TripAssigned) -> None:
        if (rider := self._riders.get(event.rider_id)) is not None:
            self._carriers.update(dict.fromkeys(event.order_ids, rider))
            rider.hear_assigned(event)

    def _hear_revised(self, event: events.TripRevised) -> None:
        if (rider := self._riders.get(event.rider_id)) is not None:
            self._carriers.update(dict.fromkeys(event.order_ids, rider))
            rider.hear_revised(event)

    def _hear_ended(self, event: events.TripEnded) -> None:
        if (rider := self._riders.get(event.rider_id)) is not None:
            rider.hear_ended(event)

    def _hear_move_advised(self, event: events.MoveAdvised) -> None:
        if (rider := self._riders.get(event.rider_id)) is not None:
            rider.hear_move_advised(event)

    def _hear_shift_started(self, event: events.ShiftStarted) -> None:
        if (rider := self._riders.get(event.rider_id)) is not None:
            rider.hear_shift_started(event)

    def _hear_shift_ended(self, event: events.ShiftEnded) -> None:
        if (rider := self._riders.get(event.rider_id)) is not None:
            self._riders_to_come_or_here -= 1
            rider.hear_shift_ended()


def _phones(
    spec: ScenarioSpec, driver: SimpyDriver, streams: Streams, truth: TruthLog
) -> tuple[Motion, Sensors] | tuple[None, None]:
    """Give the riders phones, where the scenario wants positions."""
    if spec.tracking is not Tracking.FULL or spec.gps is None:
        return None, None
    city = spec.setup.city
    scale_m = meters_per_unit(city.frame, spec.shifts[0].point.y if spec.shifts else 0.0)
    motion = Motion(len(spec.shifts), spec.setup.paths, scale_m)
    sensors = Sensors(spec.gps, spec.shifts, motion, scale_m, city.frame, driver, streams, truth)
    return motion, sensors


def opens_at_ms(spec: ScenarioSpec) -> Millis:
    """Return when a scenario's time begins: with its window, or with the first shift before it."""
    return min([spec.starts_at_ms, *(shift.starts_at_ms for shift in spec.shifts)])


def simulate(spec: ScenarioSpec, seed: int, room: ControlRoom) -> tuple[SimpyDriver, World]:
    """Put a scenario's people into a control room; nothing happens before the driver is told to run.

    Returns
    -------
    driver : SimpyDriver
        ``driver.run_until(at_ms)`` steps the simulation; it starts at `opens_at_ms`.
    world : World
        The people.
    """
    driver = SimpyDriver(simpy.Environment(initial_time=opens_at_ms(spec)), room)
    world = World(spec, seed, driver)
    world.start()
    return driver, world
