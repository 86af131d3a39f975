"""routes.yaml at the top: every message of the integration takes its way, and no other."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bus.adapter_kinds import OptionsByKind
from bus.clock import SystemClock
from bus.config import Loaded, load_deployment
from bus.contracts.example import example_message
from bus.contracts.registry import Registry
from bus.core.contract import Contract
from bus.core.delivery import State
from bus.profiles import InstalledProfiles
from bus.wiring import open_codec
from tests.support.rig import Rig, rigs_over
from tests.support.stores import STORES

ROUTES = Path(__file__).parents[2] / "routes.yaml"
REGISTRY = Registry()
SECRETS = ("RM_LOGIN", "PROTHEUS_LOGIN", "RM", "PROTHEUS")

TO_PROTHEUS = [
    pytest.param(name, version, marks=[pytest.mark.rule(rule) for rule in rules.split()])
    for rules, name, version in [
        ("T-17", "CustomerVendor", "2.002"),
        ("T-18", "Currency", "2.001"),
        ("T-19", "UnitOfMeasure", "2.000"),
        ("T-20", "Item", "4.005"),
        ("T-21", "CostCenter", "2.000"),
        ("T-22", "Assets", "1.001"),
        ("T-23", "PaymentCondition", "3.000"),
        ("T-24", "Warehouse", "1.000"),
        ("T-25", "EmployeePosition", "1.000"),
        ("T-26", "Role", "1.000"),
        ("T-27", "Shiftwork", "1.000"),
        ("T-28", "Employee", "2.003"),
        ("T-33 T-122 T-124", "MaintenanceOrder", "1.002"),
        ("T-43", "InfoOfParcelValues", "1.000"),
    ]
]
TO_RM = [
    pytest.param(name, version, marks=[pytest.mark.rule(rule) for rule in rules.split()])
    for rules, name, version in [
        ("T-29", "GetEmployeeSituation", "1.000"),
        ("T-30 T-122", "Request", "1.010"),
        ("T-31 T-122", "CancelRequest", "1.000"),
        ("T-32 T-122 T-124", "MaintenanceOrder", "1.002"),
        ("T-34 T-108 T-122", "CancelMaintenanceOrder", "1.000"),
        ("T-37 T-40 T-122 T-123", "StockLevel", "1.001"),
        ("T-38", "AssetsValuation", "1.000"),
        ("T-40 T-118", "Order", "4.010"),
        ("T-95", "TraceabilityRequest", "2.000"),
        ("T-95", "TranceabilityRequest", "2.000"),
        ("T-40 T-118", "StockLevel", "1.000"),
        ("T-40 T-118 T-122 T-123", "StockTurnover", "1.006"),
    ]
]


def loaded() -> Loaded:
    """The example, with passwords for it."""
    passwords = {f"{name}_PASSWORD": f"a password of {name}" for name in SECRETS}
    return load_deployment(
        ROUTES,
        contracts=REGISTRY.known(),
        adapters=OptionsByKind(),
        environment={**os.environ, **passwords},
        check_condition=open_codec().condition_problem,
        profiles=InstalledProfiles(),
    )


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[Rig]:
    """A bus with the routes of the example, whose applications answer OK to everything."""
    async with rigs_over(STORES[0], tmp_path) as rigs:
        yield await rigs.start(loaded().deployment)


def example(contract: Contract, sender: str) -> bytes:
    """The shortest message of a contract."""
    clock = SystemClock()
    return example_message(contract, sender, uuid=clock.new_id(), at=clock.now(), full=False)


async def send(bus: Rig, name: str, version: str, sender: str) -> str:
    """Post the example of a contract, spelt as its sender spells it; the bus's id of it."""
    contract = REGISTRY.find(name, version)
    assert contract is not None
    body = example(contract, sender)
    known = f"<Transaction>{contract.transaction}</Transaction>".encode()
    assert known in body
    return await bus.accepted(
        body.replace(known, f"<Transaction>{name}</Transaction>".encode()), sender
    )


@pytest.mark.parametrize(("name", "version"), TO_PROTHEUS)
async def test_what_the_back_office_sends_reaches_protheus(
    bus: Rig, name: str, version: str
) -> None:
    """Registers, billed orders and instalments."""
    id_ = await send(bus, name, version, "rm")
    await bus.reaches(id_, State.DELIVERED)

    assert [row.destination for row in (await bus.trace(id_)).deliveries][:1] == ["protheus"]
    assert len(bus.app("protheus").calls) == 1


@pytest.mark.parametrize(("name", "version"), TO_RM)
async def test_what_maintenance_sends_reaches_rm(bus: Rig, name: str, version: str) -> None:
    """Requests, orders, write-offs, queries and cancellations, of every version that is in use."""
    id_ = await send(bus, name, version, "protheus")
    await bus.reaches(id_, State.DELIVERED)

    assert [row.destination for row in (await bus.trace(id_)).deliveries][:1] == ["rm"]
    assert len(bus.app("rm").calls) == 1


@pytest.mark.rule("T-46")
@pytest.mark.parametrize(
    "name", ["CustomerVendor", "Currency", "UnitOfMeasure", "Item", "CostCenter", "Warehouse"]
)
async def test_a_register_of_protheus_has_no_way(bus: Rig, name: str) -> None:
    """RM owns them: the one that keeps none is refused, and told so."""
    version = next(one.version for one in REGISTRY.known() if one.transaction == name)

    contract = REGISTRY.find(name, version)
    assert contract is not None
    reception = await bus.post(example(contract, "protheus"), "protheus")

    assert reception.fault is not None
    assert reception.fault.code == "NO_ROUTE"
    assert bus.app("rm").calls == []


def test_the_example_has_no_doubts() -> None:
    """No rule hides another, and no two applications write one register to one place."""
    assert loaded().warnings == ()
