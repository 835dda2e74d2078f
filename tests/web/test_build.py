"""What the web sources and the built pages promise, checked without a browser."""

import gzip
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = ROOT / "web"
BUILT = ROOT / "api" / "_web"
TRACK_BUDGET_BYTES = 80_000


@pytest.fixture(scope="module")
def built() -> Path:
    if not (BUILT / "index.html").is_file():
        reason = "the pages are not built: run `make web`"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return BUILT


def messages(language: str) -> dict[str, str]:
    document: dict[str, str] = json.loads((SOURCES / "src" / "i18n" / f"{language}.json").read_text("utf-8"))
    return document


def test_both_languages_have_the_same_messages_and_places() -> None:
    chinese, english = messages("zh-CN"), messages("en")
    assert list(chinese) == list(english)
    for key, text in english.items():
        assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", chinese[key])), key


def test_no_message_is_left_over() -> None:
    texts = [
        path.read_text("utf-8")
        for path in (SOURCES / "src").rglob("*")
        if path.suffix in {".ts", ".svelte"} and not path.name.endswith(".test.ts")
    ]
    literal = set(re.findall(r"""["'`]([a-z_]+(?:\.\w+)+)["'`]""", "\n".join(texts)))
    prefixes = tuple(set(re.findall(r"`([a-z_]+(?:\.[a-z_]+)*\.)\$\{", "\n".join(texts))))
    words = tuple(f"{name}." for name in re.findall(r"""word\(["']([\w.]+)["']""", "\n".join(texts)))
    unused = [key for key in messages("en") if key not in literal and not key.startswith(prefixes + words)]
    assert unused == []


def test_lock_names_no_registry() -> None:
    lock = json.loads((SOURCES / "package-lock.json").read_text("utf-8"))
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []
    assert all(package.get("integrity") for name, package in lock["packages"].items() if name)


@pytest.mark.parametrize("page", ["index.html", "track.html"])
def test_pages_fit_a_strict_content_security_policy(built: Path, page: str) -> None:
    html = (built / page).read_text("utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)", html) == []
    assert "<style" not in html
    assert re.findall(r"\s(?:style|on\w+)=", html) == []
    assert re.findall(r"""(?:src|href)=["'](?!/assets/)""", html) == []


def test_track_page_is_light(built: Path) -> None:
    html = (built / "track.html").read_text("utf-8")
    names = set(re.findall(r"/assets/[\w.-]+\.(?:js|css|svg)", html))
    sizes = {name: len(gzip.compress((built / name.lstrip("/")).read_bytes())) for name in names}
    assert not any("maplibre" in name for name in names)
    assert sum(sizes.values()) + len(gzip.compress(html.encode())) <= TRACK_BUDGET_BYTES, sizes


@pytest.mark.parametrize("script", ["test", "check"])
def test_sources_pass_their_own_checks(script: str) -> None:
    """Vitest (motion, resume, fleet, languages) and svelte-check (strict TypeScript)."""
    path = os.pathsep.join([str(ROOT / "build" / "node" / "bin"), os.environ["PATH"]])
    npm = shutil.which("npm", path=path)
    if npm is None or not (SOURCES / "node_modules").is_dir():
        pytest.skip("the web's tools are not installed: run `make web`")
    done = subprocess.run(
        [npm, "run", "--silent", script],
        cwd=SOURCES,
        env={**os.environ, "PATH": path, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
