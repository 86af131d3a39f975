"""How far an application has been read is one commit with what becomes of its message."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bus.core.errors import BusFault
from bus.engine.post import Post
from bus.engine.post_result import PostResult
from bus.journal.commands import CursorMove
from bus.journal.facts import FactKind
from bus.journal.rows import MessageState
from tests.support.deployments import answering_to_protheus, deployment, route
from tests.support.journals import disk_full
from tests.support.messages import Message, receipt, response, unit
from tests.support.rig import Rig, Rigs, code_of

WORKER = "reader"
LEASE = 60.0


async def read_on(bus: Rig, worker: str = WORKER) -> str | None:
    """How far Protheus has been read, for a worker that asks to read on."""
    return await bus.bus.ports.journal.lease_cursor("protheus", worker, LEASE)


async def brought(
    bus: Rig, message: Message | bytes, cursor: str, worker: str = WORKER, sender: str = "protheus"
) -> PostResult:
    """Have a message taken that a worker read."""
    body = message if isinstance(message, bytes) else message.xml()
    move = CursorMove(sender, cursor, worker, LEASE)
    application = bus.deployment.applications[sender]
    return await bus.bus.acceptor.receive(Post(body, application, waits=False, cursor=move))


async def accepted(bus: Rig) -> PostResult:
    """It goes on its way."""
    return await brought(bus, unit(), "7")


async def unreadable(bus: Rig) -> PostResult:
    """It is no message at all."""
    return await brought(bus, b"<TOTVSMessage>", "7")


async def wrong(bus: Rig) -> PostResult:
    """It differs from its contract."""
    return await brought(bus, unit("TOO LONG"), "7")


async def filtered(bus: Rig) -> PostResult:
    """No route wants it."""
    return await brought(bus, unit("fi"), "7")


async def repeated(bus: Rig) -> PostResult:
    """The bus has it already."""
    message = unit()
    await brought(bus, message, "6")
    return await brought(bus, message, "7")


async def repeated_wrongly(bus: Rig) -> PostResult:
    """Its UUID is that of another message, which was delivered."""
    first = await brought(bus, unit(uuid="1"), "6")
    bus.run()
    await bus.settled()
    assert not code_of(first)
    return await brought(bus, unit("KG", uuid="1"), "7")


async def a_receipt(bus: Rig) -> PostResult:
    """It says only that something has arrived."""
    return await brought(bus, receipt("1"), "7")


async def an_answer_to_nothing(bus: Rig) -> PostResult:
    """It is a response to what nobody sent."""
    return await brought(bus, response("1"), "7")


OUTCOMES: dict[str, tuple[Callable[[Rig], Awaitable[PostResult]], str]] = {
    "accepted": (accepted, ""),
    "unreadable": (unreadable, "MALFORMED_XML"),
    "wrong": (wrong, "VALUE_TOO_LONG"),
    "filtered": (filtered, ""),
    "repeated": (repeated, ""),
    "repeated wrongly": (repeated_wrongly, "UUID_REUSED"),
    "a receipt": (a_receipt, ""),
    "an answer to nothing": (an_answer_to_nothing, "RESPONSE_UNMATCHED"),
}


class Readings:
    """The cursor moves with whatever becomes of a message, and with nothing else."""

    @pytest.mark.parametrize("outcome", OUTCOMES)
    async def test_the_cursor_moves_with_the_message(self, rigs: Rigs, outcome: str) -> None:
        """Whatever the bus makes of it, it is not read again."""
        bus = await rigs.start(deployment(route("rm", condition="//Code != 'fi'")), run=False)
        assert await read_on(bus) == ""
        bring, code = OUTCOMES[outcome]

        result = await bring(bus)

        assert code_of(result) == code
        assert await read_on(bus) == "7"

    async def test_a_response_moves_it_too(self, rigs: Rigs) -> None:
        """Applications that are read are destinations as well."""
        bus = await rigs.start()
        message = unit()
        await bus.accepted(message)
        await bus.settled()
        await bus.bus.ports.journal.lease_cursor("rm", WORKER, LEASE)

        for cursor in ("1", "2"):  # the second is a repeat
            await brought(bus, response(message.uuid, own_uuid="r"), cursor, sender="rm")

        assert await bus.bus.ports.journal.lease_cursor("rm", WORKER, LEASE) == "2"

    async def test_what_nobody_wants_moves_it_alone(self, rigs: Rigs) -> None:
        """A commit of its own, which takes in no message and renews the right to read."""
        bus = await rigs.start(run=False)
        await read_on(bus)
        bus.clock.advance(LEASE - 5)

        await bus.bus.ports.journal.move_cursor(CursorMove("protheus", "7", WORKER, LEASE))
        bus.clock.advance(LEASE - 5)

        assert await read_on(bus, "another") is None
        assert await read_on(bus) == "7"
        assert not [row async for row in await bus.bus.history.audit("messages")]

    async def test_a_journal_that_fails_moves_nothing(self, rigs: Rigs) -> None:
        """Neither message nor cursor: it is read again."""
        bus = await rigs.start(run=False)
        await read_on(bus)

        bus.journal.before("accept", disk_full)
        with pytest.raises(BusFault):
            await brought(bus, unit(), "7")

        assert await read_on(bus) == ""

    async def test_nobody_waits_for_what_was_read(self, rigs: Rigs) -> None:
        """A synchronous message is answered as an asynchronous one: there is no caller."""
        bus = await rigs.start(answering_to_protheus(route("rm")), run=False)
        await read_on(bus)

        async with asyncio.timeout(5):
            result = await brought(bus, unit(mode="Sync"), "7")

        row = await bus.message(result.message)
        assert (row.deadline, row.answer_to) == (0, "protheus")
        bus.run()
        await bus.answered()


class ReadingRights:
    """One worker at a time reads an application."""

    async def test_a_lease_that_runs_is_respected(self, rigs: Rigs) -> None:
        """And renewed by whoever has it."""
        bus = await rigs.start(run=False)
        await read_on(bus)

        bus.clock.advance(LEASE - 5)
        assert await read_on(bus) == ""
        bus.clock.advance(LEASE - 5)

        assert await read_on(bus, "another") is None

    async def test_what_is_recorded_renews_it(self, rigs: Rigs) -> None:
        """A worker that brings messages is alive."""
        bus = await rigs.start(run=False)
        await read_on(bus)

        bus.clock.advance(LEASE - 5)
        await brought(bus, unit(), "7")
        bus.clock.advance(LEASE - 5)

        assert await read_on(bus, "another") is None

    async def test_another_goes_on_where_the_first_was(self, rigs: Rigs) -> None:
        """Once its lease has run out."""
        bus = await rigs.start(run=False)
        await read_on(bus)
        await brought(bus, unit(), "7")

        bus.clock.advance(LEASE + 1)

        assert await read_on(bus, "another") == "7"
        assert await read_on(bus) is None

    async def test_a_late_worker_that_nobody_replaced_may_go_on(self, rigs: Rigs) -> None:
        """Nobody else has read meanwhile."""
        bus = await rigs.start(run=False)
        await read_on(bus)

        bus.clock.advance(LEASE + 1)
        await brought(bus, unit(), "7")

        assert await read_on(bus) == "7"

    @pytest.mark.parametrize(
        "message", [unit(), unit("TOO LONG"), b"<", response("1"), receipt("1")]
    )
    async def test_a_worker_that_was_replaced_records_nothing(
        self, rigs: Rigs, message: Message | bytes
    ) -> None:
        """The other has read the message by now, or will."""
        bus = await rigs.start(run=False)
        await read_on(bus)
        bus.clock.advance(LEASE + 1)
        await read_on(bus, "another")
        await brought(bus, unit("KG"), "5", "another")

        with pytest.raises(BusFault) as refusal:
            await brought(bus, message, "7")

        assert refusal.value.fault.code == "SOURCE_LOST"
        assert await read_on(bus, "another") == "5"
        rows = [row async for row in await bus.bus.history.audit("messages")]
        assert [row[2] for row in rows] == [MessageState.ACCEPTED]

    async def test_a_worker_that_was_replaced_passes_nothing_over(self, rigs: Rigs) -> None:
        """How far it read counts no more, also without a message."""
        bus = await rigs.start(run=False)
        await read_on(bus, "another")

        with pytest.raises(BusFault) as refusal:
            await bus.bus.ports.journal.move_cursor(CursorMove("protheus", "7", WORKER, LEASE))

        assert refusal.value.fault.code == "SOURCE_LOST"
        assert await read_on(bus, "another") == ""

    async def test_those_of_the_same_commit_are_not_touched_by_a_refusal(self, rigs: Rigs) -> None:
        """What others post at the same moment is recorded."""
        bus = await rigs.start(run=False)
        await read_on(bus, "another")

        results = await asyncio.gather(
            brought(bus, unit("KG"), "7"),
            *(bus.post(unit(code)) for code in ("UN", "MT")),
            return_exceptions=True,
        )

        assert isinstance(results[0], BusFault)
        rows = [row async for row in await bus.bus.history.audit("messages")]
        assert len(rows) == 2

    async def test_applications_are_read_apart(self, rigs: Rigs) -> None:
        """Each has a cursor and a worker of its own."""
        bus = await rigs.start(run=False)
        await read_on(bus)
        await brought(bus, unit(), "7")

        assert await bus.bus.ports.journal.lease_cursor("rm", "another", LEASE) == ""

    async def test_a_repeat_is_told_once(self, rigs: Rigs) -> None:
        """A message that was read again is a repeat like any other."""
        bus = await rigs.start(run=False)
        await read_on(bus)
        message = unit()

        first = await brought(bus, message, "6")
        await brought(bus, message, "7")

        assert len(await bus.facts(first.message, FactKind.REPEATED)) == 1
