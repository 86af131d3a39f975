"""`bus demo`: the bus with two simulated ERPs plays a scenario, and goes on running."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import signal
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import click
import uvloop

from adapters.http_xml.behaviour import Conduct, Step
from adapters.http_xml.desk import Setting
from adapters.http_xml.simulator import Simulator
from bus import demo
from bus.config import Settings, load_settings
from bus.core.delivery import ENDED
from bus.core.errors import Language
from bus.core.journal import Kind
from bus.edge.cli.timeline import timeline
from bus.edge.http.server import Running, running
from bus.edge.log import configure
from bus.wiring import open_codec

PATIENCE = 20.0
"""Seconds that the scenario waits for a message to end."""

SAYS: dict[str, dict[Language, str]] = {
    "currency": {
        "pt": "1. O RM inclui a moeda USD: assíncrona, o recibo vem na hora.",
        "en": "1. RM upserts currency USD: asynchronous, the receipt comes at once.",
    },
    "unit": {
        "pt": "2. O RM inclui a unidade UN.",
        "en": "2. RM upserts unit UN.",
    },
    "invalid": {
        "pt": "3. O RM envia uma unidade com código longo demais: recusada, com o que corrigir.",
        "en": "3. RM sends a unit whose code is too long: refused, with what to correct.",
    },
    "down": {
        "pt": "4. O Protheus sai do ar, o RM envia a unidade KG; nada se perde; o Protheus volta.",
        "en": "4. Protheus goes down, RM sends unit KG; nothing is lost; Protheus comes back.",
    },
    "sync": {
        "pt": "5. O RM chama de forma síncrona: a resposta do Protheus vem na mesma chamada.",
        "en": "5. RM calls synchronously: the answer of Protheus comes in the same call.",
    },
    "refused": {
        "pt": "6. O Protheus recusa: o RM recebe o motivo, em português.",
        "en": "6. Protheus refuses: RM gets the reason.",
    },
    "running": {
        "pt": "O barramento segue no ar. Pare com Ctrl+C. Experimente em outro terminal:",
        "en": "The bus goes on running. Stop it with Ctrl+C. Try in another terminal:",
    },
}


@dataclass(frozen=True, slots=True)
class Stage:
    """What the scenario is played on."""

    run: Running
    rm: Simulator
    protheus: Simulator
    http: aiohttp.ClientSession
    password: str
    language: Language


@click.command(help="Mostra o barramento com ERPs simulados. / Shows the bus with simulated ERPs.")
@click.option("--port", type=int, default=None, help="BUS_PORT")
@click.option("--once", is_flag=True, help="Play the scenario and stop.")
@click.option("--language", type=click.Choice(["pt", "en"]), default=None, help="BUS_LANGUAGE")
def command(port: int | None, language: Language | None, *, once: bool) -> None:
    """Play the scenario; keep the bus running until Ctrl+C unless told otherwise."""
    with (
        tempfile.TemporaryDirectory(prefix="bus-demo-") as folder,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(_demonstrate(Path(folder), port, language, once=once))


async def _demonstrate(
    folder: Path, port: int | None, language: Language | None, *, once: bool
) -> None:
    async with _stage(folder, port, language) as stage:
        await _play(stage)
        if not once:
            _invite(stage, folder)
            await _until_stopped()


@contextlib.asynccontextmanager
async def _stage(folder: Path, port: int | None, language: Language | None) -> AsyncIterator[Stage]:
    codec = open_codec()
    password = secrets.token_urlsafe(12)
    (folder / "rm.password").write_text(password, encoding="utf-8")
    registers = frozenset({"currency", "unitofmeasure"})
    async with (
        Simulator(codec, Setting(name="rm")) as rm,
        Simulator(codec, Setting(name="protheus", registers=registers)) as protheus,
    ):
        settings = _settings(folder, port, language, rm, protheus)
        configure("error", settings.log_format)
        async with running(settings) as run, aiohttp.ClientSession() as http:
            yield Stage(run, rm, protheus, http, password, settings.language)


def _settings(
    folder: Path, port: int | None, language: Language | None, rm: Simulator, protheus: Simulator
) -> Settings:
    file = folder / "routes.yaml"
    file.write_text(demo.routes(rm=rm.address, protheus=protheus.address), encoding="utf-8")
    journal = folder / "journal.sqlite"
    return load_settings(journal=str(journal), routes=file, port=port, language=language)


# -- the scenario ----------------------------------------------------------------------------------


async def _play(stage: Stage) -> None:
    now = "2026-01-31T12:00:00"
    usd = {"id": "1|USD", "code": "USD", "description": "Dólar americano", "generated_on": now}
    await _tell(stage, "currency", demo.message("currency", uuid=_uuid(stage), **usd))
    unit = {"id": "1|UN", "code": "UN", "description": "Unidade", "generated_on": now}
    await _tell(stage, "unit", _unit(stage, "Async", unit))
    await _tell(stage, "invalid", _unit(stage, "Async", unit | {"code": "UNIDADE-COM-CAIXA"}))
    await stage.protheus.leave()
    returning = asyncio.create_task(_return(stage.protheus))
    kilo = {"id": "1|KG", "code": "KG", "description": "Quilograma", "generated_on": now}
    await _tell(stage, "down", _unit(stage, "Async", kilo))
    await returning
    litre = {"id": "1|L", "code": "L", "description": "Litro", "generated_on": now}
    await _tell(stage, "sync", _unit(stage, "Sync", litre))
    stage.protheus.behave(Step(Conduct.REFUSE, text="Unidade M já existe com outro código."))
    metre = {"id": "1|M", "code": "M", "description": "Metro", "generated_on": now}
    await _tell(stage, "refused", _unit(stage, "Sync", metre))


async def _return(protheus: Simulator) -> None:
    await asyncio.sleep(2)
    await protheus.come_back()


def _uuid(stage: Stage) -> str:
    return stage.run.bus.clock.new_id()


def _unit(stage: Stage, mode: str, fields: dict[str, str]) -> bytes:
    return demo.message("unit", uuid=_uuid(stage), mode=mode, **fields)


async def _tell(stage: Stage, title: str, message: bytes) -> None:
    """Post a message, wait for its end, and print its trace."""
    click.secho(f"\n{SAYS[title][stage.language]}", bold=True)
    login = {"Authorization": aiohttp.encode_basic_auth("rm", stage.password)}
    address = f"{stage.run.address}/messages"
    async with stage.http.post(address, data=message, headers=login) as response:
        id_ = response.headers["x-message-id"]
        click.echo(f"   POST /messages → HTTP {response.status}, {id_}")
    await _ended(stage, id_)
    trace = await stage.run.bus.history.trace(id_)
    if trace:
        click.echo(timeline(trace, stage.language))


async def _ended(stage: Stage, id_: str) -> None:
    """Wait until every delivery of a message, answers included, has ended."""
    async with asyncio.timeout(PATIENCE):
        while True:
            trace = await stage.run.bus.history.trace(id_)
            rows = trace.deliveries if trace else ()
            answered = any(r.kind is Kind.ANSWER for r in rows) or not (
                trace and trace.message.answer_to
            )
            if answered and all(row.state in ENDED for row in rows):
                return
            await asyncio.sleep(0.05)


def _invite(stage: Stage, folder: Path) -> None:
    address = stage.run.address
    message = folder / "unit.xml"
    fields = {"id": "1|CX", "code": "CX", "description": "Caixa"}
    message.write_bytes(_unit(stage, "Sync", fields | {"generated_on": "2026-01-31T12:00:00"}))
    click.secho(f"\n{SAYS['running'][stage.language]}", bold=True)
    for line in (
        f"  {address}/health/ready   {address}/metrics",
        f"  curl -i -u rm:{stage.password} --data-binary @{message} {address}/messages",
        f"  BUS_JOURNAL={folder / 'journal.sqlite'} bus messages",
        f"  RM {stage.rm.address}   Protheus {stage.protheus.address}",
    ):
        click.echo(line)


async def _until_stopped() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop.set)
    await stop.wait()
