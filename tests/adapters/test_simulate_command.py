"""`bus simulate`: an application in a process of its own."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from adapters.http_xml import ADAPTER
from bus.core.outcome import Outcome, Report
from bus.core.route import Application, Credentials
from bus.edge.cli import main
from bus.ports.adapter import Parcel
from bus.ports.codec import Codec
from bus.testing.standard_messages import MESSAGE, UUID

PASSWORD = "s3gredo-Pesado"
PROGRAM = (sys.executable, "-c", "from bus.edge.cli import main; main()", "simulate")


@contextmanager
def playing(checkout: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A simulated application, and its address."""
    process = subprocess.Popen(
        (*PROGRAM, "plain", "--json", *arguments),
        cwd=checkout,
        env={"PYTHONPATH": str(checkout), "BUS_SIMULATE_PASSWORD": PASSWORD},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout
        try:
            yield process, json.loads(process.stdout.readline())["address"]
        finally:
            process.kill()


def deliver(codec: Codec, address: str, password: str = PASSWORD) -> Report:
    """Send the message by the real adapter."""

    async def send() -> Report:
        login = Credentials("bus", password)
        application = Application("rm", "RM", address=address, credentials=login)
        adapter = ADAPTER.open(application, codec)
        try:
            return await adapter.send(
                Parcel(application, await codec.read(MESSAGE), MESSAGE, UUID, False, 20.0)
            )
        finally:
            await adapter.close()

    return asyncio.run(send())


def test_the_ledger_survives_a_kill(codec: Codec, checkout: Path, tmp_path: Path) -> None:
    """What was processed is in the file, even when the process is killed before it answers."""
    ledger = tmp_path / "ledger.jsonl"
    options = (
        "--ledger",
        str(ledger),
        "--behaviour",
        '["answer", {"do": "answer", "seconds": 60}]',
    )
    with playing(checkout, *options) as (process, address):
        answered = deliver(codec, address)
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(deliver, codec, address)
            while len(ledger.read_text("utf-8").splitlines()) < 2:
                assert not waiting.done()
            process.kill()

    assert waiting.result().outcome is Outcome.UNKNOWN
    assert answered.outcome is Outcome.DELIVERED
    rows = [json.loads(line) for line in ledger.read_text("utf-8").splitlines()]
    assert [(row["number"], row["uuid"], row["effect"]) for row in rows] == [
        (1, UUID, "created"),
        (2, UUID, "created"),
    ]


def test_it_stops_when_told(codec: Codec, checkout: Path) -> None:
    """SIGTERM ends it in order."""
    with playing(checkout) as (process, address):
        report = deliver(codec, address)
        process.send_signal(signal.SIGTERM)
        status = process.wait()

    assert report.outcome is Outcome.DELIVERED
    assert status == 0


def test_its_password_comes_from_the_environment(codec: Codec, checkout: Path) -> None:
    """With a user it demands the password that the environment names."""
    with playing(checkout, "--user", "bus") as (_, address):
        admitted, denied = deliver(codec, address), deliver(codec, address, "another")

    assert admitted.outcome is Outcome.DELIVERED
    assert denied.outcome is Outcome.UNREACHABLE


@pytest.mark.parametrize("behaviour", ["dance", "{", '{"sequence": [{"do": "busy", "for": 3}]}'])
def test_a_behaviour_that_it_does_not_know_is_named(behaviour: str) -> None:
    """A mistake in --behaviour ends with its reason."""
    done = CliRunner().invoke(main, ("simulate", "plain", "--behaviour", behaviour))

    assert done.exit_code == 2
    assert "--behaviour" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--port", "{taken}"), ("está em uso", "--port")),
        (("--host", "256.0.0.1"), ("256.0.0.1", "--host")),
        (("--ledger", "{folder}/none/ledger"), ("none/ledger: não existe", "Confira o caminho")),
        (("--ledger", "{folder}/other"), ("--ledger", "Confira o caminho")),
        (("--bus-user", "rm"), ("BUS_SIMULATE_BUS_PASSWORD", "export")),
    ],
)
@pytest.mark.parametrize("product", ["plain", "rm", "protheus"])
def test_where_it_cannot_play_it_says_why(
    tmp_path: Path, product: str, arguments: tuple[str, ...], said: tuple[str, ...]
) -> None:
    """An address that is taken, or a file that is no ledger: what is wrong, and what to do."""
    (tmp_path / "other").write_text("no ledger", "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        given = [one.format(taken=port, folder=tmp_path) for one in arguments]
        done = CliRunner().invoke(main, ("simulate", product, *given))

    assert done.exit_code == 2
    assert isinstance(done.exception, SystemExit)  # which is no traceback
    assert all(each in done.stderr for each in said), done.stderr
