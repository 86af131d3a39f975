"""Crossing: a message into its reader's ids, and what the answer teaches (D1, D4, D5, D8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from bus.core.bridge import Transformation
from bus.core.contract import Contract, IdElement, IdRole, Lifecycle
from bus.core.delivery import Reason
from bus.core.envelope import BusinessEvent, Envelope, Event, Response, Status
from bus.core.errors import Fault, SenderFault
from bus.core.learning import (
    LOAD,
    NOTHING_LEARNT,
    Lesson,
    Taught,
    in_sender_terms,
    is_never_sent,
    lesson_of,
    origins_of,
)
from bus.core.outcome import Outcome, Report
from bus.core.route import Application, OnMissing, TranslatedBy
from bus.core.substitutions import Substitutions
from bus.core.suggest import command_to_set
from bus.core.text import Details
from bus.core.translation import (
    COMPANY,
    COMPANY_PATH,
    SEPARATOR,
    UNCHANGED,
    FoundId,
    MissingId,
    Swap,
    Translation,
    TranslationContext,
    is_blank,
    keys_of,
    translate,
)
from bus.engine.answers import AS_IT_CAME, Back
from bus.engine.companies import Companies, needs_company
from bus.engine.company_groups import CompanyGroups
from bus.journal.rows import MessageRow
from bus.ports.codec import DestinationAnswer, Document
from bus.ports.depara import PairFilter
from bus.ports.ports import Ports

UNKNOWN_THERE = "DEPARA_MISSING_AT_RECEIVER"
"""The code of a refusal by which a reader says that its own de-para lacks an id."""
IDS_EACH = 4
"""Ids that a thing has at a reader, at most, where things are counted."""
SHORTEST = 2
"""Characters of an id that is looked for in the words of a refusal."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message as it leaves for one reader: its ids, its version, and what was put for what.

    `crossing` is None where the sender is no longer configured. Over a bridge, `document` is the
    message as the reader takes it, `there` its contract there, and `transformation` what that
    changed. `barred` says why it cannot leave.
    """

    crossing: TranslationContext | None = None
    contract: Contract | None = None
    found: tuple[FoundId, ...] = ()
    translation: Translation = UNCHANGED
    deletes: bool = False
    document: Document | None = None
    there: Contract | None = None
    transformation: Transformation | None = None
    barred: Fault | None = None

    @property
    def own_id_as_sent(self) -> str:
        """The document's own id as its reader got it; empty where it has none."""
        for one in self.found:
            if one.element.role is IdRole.OWN:
                return self.translation.after(one.path, one.value) or one.value
        return ""

    @property
    def ids_there(self) -> tuple[IdElement, ...]:
        """Where ids are in the reader's answer."""
        contract = self.there or self.contract
        return contract.ids if contract else ()

    def substitutions(self) -> Substitutions:
        """What was put in place of what."""
        return Substitutions(self.translation.swaps, self.transformation)


