"""Every kind of refusal at the HTTP doors, in the language that is configured and in no other."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from lxml import etree

from adapters.simulation.behaviour import Conduct, ScriptedConduct
from bus.core.errors import BusFault, Fault
from bus.core.text import Language, Text
from bus.edge.http.app import App
from bus.edge.intake import Intake
from bus.edge.log import LogObserver
from bus.edge.metrics import Metrics
from tests.edge.conftest import Whole, in_process, unit, whole_bus
from tests.hostile.test_bodies import head, raw
from tests.semantics.soap_calls import SOAP_11, SOAP_12, TYPES, call, escaped
from tests.texts.judging import empty_places, foreign_words

OWN_WORDS = {
    "pt": frozenset(
        [
            "não",
            "é",
            "o",
            "os",
            "da",
            "das",
            "dos",
            "um",
            "uma",
            "e",
            "em",
            "de",
            "na",
            "com",
            "por",
            "que",
            "ou",
            "sem",
            "há",
        ]
    ),
    "en": frozenset(
        [
            "the",
            "is",
            "of",
            "and",
            "to",
            "not",
            "by",
            "with",
            "are",
            "was",
            "it",
            "there",
            "or",
            "this",
            "its",
            "that",
            "has",
        ]
    ),
}
"""Words without which nobody says a sentence, and which the other language has not."""
TEXTS = ("message", "hint")
LIMIT = 20_000
SOAP = "/EAIService"


@dataclass(frozen=True, slots=True)
class Told:
    """What was answered: the status, and everything in it that people read."""

    status: int
    text: str

    def speaks(self, language: str) -> bool:
        """Whether its words are of a language."""
        return bool(OWN_WORDS[language] & set(re.findall(r"[\w-]+", self.text.lower())))

    def complaints(self, language: str) -> list[str]:
        """What is wrong with its words: some of another language, an empty place."""
        text = Text(self.text, "") if language == "pt" else Text("", self.text)
        return [*foreign_words(text), *empty_places(self.text)]


def told(status: int, body: bytes) -> Told:
    """The texts of an answer in any of our forms; what is in none is taken whole."""
    if body.startswith(b"{"):
        errors = json.loads(body).get("errors", [])
        return Told(status, " ".join(one[name] for one in errors for name in TEXTS))
    if not body.startswith(b"<"):
        return Told(status, body.decode())
    root = etree.fromstring(body)
    results = root.findall(".//{*}receiveMessageResult")
    root = etree.fromstring((results[0].text or "").encode()) if results else root
    names = ("Message", "faultstring", f"{{{SOAP_12}}}Text")
    return Told(status, " ".join(one.text or "" for name in names for one in root.iter(name)))


Ask = Callable[[Whole], Awaitable[Told]]


def asking(body: bytes = b"", path: str = "/messages", method: str = "POST", **headers: str) -> Ask:
    """A request over HTTP."""

    async def ask(whole: Whole) -> Told:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with whole.http.request(
            method, whole.run.address + path, data=body, headers=named
        ) as response:
            return told(response.status, await response.read())

    return ask


def calling(message: bytes, soap: str = SOAP_11, **headers: str) -> Ask:
    """A call of receiveMessage."""
    return asking(call(escaped(message), soap=soap), SOAP, content_type=TYPES[soap], **headers)


def locally(path: str, wish: object, method: str = "POST") -> Ask:
    """A request to the local API."""

    async def ask(whole: Whole) -> Told:
        async with (
            aiohttp.ClientSession(connector=aiohttp.UnixConnector(f"{whole.journal}.sock")) as http,
            http.request(method, f"http://bus/api/v1/{path}", json=wish) as response,
        ):
            return told(response.status, await response.read())

    return ask


async def slowly(whole: Whole) -> Told:
    """A body that never arrives."""
    answer = await raw(whole, head(1000) + b"<")
    return told(int(answer.split()[1]), answer.partition(b"\r\n\r\n")[2])


async def above_the_limit(whole: Whole) -> Told:
    """One post more than there may be."""
    slow = [asyncio.create_task(raw(whole, head(1000))) for _ in range(2)]
    await asyncio.sleep(0.1)
    answer = await asking(unit("o-1"))(whole)
    await asyncio.gather(*slow)
    return answer


async def without_destination(whole: Whole) -> Told:
    """A synchronous message whose destination is away."""
    await whole.protheus.leave()
    answer = await asking(unit("d-1", mode="Sync"))(whole)
    await whole.protheus.come_back()
    return answer


async def silent_destination(whole: Whole) -> Told:
    """A synchronous message that is not answered in time."""
    whole.protheus.behave(ScriptedConduct(Conduct.ANSWER, seconds=2.5))
    return await asking(unit("d-2", mode="Sync", id_="1|D2"))(whole)


async def same_uuid(whole: Whole) -> Told:
    """Other content under a UUID that was delivered."""
    await asking(unit("d-3", mode="Sync", id_="1|D3"))(whole)
    return await asking(unit("d-3", mode="Sync", id_="1|D3", code="KG"))(whole)


class Broken:
    """A journal that cannot be read."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __getattr__(self, name: str) -> Any:
        async def fail(*_: object) -> None:
            raise self.error

        return fail


def broken(path: str, error: Exception, method: str = "GET") -> Ask:
    """A request to a bus whose journal is broken."""

    async def ask(whole: Whole) -> Told:
        out_of_order: Any = Broken(error)
        ports = replace(whole.run.bus.ports, history=out_of_order)
        bus = replace(whole.run.bus, ports=ports, acceptor=out_of_order)
        app = App(bus, Intake(bus, LogObserver()), Metrics(), LogObserver())
        status, body, _ = await in_process(app, path, unit("b-1"), method)
        return told(status, body)

    return ask


