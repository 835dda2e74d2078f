"""When snapshots are taken."""

from collections.abc import Sequence

from runtime.control_room import ControlRoom
from runtime.event_log.port import LogRecord
from runtime.snapshots import EngineSnapshot, SnapshotStore, encode_states


class Snapshotter:
    """Takes a snapshot every so many inputs; subscribe it to the control room.

    Parameters
    ----------
    room : ControlRoom
        Whose engines.
    store : SnapshotStore
        Where the snapshots go.
    engine_version : str
        Version of the engines.
    every_inputs : int
        Inputs between two snapshots; what recovery re-handles at most.
    """

    def __init__(
        self, room: ControlRoom, store: SnapshotStore, engine_version: str, every_inputs: int = 20_000
    ) -> None:
        self._room = room
        self._store = store
        self._engine_version = engine_version
        self._every_inputs = every_inputs
        self._inputs = 0

    def __call__(self, records: Sequence[LogRecord]) -> None:
        """Count the inputs of one step, and take a snapshot when it is time."""
        self._inputs += sum(record.is_input for record in records)
        if self._inputs >= self._every_inputs:
            self.take()

    def take(self) -> None:
        """Take a snapshot now, between two steps."""
        self._inputs = 0
        states = encode_states(self._room.engines)
        self._store.save_snapshot(
            EngineSnapshot(self._room.seq, self._room.now_ms, self._engine_version, states)
        )
