"""Holds an adapter that reads to its duties: the same cursor gives the same messages, in order.

Your tests subclass `ReaderSuite` beside `AdapterSuite`, and say how an application is filled.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from bus.adapter_kinds import features_of
from bus.core.envelope import Carrier
from bus.core.route import Application, Credentials
from bus.ports.adapter import AdapterKind, Feature, InboundMessage, Poll, Reader
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
        """An application that has three messages or more to be read, and gets no others."""
        raise NotImplementedError

    @asynccontextmanager
    async def reader(self) -> AsyncIterator[Reader]:
        """An adapter to that application, closed in the end."""
        async with self.filled() as stage:
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
            for at, message in enumerate(messages, 1):
                assert await _all(reader, message.cursor) == messages[at:]

    async def test_reading_changes_nothing(self) -> None:
        """The same cursor gives the same messages, for the bus may not have recorded them."""
        async with self.reader() as reader:
            assert await reader.read(Poll("")) == await reader.read(Poll(""))
            assert await _all(reader) == await _all(reader)

    async def test_another_adapter_reads_on(self) -> None:
        """All that is known of what was read is in the cursor."""
        async with self.reader() as reader:
            messages = await _all(reader)
        async with self.reader() as another:
            assert await _all(another, messages[0].cursor) == messages[1:]

    async def test_what_is_read_are_standard_messages(self) -> None:
        """As their application would post them."""
        codec = open_codec()
        async with self.reader() as reader:
            for message in await _all(reader):
                await codec.read(message.body, Carrier.HTTP)


async def _all(reader: Reader, cursor: str = "") -> list[InboundMessage]:
    """All that is there after a cursor. Where more is said to be there, there is."""
    found: list[InboundMessage] = []
    for _ in range(TOO_MANY):
        inbound = await reader.read(Poll(cursor))
        if not inbound.messages:
            assert not inbound.more, "it says that there is more, and gives nothing"
            return found
        found += inbound.messages
        cursor = inbound.messages[-1].cursor
    raise AssertionError(f"the cursor goes in circles: {cursor}")
