"""What the newest plan says of orders: whom it foresees, and why it offers them."""

from dataclasses import dataclass, field

from domain.commands import ApplyPlan
from domain.events import Event, PlanApplied, PlanRefused
from domain.ids import OrderId, RiderId
from domain.plans import DispatchPlan, Explanation


@dataclass(slots=True)
class Plans:
    """Takes in plans, and believes them once they are applied.

    Attributes
    ----------
    explanations : dict of str to Explanation
        The latest explanation by order; those of started trips and additions are written into it.
    foreseen : dict of str to str
        By waiting order the rider whom the newest plan has it for, later.
    """

    explanations: dict[OrderId, Explanation]
    foreseen: dict[OrderId, RiderId] = field(default_factory=dict)
    _coming: DispatchPlan | None = None

    def hear(self, command: ApplyPlan) -> None:
        """Note a plan; whether it is carried out comes next."""
        self._coming = command.plan

    def apply(self, event: Event) -> None:
        """Take in one event; events that are not about plans change nothing."""
        if isinstance(event, PlanRefused):
            self._coming, self.foreseen = None, {}
        elif isinstance(event, PlanApplied) and self._coming is not None:
            plan, self._coming = self._coming, None
            self.foreseen = {o: trip.rider_id for trip in plan.queues for o in trip.order_ids}
            stale = set(event.stale)
            for trip in plan.trips:
                self._explain(trip.order_ids, trip.explanations, stale)
            for addition in plan.additions:
                self._explain(addition.added, addition.explanations, stale)

    def _explain(
        self, order_ids: tuple[OrderId, ...], explanations: tuple[Explanation, ...], stale: set[OrderId]
    ) -> None:
        for order_id, explanation in zip(order_ids, explanations, strict=False):
            if order_id not in stale:
                self.explanations[order_id] = explanation
