"""Connections before anybody has logged in: offers, endless heads, silence and crowds."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bus.edge.turned_away import MOST, QUIET, TurnedAway
from tests.edge.conftest import PASSWORD, Whole, unit, whole_bus

LOGIN = base64.b64encode(f"rm:{PASSWORD}".encode()).decode()
OFFERS = [
    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
    "Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n",
    "Upgrade: TLS/1.2, h2c\r\nconnection: keep-alive, UPGRADE\r\n",
]


@pytest.fixture
async def strict(tmp_path: Path) -> AsyncIterator[Whole]:
    """A bus with little patience and few connections."""
    async with whole_bus(tmp_path, head_timeout=0.4, max_connections=4) as bus:
        yield bus


def request(body: bytes, offer: str = "", *, chunked: bool = False) -> bytes:
    """A post, with an offer among its headers."""
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"
    head = (
        f"POST /messages HTTP/1.1\r\nHost: bus\r\nAuthorization: Basic {LOGIN}\r\n"
        f"{offer}{length}\r\n\r\n"
    )
    framed = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if chunked else body
    return head.encode() + framed


async def opened(bus: Whole) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A bare connection."""
    host, port = bus.run.address.removeprefix("http://").split(":")
    return await asyncio.open_connection(host, int(port))


async def exchanged(bus: Whole, *parts: bytes, pause: float = 0.0) -> bytes:
    """What comes back for bytes on one connection, until it is closed or nothing comes."""
    reader, writer = await opened(bus)
    told = b""
    try:
        for part in parts:
            writer.write(part)
            await asyncio.sleep(pause)
        with contextlib.suppress(TimeoutError, ConnectionResetError):
            async with asyncio.timeout(2):
                while chunk := await reader.read(65536):
                    told += chunk
    finally:
        writer.close()
    return told


def statuses(told: bytes) -> list[int]:
    """The statuses of the answers, in order."""
    parts = told.split(b"HTTP/1.1 ")[1:]
    return [int(part[:3]) for part in parts]


# -- offers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("offer", OFFERS, ids=["h2c", "websocket", "tls"])
@pytest.mark.parametrize("chunked", [False, True])
async def test_an_upgrade_that_is_offered_is_ignored_and_the_body_read(
    strict: Whole, offer: str, chunked: bool
) -> None:
    """Java's default client and `curl --http2` offer one with every first request."""
    told = await exchanged(strict, request(unit("up-1"), offer, chunked=chunked))

    assert statuses(told) == [202]
    assert await strict.run.bus.history.find("up-1")


async def test_what_follows_an_offer_on_its_connection_is_read_too(strict: Whole) -> None:
    """At once or later, offering again or not; in pieces as they come."""
    first = request(unit("up-2"), OFFERS[0])
    second, third = request(unit("up-3")), request(unit("up-4"), OFFERS[0])
    pieces = [third[:20], third[20:300], third[300:]]
    told = await exchanged(strict, first + second, *pieces, pause=0.05)

    assert statuses(told) == [202, 202, 202]


async def test_a_tunnel_is_refused(strict: Whole) -> None:
    """CONNECT is an upgrade that cannot be ignored."""
    told = await exchanged(strict, b"CONNECT db:5432 HTTP/1.1\r\nHost: db\r\n\r\nxxx")

    assert statuses(told) == [405]


@pytest.mark.parametrize(
    "start", [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x00\xa5\x01"]
)
async def test_another_protocol_is_told_what_this_is(strict: Whole, start: bytes) -> None:
    """HTTP/2 from the first byte, and TLS."""
    told = await exchanged(strict, start + b"\0" * 100)

    assert statuses(told) == [400]
    assert b"HTTP_INVALID" in told


@pytest.mark.parametrize(
    "lengths", [b"Content-Length: 4\r\nTransfer-Encoding: chunked", b"Content-Length: -1"]
)
async def test_a_length_that_cannot_be_meant_is_told(strict: Whole, lengths: bytes) -> None:
    """It is HTTP/1.1 all the same."""
    told = await exchanged(
        strict, b"POST /messages HTTP/1.1\r\nHost: b\r\n" + lengths + b"\r\n\r\n"
    )

    assert statuses(told) == [400]
    assert b"LENGTH_INVALID" in told


# -- limits ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        b"GET /health/live HTTP/1.1\r\nHost: bus\r\nX: " + b"x" * 40_000,
        b"GET /health/live HTTP/1.1\r\nHost: bus\r\n" + b"X: y\r\n" * 10_000,
        b"GET /" + b"x" * 40_000,
        b"GET /health/live HTTP/1.1\r\nHost: bus\r\nX: " + b"x" * 40_000 + b"\r\n\r\n",
    ],
    ids=["one header", "many headers", "the address", "a whole head"],
)
@pytest.mark.parametrize("size", [1_000_000, 1000])
async def test_a_head_that_is_too_large_is_refused(strict: Whole, head: bytes, size: int) -> None:
    """431, whether it comes at once or in pieces, and whether it ever ends."""
    pieces = [head[at : at + size] for at in range(0, len(head), size)]

    assert statuses(await exchanged(strict, *pieces)) == [431]


