"""One writer thread that makes everything waiting durable in one go (group commit)."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

from domain.errors import LogError

Item = TypeVar("Item")


class GroupWriter(Generic[Item]):
    """Collects items while the group before is being written; everybody in a group shares one future.

    Parameters
    ----------
    commit : callable
        Makes one group durable, in order, all or nothing; called on the writer's thread only. Whatever it
        raises ends the writer: from then on every future fails, because a gap must never follow.
    name : str
        What is written, for the name of the thread and for messages.
    most_waiting : int
        Items that may wait; beyond that ``add`` blocks, so that memory stays bounded.
    """

    def __init__(
        self, commit: Callable[[Sequence[Item]], None], name: str, most_waiting: int = 100_000
    ) -> None:
        self._commit = commit
        self._name = name
        self._most_waiting = most_waiting
        self._changed = threading.Condition()
        self._waiting: list[Item] = []
        self._group: Future[None] = Future()
        self._in_flight: Future[None] | None = None
        self._failure: LogError | None = None
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=f"writer of {name}", daemon=True)
        self._thread.start()

    def add(self, items: Sequence[Item]) -> "Future[None]":
        """Queue items and return the future of their group; of no items, the future of all before."""
        with self._changed:
            while len(self._waiting) >= self._most_waiting and self._failure is None:
                self._changed.wait()
            if self._failure is not None:
                return _failed(self._failure)
            if self._stopping:
                return _failed(LogError(f"{self._name} is closed"))
            if items:
                self._waiting.extend(items)
                self._changed.notify_all()
            elif not self._waiting:
                return self._in_flight or _DONE
            return self._group

    def flush(self) -> None:
        """Wait until everything added is durable.

        Raises
        ------
        LogError
            If it cannot be.
        """
        self.add(()).result()

    def stop(self) -> None:
        """Make everything added durable, then end the thread."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while (taken := self._take()) is not None:
            items, group = taken
            try:
                self._commit(items)
            except Exception as error:
                self._fail(group, error)
                return
            with self._changed:
                self._in_flight = None
            group.set_result(None)

    def _take(self) -> "tuple[list[Item], Future[None]] | None":
        with self._changed:
            while not self._waiting and not self._stopping:
                self._changed.wait()
            if not self._waiting:
                return None
            taken = self._waiting, self._group
            self._in_flight = self._group
            self._waiting, self._group = [], Future()
            self._changed.notify_all()
            return taken

    def _fail(self, group: "Future[None]", error: Exception) -> None:
        failure = LogError(f"{self._name} cannot be written: {error}")
        failure.__cause__ = error
        with self._changed:
            self._failure = failure
            self._waiting = []
            self._in_flight = None
            self._changed.notify_all()
        group.set_exception(failure)
        self._group.set_exception(failure)


def _failed(error: LogError) -> "Future[None]":
    future: Future[None] = Future()
    future.set_exception(error)
    return future


_DONE: Future[None] = Future()
_DONE.set_result(None)
