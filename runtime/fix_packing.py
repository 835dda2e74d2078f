"""GPS fixes as a compact block: exact, and about 31 bytes a fix for what phones report.

A column of numbers is stored as scaled 32-bit integers where that loses nothing (phones report 7 decimals of
a degree and at most 3 of everything else), and as 64-bit floats where it would: what comes out is what went
in, to the last bit, or a replay would compute other events. A fix that comes alone is one plain row.

::

    several: 1 u8 | fixes u32 | riders u16 | riders x (length u16, utf-8)
             rider index u16 x n | present u8 x n
             fixed_at_ms | sequence | x | y | accuracy_m | speed_mps | heading_deg
             each of these seven: code u8, first i64 for integers, then n values
    one:     2 u8 | present u8 | fixed_at_ms i64 | sequence i64 | x, y, accuracy_m, speed_mps, heading_deg f64
             rider, utf-8
"""

import math
import struct
from collections.abc import Sequence

from domain.errors import LogError
from domain.fixes import Fix
from domain.geo import Point

_SEVERAL, _ONE = 1, 2
_ROW = struct.Struct("<BBqqddddd")
_HEAD = struct.Struct("<BIH")
_LENGTH = struct.Struct("<H")
_INTEGERS = struct.Struct("<Bq")
_DEGREES, _MILLIS, _DOUBLES = 0, 1, 2
_SCALES = {_DEGREES: 1e7, _MILLIS: 1e3}
_INT32_MAX = 2**31 - 1
_SPEED, _HEADING = 1, 2


def pack_fixes(fixes: Sequence[Fix]) -> bytes:
    """Return the fixes as one block of bytes, the same for equal fixes in every process.

    Cost: about 3 us a fix.
    """
    return _pack_one(fixes[0]) if len(fixes) == 1 else _pack_several(fixes)


def _pack_one(fix: Fix) -> bytes:
    row = _ROW.pack(
        _ONE,
        _present(fix),
        fix.fixed_at_ms,
        fix.sequence,
        fix.point.x,
        fix.point.y,
        fix.accuracy_m,
        0.0 if fix.speed_mps is None else fix.speed_mps,
        0.0 if fix.heading_deg is None else fix.heading_deg,
    )
    return row + fix.rider_id.encode()


def _pack_several(fixes: Sequence[Fix]) -> bytes:
    count = len(fixes)
    rider_ids = list(dict.fromkeys(fix.rider_id for fix in fixes))
    index = {rider_id: position for position, rider_id in enumerate(rider_ids)}
    parts = [_HEAD.pack(_SEVERAL, count, len(rider_ids))]
    for rider_id in rider_ids:
        name = rider_id.encode()
        parts += (_LENGTH.pack(len(name)), name)
    parts.append(struct.pack(f"<{count}H", *[index[fix.rider_id] for fix in fixes]))
    parts.append(bytes(_present(fix) for fix in fixes))
    parts.append(_pack_integers([fix.fixed_at_ms for fix in fixes]))
    parts.append(_pack_integers([fix.sequence for fix in fixes]))
    parts.append(_pack_numbers([fix.point.x for fix in fixes]))
    parts.append(_pack_numbers([fix.point.y for fix in fixes]))
    parts.append(_pack_numbers([fix.accuracy_m for fix in fixes]))
    parts.append(_pack_numbers([0.0 if fix.speed_mps is None else fix.speed_mps for fix in fixes]))
    parts.append(_pack_numbers([0.0 if fix.heading_deg is None else fix.heading_deg for fix in fixes]))
    return b"".join(parts)


def unpack_fixes(block: bytes) -> tuple[Fix, ...]:
    """Return the fixes of a block.

    Raises
    ------
    LogError
        If the block is damaged.
    """
    try:
        if block[0] == _ONE:
            return (_unpack_one(block),)
        if block[0] == _SEVERAL:
            return _unpack_several(block)
    except (struct.error, IndexError, KeyError, UnicodeDecodeError) as error:
        raise LogError(f"a block of {len(block)} bytes of fixes is damaged: {error}") from error
    raise LogError(f"a block of fixes has format {block[0]}; this version reads {_SEVERAL} and {_ONE}")


