"""The tracking engine: fixes and events in; positions, arrival estimates and incidents out.

Fixes walk ``STAGES`` (with the hold in the middle); riders are looked at by ``RIDER_DETECTORS`` after each
released fix and each event of theirs; orders are estimated anew and looked at by ``ORDER_DETECTORS`` after
each event of theirs and at least every 15 s (every minute while they wait for a rider and will hardly be
late). Everything that depends on fixes happens when they leave the hold, at instants that depend on the
devices' stamps alone: arrival in any order within the hold, and doubles, give the same incidents.
"""

from domain.commands import AcknowledgeIncident, Command, RecordFixes, ResolveIncident
from domain.events import Event, FixesRejected, RiderMoved
from domain.fixes import Fix
from domain.ids import OrderId, RiderId
from domain.incidents import IncidentType
from domain.places import City
from domain.plans import ServiceTimes
from domain.ports import StreetPaths
from domain.units import Millis
from tracking.detectors import ORDER_DETECTORS, RIDER_DETECTORS
from tracking.eta.refresh import refresh
from tracking.findings import Finding, Standing
from tracking.incidents import Concern, order_subject, rider_subject
from tracking.journal import Change, write_down
from tracking.params import TrackingParams
from tracking.scene import Scene
from tracking.stages import ARRIVAL_STAGES, RELEASE_STAGES, DropReason
from tracking.state import OrderTrack, RiderTrack, TrackingState
from tracking.watches import Task


