"""What Protheus cannot hold is told before anything is sent, over SOAP on the routes that ship."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bus.core.envelope import Event
from bus.core.outcome import Outcome
from tests.support.back_office import RM, Trio, back_office, code_of

OF_PROTHEUS = "    product: PROTHEUS\n"


@pytest.fixture
async def trio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Trio]:
    """RM, Protheus, and the bus between them."""
    async with back_office(tmp_path, monkeypatch) as trio:
        yield trio


@pytest.mark.rule("T-54", "X-18")
@pytest.mark.parametrize(("length", "fits"), [(20, True), (21, False), (25, False)])
async def test_a_cost_centre_that_does_not_fit_is_refused_and_never_cut(
    trio: Trio, length: int, fits: bool
) -> None:
    """RM holds 25 characters, Protheus 20 once widened: between them it is the sender's to mend."""
    code = "9" * length
    whole = replace(trio.whole(RM, "CostCenter", "2.000"), changes={"Code": code})
    report = await trio.rm.post(whole.write())
    kept = [row.code for row in trio.protheus.erp.tables.of("CTT")]

    assert report.outcome is (Outcome.DELIVERED if fits else Outcome.REFUSED)
    assert kept == ([code] if fits else [])
    assert trio.protheus.heard == ((whole.uuid,) if fits else ())
    if not fits:
        assert code_of(report) == "TOO_LONG_FOR_READER"
        assert f"Centro de custo: Code “{code}” tem {length} caracteres" in str(
            report.response and report.response.notes[0].text
        )


@pytest.mark.parametrize(
    ("named", "version", "field", "code"),
    [
        pytest.param(*row[1:], marks=pytest.mark.rule(row[0]))
        for row in (
            ("T-77", "Assets", "1.001", ("CardAssets", 30), "TOO_LONG_FOR_READER"),
            ("T-79", "Warehouse", "1.000", ("Description", 40), "VALUE_TOO_LONG"),
        )
    ],
)
async def test_a_field_that_was_widened_holds_so_much_and_no_more(
    trio: Trio, named: str, version: str, field: tuple[str, int], code: str
) -> None:
    """To the last character; one more is refused before it is sent, with the value and the limit."""
    path, longest = field
    whole = trio.whole(RM, named, version)
    fits = replace(whole, changes={**whole.changes, path: "A" * longest})
    beyond = {**whole.changes, path: "A" * (longest + 1)}
    reports = [
        await trio.rm.post(each.write())
        for each in (fits, replace(fits, uuid="u-long", changes=beyond))
    ]

    assert [report.outcome for report in reports] == [Outcome.DELIVERED, Outcome.REFUSED]
    assert code_of(reports[1]) == code
    assert f"{longest + 1} caracteres" in str(reports[1].fault)
    assert trio.protheus.heard == (whole.uuid,)


@pytest.mark.rule("T-56")
@pytest.mark.parametrize("period", ["1", "2", "3", "4", "5", "6", "7"])
async def test_a_payment_condition_has_a_period_that_protheus_knows(
    trio: Trio, period: str
) -> None:
    """From the day, after it, after the week, fortnight, month or ten days; another is explained."""
    whole = trio.whole(RM, "PaymentCondition", "3.000")
    whole = replace(whole, changes={"DaysCondition": period})
    report = await trio.rm.post(whole.write())

    known = period != "7"
    assert report.outcome is (Outcome.DELIVERED if known else Outcome.REFUSED)
    assert trio.protheus.heard == ((whole.uuid,) if known else ())
    if not known:
        assert code_of(report) == "VALUE_NOT_LISTED"
        assert "DaysCondition" in str(report.fault)
        assert "1, 2, 3, 4, 5, 6" in str(report.response and report.response.notes[0].text)


@pytest.mark.rule("T-83")
async def test_the_apportionment_of_an_employee_has_no_place(trio: Trio) -> None:
    """Whoever sends it is told so, and nothing of it reaches Protheus."""
    whole = trio.whole(RM, "Employee", "2.003")
    shares = b"<ListOfApportionEmployee><Percentual>50</Percentual></ListOfApportionEmployee>"
    end = b"</BusinessContent>"
    report = await trio.rm.post(whole.write().replace(end, shares + end))
    plain = await trio.rm.post(replace(whole, uuid="u-plain").write())

    assert report.outcome is Outcome.REFUSED
    assert "ListOfApportionEmployee" in str(report.fault)
    assert plain.outcome is Outcome.DELIVERED, plain.fault
    assert trio.protheus.heard == ("u-plain",)


