"""Frames of the live socket as lines that people read."""

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


def frame_line(frame: Frame) -> str | None:
    """Return a line for a frame, None for one that is not worth a line of its own."""
    match frame["t"]:
        case "hello":
            return f"[dim]connected; it is {frame['now']}, at {frame['rate']:g}x[/]"
        case "snapshot":
            return f"[dim]{_clock(frame)}[/] {escape(frame['topic'])}: {_snapshot(frame['data'])}"
        case "resumed":
            return f"[dim]goes on after frame {frame['seq']}[/]"
        case "state":
            return f"[dim]{_clock(frame)}[/] {_state(frame)}"
        case "position":
            return f"[dim]{_clock(frame)}[/] rider at {frame['lon']:.4f}, {frame['lat']:.4f}"
        case "positions":
            return f"[dim]{_clock(frame)} {len(frame['riders'])} riders moved[/]"
        case "error":
            return f"[bold red]{frame['status']}[/] {escape(frame['detail'])}"
        case _:
            return None


def _clock(frame: Frame) -> str:
    return str(frame["at"])[11:19]


def _snapshot(data: Frame) -> str:
    if "summary" in data:
        return (
            f"{len(data['riders'])} riders, {len(data['orders'])} open orders, "
            f"{len(data['incidents'])} incidents; {_summary(data['summary'])}"
        )
    return _order(data)


def _state(frame: Frame) -> str:
    event, data = frame["event"], frame["data"]
    color = _COLORS.get(event, "default")
    if "order_id" in data:
        parts = [_order(data)]
    else:
        parts = [_order(data["order"])] if "order" in data else []
        if "rider" in data:
            parts.append(f"{escape(data['rider']['rider_id'])} {data['rider']['state']}")
        if "incident" in data:
            incident = data["incident"]
            parts.append(f"{incident['type']} {incident['severity']}: {escape(incident['evidence'])}")
        if "summary" in data:
            parts.append(f"[dim]{_summary(data['summary'])}[/]")
    return f"[{color}]{event:<22}[/] {' · '.join(parts)}"


def _order(order: Frame) -> str:
    eta = order.get("eta_at") or (order.get("eta") or {}).get("at")
    expected = f", expected {eta[11:16]}" if eta else ""
    merchant = order.get("merchant_name") or order["merchant"]["name"]
    return f"{escape(order['order_id'])} {order['state']} ({escape(merchant)}{expected})"


def _summary(summary: Frame) -> str:
    on_time = summary["on_time_pct"]
    share = "-" if on_time is None else f"{on_time:.0f} %"
    counts = f"{summary['placed']} placed, {summary['open']} open, {summary['delivered']} delivered"
    return f"{counts}, {share} on time"
