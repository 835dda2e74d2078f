"""Watchdogs: what is to be looked at again, and when, as rows of state rather than timers."""

from dataclasses import dataclass, field
from enum import IntEnum
from heapq import heappop, heappush

from domain.units import Millis


class Task(IntEnum):
    """What is due; at one instant in this order."""

    REFRESH_ETA = 0
    LOOK_AT_RIDER = 1
    LOOK_AT_ORDER = 2
    SETTLE_INCIDENT = 3


@dataclass(slots=True)
class Watches:
    """Deadlines of tasks, at most one for each task and entity.

    Attributes
    ----------
    rows : list of (int, int, str)
        Heap of (deadline, task, entity); a row whose deadline is not the one in ``deadlines_ms`` is dead.
    deadlines_ms : list of dict of str to int
        The deadline that holds, for each task by entity.
    """

    rows: list[tuple[Millis, int, str]] = field(default_factory=list)
    deadlines_ms: list[dict[str, Millis]] = field(default_factory=lambda: [{} for _ in Task])

    def ask(self, task: Task, entity: str, deadline_ms: Millis) -> None:
        """Have a task done by an instant; an earlier deadline that is already set stays.

        Looking too early costs one look; pushing deadlines back with every fix would fill the heap.
        """
        deadlines = self.deadlines_ms[task]
        known = deadlines.get(entity)
        if known is None or deadline_ms < known:
            deadlines[entity] = deadline_ms
            heappush(self.rows, (deadline_ms, int(task), entity))

    def forget(self, task: Task, entity: str) -> None:
        """Drop a task."""
        self.deadlines_ms[task].pop(entity, None)

    def next_ms(self) -> Millis | None:
        """Return the earliest deadline that holds; O(1) but for dead rows, each dropped once in O(log n)."""
        while self.rows:
            deadline_ms, task, entity = self.rows[0]
            if self.deadlines_ms[task].get(entity) == deadline_ms:
                return deadline_ms
            heappop(self.rows)
        return None

    def take(self, now_ms: Millis) -> tuple[Task, str] | None:
        """Take out the first task that is due, None when none is."""
        due_ms = self.next_ms()
        if due_ms is None or due_ms > now_ms:
            return None
        _, task, entity = heappop(self.rows)
        del self.deadlines_ms[task][entity]
        return Task(task), entity
