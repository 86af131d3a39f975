"""Topics: that an application told of one by webhook is kept, the first time."""

from __future__ import annotations

from bus.core.route import Application
from bus.core.topics import heard_from, rule_of_topic, source_of
from bus.journal.commands import Confirm
from bus.ports.adapter import Adapter, Listener
from bus.ports.ports import Ports


class HeardTopics:
    """Keeps in the journal which topics came; what it knows of already costs nothing."""

    def __init__(self, ports: Ports) -> None:
        self._journal = ports.journal
        self._history = ports.history
        self._known: set[tuple[str, str, str]] = set()

    async def heard(self, application: Application, adapter: Adapter, topic: str) -> None:
        """An application told of a topic; one that nobody asks for is not kept."""
        source = source_of(application)
        key = (application.name, source, topic)
        if key in self._known or not isinstance(adapter, Listener) or topic not in adapter.topics():
            return
        if topic not in heard_from(application, await self._history.confirmations()):
            asked = Confirm(application.name, rule_of_topic(topic), application.name, source)
            await self._journal.confirm(asked)
        self._known.add(key)
