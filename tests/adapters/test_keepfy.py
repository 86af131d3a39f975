"""The adapter for Keepfy does its duties, against a simulated one: the suites of the bus."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from adapters.keepfy import ADAPTER
from adapters.keepfy.kind import KeepfyKind
from adapters.keepfy.settings import settings_of
from adapters.keepfy.simulator import KeepfySimulator, keepfy_simulator
from adapters.simulation.behaviour import Conduct, ScriptedConduct
from adapters.simulation.desk import Setting
from bus.core.element import Element
from bus.core.outcome import Outcome, Report
from bus.core.route import Credentials
from bus.ports.adapter import Adapter, Parcel, Poll, Reader
from bus.ports.codec import Codec
from bus.testing.reader_suite import ReaderSuite
from bus.testing.suite import CREDENTIALS, AdapterSuite, Scene, Stage, nothing
from bus.wiring import open_codec
from tests.support.keepfy import application
from tests.support.omie import item, message

CODEC = open_codec()
WAREHOUSE = message(
    "Warehouse",
    "1.000",
    "<Code>CENTRAL</Code><InternalId>2500000002</InternalId><Description>Central</Description>"
    "<Active>true</Active>",
)
KEPT = b"CENTRAL 2500000002 Central"
DOUBT = (Outcome.UNKNOWN, "OUTCOME_UNKNOWN")
DENIED = (Outcome.UNREACHABLE, "LOGIN_REFUSED_BY_RECEIVER")
Play = Callable[[KeepfySimulator], None]


def meets(*conducts: Conduct, **how: Any) -> Play:
    """Meets the next messages so."""

    def play(keepfy: KeepfySimulator) -> None:
        keepfy.behave(*(ScriptedConduct(one, **how) for one in conducts))

    return play


def is_away(keepfy: KeepfySimulator) -> None:
    """Nobody listens: see `stage`."""


SCENES = (
    Scene("takes it", nothing, Outcome.DELIVERED),
    Scene("is away", is_away, Outcome.UNREACHABLE, "UNREACHABLE"),
    Scene("hangs up", meets(Conduct.DROP_BEFORE), *DOUBT),
    Scene("loses the answer", meets(Conduct.DROP_AFTER), *DOUBT),
    Scene("says a page", meets(Conduct.PAGE), *DOUBT, "no JSON"),
    Scene("says nothing", meets(Conduct.EMPTY), *DOUBT, "no JSON"),
    Scene("is cut", meets(Conduct.CUT), *DOUBT),
    Scene("fails", meets(Conduct.FAIL), *DOUBT, "no JSON"),
    Scene("answers another", meets(Conduct.WRONG_UUID), *DOUBT, "another message"),
    Scene(
        "is busy", meets(Conduct.BUSY, retry_after=7), Outcome.BUSY, "BUSY", "503", retry_after=7.0
    ),
    Scene("has had too many", meets(Conduct.TRY_AGAIN), Outcome.BUSY, "BUSY", "TOO_MANY_REQUESTS"),
    Scene(
        "refuses",
        meets(Conduct.REFUSE, text="O código já existe."),
        Outcome.REFUSED,
        "REFUSED",
        "O código já existe",
    ),
    Scene("does not know us", meets(Conduct.DENY, Conduct.DENY), *DENIED, "UNAUTHENTICATED"),
    Scene("wants another token", meets(Conduct.DENY), Outcome.DELIVERED),
)


class TestKeepfy(AdapterSuite, ReaderSuite):
    kind = ADAPTER
    message = WAREHOUSE
    arrives = KEPT
    scenes = SCENES
    mistakes = (
        ("address", "app.keepfy.com"),
        ("options.branch", " "),
        ("options.requisitions", "perhaps"),
        ("options.graphql", "app.keepfy.com/graphql"),
        ("options.customers", "Zebra=name"),
        ("options.customers", "Name=a b"),
        ("options.page", "501"),
    )

    @asynccontextmanager
    async def stage(self, scene: Scene) -> AsyncIterator[Stage]:
        """A branch of Keepfy that behaves as the scene says."""
        async with keepfy_simulator(CODEC, Setting(login=CREDENTIALS)) as keepfy:
            scene.play(keepfy)
            options = {"branch": "filial-1", "graphql": keepfy.graphql}

            def arrived() -> list[bytes]:
                return [told(one["Content"]) for one in keepfy.branch.came]

            if scene.play is is_away:
                with socket.socket() as unheard:
                    unheard.bind(("127.0.0.1", 0))
                    port = unheard.getsockname()[1]
                    yield Stage(f"http://127.0.0.1:{port}/", arrived, options)
                return
            yield Stage(keepfy.address, arrived, options)

    @asynccontextmanager
    async def filled(self) -> AsyncIterator[Stage]:
        """A branch with customers on several pages."""
        async with keepfy_simulator(CODEC, Setting(login=CREDENTIALS)) as keepfy:
            customers(keepfy, 7)
            options = {"branch": "filial-1", "graphql": keepfy.graphql, "page": "3"}
            yield Stage(keepfy.address, list, options | {"customers": "Name=name"})


def told(content: dict[str, Any]) -> bytes:
    """A location as the branch has it."""
    return " ".join(str(content[one]) for one in ("Code", "InternalId", "Description")).encode()


def customers(keepfy: KeepfySimulator, count: int) -> None:
    """Customers of the branch."""
    keepfy.branch.customers += [
        {"id": f"c{n}", "isActive": n != 2, "name": f"Cliente {n}", "cnpj": "11.222.333/0001-81"}
        for n in range(1, count + 1)
    ]


@asynccontextmanager
async def at_keepfy(
    login: Credentials | None = CREDENTIALS, **options: str
) -> AsyncIterator[tuple[KeepfySimulator, Adapter]]:
    """A simulated branch, and an adapter to it."""
    async with keepfy_simulator(CODEC, Setting(login=login)) as keepfy:
        told = application(keepfy.address, graphql=keepfy.graphql, **options)
        adapter = KeepfyKind().open(_with(told, CREDENTIALS), CODEC)
        try:
            yield keepfy, adapter
        finally:
            await adapter.close()


def _with(told: Any, credentials: Credentials) -> Any:
    return told.__class__(
        told.name,
        told.product,
        told.adapter,
        told.address,
        credentials=credentials,
        options=told.options,
    )


async def send(adapter: Adapter, body: bytes) -> Report:
    """Deliver a message."""
    document = await CODEC.read(body)
    uuid = document.envelope.header.uuid
    return await adapter.send(Parcel(application(), document, body, uuid, False, 20.0))


async def test_a_register_goes_as_a_unified_message_of_its_branch() -> None:
    """Its transaction in capitals; what the receipt says of ids is learnt."""
    async with at_keepfy() as (keepfy, adapter):
        reports = [await send(adapter, body) for body in (item(), WAREHOUSE)]

        first, second = keepfy.branch.came
    assert [first["Header"]["Transaction"], second["Header"]["Transaction"]] == [
        "ITEM",
        "WAREHOUSE",
    ]
    assert {one["Header"]["BranchId"] for one in (first, second)} == {"filial-1"}
    assert first["Content"]["Name"] == "Filtro de óleo"
    pairs = [report.response.ids[0] for report in reports if report.response]
    assert [(one.name, one.origin, one.destination) for one in pairs] == [
        ("Item", "1|FLT-1", "kf-item-1"),
        ("Warehouse", "2500000002", "kf-warehouse-2"),
    ]


@pytest.mark.rule("X-21")
async def test_a_register_whose_answer_was_lost_is_sent_as_the_same_again() -> None:
    """By its UUID and the id of its owner; the branch has it once."""
    async with at_keepfy() as (keepfy, adapter):
        keepfy.behave(ScriptedConduct(Conduct.DROP_AFTER))
        lost, again = [await send(adapter, WAREHOUSE) for _ in range(2)]

        first, second = keepfy.branch.came
        assert len(keepfy.branch.own_ids) == 1
    assert (lost.outcome, again.outcome) == (Outcome.UNKNOWN, Outcome.DELIVERED)
    assert first["Header"]["UUID"] == second["Header"]["UUID"]
    assert first["Content"] == second["Content"]


async def test_what_keepfy_has_no_place_for_is_refused_before_anything_leaves() -> None:
    """With its name."""
    async with at_keepfy() as (keepfy, adapter):
        report = await send(adapter, message("Request", "1.010", "<InternalId>R1</InternalId>"))

        assert keepfy.branch.came == []
    assert report.outcome is Outcome.REFUSED
    assert report.fault
    assert report.fault.code == "IMPOSSIBLE_THERE"
    assert "no place for Request" in report.fault.reason("en")


CODES = {
    "ENTITY_ALREADY_EXIST": (400, Outcome.REFUSED, "REFUSED"),
    "ENTITY_DOES_NOT_EXIST": (404, Outcome.REFUSED, "REFUSED"),
    "VALIDATION_ERROR": (400, Outcome.REFUSED, "INVALID_FOR_RECEIVER"),
    "UNAUTHENTICATED": (401, Outcome.UNREACHABLE, "LOGIN_REFUSED_BY_RECEIVER"),
    "FORBIDDEN": (200, Outcome.UNREACHABLE, "LOGIN_REFUSED_BY_RECEIVER"),
    "REQUIRED_BRANCH_ID": (400, Outcome.REFUSED, "REFUSED"),
    "TOO_MANY_REQUESTS": (429, Outcome.BUSY, "BUSY"),
}


@pytest.mark.parametrize("code", sorted(CODES))
async def test_each_code_has_its_meaning(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever in the answer it stands."""
    status, outcome, fault = CODES[code]
    async with at_keepfy() as (keepfy, adapter):
        answer = (status, {"error": {"name": code, "message": "…"}})
        monkeypatch.setattr(keepfy, "_answered", lambda *_: answer)
        report = await send(adapter, WAREHOUSE)

    assert (report.outcome, report.fault and report.fault.code) == (outcome, fault)


