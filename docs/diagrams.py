"""Diagrams as SVG, drawn from the tables of the code: no copy of a table is drawn by hand.

States stand in one column, in the sequence in which they are usually passed. A step to the next state below
is a straight arrow; all other steps run in lanes beside the column, forward ones on the right and those that
go back on the left. Steps of one name into one state share a lane. Lanes are given out like platforms of a
station: the shortest first, to the innermost that is free.

Colors come from the stylesheet (``docs/assets/peakline.css``), so that the diagrams follow light and dark.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TypeVar

State = TypeVar("State", bound=Hashable)
Step = TypeVar("Step")

ROW, NODE_WIDTH, NODE_HEIGHT = 92.0, 148.0, 46.0
FIRST_LANE, LANE, PORT, CORNER = 122.0, 108.0, 11.0, 9.0
LOOP, MARGIN, LABEL_HEIGHT = 26.0, 64.0, 20.0
LETTER = 6.6
"""Mean width of a letter of a label at 12.5 px."""

LEFT, RIGHT = -1, 1


@dataclass(frozen=True, slots=True)
class Lane:
    """Steps of one name into one state, drawn as one line that several states join.

    Attributes
    ----------
    step : str
        What is written on it.
    sources : tuple of int
        Rows of the states that it leaves.
    target : int
        Row of the state that it enters.
    side : int
        ``LEFT`` or ``RIGHT`` of the column.
    track : int
        Which platform, counted from the column.
    """

    step: str
    sources: tuple[int, ...]
    target: int
    side: int
    track: int = 0

    @property
    def rows(self) -> tuple[int, int]:
        """First and last row that it passes."""
        rows = (*self.sources, self.target)
        return min(rows), max(rows)

    @property
    def x(self) -> float:
        """Where its vertical part runs."""
        if self.rows[0] == self.rows[1]:
            return self.side * (NODE_WIDTH / 2 + LOOP)
        return self.side * (NODE_WIDTH / 2 + FIRST_LANE + self.track * LANE)


def state_diagram(
    transitions: Mapping[tuple[State, Step], State], *, final: Iterable[State] = (), title: str
) -> str:
    """Draw a table of transitions.

    Parameters
    ----------
    transitions : mapping
        (state, step) -> next state; the first state of the table is where everything begins.
    final : iterable
        States that nothing leaves, drawn with a double border.
    title : str
        Read out instead of the picture.

    Returns
    -------
    str
        An ``<svg>`` element on one line, to be put into a page.
    """
    order = passing_order(transitions)
    row = {state: k for k, state in enumerate(order)}
    straight, lanes = _split(transitions, row)
    ports = _ports(lanes)
    shapes = [_begin()]
    shapes += [_straight(k, step) for k, step in straight]
    shapes += [_lane(lane, ports) for lane in lanes]
    ends = set(final)
    shapes += [_node(k, _words(state), is_final=state in ends) for state, k in row.items()]
    shapes += [_lane_label(lane) for lane in lanes]
    return _svg(shapes, _box(lanes, len(order)), title, "states")


def passing_order(transitions: Mapping[tuple[State, Step], State]) -> list[State]:
    """Return the states in the sequence in which they are usually passed, the first of the table first.

    It is a topological order of the table without the steps that go back to a state already on the way.
    """
    following: dict[State, list[State]] = {}
    for (source, _), target in transitions.items():
        following.setdefault(source, []).append(target)
        following.setdefault(target, [])
    done: list[State] = []
    seen: set[State] = set()

    def visit(state: State) -> None:
        seen.add(state)
        # The last one first, so that the table's first choice comes out on top.
        for target in reversed(following[state]):
            if target not in seen:
                visit(target)
        done.append(state)

    for state in following:
        if state not in seen:
            visit(state)
    return done[::-1]


def layer_diagram(layers: Sequence[Sequence[str]], about: Mapping[str, str], *, title: str) -> str:
    """Draw layers of packages, the highest on top; each may import those below it.

    Parameters
    ----------
    layers : sequence of sequences of str
        Names of the packages of each layer, siblings side by side.
    about : mapping of str to str
        A few words on each package.
    title : str
        Read out instead of the picture.
    """
    width, height, gap = 720.0, 58.0, 14.0
    shapes: list[str] = []
    for k, names in enumerate(layers):
        each = (width - gap * (len(names) - 1)) / len(names)
        for j, name in enumerate(names):
            x, y = j * (each + gap), k * (height + gap)
            shapes.append(
                f'<g class="layer"><rect x="{x:g}" y="{y:g}" width="{each:g}" height="{height:g}" rx="8"/>'
                f'<text class="name" x="{x + each / 2:g}" y="{y + 25:g}">{escape(name)}</text>'
                f'<text class="about" x="{x + each / 2:g}" y="{y + 44:g}">'
                f"{escape(about.get(name, ''))}</text></g>"
            )
    bottom = len(layers) * (height + gap) - gap
    shapes.append(_arrow_down(width + 26, 4, bottom - 4))
    beside = f"translate({width + 48:g} {bottom / 2:g}) rotate(90)"
    shapes.append(f'<text class="about" transform="{beside}">may import</text>')
    return _svg(shapes, (-2, -2, width + 64, bottom + 4), title, "layers")


def _split(
    transitions: Mapping[tuple[State, Step], State], row: Mapping[State, int]
) -> tuple[list[tuple[int, str]], list[Lane]]:
    """Tell straight arrows, by the row that they leave, from lanes; equal ways are drawn once."""
    straight: dict[int, list[str]] = {}
    joined: dict[tuple[str, int, int], list[int]] = {}
    for (source, step), target in transitions.items():
        start, end = row[source], row[target]
        if end == start + 1:
            straight.setdefault(start, []).append(_words(step))
        else:
            joined.setdefault((_words(step), end, LEFT if end < start else RIGHT), []).append(start)
    ways: dict[tuple[tuple[int, ...], int, int], list[str]] = {}
    for (words, end, side), starts in joined.items():
        ways.setdefault((tuple(starts), end, side), []).append(words)
    lanes = [Lane(", ".join(names), *way) for way, names in ways.items()]
    return [(start, ", ".join(names)) for start, names in straight.items()], _on_tracks(lanes)


def _on_tracks(lanes: Iterable[Lane]) -> list[Lane]:
    """Give each lane the innermost track that is free along all its rows."""
    placed: list[Lane] = []
    for lane in sorted(lanes, key=lambda lane: (lane.rows[1] - lane.rows[0], lane.rows, lane.step)):
        first, last = lane.rows
        taken = {
            other.track
            for other in placed
            if other.side == lane.side and other.rows[0] < last and other.rows[1] > first
        }
        track = next(k for k in range(len(placed) + 1) if k not in taken)
        placed.append(Lane(lane.step, lane.sources, lane.target, lane.side, track))
    return placed


def _ports(lanes: Sequence[Lane]) -> dict[tuple[int, Lane, str], float]:
    """Say at which height each lane leaves or enters each state, so that lines of one state do not cross."""
    touching: dict[tuple[int, int], list[tuple[tuple[int, int], Lane, str]]] = {}
    for lane in lanes:
        for k in lane.sources:
            touching.setdefault((k, lane.side), []).append((_port_rank(lane, k), lane, "out"))
        touching.setdefault((lane.target, lane.side), []).append((_port_rank(lane, lane.target), lane, "in"))
    heights: dict[tuple[int, Lane, str], float] = {}
    for (k, _), ends in touching.items():
        ends.sort(key=lambda end: (end[0], end[1].step, end[2]))
        for j, (_, lane, kind) in enumerate(ends):
            heights[k, lane, kind] = k * ROW + (j - (len(ends) - 1) / 2) * PORT
    return heights


def _port_rank(lane: Lane, k: int) -> tuple[int, int]:
    """Rank lines from above, inner ones first, before lines that pass, before lines to below, outer first."""
    first, last = lane.rows
    if first == last:
        return 3, 0
    if k == last:
        return 0, lane.track
    return (2, -lane.track) if k == first else (1, lane.track)


def _lane(lane: Lane, ports: Mapping[tuple[int, Lane, str], float]) -> str:
    """Draw the line from the state farthest away; the others join it."""
    edge = lane.side * NODE_WIDTH / 2
    end = ports[lane.target, lane, "in"]
    farthest = max(lane.sources, key=lambda k: abs(k - lane.target))
    shapes = [f'<path class="step" d="{_bracket(edge, ports[farthest, lane, "out"], lane.x, end)}"/>']
    shapes += [
        f'<path class="step joins" d="{_way_out(edge, ports[k, lane, "out"], lane.x, end)}"/>'
        for k in lane.sources
        if k != farthest
    ]
    return "".join(shapes)


def _bracket(edge: float, start_y: float, x: float, end_y: float) -> str:
    """Go out to the lane, along it and back, around two rounded corners."""
    out, down = (1 if x > edge else -1), (1 if end_y > start_y else -1)
    r = min(CORNER, abs(end_y - start_y) / 2)
    back = f"V{end_y - down * r:g}Q{x:g} {end_y:g} {x - out * r:g} {end_y:g}H{edge + out * 2:g}"
    return _way_out(edge, start_y, x, end_y) + back


def _way_out(edge: float, start_y: float, x: float, end_y: float) -> str:
    out, down = (1 if x > edge else -1), (1 if end_y > start_y else -1)
    r = min(CORNER, abs(end_y - start_y) / 2)
    return f"M{edge:g} {start_y:g}H{x - out * r:g}Q{x:g} {start_y:g} {x:g} {start_y + down * r:g}"


def _straight(k: int, step: str) -> str:
    top, bottom = k * ROW + NODE_HEIGHT / 2, (k + 1) * ROW - NODE_HEIGHT / 2
    return (
        f'<path class="step" d="M0 {top:g}V{bottom - 2:g}"/>'
        f'<text class="label beside" x="10" y="{(top + bottom) / 2 + 3:g}">{escape(step)}</text>'
    )


def _lane_label(lane: Lane) -> str:
    first, last = lane.rows
    if first == last:
        x = lane.x + lane.side * 8
        return f'<text class="label beside" x="{x:g}" y="{first * ROW + 16:g}">{escape(lane.step)}</text>'
    # Between two states, where no line leaves or enters.
    y = ((first + last - 1) // 2 + 0.5) * ROW
    width = len(lane.step) * LETTER + 10
    return (
        f'<rect class="behind" x="{lane.x - width / 2:g}" y="{y - LABEL_HEIGHT / 2:g}" width="{width:g}" '
        f'height="{LABEL_HEIGHT:g}"/>'
        f'<text class="label" x="{lane.x:g}" y="{y + 4:g}">{escape(lane.step)}</text>'
    )


def _node(k: int, name: str, *, is_final: bool) -> str:
    x, y = -NODE_WIDTH / 2, k * ROW - NODE_HEIGHT / 2
    inner = (
        f'<rect class="inner" x="{x + 4:g}" y="{y + 4:g}" width="{NODE_WIDTH - 8:g}" '
        f'height="{NODE_HEIGHT - 8:g}" rx="8"/>'
        if is_final
        else ""
    )
    return (
        f'<g class="state{" final" if is_final else ""}"><rect x="{x:g}" y="{y:g}" width="{NODE_WIDTH:g}" '
        f'height="{NODE_HEIGHT:g}" rx="11"/>{inner}<text x="0" y="{k * ROW + 5:g}">{escape(name)}</text></g>'
    )


def _begin() -> str:
    top = -NODE_HEIGHT / 2
    arrow = f'<path class="step" d="M0 {top - 24:g}V{top - 2:g}"/>'
    return f'<circle class="begin" cx="0" cy="{top - 30:g}" r="6"/>{arrow}'


def _arrow_down(x: float, top: float, bottom: float) -> str:
    return f'<path class="step" d="M{x:g} {top:g}V{bottom:g}"/>'


def _box(lanes: Sequence[Lane], rows: int) -> tuple[float, float, float, float]:
    wide = NODE_WIDTH / 2 + LOOP
    left = min([-wide, *(lane.x for lane in lanes)]) - MARGIN
    right = max([wide, *(lane.x for lane in lanes)]) + MARGIN
    top = -NODE_HEIGHT / 2 - 42
    return left, top, right - left, (rows - 1) * ROW + NODE_HEIGHT / 2 + 6 - top


def _svg(shapes: Iterable[str], box: tuple[float, float, float, float], title: str, kind: str) -> str:
    view = " ".join(f"{number:g}" for number in box)
    head = (
        f'<marker id="head-{kind}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
        f'orient="auto-start-reverse"><path d="M0 0.8 10 5 0 9.2z"/></marker>'
    )
    return (
        f'<svg class="diagram {kind}" viewBox="{view}" width="{box[2]:g}" role="img" '
        f'aria-label="{escape(title)}" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(title)}</title><defs>{head}</defs>{''.join(shapes)}</svg>"
    )


def _words(name: object) -> str:
    return str(name).replace("_", " ")