class TrackingEngine:
    """Where everyone is, when they arrive, what looks wrong.

    Parameters
    ----------
    city : City
        For the frame and the box of plausible positions.
    paths : StreetPaths
        Where location keys are.
    times : ServiceTimes
        Usual time at stops.
    params : TrackingParams
        Everything that can be set.
    """

    def __init__(self, city: City, paths: StreetPaths, times: ServiceTimes, params: TrackingParams) -> None:
        self._city = city
        self._paths = paths
        self._times = times
        self._params = params
        self.restore(TrackingState())

    @property
    def state(self) -> TrackingState:
        """Everything the engine remembers."""
        return self._state

    def restore(self, state: TrackingState) -> None:
        """Take up a state that was stored before; what can be made again is made again when needed."""
        self._state = state
        self._scene = Scene(self._city, self._paths, self._times, self._params, state)

    def handle(self, message: Command | Event, now_ms: Millis) -> list[Event]:
        """Take in fixes, a dispatcher's word on an incident, or an event.

        Raises
        ------
        UnknownIdError, WrongStateError
            If the incident named by a command does not exist or is past that step.
        """
        if isinstance(message, RecordFixes):
            return self._receive(message.fixes, now_ms)
        if isinstance(message, AcknowledgeIncident):
            return self._state.book.acknowledge(message.incident_id, message.by)
        if isinstance(message, ResolveIncident):
            return self._state.book.resolve(message.incident_id, message.reason, message.by)
        change = write_down(message, self._scene, now_ms)  # type: ignore[arg-type]
        return [] if change is None else self._follow_up(change, now_ms)

    def next_wakeup_ms(self) -> Millis | None:
        """Return when a fix leaves the hold or a watchdog is due, whichever is first."""
        release_ms = self._state.hold.next_ms()
        watch_ms = self._state.watches.next_ms()
        if release_ms is None or watch_ms is None:
            return watch_ms if release_ms is None else release_ms
        return min(release_ms, watch_ms)

    def wake(self, now_ms: Millis) -> list[Event]:
        """Do what is due, each at its own time: fixes that leave the hold first, then watchdogs."""
        events: list[Event] = []
        while (due_ms := self.next_wakeup_ms()) is not None and due_ms <= now_ms:
            self._release(due_ms, events)
            while (row := self._state.watches.take(due_ms)) is not None:
                self._do(*row, due_ms, events)
        return events

    def _receive(self, fixes: tuple[Fix, ...], now_ms: Millis) -> list[Event]:
        moved: dict[RiderId, Fix] = {}
        dropped: dict[tuple[RiderId, DropReason], int] = {}
        riders = self._state.riders
        for fix in fixes:
            track = riders.get(fix.rider_id)
            reason = DropReason.UNKNOWN_RIDER if track is None else self._admit(fix, track, now_ms)
            if reason is not None:
                dropped[fix.rider_id, reason] = dropped.get((fix.rider_id, reason), 0) + 1
            elif track is not None and fix.fixed_at_ms > track.marker_at_ms:
                # The marker does not wait for the hold, and never goes back.
                track.marker_at_ms = fix.fixed_at_ms
                moved[fix.rider_id] = fix
        events: list[Event] = [
            RiderMoved(fix.rider_id, fix.fixed_at_ms, fix.point, fix.heading_deg, fix.speed_mps)
            for fix in moved.values()
        ]
        events += [FixesRejected(rider, reason.value, count) for (rider, reason), count in dropped.items()]
        return events

    def _admit(self, fix: Fix, track: RiderTrack, now_ms: Millis) -> DropReason | None:
        for stage in ARRIVAL_STAGES:
            reason = stage(fix, track, self._scene, now_ms)
            if reason is not None:
                return reason
        return None

    def _release(self, now_ms: Millis, events: list[Event]) -> None:
        riders = self._state.riders
        for fix in self._state.hold.take(now_ms):
            track = riders[fix.rider_id]
            for stage in RELEASE_STAGES:
                if stage(fix, track, self._scene, now_ms) is not None:
                    break
            else:
                self._look_at_rider(track, now_ms, events)

    def _do(self, task: Task, entity: str, now_ms: Millis, events: list[Event]) -> None:
        if task is Task.SETTLE_INCIDENT:
            self._settle(entity, now_ms, events)
        elif task is Task.LOOK_AT_RIDER:
            self._look_at_rider(self._state.riders[entity], now_ms, events)
        elif task is Task.LOOK_AT_ORDER:
            self._look_at_order(self._state.orders[entity], now_ms, events)
        else:
            self._refresh(entity, now_ms, events)

    def _follow_up(self, change: Change, now_ms: Millis) -> list[Event]:
        events: list[Event] = []
        watches, book = self._state.watches, self._state.book
        if change.ended_order_id is not None:
            watches.forget(Task.REFRESH_ETA, change.ended_order_id)
            watches.forget(Task.LOOK_AT_ORDER, change.ended_order_id)
            events += book.end(order_subject(change.ended_order_id), change.reason)
        if change.ended_rider_id is not None:
            watches.forget(Task.LOOK_AT_RIDER, change.ended_rider_id)
            events += book.end(rider_subject(change.ended_rider_id), change.reason)
        for order_id in change.order_ids:
            self._refresh(order_id, now_ms, events)
        rider = self._state.riders.get(change.rider_id) if change.rider_id is not None else None
        if rider is not None:
            self._look_at_rider(rider, now_ms, events)
        return events

    def _refresh(self, order_id: OrderId, now_ms: Millis, events: list[Event]) -> None:
        order = self._state.orders.get(order_id)
        if order is None:
            return
        changed = refresh(order, self._scene, now_ms)
        if changed is not None:
            events.append(changed)
        self._state.watches.ask(Task.REFRESH_ETA, order_id, self._next_refresh_ms(order, now_ms))
        self._look_at_order(order, now_ms, events)

    def _next_refresh_ms(self, order: OrderTrack, now_ms: Millis) -> Millis:
        """Return the last step of the hold before the next refresh is due: orders share its timer."""
        step_ms, eta = self._params.ingest.release_step_ms, self._params.eta
        # No fix moves an order without a rider: its estimate moves with the clock, or not at all.
        is_calm = order.trip_id is None and order.late_probability < self._params.lateness.leave_probability
        latest_ms = now_ms + (eta.calm_refresh_ms if is_calm else eta.refresh_ms)
        next_ms = max(latest_ms - latest_ms % step_ms, now_ms + 1)
        # From the first instant past the promise the order is late for sure, and that is told at once.
        return min(next_ms, order.promised_at_ms + 1) if now_ms <= order.promised_at_ms else next_ms

    def _look_at_rider(self, rider: RiderTrack, now_ms: Millis, events: list[Event]) -> None:
        if not rider.on_duty:
            return
        subject = rider_subject(rider.rider_id)
        for detector in RIDER_DETECTORS:
            finding = detector.look(rider, self._scene, now_ms)
            if finding.standing is Standing.MET or not self._state.book.is_quiet(subject):
                concern = Concern(subject, rider_id=rider.rider_id)
                self._judge(detector.type, concern, finding, now_ms, events)
            if finding.look_again_ms is not None:
                self._state.watches.ask(Task.LOOK_AT_RIDER, rider.rider_id, finding.look_again_ms)

    def _look_at_order(self, order: OrderTrack, now_ms: Millis, events: list[Event]) -> None:
        subject = order_subject(order.order_id)
        for detector in ORDER_DETECTORS:
            finding = detector.look(order, self._scene, now_ms)
            if finding.standing is Standing.MET or not self._state.book.is_quiet(subject):
                concern = Concern(subject, order.order_id, order.rider_id)
                self._judge(detector.type, concern, finding, now_ms, events)
            if finding.look_again_ms is not None:
                self._state.watches.ask(Task.LOOK_AT_ORDER, order.order_id, finding.look_again_ms)

    def _judge(
        self, kind: IncidentType, concern: Concern, finding: Finding, now_ms: Millis, events: list[Event]
    ) -> None:
        book = self._state.book
        events += book.take_in(kind, concern, finding, now_ms)
        if finding.standing is Standing.CLEAR:
            incident_id = book.find(kind, concern.subject)
            if incident_id is not None:
                self._settle(incident_id, now_ms, events)

    def _settle(self, incident_id: str, now_ms: Millis, events: list[Event]) -> None:
        """Resolve an incident that has been clear long enough, or see to it again when it will have been."""
        at_ms = self._state.book.settles_at_ms(incident_id, self._params.settle_ms)
        if at_ms is None:
            return
        if at_ms > now_ms:
            self._state.watches.ask(Task.SETTLE_INCIDENT, incident_id, at_ms)
        else:
            events += self._state.book.settle(incident_id)