@pytest.mark.rule("T-64")
async def test_an_asset_with_a_history_of_values_is_refused(trio: Trio) -> None:
    """One line of values is what goes; of a deletion nothing is asked."""
    whole = replace(trio.whole(RM, "Assets", "1.001"), changes={})
    gone = replace(whole, uuid="u-gone", event=Event.DELETE)
    report = await trio.rm.post(whole.write())

    assert code_of(report) == "TOO_MANY_FOR_READER"
    await trio.rm.post(gone.write())
    assert trio.protheus.heard == ("u-gone",)


@pytest.mark.rule("T-49")
async def test_a_sixth_currency_is_refused_before_it_is_sent(trio: Trio) -> None:
    """Protheus takes five; one that it has still changes, and a place that is free is taken."""
    first = trio.whole(RM, "Currency", "2.001")
    for number in range(1, 6):
        each = replace(first, code=str(number), uuid=f"u-{number}")
        assert (await trio.rm.post(each.write())).outcome is Outcome.DELIVERED
    sixth = replace(first, code="6", uuid="u-6")
    report = await trio.rm.post(sixth.write())
    again = await trio.rm.post(replace(first, code="5", uuid="u-5-again").write())
    gone = replace(first, code="1", uuid="u-gone", event=Event.DELETE)
    await trio.rm.post(gone.write())
    later = await trio.rm.post(replace(sixth, uuid="u-6-again").write())

    assert (report.outcome, code_of(report)) == (Outcome.REFUSED, "READER_IS_FULL")
    assert "u-6" not in trio.protheus.heard
    assert again.outcome is later.outcome is Outcome.DELIVERED
    assert len(trio.protheus.erp.tables.of("CTO")) == 5


@pytest.mark.rule("T-135")
async def test_characters_that_protheus_ignores_are_left_out_and_told(trio: Trio) -> None:
    """It gets the text without them, and the trace says which they were."""
    name = "Fil\x81tro \x9dÁgua"
    whole = replace(trio.whole(RM, "Item", "4.005"), changes={"Name": name})
    await trio.rm.post(whole.write())
    (row,) = trio.protheus.erp.tables.of("SB1")
    (warning,) = (await trio.trace(whole.uuid)).message.faults

    assert row.values["Name"] == "Filtro Água"
    assert warning.code == "CHARACTERS_LEFT_OUT"
    assert "U+0081, U+009D" in warning.reason("pt")


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ("{Item: {Name: {longest: 3}}}", "TOO_LONG_FOR_READER"),
        ("{Item: {UnitOfMeasureCode: {among: [KG, CX]}}}", "VALUE_UNKNOWN_TO_READER"),
        ("{Item: {Detail: {ignored: true}}}", "IGNORED_BY_READER"),
        ("{Item: {Name: {}}}", ""),
    ],
)
async def test_an_admin_says_what_an_application_can_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: str, code: str
) -> None:
    """In routes.yaml; a value that is lost there warns, and the message goes."""
    added = (OF_PROTHEUS, f"{OF_PROTHEUS}    limits: {limits}\n")
    async with back_office(tmp_path, monkeypatch, added) as trio:
        whole = trio.whole(RM, "Item", "4.005")
        report = await trio.rm.post(whole.write())
        told = {fault.code for fault in (await trio.trace(whole.uuid)).message.faults}

    assert told == ({code} if code else set())
    goes = code in {"", "IGNORED_BY_READER"}
    assert report.outcome is (Outcome.DELIVERED if goes else Outcome.REFUSED)


async def test_a_widened_field_is_declared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of what is usual for the product: the bus then lets it through."""
    said = "    limits: {CostCenter: {Code: {longest: 25}}}\n    holds: {Currency: 0}\n"
    async with back_office(tmp_path, monkeypatch, (OF_PROTHEUS, OF_PROTHEUS + said)) as trio:
        trio_whole = trio.whole(RM, "CostCenter", "2.000")
        whole = replace(trio_whole, changes={"Code": "9" * 25})
        await trio.rm.post(whole.write())

        assert trio.protheus.heard == (whole.uuid,)
        assert not trio.run.bus.deployment.applications["protheus"].holds
