"""The pages in a real browser with the real application: an order's whole way, a connection that drops."""

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, WebSocket, expect, sync_playwright

from api.pages.routes import WEB_ROOT
from tests.api.served import TOKEN, Served, serving
from tests.e2e import live_server

pytestmark = pytest.mark.browser

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
PATIENCE_MS = 40_000
"""Two cores are shared with the server, other tests and a graphics card in software."""


@pytest.fixture(scope="module")
def browser(require_browser: str) -> Iterator[Browser]:
    if not (WEB_ROOT / "index.html").is_file():
        reason = "the pages are not built: run `make web`"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=require_browser, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    opened.close()


@pytest.fixture
def served() -> Iterator[Served]:
    with serving() as server:
        yield server


@pytest.fixture
def open_page(context: BrowserContext) -> Iterator[Callable[[str], Page]]:
    """Open pages, and hold at the end that none of them complained on its console."""
    complaints: list[str] = []

    def open_one(url: str) -> Page:
        page = context.new_page()
        page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(url)
        return page

    yield open_one
    # That the server cannot be reached is what a test of reconnecting is about.
    assert [text for text in complaints if "ERR_" not in text and "WebSocket connection" not in text] == []


class Frames:
    """State frames of the fleet as a page received them, over all its sockets."""

    def __init__(self, page: Page) -> None:
        self.sockets: list[list[dict[str, Any]]] = []
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        frames: list[dict[str, Any]] = []
        self.sockets.append(frames)
        socket.on("framereceived", lambda text: frames.append(json.loads(text)))

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frames in self.sockets for frame in frames if frame["t"] == kind]


def order_row(page: Page, order_id: str) -> Locator:
    return page.get_by_role("button", name=re.compile(rf"#{order_id.removeprefix('order-')} "))


def test_an_order_is_seen_on_dispatch_and_followed_on_track(
    served: Served, open_page: Callable[[str], Page]
) -> None:
    served.start_shift("rider-1")
    dispatch = open_page(f"{served.url}/?lang=en#token={TOKEN}")
    expect(dispatch.get_by_text("Live", exact=True)).to_be_visible()
    assert "token" not in dispatch.url

    placed = served.place()
    order_id = placed["order_id"]
    expect(order_row(dispatch, order_id)).to_contain_text("Placed")
    track = open_page(served.url + placed["tracking_url"].replace("/track#", "/track?lang=en#"))
    expect(track.get_by_text("Looking for a rider")).to_be_visible()

    served.assigned(order_id)
    expect(order_row(dispatch, order_id)).to_contain_text("Wei Li")
    order_row(dispatch, order_id).click()
    expect(dispatch.get_by_role("heading", name="Why this rider")).to_be_visible()
    expect(dispatch.get_by_text("The free rider with the shortest drive")).to_be_visible()
    expect(dispatch).to_have_url(re.compile(f"selected=order%3A{order_id}"))
    expect(track.get_by_role("listitem").filter(has_text="Being prepared")).to_have_attribute(
        "aria-current", "step"
    )

    served.post(f"/orders/{order_id}/arrive", {"rider_id": "rider-1", "at": "merchant"})
    served.advance(60_000)
    served.post(f"/orders/{order_id}/pick-up", {"rider_id": "rider-1"})
    served.fix("rider-1", 1, 1.0, 0.0)
    expect(track.get_by_text("Wei is bringing your order")).to_be_visible()
    expect(track.get_by_text("You are the next stop")).to_be_visible()
    expect(track.locator("svg g.rider")).to_have_attribute("visibility", "visible")

    served.post(f"/orders/{order_id}/deliver", {"rider_id": "rider-1"})
    expect(track.get_by_role("heading", name=re.compile("Delivered at"))).to_be_visible()
    expect(track.locator("svg g.rider")).to_have_attribute("visibility", "hidden")
    expect(dispatch.get_by_role("region", name="Details").get_by_text("Delivered").first).to_be_visible()


def test_a_dispatcher_assigns_by_hand_and_releases(served: Served, open_page: Callable[[str], Page]) -> None:
    served.start_shift("rider-1")
    served.start_shift("rider-2", 3, 3)
    order_id = served.place()["order_id"]
    page = open_page(f"{served.url}/?lang=en#token={TOKEN}")
    order_row(page, order_id).click()
    details = page.get_by_role("region", name="Details")
    riders = details.get_by_label("Choose a rider")
    expect(riders.locator("option")).to_have_count(3)
    riders.select_option("rider-2")
    details.get_by_role("button", name="Assign by hand", exact=True).click()
    expect(details.get_by_text("Assigned by hand to Wei Li since")).to_be_visible()
    expect(details.get_by_text("A dispatcher chose the rider")).to_be_visible()
    assert served.get(f"/orders/{order_id}")["pin"]["rider_id"] == "rider-2"

    details.get_by_role("button", name="Release").click()
    expect(details.get_by_text("Assigned by hand to Wei Li since")).to_have_count(0)
    expect(details.get_by_text("released: the policy decides again")).to_be_visible()


