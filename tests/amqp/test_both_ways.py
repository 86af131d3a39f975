"""Messages come from a queue and go to one; answers come back the same way."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp

from bus.core.broker import Broker
from bus.core.delivery import State
from bus.testing.standard_messages import response
from bus.wiring import open_codec
from tests.amqp.conftest import AtBroker, bus_at
from tests.amqp.foreigner import ENOUGH, Foreigner
from tests.edge.conftest import PASSWORD, unit
from tests.support.messages import new_uuid

ROUTES = """
broker: {{address: "{address}", prefix: {prefix}, prefetch: {prefetch}, connect_timeout: {patience}{login}}}
applications:
  rm: {{product: RM, broker_user: {user}, adapter: amqp, address: "{address}", options: {{queue: {prefix}.out.rm}}}}
  protheus: {{product: PROTHEUS, source_applications: [RM], login: {{user: protheus, password: {{file: password}}}}, adapter: amqp, address: "{address}", options: {{queue: {prefix}.out.protheus}}, timeout: 5s, references: {{Company: keep}}}}
routes:
  registers:
    transactions: [UnitOfMeasure]
    from: rm
    to: [protheus]
    deadline: 5s
    awaits_response: {awaits}
"""


async def say(at: AtBroker, response: bytes) -> None:
    """Post the destination's own response, by another door."""
    login = aiohttp.encode_basic_auth("protheus", PASSWORD)
    async with (
        aiohttp.ClientSession(headers={"Authorization": login}) as http,
        http.post(f"{at.run.address}/messages", data=response) as answer,
    ):
        assert answer.status == 202, await answer.text()


async def state(at: AtBroker, uuid: str, wanted: State) -> None:
    """Wait until the delivery of a message stands so."""
    async with asyncio.timeout(ENOUGH):
        while True:
            for row in await at.run.bus.history.find(uuid):
                trace = await at.run.bus.history.trace(row.id)
                if trace and any(one.state is wanted for one in trace.deliveries):
                    return
            await asyncio.sleep(0.05)


async def test_a_confirmed_message_is_delivered_and_its_answer_goes_back(
    broker: Broker, rm: Foreigner, tmp_path: Path
) -> None:
    """Both to queues, which the bus made; the sender is told OK."""
    uuid = new_uuid()
    async with bus_at(broker, rm, tmp_path, ROUTES.replace("{awaits}", "false")) as at:
        await rm.post(unit(uuid))
        message = await rm.take(broker.outgoing("protheus"))
        answer = await rm.take(broker.outgoing("rm"))
        await state(at, uuid, State.DELIVERED)

    assert (await open_codec().read(message.body)).envelope.header.uuid == uuid
    told = (await open_codec().read_answer(answer.body)).response
    assert told
    assert (told.status, told.received_uuid) == ("OK", uuid)


async def test_a_response_that_comes_later_decides(
    broker: Broker, rm: Foreigner, tmp_path: Path
) -> None:
    """Where the route says that one comes; until then the message is received."""
    uuid = new_uuid()
    async with bus_at(broker, rm, tmp_path, ROUTES.replace("{awaits}", "true")) as at:
        await rm.post(unit(uuid))
        await rm.take(broker.outgoing("protheus"))
        await state(at, uuid, State.AWAITING_RESPONSE)
        await say(at, response("ERROR", "não", uuid))
        await state(at, uuid, State.REFUSED)


async def test_a_caller_waits_for_the_response_that_comes_later(
    broker: Broker, rm: Foreigner, tmp_path: Path
) -> None:
    """From queue to queue and back, within the deadline of the route."""
    uuid = new_uuid()
    async with bus_at(broker, rm, tmp_path, ROUTES.replace("{awaits}", "true")) as at:
        calling = asyncio.create_task(rm.call(unit(uuid, mode="Sync")))
        await rm.take(broker.outgoing("protheus"))
        await state(at, uuid, State.AWAITING_RESPONSE)
        await say(at, response("OK", "", uuid))
        answer = await calling

    told = (await open_codec().read_answer(answer.body)).response
    assert told
    assert (told.status, told.received_uuid) == ("OK", uuid)
