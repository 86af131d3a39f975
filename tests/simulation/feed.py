"""An application that is read: its messages wait in a list until the bus fetches them."""

from __future__ import annotations

import asyncio

from bus.core.errors import Fault, ReceiverFault
from bus.ports.adapter import Inbound, InboundMessage, Poll, Webhook
from tests.simulation.conversant import Conversant
from tests.simulation.destinations import TRANSIT

PAGE = 2


class Feed(Conversant):
    """A list from which the bus reads page by page; a cursor is how many it has had.

    None stands for what changed there and is not for the bus.
    """

    @property
    def waiting(self) -> list[bytes | None]:
        """All that was ever put there."""
        return self._world.chronicle.fed

    async def read(self, source: Poll | Webhook) -> Inbound:
        """The next page, late or never where there is trouble."""
        assert isinstance(source, Poll)
        chance = self._world.chance_for(self.application.name, "read")
        await asyncio.sleep(chance.expovariate(1 / TRANSIT))
        if self.down_until > self._world.time():
            raise ReceiverFault(Fault("UNREACHABLE", details={"problem": "down"}))
        if not self.calm and chance.random() < self._trouble / 2:
            await asyncio.get_running_loop().create_future()
        first = int(source.cursor or 0)
        page = self.waiting[first : first + PAGE]
        end = first + len(page)
        messages = tuple(
            InboundMessage(body, str(number)) for number, body in enumerate(page, first + 1) if body
        )
        return Inbound(messages, more=end < len(self.waiting), cursor=str(end) if page else "")
