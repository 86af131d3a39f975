"""The brokers of tests: those that answer, else one that is started.

`BUS_TEST_AMQP` and `BUS_TEST_REDIS` name others than those of this machine. Names in a broker are a
test's own, and are taken away after it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kombu.connection import Connection

AMQP = os.environ.get("BUS_TEST_AMQP") or "amqp://127.0.0.1:5672"
REDIS = os.environ.get("BUS_TEST_REDIS") or "redis://127.0.0.1:6379"
PROGRAM = "/usr/lib/rabbitmq/bin/rabbitmq-server"
Started = dict[str, Any]
"""A server that was started: its address, and how it is ended."""
_OURS: dict[int, subprocess.Popen[bytes]] = {}
"""The processes that this one started."""
STARTING = 60.0
"""Seconds that a broker may take to start."""


def answers(address: str) -> bool:
    """Whether something listens at an address."""
    parts = urlsplit(address)
    usual = {"amqp": 5672, "redis": 6379}[parts.scheme]
    with contextlib.suppress(OSError):
        socket.create_connection((parts.hostname or "", parts.port or usual), 2).close()
        return True
    return False


@contextlib.contextmanager
def shared(
    folder: Path, name: str, address: str, start: Callable[[Path], Started]
) -> Iterator[str]:
    """A server for all the processes of a run: what answers, else one that the first of them starts.

    The last of them ends it.
    """
    if answers(address):
        yield address
        return
    book = folder / f"{name}.json"
    with _locked(book) as kept:
        if not kept:
            home = folder / name
            home.mkdir()
            kept.update(start(home), users=0)
        kept["users"] += 1
        found = str(kept["address"])
    try:
        yield found
    finally:
        with _locked(book) as kept:
            kept["users"] -= 1
            if not kept["users"]:
                end(kept)
                kept.clear()


def start_rabbitmq(home: Path) -> Started:
    """Start a RabbitMQ of our own; an error that says what is missing where that cannot be done."""
    if engine := _engine():
        return _wait(_in_container(engine, "rabbitmq:3-alpine", 5672, "amqp"))
    if not Path(PROGRAM).is_file():
        raise RuntimeError(
            f"No RabbitMQ answers at {AMQP}, and none can be started: there is neither an engine of "
            "containers nor Debian's package. Install it (apt install rabbitmq-server), or name one "
            "by BUS_TEST_AMQP=amqp://user:password@host."
        )
    return run_rabbitmq(home, free_port(), free_port())


def run_rabbitmq(home: Path, port: int, distribution: int) -> Started:
    """Run Debian's RabbitMQ in a folder; once more on what it kept there, where it ran before."""
    given = {
        "HOME": str(home),
        "RABBITMQ_NODENAME": f"bus{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(distribution),
        "RABBITMQ_MNESIA_BASE": str(home / "data"),
        "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_PID_FILE": str(home / "pid"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq"),
    }
    with (home / "output").open("ab") as output:
        process = subprocess.Popen(
            [PROGRAM], env=os.environ | given, stdout=output, stderr=output, start_new_session=True
        )
    _OURS[process.pid] = process
    return _wait({"address": f"amqp://127.0.0.1:{port}", "process": process.pid})


def start_redis(home: Path) -> Started:
    """Start a Redis of our own; an error that says what is missing where that cannot be done."""
    program = shutil.which("redis-server")
    if not program and (engine := _engine()):
        return _wait(_in_container(engine, "redis:7-alpine", 6379, "redis"))
    if not program:
        raise RuntimeError(
            f"No Redis answers at {REDIS}, and none can be started: there is neither an engine of "
            "containers nor redis-server. Install it (apt install redis-server), or name one by "
            "BUS_TEST_REDIS=redis://host."
        )
    port = free_port()
    words = [program, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(home), "--save", ""]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, start_new_session=True)
    _OURS[process.pid] = process
    return _wait({"address": f"redis://127.0.0.1:{port}", "process": process.pid})


def _engine() -> str:
    """The program of an engine of containers that runs; empty for none."""
    for name in ("docker", "podman"):
        program = shutil.which(name)
        if (
            program
            and not subprocess.run([program, "info"], capture_output=True, check=False).returncode
        ):
            return program
    return ""


def _in_container(engine: str, image: str, port: int, scheme: str) -> Started:
    at = free_port()
    words = [engine, "run", "--detach", "--rm", "--publish", f"127.0.0.1:{at}:{port}", image]
    made = subprocess.run(words, capture_output=True, text=True, check=True)
    return {
        "address": f"{scheme}://127.0.0.1:{at}",
        "container": made.stdout.strip(),
        "engine": engine,
    }


def _wait(started: Started) -> Started:
    """Return when it takes connections that speak its protocol."""
    until = time.monotonic() + STARTING
    while time.monotonic() < until:
        with (
            contextlib.suppress(Exception),
            Connection(str(started["address"]), connect_timeout=2) as connection,
        ):
            connection.transport.close_connection(connection.transport.establish_connection())
            return started
        time.sleep(0.2)
    end(started)
    raise RuntimeError(f"A broker was started and does not answer at {started['address']}.")


def end(started: Started, by: signal.Signals = signal.SIGKILL) -> None:
    """End a server: at once, or by a signal that it obeys in its own time."""
    if "container" in started:
        words = [str(started["engine"]), "kill", str(started["container"])]
        subprocess.run(words, capture_output=True, check=False)
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(int(started["process"]), by)
        if process := _OURS.pop(int(started["process"]), None):
            process.wait()


@contextlib.contextmanager
def _locked(book: Path) -> Iterator[Started]:
    """What the processes of a run know together; what is changed in it is kept."""
    with book.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        known: Started = json.loads(file.read() or "{}")
        yield known
        file.truncate(0)
        file.write(json.dumps(known))


def free_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
