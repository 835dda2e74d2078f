"""How late a trip may be committed without delaying anything."""

from dispatch.snapshot import Snapshot
from domain.units import Millis


def can_wait(snapshot: Snapshot, drive_ms: Millis, order_index: int) -> bool:
    """Tell whether sending a free rider at the next epoch still reaches the merchant by the ready time.

    Until it cannot wait, an order is better held: a nearer rider may become free. Committing a minute later
    than that costs a whole minute of click-to-door (measured, see dispatch.md).

    Parameters
    ----------
    snapshot : Snapshot
        The situation.
    drive_ms : int
        Drive of the rider to the merchant.
    order_index : int
        Index of the order in the snapshot.
    """
    arrival_ms = snapshot.next_epoch_ms + drive_ms + snapshot.times.pickup_before_ms
    return arrival_ms <= snapshot.orders[order_index].ready_at_ms
