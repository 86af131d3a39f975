"""Echoes: what an application was sent, and sends back under its own id (X-16)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from bus.core.contract import Alike, Contract, IdRole
from bus.core.delivery import UNDER_WAY, Kind, Reason, State
from bus.core.echo import do_the_same, paths_of
from bus.core.envelope import BusinessEvent, Envelope, InternalIdPair, Response, Status
from bus.core.errors import Fault
from bus.core.outcome import Outcome, Report
from bus.core.route import Application
from bus.core.subject import KEY
from bus.core.translation import (
    FoundId,
    Translation,
    TranslationContext,
    is_blank,
    keys_of,
    translate,
)
from bus.engine.translate import Prepared, wanted_fault
from bus.journal.commands import Claim
from bus.journal.rows import MICROSECONDS, DeliveryRow, MessageRow
from bus.ports.codec import Document
from bus.ports.depara import CrossReference
from bus.ports.history import Filter
from bus.ports.ports import Ports

MAY_HAVE_ARRIVED = (
    State.UNKNOWN,
    State.WAITING,
    State.SENDING,
    State.AWAITING_RESPONSE,
    State.UNKNOWN,
)
"""States in which the id that a destination gave may not be known yet, in the order in which a
delivery goes through them: one that goes on while they are asked for is found in the next.
"""
MOST = 200
"""Messages that are looked at in one of these states."""


class _Theirs(NamedTuple):
    """What may be an echo, in the ids of its reader: who sent it, and under which id of its own."""

    claim: Claim
    envelope: Envelope
    contract: Contract
    alike: Alike
    document: Document
    own: FoundId
    translation: Translation
    since: int
    """What was delivered before (µs) is too old to be echoed."""

    @property
    def own_there(self) -> str:
        """What its reader calls it; empty where the de-para does not say."""
        if self.translation.new:
            return ""
        return self.translation.after(self.own.path, self.own.value) or ""

    def like(self, ours: Document) -> bool:
        """Whether it does what was delivered."""
        return self._does(ours, frozenset())

    def maybe_like(self, ours: Document) -> bool:
        """Whether it does what was delivered, if what it refers to is the same."""
        open_ids = {(one.path, one.key.id) for one in self.translation.wanted}
        return self._does(ours, frozenset(open_ids))

    def _does(self, ours: Document, open_ids: frozenset[tuple[str, str]]) -> bool:
        theirs = self.document.content(self.translation)
        return do_the_same(ours.content(), theirs, self.alike, open_ids)


class _Ours(NamedTuple):
    """What was sent, and its own id."""

    document: Document
    own: str


class Echoes:
    """Knows what was delivered, and so what is no news."""

    def __init__(self, ports: Ports) -> None:
        self._codec = ports.codec
        self._contracts = ports.contracts
        self._crossreference = ports.crossreference
        self._history = ports.history
        self._deployment = ports.deployment

    def window(self, claim: Claim) -> float:
        """Seconds within which a message may be an echo of what was delivered; 0 if it is none."""
        if claim.delivery.kind is not Kind.COPY or was_sent(claim.delivery):
            return 0
        route = self._deployment().route(claim.delivery.rule)
        return route.echo_within if route else 0

    async def found(
        self, claim: Claim, document: Document, prepared: Prepared, window: float
    ) -> tuple[Report, Prepared] | None:
        """Why a message is not sent: it is an echo, or may be one. None where it is news.

        In doubt it waits: for the end of what is being sent to its sender, or for the pair without
        which nobody can tell.
        """
        contract = prepared.contract
        if contract is None or contract.alike is None:
            return None
        # Before the de-para is asked: what ends meanwhile is learnt there.
        since = claim.message.received_at - int(window * MICROSECONDS)
        under_way = await self._under_way(claim, contract, since)
        theirs = await self._theirs(claim, document, prepared, since)
        if theirs is None:
            return None
        if told := await self._of_delivered(theirs, prepared):
            return told
        for message in under_way:
            ours = await self._ours(theirs, message)
            if ours and theirs.maybe_like(ours.document):
                return _may_be_echo(theirs, message), prepared
        return None

    async def _of_delivered(
        self, theirs: _Theirs, prepared: Prepared
    ) -> tuple[Report, Prepared] | None:
        """What it is, or may be, the echo of: of what was delivered under the id that it has."""
        doubt = None
        for message in await self._delivered(theirs):
            ours = await self._ours(theirs, message)
            if ours is None or ours.own != theirs.own_there:
                continue
            if theirs.like(ours.document):
                return _is_echo(theirs, message), prepared
            if theirs.maybe_like(ours.document):
                doubt = _lacks_a_pair(theirs, prepared)
        return doubt

    async def _theirs(
        self, claim: Claim, document: Document, prepared: Prepared, since: int
    ) -> _Theirs | None:
        crossing, contract = prepared.crossing, prepared.contract
        own = next(filter(names_it, prepared.found), None)
        if crossing is None or contract is None or contract.alike is None or own is None:
            return None
        translation = await in_terms_of(
            crossing.reader, prepared.found, crossing, contract, self._crossreference
        )
        extended = crossing.sender.extensions and crossing.reader.extensions
        alike = contract.alike_of(extended=extended) or contract.alike
        return _Theirs(claim, document.envelope, contract, alike, document, own, translation, since)

    async def _delivered(self, theirs: _Theirs) -> list[MessageRow]:
        """What was delivered and may have the id that its reader calls it by, the newest first."""
        if not theirs.own_there:
            return []
        chosen = Filter(key=theirs.own_there[:KEY], limit=MOST)
        return await self._sent(theirs.claim, theirs.contract, chosen, _is_delivered, theirs.since)

    async def _under_way(self, claim: Claim, contract: Contract, since: int) -> list[MessageRow]:
        """What may have arrived, and has no id there yet."""
        found: dict[str, MessageRow] = {}
        for state in MAY_HAVE_ARRIVED:
            chosen = Filter(state=state, limit=MOST)
            sent = await self._sent(claim, contract, chosen, may_have_arrived, since)
            found |= {message.id: message for message in sent}
        return list(found.values())

    async def _sent(
        self,
        claim: Claim,
        contract: Contract,
        chosen: Filter,
        stands: Callable[[DeliveryRow], bool],
        since: int,
    ) -> list[MessageRow]:
        """What was sent the other way of the same entity, and stands so there since that time."""
        reader, sender = claim.delivery.destination, claim.message.sender
        chosen = replace(chosen, sender=reader, destination=sender)
        return [
            message
            for message, deliveries in await self._history.messages(chosen)
            if message.entity == contract.entity
            and any(
                (row.destination, row.kind) == (sender, Kind.COPY)
                and row.changed_at >= since
                and stands(row)
                for row in deliveries
            )
        ]

    async def _ours(self, theirs: _Theirs, message: MessageRow) -> _Ours | None:
        """What was sent; None where its text is gone, or the event is another."""
        contract = self._contracts.find(message.transaction, message.version)
        body = await self._history.body(message.id)
        if contract is None or body is None:
            return None
        document = await self._codec.read(body, message.carrier)
        if event_of(document.envelope) != event_of(theirs.envelope):
            return None
        own = next(filter(names_it, document.ids(contract.ids)), None)
        return _Ours(document, own.value) if own else None


async def in_terms_of(
    application: Application,
    found: Sequence[FoundId],
    crossing: TranslationContext,
    contract: Contract,
    crossreference: CrossReference,
) -> Translation:
    """The ids of a message as an application would say them.

    Whatever it does without a pair: that it is not known is what counts here.
    """
    entities = {one.casefold() for element in contract.ids for one in element.entities}
    reader = replace(application, references={})
    crossing = crossing._replace(reader=reader, taught=frozenset(entities))
    known = await crossreference.known(keys_of(found, crossing))
    return translate(found, crossing, known)._replace(elements=contract.ids)


def _is_delivered(row: DeliveryRow) -> bool:
    return row.state is State.DELIVERED


def may_have_arrived(row: DeliveryRow) -> bool:
    """Whether a delivery that has not ended may have had its effect."""
    if row.state is State.WAITING:
        return row.attempts > 0 or row.unheard
    return row.state in MAY_HAVE_ARRIVED


def was_sent(delivery: DeliveryRow) -> bool:
    """Whether a try of it may have arrived: what came of that is for the answer to tell."""
    return delivery.attempts > 0


def is_open(delivery: DeliveryRow) -> bool:
    """Whether it may still arrive, or nobody knows whether it has."""
    return delivery.state in UNDER_WAY or delivery.state is State.UNKNOWN


def names_it(found: FoundId) -> bool:
    """Whether an id is the document's own."""
    return found.element.role is IdRole.OWN and not is_blank(found.value)


