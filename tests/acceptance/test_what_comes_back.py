"""The routes that ship, over SOAP: what was written off by one side is not written off again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bus.core.delivery import Reason, State
from bus.core.outcome import Outcome
from bus.journal.commands import ChangeDepara
from depara.model import Key, Link, Member, Source
from tests.support.back_office import PROTHEUS, RM, Trio, back_office, code_of
from tests.support.full_messages import Whole, id_of

WRITE_OFF = ("StockTurnover", "1.006")


@pytest.fixture
async def trio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Trio]:
    """RM, Protheus, and the bus between them."""
    async with back_office(tmp_path, monkeypatch) as trio:
        yield trio


@pytest.mark.rule("T-35", "T-172", "X-16")
@pytest.mark.parametrize("sender", [RM, PROTHEUS])
async def test_a_write_off_that_comes_back_is_not_written_off_twice(
    trio: Trio, sender: str
) -> None:
    """Under the id that its reader gave it; the same write-off under another id is a second one."""
    mine, other = trio.sides(sender)
    reader = PROTHEUS if sender == RM else RM
    whole = trio.whole(sender, *WRITE_OFF)
    await mine.post(whole.write())
    await pair_references(trio, sender, reader, whole)
    (given,) = other.erp.pairs.find(mine.product.name, "StockTurnover", whole.own_id)

    back = replace(trio.whole(reader, *WRITE_OFF), uuid="u-back")
    echo = await other.post(back.write().replace(back.own_id.encode(), given.encode()))
    row = (await trio.reaches("u-back", State.DISCARDED)).deliveries[0]
    heard = mine.heard
    second = await other.post(replace(back, uuid="u-second").write())

    assert (echo.outcome, code_of(echo), row.reason) == (Outcome.DELIVERED, "ECHO", Reason.ECHO)
    assert echo.response is not None
    assert [(one.origin, one.destination) for one in echo.response.ids] == [(given, whole.own_id)]
    assert heard == ()
    assert second.outcome is Outcome.DELIVERED, second.fault
    assert mine.heard == ("u-second",)


async def pair_references(trio: Trio, sender: str, reader: str, whole: Whole) -> None:
    """The bus knows what the message refers to, as after the load of the registers."""
    its = trio.sides(sender)[1].product.name
    links = tuple(
        Link(
            Member(Key(entity, sender, "", id_)),
            (Member(Key(entity, reader, "", id_of(its, entity, id_.rpartition(" ")[2]))),),
        )
        for entity, id_ in whole.references()
    )
    asked = ChangeDepara("ana", Source.PERSON, links=links)
    await trio.run.bus.ports.crossreference.amend(asked)
