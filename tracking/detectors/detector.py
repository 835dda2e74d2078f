"""What a detector is: one method that looks at one rider or one order."""

from abc import ABC, abstractmethod
from typing import ClassVar

from domain.incidents import IncidentType
from domain.units import Millis
from tracking.findings import Finding
from tracking.scene import Scene
from tracking.state import OrderTrack, RiderTrack


class RiderDetector(ABC):
    """Looks at a rider on duty: after each fix, after each event of the rider, and when it asked to.

    A look changes nothing and depends only on the state and the time; what it needs to remember is a field of
    ``RiderTrack``.
    """

    type: ClassVar[IncidentType]

    @abstractmethod
    def look(self, rider: RiderTrack, scene: Scene, now_ms: Millis) -> Finding:
        """Say whether something is wrong with a rider."""


class OrderDetector(ABC):
    """Looks at an order under way: after each new estimate, and when it asked to.

    A look changes nothing and depends only on the state and the time; what it needs to remember is a field of
    ``OrderTrack``.
    """

    type: ClassVar[IncidentType]

    @abstractmethod
    def look(self, order: OrderTrack, scene: Scene, now_ms: Millis) -> Finding:
        """Say whether something is wrong with an order."""
