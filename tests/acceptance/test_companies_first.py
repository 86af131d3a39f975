"""The routes that ship, over SOAP: no company without a pair, and none of a second group."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bus.core.delivery import State
from bus.core.outcome import Outcome
from bus.journal.commands import ChangeDepara
from depara.model import Key, Link, Member, Source
from tests.support.back_office import PROTHEUS, RM, Trio, back_office, code_of, contract
from tests.support.full_messages import Whole


@pytest.fixture
async def trio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Trio]:
    """RM, Protheus, and the bus between them, which knows the companies that both have."""
    async with back_office(tmp_path, monkeypatch) as trio:
        yield trio


@pytest.mark.rule("T-09")
@pytest.mark.parametrize(
    ("sender", "named", "version"),
    [
        (RM, "Currency", "2.001"),
        (RM, "InfoOfParcelValues", "1.000"),
        (PROTHEUS, "StockTurnover", "1.006"),
    ],
)
async def test_of_a_company_without_a_pair_nothing_is_sent(
    trio: Trio, sender: str, named: str, version: str
) -> None:
    """Register or movement: who waits is told what is missing, and how it is entered."""
    mine, other = trio.sides(sender)
    report = await mine.post(of_company("99", trio.whole(sender, named, version).write()))

    assert (report.outcome, code_of(report)) == (Outcome.REFUSED, "COMPANY_MISSING")
    assert f"{sender}:99|99" in str(report.fault)
    assert other.heard == ()


@pytest.mark.rule("T-09")
async def test_what_waits_for_its_company_goes_when_it_is_entered(trio: Trio) -> None:
    """An asynchronous movement is not lost, and not sent before."""
    whole = replace(trio.whole(PROTHEUS, "StockTurnover", "1.006"), mode=None)
    await trio.protheus.post(of_company("99", whole.write()))
    await trio.reaches(whole.uuid, State.AWAITING_DEPARA)
    heard = trio.rm.heard
    pair = Link(
        Member(Key("Company", PROTHEUS, "", "99|99")), (Member(Key("Company", RM, "", "9|9")),)
    )
    bus = trio.run.bus
    asked = ChangeDepara("ana", Source.PERSON, links=(pair,))
    bus.dispatcher.wake((await bus.ports.crossreference.amend(asked)).woken)

    await trio.reaches(whole.uuid, State.DELIVERED)
    assert (heard, trio.rm.heard) == ((), (whole.uuid,))


@pytest.mark.rule("T-12")
async def test_a_load_that_names_a_second_company_group_is_refused(trio: Trio) -> None:
    """Protheus has one group: nothing of the load is sent, and the refusal names both."""
    report = await trio.rm.post(load_of_branch(trio, "2|1", "02;01").write())
    same = await trio.rm.post(load_of_branch(trio, "1|2", "01;02").write())

    assert (report.outcome, code_of(report)) == (Outcome.REFUSED, "SECOND_COMPANY_GROUP")
    assert "“02|01” é do grupo de empresas 02, e protheus tem um só grupo: 01" in str(report.fault)
    assert same.outcome is Outcome.DELIVERED, same.fault
    assert trio.protheus.heard == ("u-1|2",)
    assert await trio.pairs(RM, "Company", "1|2") == {(RM, "1|2"), (PROTHEUS, "01|02")}


def load_of_branch(trio: Trio, own: str, there: str) -> Whole:
    """A load of one branch: RM's key, and the code that Protheus has."""
    record = "ListOfEntity/Entity/ListOfInternalIdLoad/InternalIdLoad"
    changes = {
        "ListOfEntity/Entity/EntityName": "Branch",
        f"{record}/NewIntegrationId": own,
        f"{record}/IntegrationId": there,
    }
    load = contract("InternalIdLoad", "1.000")
    return Whole(load, trio.rm.product, RM, f"u-{own}", changes=changes)


def of_company(code: str, body: bytes) -> bytes:
    """The same message, of another company and branch in its header."""
    for name in (b"CompanyId", b"BranchId"):
        body = re.sub(b"(<" + name + b">)[^<]*", rb"\g<1>" + code.encode(), body, count=1)
    return body
