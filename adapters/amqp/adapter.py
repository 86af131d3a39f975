"""Delivers by putting messages into a queue: the broker's confirm is all there is to hear."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from bus.broker.letters import Fate, OutgoingLetter
from bus.broker.problems import NOT_IN_TIME, is_login, problem_of
from bus.broker.publication import Publication
from bus.broker.session import Session
from bus.broker.worker import Worker
from bus.core.broker import Broker
from bus.core.errors import Fault
from bus.core.outcome import Outcome, Report
from bus.core.route import Application
from bus.core.text import Text
from bus.ports.adapter import PROBE_WITHIN, Parcel

MEDIA_TYPE = "application/xml"
OWN_SHARE = 0.95  # of the engine's limit: so a time-out is told by who knows whether bytes left
NO_QUEUE = Text("não há a fila {queue}", "there is no queue {queue}")
FULL = Text("a fila {queue} não aceita mais", "queue {queue} takes no more")
NOT_CONFIRMED = Text(
    "o servidor de mensagens não confirmou em {limit:g} s",
    "the broker did not confirm within {limit:g} s",
)
LOST = Text(
    "a conexão caiu antes da confirmação do servidor de mensagens",
    "the connection was lost before the broker confirmed",
)


class OutgoingQueue(NamedTuple):
    """Where messages go: its name, and whether it is ours to make."""

    name: str
    declared: bool


class AmqpAdapter:
    """Delivers to one application, by its queue. Many messages may be unconfirmed at once."""

    def __init__(self, application: Application, broker: Broker, queue: OutgoingQueue) -> None:
        self._application = application
        self._queue = queue
        self._worker = Worker(broker, self._set_up, lambda _: None, steady=False)

    async def send(self, parcel: Parcel) -> Report:
        """Put the message there; what the broker confirms, it keeps."""
        letter = OutgoingLetter(
            self._queue.name,
            parcel.message,
            {"bus-application": self._application.name},
            {"message_id": parcel.uuid, "content_type": MEDIA_TYPE},
        )
        publication = Publication(letter)
        within = parcel.timeout * OWN_SHARE
        begun_within = min(within, parcel.start_within or within)
        self._post(publication)
        try:
            fate = await _fate(publication, begun_within, within)
        except asyncio.CancelledError:
            publication.give_up()
            raise
        return self._report(fate, publication, parcel, within)

    async def ask(self, parcel: Parcel) -> Report | None:
        """None: a broker tells nobody what became of a message."""
        return None

    async def probe(self) -> Fault | None:
        """Whether the broker lets us in, and has the queue if it is ours."""
        publication = Publication(None)
        self._post(publication)
        within = PROBE_WITHIN * OWN_SHARE
        fate = await _fate(publication, within, within)
        return None if fate is Fate.KEPT else self._unreachable(publication)

    async def close(self) -> None:
        """Let go of the connection."""
        await asyncio.to_thread(self._worker.stop)

    def _post(self, publication: Publication) -> None:
        self._worker.start()
        self._worker.post(publication)

    def _set_up(self, session: Session) -> None:
        if self._queue.declared:
            session.declare(self._queue.name)

    def _report(
        self, fate: Fate, publication: Publication, parcel: Parcel, within: float
    ) -> Report:
        queue = self._queue.name
        match fate:
            case Fate.KEPT:
                return Report(Outcome.RECEIVED if parcel.awaits_response else Outcome.DELIVERED)
            case Fate.NOT_SENT:
                return Report(Outcome.UNREACHABLE, fault=self._unreachable(publication))
            case Fate.RETURNED:
                fault = self._fault("UNREACHABLE", NO_QUEUE.filled(queue=queue))
                return Report(Outcome.UNREACHABLE, fault=fault)
            case Fate.REFUSED:
                return Report(Outcome.BUSY, fault=self._fault("BUSY", FULL.filled(queue=queue)))
            case Fate.IN_DOUBT:
                silent = not publication.ended.done()
                problem = NOT_CONFIRMED.filled(limit=within) if silent else LOST
                return Report(Outcome.UNKNOWN, fault=self._fault("OUTCOME_UNKNOWN", problem))

    def _unreachable(self, publication: Publication) -> Fault:
        """Why nothing was sent."""
        error = publication.error
        code = "LOGIN_REFUSED_BY_RECEIVER" if error and is_login(error) else "UNREACHABLE"
        return self._fault(code, problem_of(error) if error else NOT_IN_TIME)

    def _fault(self, code: str, problem: Text) -> Fault:
        return Fault(code, details={"application": self._application.name, "problem": problem})


async def _fate(publication: Publication, begun_within: float, within: float) -> Fate:
    """What became of it: NOT_SENT where it was not begun in time, and so never is."""
    await asyncio.wait([publication.ended], timeout=begun_within)
    if not publication.ended.done() and publication.give_up():
        return Fate.NOT_SENT
    await asyncio.wait([publication.ended], timeout=within - begun_within)
    return publication.ended.result() if publication.ended.done() else Fate.IN_DOUBT
