"""Hostile bodies over real HTTP: each a clear error, and the bus goes on."""

from __future__ import annotations

import asyncio
import base64
import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.edge.conftest import PASSWORD, Whole, unit, whole_bus

LIMIT = 200_000


@pytest.fixture
async def small(tmp_path: Path) -> AsyncIterator[Whole]:
    """A bus with low limits."""
    async with whole_bus(tmp_path, max_body=LIMIT, body_timeout=0.5, max_in_flight=2) as bus:
        yield bus


async def still_well(bus: Whole) -> bool:
    """Whether the bus goes on taking messages, and kept nothing of what it refused."""
    status, _, _ = await bus.post(unit("well", mode="Sync"))
    return status == 200


@pytest.mark.parametrize(
    ("body", "encoding", "status", "code"),
    [
        (gzip.compress(b"\0" * 50_000_000), "gzip", 413, "TOO_LARGE"),
        (gzip.compress(b" " * 190_000), "gzip", 413, "COMPRESSION_REFUSED"),
        (gzip.compress(gzip.compress(b"<a/>" * 99)), "gzip", 400, "BAD_ENCODING"),
        (gzip.compress(unit("z"))[:-9], "gzip", 400, "BODY_DAMAGED"),
        (b"not compressed", "gzip", 400, "BODY_DAMAGED"),
        (b"<a/>", "br", 413, "COMPRESSION_REFUSED"),
        (b"<a>" + b"x" * (LIMIT + 1) + b"</a>", "identity", 413, "TOO_LARGE"),
        (b"", "identity", 400, "MALFORMED_XML"),
        (b"\xff\xfe\x00\x00", "identity", 400, "BAD_ENCODING"),
    ],
    ids=["gzip bomb", "ratio", "twice", "cut", "no gzip", "brotli", "large", "empty", "utf-32"],
)
async def test_hostile_bodies_are_the_senders_fault(
    small: Whole, body: bytes, encoding: str, status: int, code: str
) -> None:
    """Bombs, cut, oversized and undecodable bodies are refused with a code, and nothing breaks."""
    answered, told, _ = await small.post(body, headers={"content-encoding": encoding})

    assert (answered, code in told.decode()) == (status, True)
    assert await still_well(small)


async def raw(bus: Whole, request: bytes, then: bytes = b"", pause: float = 0) -> bytes:
    """Send bytes on a bare connection; what comes back until it closes."""
    host, port = bus.run.address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    await asyncio.sleep(pause)
    writer.write(then)
    try:
        async with asyncio.timeout(3):
            return await reader.read(65536)
    finally:
        writer.close()


def head(length: int) -> bytes:
    """The head of a post that promises so many bytes."""
    token = base64.b64encode(f"rm:{PASSWORD}".encode()).decode()
    return (
        f"POST /messages HTTP/1.1\r\nHost: bus\r\nAuthorization: Basic {token}\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


async def test_a_body_that_stays_away_is_not_waited_for(small: Whole) -> None:
    """A sender that promises a body and does not send it gets 408."""
    answer = await raw(small, head(1000) + b"<TOTVSMessage>")

    assert b" 408 " in answer.splitlines()[0]
    assert b"BODY_TIMEOUT" in answer
    assert await still_well(small)


async def test_a_length_beyond_the_limit_is_refused_before_the_body(small: Whole) -> None:
    """The declared length is enough to refuse."""
    answer = await raw(small, head(10**12))

    assert b" 413 " in answer.splitlines()[0]
    assert await still_well(small)


async def test_a_cut_connection_leaves_nothing(small: Whole) -> None:
    """Half a body and a closed connection: nothing is kept."""
    host, port = small.run.address.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(head(1000) + unit("half")[:400])
    await writer.drain()
    writer.close()

    assert await still_well(small)
    assert await small.run.bus.history.find("half") == ()


async def test_more_requests_than_the_limit_are_told_to_come_later(small: Whole) -> None:
    """Above its limit of simultaneous posts the bus answers 503 with Retry-After."""
    slow = [asyncio.create_task(raw(small, head(1000))) for _ in range(2)]
    await asyncio.sleep(0.1)
    status, told, headers = await small.post(unit("third"))
    await asyncio.gather(*slow)

    assert status == 503
    assert b"OVERLOADED" in told
    assert headers["retry-after"] == "1"
    assert await still_well(small)


async def test_a_wrong_authorization_header_is_no_surprise(small: Whole) -> None:
    """Whatever stands in Authorization, the answer is 401."""
    for value in ("Basic", "Basic %%%", "Basic " + "A" * 5000, "Bearer x", "Basic /////w=="):
        status, _, _ = await small.post(unit("a"), headers={"authorization": value})
        assert status == 401, value
