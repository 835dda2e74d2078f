"""Queues of trips for every rider, searched anew at each decision and committed as late as possible.

Every rider, free, busy or soon to come on duty, has a queue of up to three trips of one merchant each. The
queues of the decision before are the start; new orders are inserted where they cost least, whole queues and
their tails are exchanged between riders, and a ruin-and-recreate search repairs what stands badly. Orders
that are only expected (recent ones, again) hold riders back where demand is: several futures are drawn, and
the queues that are good in all of them are kept. Only the first trip of a rider who has to leave now starts;
all else may still change.

References
----------
.. [1] Reyes, D., Erera, A., Savelsbergh, M., Sahasrabudhe, S., O'Neil, R. (2018). The meal delivery routing
   problem. Optimization Online 6571 (rolling horizon, late commitment).
.. [2] Schrimpf, G., Schneider, J., Stamm-Wilbrandt, H., Dueck, G. (2000). Record breaking optimization
   results using the ruin and recreate principle. Journal of Computational Physics 159, 139-171.
   doi:10.1006/jcph.1999.6413
"""

from dataclasses import replace
from hashlib import blake2b

import numpy as np

from dispatch.explain import NO_RIDER_ON_DUTY, hold_all
from dispatch.kernels.layout import MODULUS, Ints
from dispatch.matching.additions import plan_additions
from dispatch.matching.base import Budget
from dispatch.matching.large import decide_large
from dispatch.matching.rolling_params import RollingParams
from dispatch.matching.rolling_plan import conclude_plan
from dispatch.matching.rolling_problem import Problem, pose
from dispatch.snapshot import Snapshot
from domain.plans import DispatchPlan
from domain.ports import TravelTimes


class RollingMatcher:
    """Plan queues of trips for all riders, and start what cannot wait.

    Parameters
    ----------
    name : str
        The policy's name.
    params : RollingParams
        Costs, limits and effort.
    """

    def __init__(self, name: str = "rolling", params: RollingParams = RollingParams()) -> None:  # noqa: B008
        self.name = name
        self.params = params

    def decide(self, snapshot: Snapshot, travel: TravelTimes, budget: Budget) -> DispatchPlan:
        """Decide by a search of queues; O(iterations x riders) after an assignment of queues to riders."""
        if not snapshot.riders and not snapshot.coming:
            holds = hold_all(snapshot.orders, NO_RIDER_ON_DUTY)
            return DispatchPlan(snapshot.decision_id, self.name, (), tuple(holds))
        if snapshot.open_trips:
            return self._with_additions(snapshot, travel, budget)
        if not snapshot.orders:
            return DispatchPlan(snapshot.decision_id, self.name, ())
        riders = len(snapshot.riders) + len(snapshot.coming)
        if riders * len(snapshot.orders) > self.params.most_cells:
            return decide_large(snapshot, travel, self.name)
        params = self.params.in_force(len(snapshot.orders), riders, len(snapshot.recent))
        problem = pose(snapshot, travel, params)
        rider_of = np.empty(len(problem.order_rows), dtype=np.int64)
        _search(snapshot, problem, rider_of, params)
        return conclude_plan(snapshot, problem, rider_of, self.name, params)

    def _with_additions(self, snapshot: Snapshot, travel: TravelTimes, budget: Budget) -> DispatchPlan:
        """Let orders join open trips where that is better for everybody, then decide on the others."""
        additions = plan_additions(snapshot, travel)
        joined = {order_id for addition in additions for order_id in addition.added}
        rest = replace(
            snapshot,
            orders=tuple([order for order in snapshot.orders if order.order_id not in joined]),
            queues=tuple([trip for trip in snapshot.queues if joined.isdisjoint(trip.order_ids)]),
            open_trips=(),
        )
        if not rest.orders:
            return DispatchPlan(snapshot.decision_id, self.name, (), additions=additions)
        return replace(self.decide(rest, travel, budget), additions=additions)


def _search(snapshot: Snapshot, problem: Problem, rider_of: Ints, params: RollingParams) -> None:
    """Search the queues of a problem, in place: for several futures, if any orders are expected."""
    # Kernels load numba, which takes a second: not every command needs it.
    from dispatch.kernels.futures import search_futures  # noqa: PLC0415
    from dispatch.kernels.search import search  # noqa: PLC0415

    effort = (params.iterations, params.removed, params.noise_ms, _seed(snapshot))
    if len(problem.order_rows) == len(snapshot.orders):
        search(*problem.arrays, rider_of, *effort)
        return
    ahead_ms = min(params.expected_ahead_ms, snapshot.recent_ms)
    drawn = (params.futures, snapshot.recent_ms, ahead_ms, snapshot.rules.time_grid_ms)
    search_futures(*problem.arrays, rider_of, *drawn, *effort)


def _seed(snapshot: Snapshot) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Return the state of the random generator, 1 up to its modulus - 1: the same for the same instant."""
    digest = blake2b(str(snapshot.at_ms).encode(), digest_size=4).digest()
    return np.array([int.from_bytes(digest, "big") % (MODULUS - 1) + 1], dtype=np.int64)
