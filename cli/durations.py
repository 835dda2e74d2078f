"""Durations and instants as people type them: ``20s``, ``5m``, ``1h``, ``90``; ``12:30``, ``+45m``."""

import re
from datetime import datetime, timedelta, tzinfo

import typer

from domain.units import SECOND_MS, Millis

_FACTORS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


def parse_duration_s(text: str) -> float:
    """Return a duration in seconds.

    Raises
    ------
    typer.BadParameter
        If it is not a positive number with s, m or h.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", text.strip())
    if match is None or float(match[1]) <= 0:
        raise typer.BadParameter(f"{text!r} is not a duration; use for example 20s, 5m or 1h")
    return float(match[1]) * _FACTORS[match[2]]


def parse_instant(text: str, starts_at_ms: Millis, zone: tzinfo) -> Millis:
    """Return an instant of a day: a clock time of its zone, a time after its start, or a date and time.

    Parameters
    ----------
    text : str
        ``12:30``, ``12:30:15``, ``+45m``, or ISO 8601 with a date (without an offset: of the zone).
    starts_at_ms : int
        When the day begins; a clock time before that is one of the next day.
    zone : tzinfo
        Whose clock is read.

    Raises
    ------
    typer.BadParameter
        If it is none of these.
    """
    start = datetime.fromtimestamp(starts_at_ms / SECOND_MS, zone)
    text = text.strip()
    try:
        if text.startswith("+"):
            return starts_at_ms + round(parse_duration_s(text[1:]) * SECOND_MS)
        if re.fullmatch(r"\d{1,2}:\d\d(:\d\d)?", text):
            clock = datetime.strptime(text, "%H:%M:%S" if text.count(":") == 2 else "%H:%M").time()  # noqa: DTZ007
            at = datetime.combine(start.date(), clock, zone)
            at = at if at >= start else at + timedelta(days=1)
        else:
            at = datetime.fromisoformat(text)
            at = at if at.tzinfo is not None else at.replace(tzinfo=zone)
    except (ValueError, typer.BadParameter) as error:
        raise typer.BadParameter(
            f"{text!r} is not an instant; use for example 12:30, +45m or 2026-06-05T12:30+08:00"
        ) from error
    return round(at.timestamp() * SECOND_MS)
