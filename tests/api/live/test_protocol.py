"""What clients may say."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.live.protocol import (
    MAX_CLIENT_FRAME_BYTES,
    FrameError,
    Ping,
    Subscribe,
    Unsubscribe,
    parse_client_frame,
)


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ('{"sub": true, "topic": "fleet:all"}', Subscribe("fleet:all")),
        ('{"sub": true, "topic": "fleet:all", "epoch": null, "since": null}', Subscribe("fleet:all")),
        ('{"sub": true, "topic": "order:o-1", "epoch": "a-1", "since": 7}', Subscribe("order:o-1", "a-1", 7)),
        ('{"unsub": true, "topic": "fleet:all"}', Unsubscribe("fleet:all")),
        ('{"ping": 0}', Ping(0)),
    ],
)
def test_the_three_frames(text: str, frame: object) -> None:
    assert parse_client_frame(text) == frame
    assert parse_client_frame(text.encode()) == frame


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        "{",
        '{"topic": "fleet:all"}',
        '{"sub": true}',
        '{"sub": 1, "topic": "a"}',
        '{"sub": true, "topic": "a", "more": 1}',
        '{"ping": "x"}',
        '{"ping": 1e999}',
        "\ud800",
        '{"sub": true, "topic": "' + "x" * MAX_CLIENT_FRAME_BYTES + '"}',
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(FrameError):
        parse_client_frame(text)


@given(
    st.text() | st.binary() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps)
)
def test_no_text_does_more_harm_than_that(text: str | bytes) -> None:
    with suppress(FrameError):
        parse_client_frame(text)
