"""What is done leaves its queue, and nothing else does."""

from __future__ import annotations

import asyncio

from bus.broker.letters import Letter, OutgoingLetter
from bus.broker.session import Session
from bus.broker.wake import Wake
from bus.core.broker import Broker
from tests.amqp.foreigner import Foreigner

TURNS = 100
"""How often the bus looks at most."""


async def test_what_is_done_leaves_its_queue_whatever_is_before_it(
    broker: Broker, rm: Foreigner
) -> None:
    """The oldest go by one word, those behind one that is not done one by one."""
    left = await asyncio.to_thread(_done_of_six, broker, (0, 1, 3, 5))

    assert left == [b"2", b"4"]
    back = [(await rm.take(broker.incoming)).body for _ in left]
    assert sorted(back) == left
    assert await rm.left(broker.incoming) == 0


def _done_of_six(broker: Broker, done: tuple[int, ...]) -> list[bytes]:
    """What comes again of six messages of which some were done, in two goes."""
    wake = Wake()
    session = Session(broker, wake)
    came: list[Letter] = []
    session.declare(broker.incoming)
    session.consume(broker.incoming, "", came.append)
    for number in range(6):
        letter = OutgoingLetter(broker.incoming, str(number).encode())
        session.publish(letter, lambda _: None)
    while len(came) < 6:
        session.pump(0.1)
    for some in (done[:2], done[2:]):
        for number in some:
            session.done(came[number])
        session.acknowledge()
    session.close()
    again: list[Letter] = []
    session = Session(broker, wake)
    session.consume(broker.incoming, "", again.append)
    for _ in range(TURNS):
        if len(again) < 6 - len(done):
            session.pump(0.1)
    session.close()
    wake.close()
    return [one.body for one in again]