async def test_a_code_that_nobody_knows_leaves_a_doubt_and_is_told_as_such(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With a status that says nothing; in a receipt it is a no."""
    async with at_keepfy() as (keepfy, adapter):
        monkeypatch.setattr(keepfy, "_answered", lambda *_: (500, {"code": "E42"}))
        report = await send(adapter, WAREHOUSE)

    assert report.outcome is Outcome.UNKNOWN
    assert "E42" in report.unmapped


async def test_a_session_that_ended_is_begun_anew() -> None:
    """Within the same attempt, with nothing processed before; keys that are wrong are told."""
    async with at_keepfy() as (keepfy, adapter):
        await send(adapter, WAREHOUSE)
        keepfy.questions.end_sessions()
        report = await send(adapter, WAREHOUSE)

        assert len(keepfy.branch.came) == 2
    assert report.outcome is Outcome.DELIVERED


async def test_the_keys_go_nowhere_but_to_the_server_of_the_address() -> None:
    """Where no option names another; what is told of it names where it was asked for."""
    async with keepfy_simulator(CODEC, Setting(login=CREDENTIALS)) as keepfy:
        told = application(keepfy.address)
        assert "graphql" not in told.options
        adapter = KeepfyKind().open(_with(told, CREDENTIALS), CODEC)
        taken = await send(adapter, WAREHOUSE)
        await adapter.close()
    adapter = KeepfyKind().open(_with(told, CREDENTIALS), CODEC)
    away = await send(adapter, WAREHOUSE)
    await adapter.close()

    assert taken.outcome is Outcome.DELIVERED
    assert away.outcome is Outcome.UNREACHABLE
    assert away.fault
    assert keepfy.graphql in away.fault.reason("pt")


def test_graphql_is_beside_the_address() -> None:
    """On its port, whatever else the address has."""
    told = application("https://keepfy.example:8443/unified?a=b#c")

    assert settings_of(told).graphql == "https://keepfy.example:8443/graphql"


async def test_wrong_keys_are_told_with_where_to_look() -> None:
    """Neither of them is in the report."""
    async with at_keepfy(Credentials("other", "other-secret")) as (keepfy, adapter):
        report = await send(adapter, WAREHOUSE)

        assert keepfy.branch.came == []
    assert report.fault
    assert (report.outcome, report.fault.code) == DENIED
    assert "Access Secret" in report.fault.remedy("pt")
    assert CREDENTIALS.password not in repr(report)


async def read_all(adapter: Adapter, cursor: str = "") -> tuple[list[Element], str]:
    """The customers that there are to read, and how far that is."""
    assert isinstance(adapter, Reader)
    found: list[Element] = []
    while True:
        inbound = await adapter.read(Poll(cursor))
        found += [(await CODEC.read(one.body)).content() for one in inbound.messages]
        cursor = inbound.cursor
        if not inbound.more:
            return found, cursor


async def test_customers_are_read_page_by_page_and_then_what_changed() -> None:
    """What no option names a field for is left out."""
    fields = "Name=name, Document=cnpj"
    async with at_keepfy(page="2", customers=fields) as (keepfy, adapter):
        customers(keepfy, 3)
        found, cursor = await read_all(adapter)
        keepfy.branch.customers[1]["name"] = "Outro nome"
        later, _ = await read_all(adapter, cursor)

    assert [one.text_at("InternalId") for one in found] == ["c1", "c2", "c3"]
    assert [one.text_at("RegisterSituation") for one in found] == ["Active", "Inactive", "Active"]
    assert found[0].text_at("GovernmentalInformation/Id") == "11222333000181"
    assert [one.text_at("Name") for one in later] == ["Outro nome"]
    assert not found[0].text_at("ShortName")


async def test_reading_goes_on_where_a_session_ended() -> None:
    """By a token of its own."""
    async with at_keepfy() as (keepfy, adapter):
        customers(keepfy, 1)
        await read_all(adapter)
        keepfy.questions.end_sessions()
        found, _ = await read_all(adapter)

    assert len(found) == 1


async def test_json_that_the_codec_writes_is_read_again(codec: Codec) -> None:
    """By the contracts that ship, where no others are given."""
    told = json.loads(CODEC.in_json(WAREHOUSE))

    assert told["Content"]["Active"] is True
    assert (await CODEC.read(CODEC.from_json(json.dumps(told).encode()))).envelope.business
