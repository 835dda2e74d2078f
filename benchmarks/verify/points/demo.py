"""The demo: a live map soon after the start, a clean end, nothing lost."""

import json
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from benchmarks.verify.point import Outcome, Point
from benchmarks.verify.shell import peakline, run

MAP_WITHIN_S = 10.0
WATCHED_S = 15.0
GIVE_UP_S = 180.0
ADDRESS = re.compile(r"(http://\S+)/#token=(\S+)")


def measure(root: Path) -> Outcome:
    """Start the demo, wait for the map, end it by Ctrl-C, and replay its log."""
    folder = root / "build" / "verify" / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    said = folder / "demo.err"
    with said.open("wb") as errors:
        demo = subprocess.Popen(
            [peakline(), "demo", "--port", "8700", "--json"],
            cwd=root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**os.environ, "PEAKLINE_DATA_DIR": str(folder)},
        )
    try:
        url, token = _address(demo, said)
        told_s = time.monotonic()
        _wait_for(f"{url}/", "")
        _wait_for(f"{url}/city/streets", "")
        fleet = json.loads(_wait_for(f"{url}/fleet?zone=all", token))
        map_s = time.monotonic() - told_s
        _watch(demo)
        demo.send_signal(signal.SIGINT)
        printed, _ = demo.communicate(timeout=60)
    finally:
        demo.kill()
    figures = json.loads(printed)
    log = next(folder.glob("demo-*.db"))
    replayed = json.loads(run([peakline(), "replay", str(log), "--json"], root=root, log_name="demo_replay"))
    lost = figures["placed"] - replayed["kinds"]["OrderPlaced"]
    return Outcome(
        passed=(
            demo.returncode == 0
            and map_s <= MAP_WITHIN_S
            and len(fleet["riders"]) > 0
            and lost == 0
            and replayed["identical"]
        ),
        measured={
            "map_s": round(map_s, 1),
            "exit_code": demo.returncode,
            "orders_lost": lost,
            "placed": figures["placed"],
            "delivered": figures["delivered"],
            "fixes": figures["fixes_received"],
            "incidents": figures["incidents"],
            "median_eta_error_min": round(figures["median_eta_error_min"], 2),
        },
    )


def _address(demo: "subprocess.Popen[bytes]", said: Path) -> tuple[str, str]:
    """Wait until the demo tells where it is; the first hour is simulated before."""
    ends = time.monotonic() + GIVE_UP_S
    while time.monotonic() < ends and demo.poll() is None:
        found = ADDRESS.search(said.read_text(encoding="utf-8", errors="replace"))
        if found:
            return found[1], found[2]
        time.sleep(0.05)
    raise RuntimeError(f"the demo told no address; what it said is in {said}")


def _wait_for(url: str, token: str) -> str:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})  # noqa: S310
    ends = time.monotonic() + GIVE_UP_S
    while True:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return str(answer.read(), "utf-8")
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > ends:
                raise
            time.sleep(0.05)


def _watch(demo: "subprocess.Popen[bytes]") -> None:
    """Let it run for a while; it must not end by itself."""
    try:
        demo.wait(WATCHED_S)
    except subprocess.TimeoutExpired:
        return
    raise RuntimeError(f"the demo ended by itself with exit code {demo.returncode}")


DEMO = Point(
    key="demo",
    asked="make demo serves a live map until Ctrl-C, which ends cleanly and loses nothing",
    target=f"map within {MAP_WITHIN_S:g} s of the server's start, exit code 0, log replays identically",
    command="make verify ARGS='--only demo --again'",
    measure=measure,
)
