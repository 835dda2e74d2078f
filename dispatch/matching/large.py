"""A decision for a whole city: bundles, riders near in time, min-cost flows, and foreseen trips.

For snapshots of more riders and orders than a search of queues can look at. Nothing here grows faster than
riders x merchants, and that part is one comparison of arrivals.

1. For several prices of a rider's time, merge the orders of each merchant as long as that saves more than it
   costs.
2. Assign bundles to the riders who can be there first; what is left goes to where they are after that trip,
   and once more. Keep the price with the cheapest whole.
3. Start what cannot wait; the rest is foreseen, and decided anew next time.
"""

from dataclasses import dataclass, replace

import numpy as np

from dispatch.candidates import CANDIDATES, NOBODY, NearestRiders, Starts, first_ready, nearest_riders, starts
from dispatch.explain import CHEAPEST_PLAN, NO_RIDER_ON_DUTY, hold_all
from dispatch.kernels.groups import Ints
from dispatch.matching.bundle_plan import Round, in_minutes, plan_rounds
from dispatch.matching.bundles import (
    COST_UNIT,
    Bundles,
    Kitchens,
    Limits,
    Weights,
    bundle,
    kitchens,
    order_table,
    tariff,
)
from dispatch.matching.pairs import Pairs, choose, pairs_of, unassigned_cost
from dispatch.snapshot import Snapshot
from domain.plans import CostTerm, DispatchPlan
from domain.ports import TravelTimes
from domain.units import HOUR_MS, MINUTE_MS, Millis


@dataclass(frozen=True, slots=True)
class LargeParams:
    """Parameters of the decision for a whole city.

    Attributes
    ----------
    late : int
        Cost of each ms beyond the promise, in tenths of a ms of click-to-door.
    broken_ms : int
        Cost of breaking a promise, in ms of click-to-door.
    unassigned_ms : int
        Cost of an order without a rider, beside the time already waited.
    most_orders : int
        Most orders of a bundle.
    trips : int
        Trips foreseen for each rider.
    rounds : int
        Assignments one after the other: where many orders wait in one quarter, the riders near are all taken,
        and what is left looks farther and later.
    riders : int
        Riders nearest in time that come into question.
    prices : tuple of int
        Prices of a rider's time to choose from, in tenths of the price of a customer's.
    try_all_up_to : int
        With more orders only one price is tried: the first with fewer orders than riders, the second with up
        to twice as many, and so on.
    """

    late: int = 1
    broken_ms: Millis = 8 * MINUTE_MS
    unassigned_ms: Millis = 4 * HOUR_MS
    most_orders: int = 3
    trips: int = 3
    rounds: int = 6
    riders: int = CANDIDATES
    prices: tuple[int, ...] = (0, 6, 14)
    try_all_up_to: int = 1_200


DEFAULT_PARAMS = LargeParams()

NO_MORE_MS = 0
"""The end of the shift of who has trips enough."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A plan for everything: rounds of trips; cost in tenths of a ms."""

    rounds: tuple[Round, ...]
    cost: int


