"""A small invented day in the format of Grubhub, through simulator and control room."""

import time
from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.speed.conftest import Rate
from scenarios.grubhub import read_instance
from sim.run import run

ORDERS = 600
COURIERS = 60
RESTAURANTS = 40
HOURS = 8
CITY_M = 8_000.0

PARAMETERS = (
    "meters_per_minute\tpickup service minutes\tdropoff service minutes\ttarget click-to-door"
    "\tmaximum click-to-door\tpay per order\tguaranteed pay per hour\n320\t4\t4\t40\t90\t10\t15\n"
)


def write_day(folder: Path) -> None:
    """Write an instance with its people anywhere on a square."""
    draw = np.random.default_rng(5)
    places = draw.uniform(0, CITY_M, (ORDERS + COURIERS + RESTAURANTS, 2)).round().astype(int).tolist()
    placed = np.sort(draw.integers(0, HOURS * 60, ORDERS)).tolist()
    kitchens = draw.integers(0, RESTAURANTS, ORDERS).tolist()
    cooking = draw.integers(5, 25, ORDERS).tolist()
    rows = {
        "restaurants": ["restaurant\tx\ty"],
        "couriers": ["courier\tx\ty\ton_time\toff_time"],
        "orders": ["order\tx\ty\tplacement_time\trestaurant\tready_time"],
    }
    for k in range(RESTAURANTS):
        x, y = places.pop()
        rows["restaurants"].append(f"r{k}\t{x}\t{y}")
    for k in range(COURIERS):
        x, y = places.pop()
        rows["couriers"].append(f"c{k}\t{x}\t{y}\t0\t{(HOURS + 1) * 60}")
    for k in range(ORDERS):
        x, y = places.pop()
        rows["orders"].append(f"o{k}\t{x}\t{y}\t{placed[k]}\tr{kitchens[k]}\t{placed[k] + cooking[k]}")
    for name, lines in rows.items():
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "instance_parameters.txt").write_text(PARAMETERS, encoding="utf-8")


@pytest.mark.parametrize("policy", ["nearest", "hungarian"])
@pytest.mark.benchmark(group="day: 600 orders, 60 couriers", timer=time.process_time)
def test_day(benchmark: BenchmarkFixture, rate: Rate, tmp_path: Path, policy: str) -> None:
    """From the loaded instance to the metrics, with the full event log in memory."""
    write_day(tmp_path)
    spec = read_instance(tmp_path)
    result = benchmark.pedantic(run, (spec, 0), {"policy": policy}, warmup_rounds=1, rounds=5)
    assert result.metrics["orders"] == ORDERS
    rate("orders", ORDERS)
