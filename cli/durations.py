"""Durations as people type them: ``20s``, ``5m``, ``1h``, ``90``."""

import re

import typer

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