class Translator:
    """Knows the de-para where messages meet it: before an attempt, and after its answer."""

    def __init__(self, ports: Ports) -> None:
        self._codec = ports.codec
        self._contracts = ports.contracts
        self._crossreference = ports.crossreference
        self._history = ports.history
        self._deployment = ports.deployment
        self._companies = Companies(ports)
        self._groups = CompanyGroups(ports)

    async def prepare(
        self, message: MessageRow, document: Document, reader: Application
    ) -> Prepared:
        """The ids of a message, put into the reader's terms where the bus does that for it.

        Whoever does, its company and branch must have a pair there (T-09).
        """
        prepared = self._untranslated(message, document, reader)
        crossing, contract = prepared.crossing, prepared.contract
        if crossing is None or contract is None:
            return prepared
        if reader.de_para is not TranslatedBy.BUS:
            lacks = needs_company(contract) and await self._companies.missing(crossing)
            return replace(prepared, translation=UNCHANGED._replace(wanted=lacks or ()))
        if contract.entity == LOAD:
            crossing = crossing._replace(reader=_any_company(reader))
        known = await self._crossreference.known(keys_of(prepared.found, crossing))
        translation = translate(prepared.found, crossing, known)
        if translation.left:
            done = await self._done(message.id, reader.name)
            translation = translate(prepared.found, crossing, known, done)
        return replace(prepared, translation=translation._replace(elements=contract.ids))

    async def _done(self, message: str, reader: str) -> frozenset[Swap]:
        """What was put where in the attempts by which a message was delivered before (D7)."""
        trace = await self._history.trace(message)
        rows = trace.deliveries if trace else ()
        numbers = {row.number for row in rows if row.destination == reader}
        return frozenset(
            swap
            for attempt in (trace.attempts if trace else ())
            if attempt.number in numbers and attempt.outcome == Outcome.DELIVERED
            for swap in attempt.substitutions.swaps
        )

    async def ids_there(
        self, one: FoundId, message: MessageRow, document: Document, reader: Application
    ) -> frozenset[str]:
        """What a reader calls what an id of a message names, whoever translates; none: unknown."""
        crossing = self._untranslated(message, document, reader).crossing
        return await self._ids_there(one, crossing) if crossing else frozenset()

    async def knows_own(self, prepared: Prepared) -> bool:
        """Whether it is known what a reader calls the document; so it is where none has an id."""
        crossing = prepared.crossing
        own = next((one for one in prepared.found if one.element.role is IdRole.OWN), None)
        return crossing is None or own is None or bool(await self._ids_there(own, crossing))

    async def _ids_there(self, one: FoundId, crossing: TranslationContext) -> frozenset[str]:
        keys = [k for k in keys_of((one,), crossing) if k.entity == one.element.entity]
        known = await self._crossreference.known(keys)
        rows = [row for key in keys for row in known.get(key, ())]
        there = crossing.reader.name
        shared = {key.id for key in keys if key.application == there}
        return frozenset(shared | {row.id for row in rows if row.application == there})

    def _untranslated(
        self, message: MessageRow, document: Document, reader: Application
    ) -> Prepared:
        deployment = self._deployment()
        sender = deployment.applications.get(message.sender)
        contract = self._contracts.find(message.transaction, message.version)
        if sender is None or contract is None:
            return Prepared(contract=contract)
        found = document.ids(contract.ids)
        header = document.envelope.header
        crossing = TranslationContext(sender, reader, header, deployment, self._entities.taught)
        return Prepared(crossing, contract, found, UNCHANGED, _deletes(document.envelope))

    @cached_property
    def _entities(self) -> _Entities:
        return _Entities.of(self._contracts.known())

    # -- answers -----------------------------------------------------------------------------------

    async def answer_in(self, prepared: Prepared, raw: bytes) -> Back:
        """What to put where in the answer that these bytes are."""
        try:
            return await self.answer(prepared, await self._codec.read_answer(raw))
        except SenderFault:
            return AS_IT_CAME

    async def answer(self, prepared: Prepared, said: DestinationAnswer | None) -> Back:
        """What to put where in a destination's answer.

        Where the bus wrote the destination's ids, each Origin is the origin's own again, whoever
        keeps its de-para: by it the origin learns. Other ids are put for an origin whose ids the
        bus writes. Nothing is waited for: the effect exists, and an id without a pair stays (D4).
        """
        crossing = prepared.crossing
        if crossing is None or said is None:
            return AS_IT_CAME
        writes = crossing.sender.de_para is TranslatedBy.BUS
        if not writes and not prepared.translation.swaps:
            return AS_IT_CAME
        translation = await self._back(prepared, crossing, said) if writes else UNCHANGED
        ids, taught = said.response.ids if said.response else (), self.taught(prepared)
        translation = translation._replace(origins=origins_of(taught, ids) if taught else ())
        return Back(said, translation) if translation.swaps or translation.origins else AS_IT_CAME

    async def _back(
        self, prepared: Prepared, crossing: TranslationContext, said: DestinationAnswer
    ) -> Translation:
        back = crossing._replace(sender=crossing.reader, reader=crossing.sender)
        found = said.ids(prepared.ids_there)
        known = await self._crossreference.known(keys_of(found, back)) if found else {}
        return translate(found, back, known)._replace(elements=prepared.ids_there)

    async def lesson(self, prepared: Prepared, response: Response | None) -> Lesson:
        """What an OK teaches: the ids in it, and that the document is there now."""
        taught, contract = self.taught(prepared), prepared.contract
        if taught is None or contract is None or contract.lifecycle is Lifecycle.QUERY:
            return NOTHING_LEARNT
        ids = response.ids if response and response.status is Status.OK else ()
        return await self._groups.without_second(lesson_of(taught, ids))

    async def as_it_left(self, prepared: Prepared, response: Response | None) -> Prepared:
        """A message in the ids in which it left, as its answer tells, where nobody recorded them.

        An Origin that is not in it, and by which its reader once called the document, is what the
        document was sent as: the pair was taken back or replaced since.
        """
        taught = self.taught(prepared)
        own = next((one for one in prepared.found if one.element.role is IdRole.OWN), None)
        if taught is None or own is None or response is None:
            return prepared
        strange = {one.origin for one in response.ids if is_never_sent(taught, one)}
        if not strange:
            return prepared
        rows, _ = await self._crossreference.history(taught.crossing.key(taught.entity, own.value))
        reader = taught.crossing.reader.name
        once = {row.id for row in rows if row.application == reader} & strange
        if len(once) != 1:
            return prepared
        kept = [swap for swap in prepared.translation.swaps if swap.path != own.path]
        swap = Swap(own.path, taught.entity, own.value, once.pop(), own=True)
        translation = prepared.translation._replace(swaps=(*kept, swap), wanted=())
        return replace(prepared, translation=translation)

    def in_sender_terms(self, prepared: Prepared, response: Response) -> Response:
        """A response in which each pair names the sender's own id, as its message has it."""
        taught = self.taught(prepared)
        if taught is None or not response.ids:
            return response
        return replace(response, ids=in_sender_terms(taught, response.ids))

    def taught(self, prepared: Prepared) -> Taught | None:
        """A message as it left, for reading its answer; None where nobody knows its ids."""
        if prepared.crossing is None or prepared.contract is None:
            return None
        return Taught(
            prepared.crossing,
            prepared.contract.entity,
            prepared.found,
            prepared.translation,
            self._entities.names,
            deletes=prepared.deletes,
        )

    async def no_room(self, prepared: Prepared, reader: Application) -> Report | None:
        """A refusal of what would be new to a reader that holds no more of it."""
        contract, crossing = prepared.contract, prepared.crossing
        most = reader.holds.get(contract.entity, 0) if contract else 0
        own = next((one for one in prepared.found if one.element.role is IdRole.OWN), None)
        if not most or not contract or not crossing or not own or prepared.deletes:
            return None
        key = crossing.key(contract.entity, own.value)
        known = (await self._crossreference.known([key])).get(key, ())
        if any(row.application == reader.name for row in known):
            return None
        # A thing may have several ids there.
        there = PairFilter(entity=contract.entity, application=reader.name, limit=IDS_EACH * most)
        rows = await self._crossreference.rows(there)
        if len({row.identity for row in rows}) < most:
            return None
        details: Details = {
            "application": reader.name,
            "document": contract.title,
            "limit": str(most),
        }
        return Report(Outcome.REFUSED, fault=Fault("READER_IS_FULL", details=details))

    def heard(
        self,
        message: MessageRow,
        document: Document,
        reader: Application,
        substitutions: Substitutions,
    ) -> Prepared:
        """A message as it had left, for the answer that a destination sends by itself."""
        prepared = self._untranslated(message, document, reader)
        swaps, done = substitutions
        there = self._contracts.find(message.transaction, done.target) if done else None
        translation = Translation(swaps)
        return replace(prepared, translation=translation, there=there, transformation=done)