class _City:
    """What every price shares."""

    def __init__(self, snapshot: Snapshot, travel: TravelTimes, params: LargeParams) -> None:
        self.snapshot, self.travel, self.params = snapshot, travel, params
        self.table = order_table(snapshot, travel)
        self.begin = starts(snapshot)
        self.earliest_ms = first_ready(snapshot, self.table.merchant)
        self.near = nearest_riders(
            snapshot, self.begin, self.table.merchants, self.earliest_ms, travel, params.riders
        )
        self.weights = Weights(params.late, params.broken_ms * COST_UNIT)
        self.kitchens = self._kitchens()

    def _kitchens(self) -> Kitchens:
        """Merge as if the riders nearest to each merchant came."""
        some = self.near.rider[:, :4] != NOBODY
        count = np.maximum(some.sum(axis=1), 1)
        drive_ms = np.where(some, self.near.drive_ms[:, :4], 0).sum(axis=1) // count
        free_ms = np.where(some, self.begin.free_ms[self.near.rider[:, :4]], self.snapshot.at_ms)
        free_ms = self.snapshot.at_ms + (free_ms - self.snapshot.at_ms).sum(axis=1) // np.maximum(count, 1)
        reach_ms = free_ms + drive_ms + self.snapshot.times.pickup_before_ms
        return kitchens(self.snapshot, self.table, self.travel, reach_ms, drive_ms)

    def whole(self, price: int) -> Whole:
        """Plan everything at one price of a rider's time."""
        rules, params = self.snapshot.rules, self.params
        most = params.most_orders
        if rules.max_orders_per_trip is not None:
            most = min(most, rules.max_orders_per_trip)
        how = tariff(self.snapshot.times, self.weights, price)
        bundles = bundle(self.kitchens, how, Limits(most, weight=0))
        idle = unassigned_cost(self.snapshot, self.table, bundles, params.unassigned_ms)
        rounds: list[Round] = []
        rows, begin, near = np.arange(len(bundles.size)), self.begin, self.near
        trips = np.zeros(len(begin.places), dtype=np.int64)
        cost = 0
        for _ in range(params.rounds):
            left = _some(bundles, rows)
            pairs = pairs_of(self.snapshot, begin, near, self.table, left, self.weights)
            choice = choose(pairs, left, len(begin.places), idle[rows])
            rounds.append(Round(left, pairs, choice, trips.copy()))
            taken = choice.pair[choice.pair >= 0]
            cost += int(pairs.cost[taken].sum())
            rows = rows[choice.pair < 0]
            if not len(rows) or not len(taken):
                break
            trips[pairs.rider[taken]] += 1
            begin = self._after(begin, left, pairs, taken)
            begin.ends_ms[trips >= params.trips] = NO_MORE_MS
            near = self._near(begin, bundles.merchant[rows])
        return Whole(tuple(rounds), cost + int(idle[rows].sum()))

    def terms(self, order: int, pickup_ms: Millis, drop_ms: Millis) -> tuple[CostTerm, ...]:
        """Return what an order costs, in minutes: what lateness adds only where there is some."""
        late_ms = drop_ms - int(self.table.promised_ms[order])
        door_ms = drop_ms - int(self.table.placed_ms[order])
        if late_ms <= 0:
            return in_minutes(click_to_door=door_ms)
        return in_minutes(
            click_to_door=door_ms,
            late=self.weights.late * late_ms / COST_UNIT,
            broken_promise=self.params.broken_ms,
        )

    def _after(self, begin: Starts, left: Bundles, pairs: Pairs, taken: Ints) -> Starts:
        """Return where riders are after the trips of a round."""
        places, free_ms, ends_ms = begin.places.copy(), begin.free_ms.copy(), begin.ends_ms.copy()
        row, rider = pairs.bundle[taken], pairs.rider[taken]
        last = left.orders[row, left.size[row] - 1]
        places[rider] = self.table.door[last]
        free_ms[rider] = pairs.pickup_ms[taken] + left.busy_ms[row]
        return Starts(places, free_ms, ends_ms)

    def _near(self, begin: Starts, merchant: Ints) -> NearestRiders:
        """Find who is near to the merchants that still have orders; nobody is near to the others."""
        open_ = np.unique(merchant)
        places = [self.table.merchants[m] for m in open_.tolist()]
        found = nearest_riders(
            self.snapshot, begin, places, self.earliest_ms[open_], self.travel, self.params.riders
        )
        rider = np.full((len(self.table.merchants), found.rider.shape[1]), NOBODY)
        drive_ms = np.zeros(rider.shape, dtype=np.int64)
        rider[open_], drive_ms[open_] = found.rider, found.drive_ms
        return NearestRiders(rider, drive_ms)


def _some(bundles: Bundles, rows: Ints) -> Bundles:
    return Bundles(
        bundles.orders[rows],
        bundles.drop_ms[rows],
        bundles.size[rows],
        bundles.merchant[rows],
        bundles.ready_ms[rows],
        bundles.busy_ms[rows],
    )


def _prices(snapshot: Snapshot, params: LargeParams) -> tuple[int, ...]:
    """Return the prices to try: all of them, or in a large city the one that suits the pressure."""
    orders = len(snapshot.orders)
    if orders <= params.try_all_up_to:
        return params.prices
    step = orders // len(snapshot.riders)
    return (params.prices[min(step, len(params.prices) - 1)],)


def decide_large(
    snapshot: Snapshot, travel: TravelTimes, policy: str, params: LargeParams = DEFAULT_PARAMS
) -> DispatchPlan:
    """Decide for a whole city.

    Parameters
    ----------
    snapshot : Snapshot
        The situation.
    travel : TravelTimes
        How long drives take.
    policy : str
        The policy in whose name it is decided.
    params : LargeParams
        Its parameters.
    """
    # Who comes soon is foreseen as well, and is not free: nothing starts with them.
    snapshot = replace(snapshot, riders=snapshot.riders + snapshot.coming)
    if not snapshot.riders:
        holds = hold_all(snapshot.orders, NO_RIDER_ON_DUTY)
        return DispatchPlan(snapshot.decision_id, policy, (), tuple(holds))
    if not snapshot.orders:
        return DispatchPlan(snapshot.decision_id, policy, ())
    city = _City(snapshot, travel, params)
    best = min((city.whole(price) for price in _prices(snapshot, params)), key=lambda whole: whole.cost)
    return plan_rounds(snapshot, best.rounds, policy, CHEAPEST_PLAN, city.terms, foresee=True)
