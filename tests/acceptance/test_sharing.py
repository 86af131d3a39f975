"""Three apps of a simulated Omie share their registers over a running bus."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from adapters.omie.simulator import OmieSimulator
from bus.core.delivery import Reason
from bus.wiring import open_codec
from tests.support.omie_apps import only
from tests.support.omie_group import MAIN, ONE, TWO, Group, group

CODEC = open_codec()
CNPJ = "11.222.333/0001-81"
TESTED = "529.982.247-25"
DOUBLE = "TAKEN_FOR_ANOTHER"


def filled(omie: OmieSimulator) -> None:
    """The origin has products and clients; a branch has some of them already, and one of its own."""
    price = Decimal("12.50")
    omie.app(MAIN).keep_product("FLT-1", "Filtro de óleo", valor_unitario=price)
    omie.app(MAIN).keep_product("PRD09127656534", "Correia", valor_unitario=price)
    omie.app(MAIN).keep_customer(CNPJ, "Oficina Central Ltda")
    omie.app(MAIN).keep_customer("", "Cliente do balcão")
    omie.app(ONE).keep_product("FLT-1", "Filtro antigo")
    omie.app(ONE).keep_product("SO-AQUI", "Graxa")
    omie.app(ONE).keep_customer("11222333000181", "Oficina")
    omie.app(ONE).keep_product("CORREIA-9", "CORREIA")


def fates(preview: dict[str, object]) -> set[tuple[str, str, str, int]]:
    """What a preview counts."""
    counts = preview["counts"]
    assert isinstance(counts, list)
    return {(one["application"], one["entity"], one["fate"], one["count"]) for one in counts}


@pytest.mark.rule("O-04", "O-08", "O-12", "X-11")
async def test_a_preview_tells_what_would_become_of_each_register(tmp_path: Path) -> None:
    """By application; and changes nothing, in no app."""
    async with group(CODEC, tmp_path, filled) as bus:
        await bus.read_up()
        preview = await bus.told("preview", "grupo")
        words = (await bus.command("preview", "grupo")).output
        changed = [bus.changes(name) for name in (MAIN, ONE, TWO)]

    assert fates(preview) == {
        (ONE, "Item", "overwritten", 1),
        (ONE, "Item", "created", 1),
        (ONE, "Item", "duplicate", 1),
        (ONE, "Item", "kept", 2),
        (ONE, "CustomerVendor", "overwritten", 1),
        (ONE, "CustomerVendor", "skipped", 1),
        (TWO, "Item", "created", 2),
        (TWO, "CustomerVendor", "created", 1),
        (TWO, "CustomerVendor", "skipped", 1),
    }
    assert changed == [[], [], []]
    assert "Cliente do balcão" in words
    assert "seriam sobrescritos" in words
    assert f"--confirm {preview['hash']}" in words


@pytest.mark.rule("O-11")
async def test_an_origin_that_may_not_include_begins_with_nothing(tmp_path: Path) -> None:
    """The preview says so, and so it is: what matches has no pair yet, and stays."""
    async with group(CODEC, tmp_path, filled, main="[edit]") as bus:
        preview = await bus.activated()
        changed = [bus.changes(name) for name in (MAIN, ONE, TWO)]

    assert {fate for _, _, fate, _ in fates(preview)} == {
        "forbidden", "duplicate", "kept", "skipped"
    }  # fmt: skip
    assert (TWO, "Item", "forbidden", 2) in fates(preview)
    assert changed == [[], [], []]


@pytest.mark.rule("O-02", "O-04", "O-15", "O-16", "O-25", "O-28", "O-29", "X-11")
async def test_activation_brings_all_that_the_origin_has(tmp_path: Path) -> None:
    """What matches is the origin's now, what does not is kept, and nothing comes to the origin."""
    async with group(CODEC, tmp_path, filled) as bus:
        await bus.activated()
        origin, one, two = (bus.products(name) for name in (MAIN, ONE, TWO))
        clients = [
            sorted(row["razao_social"] for row in bus.app(name).customers.values())
            for name in (MAIN, ONE, TWO)
        ]
        changed = bus.changes(MAIN)
        found = await bus.messages()
        listed = (await bus.command("list")).output
        counted = await bus.metrics()

    assert origin == two == {"FLT-1": "Filtro de óleo", "PRD09127656534": "Correia"}
    assert one == {**origin, "SO-AQUI": "Graxa", "CORREIA-9": "CORREIA"}
    assert changed == []
    assert clients == [
        ["Cliente do balcão", "Oficina Central Ltda"],
        ["Oficina Central Ltda"],
        ["Oficina Central Ltda"],
    ]
    skipped = [row for _, rows in found for row in rows if row.why == "NO_DOCUMENT"]
    assert len(skipped) == 2
    labels = 'reason="NO_DOCUMENT",route="grupo:matriz",transaction="CustomerVendor"'
    assert f"bus_deliveries_not_shared_total{{{labels}}} 2.0" in counted
    assert "ativa" in listed


