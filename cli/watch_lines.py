"""Frames of the live socket as lines that people read."""

from datetime import datetime, tzinfo
from typing import Any

from rich.markup import escape

Frame = dict[str, Any]

_COLORS = {
    "OrderPlaced": "cyan",
    "OrderAssigned": "blue",
    "OrderPickedUp": "magenta",
    "OrderDelivered": "green",
    "OrderCanceled": "red",
    "IncidentOpened": "bold red",
    "IncidentEscalated": "bold red",
    "IncidentResolved": "green",
}


def frame_line(frame: Frame, zone: tzinfo) -> str | None:
    """Return a line for a frame, None for one that is not worth a line of its own.

    Times are those of a zone, each with its offset from UTC: lines are copied out of their context.
    """
    match frame["t"]:
        case "hello":
            now = _local(frame["now"], zone).isoformat(" ", "seconds")
            return f"[dim]connected; it is {now} ({escape(str(zone))}), at {frame['rate']:g}x[/]"
        case "snapshot":
            return f"{_clock(frame, zone)} {escape(frame['topic'])}: {_snapshot(frame['data'], zone)}"
        case "resumed":
            return f"[dim]goes on after frame {frame['seq']}[/]"
        case "state":
            return f"{_clock(frame, zone)} {_state(frame, zone)}"
        case "position":
            return f"{_clock(frame, zone)} rider at {frame['lon']:.4f}, {frame['lat']:.4f}"
        case "positions":
            return f"{_clock(frame, zone)} [dim]{len(frame['riders'])} riders moved[/]"
        case _:
            return None


def _local(instant: str, zone: tzinfo) -> datetime:
    return datetime.fromisoformat(instant).astimezone(zone)


def _time(instant: str, zone: tzinfo, precision: str) -> str:
    return _local(instant, zone).isoformat(timespec=precision).partition("T")[2]


def _clock(frame: Frame, zone: tzinfo) -> str:
    return f"[dim]{_time(frame['at'], zone, 'seconds')}[/]"


def _snapshot(data: Frame, zone: tzinfo) -> str:
    if "summary" in data:
        return (
            f"{len(data['riders'])} riders, {len(data['orders'])} open orders, "
            f"{len(data['incidents'])} incidents; {_summary(data['summary'])}"
        )
    return _order(data, zone)


def _state(frame: Frame, zone: tzinfo) -> str:
    event, data = frame["event"], frame["data"]
    color = _COLORS.get(event, "default")
    if "order_id" in data:
        parts = [_order(data, zone)]
    else:
        parts = [_order(data["order"], zone)] if "order" in data else []
        if "rider" in data:
            parts.append(f"{escape(data['rider']['rider_id'])} {data['rider']['state']}")
        if "incident" in data:
            incident = data["incident"]
            parts.append(f"{incident['type']} {incident['severity']}: {escape(incident['evidence'])}")
        if "summary" in data:
            parts.append(f"[dim]{_summary(data['summary'])}[/]")
    return f"[{color}]{event:<22}[/] {' · '.join(parts)}"


def _order(order: Frame, zone: tzinfo) -> str:
    eta = order.get("eta_at") or (order.get("eta") or {}).get("at")
    expected = f", expected {_time(eta, zone, 'minutes')}" if eta else ""
    merchant = order.get("merchant_name") or order["merchant"]["name"]
    return f"{escape(order['order_id'])} {order['state']} ({escape(merchant)}{expected})"


def _summary(summary: Frame) -> str:
    on_time = summary["on_time_pct"]
    share = "-" if on_time is None else f"{on_time:.0f} %"
    counts = f"{summary['placed']} placed, {summary['open']} open, {summary['delivered']} delivered"
    return f"{counts}, {share} on time"
