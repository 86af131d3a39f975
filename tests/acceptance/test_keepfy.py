"""A running bus between a simulated Keepfy and a simulated Omie: the life of a service order."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.keepfy.simulated.orders import Told, labour
from adapters.simulation.behaviour import Conduct, ScriptedConduct
from bus.core.delivery import State
from tests.support.keepfy_bus import A_MINUTE, Workshop, order, workshop


def items_of(shop: Workshop, row: dict[str, object]) -> list[tuple[str, Decimal]]:
    """The codes and quantities of a requisition."""
    items = row["ItensReqCompra"]
    assert isinstance(items, list)
    return [(shop.app.products[one["codProd"]]["codigo"], Decimal(one["qtde"])) for one in items]


@pytest.mark.rule("K-21", "K-25", "K-26")
async def test_a_forecast_makes_a_requisition_for_each_labour(tmp_path: Path) -> None:
    """Two labours with two materials each: exactly two requisitions of two items, and no exit."""
    async with workshop(tmp_path) as shop:
        await shop.carried_out(order().forecast(*shop.two_by_two()))

        rows, exits, methods = shop.requisitions(), shop.exits(), shop.methods()
        told = [items_of(shop, row) for row in rows]
    assert methods == ["IncluirReq"] * 2
    assert told == [
        [("PAR", Decimal(2)), ("KIT", Decimal(1))],
        [("PAR", Decimal(3)), ("KIT", Decimal("4.5"))],
    ]
    assert {row["dtSugestao"] for row in rows} == {"03/02/2026"}
    assert {row["obsIntReqCompra"] for row in rows} == {"OS OS 7"}
    assert exits == []


@pytest.mark.rule("K-33", "K-34", "K-35", "K-36", "K-38")
async def test_a_report_makes_an_exit_for_each_material_of_each_labour(tmp_path: Path) -> None:
    """Four in all, with quantities and codes of their own, on the day that was worked."""
    async with workshop(tmp_path) as shop:
        await shop.carried_out(order().report(*shop.two_by_two()))

        rows, requisitions = shop.exits(), shop.requisitions()
        codes = [shop.app.products[row["id_prod"]]["codigo"] for row in rows]
    assert list(zip(codes, [Decimal(row["quan"]) for row in rows], strict=True)) == [
        ("PAR", Decimal(2)),
        ("KIT", Decimal(1)),
        ("PAR", Decimal(3)),
        ("KIT", Decimal("4.5")),
    ]
    assert len({row["cod_int_ajuste"] for row in rows}) == 4
    assert {(row["tipo"], row["data"]) for row in rows} == {("SAI", "03/02/2026")}
    assert requisitions == []


async def test_a_material_that_changes_in_omie_is_the_same_in_keepfy(tmp_path: Path) -> None:
    """Its record there is changed, and its id stays: what names it goes on."""
    async with workshop(tmp_path) as shop:
        before, came = dict(shop.keepfy.branch.own_ids), len(shop.keepfy.branch.came)
        screws = shop.material("1", "PAR", 2)
        shop.app.keep_product("PAR", "Parafuso inox")
        shop.passed.seconds += A_MINUTE
        shop.omie.pass_time(A_MINUTE)
        shop.run.bus.poller.wake("omie")
        async with asyncio.timeout(20):
            while len(shop.keepfy.branch.came) == came:  # noqa: ASYNC110 - books have no event
                await asyncio.sleep(0.02)

        await shop.carried_out(order().report(labour("A", screws)))

        names = [row["Name"] for row in shop.keepfy.branch.registers["ITEM"].values()]
        exits = [Decimal(row["quan"]) for row in shop.exits()]
        after = shop.keepfy.branch.own_ids
    assert sorted(names) == ["Kit de vedação", "Parafuso inox"]
    assert after == before
    assert exits == [2]


@pytest.mark.rule("K-22", "K-29")
async def test_an_event_that_comes_again_makes_nothing(tmp_path: Path) -> None:
    """Nor does a later revision of a labour that it did not change."""
    async with workshop(tmp_path) as shop:
        one = order()
        event = one.forecast(*shop.two_by_two())
        first = await shop.carried_out(event)
        again = await shop.carried_out(event)
        _, same = shop.two_by_two()
        later = await shop.carried_out(one.forecast({**same, "changedIn": 1}))

        assert shop.methods() == ["IncluirReq"] * 2
    assert [row.message for row in first] == [row.message for row in again]
    assert later[0].message == first[1].message


@pytest.mark.rule("K-14", "K-16")
@pytest.mark.parametrize(
    ("transaction", "content"),
    [
        ("ITEM", {"Code": "NEW", "InternalId": "kf-9", "Name": "Novo"}),
        ("WAREHOUSE", {"Code": "NEW", "InternalId": "kf-9", "Description": "Novo"}),
    ],
)
async def test_a_register_of_omies_is_refused_from_keepfy(
    tmp_path: Path, transaction: str, content: dict[str, str]
) -> None:
    """With who owns it; it is kept as rejected, and goes nowhere."""
    header = {
        "UUID": "5d9bb8c8-0f0c-4c50-8a4e-0f4f3c1d2b3a",
        "Type": "BusinessMessage",
        "Transaction": transaction,
        "ProductName": "KEEPFY",
        "Event": "upsert",
    }
    async with workshop(tmp_path) as shop:
        said = await shop.post({"Header": header, "Content": content})

        assert await shop.sent() == [transaction.capitalize()]
        assert shop.methods() == []
    (fault,) = said.answer["errors"]
    assert (said.status, fault["code"]) == (422, "NO_ROUTE")
    assert "omie" in fault["hint"]


@pytest.mark.rule("K-20")
async def test_an_event_that_is_wrong_is_refused_whole(tmp_path: Path) -> None:
    """Nothing of it is kept, though its first labour is right; Omie is not called."""
    async with workshop(tmp_path) as shop:
        right, wrong = shop.two_by_two()
        del wrong["materials"][1]["locationId"]
        said = await shop.post(order().forecast(right, wrong))

        assert await shop.sent() == []
        assert shop.methods() == []
    (fault,) = said.answer["errors"]
    assert (said.status, fault["path"]) == (422, "/labours/1/materials/1")
    assert "local de estoque" in fault["message"]


async def test_an_answer_of_omies_that_is_lost_doubles_nothing(tmp_path: Path) -> None:
    """The bus finds what was made by its code."""
    async with workshop(tmp_path) as shop:
        shop.omie.behave(ScriptedConduct(Conduct.DROP_AFTER))
        await shop.carried_out(order().forecast(*shop.two_by_two()))

        assert len(shop.requisitions()) == 2


async def test_one_service_order_goes_in_its_order_and_holds_up_no_other(tmp_path: Path) -> None:
    """What is refused for one keeps the other kinds of the same waiting, and no other order."""
    async with workshop(tmp_path) as shop:
        one, other = order(), order("os-8")
        shop.omie.behave(ScriptedConduct(Conduct.REFUSE, text="preenchimento obrigatório"))
        first = await shop.post(one.forecast(shop.two_by_two()[0]))
        await shop.ended(first.answer["messages"][0], State.REFUSED)
        report = await shop.post(one.report(shop.two_by_two()[0]))
        await shop.carried_out(other.report(shop.two_by_two()[0]))

        (message,) = report.answer["messages"]
        row = await shop.ended(message, *State)
        notes = [one["obs"] for one in shop.exits()]
    assert row.state is State.WAITING
    assert notes == ["OS OS 8"] * 2


@pytest.mark.rule("K-31")
async def test_the_last_material_gone_leaves_no_requisition(tmp_path: Path) -> None:
    """Nor does a labour that is gone; the other labour keeps its own."""
    async with workshop(tmp_path) as shop:
        one = order()
        first, second = shop.two_by_two()
        await shop.carried_out(one.forecast(first, second, labour("C", first["materials"][0])))
        gone = [{**line, "removed": True} for line in first["materials"]]
        event = one.forecast(
            {**first, "materials": gone}, {"id": "C", "kind": "labour", "removed": True}
        )
        await shop.carried_out(event)

        (left,) = shop.requisitions()
        assert [code for code, _ in items_of(shop, left)] == ["PAR", "KIT"]
        assert shop.methods() == ["IncluirReq"] * 3 + ["ExcluirReq"] * 2


@pytest.mark.rule("K-27", "K-28")
async def test_a_forecast_that_changes_follows_the_policy(tmp_path: Path) -> None:
    """By the manual: the first is altered, a new one is made, and nothing is deleted."""
    async with workshop(tmp_path) as shop:
        one = order()
        first, second = shop.two_by_two()
        await shop.carried_out(one.forecast(first, second))
        moved = {"start": "2026-02-09T08:00:00", "end": "2026-02-09T17:00:00"}
        await shop.carried_out(one.forecast({**first, "period": moved}, {**second, "changedIn": 1}))

        assert shop.methods() == ["IncluirReq", "IncluirReq", "AlterarReq", "IncluirReq"]
        assert [row["dtSugestao"] for row in shop.requisitions()] == [
            "09/02/2026",
            "03/02/2026",
            "09/02/2026",
        ]


@pytest.mark.rule("K-30", "K-31")
async def test_a_material_that_is_removed_leaves_a_requisition_of_the_others(
    tmp_path: Path,
) -> None:
    """The first is deleted before the new one is made."""
    async with workshop(tmp_path) as shop:
        one = order()
        (first, _) = shop.two_by_two()
        await shop.carried_out(one.forecast(first))
        left, gone = first["materials"]
        await shop.carried_out(
            one.forecast({**first, "materials": [left, {**gone, "removed": True}]})
        )

        (row,) = shop.requisitions()
        assert [code for code, _ in items_of(shop, row)] == ["PAR"]
        assert shop.methods() == ["IncluirReq", "ExcluirReq", "IncluirReq"]


@pytest.mark.rule("K-32")
async def test_a_cancelled_order_leaves_no_requisition(tmp_path: Path) -> None:
    """Also where it was told twice, and after a change; what was used stays taken out."""
    async with workshop(tmp_path) as shop:
        one = order()
        first, second = shop.two_by_two()
        await shop.carried_out(one.forecast(first, second))
        await shop.carried_out(one.forecast({**first, "materials": first["materials"][:1]}))
        await shop.carried_out(one.report(second))
        cancelled = one.cancel("A", "B", reason="Máquina vendida")
        await shop.carried_out(cancelled)
        await shop.carried_out(cancelled)

        assert shop.requisitions() == []
        assert len(shop.exits()) == 2


@pytest.mark.rule("K-37", "K-38", "K-39")
@pytest.mark.parametrize("what", ["quantity", "location", "material", "date"])
async def test_a_report_that_changes_replaces_the_exits_that_changed(
    tmp_path: Path, what: str
) -> None:
    """Told whole again; of a line the other keeps its exit, by another day both are replaced."""
    async with workshop(tmp_path) as shop:
        one = order()
        first, second = shop.two_by_two()
        await shop.carried_out(one.report(first, second))
        before = shop.exits()
        screws, kits = first["materials"]
        later: dict[str, Told] = {
            "quantity": {"materials": [{**screws, "quantity": 9}, kits]},
            "location": {
                "materials": [{**screws, "locationId": shop.own("Warehouse", "OFICINA")}, kits]
            },
            "material": {"materials": [{**screws, "itemId": kits["itemId"]}, kits]},
            "date": {"period": {"start": "2026-02-04T08:00:00", "end": "2026-02-04T09:00:00"}},
        }
        await shop.carried_out(one.report({**first, **later[what]}, second))

        after = shop.exits()
        count = 2 if what == "date" else 1
        changes = shop.methods()[4:]
    assert changes == ["ExcluirAjusteEstoque", "IncluirAjusteEstoque"] * count
    assert len([row for row in before if row in after]) == 4 - count
    assert len(after) == 4


@pytest.mark.rule("K-40")
async def test_what_is_removed_from_a_report_leaves_no_exit(tmp_path: Path) -> None:
    """A line, or a labour with all of its lines; the others keep theirs."""
    async with workshop(tmp_path) as shop:
        one = order()
        first, second = shop.two_by_two()
        await shop.carried_out(one.report(first, second))
        before = shop.exits()
        kept, gone = first["materials"]
        lines = [kept, {**gone, "removed": True}]
        event = one.report({**first, "materials": lines}, {**second, "removed": True})
        await shop.carried_out(event)

        assert shop.exits() == before[:1]
        assert shop.methods()[4:] == ["ExcluirAjusteEstoque"] * 3
