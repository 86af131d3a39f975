"""What is in a load, checked as the bus will, and in which order it goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from sys import intern
from typing import TYPE_CHECKING, NamedTuple

from bus.core.bridge import HEADER_PATH
from bus.core.contract import IdRole
from bus.core.errors import Fault, Refusal
from bus.core.identity import fingerprint, scope_of, scoped_id
from bus.core.load_order import LoadedDocument, LoadOrder, is_loaded, load_order, waves
from bus.core.text import Details
from bus.edge.cli.load.sources import LoadSources, MessagePlace
from bus.edge.cli.message_files import message_in
from bus.engine.examine import Examined, Examiner
from bus.engine.post import Post
from depara.model import Key

if TYPE_CHECKING:
    from bus.codec.xml_codec import XmlCodec
    from bus.contracts.registry import Registry
    from bus.core.contract import Contract
    from bus.core.route import Application, Deployment
    from bus.core.translation import FoundId

UUID_PATH = f"{HEADER_PATH}/UUID"
HEAD = 2_000
"""Bytes in which it shows whether a file holds a bare message."""


class LoadEntry(NamedTuple):
    """A message of a load. `key` is its document's for its sender, None where it makes none there.

    `readers` are those that its routes send it to.
    """

    place: MessagePlace
    transaction: str
    level: int
    wave: int
    uuid: str
    body_hash: str
    own_id: str
    key: Key | None
    readers: tuple[str, ...]


class NotedFile(NamedTuple):
    """A file that is not sent, and why; or one that is, and what is to be said of it."""

    file: str
    faults: tuple[Fault, ...]


@dataclass(slots=True)
class LoadPlan:
    """What goes, in its order, and what does not.

    `twice` are files that repeat another, `skipped` those that are no messages by their names;
    `warned` go, with what was mended to read them or what their routes let pass.
    """

    order: LoadOrder
    entries: list[LoadEntry] = field(default_factory=list)
    invalid: list[NotedFile] = field(default_factory=list)
    warned: list[NotedFile] = field(default_factory=list)
    twice: int = 0
    skipped: tuple[str, ...] = ()

    def levels(self) -> Iterator[list[LoadEntry]]:
        """The messages level by level, and wave by wave: each waits for those before."""
        level: list[LoadEntry] = []
        for entry in self.entries:
            if level and entry[2:4] != level[-1][2:4]:
                yield level
                level = []
            level.append(entry)
        if level:
            yield level

    def counts(self) -> list[tuple[int, str, int]]:
        """How many messages of each transaction go in each level."""
        counted = Counter((entry.level, entry.transaction) for entry in self.entries)
        return [(level, name, count) for (level, name), count in sorted(counted.items())]


class Planner:
    """Examines the messages of a load, as the bus does with what is posted."""

    def __init__(
        self, codec: XmlCodec, contracts: Registry, deployment: Deployment, sender: Application
    ) -> None:
        self._codec = codec
        self._contracts = contracts
        self._examiner = Examiner(codec, contracts, lambda: deployment)
        self._sender = sender
        self._order = load_order(contracts.known())
        self._circles = {one: circle for circle in self._order.circles for one in circle}

    async def plan(self, sources: LoadSources, most: int) -> LoadPlan:
        """The plan of all that the sources hold; no message may be longer than `most` bytes."""
        plan, seen = LoadPlan(self._order), dict[str, LoadEntry]()
        documents: list[LoadedDocument] = []
        for place in sources.places():
            try:
                examined, body = await self._examined(place, sources, most)
            except Refusal as refusal:
                plan.invalid.append(NotedFile(place.name, refusal.faults))
                continue
            entry = self._entry(place, examined, fingerprint(body))
            earlier = seen.setdefault(entry.uuid, entry)
            faults = examined.faults or self._unfit(entry, examined, earlier)
            if faults:
                plan.invalid.append(NotedFile(place.name, faults))
            elif earlier is not entry:
                plan.twice += 1
            else:
                plan.entries.append(entry)
                if examined.warnings:
                    plan.warned.append(NotedFile(place.name, examined.warnings))
                documents.append(self._document(entry, examined))
        plan.entries = _in_waves(_counted(plan.entries), documents)
        plan.skipped = tuple(sources.skipped)
        return plan

    def message(self, place: MessagePlace, sources: LoadSources) -> bytes:
        """The message that is posted: in XML, out of what carries it."""
        body = sources.body(place)
        start = body[:HEAD]
        if b"TOTVSMessage" in start and b"Envelope" not in start and start.lstrip()[:1] != b"{":
            return body
        return message_in(place.name, body, self._codec, self._contracts.shapes).document.raw

    async def _examined(
        self, place: MessagePlace, sources: LoadSources, most: int
    ) -> tuple[Examined, bytes]:
        if place.length > most:
            raise _refused("TOO_LARGE", {"limit": str(most)})
        body = self.message(place, sources)
        return await self._examiner.examine(Post(body, self._sender), ""), body

    def _entry(self, place: MessagePlace, examined: Examined, body_hash: str) -> LoadEntry:
        header, subject = examined.envelope.header, examined.subject
        entity = subject.entity
        key = None
        if subject.upsert and subject.own_id and is_register(examined.contract):
            scope = scope_of(self._sender, entity, header.company, header.branch)
            key = Key(intern(entity), self._sender.name, intern(scope), subject.own_id)
        readers = [one.destination for one in examined.plan.deliveries] if examined.plan else []
        return LoadEntry(
            place,
            intern(examined.contract.name if examined.contract else header.transaction),
            self._order.level_of(entity.casefold()),
            0,
            header.uuid,
            body_hash,
            subject.own_id,
            key,
            tuple(map(intern, readers)),
        )

    def _unfit(self, entry: LoadEntry, examined: Examined, earlier: LoadEntry) -> tuple[Fault, ...]:
        """What is wrong with a valid message: it is no register, or its UUID is another's."""
        if examined.contract is None or not is_loaded(examined.contract):
            return (Fault("LOAD_REGISTERS_ONLY", details={"contract": entry.transaction}),)
        if earlier.body_hash != entry.body_hash:
            details = {"uuid": entry.uuid, "other": earlier.place.name}
            return (Fault("LOAD_UUID_TWICE", UUID_PATH, details=details),)
        return ()

    def _document(self, entry: LoadEntry, examined: Examined) -> LoadedDocument:
        """What the order within a level needs to know of a message."""
        entity, header = examined.subject.entity.casefold(), examined.envelope.header

        def key(name: str, id_: str) -> tuple[str, str]:
            return intern(name), scoped_id(self._sender, header, name, id_)

        named = self._named_in_circle(examined, self._circles.get(entity, ()))
        names = frozenset(key(name, one.value) for one, name in named)
        own = entry.own_id or f"{entry.place.name}\0{entry.place.at}"
        return LoadedDocument(key(entity, own), names)

    def _named_in_circle(
        self, examined: Examined, circle: tuple[str, ...]
    ) -> Iterator[tuple[FoundId, str]]:
        """The ids by which a message names documents of the circle that its own is in."""
        if not circle or examined.contract is None or examined.document is None:
            return
        references = (one for one in examined.contract.ids if one.role is IdRole.REFERENCE)
        named = {one: {name.casefold() for name in one.entities} & {*circle} for one in references}
        for found in examined.document.ids(tuple(one for one, names in named.items() if names)):
            yield from ((found, name) for name in named[found.element])


def is_register(contract: Contract | None) -> bool:
    """Whether documents of a contract get a pair of their own."""
    return contract is not None and contract.lifecycle.value == "register"


def _counted(entries: list[LoadEntry]) -> list[LoadEntry]:
    """The messages with levels from 0 on and without a gap: those that this load has."""
    order = {level: at for at, level in enumerate(sorted({one.level for one in entries}))}
    return [one._replace(level=order[one.level]) for one in entries]


def _in_waves(entries: Sequence[LoadEntry], documents: Sequence[LoadedDocument]) -> list[LoadEntry]:
    found = [
        entry._replace(wave=wave) for entry, wave in zip(entries, waves(documents), strict=True)
    ]
    return sorted(found, key=lambda entry: entry[2:4])  # stable: the rest is as it was given


def _refused(code: str, details: Details) -> Refusal:
    return Refusal(Fault(code, details=details))