@dataclass(frozen=True, slots=True)
class _Entities:
    """The entities that contracts know: by casefolded name, and those that messages teach."""

    names: dict[str, str]
    taught: frozenset[str]

    @classmethod
    def of(cls, contracts: Sequence[Contract]) -> _Entities:
        names = {COMPANY.casefold(): COMPANY}
        taught = set()
        for contract in contracts:
            for element in contract.ids:
                for entity in element.entities:
                    names.setdefault(entity.casefold(), entity)
                if element.role in {IdRole.OWN, IdRole.OWN_PART} and not _asks(contract):
                    taught.add(element.entity.casefold())
        names.pop("", None)
        return cls(names, frozenset(taught))


def _any_company(reader: Application) -> Application:
    """A reader that is told of companies, and so has no pair of them yet."""
    return replace(reader, references={**reader.references, COMPANY.casefold(): OnMissing.KEEP})


def _asks(contract: Contract) -> bool:
    return contract.lifecycle is Lifecycle.QUERY or contract.target is not None


def _deletes(envelope: Envelope) -> bool:
    business = envelope.business
    return isinstance(business, BusinessEvent) and business.event is Event.DELETE


# -- what keeps a message from leaving -------------------------------------------------------------


def withheld(prepared: Prepared, reader: str) -> Report | None:
    """Why nothing is sent: an id or a way is missing, or the reader never had what is deleted."""
    if prepared.deletes and prepared.translation.new:  # its reader never had it (D8)
        details = {"application": reader}
        fault = Fault("NOTHING_TO_DELETE", details=details)
        return Report(Outcome.WITHHELD, fault=fault, withheld=Reason.NOTHING_TO_DELETE)
    if prepared.translation.wanted:
        fault = wanted_fault(prepared.translation.wanted, reader)
        return Report(Outcome.WITHHELD, fault=fault, withheld=Reason.ID_MISSING)
    if prepared.barred:
        return Report(Outcome.WITHHELD, fault=prepared.barred, withheld=Reason.NO_WAY)
    return None


