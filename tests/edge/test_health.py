"""Health and metrics."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import aiohttp
from structlog.testing import capture_logs

from bus.config import load_settings
from bus.contracts.example import example_message
from bus.contracts.registry import Registry
from bus.core.delivery import Step
from bus.core.errors import SenderFault
from bus.edge.http.server import running
from bus.edge.words.times import time_of
from bus.journal.commands import Operate
from bus.journal.rows import MICROSECONDS, MessageRow
from bus.ports.adapter import PROBE_WITHIN
from bus.testing.raw_server import Line, RawServer
from tests.edge.conftest import ROUTES, Whole, unit, whole_bus


async def metrics(whole: Whole) -> dict[str, float]:
    """What /metrics shows, by sample name with labels."""
    async with whole.http.get(f"{whole.run.address}/metrics") as response:
        text = await response.text()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


async def health(whole: Whole, page: str) -> dict[str, Any]:
    """What a page of health says."""
    async with whole.http.get(f"{whole.run.address}/health/{page}") as response:
        assert response.status == 200
        told: dict[str, Any] = await response.json()
        return told


async def silent(line: Line) -> None:
    """Hear, and say nothing."""
    await line.hear()
    await line.ended_by_peer()


async def test_a_running_bus_is_live_and_ready(whole: Whole) -> None:
    """Live: the process answers. Ready: the journal does."""
    assert await health(whole, "live") == {"status": "live"}
    assert (await health(whole, "ready"))["status"] == "ready"


async def test_a_bus_that_lost_its_journal_is_not_ready(whole: Whole) -> None:
    """It takes nothing more, and says what to do."""
    whole.journal.rename(whole.journal.with_name("moved away"))
    status, body, _ = await whole.post(unit("m-1"))
    async with whole.http.get(f"{whole.run.address}/health/ready") as response:
        (fault,) = (await response.json())["errors"]

    assert (status, response.status) == (503, 503)
    assert b"JOURNAL_LOST" in body
    assert fault["code"] == "JOURNAL_LOST"


async def test_a_disk_that_is_nearly_full_is_told_and_the_bus_goes_on_answering(
    tmp_path: Path,
) -> None:
    """503 with Retry-After to whoever posts, and not ready; all else is answered."""
    async with whole_bus(tmp_path, disk_reserve=1 << 60) as whole:
        status, body, headers = await whole.post(unit("m-7"))
        async with whole.http.get(f"{whole.run.address}/health/ready") as response:
            (fault,) = (await response.json())["errors"]
        live, shown = await health(whole, "live"), await metrics(whole)

    assert (status, headers["retry-after"]) == (503, "1")
    assert b"DISK_NEARLY_FULL" in body
    assert (response.status, fault["code"]) == (503, "DISK_NEARLY_FULL")
    assert live == {"status": "live"}
    assert shown["bus_messages_unaccounted"] == 0


async def test_readiness_tells_who_answers(whole: Whole) -> None:
    """Each application that is delivered to; without waiting for it to find out."""
    told = await health(whole, "ready")

    assert told == {"status": "ready", "applications": {"protheus": {"reachable": True}}}


async def test_how_far_back_the_journal_goes_is_told(whole: Whole) -> None:
    """As a date to whoever asks for readiness, and as a number to whoever measures."""
    before = await metrics(whole)
    await whole.post(unit("m-1"))

    (kept,) = [row async for row in await whole.run.bus.history.audit("messages")]
    told, shown = await health(whole, "ready"), await metrics(whole)

    received_at = MessageRow._make(kept).received_at
    assert before["bus_journal_oldest_message_timestamp_seconds"] == 0
    assert shown["bus_journal_oldest_message_timestamp_seconds"] == received_at / MICROSECONDS
    assert told["oldest_message"] == time_of(received_at)


async def test_readiness_does_not_depend_on_applications(tmp_path: Path) -> None:
    """One that is gone is told with its fault, and the bus is as ready as ever."""
    async with whole_bus(tmp_path) as whole:
        await whole.protheus.__aexit__(None, None, None)
        told = await health(whole, "ready")

    (fault,) = [one["fault"] for one in told["applications"].values()]
    assert (told["status"], fault["code"], fault["owner"]) == ("ready", "UNREACHABLE", "receiver")
    assert "conexão recusada" in fault["message"]
    assert fault["hint"]


async def test_a_silent_application_makes_no_readiness_late(tmp_path: Path) -> None:
    """It is told when it is known."""
    (tmp_path / "password").write_text("of both, in a test", "utf-8")
    routes, journal = tmp_path / "routes.yaml", str(tmp_path / "journal.sqlite")
    async with RawServer(silent) as server:
        routes.write_text(ROUTES.format(protheus=f"http://127.0.0.1:{server.port}/"), "utf-8")
        settings = load_settings(journal=journal, routes=routes, port=0)
        async with running(settings) as run, aiohttp.ClientSession() as http:
            whole = Whole(run, None, http, tmp_path)  # type: ignore[arg-type]  # nobody simulated
            async with asyncio.timeout(PROBE_WITHIN - 0.5):
                told = await health(whole, "ready")
            await asyncio.sleep(PROBE_WITHIN)
            later = await health(whole, "ready")

    assert told == {"status": "ready", "applications": {"protheus": {"reachable": None}}}
    assert later["status"] == "ready"
    assert later["applications"]["protheus"]["fault"]["code"] == "UNREACHABLE"
    assert [request.method for request in server.requests] == ["OPTIONS"]


async def test_a_broken_contract_stops_no_other(tmp_path: Path) -> None:
    """A message by it is refused as a fault of the installation that names the file; others pass."""
    currency = Registry().find("Currency", "2.001")
    assert currency is not None
    contracts = tmp_path / "contracts"
    contracts.mkdir()
    (contracts / "UnitOfMeasure_2_000.xsd").write_text("<xs:schema", encoding="utf-8")
    async with whole_bus(tmp_path, contracts=contracts) as whole:
        status, body, _ = await whole.post(unit("m-1"))
        other, _, _ = await whole.post(
            example_message(currency, "rm", uuid="m-2", at=0, full=False)
        )

    assert (status, other) == (503, 202)
    assert b"UnitOfMeasure_2_000.xsd" in body


async def test_metrics_count_what_no_condition_let_pass(tmp_path: Path) -> None:
    """By route: who mistypes a condition sees here that nothing comes through."""
    condition = "    condition: \"BusinessMessage/BusinessContent/Code = 'KG'\"\n"
    labels = '{route="registers",transaction="UnitOfMeasure"}'
    async with whole_bus(tmp_path, routed=ROUTES + condition) as whole:
        for uuid, code in (("m-1", "UN"), ("m-2", "KG"), ("m-3", "L")):
            assert (await whole.post(unit(uuid, code=code)))[0] == 202
        shown = await metrics(whole)

    assert shown[f"bus_messages_filtered_total{labels}"] == 2
    assert shown[f"bus_messages_accepted_total{labels}"] == 3


async def test_an_adapter_that_cannot_be_opened_is_told_at_the_start(tmp_path: Path) -> None:
    """Not at its first delivery; the bus runs for the others."""
    (tmp_path / "password").write_text("of both, in a test", "utf-8")
    routes, journal = tmp_path / "routes.yaml", str(tmp_path / "journal.sqlite")
    wrong = "timeout: 5s, options: {connect_timeout: soon}"
    text = ROUTES.format(protheus="http://127.0.0.1/").replace("timeout: 5s", wrong)
    routes.write_text(text, "utf-8")
    with capture_logs() as lines:
        async with running(load_settings(journal=journal, routes=routes, port=0)):
            pass

    (told,) = [line for line in lines if "adapter" in str(line)]
    assert "applications.protheus.options.connect_timeout" in str(told)


async def test_metrics_count_by_route_and_transaction(whole: Whole) -> None:
    """Accepted, delivered, rejected, attempts and ages are counted; nothing stays unaccounted."""
    labels = '{route="registers",transaction="UnitOfMeasure"}'
    await whole.post(unit("m-1", mode="Sync"))
    await whole.post(unit("m-2", code="MUITO-LONGO"))
    shown = await metrics(whole)

    assert shown[f"bus_messages_accepted_total{labels}"] == 1
    assert shown[f"bus_deliveries_succeeded_total{labels}"] == 1
    assert (
        shown['bus_messages_rejected_total{code="VALUE_TOO_LONG",transaction="UnitOfMeasure"}'] == 1
    )
    assert shown['bus_delivery_attempts_total{application="protheus",outcome="delivered"}'] == 1
    assert shown[f"bus_delivery_duration_seconds_count{labels}"] == 1
    assert shown['bus_delivery_attempt_duration_seconds_count{application="protheus"}'] == 1
    assert shown["bus_messages_unaccounted"] == 0


async def test_what_waits_is_asked_of_the_journal(whole: Whole) -> None:
    """Deliveries that are not gone are shown by route, transaction and state, with their age."""
    await whole.protheus.leave()
    await whole.post(unit("m-3"))
    label = '{route="registers",state="waiting",transaction="UnitOfMeasure"}'
    async with asyncio.timeout(20):
        while f"bus_deliveries_open{label}" not in (shown := await metrics(whole)):  # noqa: ASYNC110 - it is asked
            await asyncio.sleep(0.02)

    assert shown[f"bus_deliveries_open{label}"] == 1
    assert shown[f"bus_deliveries_open_oldest_age_seconds{label}"] > 0


async def test_an_application_that_is_left_alone_is_shown(whole: Whole) -> None:
    """1 while nothing is sent to it, or one delivery is to show whether it is back."""
    label = 'bus_application_paused{application="protheus"}'
    assert (await metrics(whole))[label] == 0

    await whole.protheus.leave()
    await whole.post(unit("m-6"))

    async with asyncio.timeout(20):
        while not (await metrics(whole))[label]:  # noqa: ASYNC110 - it is asked
            await asyncio.sleep(0.02)


async def test_what_stopped_is_open_but_not_what_waits_longest(whole: Whole) -> None:
    """After one block, the age that an alert looks at does not grow without end."""
    await whole.protheus.leave()
    _, _, headers = await whole.post(unit("m-5"))
    act = Operate(headers["x-message-id"], Step.BLOCK, 1, "ana", "stocktaking")
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(SenderFault):  # it is being sent
                await whole.run.bus.operators.act(act)
                break
            await asyncio.sleep(0.02)

    shown = await metrics(whole)

    label = '{route="registers",state="blocked",transaction="UnitOfMeasure"}'
    assert shown[f"bus_deliveries_open{label}"] == 1
    assert not [name for name in shown if name.startswith("bus_deliveries_open_oldest")]