def stopping(path: str) -> Ask:
    """A post to a bus that stops."""

    async def ask(whole: Whole) -> Told:
        intake = Intake(whole.run.bus, LogObserver())
        intake.stop()
        app = App(whole.run.bus, intake, Metrics(), LogObserver())
        status, body, headers = await in_process(app, path, unit("s-1"))
        assert headers[b"retry-after"] == b"1"
        return told(status, body)

    return ask


FULL = BusFault(Fault("JOURNAL_FAILED", details={"problem": "disk"}))
UNKNOWN_VERSION = unit("m-1").replace(b'version="2.0', b'version="9.0')
KINDS: dict[str, tuple[int, Ask]] = {
    "no login": (401, asking(unit("m"), Authorization="Basic bm9ib2R5Og==")),
    "too large": (413, asking(b" " * (LIMIT + 1))),
    "compressed too well": (413, asking(gzip.compress(b" " * 19_000), content_encoding="gzip")),
    "slow": (408, slowly),
    "overloaded": (503, above_the_limit),
    "stopping": (503, stopping("/messages")),
    "SOAP: stopping": (503, stopping(SOAP)),
    "no XML": (400, asking(b"OK")),
    "a DOCTYPE": (400, asking(b"<!DOCTYPE a><a/>")),
    "bad encoding": (400, asking(b"\xff\xfe\x00\x00")),
    "too complex": (400, asking(b"<a>" * 300)),
    "another root": (400, asking(b"<a/>")),
    "no envelope": (400, asking(b"<TOTVSMessage/>")),
    "wrong envelope": (400, asking(unit("m-2").replace(b"upsert", b"update"))),
    "another's name": (403, asking(unit("m-3").replace(b"<SourceApplication>rm", b"<SourceApplication>x"))),
    "no route": (422, asking(unit("m-4").replace(b"UnitOfMeasure", b"Xyz"))),
    "unknown version": (422, asking(UNKNOWN_VERSION)),
    "against the contract": (422, asking(unit("m-5", code="MUITO-LONGO"))),
    "a UUID again": (409, same_uuid),
    "destination away": (503, without_destination),
    "destination silent": (504, silent_destination),
    "failed journal": (503, broken("/messages", FULL, "POST")),
    "our mistake": (500, broken("/messages", ValueError("x"), "POST")),
    "GET: no login": (401, asking(b"", "/messages/x", "GET", Authorization="Basic bm9ib2R5Og==")),
    "GET: no message": (404, asking(b"", "/messages/x", "GET")),
    "GET: no answer": (404, asking(b"", "/messages/m-5/answer", "GET")),
    "GET: failed journal": (503, broken("/messages/x", FULL)),
    "GET: our mistake": (500, broken("/messages/x", ValueError("x"))),
    "not ready": (503, broken("/health/ready", FULL)),
    "no metrics": (503, broken("/metrics", FULL)),
    "no page": (404, asking(b"", "/nothing", "GET")),
    "no page of a message": (404, asking(b"", "/messages/a/b/c", "GET")),
    "no method": (405, asking(b"", "/messages", "PUT")),
    "no method of a page": (405, asking(b"", "/health/live", "POST")),
    "SOAP: no method": (405, asking(b"", SOAP, "GET")),
    "SOAP: no login": (401, calling(unit("m"), Authorization="Basic bm9ib2R5Og==")),
    "SOAP 1.2: no login": (401, calling(unit("m"), SOAP_12, Authorization="Basic bm9ib2R5Og==")),
    "SOAP: too large": (413, calling(b"x" * LIMIT)),
    "SOAP: no SOAP": (500, asking(b"<a/>", SOAP)),
    "SOAP 1.2: no SOAP": (500, asking(b"<a/>", SOAP, content_type=TYPES[SOAP_12])),
    "SOAP: no message": (500, calling(b"OK")),
    "SOAP: no envelope": (200, calling(b"<TOTVSMessage/>")),
    "SOAP: against the contract": (200, calling(unit("m-6", code="MUITO-LONGO"))),
    "SOAP: failed journal": (500, broken(SOAP, FULL, "POST")),
    "local: no message": (404, locally("messages/replay", {"message": "xyz"})),
    "local: not allowed": (409, locally("messages/unblock", {"message": "d-3"})),
    "local: another key": (422, locally("messages/replay", {"message": "xyz", "numero": 1})),
    "local: no object": (422, locally("messages/replay", [])),
    "local: no page": (404, locally("nothing", {})),
    "local: no method": (405, locally("messages/replay", {}, "PUT")),
}  # fmt: skip


@pytest.fixture(params=["pt", "en"])
async def spoken(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Whole]:
    """A bus with low limits that speaks a language."""
    async with whole_bus(
        tmp_path, language=request.param, max_body=LIMIT, body_timeout=0.5, max_in_flight=2
    ) as bus:
        yield bus


async def test_every_refusal_is_in_the_language_of_the_bus(spoken: Whole) -> None:
    """Whatever is refused, and by whichever door: its status, its words, and none of the others."""
    language: Language = spoken.run.bus.settings.language
    other = "en" if language == "pt" else "pt"
    wrong: list[tuple[str, object]] = []
    for name, (status, ask) in KINDS.items():
        answer = await ask(spoken)
        if answer.status != status or not answer.speaks(language) or answer.speaks(other):
            wrong.append((name, answer))
        wrong += [(name, complaint) for complaint in answer.complaints(language)]

    assert wrong == []
