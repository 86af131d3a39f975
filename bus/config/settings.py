"""The settings of the program: one table, from which options, help and docs come."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bus.config.mistakes import ConfigMistake, key_of, tell
from bus.config.pydantic_errors import mistakes_of
from bus.config.values import Duration, Size
from bus.core.errors import BusFault
from bus.core.text import Language

PREFIX = "BUS_"
"""Before the name of a setting in the environment: `BUS_PORT`."""

MEMORY = "memory:"
"""The journal that keeps nothing once the program ends."""


class Settings(BaseSettings):
    """How this installation runs. What flows where is in routes.yaml."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", frozen=True, env_ignore_empty=True
    )

    journal: str = Field(
        default="./bus.db",
        min_length=1,
        description="The file of the journal, made if missing; `memory:` keeps nothing.",
        examples=["/var/lib/bus/journal.sqlite"],
    )
    routes: Path = Field(
        default=Path("routes.yaml"),
        description="The file of applications and routes.",
        examples=["/etc/bus/routes.yaml"],
    )
    contracts: Path | None = Field(
        default=None,
        description="The folder of the contracts that this installation imported from its own XSDs "
        "(`bus schemas import`). They are read at start, and go before those that ship.",
        examples=["/var/lib/bus/contracts"],
    )
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="The address to listen on; 0.0.0.0 for all.",
        examples=["0.0.0.0"],  # noqa: S104 - an example of what one may choose
    )
    port: int = Field(
        default=8080, ge=0, le=65535, description="The port to listen on.", examples=["8080"]
    )
    language: Language = Field(
        default="pt",
        description="The language of commands, answers and pages.",
        examples=["en"],
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least important log lines shown.", examples=["debug"]
    )
    log_format: Literal["console", "json"] = Field(
        default="console",
        description="How log lines are written: for people, or one JSON object a line.",
        examples=["json"],
    )
    max_body: Size = Field(
        default=10 * 1024**2, description="The largest body that is read.", examples=["10MB"]
    )
    max_answer: Size = Field(
        default=10 * 1024**2,
        description="The largest answer of a destination that is read; a longer one is cut, and "
        "its outcome unknown.",
        examples=["10MB"],
    )
    body_timeout: Duration = Field(
        default=30.0, description="How long a body may take to arrive.", examples=["30s"]
    )
    max_in_flight: int = Field(
        default=1024,
        ge=1,
        description="How many requests are served at once; one more is answered 503.",
        examples=["1024"],
    )
    lease: Duration = Field(
        default=60.0,
        description="For how long a worker has the right to send what it took; after a crash, what "
        "it had waits that long. A longer `timeout` of an application lengthens it.",
        examples=["60s"],
    )


def load_settings(**given: object) -> Settings:
    """The settings from the environment, and over them those given that are not None.

    Raises a BusFault that names each setting that is wrong.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        mistakes = mistakes_of(error, Settings)
        raise BusFault(*(tell(_in_environment(one), 0, "") for one in mistakes)) from None


def _in_environment(mistake: ConfigMistake) -> ConfigMistake:
    return mistake._replace(path=(f"{PREFIX}{key_of(mistake.path).upper()}",))
