"""Line charts as SVG, for the pages of the documentation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Told apart by everybody, on light and on dark (Okabe and Ito 2008)."""

WIDTH, HEIGHT = 640.0, 360.0
LEFT, RIGHT, TOP, BOTTOM = 56.0, 96.0, 40.0, 48.0
LABEL_STEP = 15.0
TEXT = "#808080"
"""Readable on light and on dark; a picture does not know which page it is on."""

Curve = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: what is on it, and the values that get a line, in the sequence of the picture."""

    title: str
    ticks: tuple[float, ...]

    def place(self, value: float) -> float:
        """Return where a value lies: 0 at the first tick, 1 at the last."""
        return (value - self.ticks[0]) / (self.ticks[-1] - self.ticks[0])


def line_chart(title: str, x: Axis, y: Axis, curves: Mapping[str, Curve]) -> str:
    """Draw curves, each with its name at its last point.

    Parameters
    ----------
    title : str
        What the picture shows.
    x, y : Axis
        From left to right, and from bottom to top; the first tick may be the largest value.
    curves : mapping of str to sequence of (x, y)
        Points in the sequence in which they are joined.
    """
    drawn = [(name, [(_x(x, a), _y(y, b)) for a, b in points]) for name, points in curves.items() if points]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img"'
        f' aria-label="{escape(title)}" font-family="system-ui, sans-serif" font-size="12" fill="{TEXT}">',
        f'<text x="{LEFT:g}" y="20" font-size="14" font-weight="600">{escape(title)}</text>',
        *_grid(x, y),
    ]
    labels = _apart([points[-1][1] for _, points in drawn])
    for k, (name, points) in enumerate(drawn):
        color = COLORS[k % len(COLORS)]
        way = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        parts.append(f'<polyline points="{way}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{color}"/>' for a, b in points]
        beside = f'x="{points[-1][0] + 8:.1f}" y="{labels[k] + 4:.1f}"'
        parts.append(f'<text {beside} fill="{color}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _x(axis: Axis, value: float) -> float:
    return LEFT + axis.place(value) * (WIDTH - LEFT - RIGHT)


def _y(axis: Axis, value: float) -> float:
    return HEIGHT - BOTTOM - axis.place(value) * (HEIGHT - TOP - BOTTOM)


def _grid(x: Axis, y: Axis) -> list[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = []
    for tick in y.ticks:
        at, ends = _y(y, tick), f'x1="{LEFT:g}" x2="{right:g}"'
        parts += [
            f'<line {ends} y1="{at:.1f}" y2="{at:.1f}" stroke="{TEXT}" opacity="0.25"/>',
            f'<text x="{LEFT - 8:g}" y="{at + 4:.1f}" text-anchor="end">{tick:g}</text>',
        ]
    below = f'y="{bottom + 18:g}" text-anchor="middle"'
    parts += [f'<text x="{_x(x, tick):.1f}" {below}>{tick:g}</text>' for tick in x.ticks]
    middle = (LEFT + right) / 2
    parts.append(f'<text x="{middle:g}" y="{HEIGHT - 10:g}" text-anchor="middle">{escape(x.title)}</text>')
    turned = f'transform="rotate(-90 14 {(TOP + bottom) / 2:g})"'
    parts.append(
        f'<text x="14" y="{(TOP + bottom) / 2:g}" text-anchor="middle" {turned}>{escape(y.title)}</text>'
    )
    return parts


def _apart(heights: Sequence[float]) -> list[float]:
    """Move labels down as far as they would overlap the one above."""
    placed = list(heights)
    above = float("-inf")
    for k in sorted(range(len(heights)), key=heights.__getitem__):
        placed[k] = above = max(heights[k], above + LABEL_STEP)
    return placed
