"""Settings come from the environment; impossible ones are named."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from runtime.settings import Settings


def test_defaults_serve_on_this_machine_only() -> None:
    settings = Settings()

    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.operator_token is None


def test_the_environment_is_read_and_arguments_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEAKLINE_PORT", "9001")
    monkeypatch.setenv("PEAKLINE_DATA_DIR", "/srv/peakline")
    monkeypatch.setenv("PEAKLINE_OPERATOR_TOKEN", "a-long-enough-secret")

    settings = Settings(port=9002)

    assert settings.port == 9002
    assert settings.data_dir == Path("/srv/peakline")
    assert "secret" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "70000"), ("LOG_LEVEL", "loud"), ("OPERATOR_TOKEN", "short")]
)
def test_an_impossible_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"PEAKLINE_{name}", value)

    with pytest.raises(ValidationError, match=name.lower()):
        Settings()
