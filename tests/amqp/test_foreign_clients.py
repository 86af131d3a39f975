"""Applications use the client that they like; what the documentation shows of one works."""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import replace
from pathlib import Path

import pika
from structlog.testing import capture_logs

from bus.core.broker import Broker
from bus.core.route import Credentials
from tests.amqp.conftest import AtBroker, bus_at
from tests.amqp.foreigner import Foreigner, url_of
from tests.amqp.test_both_ways import ROUTES as BOTH_WAYS
from tests.amqp.test_lost_connections import known, metrics
from tests.amqp.test_posting import delivered
from tests.edge.conftest import unit
from tests.support.messages import new_uuid

EXAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)
SECRET = "a-password-that-nobody-has"


async def test_the_example_of_the_documentation_posts(at_broker: AtBroker, checkout: Path) -> None:
    """By pika, as it stands there, to the broker and the names of this test."""
    (example,) = EXAMPLE.findall((checkout / "docs" / "amqp.md").read_text("utf-8"))
    broker, uuid = at_broker.broker, new_uuid()
    program = (
        example.replace("amqps://erp:…@rabbitmq.example/erp", url_of(broker))
        .replace('user_id="erp"', f'user_id="{at_broker.rm.user}"')
        .replace('basic_publish("bus"', f'basic_publish("{broker.exchange}"')
    )
    known: dict[str, object] = {"message": unit(uuid)}
    await asyncio.to_thread(exec, program, known)
    await delivered(at_broker, 1)

    connection = known["connection"]
    assert isinstance(connection, pika.BlockingConnection)
    connection.close()
    assert [one.uuid for one in at_broker.protheus.received] == [uuid]


async def test_pika_reads_what_aio_pika_posted(
    broker: Broker, rm: Foreigner, tmp_path: Path
) -> None:
    """From queue to queue, each side by another client."""
    uuid = new_uuid()
    async with bus_at(broker, rm, tmp_path, BOTH_WAYS.replace("{awaits}", "false")):
        await rm.post(unit(uuid))
        properties, body = await asyncio.to_thread(_read, broker)

    assert properties.message_id == uuid
    assert uuid.encode() in body


async def test_passwords_are_nowhere(broker: Broker, rm: Foreigner, tmp_path: Path) -> None:
    """Not in the log, in health or in metrics, though the broker refuses them."""
    wrong = replace(broker, credentials=Credentials("erp", SECRET))
    with capture_logs() as lines:
        async with bus_at(wrong, rm, tmp_path, begun=False) as at:
            told = str(await known(at)) + await metrics(at)

    assert "usuário ou a senha" in told
    assert "broker away" in str(lines)
    assert SECRET not in told + str(lines)


def _read(broker: Broker) -> tuple[pika.BasicProperties, bytes]:
    with contextlib.closing(pika.BlockingConnection(pika.URLParameters(url_of(broker)))) as line:
        for _, properties, body in line.channel().consume(
            broker.outgoing("protheus"), auto_ack=True, inactivity_timeout=20
        ):
            return properties, body
    raise AssertionError
