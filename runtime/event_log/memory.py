"""A log in memory: for simulations, which can be run again, and for tests."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future

from domain.errors import LogError
from runtime.event_log.port import LogHeader, LogRecord
from runtime.snapshots import EngineSnapshot


def _done() -> "Future[None]":
    future: Future[None] = Future()
    future.set_result(None)
    return future


_DONE = _done()


class MemoryLog:
    """Keeps the records as they are; nothing is encoded, and everything is durable at once.

    Parameters
    ----------
    header : LogHeader or callable
        What the log says of itself, or how to say it: hashing a whole scenario takes a while, and of a log
        in memory hardly anybody asks.
    """

    def __init__(self, header: LogHeader | Callable[[], LogHeader]) -> None:
        self.records: list[LogRecord] = []
        self._header = header
        self._snapshot: EngineSnapshot | None = None
        self._closed = False

    @property
    def header(self) -> LogHeader:
        """What the log says of itself."""
        if not isinstance(self._header, LogHeader):
            self._header = self._header()
        return self._header

    def append(self, records: Sequence[LogRecord]) -> "Future[None]":
        """Append records in order; appending none tells when everything before is durable.

        Raises
        ------
        LogError
            If they do not continue the log.
        """
        if self._closed:
            raise LogError("the log in memory is closed")
        if records and records[0].seq != len(self.records) + 1:
            raise LogError(f"the log continues with record {len(self.records) + 1}, not {records[0].seq}")
        self.records.extend(records)
        return _DONE

    def read(self, after_seq: int = 0) -> Iterator[LogRecord]:
        """Yield the records with a larger ``seq``, in order."""
        return iter(self.records[after_seq:])

    def save_snapshot(self, snapshot: EngineSnapshot) -> None:
        """Keep a snapshot in place of the one before."""
        self._snapshot = snapshot

    def newest_snapshot(self) -> EngineSnapshot | None:
        """Return the snapshot saved last, if any."""
        return self._snapshot

    def close(self) -> None:
        """Refuse further records; what is there can still be read."""
        self._closed = True
