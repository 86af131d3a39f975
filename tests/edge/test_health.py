"""Health and metrics."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bus.contracts.example import example_message
from bus.contracts.registry import Registry
from tests.edge.conftest import Whole, unit, whole_bus


async def metrics(whole: Whole) -> dict[str, float]:
    """What /metrics shows, by sample name with labels."""
    async with whole.http.get(f"{whole.run.address}/metrics") as response:
        text = await response.text()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


async def test_a_running_bus_is_live_and_ready(whole: Whole) -> None:
    """Live: the process answers. Ready: the journal does."""
    for page in ("live", "ready"):
        async with whole.http.get(f"{whole.run.address}/health/{page}") as response:
            assert await response.json() == {"status": page}


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
