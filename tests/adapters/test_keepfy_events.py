"""What an event of a service order becomes, and what is said of one that will not do."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from adapters.keepfy.events import schema
from adapters.keepfy.simulated.orders import labour, material
from bus.config import load_settings
from bus.wiring import open_contracts
from tests.support.keepfy import (
    BRANCH,
    event_of,
    lines_of,
    order,
    posted,
    refusal,
    text_of,
    two_by_two,
)

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = open_contracts(load_settings())


async def conform(documents: list[Any]) -> list[Any]:
    """What the contracts have against messages."""
    found: list[Any] = []
    for one in documents:
        header = one.envelope.header
        contract = CONTRACTS.find(header.transaction, header.version)
        assert contract
        found += await CONTRACTS.explain(contract, one)
    return found


@pytest.mark.rule("K-21", "K-25", "K-26")
async def test_a_forecast_makes_one_requisition_a_labour() -> None:
    """With all of its materials, each with its location, to the day of the labour; no stock moves."""
    made = await posted(order().forecast(*two_by_two()))

    assert [one.envelope.header.transaction for one in made] == ["Request"] * 2
    assert await conform(made) == []
    names = ("InternalId", "MainOrderInternalId", "MainOrderCode", "DeliveryDateTime", "Type")
    assert [text_of(one.content(), *names) for one in made] == [
        {
            "InternalId": f"os-7|{name}",
            "MainOrderInternalId": "os-7",
            "MainOrderCode": "OS 7",
            "DeliveryDateTime": "2026-02-03T08:00:00",
            "Type": "000",
        }
        for name in "AB"
    ]
    assert lines_of(made[1]) == [
        {
            "InternalId": "os-7|B|1",
            "ItemInternalId": "screw",
            "Quantity": "3",
            "WarehouseInternalId": "central",
        },
        {
            "InternalId": "os-7|B|2",
            "ItemInternalId": "kit",
            "Quantity": "4.5",
            "WarehouseInternalId": "central",
        },
    ]


@pytest.mark.rule("K-21", "K-33", "K-35")
async def test_a_report_makes_a_write_off_a_labour_with_a_line_for_each_material() -> None:
    """On the day of the labour, of which the report has the period; nothing is requested."""
    made = await posted(order().report(*two_by_two(), occurredAt="2026-03-01T09:00:00"))

    assert [one.envelope.header.transaction for one in made] == ["StockTurnover"] * 2
    assert await conform(made) == []
    lines = [
        line
        for one in made
        for line in one.content().all("ListOfStockTurnoverItem/StockTurnoverItem")
    ]
    assert [line.text_at("Quantity") for line in lines] == ["2", "1", "3", "4.5"]
    assert {line.text_at("EmissionDate") for line in lines} == {"2026-02-03"}
    assert len({line.text_at("InternalId") for line in lines}) == 4


async def test_a_cancellation_names_the_requisition_of_each_labour() -> None:
    """And why, where that is told."""
    made = await posted(order().cancel("A", "B", reason="Máquina vendida"))

    assert [one.envelope.header.transaction for one in made] == ["CancelRequest"] * 2
    assert await conform(made) == []
    names = ("RequestInternalId", "Type", "CancelReason")
    assert [tuple(text_of(one.content(), *names).values()) for one in made] == [
        ("os-7|A", "000", "Máquina vendida"),
        ("os-7|B", "000", "Máquina vendida"),
    ]


@pytest.mark.rule("K-31")
async def test_what_is_removed_is_told_line_by_line_or_whole() -> None:
    """A line with others left, the last one, a labour; and of a report always line by line."""
    gone = material("2", "kit", "central", 1, removed=True)
    left = labour("A", material("1", "screw", "central", 2), gone)
    last, removed = labour("B", gone), labour("C", removed=True)
    forecast = await posted(order().forecast(left, last, removed))
    report = await posted(order().report(left, labour("C", gone, removed=True)))

    assert await conform(forecast + report) == []
    assert [event_of(one) for one in forecast] == ["upsert", "delete", "delete"]
    assert [event_of(one) for one in report] == ["upsert", "upsert"]
    assert [line.get("Event", "") for line in lines_of(forecast[0])] == ["", "delete"]
    assert [lines_of(one) for one in forecast[1:]] == [[], []]
    told = [line.get("Event", "") for one in report for line in lines_of(one)]
    assert told == ["", "delete", "delete"]


async def test_removing_a_labour_takes_back_each_of_its_lines() -> None:
    """Though the lines themselves do not say that they are removed."""
    (made,) = await posted(order().report(labour("A", material("1", "x", "y", 1), removed=True)))

    assert [line["Event"] for line in lines_of(made)] == ["delete"]


@pytest.mark.rule("K-19")
async def test_what_is_not_integrated_is_left_out() -> None:
    """With its labour, where that has nothing else; it needs no location either."""
    own = {"lineId": "9", "itemId": "glue", "quantity": 1, "integrated": False}
    told = labour("A", own, material("1", "screw", "central", 2))
    for kind in ("forecast", "report"):
        (made,) = await posted(getattr(order(), kind)(told, labour("B", own), labour("C")))

        assert [line["ItemInternalId"] for line in lines_of(made)] == ["screw"]


@pytest.mark.rule("K-23")
async def test_without_the_option_a_forecast_makes_no_requisition() -> None:
    """Nor is one cancelled; a report is another matter."""
    one = order()

    assert await posted(one.forecast(*two_by_two()), requisitions="") == []
    assert await posted(one.cancel("A"), requisitions="") == []
    assert len(await posted(one.report(*two_by_two()), requisitions="")) == 2


@pytest.mark.rule("K-24")
@pytest.mark.parametrize("kind", ["forecast", "report"])
async def test_a_draft_sends_nothing(kind: str) -> None:
    """Confirmation is what sends."""
    assert await posted(getattr(order(), kind)(*two_by_two(), confirmed=False)) == []


@pytest.mark.rule("K-22", "K-29")
async def test_the_same_revision_of_a_labour_is_the_same_message() -> None:
    """Whenever it is told; a later one is another, and of it only the labour that changed."""
    one, again, other = order(), order(), order()
    first = await posted(one.forecast(*two_by_two()))
    repeated = await posted(again.forecast(*two_by_two(), occurredAt="2026-03-01T00:00:00"))
    other.revision = 1
    changed, same = two_by_two()
    later = await posted(other.forecast(changed, {**same, "changedIn": 1}))

    uuids = [[each.envelope.header.uuid for each in made] for made in (first, repeated, later)]
    assert uuids[0] == uuids[1]
    assert uuids[0][1] == uuids[2][1]
    assert uuids[0][0] != uuids[2][0]
    assert len({*uuids[0], *uuids[2]}) == 3


async def test_a_forecast_and_a_report_of_one_revision_are_two_messages() -> None:
    """As are those of two service orders, or two labours."""
    told = two_by_two()
    first, other = order(), order()
    other.id = "os-8"
    made = [*await posted(first.forecast(*told)), *await posted(other.forecast(*told))]
    third = order()
    made += await posted(third.report(*told))

    assert len({one.envelope.header.uuid for one in made}) == 6


def changed(**how: Any) -> dict[str, Any]:
    """A forecast that is right, but for what is changed: by the path of a place, `a__b`."""
    event = deepcopy(order().forecast(*two_by_two()))
    for path, value in how.items():
        *way, last = path.split("__")
        place: Any = event
        for step in way:
            place = place[int(step) if isinstance(place, list) else step]
        if value is None:
            del place[last]
        else:
            place[last] = value
    return event


LINE = "labours__0__materials__1__"
WRONG = {
    "kind": ("/kind", "none of forecast, report, cancel"),
    "revision": ("/revision", "1 or more"),
    "branch": ("/branch", "of branch other"),
    "confirmed": ("/confirmed", "true | false"),
    "strange": ("", "“strange” is not known"),
    "occurredAt": ("/occurredAt", "no moment"),
    "serviceOrder__id": ("/serviceOrder/id", "can be no id"),
    "serviceOrder__code": ("/serviceOrder/code", "“code” is missing"),
    "labours": ("/labours", "1 item or more"),
    "labours__1__id": ("/labours/1/id", "appears twice"),
    "labours__0__changedIn": ("/labours/0/changedIn", "after this one"),
    "labours__0__kind": ("/labours/0/kind", "none of labour, specialty"),
    "labours__0__period": ("/labours/0", "without a date"),
    "labours__0__period__end": ("/labours/0/period", "ends before it begins"),
    f"{LINE}lineId": ("/labours/0/materials/1/lineId", "appears twice"),
    f"{LINE}locationId": ("/labours/0/materials/1", "no stock location"),
    f"{LINE}quantity": (
        "/labours/0/materials/1/quantity",
        "too many decimal places: the smallest step is 0.01",
    ),
}
VALUES: dict[str, Any] = {
    "kind": "order",
    "revision": 0,
    "branch": "other",
    "confirmed": 1,
    "strange": 1,
    "occurredAt": "20260131T000000",
    "serviceOrder__id": "a|b",
    "serviceOrder__code": None,
    "labours": [],
    "labours__1__id": "A",
    "labours__0__changedIn": 2,
    "labours__0__kind": "tool",
    "labours__0__period": None,
    "labours__0__period__end": "2026-02-02T00:00:00",
    f"{LINE}lineId": "1",
    f"{LINE}locationId": None,
    f"{LINE}quantity": 1.234,
}


async def test_a_whole_number_may_be_written_with_a_point() -> None:
    """As the schema has it: 1.0 is the revision 1, and 1.5 is none."""
    whole, pointed = [
        await posted(changed(revision=one, labours__0__changedIn=one)) for one in (1, 1.0)
    ]
    (fault,) = await refusal(changed(revision=1.5))
    cancelled = [
        made.envelope.header.uuid
        for one in (1, 1.0)
        for made in await posted({**order().cancel("A"), "revision": one})
    ]

    assert len(cancelled) == 2
    assert len({*cancelled}) == 1
    assert [one.envelope.header.uuid for one in pointed] == [
        one.envelope.header.uuid for one in whole
    ]
    assert fault.path == "/revision"
    assert fault.reason("en").endswith("it must be a whole number.")


@pytest.mark.parametrize(
    ("moment", "good"),
    [
        ("2026-01-31T00:00:00", True),
        ("2026-01-31T00:00:00.125Z", True),
        ("2026-01-31T00:00:00-03:00", True),
        ("2026-01-31", False),
        ("2026-02-30T00:00:00", False),
    ],
)
async def test_a_moment_may_have_an_offset(moment: str, good: bool) -> None:
    """The schema asks for none, as `date-time` would; a day that there is not is refused beside."""
    event = changed(occurredAt=moment)
    paths = [] if good else [fault.path for fault in await refusal(event)]

    assert paths == ([] if good else ["/occurredAt"])
    assert not good or len(await posted(event)) == 2
    told = schema()["$defs"]["moment"]
    assert "format" not in told
    assert bool(re.search(told["pattern"], moment)) == (good or "T" in moment)


@pytest.mark.rule("K-31")
async def test_a_forecast_without_materials_ends_what_may_have_been() -> None:
    """From the second revision on, and only where it is told; a report takes nothing back so."""
    one = order()
    bare = labour("A")
    silent = {name: value for name, value in bare.items() if name != "materials"}

    assert await posted(one.forecast(bare)) == []
    (made,) = await posted(
        one.forecast(bare, {**labour("B"), "changedIn": 1}, {**silent, "id": "C"})
    )
    assert (event_of(made), made.content().text_at("InternalId")) == ("delete", "os-7|A")
    assert await posted(one.report(bare)) == []


@pytest.mark.parametrize("place", sorted(WRONG))
async def test_a_mistake_is_told_with_its_place(place: str) -> None:
    """And what is wrong, in both languages, with what to do; nothing of the event is taken."""
    faults = await refusal(changed(**{place: VALUES[place]}))

    path, words = WRONG[place]
    assert [fault.path for fault in faults] == [path]
    assert words in faults[0].reason("en")
    assert faults[0].reason("pt") != faults[0].reason("en")
    assert "docs/keepfy.md" in faults[0].remedy("pt")


async def test_all_mistakes_are_told_at_once() -> None:
    """As far as anybody reads."""
    faults = await refusal(changed(kind="order", revision="1", labours__0__id=""))

    assert [fault.path for fault in faults] == ["/kind", "/revision", "/labours/0/id"]
    many = [labour(str(place), {}) for place in range(30)]
    assert len(await refusal(order().forecast(*many))) == 20


@pytest.mark.rule("K-20")
@pytest.mark.parametrize("kind", ["forecast", "report"])
async def test_an_integrated_material_needs_a_location(kind: str) -> None:
    """Before any message; one that is removed does not."""
    without = {"lineId": "1", "itemId": "screw", "quantity": 1}
    (fault,) = await refusal(getattr(order(), kind)(labour("A", without)))

    assert (fault.code, fault.path) == ("EVENT_REFUSED", "/labours/0/materials/0")
    assert "screw" in fault.reason("pt")
    gone = {"lineId": "1", "itemId": "screw", "removed": True}
    assert await posted(getattr(order(), kind)(labour("A", gone)))


@pytest.mark.rule("K-34")
async def test_a_material_is_reported_with_the_period_worked() -> None:
    """A day alone will not do; where nothing of it is integrated, nothing is asked."""
    told = labour("A", material("1", "screw", "central", 1))
    period = told.pop("period")
    (fault,) = await refusal(order().report({**told, "date": period["start"][:10]}))

    assert "period" in fault.reason("en")
    told["materials"][0]["integrated"] = False
    assert await posted(order().report(told)) == []


async def test_a_labour_that_is_removed_from_a_report_names_its_materials() -> None:
    """For without them nobody knows what to take back."""
    (fault,) = await refusal(order().report(labour("A", removed=True)))

    assert fault.path == "/labours/0"


@pytest.mark.parametrize("day", ["20260205", "2026-W06-4", "2026-02-30"])
async def test_a_day_is_written_in_one_way(day: str) -> None:
    """As the schema has it."""
    told = {**labour("A", material("1", "screw", "central", 1)), "date": day}

    assert [fault.path for fault in await refusal(order().forecast(told))] == ["/labours/0/date"]


async def test_a_forecast_may_have_a_day_alone() -> None:
    """Which begins at midnight."""
    told = labour("A", material("1", "screw", "central", 1))
    del told["period"]
    (made,) = await posted(order().forecast({**told, "date": "2026-02-05"}))

    assert made.content().text_at("DeliveryDateTime") == "2026-02-05T00:00:00"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[",
        b"[]",
        b"7",
        b'{"kind": NaN}',
        b'{"kind": "forecast", "kind": "report"}',
        b"[" * 100_000,
        b"9" * 5000,
        b'{"revision": 1e999999999}',
    ],
    ids=lambda body: body[:24].decode("latin-1"),
)
async def test_whatever_is_no_event_is_refused(body: bytes) -> None:
    """As the sender's, never as a defect of ours."""
    faults = await refusal(body)

    assert {fault.code for fault in faults} == {"EVENT_REFUSED"}


