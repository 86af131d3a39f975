"""`docker compose up` as shipped: what it names exists, is enough, and is kept in."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import psycopg
import pytest
from ruamel.yaml import YAML

from bus.config import Settings, load_settings
from tests.amqp.foreigner import names_of_its_own, url_of
from tests.support.brokers import free_port
from tests.support.postgres import database_of_a_user


def services(checkout: Path) -> dict[str, dict[str, Any]]:
    """The services of the shipped file."""
    found = YAML(typ="safe").load((checkout / "docker-compose.yml").read_text())["services"]
    assert isinstance(found, dict)
    return found


def secrets_of(checkout: Path, folder: Path) -> dict[str, str]:
    """What `make env` writes."""
    for name in ("Makefile", ".env.example"):
        shutil.copy(checkout / name, folder)
    subprocess.run(["make", "-s", "env"], cwd=folder, check=True, capture_output=True)
    assert (folder / ".env").stat().st_mode & 0o777 == 0o600
    return dict(line.split("=") for line in (folder / ".env").read_text().splitlines())


def interpolated(value: str, given: dict[str, str]) -> str:
    """A value as compose reads it."""
    while found := re.search(r"\$\{([A-Z_]+):([-?])([^${}]*)\}", value):
        known = given.get(found[1]) or (found[3] if found[2] == "-" else "")
        assert known or found[2] == "-", f"{found[1]} is missing: {found[3]}"
        value = value[: found.start()] + known + value[found.end() :]
    return value


def test_the_containers_can_do_little(checkout: Path) -> None:
    """No root, a file system that nobody writes to, no new privileges, no capabilities."""
    told = services(checkout)

    assert set(told) == {"bus", "postgres", "rabbitmq"}
    for name, service in told.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not service.keys() & {"cap_add", "privileged"}, name
        built = (checkout / "Dockerfile").read_text() if "build" in service else ""
        assert service.get("user") or re.search(r"^USER bus$", built, re.MULTILINE), name
    assert [name for name, service in told.items() if "ports" in service] == ["bus"]


def test_the_bus_starts_after_what_it_needs(checkout: Path) -> None:
    """Each service tells whether it is well, by a program that it ships."""
    told = services(checkout)

    needed = told["bus"]["depends_on"]
    assert {name: how["condition"] for name, how in needed.items()} == {
        "postgres": "service_healthy",
        "rabbitmq": "service_healthy",
    }
    for name in needed:
        assert told[name]["healthcheck"]["test"][0] == "CMD", name
    assert "HEALTHCHECK" in (checkout / "Dockerfile").read_text()


def test_a_password_that_is_missing_is_told_before_anything_starts(checkout: Path) -> None:
    """All that routes.yaml names; none has a value that anybody knows."""
    environment = services(checkout)["bus"]["environment"]
    named = set(re.findall(r"\{env: (\w+)\}", (checkout / "routes.yaml").read_text("utf-8")))
    named -= {"NAME"}

    assert named
    for name in named:
        assert environment[name].startswith(f"${{{name}:?"), name


def test_each_password_is_in_the_example_and_none_has_a_value(
    checkout: Path, tmp_path: Path
) -> None:
    """`make env` makes those that docker-compose.yml asks for, each its own."""
    asked = set(re.findall(r"\$\{(\w+):\?", (checkout / "docker-compose.yml").read_text()))
    lines = (checkout / ".env.example").read_text().splitlines()
    example = dict(line.split("=") for line in lines if not line.startswith("#"))
    made = secrets_of(checkout, tmp_path)

    assert set(example) == set(made) == asked
    assert set(example.values()) == {""}
    assert len(set(made.values())) == len(made)
    assert all(re.fullmatch("[0-9a-f]{32}", password) for password in made.values())


SAID = {
    "BUS_ENVIRONMENT": ("environment", "test"),
    "BUS_ACROSS": ("across", "rm,protheus"),
    "BUS_KEEP_FOR": ("keep_for", "90d"),
    "BUS_KEEP_SIZE": ("keep_size", "200GB"),
    "BUS_LEASE": ("lease", "120"),
}
"""What .env may say of the bus: the variable, its setting, and a value that is not the default."""


@pytest.mark.parametrize("name", SAID)
def test_what_env_says_of_the_bus_reaches_it(
    name: str, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine of tests whose .env says so is one; where nothing is said the default holds."""
    written = services(checkout)["bus"]["environment"][name]
    setting, value = SAID[name]

    def settings(given: dict[str, str]) -> object:
        monkeypatch.setenv(name, interpolated(written, given))
        return getattr(load_settings(), setting)

    assert settings({name: value}) == getattr(load_settings(**{setting: value}), setting)
    assert settings({}) == Settings.model_fields[setting].default
    assert settings({name: value}) != settings({})
    assert f"# {name}=" in (checkout / ".env.example").read_text()