def wanted_fault(wanted: Sequence[MissingId], reader: str) -> Fault:
    """Which ids a reader lacks, in words that its admin knows."""
    first = wanted[0]
    code = _code_of(first)
    company, _, branch = first.key.id.partition(SEPARATOR)
    others = ", ".join(f"{one.key.entity} {one.key.id}" for one in wanted[1:])
    details = {
        "entity": first.key.entity,
        "id": first.key.id,
        "sender": first.key.application,
        "application": reader,
        "others": f" (+ {others})" if others else "",
        "company": company,
        "branch": branch or "-",
        "command": command_to_set(first.key, reader, first.scope),
    }
    path = first.path if first.path.startswith("/") else f"{CONTENT}{first.path}"
    return Fault(code, path, details=details)


def _code_of(missing: MissingId) -> str:
    if missing.ambiguous:
        return "DEPARA_AMBIGUOUS"
    return "COMPANY_MISSING" if missing.path == COMPANY_PATH else "DEPARA_MISSING"


CONTENT = "/TOTVSMessage/BusinessMessage/BusinessContent/"


def wanted_there(prepared: Prepared, report: Report) -> tuple[MissingId, ...]:
    """Which id a reader's own de-para lacks, by the words of its refusal (D9)."""
    crossing, fault = prepared.crossing, report.fault
    if crossing is None or fault is None or fault.code != UNKNOWN_THERE:
        return ()
    references = [
        one
        for one in prepared.found
        if one.element.role is IdRole.REFERENCE and not is_blank(one.value)
    ]
    one = _named_by_id(references, fault) or _only_one_of(references, fault.detail("entity"))
    if one is None:
        return ()
    key = crossing.key(one.element.entity, one.value)
    return (MissingId((key,), one.path, (crossing.reader.name,), at_reader=True),)


def _named_by_id(references: Sequence[FoundId], fault: Fault) -> FoundId | None:
    """The reference whose id stands in the words of a refusal; of several, the longest."""
    text = fault.detail("problem").casefold()
    named = [
        one for one in references if len(one.value) >= SHORTEST and one.value.casefold() in text
    ]
    return max(named, key=lambda found: len(found.value), default=None)


def _only_one_of(references: Sequence[FoundId], entity: str) -> FoundId | None:
    """The reference to an entity, where the message has one such id; of several, none."""
    of_it = [one for one in references if entity and one.element.entity == entity]
    return of_it[0] if len({one.value for one in of_it}) == 1 else None