def with_families(omie: OmieSimulator) -> None:
    """A product of a family, which one branch has by another id, and the other has not."""
    omie.app(TWO).new_id()
    for name, families in ((MAIN, ("ÓLEO", "FLT")), (ONE, ("FLT",))):
        found = {code: omie.app(name).keep_family(code, code.title()) for code in families}
        if name == MAIN:
            product = {"codigo_familia": found["FLT"], "valor_unitario": 1}
            omie.app(MAIN).keep_product("FLT-1", "Filtro", **product)


@pytest.mark.rule("O-23")
async def test_families_go_before_the_products_that_name_them(tmp_path: Path) -> None:
    """Each app has them by its own ids, and a product its own family."""
    async with group(CODEC, tmp_path, with_families, entities="Family, Item") as bus:
        preview = await bus.activated()
        changed = {name: bus.changes(name) for name in (MAIN, ONE, TWO)}
        families = {
            name: {row["codigo"]: row["codFamilia"] for row in bus.app(name).families.values()}
            for name in (MAIN, ONE, TWO)
        }
        named = {name: only(bus.app(name).products)["codigo_familia"] for name in (MAIN, ONE, TWO)}

    assert (ONE, "Family", "overwritten", 1) in fates(preview)
    assert changed[MAIN] == []
    assert changed[TWO] == ["UpsertFamilia", "UpsertFamilia", "UpsertProduto"]
    assert changed[ONE].index("UpsertProduto") == len(changed[ONE]) - 1
    assert {name: families[name][named[name]] for name in named} == dict.fromkeys(named, "FLT")
    assert len(set(named.values())) == 3


@pytest.mark.rule("O-02", "O-06")
async def test_three_apps_come_to_rest_after_each_change(tmp_path: Path) -> None:
    """One change in an app is one call in each of the others, however often all are read."""
    async with group(CODEC, tmp_path, filled) as bus:
        await bus.activated()
        counted = {}
        for where, name in ((MAIN, "Filtro A"), (ONE, "Filtro B")):
            before = [len(bus.changes(app)) for app in (MAIN, ONE, TWO)]
            bus.pass_time(61)
            bus.app(where).keep_product("FLT-1", name)
            await bus.rests()
            assert _all_have(bus, name)
            after = [len(bus.changes(app)) for app in (MAIN, ONE, TWO)]
            counted[where] = [b - a for a, b in zip(before, after, strict=True)]

    assert counted == {MAIN: [0, 1, 1], ONE: [1, 0, 1]}


def _all_have(bus: Group, description: str) -> bool:
    return all(bus.products(name)["FLT-1"] == description for name in (MAIN, ONE, TWO))


