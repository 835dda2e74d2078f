"""Snapshots of the engines, so that recovery need not start from the first record.

The states are the engines' own dataclasses, as msgpack, decoded by the type of the engine's present state.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from domain.errors import LogError
from domain.units import Millis


@dataclass(frozen=True, slots=True)
class EngineSnapshot:
    """What all engines remembered right after one record.

    Attributes
    ----------
    seq : int
        The last record that the states include.
    at_ms : int
        When that was.
    engine_version : str
        Version of the engines whose states these are.
    states : bytes
        The states by engine name, as msgpack.
    """

    seq: int
    at_ms: Millis
    engine_version: str
    states: bytes


class SnapshotStore(Protocol):
    """Where snapshots are kept. A snapshot never becomes durable before the records that it includes."""

    def save_snapshot(self, snapshot: EngineSnapshot) -> None:
        """Keep a snapshot; older ones may be let go."""
        ...

    def newest_snapshot(self) -> EngineSnapshot | None:
        """Return the newest snapshot that is whole, if any."""
        ...


class Stateful(Protocol):
    """An engine, as far as snapshots are concerned."""

    @property
    def state(self) -> Any:  # noqa: ANN401  (each engine has its own state type)
        """Everything it remembers."""
        ...

    def restore(self, state: Any) -> None:  # noqa: ANN401
        """Take up a state that was stored before."""
        ...


def encode_states(engines: Mapping[str, Stateful]) -> bytes:
    """Return the states of all engines as one block of bytes.

    Raises
    ------
    LogError
        If a state holds something that cannot be stored.
    """
    encoder = msgspec.msgpack.Encoder()
    try:
        return encoder.encode({name: encoder.encode(engine.state) for name, engine in engines.items()})
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise LogError(f"the state of an engine cannot be stored: {error}") from error


def restore_states(engines: Mapping[str, Stateful], snapshot: EngineSnapshot) -> None:
    """Have all engines take up the states of a snapshot.

    Raises
    ------
    LogError
        If the snapshot is of other engines, or cannot be read.
    """
    where = f"the snapshot after record {snapshot.seq}"
    try:
        blocks = msgspec.msgpack.decode(snapshot.states, type=dict[str, bytes])
        if set(blocks) != set(engines):
            raise LogError(f"{where} is of the engines {sorted(blocks)}, not of {sorted(engines)}")
        states = {
            name: msgspec.msgpack.decode(blocks[name], type=type(engine.state))
            for name, engine in engines.items()
        }
    except (msgspec.MsgspecError, ValueError, TypeError) as error:
        raise LogError(f"{where}, of engines {snapshot.engine_version}, cannot be read: {error}") from error
    for name, engine in engines.items():
        engine.restore(states[name])