def test_a_lost_connection_is_resumed_without_gap_or_double(
    served: Served, context: BrowserContext, open_page: Callable[[str], Page]
) -> None:
    served.start_shift("rider-1")
    page = open_page(f"{served.url}/")
    frames = Frames(page)
    page.goto(f"{served.url}/?lang=en#token={TOKEN}")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    before = served.place()["order_id"]
    expect(order_row(page, before)).to_be_visible()

    context.set_offline(True)
    expect(page.get_by_text("Reconnecting")).to_be_visible()
    missed = [served.place()["order_id"] for _ in range(3)]
    served.assigned(before)
    expect(order_row(page, missed[0])).to_have_count(0)
    context.set_offline(False)

    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    for order_id in missed:
        expect(order_row(page, order_id)).to_have_count(1)
    expect(order_row(page, before)).to_contain_text("Wei Li")
    after = served.place()["order_id"]
    expect(order_row(page, after)).to_have_count(1)

    assert len(frames.of("snapshot")) == 1
    assert len(frames.of("resumed")) == 1
    seqs = [frame["seq"] for frame in frames.of("state")]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
    assert seqs[0] == frames.of("snapshot")[0]["seq"] + 1


def test_a_restarted_server_is_found_again_with_everything_it_acknowledged(
    tmp_path: Path, open_page: Callable[[str], Page]
) -> None:
    port = live_server.free_port()
    server = live_server.LiveServer(tmp_path, port)
    try:
        page = open_page(f"http://127.0.0.1:{port}/?lang=en#token={live_server.TOKEN}")
        expect(page.get_by_text("Live", exact=True)).to_be_visible()
        kept = place(server)
        expect(order_row(page, kept)).to_be_visible()
        server.kill()
        expect(page.get_by_text("Reconnecting")).to_be_visible()
        server = live_server.LiveServer(tmp_path, port)
        expect(page.get_by_text("Live", exact=True)).to_be_visible()
        expect(order_row(page, kept)).to_have_count(1)
        expect(order_row(page, place(server))).to_have_count(1)
    finally:
        if server.is_running:
            server.stop()


def place(server: live_server.LiveServer) -> str:
    with server.caller() as caller:
        city = caller.ask("GET", "/city").body
        body = {"merchant_id": city["merchants"][0]["merchant_id"], "dropoff": city["center"]}
        answer = caller.ask("POST", "/orders", body)
    assert answer.status == 201, answer.body
    return str(answer.body["order_id"])


@pytest.mark.parametrize(
    ("query", "language", "title"), [("?lang=en", "en", "Dispatch"), ("?lang=zh", "zh-CN", "调度台")]
)
def test_pages_speak_both_languages(
    served: Served, open_page: Callable[[str], Page], query: str, language: str, title: str
) -> None:
    page = open_page(f"{served.url}/{query}#token={TOKEN}")
    expect(page).to_have_title(re.compile(title))
    expect(page.locator("html")).to_have_attribute("lang", language)
    other = {"en": "中文", "zh-CN": "English"}[language]
    page.get_by_text(other, exact=True).click()
    expect(page.locator("html")).not_to_have_attribute("lang", language)


def test_the_map_shows_streets_and_selects_a_rider_by_a_click(
    served: Served, open_page: Callable[[str], Page]
) -> None:
    served.start_shift("rider-1", 1, 1)
    page = open_page(f"{served.url}/?lang=en&selected=rider:rider-1#token={TOKEN}")
    expect(page.locator("canvas.overlay")).to_have_attribute("data-ready", "true")
    expect(page.get_by_role("heading", name="Wei Li")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Incidents")).to_be_visible()
    box = page.locator("canvas.overlay").bounding_box()
    assert box is not None
    # The selection brought the rider to the middle of the map.
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_role("heading", name="Wei Li")).to_be_visible()


def test_streets_are_drawn_also_where_the_connection_breaks_while_the_map_is_loading(
    served: Served, context: BrowserContext, open_page: Callable[[str], Page]
) -> None:
    context.route("**/maplibre-gl-worker*", lambda route: route.abort())
    page = open_page(f"{served.url}/?lang=en#token={TOKEN}")
    expect(page.locator("canvas.overlay")).to_have_attribute("data-ready", "true")


def test_a_link_that_leads_nowhere_says_so(served: Served, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{served.url}/track?lang=en#not-a-token")
    expect(page.get_by_role("heading", name="We do not know this link")).to_be_visible()


def test_a_wrong_token_leads_to_the_sign_in(served: Served, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{served.url}/?lang=en#token=wrong")
    expect(page.get_by_text("The server refused this token.")).to_be_visible()
    page.get_by_label("Operator token").fill(TOKEN)
    page.get_by_role("button", name="Enter").click()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()


def test_a_customer_who_orders_for_later_is_shown_the_window(
    served: Served, open_page: Callable[[str], Page]
) -> None:
    window = {"earliest": served.later(2 * 3_600_000), "latest": served.later(5 * 1_800_000)}
    placed = served.place(ready_at=None, window=window)
    page = open_page(f"{served.url}/track?lang=en#{placed['tracking_token']}")
    expect(page.get_by_role("heading", name=re.compile(r"^\d\d:\d\d – \d\d:\d\d$"))).to_be_visible()
    expect(page.get_by_text("You asked for")).to_be_visible()
    expect(page.get_by_text("We look for a rider in time")).to_be_visible()
