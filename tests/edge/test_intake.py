"""The intake, through a door that nobody has: bytes in, bytes out, no HTTP."""

from __future__ import annotations

import asyncio
import gzip
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bus.codec.parser import Parsed, Parser
from bus.config import Settings, load_settings
from bus.core.envelope import Carrier
from bus.core.errors import Fault, Refusal, SenderFault
from bus.edge.http.app import App
from bus.edge.intake import Arrival, Intake
from bus.edge.log import LogObserver
from bus.edge.logins import Login
from bus.edge.metrics import Metrics
from bus.engine.post import Post
from bus.engine.post_result import Form, PostResult
from bus.journal.rows import MessageState
from bus.ports.codec import Carried
from bus.wiring import MEMORY, Bus, open_bus
from tests.edge.conftest import PASSWORD, ROUTES, in_process, unit
from tests.semantics.soap_calls import call, escaped

LIMIT = 200_000
NOWHERE = "http://127.0.0.1:9"
MARK = b"MESSAGE "


@dataclass(frozen=True)
class Pipe:
    """A door whose carrier is lines: who, how it is compressed, and the message behind a mark."""

    intake: Intake

    async def post(self, body: bytes, password: str = PASSWORD, compression: str = "") -> bytes:
        """Take what is written; one line tells what came of it."""
        return await self.bring(self.arrival(chunks(body), password, compression))

    def arrival(
        self, read: AsyncIterator[bytes], password: str = PASSWORD, compression: str = ""
    ) -> Arrival:
        """What is at the door."""
        login = Login("rm", password.encode())
        return Arrival(Carrier.SOAP, login, read, "pipe", compression=compression)

    async def bring(self, arrival: Arrival) -> bytes:
        """Hand it over, and answer."""
        try:
            async with self.intake.admit(arrival) as post:
                result = await self.intake.take(replace(post, carried=self.opened(post.body)))
        except Refusal as refusal:
            return b"NOT TAKEN %d %s" % (refusal.fault.status, refusal.fault.code.encode())
        if result.fault:
            return b"REFUSED %s %s" % (result.fault.code.encode(), result.message.encode())
        return b"%s %s" % (result.form.encode(), result.message.encode())

    def opened(self, body: bytes) -> Carried:
        """What stands behind the mark."""
        if not body.startswith(MARK):
            return Carried(faults=(Fault("MALFORMED_XML", details={"problem": "no mark"}),))
        return Carried(body.removeprefix(MARK))


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    """A body in parts."""
    for part in parts:
        yield part


def settings(folder: Path) -> Settings:
    """A bus in memory whose destination is away, with low limits."""
    (folder / "password").write_text(PASSWORD, encoding="utf-8")
    routes = folder / "routes.yaml"
    routes.write_text(ROUTES.format(protheus=NOWHERE), encoding="utf-8")
    given: dict[str, object] = {
        "max_body": LIMIT,
        "max_in_flight": 2,
        "max_in_memory": LIMIT,
        "body_timeout": 0.2,
    }
    return load_settings(journal=MEMORY, routes=routes, **given)


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[Bus]:
    """A bus that no server runs."""
    async with open_bus(settings(tmp_path), LogObserver()) as opened:
        yield opened


@pytest.fixture
def pipe(bus: Bus) -> Pipe:
    """Its door."""
    return Pipe(Intake(bus, LogObserver()))


async def state(bus: Bus, uuid: str) -> MessageState:
    """How a message was decided."""
    (message,) = await bus.history.find(uuid)
    return message.state


# -- what is answered ------------------------------------------------------------------------------


async def test_a_message_gets_a_receipt(bus: Bus, pipe: Pipe) -> None:
    """Accepted, with our id of it; the body is kept as it came, the message is what it carries."""
    told = await pipe.post(MARK + unit("i-1"))
    (message,) = await bus.history.find("i-1")

    assert told == b"receipt " + message.id.encode()
    assert (message.carrier, message.remote, message.sender) == (Carrier.SOAP, "pipe", "rm")
    assert await bus.history.body(message.id) == MARK + unit("i-1")


async def test_a_wrong_message_gets_a_refusal(bus: Bus, pipe: Pipe) -> None:
    """It is rejected with its reasons, and kept."""
    told = await pipe.post(MARK + unit("i-2", code="MUITO-LONGO"))

    assert told.startswith(b"REFUSED VALUE_TOO_LONG ")
    assert await state(bus, "i-2") is MessageState.REJECTED


