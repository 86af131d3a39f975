"""`docker compose up` as shipped: what it names exists, is enough, and is kept in."""

from __future__ import annotations

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

import pytest
from ruamel.yaml import YAML


def service(checkout: Path) -> dict[str, Any]:
    """The one service of the shipped file."""
    (only,) = (
        YAML(typ="safe").load((checkout / "docker-compose.yml").read_text())["services"].values()
    )
    assert isinstance(only, dict)
    return only


def passwords(checkout: Path, folder: Path) -> dict[str, str]:
    """What `make passwords` writes."""
    for name in ("Makefile", "docker-compose.yml"):
        shutil.copy(checkout / name, folder)
    subprocess.run(["make", "-s", "passwords"], cwd=folder, check=True, capture_output=True)
    assert (folder / ".env").stat().st_mode & 0o777 == 0o600
    return dict(line.split("=") for line in (folder / ".env").read_text().splitlines())


def interpolated(value: str, given: dict[str, str]) -> str:
    """A value as compose reads it."""
    while found := re.search(r"\$\{([A-Z_]+):([-?])([^${}]*)\}", value):
        known = given.get(found[1]) or (found[3] if found[2] == "-" else "")
        assert known, f"{found[1]} is missing: {found[3]}"
        value = value[: found.start()] + known + value[found.end() :]
    return value


def test_the_container_can_do_little(checkout: Path) -> None:
    """A root that nobody writes to, no new privileges, no capabilities."""
    told = service(checkout)

    assert told["read_only"] is True
    assert told["cap_drop"] == ["ALL"]
    assert told["security_opt"] == ["no-new-privileges:true"]
    assert "cap_add" not in told
    assert "privileged" not in told


def test_a_password_that_is_missing_is_told_before_anything_starts(checkout: Path) -> None:
    """All that routes.yaml names; none has a value that anybody knows."""
    environment = service(checkout)["environment"]
    named = set(re.findall(r"\{env: (\w+)\}", (checkout / "routes.yaml").read_text("utf-8")))
    named -= {"NAME"}

    assert named
    for name in named:
        assert environment[name].startswith(f"${{{name}:?"), name


def test_the_command_it_names_runs(checkout: Path, tmp_path: Path) -> None:
    """With its environment, and the files where its volumes have them: ready, and ended in order."""
    told = service(checkout)
    given = passwords(checkout, tmp_path)
    environment = {name: interpolated(value, given) for name, value in told["environment"].items()}
    port = 18_000 + os.getpid() % 1000
    environment |= {
        "BUS_HOST": "127.0.0.1",
        "BUS_PORT": str(port),
        "BUS_JOURNAL": str(tmp_path / "journal.sqlite"),
        "BUS_ROUTES": str(checkout / "routes.yaml"),
        "PATH": os.environ["PATH"],
    }
    program = Path(sys.executable).with_name(told["command"][0])
    with subprocess.Popen([program, *told["command"][1:]], env=environment, cwd=tmp_path) as bus:
        try:
            _wait_until_ready(port, bus)
            modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.glob("journal*")}
        finally:
            bus.send_signal(signal.SIGTERM)
        assert bus.wait(15) == 0

    assert len(modes) >= 4
    assert set(modes.values()) == {0o600}


def _wait_until_ready(port: int, bus: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and bus.poll() is None:
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{port}/health/ready", timeout=5
            ) as answer:
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"never ready: {bus.poll()}")
