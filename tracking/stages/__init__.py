"""The way of a fix, as one visible tuple.

A stage is a function ``(fix, track, scene, now_ms) -> DropReason | None``; None passes the fix on.
``reorder`` ends the way on arrival; the stages after it run when the hold lets the fix go, in order of the
device's stamps. So the stages before it may look at the arrival (``now_ms``), those after it only at the fix
and at what was released before. Arrival estimates and detectors do not look at fixes but at riders and
orders: see ``tracking/engine.py``.
"""

from collections.abc import Callable
from typing import TypeAlias

from domain.fixes import Fix
from domain.units import Millis
from tracking.scene import Scene
from tracking.stages.deduplicate import deduplicate
from tracking.stages.follow_route import follow_route
from tracking.stages.reasons import DropReason
from tracking.stages.reorder import reorder
from tracking.stages.take_up import take_up
from tracking.stages.validate import validate
from tracking.state import RiderTrack

Stage: TypeAlias = Callable[[Fix, RiderTrack, Scene, Millis], DropReason | None]

STAGES: tuple[Stage, ...] = (validate, deduplicate, reorder, take_up, follow_route)

ARRIVAL_STAGES = STAGES[: STAGES.index(reorder) + 1]
RELEASE_STAGES = STAGES[STAGES.index(reorder) + 1 :]

__all__ = ["ARRIVAL_STAGES", "RELEASE_STAGES", "STAGES", "DropReason", "Stage"]
