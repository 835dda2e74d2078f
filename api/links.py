"""Tracking links: an unguessable token per order, stored as its hash beside the log, never in it."""

import hashlib
import secrets
import sqlite3
from pathlib import Path

from domain.errors import InputFileError
from domain.ids import OrderId

TOKEN_BYTES = 20
"""160 bits: nobody guesses it, and a plain SHA-256 is enough to store it."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS tracking_link (
    order_id TEXT PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE
) STRICT
"""


class TrackingLinks:
    """Who may follow which order. One token per order: a new one revokes the old one.

    Parameters
    ----------
    path : Path or None
        The SQLite file, None to keep the links in memory.

    Raises
    ------
    InputFileError
        If the file is not a database of tracking links.
    """

    def __init__(self, path: Path | None = None) -> None:
        try:
            self._db = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
            # A killed process loses nothing; a power cut may lose the newest links, which can be reissued.
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute(_SCHEMA)
        except sqlite3.DatabaseError as error:
            raise InputFileError(path, f"is not a file of tracking links ({error}); move it away") from error

    def issue(self, order_id: OrderId) -> str:
        """Return a new token for an order; a former one leads nowhere from now on."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self._db.execute(
            "INSERT INTO tracking_link VALUES (?, ?)"
            " ON CONFLICT (order_id) DO UPDATE SET token_hash = excluded.token_hash",
            (order_id, _hash(token)),
        )
        return token

    def order_of(self, token: str) -> OrderId | None:
        """Return the order that a token leads to, if any."""
        row = self._db.execute(
            "SELECT order_id FROM tracking_link WHERE token_hash = ?", (_hash(token),)
        ).fetchone()
        return None if row is None else str(row[0])

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
