"""Batching and matching as in FoodMatch: cluster the waiting orders, then assign the batches to riders.

Differences from the publication, each for a reason:

- A batch comes from one merchant. The paper mixes merchants; a trip of our engine has one pickup, whatever
  ``ServiceRules.one_merchant_per_trip`` allows.
- Riders on a trip take part from where and when they will be free, and an assignment starts only when waiting
  for the next decision would delay the pickup. Until then it is decided anew, which takes the place of the
  paper's reshuffling of orders that were assigned but not picked up.
- The cost of a batch counts from now on: time already waited is the same for every batching, and would end
  batching just when riders are scarce.
- Riders nearest in time count; the paper's angular distance is for riders who can be diverted midway.

References
----------
.. [1] Joshi, M., Singh, A., Ranu, S., Bagchi, A., Karia, P., Kala, P. (2022). FoodMatch: Batching and
   matching for food delivery in dynamic road networks. ACM Transactions on Spatial Algorithms and Systems 8,
   1-25. doi:10.1145/3494530
"""

from dataclasses import dataclass

import numpy as np

from dispatch.candidates import CANDIDATES, first_ready, nearest_riders, starts
from dispatch.explain import CHEAPEST_ASSIGNMENT, NO_RIDER_ON_DUTY, hold_all
from dispatch.matching.base import Budget
from dispatch.matching.bundle_plan import Round, delay_terms, plan_rounds
from dispatch.matching.bundles import (
    COST_UNIT,
    Bundles,
    Limits,
    OrderTable,
    Weights,
    bundle,
    kitchens,
    order_table,
    tariff,
)
from dispatch.matching.pairs import choose, pairs_of, unassigned_cost
from dispatch.snapshot import Snapshot
from domain.errors import InvalidValueError
from domain.plans import DispatchPlan
from domain.ports import TravelTimes
from domain.units import HOUR_MS, MINUTE_MS, Millis

NO_WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class FoodMatchParams:
    """Parameters of the publication.

    Attributes
    ----------
    average_extra_ms : int
        Batches are merged as long as merging costs at most so much extra delivery time for each batch that is
        left (eta). 60 s in the paper.
    most_orders : int
        Most orders of a batch (MAXO). 3 in the paper.
    rejection_ms : int
        Cost of an order that nobody gets (Omega). 2 h in the paper.
    riders : int
        Riders nearest in time that each batch may go to (k).
    """

    average_extra_ms: Millis = MINUTE_MS
    most_orders: int = 3
    rejection_ms: Millis = 2 * HOUR_MS
    riders: int = CANDIDATES

    def __post_init__(self) -> None:
        if self.average_extra_ms < 0:
            raise InvalidValueError("average_extra_ms", self.average_extra_ms, "0 or more")
        if not 1 <= self.most_orders <= 4:
            raise InvalidValueError("most_orders", self.most_orders, "1 to 4")
        if self.rejection_ms < 1:
            raise InvalidValueError("rejection_ms", self.rejection_ms, "1 ms or more")
        if self.riders < 1:
            raise InvalidValueError("riders", self.riders, "1 or more")


DEFAULT_PARAMS = FoodMatchParams()


class FoodMatchMatcher:
    """Merge waiting orders of a merchant into batches, then assign batches to riders at the least extra time.

    Parameters
    ----------
    params : FoodMatchParams
        Its parameters.
    """

    name = "foodmatch"

    def __init__(self, params: FoodMatchParams = DEFAULT_PARAMS) -> None:
        self._params = params

    def decide(self, snapshot: Snapshot, travel: TravelTimes, budget: Budget) -> DispatchPlan:
        """Decide by clustering and one sparse assignment. O(pairs of a merchant + batches x k)."""
        if not snapshot.riders:
            holds = hold_all(snapshot.orders, NO_RIDER_ON_DUTY)
            return DispatchPlan(snapshot.decision_id, self.name, (), tuple(holds))
        if not snapshot.orders:
            return DispatchPlan(snapshot.decision_id, self.name, ())
        table = order_table(snapshot, travel)
        begin = starts(snapshot)
        earliest_ms = first_ready(snapshot, table.merchant)
        near = nearest_riders(snapshot, begin, table.merchants, earliest_ms, travel, self._params.riders)
        batches = self._batches(snapshot, table, travel)
        pairs = pairs_of(snapshot, begin, near, table, batches, NO_WEIGHTS)
        cost = unassigned_cost(snapshot, table, batches, self._params.rejection_ms)
        choice = choose(pairs, batches, len(snapshot.riders), cost)
        only = Round(batches, pairs, choice, np.zeros(len(snapshot.riders), dtype=np.int64))
        terms = delay_terms(snapshot, table)
        return plan_rounds(snapshot, (only,), self.name, CHEAPEST_ASSIGNMENT, terms, foresee=False)

    def _batches(self, snapshot: Snapshot, table: OrderTable, travel: TravelTimes) -> Bundles:
        """Merge as if a rider stood at the merchant now, as the paper does."""
        count = len(table.merchants)
        here_ms = np.full(count, snapshot.at_ms)
        ready = kitchens(snapshot, table, travel, here_ms, np.zeros(count, dtype=np.int64))
        most = snapshot.rules.max_orders_per_trip
        limits = Limits(
            self._params.most_orders if most is None else min(most, self._params.most_orders),
            average=COST_UNIT * self._params.average_extra_ms,
        )
        return bundle(ready, tariff(snapshot.times, NO_WEIGHTS), limits)
