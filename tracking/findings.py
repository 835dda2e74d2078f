"""What a detector says after one look."""

from enum import StrEnum
from typing import NamedTuple

from domain.incidents import Severity
from domain.units import Millis


class Standing(StrEnum):
    """Whether the condition of a detector holds."""

    MET = "met"
    UNCERTAIN = "uncertain"
    """Between entering and leaving: what is open stays open, what is not stays so."""
    CLEAR = "clear"
    """Gone: an open incident resolves if it stays so for the hold-down."""
    OVER = "over"
    """Cannot come back: an open incident resolves at once."""


class Finding(NamedTuple):
    """The result of one look of a detector at one rider or order; a named tuple, for one is made every look.

    Attributes
    ----------
    standing : Standing
        Whether the condition holds.
    severity : Severity
        How bad, where it is met.
    evidence : str
        What was seen, in one line with numbers, where it is met.
    suggested_action : str
        A stable word for what a dispatcher could do, where it is met.
    reason : str
        Why it is over or clear: a stable word.
    look_again_ms : int or None
        When to look again even if nothing happens.
    """

    standing: Standing
    severity: Severity = Severity.MINOR
    evidence: str = ""
    suggested_action: str = ""
    reason: str = ""
    look_again_ms: Millis | None = None
