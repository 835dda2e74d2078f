"""Settings of a running Peakline, from the environment (``PEAKLINE_...``) and from arguments."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from dispatch.matching import DEFAULT_POLICY
from domain.errors import InvalidValueError


class Settings(BaseSettings):
    """What can be set from outside; an argument of the command line wins over the environment.

    Attributes
    ----------
    data_dir : Path
        Folder of the logs, one file per city.
    host : str
        Address to listen on.
    port : int
        Port to listen on; 0: any free one.
    log_level : str
        The least serious messages to show.
    policy, shadow : str
        Dispatch policy, and the one that runs in its shadow; empty: none.
    operator_token : SecretStr or None
        The operator's token; None: a new one at every start.
    snapshot_every_inputs : int
        Inputs between two snapshots.
    """

    model_config = SettingsConfigDict(env_prefix="PEAKLINE_", extra="ignore")

    data_dir: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65_535)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    policy: str = DEFAULT_POLICY
    shadow: str = ""
    operator_token: SecretStr | None = Field(default=None, min_length=16)
    snapshot_every_inputs: int = Field(default=20_000, ge=1)


def read_settings() -> Settings:
    """Read the settings from the environment.

    Raises
    ------
    InvalidValueError
        If a variable holds an impossible value; it names the variable.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "PEAKLINE_" + "_".join(str(part) for part in first["loc"]).upper()
        raise InvalidValueError(name, first["input"], first["msg"]) from error
