"""What really went wrong in the simulated city; no engine ever sees it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from domain.units import Millis


class TruthType(StrEnum):
    """Kinds of trouble that the simulated city can be in."""

    GPS_DROPOUT = "gps_dropout"


@dataclass(frozen=True, slots=True)
class TruthRecord:
    """One trouble, as it was.

    Attributes
    ----------
    truth_id : str
        ``truth-1``, ``truth-2``, ...
    type : TruthType
        What went wrong.
    entity : str
        Id of the rider, merchant or order concerned.
    onset_ms, end_ms : int
        When it began and ended.
    severity : float
        Its magnitude; the unit is that of the type (a dropout: seconds of silence).
    params : tuple of (str, float)
        Further drawn values, by name.
    observable_from_ms : int
        From when on somebody outside could have noticed.
    """

    truth_id: str
    type: TruthType
    entity: str
    onset_ms: Millis
    end_ms: Millis
    severity: float
    params: tuple[tuple[str, float], ...]
    observable_from_ms: Millis


@dataclass(slots=True)
class TruthLog:
    """The list of everything that really went wrong, in the order in which it was drawn."""

    _records: list[TruthRecord] = field(default_factory=list)

    def __iter__(self) -> Iterator[TruthRecord]:
        """Yield the records."""
        return iter(self._records)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._records)

    def add(
        self,
        kind: TruthType,
        entity: str,
        onset_ms: Millis,
        end_ms: Millis,
        *,
        severity: float,
        observable_from_ms: Millis,
        params: tuple[tuple[str, float], ...] = (),
    ) -> TruthRecord:
        """Write down one trouble and return its record."""
        record = TruthRecord(
            f"truth-{len(self._records) + 1}",
            kind,
            entity,
            onset_ms,
            end_ms,
            severity,
            params,
            observable_from_ms,
        )
        self._records.append(record)
        return record
