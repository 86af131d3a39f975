"""The unified message in JSON that Keepfy posts: read with tolerance, and held to its branch."""

from __future__ import annotations

from typing import Any

import pytest

from bus.core.errors import SenderFault
from tests.adapters.test_keepfy_events import conform
from tests.support.keepfy import BRANCH, event_of, lines_of, posted, refusal

UUID = "5d9bb8c8-0f0c-4c50-8a4e-0f4f3c1d2b3a"


def unified(transaction: str, content: dict[str, Any], **header: Any) -> dict[str, Any]:
    """A message as Keepfy's own broker writes it."""
    told = {
        "UUID": UUID,
        "Type": "BusinessMessage",
        "Transaction": transaction,
        "StandardVersion": "1.0",
        "SourceApplication": "KEEPFY",
        "ProductName": "KEEPFY",
        "ProductVersion": "1",
        "CompanyId": "01",
        "BranchId": BRANCH,
        "GeneratedOn": "20260131T100000",
        "DeliveryType": "async",
        "Event": "upsert",
    }
    return {"Header": told | header, "Content": content}


LINE = {"InternalId": "L1", "ItemInternalId": "i1", "Quantity": "2.00", "WarehouseInternalId": "w1"}
REQUEST = {"InternalId": "R1", "Type": "000", "ListOfRequestItem": [LINE]}
TURNOVER = {"InternalId": "T1", "ListOfStockTurnoverItem": [LINE]}
PLAIN = {key: each for key, each in LINE.items() if key != "ItemInternalId"}


@pytest.mark.parametrize("event", ["upsert", "Upsert", "UPSERT", "delete", "Delete", "DELETE"])
async def test_an_event_is_read_in_each_spelling(event: str) -> None:
    """And the transaction in capitals; who sends it is the branch itself."""
    (made,) = await posted(unified("REQUEST", REQUEST, Event=event))

    header = made.envelope.header
    assert event_of(made) == event.lower()
    assert (header.transaction, header.version, header.uuid) == ("Request", "1.010", UUID)
    assert (header.source_application, header.company, header.branch) == ("keepfy", "", "")
    assert await conform([made]) == []


@pytest.mark.parametrize(
    "content",
    [
        {"ListOfStockTurnoverItem": [LINE]},
        {"ListofStockTurnoverItem": [LINE]},
        {"ListOfStockTurnoverItem": {"StockTurnoverItem": [LINE]}},
        {"ListofStockTurnoverItem": [{"StockTurnoverItem": LINE}]},
        {"ListOfStockTurnoverItem": [PLAIN | {"ItemInternalid": "i1"}]},
        {"ListOfStockTurnoverItem": [LINE | {"Quantity": 2.00, "Event": "Upsert"}]},
    ],
    ids=str,
)
async def test_lines_are_read_in_each_spelling(content: dict[str, Any]) -> None:
    """With what the contract asks for and the JSON has not."""
    told = {"InternalId": "T1", "AbatementDateTime": "20260130T080000", **content}
    (made,) = await posted(unified("STOCKTURNOVER", told))

    assert await conform([made]) == []
    (line,) = lines_of(made)
    assert float(line.pop("Quantity")) == 2
    assert line == {"InternalId": "L1", "ItemInternalId": "i1", "WarehouseInternalId": "w1"}
    assert made.content().text_at("AbatementDateTime") == "2026-01-30T08:00:00"


async def test_a_balance_is_asked_for_by_an_item_and_perhaps_a_location() -> None:
    """Which is a question, and no event."""
    (made,) = await posted(unified("STOCKLEVEL", {"ItemInternalId": "i1"}))

    assert event_of(made) == ""
    assert made.content().text_at("RequestItem/ItemInternalId") == "i1"
    assert await conform([made]) == []


@pytest.mark.rule("K-20")
@pytest.mark.parametrize(
    ("transaction", "content"), [("REQUEST", REQUEST), ("STOCKTURNOVER", TURNOVER)]
)
async def test_a_line_needs_a_location(transaction: str, content: dict[str, Any]) -> None:
    """Unless it is taken back."""
    name = next(key for key in content if key.startswith("List"))
    bare = {key: each for key, each in LINE.items() if key != "WarehouseInternalId"}
    (fault,) = await refusal(unified(transaction, {**content, name: [bare]}))

    assert "WarehouseInternalId" in fault.reason("pt")
    assert await posted(unified(transaction, {**content, name: [bare | {"Event": "DELETE"}]}))


async def test_a_message_of_another_branch_is_refused() -> None:
    """One application is one branch."""
    (fault,) = await refusal(unified("REQUEST", REQUEST, BranchId="filial-2"))

    assert (fault.code, fault.path) == ("EVENT_REFUSED", "/Header/BranchId")


@pytest.mark.parametrize(
    "told", [{"Header": {}}, {"Header": [], "Content": {}}, {"header": {}, "content": []}], ids=str
)
async def test_half_a_message_is_refused(told: dict[str, Any]) -> None:
    """With what is missing."""
    (fault,) = await refusal(told)

    assert (fault.code, fault.path) == ("EVENT_REFUSED", "/Header")


@pytest.mark.parametrize(
    "content",
    [{"ListOfRequestItem": 7}, {"ListOfRequestItem": [7]}, {"a b": 1}],
    ids=str,
)
async def test_a_content_that_makes_no_sense_is_no_defect_of_ours(content: dict[str, Any]) -> None:
    """It is refused here, or as any message that its contract does not know."""
    try:
        complaints = await conform(await posted(unified("REQUEST", content)))
    except SenderFault as refused:
        complaints = list(refused.faults)

    assert complaints