def _unpack_one(block: bytes) -> Fix:
    _, present, fixed_at_ms, sequence, x, y, accuracy_m, speed_mps, heading_deg = _ROW.unpack_from(block)
    return Fix(
        block[_ROW.size :].decode(),
        fixed_at_ms,
        sequence,
        Point(x, y),
        accuracy_m,
        speed_mps if present & _SPEED else None,
        heading_deg if present & _HEADING else None,
    )


def _unpack_several(block: bytes) -> tuple[Fix, ...]:
    _, count, riders = _HEAD.unpack_from(block)
    at = _HEAD.size
    rider_ids: list[str] = []
    for _ in range(riders):
        (length,) = _LENGTH.unpack_from(block, at)
        at += _LENGTH.size
        rider_ids.append(block[at : at + length].decode())
        at += length
    index = struct.unpack_from(f"<{count}H", block, at)
    present = struct.unpack_from(f"<{count}B", block, at + 2 * count)
    at += 3 * count
    fixed_at_ms, at = _unpack_integers(block, at, count)
    sequence, at = _unpack_integers(block, at, count)
    columns: list[Sequence[float]] = []
    for _ in range(5):
        column, at = _unpack_numbers(block, at, count)
        columns.append(column)
    if at != len(block):
        raise LogError(f"a block of fixes has {len(block) - at} bytes too many")
    x, y, accuracy_m, speed_mps, heading_deg = columns
    return tuple(
        Fix(
            rider_ids[index[i]],
            fixed_at_ms[i],
            sequence[i],
            Point(x[i], y[i]),
            accuracy_m[i],
            speed_mps[i] if present[i] & _SPEED else None,
            heading_deg[i] if present[i] & _HEADING else None,
        )
        for i in range(count)
    )


def _present(fix: Fix) -> int:
    return (0 if fix.speed_mps is None else _SPEED) | (0 if fix.heading_deg is None else _HEADING)


def _pack_integers(values: list[int]) -> bytes:
    """Store integers as 32-bit distances from the first, or as they are where one is too far away."""
    first = values[0] if values else 0
    distances = [value - first for value in values]
    if all(-_INT32_MAX <= distance <= _INT32_MAX for distance in distances):
        return _INTEGERS.pack(0, first) + struct.pack(f"<{len(values)}i", *distances)
    return _INTEGERS.pack(1, 0) + struct.pack(f"<{len(values)}q", *values)


def _unpack_integers(block: bytes, at: int, count: int) -> tuple[list[int], int]:
    code, first = _INTEGERS.unpack_from(block, at)
    at += _INTEGERS.size
    layout = struct.Struct(f"<{count}{'iq'[code]}")
    return [first + value for value in layout.unpack_from(block, at)], at + layout.size


def _pack_numbers(values: list[float]) -> bytes:
    for code, scale in _SCALES.items():
        scaled = _scaled(values, scale)
        if scaled is not None:
            return bytes((code,)) + struct.pack(f"<{len(values)}i", *scaled)
    return bytes((_DOUBLES,)) + struct.pack(f"<{len(values)}d", *values)


def _scaled(values: list[float], scale: float) -> list[int] | None:
    """Return the values as scaled integers, None where one would lose something (also the sign of -0.0)."""
    scaled: list[int] = []
    for value in values:
        product = value * scale
        if not -_INT32_MAX < product < _INT32_MAX:
            return None
        number = round(product)
        if number / scale != value or (number == 0 and math.copysign(1.0, value) < 0):
            return None
        scaled.append(number)
    return scaled


def _unpack_numbers(block: bytes, at: int, count: int) -> tuple[Sequence[float], int]:
    code = block[at]
    at += 1
    if code == _DOUBLES:
        layout = struct.Struct(f"<{count}d")
        return layout.unpack_from(block, at), at + layout.size
    scale = _SCALES[code]
    layout = struct.Struct(f"<{count}i")
    return [number / scale for number in layout.unpack_from(block, at)], at + layout.size
