"""Every point of the record, in the order in which they are measured and shown."""

from benchmarks.verify.point import Point
from benchmarks.verify.points.demo import DEMO
from benchmarks.verify.points.fresh_machine import FRESH_MACHINE
from benchmarks.verify.points.laws import BROWSER, KILL, PARITY, RECOVERY, SAME_DAY
from benchmarks.verify.points.mdrp import HUNGARIAN, LOOKAHEAD, NEAREST, SPEED

POINTS: tuple[Point, ...] = (
    FRESH_MACHINE,
    DEMO,
    SPEED,
    NEAREST,
    HUNGARIAN,
    LOOKAHEAD,
    SAME_DAY,
    PARITY,
    RECOVERY,
    KILL,
    BROWSER,
)
