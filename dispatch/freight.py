"""What orders under way take up, and what riders can carry: only of those of whom anything is said."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from domain.ids import OrderId, RiderId
from domain.loads import Capacity, Load


@dataclass(slots=True)
class Freight:
    """Loads and capacities; empty on a day on which nobody states any.

    Attributes
    ----------
    loads : dict
        Load by order, while the order is under way.
    capacities : dict
        Capacity by rider, as told with the latest shift; who is not in it carries anything.
    """

    loads: dict[OrderId, Load] = field(default_factory=dict)
    capacities: dict[RiderId, Capacity] = field(default_factory=dict)

    def note_capacity(self, rider_id: RiderId, capacity: Capacity | None) -> None:
        """Note what a rider can carry from now on."""
        if capacity is not None:
            self.capacities[rider_id] = capacity
        elif self.capacities:
            self.capacities.pop(rider_id, None)

    def fits(self, rider_id: RiderId, order_ids: Iterable[OrderId]) -> bool:
        """Tell whether a rider can carry orders at the same time."""
        capacity = self.capacities.get(rider_id)
        if capacity is None or not self.loads:
            return True
        loads = [self.loads[order_id] for order_id in order_ids if order_id in self.loads]
        return (
            sum(load.volume_l for load in loads) <= capacity.volume_l
            and sum(load.weight_g for load in loads) <= capacity.weight_g
        )