async def test_a_text_that_no_message_can_carry_is_refused() -> None:
    """Before anything of the event is taken."""
    event = order().forecast(*two_by_two())
    event["serviceOrder"]["code"] = "OS\x01"

    assert [fault.code for fault in await refusal(event)] == ["CONTENT_UNWRITABLE"]


async def test_numbers_stay_as_they_are_told() -> None:
    """Also where a binary fraction would not."""
    body = json.dumps(order().forecast(labour("A", material("1", "x", "y", 1)))).replace(
        '"quantity": 1', '"quantity": 9999999999.99'
    )
    (made,) = await posted(body.encode())

    assert [line["Quantity"] for line in lines_of(made)] == ["9999999999.99"]


async def test_the_event_in_the_documentation_is_one() -> None:
    """It makes a requisition of two lines."""
    text = (ROOT / "docs" / "keepfy.md").read_text("utf-8")
    event = text.partition("```json\n")[2].partition("```")[0]
    (made,) = await posted(event.encode(), branch="matriz")

    assert [line["Quantity"] for line in lines_of(made)] == ["2", "0.5"]


def test_the_schema_is_one_that_anybody_can_use() -> None:
    """Its references lead somewhere, and what it requires is what it knows."""
    told = schema()
    text = json.dumps(told, default=str)

    assert {name for name in told["$defs"] if f"#/$defs/{name}" in text} == set(told["$defs"])
    for one in (told, told["properties"]["serviceOrder"], *told["$defs"].values()):
        assert set(one.get("required", ())) <= set(one.get("properties", ()))
    assert BRANCH
