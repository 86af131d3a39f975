"""That an application told of a topic is kept once, however often it does."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bus.core.diagnosis import Confirmation
from bus.core.text import Text, same
from bus.engine.topics import HeardTopics
from tests.support.deployments import application
from tests.support.loopback import Loopback
from tests.support.rig import CODEC, Rigs

RM = application("rm")


class Newsagent(Loopback):
    """An application that has to tell of stock."""

    def topics(self) -> Mapping[str, Text]:
        """What it has to tell of."""
        return {"stock": same("stock")}


async def test_the_first_time_counts_after_a_restart_too(lasting: Rigs) -> None:
    """The journal has one fact of it, of when it first came."""
    bus = await lasting.start(run=False)
    agent = Newsagent("rm", CODEC)
    await HeardTopics(bus.bus.ports).heard(RM, agent, "stock")
    first = await bus.bus.history.confirmations()
    lasting.clock.advance(60)
    bus = await lasting.restart()
    await HeardTopics(bus.bus.ports).heard(RM, agent, "stock")

    assert [(one.application, one.by) for one in first] == [("rm", "rm")]
    assert await bus.bus.history.confirmations() == first


async def test_what_is_known_is_not_looked_up_again(
    rigs: Rigs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A burst of events reads the journal once; what nobody asks for, never."""
    bus = await rigs.start(run=False)
    confirmations, asked = bus.store.history.confirmations, []

    async def spy() -> tuple[Confirmation, ...]:
        asked.append(1)
        return await confirmations()

    monkeypatch.setattr(bus.store.history, "confirmations", spy)
    heard = HeardTopics(bus.bus.ports)
    for topic in ("stock", "weather", "stock", "stock"):
        await heard.heard(RM, Newsagent("rm", CODEC), topic)
    await heard.heard(RM, Loopback("rm", CODEC), "stock")

    assert asked == [1]
    assert len(await confirmations()) == 1
