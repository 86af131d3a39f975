"""Speaks to one Omie app: standard messages become calls of its services, its records messages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from adapters.omie.balances import BALANCES
from adapters.omie.client import NotDone, OmieClient
from adapters.omie.errand import Done, Errand
from adapters.omie.families import Families
from adapters.omie.reading import OmieReading
from adapters.omie.registers import bring_register
from adapters.omie.requisitions import (
    ask_cancellation,
    ask_requisition,
    bring_cancellation,
    bring_requisition,
)
from adapters.omie.settings import OmieSettings
from adapters.omie.stock import ask_write_off, bring_balances, bring_write_off
from bus.core.envelope import Response, Status
from bus.core.errors import Fault
from bus.core.outcome import Outcome, Report
from bus.core.text import Text
from bus.ports.adapter import PROBE_WITHIN, Inbound, Parcel, Poll, Webhook

BRING: Mapping[str, Callable[[Errand], Awaitable[Done]]] = {
    "family": bring_register,
    "item": bring_register,
    "customervendor": bring_register,
    "stockturnover": bring_write_off,
    "request": bring_requisition,
    "cancelrequest": bring_cancellation,
    "stocklevel": bring_balances,
}
"""What is done with a message, by its casefolded transaction."""
ASK: Mapping[str, Callable[[Errand], Awaitable[Report | None]]] = {
    "stockturnover": ask_write_off,
    "request": ask_requisition,
    "cancelrequest": ask_cancellation,
}
"""How it is found out what became of one; all else may be repeated."""
NO_PLACE = Text("a Omie não tem lugar para {transaction}", "Omie has no place for {transaction}")
NO_ANSWERS = Text(
    "a Omie não recebe respostas: ponha `takes_answers: false` em routes.yaml",
    "Omie takes no answers: put `takes_answers: false` into routes.yaml",
)


CHECKED_WITHIN = 4.0
"""Seconds that Omie has to say whether it accepts the keys."""


class OmieAdapter:
    """Delivers to one app, and reads it."""

    def __init__(
        self,
        client: OmieClient,
        settings: OmieSettings,
        reading: OmieReading,
        families: Families,
    ) -> None:
        self._client = client
        self._settings = settings
        self._reading = reading
        self._families = families

    async def send(self, parcel: Parcel) -> Report:
        """Deliver by the calls that the message takes."""
        header = parcel.document.envelope.header
        bring = BRING.get(header.transaction.casefold())
        errand = Errand(parcel, self._client, self._settings)
        if parcel.answer:
            return errand.refuse(NO_ANSWERS).report
        if not bring:
            return errand.refuse(NO_PLACE.filled(transaction=header.transaction)).report
        try:
            done = await bring(errand)
        except NotDone as fault:
            return fault.report
        response = Response(parcel.uuid, Status.OK, ids=done.ids, content=done.content)
        return Report(Outcome.DELIVERED, response=response, answer=errand.heard)

    async def ask(self, parcel: Parcel) -> Report | None:
        """What became of a message, by its integration code; None where nobody can tell now."""
        question = ASK.get(parcel.document.envelope.header.transaction.casefold())
        if not question:
            return None
        try:
            return await question(Errand(parcel, self._client, self._settings))
        except NotDone:
            return None

    async def read(self, source: Poll | Webhook) -> Inbound:
        """What the app has to take."""
        if isinstance(source, Poll) and source.register:
            return await self._reading.alone(source.register).read(source)
        return await self._reading.read(source)

    def registers(self) -> tuple[str, ...]:
        """What is read, without the balances: they are no register."""
        return tuple(name for name in self._settings.reads if name != BALANCES.entity)

    def topics(self) -> Mapping[str, Text]:
        """What the app must tell of by webhook."""
        return self._reading.topics()

    async def check_credentials(self) -> Fault | None:
        """Whether the app is active and accepts its keys, by a question that changes nothing."""
        return await self._client.refused(CHECKED_WITHIN)

    async def probe(self) -> Fault | None:
        """Whether Omie answers, and knows the families that are to be read (K-05)."""
        within = PROBE_WITHIN * 0.95 / 2
        if fault := await self._client.probe(within):
            return fault
        return await self._families.missing(within)

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.close()
