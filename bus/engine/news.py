"""News: whether a shared register says anything that its reader does not have, whoever said it.

Applications that share registers tell on what they were told, under their own ids, whenever they
are read. What an application was last told, or told last, is what it has: the same once more is no
news, however much later it comes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bus.core.contract import Alike, Contract, IdRole
from bus.core.delivery import Kind, Reason, State
from bus.core.echo import do_the_same
from bus.core.envelope import InternalIdPair, Response, Status
from bus.core.errors import Fault
from bus.core.outcome import Outcome, Report
from bus.core.sharing import Change, SharingGroup, rule_of
from bus.core.translation import (
    UNCHANGED,
    FoundId,
    Translation,
    TranslationContext,
)
from bus.engine.echo import (
    MAY_HAVE_ARRIVED,
    MOST,
    event_of,
    in_terms_of,
    is_open,
    may_have_arrived,
    names_it,
)
from bus.engine.translate import Prepared
from bus.journal.commands import Claim
from bus.journal.rows import DeliveryRow, MessageRow
from bus.ports.codec import Document
from bus.ports.history import Filter
from bus.ports.ports import Ports


class _Said(NamedTuple):
    """A message about the register, and what became of its copies."""

    message: MessageRow
    copies: Mapping[str, DeliveryRow]

    @property
    def came(self) -> tuple[int, str]:
        """When it came in, and its id: what came later is greater."""
        return self.message.received_at, self.message.id


class _Known(NamedTuple):
    """What an application got at some time (µs), or said itself."""

    at: int
    said: _Said
    its_own: bool


class _Register(NamedTuple):
    """A message of a group as it would leave, and its ids in the terms of each application."""

    claim: Claim
    contract: Contract
    document: Document
    own: FoundId
    group: SharingGroup
    terms: Mapping[str, Translation]
    extended: frozenset[str]
    """The applications of the group that tell and take what is ours."""
    since: int
    """What was said before (µs) is of a time in which the group was not active."""

    @property
    def sender(self) -> str:
        return self.claim.message.sender

    @property
    def reader(self) -> str:
        return self.claim.delivery.destination

    @property
    def came(self) -> tuple[int, str]:
        return self.claim.message.received_at, self.claim.message.id

    def id_at(self, application: str) -> str:
        """What an application calls it; empty where the de-para does not say."""
        terms = self.terms.get(application)
        if terms is None or terms.new:
            return ""
        return terms.after(self.own.path, self.own.value) or ""

    def like(self, ours: Document, of: str, *, maybe: bool = False) -> bool:
        """Whether it says what an application said; or may, if what it refers to is the same."""
        terms = self.terms[of]
        open_ids = frozenset((one.path, one.key.id) for one in terms.wanted) if maybe else ()
        return do_the_same(ours.content(), self.document.content(terms), self._alike(of), open_ids)

    def _alike(self, of: str) -> Alike:
        extended = self.extended.issuperset({self.sender, self.reader, of})
        return self.contract.alike_of(extended=extended) or Alike()


class SharedNews:
    """Knows what was said of shared registers, and so what is no news."""

    def __init__(self, ports: Ports) -> None:
        self._codec = ports.codec
        self._contracts = ports.contracts
        self._crossreference = ports.crossreference
        self._history = ports.history
        self._deployment = ports.deployment

    async def none_in(
        self, claim: Claim, document: Document, prepared: Prepared, group: SharingGroup, since: int
    ) -> Report | None:
        """Why a message is not sent: its reader has what it says, or is getting it, or newer.

        `since` (µs) is when its sender and its reader became active in the group.
        """
        one = await self._register(claim, document, prepared, group, since)
        if one is None:
            return None
        said = await self._said(one)
        for known in self._got(one, one.reader, said)[:1]:
            # Before it was active it may have had what it has no more: then it has no id for it.
            has = known.at >= since or one.id_at(one.reader)
            if has and await self._same(one, known.said):
                return _no_news(one, known.said)
        if earlier := await self._told_before(one, said):
            return _no_news(one, earlier)
        for other in said:
            copy = other.copies.get(one.reader)
            if copy and other.came < one.came and is_open(copy) and await self._same(one, other):
                return _waits_for(one, other)
            if other.came > one.came and await self._overtakes(one, other):
                return _overtaken(one, other)
        return await self._maybe_created(one)

    async def _register(
        self, claim: Claim, document: Document, prepared: Prepared, group: SharingGroup, since: int
    ) -> _Register | None:
        crossing, contract = prepared.crossing, prepared.contract
        own = next(filter(names_it, prepared.found), None)
        if crossing is None or contract is None or contract.alike is None or own is None:
            return None
        terms = {
            name: await self._terms(name, prepared, contract, crossing) for name in group.members
        }
        known = self._deployment().applications
        extended = frozenset(name for name in group.members if known[name].extensions)
        return _Register(claim, contract, document, own, group, terms, extended, since)

    async def _terms(
        self, name: str, prepared: Prepared, contract: Contract, crossing: TranslationContext
    ) -> Translation:
        """The ids of a message in the terms of an application of the group."""
        if name == crossing.sender.name:
            return UNCHANGED
        application = self._deployment().applications[name]
        found = prepared.found
        return await in_terms_of(application, found, crossing, contract, self._crossreference)

    async def _said(self, one: _Register) -> list[_Said]:
        """What the applications of the group said of the register, the newest first."""
        found = [
            _Said(message, {row.destination: row for row in rows if row.kind is Kind.COPY})
            for name in one.group.members
            if (id_ := one.id_at(name))
            for message, rows in await self._history.messages(
                Filter(sender=name, key=id_, limit=MOST)
            )
            if message.entity == one.contract.entity and message.id != one.claim.message.id
        ]
        return sorted(found, key=lambda each: each.came, reverse=True)

    def _got(self, one: _Register, application: str, said: Sequence[_Said]) -> list[_Known]:
        """What an application got, or said itself, the newest first."""
        known = []
        for each in said:
            copy = each.copies.get(application)
            if each.message.sender == application:
                known.append(_Known(each.message.received_at, each, its_own=True))
            elif copy and copy.state is State.DELIVERED:
                known.append(_Known(copy.changed_at, each, its_own=False))
        return sorted(known, key=lambda each: each.at, reverse=True)

    async def _told_before(self, one: _Register, said: Sequence[_Said]) -> _Said | None:
        """What its sender was told, or said to the reader before, and now says once more.

        An application may be read late: what it was told since it last said something of its own
        counts, down to that of which the last was the echo.
        """
        echoed = ""
        for known in self._got(one, one.sender, said):
            other, copy = known.said, known.said.copies.get(one.reader)
            if known.at < one.since or (known.its_own and (echoed or other.came > one.came)):
                continue
            if known.its_own and not (copy and _came_to_something(copy)):
                return None
            if await self._same(one, other):
                return other
            if known.its_own and copy:
                echoed = await self._echoed(other, copy)
            if (known.its_own and not echoed) or other.message.id == echoed:
                return None
        return None

    async def _echoed(self, said: _Said, copy: DeliveryRow) -> str:
        """The message of which one was the echo; empty where it was news."""
        if copy.reason is not Reason.ECHO:
            return ""
        trace = await self._history.trace(said.message.id)
        attempts = [row for row in trace.attempts if row.number == copy.number] if trace else []
        fault = attempts[-1].fault if attempts else None
        return str(fault.detail("message")) if fault else ""

    async def _same(self, one: _Register, other: _Said) -> bool:
        """Whether another message said the same of the same register."""
        ours = await self._read(one, other.message)
        if ours is None:
            return False
        document, own = ours
        return own == one.id_at(other.message.sender) and one.like(document, other.message.sender)

    async def _overtakes(self, one: _Register, other: _Said) -> bool:
        """Whether what came later from another application is different, and has been delivered."""
        route = self._deployment().route(rule_of(one.group.name, other.message.sender))
        may = route.share.may if route and route.share else frozenset()
        delivered = any(row.state is State.DELIVERED for row in other.copies.values())
        if other.message.sender == one.sender or Change.EDIT not in may or not delivered:
            return False
        ours = await self._read(one, other.message)
        return ours is not None and not one.like(ours[0], other.message.sender)

    async def _maybe_created(self, one: _Register) -> Report | None:
        """Whether it may be what its sender is being given, and has a new id for (X-16)."""
        if any(one.id_at(name) for name in one.group.members if name != one.sender):
            return None
        for name in one.group.members:
            for message in await self._under_way(one, name) if name != one.sender else ():
                ours = await self._read(one, message)
                if ours and one.like(ours[0], name, maybe=True):
                    return _waits_for(one, _Said(message, {}))
        return None

    async def _under_way(self, one: _Register, name: str) -> list[MessageRow]:
        """What an application sent to the sender of a message, and may have arrived there."""
        found: dict[str, MessageRow] = {}
        for state in MAY_HAVE_ARRIVED:
            chosen = Filter(sender=name, destination=one.sender, state=state, limit=MOST)
            for message, rows in await self._history.messages(chosen):
                if message.entity == one.contract.entity and any(
                    row.destination == one.sender and may_have_arrived(row) for row in rows
                ):
                    found[message.id] = message
        return list(found.values())

    async def _read(self, one: _Register, message: MessageRow) -> tuple[Document, str] | None:
        """What was said, and of which id; None where its text is gone, or the event is another."""
        contract = self._contracts.find(message.transaction, message.version)
        body = await self._history.body(message.id)
        if contract is None or body is None:
            return None
        document = await self._codec.read(body, message.carrier)
        if event_of(document.envelope) != event_of(one.document.envelope):
            return None
        own = next(
            (each for each in document.ids(contract.ids) if each.element.role is IdRole.OWN), None
        )
        return (document, own.value) if own else None


def _came_to_something(copy: DeliveryRow) -> bool:
    """Whether a reader has what a copy says: it was delivered, or was no news there."""
    return copy.state is State.DELIVERED or copy.reason is Reason.ECHO


def _no_news(one: _Register, said: _Said) -> Report:
    """Discarded; its sender is told by which id its reader knows it, as if it had been sent."""
    there = one.id_at(one.reader)
    ids = (InternalIdPair(one.contract.entity, one.own.value, there),) if there else ()
    uuid = one.document.envelope.header.uuid
    response = Response(uuid, Status.OK, ids=ids)
    fault = _fault("SAID_ALREADY", one, said)
    return Report(Outcome.WITHHELD, response=response, fault=fault, withheld=Reason.ECHO)


def _waits_for(one: _Register, said: _Said) -> Report:
    fault = _fault("SAYING_ALREADY", one, said)
    return Report(Outcome.WITHHELD, fault=fault, withheld=Reason.MAYBE_ECHO)


def _overtaken(one: _Register, said: _Said) -> Report:
    return Report(
        Outcome.WITHHELD, fault=_fault("OVERTAKEN", one, said), withheld=Reason.NOT_SHARED
    )


def _fault(code: str, one: _Register, said: _Said) -> Fault:
    details = {
        "sender": said.message.sender,
        "application": one.reader,
        "message": said.message.id,
    }
    return Fault(code, details=details)
