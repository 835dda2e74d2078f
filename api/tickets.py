"""Tickets for the live socket: random, for one use, for half a minute; never a token in an address."""

import secrets
from dataclasses import dataclass, field

from domain.ids import OrderId
from domain.units import SECOND_MS, Millis

TICKET_LIFE_MS: Millis = 30 * SECOND_MS
MAX_WAITING = 10_000


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a live connection serves: an operator (``order_id`` None), or the customer of one order."""

    order_id: OrderId | None = None


OPERATOR = Audience()


@dataclass(slots=True)
class Tickets:
    """Tickets that were given out and not used yet, oldest first."""

    _waiting: dict[str, tuple[Audience, Millis]] = field(default_factory=dict)

    def issue(self, audience: Audience, now_ms: Millis) -> tuple[str, Millis]:
        """Return a new ticket and when it expires; ``now_ms`` is wall-clock time."""
        self._drop_expired(now_ms)
        while len(self._waiting) >= MAX_WAITING:
            del self._waiting[next(iter(self._waiting))]
        ticket = secrets.token_urlsafe(24)
        expires_at_ms = now_ms + TICKET_LIFE_MS
        self._waiting[ticket] = (audience, expires_at_ms)
        return ticket, expires_at_ms

    def redeem(self, ticket: str, now_ms: Millis) -> Audience | None:
        """Return whom a ticket serves and use it up; None when it is unknown, used or expired."""
        audience, expires_at_ms = self._waiting.pop(ticket, (None, 0))
        return audience if expires_at_ms > now_ms else None

    def revoke(self, audience: Audience) -> None:
        """Make the waiting tickets of an audience worthless."""
        for ticket in [ticket for ticket, (whom, _) in self._waiting.items() if whom == audience]:
            del self._waiting[ticket]

    def _drop_expired(self, now_ms: Millis) -> None:
        while self._waiting:
            oldest = next(iter(self._waiting))
            if self._waiting[oldest][1] > now_ms:
                return
            del self._waiting[oldest]
