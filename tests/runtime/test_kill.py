"""The plug is pulled: everything that was acknowledged is there."""

import subprocess
import sys
from pathlib import Path

from runtime.bootstrap import open_city
from tests.runtime.town import SCENARIO, setup

ROOT = Path(__file__).resolve().parents[2]

BUSY = """
import asyncio, sys
from pathlib import Path

from domain.commands import PlaceOrder
from runtime.asyncio_driver import AsyncioDriver
from runtime.bootstrap import open_city
from tests.runtime.town import SCENARIO, anywhere, setup

async def customer(driver):
    while True:
        events = await driver.submit(PlaceOrder("m1", anywhere(9)))
        print(events[0].order_id, flush=True)

async def main():
    driver = AsyncioDriver(open_city(setup(), Path(sys.argv[1]), scenario=SCENARIO).room, rate=60.0)
    await asyncio.gather(driver.run(), *(customer(driver) for _ in range(8)))

asyncio.run(main())
"""


def test_every_acknowledged_order_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "town.log"
    for acknowledge in (40, 80):
        with subprocess.Popen(
            [sys.executable, "-c", BUSY, str(path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
        ) as busy:
            assert busy.stdout is not None
            acknowledged = [busy.stdout.readline().strip() for _ in range(acknowledge)]
            busy.kill()
            acknowledged += [line.strip() for line in busy.stdout if line.endswith("\n")]

        city = open_city(setup(), path, scenario=SCENARIO)

        assert city.log.damage is None
        assert set(acknowledged) <= set(city.room.engines["dispatch"].state.orders)
        city.log.close()
