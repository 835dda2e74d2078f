"""The server that ``peakline watch`` follows: its address, who asks, and what its refusals mean."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, tzinfo
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, quote, urlsplit
from urllib.request import Request, urlopen
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.errors import InvalidValueError, PeaklineError

HTTP_TIMEOUT_S = 10.0


class WatchError(PeaklineError):
    """There is nothing to follow: no server, no right to, or no such topic."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where to connect, and as whom.

    Attributes
    ----------
    url : str
        Address of the server, ``http://...`` or ``https://...``.
    token, track : str or None
        The operator's token, or a customer's tracking token, which goes first.
    """

    url: str
    token: str | None
    track: str | None

    def __post_init__(self) -> None:
        _checked_url(self.url)
        if not self.token and not self.track:
            raise WatchError(
                "--token is missing: give the operator token that `peakline serve` or `demo` printed, "
                "or --track TOKEN"
            )
        for option, token in (("--token", self.token), ("--track", self.track)):
            # Not repeated: it is a secret. A header takes no other characters, and no token has any.
            if token and not re.fullmatch(r"[!-~]+", token):
                raise InvalidValueError(option, "...", "ASCII letters, digits and signs, no spaces")

    def ticket(self) -> str:
        """Return a new ticket for one connection."""
        path = f"/track/{quote(self.track, safe='')}/ticket" if self.track else "/live/tickets"
        return self._ask("POST", path, "ticket")

    def own_topic(self) -> str:
        """Return the topic of the order that the tracking token leads to."""
        path = f"/track/{quote(self.track or '', safe='')}"
        return f"order:{self._ask('GET', path, 'order_id')}"

    def time_zone(self) -> tzinfo:
        """Return the time zone of the city, UTC where this machine does not know it."""
        name = self._ask("GET", "/city", "time_zone")
        try:
            return ZoneInfo(name)
        except (ValueError, OSError, ZoneInfoNotFoundError):
            return UTC

    def socket_url(self, ticket: str) -> str:
        """Return the address of the live socket."""
        parts = urlsplit(self.url)
        scheme = {"http": "ws", "https": "wss"}[parts.scheme]
        return f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}/live?ticket={quote(ticket)}"

    def unreachable(self, why: str) -> WatchError:
        """Return what it means that the first connection failed."""
        return WatchError(f"no connection to {self.url}: {why}; give the address with --url")

    def _ask(self, method: str, path: str, key: str) -> str:
        """Return one value of the answer to a request.

        Raises
        ------
        WatchError
            If asking again would not help.
        ConnectionError
            If it might.
        """
        request = Request(self.url.rstrip("/") + path, method=method)  # noqa: S310  (checked on construction)
        if self.token and not self.track:
            request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with urlopen(request, timeout=HTTP_TIMEOUT_S) as response:  # noqa: S310
                return str(json.load(response)[key])
        except HTTPError as error:
            with error:
                raise self._refusal(error, path) from error
        except (OSError, HTTPException) as error:
            raise ConnectionError(reason(error)) from error
        except (ValueError, LookupError, TypeError) as error:
            raise self._stranger() from error

    def _refusal(self, error: HTTPError, path: str) -> Exception:
        """Return what a refused request means: a wrong token ends it all, a busy server does not."""
        secret = error.code in {401, 403} or (path.startswith("/track/") and error.code in {404, 422})
        if secret:
            return WatchError(f"the server at {self.url} does not know this {self._named_token()}")
        if error.code in {404, 405}:
            return self._stranger()
        return ConnectionError(f"the server answered {error.code} {error.reason}".rstrip())

    def _named_token(self) -> str:
        return "tracking token (any more)" if self.track else "token"

    def _stranger(self) -> WatchError:
        return WatchError(f"there is no Peakline server at {self.url}; give its address with --url")


def reason(error: Exception) -> str:
    """Return why something failed, without the wrappings and numbers that mean nothing to people."""
    if isinstance(error, URLError) and not isinstance(error, HTTPError):
        inner = error.reason
        return reason(inner) if isinstance(inner, Exception) else str(inner)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


def _checked_url(url: str) -> None:
    allowed = "scheme, host and port of a server, like http://127.0.0.1:8000"
    try:
        parts = urlsplit(url)
        fits = _is_address(url, parts)
    except ValueError:  # a port that is no number or too large, a broken IPv6 address, an overlong name
        fits = False
    if not fits:
        raise InvalidValueError("--url", url, allowed)


def _is_address(url: str, parts: SplitResult) -> bool:
    host = parts.hostname or ""
    return (
        re.fullmatch(r"[!-~]+", url) is not None
        and parts.scheme in {"http", "https"}
        and bool(host.encode("idna"))
        and parts.port != 0
        and "@" not in parts.netloc
        and not parts.query
        and not parts.fragment
    )
