"""Messages go to one stream as JSON lines, those of libraries too."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from runtime import telemetry


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield io.StringIO()
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_each_message_is_one_json_line_with_its_fields(stream: io.StringIO) -> None:
    telemetry.configure("info", stream)

    structlog.get_logger("dispatch").info("order_placed", order_id="order-7")

    (line,) = lines(stream)
    assert line["event"] == "order_placed"
    assert line["order_id"] == "order-7"
    assert line["level"] == "info"
    assert str(line["timestamp"]).endswith("Z")


def test_less_serious_messages_are_left_out(stream: io.StringIO) -> None:
    telemetry.configure("warning", stream)

    structlog.get_logger().info("quiet")
    logging.getLogger("library").warning("loud %d", 7)

    assert [line["event"] for line in lines(stream)] == ["loud 7"]


def test_errors_carry_their_traceback(stream: io.StringIO) -> None:
    telemetry.configure("info", stream)

    try:
        raise ValueError("odd")
    except ValueError:
        structlog.get_logger().exception("failed")

    (line,) = lines(stream)
    assert "ValueError: odd" in str(line["exception"])
