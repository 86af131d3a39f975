"""routes.yaml at the top, over SOAP: each method of the manual takes its way whole, and no other."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from _pytest.mark import ParameterSet

from adapters.simulation.eai.outgoing import Outgoing
from adapters.simulation.eai.simulator import EaiSimulator
from adapters.simulation.ledger import Effect
from bus.config import load_settings
from bus.core.contract import Lifecycle
from bus.core.diagnosis import Verdict
from bus.core.envelope import DeliveryMode, Event
from bus.core.outcome import Outcome
from bus.core.route import OnFailure, Route
from bus.wiring import load_routes
from tests.support.back_office import (
    CODEC,
    PROTHEUS,
    REGISTRY,
    RM,
    ROUTES,
    Trio,
    back_office,
    code_of,
    contract,
    fill,
    until,
)
from tests.support.full_messages import Whole, id_of, introduce

SYNC, ASYNC = DeliveryMode.SYNC, DeliveryMode.ASYNC
FIRST_FROM = {
    RM: "Assets, CostCenter, Currency, CustomerVendor, Employee, EmployeePosition, ",
    PROTHEUS: "AssetsValuation, CancelMaintenanceOrder, CancelRequest, GetEmployeeSituation, "
    "MaintenanceOrder, ",
}
"""The transactions that have a route from each, each once and as people write it."""
REGISTERS = [
    ("T-17 T-59", "CustomerVendor", "2.002", "registers-of-fluxus"),
    ("T-18", "Currency", "2.001", "registers-of-nucleus"),
    ("T-19", "UnitOfMeasure", "2.000", "registers-of-nucleus"),
    ("T-20 T-58", "Item", "4.005", "registers-of-nucleus"),
    ("T-21 T-55", "CostCenter", "2.000", "registers-of-saldus"),
    ("T-22", "Assets", "1.001", "registers-of-bonum"),
    ("T-23", "PaymentCondition", "3.000", "registers-of-nucleus"),
    ("T-24", "Warehouse", "1.000", "registers-of-nucleus"),
    ("T-25", "EmployeePosition", "1.000", "registers-of-labore"),
    ("T-26", "Role", "1.000", "registers-of-labore"),
    ("T-27 X-17", "Shiftwork", "1.000", "registers-of-labore"),
    ("T-28", "Employee", "2.003", "registers-of-labore"),
]
QUERIES = [
    ("T-29", "GetEmployeeSituation", "1.000", "employees"),
    ("T-29", "GetEmployeeSituations", "1.000", "employees"),
    ("T-37 T-40 T-115 T-122 T-123", "StockLevel", "1.001", "stock-levels"),
    ("T-40 T-118 X-17", "StockLevel", "1.000", "stock-levels"),
    ("T-95", "TraceabilityRequest", "2.000", "situation-of-requests"),
    ("T-95 X-17", "TranceabilityRequest", "2.000", "situation-of-requests"),
]
PROCESSES = [
    ("T-30 T-122", PROTHEUS, "Request", "1.010", "requests"),
    ("T-32 T-45 T-122 T-124", PROTHEUS, "MaintenanceOrder", "1.002", "work-orders"),
    (
        "T-39 T-40 T-45 T-117 T-118 T-122 T-123",
        PROTHEUS,
        "StockTurnover",
        "1.006",
        "stock-of-maintenance",
    ),
    ("T-39 T-117 X-17", RM, "StockTurnover", "1.006", "stock-of-back-office"),
    ("T-38 T-116", PROTHEUS, "AssetsValuation", "1.000", "assets"),
    ("T-40 T-42 T-44 T-118", PROTHEUS, "Order", "4.010", "orders"),
    ("T-42 T-44", PROTHEUS, "Order", "3.002", "orders"),
    ("T-43 T-120", RM, "InfoOfParcelValues", "1.000", "instalments"),
]
CANCELLATIONS = [
    ("T-31 T-122 T-158", "Request", "1.010", "CancelRequest", "000", "requests"),
    ("T-36 T-113 T-158", "StockTurnover", "1.006", "CancelRequest", "002", "requests"),
    (
        "T-34 T-108 T-122",
        "MaintenanceOrder",
        "1.002",
        "CancelMaintenanceOrder",
        "003",
        "work-orders",
    ),
]
OUTSIDE = ("AppointmentCost", "Invoice", "SalesOrder", "EquipmentAllocation", "ServiceOrder")
"""Names for what the manual leaves out: T-130, T-16, T-139, T-131, T-133."""


def _marks(rules: str) -> list[pytest.MarkDecorator]:
    return [pytest.mark.rule(rule) for rule in rules.split()]


def ruled(*rows: tuple[str, ...]) -> list[ParameterSet]:
    """The rows as parameters, each marked with the rules of its first column."""
    return [pytest.param(*row, marks=_marks(rules)) for rules, *row in rows]


@pytest.fixture
async def trio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Trio]:
    """RM, Protheus, and the bus between them."""
    async with back_office(tmp_path, monkeypatch) as trio:
        yield trio


@pytest.fixture
def routes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Route, ...]:
    """The rules that ship, as the bus reads them."""
    fill(monkeypatch)
    settings = load_settings(journal=str(tmp_path / "journal.sqlite"), routes=ROUTES)
    loaded = load_routes(settings, REGISTRY, CODEC)
    assert loaded.warnings == ()
    return loaded.deployment.routes


# -- every method of the manual ---------------------------------------------------------------------


@pytest.mark.rule("T-01", "T-02", "T-04")
@pytest.mark.parametrize(("named", "version", "route"), ruled(*REGISTERS))
async def test_a_register_of_rm_is_kept_by_protheus(
    trio: Trio, named: str, version: str, route: str
) -> None:
    """Whole and unchanged, by the rule of its module; both sides and the bus learn its pair."""
    whole = trio.whole(RM, named, version)
    report = await trio.rm.post(whole.write())

    assert report.outcome is Outcome.DELIVERED, report.fault
    assert await trio.route_of(whole.uuid) == route
    await _taken_whole(trio.protheus, whole, Effect.CREATED)
    await _learnt(trio, RM, whole)


@pytest.mark.parametrize(("named", "version", "route"), ruled(*QUERIES))
async def test_a_question_of_maintenance_is_answered_in_the_call(
    trio: Trio, named: str, version: str, route: str
) -> None:
    """What RM returns reaches Protheus; a question that nobody waits for is refused unasked."""
    whole = trio.whole(PROTHEUS, named, version)
    report = await trio.protheus.post(whole.write())
    queued = await trio.protheus.post(replace(whole, mode=ASYNC, uuid="u-queued").write())

    assert report.outcome is Outcome.DELIVERED, report.fault
    assert await trio.route_of(whole.uuid) == route
    assert b"<ReturnContent>" in report.answer
    await _taken_whole(trio.rm, whole, Effect.ANSWERED)
    assert (queued.outcome, code_of(queued)) == (Outcome.REFUSED, "DELIVERY_TYPE_REFUSED")
    assert trio.rm.heard == (whole.uuid,)


@pytest.mark.parametrize("mode", [SYNC, ASYNC, None])
@pytest.mark.parametrize(
    "process", [pytest.param(row[1:], marks=_marks(row[0])) for row in PROCESSES]
)
async def test_a_process_goes_in_the_mode_that_its_sender_says(
    trio: Trio, process: tuple[str, str, str, str], mode: DeliveryMode | None
) -> None:
    """Whole and unchanged; without a mode it is asynchronous, and its answer comes afterwards."""
    sender, named, version, route = process
    whole = replace(trio.whole(sender, named, version), mode=mode)
    mine, other = trio.sides(sender)
    report = await mine.post(whole.write())

    assert report.outcome is (Outcome.DELIVERED if mode is SYNC else Outcome.RECEIVED), report.fault
    await until(lambda: _learnt_by(mine, other, whole))
    assert await trio.route_of(whole.uuid) == route
    await _taken_whole(other, whole, Effect.CREATED)
    await _learnt(trio, sender, whole)


@pytest.mark.rule("T-33", "T-125", "T-183", "T-193", "X-14")
@pytest.mark.parametrize("mode", [SYNC, ASYNC])
async def test_a_billed_work_order_changes_its_status_in_protheus(
    trio: Trio, mode: DeliveryMode
) -> None:
    """RM sends the order that Protheus made, in its own id, and nothing but the status changes."""
    row = trio.protheus.erp.insert("MaintenanceOrder", "000007", {"Status": "001", "Number": "7"})
    assert row
    whole = trio.whole(RM, "MaintenanceOrder", "1.002")
    whole = replace(whole, mode=mode, changes={"Status": "004"})
    trio.protheus.erp.pairs.learn("RM", "MaintenanceOrder", whole.own_id, (row.id,))
    report = await trio.rm.post(whole.write())

    assert report.outcome is (Outcome.DELIVERED if mode is SYNC else Outcome.RECEIVED), report.fault
    await until(lambda: _learnt_by(trio.rm, trio.protheus, whole))
    (kept,) = trio.protheus.erp.tables.of("STJ")
    assert dict(kept.values) == {"Status": "004", "Number": "7"}
    assert await trio.route_of(whole.uuid) == "billed-work-orders"


@pytest.mark.parametrize("mode", [SYNC, ASYNC])
@pytest.mark.parametrize(
    "case", [pytest.param(row[1:], marks=_marks(row[0])) for row in CANCELLATIONS]
)
async def test_what_maintenance_cancels_is_cancelled_in_rm(
    trio: Trio, case: tuple[str, str, str, str, str], mode: DeliveryMode
) -> None:
    """What is cancelled, and not the name of the message, tells a request from a write-off.

    So the cancellation goes in the lane of what it cancels.
    """
    document, version, cancellation, kind, route = case
    made = trio.whole(PROTHEUS, document, version)
    await trio.protheus.post(made.write())
    target = "MaintenanceOrderInternalId" if kind == "003" else "RequestInternalId"
    whole = Whole(
        contract(cancellation, "1.000"),
        trio.protheus.product,
        PROTHEUS,
        "u-cancel",
        mode=mode,
        changes={"Type": kind, target: made.own_id},
    )
    report = await trio.protheus.post(whole.write())

    assert report.outcome is (Outcome.DELIVERED if mode is SYNC else Outcome.RECEIVED), report.fault

    async def cancelled() -> bool:
        return any(row.cancelled for row in trio.rm.erp.tables.of("TMOV"))

    await until(cancelled)
    await _taken_whole(trio.rm, whole, Effect.UPDATED)
    assert await trio.route_of(whole.uuid) == route
    assert [row.cancelled for row in trio.rm.erp.tables.of("TMOV")] == [True]
    lanes = {(await trio.trace(one.uuid)).deliveries[0].lane for one in (made, whole)}
    assert len(lanes) == 1


@pytest.mark.rule("T-22", "T-72", "T-75")
async def test_an_asset_is_transferred_by_an_update_and_deleted_by_its_key(trio: Trio) -> None:
    """Three methods, one message: the transfer updates the same asset, the deletion ends it."""
    asset = trio.whole(RM, "Assets", "1.001")
    center = id_of("RM", "CostCenter", "8")
    path = "ListOfSalesAndValuesAssets/SalesAndValuesItem/CostCenterInternalId"
    place = {path: center, "TransferDate": "2026-02-01"}
    moved = replace(asset, uuid="u-moved", changes={**asset.changes, **place})
    introduce(moved, trio.protheus)
    first = {"ListOfSalesAndValuesAssets", "PurchaseDate", "Amount", "VendorInternalId"}
    gone = replace(asset, uuid="u-gone", event=Event.DELETE, changes=dict.fromkeys(first, ""))
    await trio.rm.post(asset.write())
    reports = [await trio.rm.post(moved.write())]
    (kept,) = trio.protheus.erp.tables.of("SN1")
    known = await trio.pairs(RM, "Assets", asset.own_id)
    reports.append(await trio.rm.post(gone.write()))

    assert [report.outcome for report in reports] == [Outcome.DELIVERED] * 2
    effects = [entry.effect for entry in trio.protheus.received]
    assert effects == [Effect.CREATED, Effect.UPDATED, Effect.DELETED]
    assert kept.values["TransferDate"] == "2026-02-01"
    assert len(known) == 2
    assert trio.protheus.erp.tables.of("SN1") == ()
    assert await trio.pairs(RM, "Assets", asset.own_id) == set()


@pytest.mark.rule("T-71")
async def test_a_changed_asset_goes_whole_with_one_line_of_values(trio: Trio) -> None:
    """What it is worth now; a history in the change is refused, and nothing of it goes."""
    asset = trio.whole(RM, "Assets", "1.001")
    now = {
        "DepreciationStartDate": "2026-03-01",
        "OriginalValueCurrency": "9.00",
        "AnnualRateCurrencyDepreciation": "20.00",
        "BalanceDepreciation": "1.50",
    }
    line = "ListOfSalesAndValuesAssets/SalesAndValuesItem"
    values = {f"{line}/{name}": text for name, text in now.items()}
    changed = replace(asset, uuid="u-changed", changes={**values, **asset.changes})
    await trio.rm.post(asset.write())
    refused = await trio.rm.post(replace(changed, uuid="u-history", changes=values).write())
    heard = trio.protheus.heard
    report = await trio.rm.post(changed.write())

    assert (code_of(refused), heard) == ("TOO_MANY_FOR_READER", (asset.uuid,))
    assert report.outcome is Outcome.DELIVERED
    await _taken_whole(trio.protheus, changed, Effect.UPDATED)


@pytest.mark.rule("T-73")
@pytest.mark.parametrize("part", ["BusinessMessage", "BusinessContent"])
async def test_assets_are_deleted_one_by_one(trio: Trio, part: str) -> None:
    """Two in one message are refused and none of them goes; each by itself does."""
    asset = trio.whole(RM, "Assets", "1.001")
    other = replace(asset, uuid="u-other", code="8", changes={**asset.changes, "Code": "8"})
    first = {"ListOfSalesAndValuesAssets", "PurchaseDate", "Amount", "VendorInternalId"}
    gone, other_gone = (
        replace(
            one, uuid=f"u-gone-{one.code}", event=Event.DELETE, changes=dict.fromkeys(first, "")
        )
        for one in (asset, other)
    )
    for one in (asset, other):
        await trio.rm.post(one.write())

    refused = await _post(trio, _with_part_of(gone.write(), other_gone.write(), part))
    kept = len(trio.protheus.erp.tables.of("SN1"))
    reports = [await trio.rm.post(one.write()) for one in (gone, other_gone)]

    assert ("SECOND_PART" in refused, kept) == (True, 2)
    assert [report.outcome for report in reports] == [Outcome.DELIVERED] * 2
    assert trio.protheus.erp.tables.of("SN1") == ()


async def _post(trio: Trio, body: bytes) -> str:
    """What the bus answers RM to what its simulator would not write."""
    login = aiohttp.encode_basic_auth(RM, os.environ["RM_LOGIN_PASSWORD"])
    async with (
        aiohttp.ClientSession(headers={"Authorization": login}) as http,
        http.post(f"{trio.run.address}/messages", data=body) as answer,
    ):
        return await answer.text()


def _with_part_of(one: bytes, other: bytes, part: str) -> bytes:
    """A message with a second part, taken from another."""
    begin, end = f"<{part}>".encode(), f"</{part}>".encode()
    inner = other.partition(begin)[2].rpartition(end)[0]
    return one.replace(end, end + begin + inner + end)


@pytest.mark.rule("T-47")
async def test_a_register_that_nobody_waits_for_is_refused(trio: Trio) -> None:
    """The manual has them synchronous: an asynchronous one is told so, and does not go."""
    whole = replace(trio.whole(RM, "Item", "4.005"), mode=ASYNC)
    report = await trio.rm.post(whole.write())

    assert code_of(report) == "DELIVERY_TYPE_REFUSED"
    assert trio.protheus.heard == ()


@pytest.mark.rule("T-61")
async def test_a_partner_of_both_kinds_is_two_in_protheus(trio: Trio) -> None:
    """One id of RM, two of Protheus, told apart by what they are; a later change reaches both."""
    whole = replace(trio.whole(RM, "CustomerVendor", "2.002"), changes={"Type": "Both"})
    later = replace(whole, uuid="u-later", changes={"Type": "Both", "Name": "Outro nome"})
    reports = [await trio.rm.post(each.write()) for each in (whole, later)]

    assert [report.outcome for report in reports] == [Outcome.DELIVERED] * 2
    tables = trio.protheus.erp.tables
    ids = {tables.of(name)[0].id for name in ("SA1", "SA2")}
    assert {id_[-2:] for id_ in ids} == {"|C", "|F"}
    known = await trio.pairs(RM, "CustomerVendor", whole.own_id)
    assert known == {(RM, whole.own_id), *((PROTHEUS, id_) for id_ in ids)}
    named = [row.values["Name"] for name in ("SA1", "SA2") for row in tables.of(name)]
    assert named == ["Outro nome"] * 2


@pytest.mark.parametrize(
    ("named", "version", "code", "made"),
    ruled(
        ("T-50", "Currency", "2.001", "BRL", "01| |01"),
        ("T-53", "UnitOfMeasure", "2.000", "CAIXA", "01| |AA"),
        ("T-78", "Warehouse", "1.000", "ALMOXARIFADO", "01|01|000001"),
        ("T-84", "Employee", "2.003", "0000123456", "01|01|000001"),
    ),
)
async def test_a_code_that_protheus_makes_is_learnt_from_its_answer(
    trio: Trio, named: str, version: str, code: str, made: str
) -> None:
    """One too long for its field is neither cut nor refused: Protheus makes one of its own."""
    whole = replace(trio.whole(RM, named, version), changes={"Code": code})
    report = await trio.rm.post(whole.write())

    assert report.outcome is Outcome.DELIVERED, report.fault
    entity = whole.contract.entity
    assert await trio.pairs(RM, entity, whole.own_id) == {(RM, whole.own_id), (PROTHEUS, made)}


@pytest.mark.rule("T-52")
async def test_a_standard_unit_is_paired_by_the_integration(trio: Trio) -> None:
    """Protheus comes with it: it is updated, and nobody enters its pair by hand."""
    whole = replace(trio.whole(RM, "UnitOfMeasure", "2.000"), changes={"Code": "UN"})
    await trio.rm.post(whole.write())

    assert [entry.effect for entry in trio.protheus.received] == [Effect.UPDATED]
    known = await trio.pairs(RM, "UnitOfMeasure", whole.own_id)
    assert known == {(RM, whole.own_id), (PROTHEUS, "01| |UN")}


@pytest.mark.rule("T-155")
@pytest.mark.parametrize(("named", "version"), [("Request", "1.010"), ("StockTurnover", "1.006")])
async def test_rm_relates_what_comes_to_the_order_that_it_names(
    trio: Trio, named: str, version: str
) -> None:
    """By the id of the order, in the words of Protheus: one that RM does not know is refused."""
    whole = trio.whole(PROTHEUS, named, version)
    order = "01|01|MaintenanceOrder 404"
    stray = replace(whole, uuid="u-stray", code="8", changes={"MainOrderInternalId": order})
    known, unknown = [await trio.protheus.post(each.write()) for each in (whole, stray)]

    assert known.outcome is Outcome.DELIVERED, known.fault
    assert unknown.outcome is Outcome.REFUSED
    assert f"MaintenanceOrder {order} não encontrada no de/para!" in str(unknown.fault)


@pytest.mark.rule("T-119", "T-120", "T-121")
async def test_instalments_find_the_order_that_protheus_sent(trio: Trio) -> None:
    """By the id that RM answered: Protheus finds its own order in its de-para."""
    order = trio.whole(PROTHEUS, "Order", "4.010")
    await trio.protheus.post(order.write())
    (row,) = trio.rm.erp.tables.of("TMOV")
    values = Whole(
        contract("InfoOfParcelValues", "1.000"),
        trio.rm.product,
        RM,
        "u-values",
        changes={"OrderInternalId": row.id, "AmountPaid": "99.5"},
    )
    stranger = replace(values, uuid="u-stranger", code="8", changes={"OrderInternalId": "1|404"})
    known, unknown = [await trio.rm.post(each.write()) for each in (values, stranger)]

    assert known.outcome is Outcome.DELIVERED, known.fault
    (kept,) = trio.protheus.erp.tables.of("SE2")
    assert kept.values["AmountPaid"] == "99.5"
    assert trio.protheus.erp.pairs.find("RM", "Order", row.id) == (order.own_id,)
    assert unknown.outcome is Outcome.REFUSED
    assert "Order 1|404 não encontrada no de/para!" in str(unknown.fault)


async def test_companies_are_paired_by_a_load(trio: Trio) -> None:
    """RM loads the pairs of companies and of registers; the bus and Protheus learn each."""
    warehouse = trio.protheus.erp.insert("Warehouse", "01", {"Description": "Central"})
    assert warehouse
    record = "ListOfEntity/Entity/ListOfInternalIdLoad/InternalIdLoad"
    whole = Whole(
        contract("InternalIdLoad", "1.000"),
        trio.rm.product,
        RM,
        "u-load",
        changes={f"{record}/NewIntegrationId": "1|01", f"{record}/IntegrationId": "01"},
    )
    report = await trio.rm.post(whole.write())

    assert report.outcome is Outcome.DELIVERED, report.fault
    assert trio.protheus.erp.pairs.find("RM", "Warehouse", "1|01") == (warehouse.id,)
    assert await trio.pairs(RM, "Warehouse", "1|01") == {(RM, "1|01"), (PROTHEUS, warehouse.id)}
    assert await trio.route_of("u-load") == "pairs"


async def test_protheus_asks_which_messages_rm_has(trio: Trio) -> None:
    """The answer names transactions and versions, the full table of them."""
    whole = trio.whole(PROTHEUS, "WhoIs", "1.000")
    report = await trio.protheus.post(whole.write())

    assert report.outcome is Outcome.DELIVERED, report.fault
    assert b"<Name>MaintenanceOrder</Name><Version>1.002</Version>" in report.answer
    assert await trio.route_of(whole.uuid) == "who-is-there"


# -- and no other ---------------------------------------------------------------------------------


@pytest.mark.rule("T-10", "T-46")
@pytest.mark.parametrize(
    ("named", "version"),
    [
        pytest.param(named, version, marks=_marks(" ".join(rules.split()[1:])))
        for rules, named, version, _ in REGISTERS
    ],
)
async def test_a_register_of_protheus_has_no_way(trio: Trio, named: str, version: str) -> None:
    """RM owns them all: whoever keeps one in Protheus is told so, and RM never sees it."""
    report = await trio.protheus.post(trio.whole(PROTHEUS, named, version).write())

    assert (report.outcome, code_of(report)) == (Outcome.REFUSED, "NO_ROUTE")
    assert trio.rm.heard == ()


@pytest.mark.rule("T-16", "T-130", "T-131", "T-133", "T-139")
@pytest.mark.parametrize("sender", [RM, PROTHEUS])
async def test_what_is_out_of_scope_has_no_way(trio: Trio, sender: str) -> None:
    """Costs outside an order, invoices, planning: either side is told that nothing takes them."""
    mine, other = trio.sides(sender)
    whole = trio.whole(sender, "WhoIs", "1.000")
    reports = [
        await mine.post(replace(whole, named=name, uuid=f"u-{name}").write()) for name in OUTSIDE
    ]

    assert [code_of(report) for report in reports] == ["NO_ROUTE"] * len(OUTSIDE)
    assert other.heard == ()
    told = str(reports[0].fault).partition("transações com rota: ")[2]
    assert told.startswith(FIRST_FROM[sender])


async def test_a_version_that_the_manual_does_not_have_is_told_the_one_that_it_has(
    trio: Trio,
) -> None:
    """A version of the same message is no other message: what is missing is said."""
    body = trio.whole(RM, "Item", "4.005").write().replace(b'"4.005"', b'"4.006"')
    report = await trio.rm.post(body)

    assert code_of(report) == "VERSION_NOT_ROUTED"
    assert "leva Item na versão 4.005, e não na 4.006" in str(report.fault)
    assert trio.protheus.heard == ()


def test_the_table_has_the_directions_and_versions_of_the_manual(
    routes: tuple[Route, ...],
) -> None:
    """All that goes from one to the other, in which version, and nothing beside it."""
    expected = {
        (sender, named.casefold(), version)
        for sender, rows in (
            (RM, [(named, version) for _, named, version, _ in REGISTERS]),
            (PROTHEUS, [(named, version) for _, named, version, _ in QUERIES]),
            (PROTHEUS, [("CancelRequest", "1.000"), ("CancelMaintenanceOrder", "1.000")]),
            (PROTHEUS, [("WhoIs", "1.000")]),
            (RM, [("MaintenanceOrder", "1.002"), ("InternalIdLoad", "1.000")]),
        )
        for named, version in rows
    }
    expected |= {(sender, named.casefold(), version) for _, sender, named, version, _ in PROCESSES}
    found = {
        (route.origin, named, each.version)
        for route in routes
        for each in REGISTRY.known()
        for named in each.spellings & route.transactions
        if each.version in route.versions
    }

    assert found == expected


def test_each_kind_of_message_has_its_mode_and_its_order(routes: tuple[Route, ...]) -> None:
    """Registers and questions are synchronous; processes are taken in both modes and hold."""
    for route in routes:
        lifecycles = {
            each.lifecycle for each in REGISTRY.known() if each.spellings & route.transactions
        }
        (lifecycle,) = lifecycles
        if lifecycle is Lifecycle.PROCESS:
            assert route.modes == {SYNC, ASYNC}
            assert route.default_mode is ASYNC
            assert route.on_failure is OnFailure.HOLD
        else:
            assert route.modes == {SYNC}
            assert route.on_failure in {None, OnFailure.SUPERSEDE}


@pytest.mark.parametrize(("named", "version", "route"), [row[1:] for row in REGISTERS])
def test_a_register_s_rule_has_the_name_of_its_module(named: str, version: str, route: str) -> None:
    """Whom to ask of a register: the catalog and the table name the same module of RM."""
    keeper = contract(named, version).keeper

    assert keeper == f"RM {route.rpartition('-')[2].capitalize()}"


# -- what came of it -------------------------------------------------------------------------------


async def _taken_whole(reader: EaiSimulator, whole: Whole, effect: Effect) -> None:
    """The reader's clerk did that with the very content that was sent, as it is published."""
    entry = reader.received[-1]
    sent = (await CODEC.read(whole.write())).without(whole.contract.extensions)
    assert (entry.uuid, entry.effect) == (whole.uuid, effect)
    assert entry.content_hash == sent.content_hash


