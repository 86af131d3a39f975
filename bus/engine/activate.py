"""Activate: a person puts an application in force, once all that it needs is there."""

from __future__ import annotations

from dataclasses import dataclass

from bus.core.activation import (
    ACTIVATION,
    ConfirmedSetting,
    activation_of,
    bar_of,
    hash_of,
    keeps_out_of_force,
    note_of,
    settings_of,
)
from bus.core.delivery import State
from bus.core.diagnosis import Confirmation, Finding
from bus.core.errors import Fault, SenderFault
from bus.core.route import Application, Route
from bus.engine.diagnose import Diagnoser
from bus.engine.poll import Poller
from bus.journal.commands import Confirm
from bus.ports.history import Filter
from bus.ports.ports import Ports

MOST_WAITING = 1000
"""Messages that wait for an application and are counted."""


@dataclass(frozen=True, slots=True)
class ApplicationPreview:
    """What would be put in force: settings, routes, and the findings that keep it from that.

    `fault` is why it is not in force now, None where it is; `waiting` counts the messages that wait
    for it, `MOST_WAITING` at most; `confirmation` is the last one, if it was not taken back.
    """

    application: Application
    settings: tuple[ConfirmedSetting, ...]
    routes: tuple[Route, ...]
    findings: tuple[Finding, ...]
    waiting: int
    confirmation: Confirmation | None
    fault: Fault | None

    @property
    def hash(self) -> str:
        """What confirms these settings."""
        return hash_of(self.application)


class Activator:
    """Puts applications in force, and takes them out of it."""

    def __init__(self, ports: Ports, diagnoser: Diagnoser, poller: Poller) -> None:
        self._ports = ports
        self._diagnoser = diagnoser
        self._poller = poller

    async def preview(self, name: str) -> ApplicationPreview:
        """What would be put in force, and what keeps it from that; nothing changes by it."""
        application = self._by_hand(name)
        history = self._ports.history
        said = await history.confirmations()
        chosen = Filter(destination=application.name, state=State.WAITING, limit=MOST_WAITING)
        return ApplicationPreview(
            application,
            settings_of(application),
            self._routes(application),
            await self._hindrances(application),
            len(await history.messages(chosen)),
            activation_of(application.name, said),
            bar_of(application, said),
        )

    async def activate(self, name: str, confirmed: str, actor: str) -> Confirmation:
        """Put an application in force, as its preview said.

        SenderFault, and nothing is kept, where the preview is another by now, the application does
        not answer, does not admit the bus, or lacks a prerequisite.
        """
        application = self._by_hand(name)
        if confirmed != hash_of(application):
            raise SenderFault(_changed(application, confirmed))
        if found := await self._hindrances(application):
            refused = Fault("ACTIVATION_REFUSED", details={"application": application.name})
            unsaid = Fault("CREDENTIALS_UNCHECKED", details={"application": application.name})
            missing = [one.fault for one in found if one.fault]
            raise SenderFault(refused, *(missing or [unsaid]))
        asked = Confirm(application.name, ACTIVATION, actor, note_of(application))
        said = await self._ports.journal.confirm(asked)
        self._poller.begin_anew(application.name)
        return said

    async def deactivate(self, name: str, actor: str) -> bool:
        """Take an application out of force, at once; whether it was put in force before.

        What is being sent ends; what is queued for it waits until it is in force again.
        """
        application = self._by_hand(name)
        if activation_of(application.name, await self._ports.history.confirmations()) is None:
            return False
        await self._ports.journal.confirm(
            Confirm(application.name, ACTIVATION, actor, withdrawn=True)
        )
        self._poller.begin_anew(application.name)
        return True

    def _by_hand(self, name: str) -> Application:
        application = self._diagnoser.application(name)
        if not application.by_hand:
            details = {"application": application.name}
            raise SenderFault(Fault("ACTIVE_AT_ONCE", details=details))
        return application

    def _routes(self, application: Application) -> tuple[Route, ...]:
        name, routes = application.name, self._ports.deployment().routes
        return tuple(one for one in routes if name in {one.origin, *one.destinations})

    async def _hindrances(self, application: Application) -> tuple[Finding, ...]:
        (found,) = await self._diagnoser.diagnose(application.name)
        return tuple(filter(keeps_out_of_force, found.findings))


def _changed(application: Application, confirmed: str) -> Fault:
    details = {
        "name": application.name,
        "value": confirmed,
        "hash": hash_of(application),
        "command": f"bus application preview {application.name}",
    }
    return Fault("PREVIEW_CHANGED", "confirm", details=details)
