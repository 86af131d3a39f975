"""Applications post through a broker: what comes of it, and when it leaves the queue."""

from __future__ import annotations

import asyncio
import gzip
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from bus.core.activation import ACTIVATION, note_of
from bus.core.broker import Broker
from bus.core.envelope import Carrier
from bus.journal.commands import Confirm
from tests.amqp.conftest import ROUTES, AtBroker, bus_at
from tests.amqp.foreigner import ENOUGH, Foreigner
from tests.edge.conftest import unit
from tests.support.messages import new_uuid

MOST = 40_000
"""The largest body of a bus whose limit is to be exceeded."""
LONG = 3_000_000
"""Characters of a text that is read beside the event loop."""


async def delivered(at: AtBroker, count: int) -> None:
    """Wait until the destination has so many messages."""
    async with asyncio.timeout(ENOUGH):
        while len(at.protheus.received) < count:  # noqa: ASYNC110 - the simulator has no event
            await asyncio.sleep(0.02)


async def test_a_message_that_is_posted_is_delivered(at_broker: AtBroker) -> None:
    """It is the application's whose user of the broker posted it, and came by AMQP."""
    uuid = new_uuid()
    await at_broker.rm.post(unit(uuid))
    await delivered(at_broker, 1)

    (row,) = await at_broker.run.bus.history.find(uuid)
    assert (row.sender, row.carrier) == ("rm", Carrier.AMQP)
    assert [one.uuid for one in at_broker.protheus.received] == [uuid]


async def test_what_is_posted_is_taken_in_its_order(
    broker: Broker, rm: Foreigner, tmp_path: Path
) -> None:
    """Also where some are so long that they are read beside the event loop."""
    async with bus_at(broker, rm, tmp_path):
        pass  # now there is a queue
    uuids = [new_uuid() for _ in range(60)]
    for number, uuid in enumerate(uuids):
        body = unit(uuid, id_=f"1|U{number % 3}")
        await rm.post(body + b"<!--" + b"." * LONG * (number % 7 == 3) + b" -->")
    async with bus_at(broker, rm, tmp_path) as at:
        await delivered(at, len(uuids))
        came = [one.uuid for one in at.protheus.received]

    for document in range(3):  # each in the order of its acceptance
        posted = uuids[document::3]
        assert [uuid for uuid in came if uuid in posted] == posted


async def test_what_is_on_disk_has_left_the_queue(
    broker: Broker, rm: Foreigner, tmp_path: Path
) -> None:
    """A bus that stops leaves nothing behind that it took, and takes nothing twice."""
    uuids = [new_uuid() for _ in range(300)]
    async with bus_at(broker, rm, tmp_path) as at:
        for uuid in uuids:
            await rm.post(unit(uuid))
        await delivered(at, 1)
    async with bus_at(broker, rm, tmp_path) as at:
        async with asyncio.timeout(ENOUGH):
            while not all(rows := [await at.run.bus.history.find(uuid) for uuid in uuids]):  # noqa: ASYNC110 - it is asked
                await asyncio.sleep(0.05)

    assert Counter(map(len, rows)) == {1: len(uuids)}
    assert await rm.left(broker.incoming) == 0


@pytest.mark.parametrize(
    ("user", "code"), [("", "BROKER_USER_MISSING"), ("stranger", "BROKER_USER_UNKNOWN")]
)
async def test_whom_nobody_vouches_for_is_turned_away(
    broker: Broker, rm: Foreigner, tmp_path: Path, user: str, code: str
) -> None:
    """A message is its user's of the broker alone, whatever it claims."""
    known = replace(rm, user="somebody-else") if user else rm
    async with bus_at(broker, known, tmp_path):
        await rm.post(unit(new_uuid()), user_id=rm.user if user else None)
        told = await rm.take(broker.rejected)

    assert told.headers["bus-code"] == code
    assert "servidor de mensagens" in str(told.headers["bus-reason-pt"])
    assert "broker" in str(told.headers["bus-reason-en"])
    assert rm.user in str(told.headers["bus-reason-en"]) or not user