async def test_a_long_body_is_not_taken_for_a_head(strict: Whole) -> None:
    """In however many pieces, and with another request behind it."""
    long = request(unit("l-1").replace(b"Unidade", b"U" * 90_000))
    told = await exchanged(strict, long[:700], long[700:] + request(unit("l-2")))

    assert statuses(told)[-1] == 202


@pytest.mark.parametrize(
    ("parts", "pause", "told"),
    [
        ([], 0, [408]),
        ([b"POST /mess"], 0, [408]),
        ([request(unit("t-1")) + b"POST /mess"], 0, [202]),
    ],
    ids=["nothing", "half a head", "half a second head"],
)
async def test_heads_that_never_end_and_silence_are_not_waited_for(
    strict: Whole, parts: list[bytes], pause: float, told: list[int]
) -> None:
    """The connection is closed in time, whatever trickles in."""
    async with asyncio.timeout(1.9):
        assert statuses(await exchanged(strict, *parts, pause=pause)) == told


async def test_blank_lines_are_no_head(strict: Whole) -> None:
    """A trickle of them does not keep a connection."""
    reader, writer = await opened(strict)
    async with asyncio.timeout(1.5):
        while not reader.at_eof() and not writer.is_closing():
            writer.write(b"\r\n")
            await asyncio.sleep(0.1)
    writer.close()


async def test_an_idle_connection_is_closed(strict: Whole) -> None:
    """After its last answer, in the same time."""
    reader, writer = await opened(strict)
    writer.write(request(unit("i-1")))
    async with asyncio.timeout(1.5):
        told = await reader.read(-1)
    writer.close()

    assert statuses(told) == [202]


async def test_a_body_that_nobody_wants_is_not_read_without_end(strict: Whole) -> None:
    """It was answered before it came; a trickle of it does not keep the connection."""
    reader, writer = await opened(strict)
    head = b"POST /nothing HTTP/1.1\r\nHost: bus\r\nContent-Length: 1000000\r\n\r\n"
    writer.write(head)
    told = await reader.readuntil(b"}]}")
    async with asyncio.timeout(1.5):
        while not reader.at_eof() and not writer.is_closing():
            writer.write(b"x")
            await asyncio.sleep(0.1)
    writer.close()

    assert statuses(told) == [404]


async def test_there_are_only_so_many_connections(strict: Whole) -> None:
    """One more is answered 503 and closed; once one goes, another may come."""
    held = [await opened(strict) for _ in range(4)]
    await asyncio.sleep(0.05)
    reader, writer = await opened(strict)
    told = await reader.read(-1)
    for _, each in [*held, (reader, writer)]:
        each.close()
    await asyncio.sleep(0.1)

    assert statuses(told) == [503]
    assert b"TOO_MANY_CONNECTIONS" in told
    assert statuses(await exchanged(strict, request(unit("c-1")))) == [202]


async def test_what_was_turned_away_is_counted_and_told_once(strict: Whole) -> None:
    """Not a line for each: of one kind, one line; the metric has them all."""
    with capture_logs() as lines:
        for _ in range(3):
            await exchanged(strict, b"GET /" + b"x" * 40_000)
    async with strict.http.get(f"{strict.run.address}/metrics") as response:
        shown = await response.text()

    assert [line["why"] for line in lines] == ["HEAD_TOO_LARGE"]
    assert 'bus_turned_away_total{why="HEAD_TOO_LARGE"} 3.0' in shown


class Nobody:
    """Counts nothing."""

    def turned_away_at_door(self, why: str) -> None:
        """Nothing."""


def test_a_line_tells_how_many_there_were_and_nothing_grows() -> None:
    """A minute later the next one tells of all before it; places are forgotten."""
    now = [0.0]
    turned_away = TurnedAway(Nobody(), lambda: now[0])
    with capture_logs() as lines:
        for _ in range(5):
            turned_away.note("X")
        now[0] = QUIET
        turned_away.note("X")
        for place in range(2 * MOST):
            turned_away.note("Y", str(place))

    assert [line["times"] for line in lines][:2] == [1, 5]
    assert len(turned_away._told) == MOST  # noqa: SLF001 - what must not grow
