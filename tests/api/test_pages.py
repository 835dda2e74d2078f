"""Pages, their headers, and health."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.pages.routes import policy
from tests.api.served import Served, serving


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root = tmp_path_factory.mktemp("web")
    (root / "assets").mkdir()
    (root / "index.html").write_text("<!doctype html><title>Dispatch</title>", encoding="utf-8")
    (root / "track.html").write_text("<!doctype html><title>Track</title>", encoding="utf-8")
    (root / "assets" / "main-1a2b.js").write_text("export {}", encoding="utf-8")
    (root / "secret.txt").write_text("not a page", encoding="utf-8")
    with serving(web_root=root) as served:
        yield served


@pytest.mark.parametrize(("path", "title"), [("/", "Dispatch"), ("/track", "Track")])
def test_pages_come_under_a_strict_policy(built: Served, path: str, title: str) -> None:
    answer = built.stranger.get(path)
    assert answer.status_code == 200
    assert title in answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"
    rules = dict(rule.strip().split(" ", 1) for rule in answer.headers["content-security-policy"].split(";"))
    assert rules["default-src"] == rules["script-src"] == rules["style-src"] == "'self'"
    assert rules["connect-src"] == f"'self' ws://{built.address} wss://{built.address}"
    assert rules["frame-ancestors"] == "'none'"
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_assets_may_be_kept(built: Served) -> None:
    answer = built.stranger.get("/assets/main-1a2b.js")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize("path", ["/assets/../secret.txt", "/assets/%2e%2e/secret.txt", "/secret.txt"])
def test_nothing_else_is_served(built: Served, path: str) -> None:
    assert built.stranger.get(path).status_code == 404


def test_checkout_without_pages_says_how_to_build_them(tmp_path: Path) -> None:
    with serving(web_root=tmp_path / "none") as served:
        answer = served.stranger.get("/")
        assert answer.status_code == 503
        assert "make web" in answer.text
        assert "content-security-policy" in answer.headers
        assert served.stranger.get("/assets/main.js").status_code == 404


@pytest.mark.parametrize("path", ["/", "/city", "/orders", "/nowhere", "/healthz"])
def test_every_answer_carries_the_security_headers(shared: Served, path: str) -> None:
    headers = shared.stranger.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers


def test_host_that_is_none_does_not_reach_the_policy() -> None:
    assert "evil" not in policy("a; script-src evil")


def test_health(shared: Served) -> None:
    shared.place()
    assert shared.get("/healthz")["status"] == "ok"
    assert shared.get("/readyz")["seq"] >= 2


def test_city_is_public(shared: Served) -> None:
    city = shared.stranger.get("/city").json()
    assert city["name"] == {"en": "Town", "zh": "Town"}
    assert [zone["zone_id"] for zone in city["zones"]] == ["west"]
    west, south, east, north = city["bounds"]
    assert west < city["center"]["lon"] < east
    assert south < city["center"]["lat"] < north


def test_streets_come_once(shared: Served) -> None:
    answer = shared.stranger.get("/city/streets")
    assert answer.headers["content-encoding"] == "gzip"
    kinds = {feature["properties"]["kind"] for feature in answer.json()["features"]}
    assert kinds == {"street", "water"}
    tag = answer.headers["etag"]
    assert shared.stranger.get("/city/streets", headers={"If-None-Match": f'"x", W/{tag}'}).status_code == 304
    plain = shared.stranger.get("/city/streets", headers={"Accept-Encoding": "identity"})
    assert plain.json() == answer.json()


def test_clock_goes_forward(shared: Served) -> None:
    before = shared.get("/clock")
    shared.advance(1_000)
    after = shared.get("/clock")
    assert before["now"] < after["now"]
    assert (after["rate"], after["simulated"]) == (1.0, False)
