"""Holds an adapter that reads to its duties: the same cursor gives the same messages, in order.

Your tests subclass `ReaderSuite` beside `AdapterSuite`, and say how an application is filled. What
a cursor covers may be marked as taken at the application, but nothing else. One that is a `Marker`
is told what the bus has, and has nothing else marked.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from bus.adapter_kinds import features_of
from bus.core.envelope import Carrier
from bus.core.route import Application, Credentials
from bus.ports.adapter import (
    AdapterKind,
    Feature,
    Inbound,
    InboundMessage,
    Marker,
    Poll,
    Reader,
    TakenMessage,
)
from bus.testing.suite import APPLICATION, PASSWORD, USER, Stage
from bus.wiring import open_codec

ENOUGH = 3
"""Messages that an application has at least: a first one, a last one, and one between."""
TOO_MANY = 1000
"""Reads after which one that does not end is given up."""


@pytest.mark.asyncio
class ReaderSuite:
    """Subclass it as `Test...` with a kind that reads, and define `filled`."""

    kind: AdapterKind

    def filled(self) -> AbstractAsyncContextManager[Stage]:
        """An application that has three messages or more to be read, always the same, no others."""
        raise NotImplementedError

    @asynccontextmanager
    async def reader(self) -> AsyncIterator[Reader]:
        """An adapter to that application, closed in the end."""
        async with self.filled() as stage, self.reader_of(stage) as reader:
            yield reader

    @asynccontextmanager
    async def reader_of(self, stage: Stage) -> AsyncIterator[Reader]:
        """An adapter to an application, closed in the end."""
        application = Application(
            name=APPLICATION,
            product="RM",
            adapter=self.kind.name,
            address=stage.address,
            credentials=Credentials(USER, PASSWORD),
            options=stage.options,
        )
        adapter = self.kind.open(application, open_codec())
        try:
            assert isinstance(adapter, Reader)
            yield adapter
        finally:
            await adapter.close()

    async def test_its_kind_says_that_it_reads(self) -> None:
        """Else `routes check` refuses `read_every`."""
        assert Feature.READS in features_of(self.kind)

    async def test_all_is_read_from_the_beginning_to_the_end(self) -> None:
        """Cursor after cursor, each message once, and nothing after the last."""
        async with self.reader() as reader:
            messages = await _all(reader)
            after = await reader.read(Poll(messages[-1].cursor))

        assert len(messages) >= ENOUGH, "fill it with more messages"
        assert (after.messages, after.more) == ((), False)

    async def test_each_cursor_is_another_one(self) -> None:
        """The bus may stop after any message, and goes on after just that one."""
        async with self.reader() as reader:
            cursors = [message.cursor for message in await _all(reader)]

        assert "" not in cursors
        assert len(set(cursors)) == len(cursors)

    async def test_a_cursor_gives_what_comes_after_it(self) -> None:
        """In the same order, whichever message the bus had last."""
        async with self.reader() as reader:
            messages = await _all(reader)
        for count in range(1, len(messages) + 1):
            async with self.reader() as reader:
                had = await _all(reader, most=count)
                left = await _all(reader, had[-1].cursor)

            assert _bodies(had + left) == _bodies(messages)

    async def test_what_the_bus_may_not_have_comes_again(self) -> None:
        """The same cursor gives the same messages, however often."""
        async with self.reader() as reader:
            cursor, end = "", await _twice(reader, "")
            while end != cursor:
                cursor, end = end, await _twice(reader, end)

    async def test_another_adapter_reads_on(self) -> None:
        """All that is known of what was read is in the cursor, or marked at the application."""
        async with self.reader() as reader:
            messages = await _all(reader)
        async with self.filled() as stage:
            async with self.reader_of(stage) as one:
                await _all(one, most=1)
            async with self.reader_of(stage) as another:
                left = await _all(another, messages[0].cursor)

        assert _bodies(left) == _bodies(messages[1:])

    async def test_what_is_read_are_standard_messages(self) -> None:
        """As their application would post them."""
        codec = open_codec()
        async with self.reader() as reader:
            for message in await _all(reader):
                await codec.read(message.body, Carrier.HTTP)


async def _all(reader: Reader, cursor: str = "", most: int = TOO_MANY) -> list[InboundMessage]:
    """All that is there after a cursor, or so much of it. Where more is said to be there, it is."""
    found: list[InboundMessage] = []
    for _ in range(TOO_MANY):
        inbound = await reader.read(Poll(cursor))
        had = inbound.messages[: most - len(found)]
        found += had
        await _mark(reader, had)
        if len(found) >= most:
            return found
        end = _end(inbound, cursor)
        if end == cursor:
            assert not inbound.more, "it says that there is more, and gets no further"
            return found
        cursor = end
    raise AssertionError(f"the cursor goes in circles: {cursor}")


async def _twice(reader: Reader, cursor: str) -> str:
    """Read the same again: how far it was read."""
    inbound = await reader.read(Poll(cursor))
    assert await reader.read(Poll(cursor)) == inbound
    await _mark(reader, inbound.messages)
    return _end(inbound, cursor)


async def _mark(reader: Reader, had: Iterable[InboundMessage]) -> None:
    """The bus has these: where the application keeps that, it is told."""
    if isinstance(reader, Marker):
        await reader.mark([TakenMessage(one.cursor, one.cursor) for one in had])


def _end(inbound: Inbound, cursor: str) -> str:
    """How far was read from a cursor on."""
    return inbound.cursor or (inbound.messages[-1].cursor if inbound.messages else cursor)


def _bodies(messages: Iterable[InboundMessage]) -> list[bytes]:
    return [message.body for message in messages]