@pytest.mark.rule("O-06", "O-14")
async def test_what_an_app_may_not_stays_there_and_is_told(tmp_path: Path) -> None:
    """A branch without permissions keeps its change for itself."""
    async with group(CODEC, tmp_path, filled) as bus:
        await bus.activated()
        before = [len(bus.changes(name)) for name in (MAIN, ONE)]
        bus.pass_time(61)
        bus.app(TWO).keep_product("FLT-1", "Filtro da filial 2")
        await bus.rests()
        after = [len(bus.changes(name)) for name in (MAIN, ONE)]
        rows = [row for row, _ in await bus.messages() if row.sender == TWO]
        last = await bus.run.bus.history.trace(rows[-1].id)

    assert before == after
    assert last
    assert {row.reason for row in last.deliveries} == {Reason.NOT_PERMITTED}


@pytest.mark.rule("O-04")
async def test_a_client_whose_document_is_filled_in_later_is_shared(tmp_path: Path) -> None:
    """From then on, like any other."""
    async with group(CODEC, tmp_path, filled) as bus:
        await bus.activated()
        bus.pass_time(61)
        app = bus.app(MAIN)
        row = next(one for one in app.customers.values() if not one["cnpj_cpf"])
        row["cnpj_cpf"] = TESTED
        app.keep_customer(TESTED, "Cliente do balcão")
        await bus.rests()

        assert len(bus.app(TWO).customers) == 2


@pytest.mark.rule("O-17", "O-18", "O-19", "O-20")
async def test_one_app_leaves_and_the_others_go_on(tmp_path: Path) -> None:
    """It keeps what it has, nothing is deleted, and no change reaches it from then on."""
    async with group(CODEC, tmp_path, filled) as bus:
        await bus.activated()
        kept = bus.products(TWO)
        told = await bus.told("stop", "grupo", TWO, "--queued", "cancel")
        bus.pass_time(61)
        bus.app(MAIN).keep_product("FLT-1", "Filtro novo")
        await bus.rests()
        others, left = bus.products(ONE), bus.products(TWO)
        changed = bus.changes(TWO)

    assert told == {"cancelled": 0}
    assert others["FLT-1"] == "Filtro novo"
    assert left == kept
    assert not [method for method in changed if method.startswith("Excluir")]


@pytest.mark.rule("O-17")
async def test_what_waits_for_an_app_that_leaves_is_cancelled(tmp_path: Path) -> None:
    """And does not come there once it could."""
    async with group(CODEC, tmp_path, filled) as bus:
        await bus.activated()
        kept = bus.products(TWO)
        bus.pass_time(61)
        bus.omie.block(TWO, 600)
        bus.app(MAIN).keep_product("FLT-1", "Filtro novo")
        await bus.until(lambda: bus.products(ONE)["FLT-1"] == "Filtro novo")
        await bus.waiting_for(TWO)
        told = await bus.told("stop", "grupo", TWO, "--queued", "cancel")
        bus.pass_time(601)
        await bus.rests()

        assert told == {"cancelled": 1}
        assert bus.products(TWO) == kept


async def test_a_group_that_begins_anew_has_what_changed_meanwhile(tmp_path: Path) -> None:
    """All that the origin has goes once more, under the preview of now."""
    async with group(CODEC, tmp_path, filled) as bus:
        await bus.activated()
        await bus.told("stop", "grupo", "--queued", "cancel")
        bus.pass_time(61)
        bus.app(MAIN).keep_product("FLT-1", "Filtro novo")
        await bus.rests()
        stopped = bus.products(TWO)["FLT-1"]
        bus.pass_time(61)
        await bus.activated()

        assert (stopped, bus.products(TWO)["FLT-1"]) == ("Filtro de óleo", "Filtro novo")
        assert bus.products(ONE)["FLT-1"] == "Filtro novo"


