"""Identifiers: short strings with a prefix per kind, counted, never random."""

from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

OrderId: TypeAlias = str
RiderId: TypeAlias = str
MerchantId: TypeAlias = str
TripId: TypeAlias = str
DecisionId: TypeAlias = str
IncidentId: TypeAlias = str
ZoneId: TypeAlias = str


class IdSource(Protocol):
    """Where new identifiers come from."""

    def next_id(self, kind: str) -> str:
        """Return the next identifier of a kind, for example ``order-17``."""
        ...


@dataclass(slots=True)
class CountedIds:
    """Identifiers counted from 1 for each kind; the counts are part of an engine's state.

    Attributes
    ----------
    counts : dict of str to int
        The last number given out, by kind.
    """

    counts: dict[str, int] = field(default_factory=dict)

    def next_id(self, kind: str) -> str:
        """Return the next identifier of a kind, for example ``order-17``."""
        number = self.counts.get(kind, 0) + 1
        self.counts[kind] = number
        return f"{kind}-{number}"