async def test_the_command_it_names_runs(checkout: Path, tmp_path: Path, rabbitmq: str) -> None:
    """In its environment, with the servers of the tests for the two that it names.

    It is ready, keeps its journal there as a user who may do nothing else, and ends in order.
    """
    told = services(checkout)["bus"]
    given = secrets_of(checkout, tmp_path)
    environment = {name: interpolated(value, given) for name, value in told["environment"].items()}
    port = free_port()
    async with names_of_its_own(rabbitmq) as broker:
        routes = (checkout / "routes.yaml").read_text("utf-8")
        elsewhere = f"\nbroker: {{address: 'amqp://elsewhere.example', prefix: {broker.prefix}}}\n"
        (tmp_path / "routes.yaml").write_text(routes + elsewhere, "utf-8")
        with database_of_a_user(given["POSTGRES_PASSWORD"]) as database:
            places = {
                "BUS_HOST": ("0.0.0.0", "127.0.0.1"),  # noqa: S104 - within its container
                "BUS_PORT": ("8080", str(port)),
                "BUS_ROUTES": ("/etc/bus/routes.yaml", str(tmp_path / "routes.yaml")),
                "BUS_JOURNAL": (
                    f"postgresql://bus:{given['POSTGRES_PASSWORD']}@postgres/bus",
                    database,
                ),
                "BUS_BROKER": (
                    f"amqp://bus:{given['RABBITMQ_PASSWORD']}@rabbitmq/bus",
                    url_of(broker),
                ),
            }
            for name, (there, here) in places.items():
                assert environment[name] == there
                environment[name] = here
            environment |= {"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)}
            health, kept, said = await asyncio.to_thread(
                _served, told["command"], environment, port, database
            )

    assert health["broker"]["connected"] is True
    assert kept == 0
    assert not [password for password in given.values() if password in said]


def _served(
    command: list[str], environment: dict[str, str], port: int, database: str
) -> tuple[dict[str, Any], int, str]:
    """Health as soon as it is ready, how many messages its journal has, and what it wrote."""
    program = Path(sys.executable).with_name(command[0])
    with subprocess.Popen(
        [program, *command[1:]],
        env=environment,
        cwd=environment["TMPDIR"],
        stderr=subprocess.PIPE,
        text=True,
    ) as bus:
        try:
            health, kept = _ready(port, bus), _messages_in(database)
        finally:
            bus.send_signal(signal.SIGTERM)
        _, said = bus.communicate(timeout=15)
    assert bus.returncode == 0, said
    return health, kept, said


def _ready(port: int, bus: subprocess.Popen[str]) -> dict[str, Any]:
    """What health tells once the bus is ready and knows its broker."""
    until = time.monotonic() + 30
    while time.monotonic() < until and bus.poll() is None:
        with contextlib.suppress(OSError):
            address = f"http://127.0.0.1:{port}/health/ready"
            with urllib.request.urlopen(address, timeout=5) as answer:
                told = json.load(answer)
                assert isinstance(told, dict)
                if told["broker"]["connected"] is not None:
                    return told
        time.sleep(0.2)
    pytest.fail(f"never ready: {bus.poll()}")


def _messages_in(database: str) -> int:
    with psycopg.connect(database) as journal:
        ((count,),) = journal.execute("SELECT count(*) FROM bus.messages").fetchall()
        return int(count)