@pytest.mark.rule("O-12", "O-16")
async def test_another_preview_than_the_one_that_was_read_confirms_nothing(tmp_path: Path) -> None:
    """What came since must be read first; nothing was activated."""
    async with group(CODEC, tmp_path, filled) as bus:
        await bus.read_up()
        preview = await bus.told("preview", "grupo")
        bus.pass_time(61)
        bus.app(ONE).keep_product("PRD09127656534", "Correia da filial")
        refused = await bus.command("activate", "grupo", "--confirm", preview["hash"])
        standing = (await bus.told("list"))["members"]

    assert refused.exit_code == 1
    assert "bus sharing preview grupo" in refused.output
    assert {one["how"] for one in standing} == {""}


@pytest.mark.rule("O-15")
async def test_an_activation_that_is_repeated_doubles_nothing(tmp_path: Path) -> None:
    """It goes on where it was broken off: what was sent is not sent again."""
    async with group(CODEC, tmp_path, filled) as bus:
        preview = await bus.activated()
        before = [bus.changes(name) for name in (MAIN, ONE, TWO)]
        await bus.told("activate", "grupo", "--confirm", preview["hash"])
        await bus.rests()

        assert [bus.changes(name) for name in (MAIN, ONE, TWO)] == before


async def test_a_group_that_there_is_not_is_told_with_the_nearest(tmp_path: Path) -> None:
    """By `preview`, as by all others."""
    async with group(CODEC, tmp_path) as bus:
        refused = await bus.command("preview", "grup")

    assert refused.exit_code != 0
    assert "Seria “grupo”?" in refused.output


@pytest.mark.rule("O-13")
async def test_an_app_whose_key_is_wrong_is_refused(tmp_path: Path) -> None:
    """A preview reads all of them, and names the one that does not let the bus in."""
    async with group(CODEC, tmp_path, filled) as bus:
        await bus.read_up()
        bus.pass_time(61)
        told = {"app_key": TWO, "app_secret": "another"}
        async with aiohttp.ClientSession() as http:
            await http.post(URL(bus.omie.address).origin() / "simulator/apps", json=told)
        refused = await bus.command("preview", "grupo")

    assert refused.exit_code != 0
    assert TWO in refused.output


async def test_what_is_not_read_up_is_not_activated(tmp_path: Path) -> None:
    """Else what a branch had before would be taken for new."""

    def closed(omie: OmieSimulator) -> None:
        filled(omie)
        omie.block(TWO, 600)

    async with group(CODEC, tmp_path, closed) as bus:
        refused = await bus.command("activate", "grupo", "--confirm", "000")
        standing = (await bus.told("list"))["members"]

    assert refused.exit_code == 1
    assert "ainda não leu" in refused.output
    assert {one["how"] for one in standing} == {""}


async def test_a_second_client_with_one_document_harms_no_record(tmp_path: Path) -> None:
    """All keep the first, the origin both; a person is told which two they are."""
    async with group(CODEC, tmp_path) as bus:
        await bus.activated()
        bus.pass_time(61)
        first = bus.app(MAIN).keep_customer(CNPJ, "Nova A")
        await bus.rests()
        bus.pass_time(61)
        second = bus.app(MAIN).keep_customer("11222333000181", "Nova A dup")
        await bus.rests()
        names = [
            sorted(row["razao_social"] for row in bus.app(name).customers.values())
            for name in (MAIN, ONE, TWO)
        ]
        changed = [bus.changes(name) for name in (MAIN, ONE, TWO)]
        refused = [
            (m, row) for m, rows in await bus.messages() for row in rows if row.why == DOUBLE
        ]
        trace = await bus.run.bus.history.trace(refused[0][0].id)

    assert names == [["Nova A", "Nova A dup"], ["Nova A"], ["Nova A"]]
    assert changed[0] == []
    assert [len(calls) for calls in changed[1:]] == [1, 1]
    assert {row.destination for _, row in refused} == {ONE, TWO}
    assert trace
    told = [one.fault.reason("pt") for one in trace.attempts if one.fault]
    assert all(str(first) in one and str(second) in one for one in told)
