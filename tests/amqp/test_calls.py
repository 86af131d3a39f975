"""Who waits for an answer gets it by reply-to, and stops nobody else."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import aio_pika
import pytest

from adapters.simulation.behaviour import Conduct, ScriptedConduct
from bus.core.broker import Broker
from bus.wiring import open_codec
from tests.amqp.conftest import AtBroker, bus_at
from tests.amqp.foreigner import ENOUGH, Foreigner
from tests.amqp.test_posting import delivered
from tests.edge.conftest import unit
from tests.support.messages import new_uuid

SLOW = ScriptedConduct(Conduct.ANSWER, seconds=1.5)


async def test_a_call_is_answered_by_its_destination(at_broker: AtBroker) -> None:
    """With its correlation id, and the bus's id of the message."""
    uuid = new_uuid()
    answer = await at_broker.rm.call(unit(uuid, mode="Sync"))

    response = (await open_codec().read_answer(answer.body)).response
    assert response
    assert (response.status, response.received_uuid) == ("OK", uuid)
    (row,) = await at_broker.run.bus.history.find(uuid)
    assert answer.headers["bus-message"] == row.id
    assert "bus-code" not in answer.headers


async def test_an_asynchronous_message_gets_its_receipt(at_broker: AtBroker) -> None:
    """Where its sender wants to know that the bus has it."""
    uuid = new_uuid()
    answer = await at_broker.rm.call(unit(uuid))

    receipt = (await open_codec().read(answer.body)).envelope.receipt
    assert receipt
    assert receipt.received_uuid == uuid


async def test_without_reply_to_nobody_waits(at_broker: AtBroker) -> None:
    """A synchronous message goes asynchronously: there is no deadline by which it is given up."""
    at_broker.protheus.behave(ScriptedConduct(Conduct.BUSY, retry_after=0))
    uuid = new_uuid()
    await at_broker.rm.post(unit(uuid, mode="Sync"))
    await delivered(at_broker, 1)

    (row,) = await at_broker.run.bus.history.find(uuid)
    assert row.mode == "Async"


async def test_a_caller_is_told_what_is_wrong(at_broker: AtBroker) -> None:
    """In a ResponseMessage, as by every door; and it is rejected all the same."""
    uuid = new_uuid()
    body = unit(uuid, mode="Sync").replace(b"<Code>UN</Code>", b"<Kode>UN</Kode>")
    answer = await at_broker.rm.call(body)
    told = await at_broker.rm.take(at_broker.broker.rejected)

    response = (await open_codec().read_answer(answer.body)).response
    assert response
    assert response.status == "ERROR"
    assert answer.headers["bus-code"] == told.headers["bus-code"] == "ELEMENT_UNEXPECTED"
    assert answer.headers["bus-owner"] == told.headers["bus-owner"] == "sender"


async def test_a_slow_call_stops_nobody(at_broker: AtBroker) -> None:
    """Others that were posted after it are delivered while it waits."""
    at_broker.protheus.behave(SLOW)
    call = asyncio.create_task(at_broker.rm.call(unit(new_uuid(), mode="Sync")))
    async with asyncio.timeout(ENOUGH):
        while not at_broker.protheus.heard:  # noqa: ASYNC110 - the simulator has no event
            await asyncio.sleep(0.02)
    for number in range(10):
        await at_broker.rm.post(unit(new_uuid(), id_=f"1|{number}"))
    await delivered(at_broker, 10)

    assert not call.done()
    assert (await call).headers["bus-message"]


async def test_calls_have_half_of_the_places(broker: Broker, rm: Foreigner, tmp_path: Path) -> None:
    """One more is told so, and what waits for no answer is taken meanwhile."""
    async with bus_at(replace(broker, prefetch=4), rm, tmp_path) as at:
        at.protheus.behave(always=ScriptedConduct(Conduct.ANSWER, seconds=2.5))
        calls = [
            asyncio.create_task(rm.call(unit(new_uuid(), id_=f"1|{n}", mode="Sync")))
            for n in range(3)
        ]
        done, _ = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        uuid = new_uuid()
        await rm.post(unit(uuid))
        async with asyncio.timeout(ENOUGH):
            while not await at.run.bus.history.find(uuid):  # noqa: ASYNC110 - it is asked
                await asyncio.sleep(0.02)
        waiting = sum(not call.done() for call in calls)
        await asyncio.gather(*calls)

    (first,) = done
    assert first.result().headers["bus-code"] == "OVERLOADED"
    assert first.result().headers["bus-retry-after"]
    assert waiting == 2


async def test_a_caller_that_has_gone_is_no_trouble(at_broker: AtBroker) -> None:
    """What it asked is done, and the next is taken."""
    await at_broker.rm.post(unit(new_uuid(), mode="Sync"), reply_to="t-nobody-reads-this")
    answer = await at_broker.rm.call(unit(new_uuid(), mode="Sync"))

    assert len(at_broker.protheus.received) == 2
    assert "bus-code" not in answer.headers


@pytest.mark.parametrize("queue", ["in", "rejected", "out.protheus"])
async def test_an_answer_goes_to_no_queue_of_others(at_broker: AtBroker, queue: str) -> None:
    """The bus may write where its caller may not."""
    name = f"{at_broker.broker.prefix}.{queue}"
    await at_broker.rm.post(unit(new_uuid(), mode="Sync"), reply_to=name)
    told = await at_broker.rm.take(at_broker.broker.rejected)

    assert told.headers["bus-code"] == "REPLY_TO_REFUSED"
    assert told.headers["bus-reply-to"] == name
    assert not at_broker.protheus.heard


async def test_the_brokers_own_way_of_replying_works(at_broker: AtBroker) -> None:
    """`amq.rabbitmq.reply-to` needs no queue."""
    queue = await at_broker.rm.channel.get_queue("amq.rabbitmq.reply-to", ensure=False)
    heard: asyncio.Future[aio_pika.abc.AbstractIncomingMessage] = asyncio.Future()

    async def hear(message: aio_pika.abc.AbstractIncomingMessage) -> None:
        heard.set_result(message)

    await queue.consume(hear, no_ack=True)
    await at_broker.rm.post(
        unit(new_uuid(), mode="Sync"), reply_to="amq.rabbitmq.reply-to", message_id="m-7"
    )
    async with asyncio.timeout(ENOUGH):
        answer = await heard

    assert answer.correlation_id == "m-7"