async def _learnt_by(mine: EaiSimulator, other: EaiSimulator, whole: Whole) -> bool:
    own = other.erp.pairs.find(mine.product.name, whole.contract.entity, whole.own_id)
    if not own:
        return False
    known = mine.erp.pairs.find(other.product.name, whole.contract.entity, own[0])
    return known == (whole.own_id,)


async def _learnt(trio: Trio, sender: str, whole: Whole) -> None:
    """Sender, reader and bus know the document by both ids."""
    mine, other = trio.sides(sender)
    entity, reader = whole.contract.entity, PROTHEUS if sender == RM else RM
    own = other.erp.pairs.find(mine.product.name, entity, whole.own_id)
    assert await _learnt_by(mine, other, whole), (own, mine.erp.pairs.all())
    known = await trio.pairs(sender, entity, whole.own_id)
    assert known == {(sender, whole.own_id), *((reader, id_) for id_ in own)}


async def test_of_the_shipped_routes_and_simulators_a_diagnosis_leaves_what_a_person_confirms(
    trio: Trio,
) -> None:
    """With the companies paired and the standard units sent, nothing is wrong on either side."""
    for unit in ("H", "KM", "UN", "L"):
        await trio.rm.send(Outgoing("UnitOfMeasure", unit, {"Description": unit}))
    found = await trio.run.bus.diagnoser.diagnose()
    wrong = {
        one.application: [each for each in one.findings if each.verdict is Verdict.WRONG]
        for one in found
    }

    assert wrong == {RM: [], PROTHEUS: []}
