"""The settings of the program: one table, from which options, help and docs come."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bus.config.mistakes import ConfigMistake, key_of, tell
from bus.config.pydantic_errors import mistakes_of
from bus.config.setting_texts import SETTING_TEXTS
from bus.config.values import Address, BrokerUrl, Duration, Journal, Networks, Size
from bus.core.errors import BusFault
from bus.core.route import Environment
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

    journal: Journal = Field(
        default="./bus.db",
        description=SETTING_TEXTS["journal"].en,
        examples=["/var/lib/bus/journal.sqlite", "postgresql://bus@db.example/bus"],
    )
    environment: Environment = Field(
        default=Environment.PRODUCTION,
        description=SETTING_TEXTS["environment"].en,
        examples=["test"],
    )
    across: str = Field(
        default="", description=SETTING_TEXTS["across"].en, examples=["erp", "erp,wms"]
    )
    routes: Path = Field(
        default=Path("routes.yaml"),
        description=SETTING_TEXTS["routes"].en,
        examples=["/etc/bus/routes.yaml"],
    )
    broker: BrokerUrl = Field(
        default="",
        description=SETTING_TEXTS["broker"].en,
        examples=["amqps://bus:password@rabbitmq.example/erp"],
    )
    contracts: Path | None = Field(
        default=None,
        description=SETTING_TEXTS["contracts"].en,
        examples=["/var/lib/bus/contracts"],
    )
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description=SETTING_TEXTS["host"].en,
        examples=["0.0.0.0"],  # noqa: S104 - an example of what one may choose
    )
    port: int = Field(
        default=8080, ge=0, le=65535, description=SETTING_TEXTS["port"].en, examples=["8080"]
    )
    public_address: Address = Field(
        default="",
        description=SETTING_TEXTS["public_address"].en,
        examples=["https://bus.example"],
    )
    proxies: Networks = Field(
        default="",
        description=SETTING_TEXTS["proxies"].en,
        examples=["10.0.0.2,10.0.9.0/24"],
    )
    language: Language = Field(
        default="pt",
        description=SETTING_TEXTS["language"].en,
        examples=["en"],
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description=SETTING_TEXTS["log_level"].en, examples=["debug"]
    )
    log_format: Literal["console", "json"] = Field(
        default="console",
        description=SETTING_TEXTS["log_format"].en,
        examples=["json"],
    )
    max_body: Size = Field(
        default=10 * 1024**2, description=SETTING_TEXTS["max_body"].en, examples=["10MB"]
    )
    max_answer: Size = Field(
        default=10 * 1024**2,
        description=SETTING_TEXTS["max_answer"].en,
        examples=["10MB"],
    )
    body_timeout: Duration = Field(
        default=30.0, description=SETTING_TEXTS["body_timeout"].en, examples=["30s"]
    )
    max_in_flight: int = Field(
        default=1024,
        ge=1,
        description=SETTING_TEXTS["max_in_flight"].en,
        examples=["1024"],
    )
    max_in_memory: Size = Field(
        default=128 * 1024**2, description=SETTING_TEXTS["max_in_memory"].en, examples=["128MB"]
    )
    max_connections: int = Field(
        default=2048,
        ge=1,
        description=SETTING_TEXTS["max_connections"].en,
        examples=["2048"],
    )
    head_timeout: Duration = Field(
        default=30.0, description=SETTING_TEXTS["head_timeout"].en, examples=["30s"]
    )
    disk_reserve: Size = Field(
        default=64 * 1024**2, description=SETTING_TEXTS["disk_reserve"].en, examples=["500MB"]
    )
    keep_for: Duration | None = Field(
        default=None, description=SETTING_TEXTS["keep_for"].en, examples=["90d"]
    )
    keep_size: Size | None = Field(
        default=None, description=SETTING_TEXTS["keep_size"].en, examples=["200GB"]
    )
    lease: Duration = Field(
        default=60.0,
        description=SETTING_TEXTS["lease"].en,
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