async def test_a_body_that_the_door_cannot_open_is_kept_as_rejected(bus: Bus, pipe: Pipe) -> None:
    """Why it could not is the reason."""
    told = await pipe.post(b"nonsense")
    _, code, id_ = told.decode().split()

    assert code == "MALFORMED_XML"
    assert await state(bus, id_) is MessageState.REJECTED
    assert await bus.history.body(id_) == b"nonsense"


@pytest.mark.parametrize("password", ["", "wrong"])
async def test_who_is_not_known_is_not_heard(bus: Bus, pipe: Pipe, password: str) -> None:
    """Nothing is read or kept."""
    assert await pipe.post(MARK + unit("i-3"), password) == b"NOT TAKEN 401 UNAUTHENTICATED"
    assert await bus.history.find("i-3") == ()


async def test_a_password_shows_nowhere() -> None:
    """A login that is printed tells the user alone."""
    assert PASSWORD not in repr(Login("rm", PASSWORD.encode()))


async def test_what_is_too_large_is_not_read_to_its_end(pipe: Pipe) -> None:
    """Announced or not, and however often it comes; nothing beyond the limit is asked for."""
    asked = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal asked
        while True:
            asked += 1
            yield b" " * (LIMIT // 4)

    announced = replace(pipe.arrival(endless()), length=LIMIT + 1)

    assert await pipe.bring(announced) == b"NOT TAKEN 413 TOO_LARGE"
    assert asked == 0
    assert await pipe.bring(pipe.arrival(endless())) == b"NOT TAKEN 413 TOO_LARGE"
    assert asked == 5


@pytest.mark.parametrize("compression", ["gzip", "x-gzip"])
async def test_a_compressed_body_is_taken(bus: Bus, pipe: Pipe, compression: str) -> None:
    """It is kept decompressed."""
    told = await pipe.post(gzip.compress(MARK + unit("i-4")), compression=compression)

    assert told.startswith(b"receipt ")
    assert await state(bus, "i-4") is MessageState.ACCEPTED


@pytest.mark.parametrize(
    ("body", "compression", "code"),
    [
        (gzip.compress(b" " * 190_000), "gzip", b"COMPRESSION_REFUSED"),
        (gzip.compress(b" " * 10_000_000), "gzip", b"TOO_LARGE"),
        (b"<a/>", "br", b"COMPRESSION_REFUSED"),
    ],
)
async def test_compression_has_limits(
    pipe: Pipe, body: bytes, compression: str, code: bytes
) -> None:
    """Of ratio, of size, and of names."""
    assert await pipe.post(body, compression=compression) == b"NOT TAKEN 413 " + code


async def test_a_body_that_stays_away_is_not_waited_for(pipe: Pipe) -> None:
    """The time for it is limited; one that breaks off says so."""

    async def silent() -> AsyncIterator[bytes]:
        yield MARK
        await asyncio.sleep(60)

    async def broken() -> AsyncIterator[bytes]:
        yield MARK
        raise SenderFault(Fault("BODY_TRUNCATED"))

    assert await pipe.bring(pipe.arrival(silent())) == b"NOT TAKEN 408 BODY_TIMEOUT"
    assert await pipe.bring(pipe.arrival(broken())) == b"NOT TAKEN 400 BODY_TRUNCATED"


async def test_more_than_the_limit_come_later(pipe: Pipe) -> None:
    """Every door counts; once one has gone, another may enter."""
    release = asyncio.Event()

    async def slow(uuid: str) -> AsyncIterator[bytes]:
        await release.wait()
        yield MARK + unit(uuid)

    doors = (pipe, Pipe(pipe.intake))
    under_way = [
        asyncio.create_task(door.bring(door.arrival(slow(f"i-{n}"))))
        for n, door in enumerate(doors, 5)
    ]
    await asyncio.sleep(0)
    refused = await pipe.post(MARK + unit("i-7"))
    release.set()
    taken = await asyncio.gather(*under_way)

    assert refused == b"NOT TAKEN 503 OVERLOADED"
    assert [each.split()[0] for each in taken] == [Form.RECEIPT.encode()] * 2
    assert (await pipe.post(MARK + unit("i-7"))).startswith(b"receipt ")


# -- stopping --------------------------------------------------------------------------------------


async def test_a_bus_that_stops_takes_nothing_more(bus: Bus, pipe: Pipe) -> None:
    """Every door is told the same."""
    pipe.intake.stop()

    assert await pipe.post(MARK + unit("i-8")) == b"NOT TAKEN 503 STOPPING"
    assert await bus.history.find("i-8") == ()


async def test_what_was_admitted_before_the_stop_is_answered(pipe: Pipe) -> None:
    """Draining waits for a body that is still arriving, and then for its answer."""
    release = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        await release.wait()
        yield MARK + unit("i-9")

    under_way = asyncio.create_task(pipe.bring(pipe.arrival(slow())))
    await asyncio.sleep(0)
    draining = asyncio.create_task(pipe.intake.drain())
    await asyncio.sleep(0.05)
    waited = not draining.done()
    release.set()
    await draining

    assert waited
    assert (await under_way).startswith(b"receipt ")


class SlowAcceptor:
    """Accepts once it is let."""

    def __init__(self, bus: Bus) -> None:
        self._acceptor = bus.acceptor
        self.entered, self.released = asyncio.Event(), asyncio.Event()

    async def receive(self, post: Post) -> PostResult:
        """Wait, and accept."""
        self.entered.set()
        await self.released.wait()
        return await self._acceptor.receive(post)


async def test_a_caller_that_hangs_up_changes_nothing(bus: Bus) -> None:
    """What was admitted is accepted without its caller, and the end waits for it."""
    slow = SlowAcceptor(bus)
    acceptor: Any = slow
    pipe = Pipe(Intake(replace(bus, acceptor=acceptor), LogObserver()))
    caller = asyncio.create_task(pipe.post(MARK + unit("i-10")))
    await slow.entered.wait()
    caller.cancel()
    slow.released.set()
    await pipe.intake.drain()

    assert await state(bus, "i-10") is MessageState.ACCEPTED


# -- parsing ---------------------------------------------------------------------------------------


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Every text that a parser was given."""
    texts: list[bytes] = []
    parse = Parser.parse

    def counted(self: Parser, body: bytes, *, decoded: bool = False) -> Parsed:
        texts.append(body)
        return parse(self, body, decoded=decoded)

    monkeypatch.setattr(Parser, "parse", counted)
    return texts


@pytest.mark.parametrize("size", [1, 90_000], ids=["short", "long"])
async def test_a_soap_message_is_parsed_once_a_layer(
    bus: Bus, parsed: list[bytes], size: int
) -> None:
    """The envelope once, the message in it once: to accept it, and to answer in its own words."""
    message = unit("i-11").replace(b"Unidade", b"U" * size).partition(b"?>")[2].strip()
    body = call(escaped(message))
    app = App(bus, Intake(bus, LogObserver()), Metrics(), LogObserver())

    status, told, _ = await in_process(app, "/EAIService", body)

    assert status == 200
    assert b"ReceiptMessage" in told
    assert parsed == [body, message]


async def test_a_message_in_xml_is_parsed_once(bus: Bus, parsed: list[bytes]) -> None:
    """There is one layer."""
    app = App(bus, Intake(bus, LogObserver()), Metrics(), LogObserver())

    status, _, _ = await in_process(app, "/messages", unit("i-12"))

    assert status == 202
    assert parsed == [unit("i-12")]


async def test_what_is_no_call_is_parsed_once(bus: Bus, parsed: list[bytes]) -> None:
    """Neither to refuse it nor to say so is it parsed again."""
    app = App(bus, Intake(bus, LogObserver()), Metrics(), LogObserver())

    status, _, _ = await in_process(app, "/EAIService", b"<a/>")

    assert status == 500
    assert parsed == [b"<a/>"]


@pytest.mark.parametrize("body", [b"<a/>", gzip.compress(unit("i-9"))[2:]])
async def test_a_body_that_is_not_compressed_as_it_says_is_damaged(pipe: Pipe, body: bytes) -> None:
    """It passes no limit: that is another fault."""
    assert await pipe.post(body, compression="gzip") == b"NOT TAKEN 400 BODY_DAMAGED"


async def test_bodies_take_only_so_much_memory(pipe: Pipe) -> None:
    """While one is in hand another that does not fit beside it is told to come again."""
    long = random.Random(1).randbytes(LIMIT // 4).hex().encode()
    first = second = MARK + b"<a>" + long + b"</a>"
    whole, more = asyncio.Event(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield first
        whole.set()
        await more.wait()

    slow = asyncio.create_task(pipe.bring(pipe.arrival(slowly())))
    await whole.wait()
    beside = await pipe.post(second)
    packed = await pipe.post(gzip.compress(second), compression="gzip")
    short = await pipe.post(MARK + b"<a/>")
    more.set()
    await slow

    assert beside == packed == b"NOT TAKEN 503 OVERLOADED"
    assert short.startswith(b"REFUSED")
    assert (await pipe.post(second)).startswith(b"REFUSED")