async def test_what_comes_from_who_is_not_in_force_is_rejected_with_the_way_to_activate_it(
    broker: Broker, rm: Foreigner, tmp_path: Path
) -> None:
    """It keeps no place in the queue; once the application is in force its messages are taken."""
    by_hand = ROUTES.replace("{{product: RM, ", "{{product: RM, activation: by_hand, ")
    async with bus_at(broker, rm, tmp_path, by_hand) as at:
        await rm.post(unit(new_uuid()))
        told = await rm.take(broker.rejected)
        confirmed = Confirm(
            "rm", ACTIVATION, "ana", note_of(at.run.bus.deployment.applications["rm"])
        )
        await at.run.bus.ports.journal.confirm(confirmed)
        await rm.post(unit(new_uuid()))
        await delivered(at, 1)

    assert told.headers["bus-code"] == "APPLICATION_INACTIVE"
    assert "bus application preview rm" in str(told.headers["bus-remedy-en"])


async def test_what_cannot_be_read_is_rejected_with_its_reason(at_broker: AtBroker) -> None:
    """As it came, with the reason in both languages; it is recorded as any other rejection is."""
    await at_broker.rm.post(b"no XML", message_id="m-1", headers={"CC": ["elsewhere"], "x": "y"})
    told = await at_broker.rm.take(at_broker.broker.rejected)

    assert (told.body, told.message_id) == (b"no XML", "m-1")
    assert told.headers["bus-code"] == "MALFORMED_XML"
    assert told.headers["bus-sender"] == "rm"
    assert "XML bem formado" in str(told.headers["bus-reason-pt"])
    assert "well-formed" in str(told.headers["bus-reason-en"])
    assert not {"CC", "x"} & set(told.headers)
    (row,) = await at_broker.run.bus.history.find(str(told.headers["bus-message"]))
    assert (row.sender, row.carrier) == ("rm", Carrier.AMQP)


async def test_what_differs_from_its_contract_is_rejected_with_the_place(
    at_broker: AtBroker,
) -> None:
    """Nobody waits for an answer: the queue tells it, and where."""
    uuid = new_uuid()
    await at_broker.rm.post(unit(uuid).replace(b"<Code>UN</Code>", b"<Kode>UN</Kode>"))
    told = await at_broker.rm.take(at_broker.broker.rejected)

    assert told.headers["bus-path"] == "/TOTVSMessage/BusinessMessage/BusinessContent/Kode"
    (row,) = await at_broker.run.bus.history.find(uuid)
    assert row.id == told.headers["bus-message"]


async def test_what_is_too_large_is_rejected(broker: Broker, rm: Foreigner, tmp_path: Path) -> None:
    """Also where it becomes so when it is decompressed."""
    async with bus_at(broker, rm, tmp_path, max_body=MOST) as at:
        large = unit(new_uuid()) + b" " * MOST
        await rm.post(large)
        first = await rm.take(broker.rejected)
        await rm.post(gzip.compress(large), content_encoding="gzip")
        second = await rm.take(broker.rejected)

    assert first.headers["bus-code"] == "TOO_LARGE"
    assert second.headers["bus-code"] in {"TOO_LARGE", "COMPRESSION_REFUSED"}
    assert not at.protheus.heard


async def test_a_compressed_message_is_taken(at_broker: AtBroker) -> None:
    """By its content encoding; a charset there is none."""
    await at_broker.rm.post(gzip.compress(unit(new_uuid())), content_encoding="gzip")
    await at_broker.rm.post(unit(new_uuid()), content_encoding="utf-8")
    await delivered(at_broker, 2)


async def test_no_message_stops_another(at_broker: AtBroker) -> None:
    """What is rejected leaves its queue, and the next comes."""
    for number in range(20):
        await at_broker.rm.post(unit(new_uuid()) if number % 2 else b"<")
    await delivered(at_broker, 10)

    for _ in range(10):
        await at_broker.rm.take(at_broker.broker.rejected)
    assert await at_broker.rm.left(at_broker.broker.rejected) == 0
