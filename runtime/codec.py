"""Records of the log as canonical bytes: ``{seq, at_ms, cause_seq, type, body}``, the same in every process.

The body is JSON, so that a log can be read with any SQLite shell; only GPS fixes, of which there are many,
are packed (``runtime/fix_packing.py``). Decoding takes two steps, the type first, then the body by the type
table, because msgspec cannot decode a union of dataclasses.
"""

import binascii
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol, TypeAlias, get_args

import msgspec

from domain.commands import AnnounceShift, Command, PlaceOrder, RecordFixes, StartShift
from domain.errors import LogError, PeaklineError
from domain.events import DERIVED_EVENTS, Event, OrderPlaced, ShiftStarted
from domain.units import Millis
from runtime.fix_packing import pack_fixes, unpack_fixes

Message: TypeAlias = Command | Event

MESSAGE_TYPES: Mapping[str, type[Message]] = {
    kind.__name__: kind for kind in (*get_args(Command), *get_args(Event)) if kind not in DERIVED_EVENTS
}
"""Every message that a log may hold, by the name it is stored under."""

LATER_FIELDS: Mapping[type[Message], tuple[str, ...]] = {
    PlaceOrder: ("load", "window"),
    OrderPlaced: ("load", "window", "release_at_ms"),
    StartShift: ("vehicle", "capacity"),
    AnnounceShift: ("vehicle", "capacity"),
    ShiftStarted: ("vehicle", "capacity"),
}
"""Fields that messages got later, the last ones of each. Where all of them are None they are not written: a
log says what it said before, to the byte."""

_UNSAID = {
    kind: "".join(f',"{name}":null' for name in names).encode() + b"}" for kind, names in LATER_FIELDS.items()
}

_DECODERS: dict[str, Any] = {
    name: msgspec.json.Decoder(kind) for name, kind in MESSAGE_TYPES.items() if kind is not RecordFixes
}
_encode_json = msgspec.json.Encoder().encode


class Record(Protocol):
    """A record of the log, whatever made it."""

    @property
    def seq(self) -> int:
        """Position in the log; 0 where it is never appended."""
        ...

    @property
    def at_ms(self) -> Millis:
        """When it happened."""
        ...

    @property
    def cause_seq(self) -> int | None:
        """The input that caused it."""
        ...

    @property
    def message(self) -> Message:
        """What happened."""
        ...


class StoredRecord(NamedTuple):
    """A record with its message encoded, as a storage keeps it.

    Attributes
    ----------
    seq, at_ms, cause_seq
        As in ``LogRecord``.
    type : str
        A key of ``MESSAGE_TYPES``.
    body : bytes
        The message: JSON, or a packed block for ``RecordFixes``.
    """

    seq: int
    at_ms: Millis
    cause_seq: int | None
    type: str
    body: bytes

    @property
    def checksum(self) -> int:
        """CRC-32 over everything, to tell damage."""
        head = f"{self.seq} {self.at_ms} {self.cause_seq} {self.type} "
        return binascii.crc32(self.body, binascii.crc32(head.encode()))


def encode_body(message: Message) -> bytes:
    """Return a message as bytes: JSON, or a packed block for ``RecordFixes``.

    Raises
    ------
    LogError
        If it holds a value that cannot be stored, for example a numpy scalar.
    """
    try:
        if type(message) is RecordFixes:
            return pack_fixes(message.fixes)
        body = _encode_json(message)
    except Exception as error:
        raise _not_storable(message, error) from error
    unsaid = _UNSAID.get(type(message))
    if unsaid is not None and body.endswith(unsaid):
        return body[: -len(unsaid)] + b"}"
    return body


def encode(record: Record) -> StoredRecord:
    """Return a record with its message encoded.

    Raises
    ------
    LogError
        If it holds a value that cannot be stored.
    """
    message = record.message
    return StoredRecord(
        record.seq, record.at_ms, record.cause_seq, type(message).__name__, encode_body(message)
    )


def decode_message(stored: StoredRecord) -> Message:
    """Return the message of a stored record.

    Raises
    ------
    LogError
        If the type is unknown or the body is not one of that type.
    """
    try:
        return _decode_body(stored.type, stored.body)
    except (msgspec.MsgspecError, PeaklineError) as error:
        raise LogError(f"record {stored.seq}: {error}") from error


def canonical(record: Record) -> bytes:
    """Return the one line of JSON that stands for a record; hashes are made over it.

    Cost: about 2 us for a small event.

    Raises
    ------
    LogError
        If it holds a value that cannot be stored.
    """
    message = record.message
    body: object = message
    if type(message) is RecordFixes:
        body = binascii.b2a_base64(encode_body(message), newline=False).decode()
    try:
        line = _encode_json(_Line(record.seq, record.at_ms, record.cause_seq, type(message).__name__, body))
    except Exception as error:
        raise _not_storable(message, error) from error
    unsaid = _UNSAID.get(type(message))
    if unsaid is not None and line.endswith(unsaid + b"}"):
        return line[: -len(unsaid) - 1] + b"}}\n"
    return line + b"\n"


def log_hash(records: Iterable[Record]) -> str:
    """Return the SHA-256 over the canonical bytes of all records in order, hexadecimal.

    Derived records (``seq`` 0) are left out, as they are never appended.
    """
    digest = hashlib.sha256()
    for record in records:
        if record.seq:
            digest.update(canonical(record))
    return digest.hexdigest()


class _Line(msgspec.Struct, gc=False):
    seq: int
    at_ms: int
    cause_seq: int | None
    type: str
    body: Any


def _not_storable(message: Message, error: Exception) -> LogError:
    return LogError(f"{type(message).__name__} cannot be stored: {error}: {message!r}")


def _decode_body(kind: str, body: bytes) -> Message:
    if kind == RecordFixes.__name__:
        return RecordFixes(unpack_fixes(body))
    decoder = _DECODERS.get(kind)
    if decoder is None:
        raise LogError(f"unknown type {kind!r}; this version knows {', '.join(MESSAGE_TYPES)}")
    message: Message = decoder.decode(body)
    return message
