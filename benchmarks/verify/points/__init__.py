"""Every point of the record, in the order in which they are measured and shown."""

from benchmarks.verify.point import Point
from benchmarks.verify.points.decisions import EXPLANATIONS, LATENCY
from benchmarks.verify.points.demo import DEMO
from benchmarks.verify.points.fresh_machine import FRESH_MACHINE
from benchmarks.verify.points.laws import BROWSER, DISPATCH_LAWS, KILL, PARITY, RECOVERY, SAME_DAY
from benchmarks.verify.points.mdrp import (
    DEFAULT_SPEED,
    FOODMATCH,
    HUNGARIAN,
    LOOKAHEAD,
    NEAREST,
    QUALITY,
    SPEED,
)
from benchmarks.verify.points.overload import OVERLOAD

POINTS: tuple[Point, ...] = (
    FRESH_MACHINE,
    DEMO,
    SPEED,
    DEFAULT_SPEED,
    LATENCY,
    QUALITY,
    OVERLOAD,
    NEAREST,
    HUNGARIAN,
    FOODMATCH,
    LOOKAHEAD,
    EXPLANATIONS,
    DISPATCH_LAWS,
    SAME_DAY,
    PARITY,
    RECOVERY,
    KILL,
    BROWSER,
)