def event_of(envelope: Envelope) -> object:
    """Whether a message makes or deletes; None of what is no event."""
    business = envelope.business
    return business.event if isinstance(business, BusinessEvent) else None


def _is_echo(theirs: _Theirs, message: MessageRow) -> Report:
    """Discarded; its sender is told by which id its reader knows it, as if it had been sent."""
    ids = (InternalIdPair(theirs.contract.entity, theirs.own.value, theirs.own_there),)
    response = Response(theirs.envelope.header.uuid, Status.OK, ids=ids)
    fault = _fault("ECHO", theirs, message)
    return Report(Outcome.WITHHELD, response=response, fault=fault, withheld=Reason.ECHO)


def _may_be_echo(theirs: _Theirs, message: MessageRow) -> Report:
    fault = _fault("MAYBE_ECHO", theirs, message)
    return Report(Outcome.WITHHELD, fault=fault, withheld=Reason.MAYBE_ECHO)


def _fault(code: str, theirs: _Theirs, message: MessageRow) -> Fault:
    details = {
        "sender": theirs.claim.message.sender,
        "application": theirs.claim.delivery.destination,
        "message": message.id,
    }
    return Fault(code, details=details)


def _lacks_a_pair(theirs: _Theirs, prepared: Prepared) -> tuple[Report, Prepared]:
    """It waits for the pairs without which nobody can tell an echo from news."""
    paths = paths_of(theirs.alike)
    wanted = tuple(one for one in theirs.translation.wanted if one.path in paths)
    translation = prepared.translation._replace(wanted=wanted)
    fault = wanted_fault(wanted, theirs.claim.delivery.destination)
    report = Report(Outcome.WITHHELD, fault=fault, withheld=Reason.ID_MISSING)
    return report, replace(prepared, translation=translation)
