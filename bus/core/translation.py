"""Puts the ids of a message into its reader's terms (D3, D4, D7, D10): pure.

`keys_of` says which keys to look up; `translate` says, with what is known of them, what to put
where, and which ids are missing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from bus.core.contract import IdElement, IdRole
from bus.core.identity import scope_of
from bus.core.route import Deployment, OnMissing
from depara.model import Key, Member, PairRow, names

if TYPE_CHECKING:
    from bus.core.envelope import Header
    from bus.core.route import Application


class MissingId(NamedTuple):
    """An id that a delivery lacks: the element, and what would do.

    `keys` are the sender's own and those that a rule says are the same; `readers` likewise the
    applications whose id would do, in a `scope` and with a `qualifier`; `elsewhere` are the scopes
    of those whose ids reach otherwise. `ambiguous`: several are known. `at_reader`: the reader
    keeps its own de-para, and said that it does not know it.
    """

    keys: tuple[Key, ...]
    path: str
    readers: tuple[str, ...]
    scope: str = ""
    qualifier: str = ""
    ambiguous: bool = False
    at_reader: bool = False
    elsewhere: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> Key:
        """The sender's own."""
        return self.keys[0]

    def scope_at(self, reader: str) -> str:
        """The scope in which an id of one of the readers would do."""
        return dict(self.elsewhere).get(reader, self.scope)


COMPANY = "Company"
"""The entity of companies and branches: composite ids, `company|branch` (D10)."""
HEADER = "/TOTVSMessage/MessageInformation/"
COMPANY_PATH = f"{HEADER}CompanyId"
SEPARATOR = "|"
OWN = frozenset({IdRole.OWN, IdRole.OWN_PART})

Known = Mapping[Key, Sequence[PairRow]]
"""By key, the open rows of its identity; none where it is unknown."""


class FoundId(NamedTuple):
    """An id in a message: the path below its content, the text, and what the catalog says.

    `deleted`: it is a part that the message deletes (`Event` beside it says so).
    """

    path: str
    value: str
    element: IdElement
    deleted: bool = False


class Swap(NamedTuple):
    """An id that is put in place of another; `after` is None where the element is left out."""

    path: str
    entity: str
    before: str
    after: str | None
    own: bool = False


class OriginPut(NamedTuple):
    """The Origin of an entry of an answer, by its Name, and what the origin itself calls it."""

    name: str
    before: str
    after: str


class Translation(NamedTuple):
    """What to put where, and what is missing.

    `elements` are where ids are; `new`: the reader does not know the document yet. `left` are ids
    that the reader wants a message each for, after this one. `origins` are put into the entries of
    an answer.
    """

    swaps: tuple[Swap, ...] = ()
    wanted: tuple[MissingId, ...] = ()
    new: bool = False
    own: Key | None = None
    elements: tuple[IdElement, ...] = ()
    left: tuple[str, ...] = ()
    origins: tuple[OriginPut, ...] = ()

    def after(self, path: str, before: str, entity: str | None = None) -> str | None:
        """What stands at a path instead of a text, which there names a thing of an entity.

        One text at one path may name things of two, where a sibling says which.
        """
        for swap in self.swaps:
            if (swap.path, swap.before) == (path, before) and entity in {None, swap.entity}:
                return swap.after
        return before


UNCHANGED = Translation()


class TranslationContext(NamedTuple):
    """From whose terms into whose: two applications, the sender's header, and the rules."""

    sender: Application
    reader: Application
    header: Header
    deployment: Deployment
    taught: frozenset[str]
    """The entities (casefolded) that contracts teach: others cannot be waited for."""

    def key(self, entity: str, id_: str) -> Key:
        """An id of the sender."""
        return Key(
            entity,
            self.sender.name,
            scope_of(self.sender, entity, self.header.company, self.header.branch),
            id_,
        )


# -- looking up ------------------------------------------------------------------------------------


def is_blank(value: str) -> bool:
    """Whether an id names nothing: empty, or a company and blanks (`01|  |`)."""
    first, *rest = value.split(SEPARATOR)
    return not any(part.strip() for part in (rest or [first]))


def keys_of(found: Iterable[FoundId], crossing: TranslationContext) -> tuple[Key, ...]:
    """The keys whose identities decide a translation, those of the rules included."""
    ids = [(one.element.entity, one.value) for one in found if _counts(one)]
    company = _company_named(crossing.header)
    if not is_blank(company):
        ids.append((COMPANY, company))
    keys = [key for entity, value in ids for key in _alike(crossing, entity, value)]
    return tuple(dict.fromkeys(keys))


def _counts(found: FoundId) -> bool:
    return found.element.role is not IdRole.OPAQUE and not is_blank(found.value)


def _alike(crossing: TranslationContext, entity: str, value: str) -> list[Key]:
    """The sender's key, and those of applications that call the thing the same.

    Theirs reach as far as they declare, in the sender's company and branch: a rule shares ids, and
    says nothing of how far they are unique.
    """
    key, header = crossing.key(entity, value), crossing.header
    keys = [key]
    for name in _friends(crossing.deployment, entity, crossing.sender.name):
        friend = crossing.deployment.applications.get(name, crossing.sender)
        scope = scope_of(friend, entity, header.company, header.branch)
        keys.append(key._replace(application=name, scope=scope))
    return keys


def _friends(deployment: Deployment, entity: str, application: str) -> list[str]:
    """The applications that share their ids of an entity with one (D10)."""
    groups = [
        rule.applications
        for rule in deployment.shared_ids
        if rule.entity.casefold() == entity.casefold() and application in rule.applications
    ]
    return sorted(set().union(*groups) - {application}) if groups else []


def company_id(company: str, branch: str) -> str:
    """A company and branch as one id."""
    return f"{company}{SEPARATOR}{branch}" if branch else company


def _company_named(header: Header) -> str:
    """What a header's company and branch are looked up as: a blank branch is none."""
    return company_id(header.company, header.branch if header.branch.strip() else "")


def company_there(header: Header, swaps: Iterable[Swap]) -> str:
    """The company and branch that a reader is sent: its own, else those of the header as it came.

    Whoever learns its ids and whoever looks for them ask here where they belong.
    """
    put = next((swap.after for swap in swaps if swap.path == COMPANY_PATH and swap.after), None)
    return put or company_id(header.company, header.branch)


# -- translating (D4) ------------------------------------------------------------------------------


def translate(
    found: Sequence[FoundId],
    crossing: TranslationContext,
    known: Known,
    done: Collection[Swap] = (),
) -> Translation:
    """What to put where, for a reader whose ids the bus writes.

    `done` is what was put where in the messages that it had for others of several ids.
    """
    work = _Work(crossing, known, done)
    work.put_company()
    for one in found:
        if _counts(one):
            work.put(one)
    swaps = tuple(dict.fromkeys(filter(work.counts, work.swaps)))
    wanted = tuple(dict.fromkeys(work.wanted))
    return Translation(swaps, wanted, work.new, work.own, left=work.left)


class _Work:
    """One translation in the making."""

    def __init__(self, crossing: TranslationContext, known: Known, done: Collection[Swap]) -> None:
        self.crossing = crossing
        self.known = known
        self.done = done
        self.left: tuple[str, ...] = ()
        self.turn: tuple[Key, str] | None = None
        """Of which of the sender's ids several are taken in turn, and which has its turn."""
        self.company = company_there(crossing.header, ())
        """The reader's company and branch."""
        self.swaps: list[Swap] = []
        self.wanted: list[MissingId] = []
        self.own: Key | None = None
        self.new = False

    def put_company(self) -> None:
        """The company and branch of the header, as one id."""
        before = _company_named(self.crossing.header)
        if is_blank(before):
            return
        self.put(FoundId(COMPANY_PATH, before, IdElement(COMPANY_PATH, IdRole.REFERENCE, COMPANY)))
        self.company = company_there(self.crossing.header, self.swaps)

    def put(self, one: FoundId) -> None:
        """Put the reader's id in place of the sender's, or say what is missing."""
        wanted = self._wanted(one)
        ids = ids_of(wanted, self.known)
        own = one.element.role in OWN
        if one.element.role is IdRole.OWN and self.own is None:
            self.own, self.new = wanted.key, not self._held(wanted)
        if len(ids) == 1:
            self._swap(one, ids[0])
        elif ids and self._wants_each(one, wanted.key):
            self._put_next(one, wanted.key, ids)
        elif ids:
            self.wanted.append(wanted._replace(ambiguous=True))
        elif not own and self.crossing.sender.name not in wanted.readers:
            self._do_without(one, wanted)

    def _swap(self, one: FoundId, after: str | None) -> None:
        own = one.element.role in OWN
        self.swaps.append(Swap(one.path, one.element.entity, one.value, after, own))

    def counts(self, swap: Swap) -> bool:
        """Whether to tell of a swap: it changes something, or had its turn and must not again."""
        turn = self.turn and self.turn[0]
        mine = turn is not None and (turn.entity, turn.id) == (swap.entity, swap.before)
        return mine or swap.before != swap.after

    def _held(self, wanted: MissingId) -> bool:
        """Whether the reader itself has it; that another calls it as the reader would is no sign.

        That a rule makes ids equal says how the reader will call it, not that it was told of it.
        """
        reader = self.crossing.reader.name
        return any(
            names(self.known.get(key, ()), reader, wanted.scope, wanted.qualifier).ids
            for key in wanted.keys
        )

    def _wants_each(self, one: FoundId, key: Key) -> bool:
        """Whether the reader wants a message for each of several ids; of one thing at most."""
        names = {one.path.casefold(), one.element.entity.casefold()}
        mine = self.turn is None or self.turn[0] == key
        return mine and bool(names & self.crossing.reader.split_by)

    def _put_next(self, one: FoundId, key: Key, ids: tuple[str, ...]) -> None:
        """The first that has had no message yet; the last again where all have had theirs."""
        if self.turn is None:
            entity, before = one.element.entity, one.value
            had = {s.after for s in self.done if (s.entity, s.before) == (entity, before)}
            waiting = [id_ for id_ in ids if id_ not in had] or [ids[-1]]
            self.turn, self.left = (key, waiting[0]), tuple(waiting[1:])
        self._swap(one, self.turn[1])

    def _wanted(self, one: FoundId) -> MissingId:
        crossing, entity = self.crossing, one.element.entity
        wish = one.element.qualifier or qualifier_of(crossing.sender, entity, one.value)
        reader = crossing.reader
        scope = reader_scope(reader, self.company, entity)
        friends = _friends(crossing.deployment, entity, reader.name)
        scopes = ((name, self._scope_of_friend(name, entity)) for name in friends)
        return MissingId(
            keys=tuple(_alike(crossing, entity, one.value)),
            path=one.path,
            readers=(reader.name, *friends),
            scope=scope,
            qualifier=wish,
            elsewhere=tuple(at for at in scopes if at[1] != scope),
        )

    def _scope_of_friend(self, name: str, entity: str) -> str:
        """Where an application that calls things as the reader does has its ids."""
        crossing = self.crossing
        friend = crossing.deployment.applications.get(name, crossing.reader)
        if name == crossing.sender.name:
            return crossing.key(entity, "").scope
        key = crossing.key(COMPANY, _company_named(crossing.header))
        company = names(self.known.get(key, ()), name, "", "").one
        return reader_scope(friend, company or self.company, entity)

    def _do_without(self, one: FoundId, wanted: MissingId) -> None:
        """A reference that the reader has no id for: wait for it, leave it out, or keep it."""
        match on_missing(self.crossing, one):
            case OnMissing.REQUIRE:
                self.wanted.append(wanted)
            case OnMissing.DROP:
                self._swap(one, None)
            case OnMissing.KEEP:
                pass


def ids_of(wanted: MissingId, known: Known) -> tuple[str, ...]:
    """The ids that would do: of the two's own pair first, then by a rule, then by two.

    What rules of one rank say differently is several ids: none of them goes before another.
    """
    (mine, *same), (reader, *friends) = wanted.keys, wanted.readers
    ranks = (
        [(mine, reader)],
        [*((mine, friend) for friend in friends), *((key, reader) for key in same)],
        [(key, friend) for key in same for friend in friends],
    )
    for rank in ranks:
        found = [
            names(known.get(key, ()), name, wanted.scope_at(name), wanted.qualifier).ids
            for key, name in rank
        ]
        if ids := tuple(dict.fromkeys(id_ for one in found for id_ in one)):
            return ids
    return ()


def reader_scope(reader: Application, company: str, entity: str) -> str:
    """The scope of a reader's id, by its own company and branch."""
    code, _, branch = company.partition(SEPARATOR)
    return scope_of(reader, entity, code, branch)


def on_missing(crossing: TranslationContext, one: FoundId) -> OnMissing:
    """What a reader wants, by element, by entity, else by whether a contract teaches it."""
    wishes = crossing.reader.references
    entity = one.element.entity.casefold()
    declared = wishes.get(one.path.casefold()) or wishes.get(entity)
    if declared:
        return declared
    taught = entity == COMPANY.casefold() or entity in crossing.taught
    return OnMissing.REQUIRE if taught else OnMissing.KEEP


# -- qualifiers (D7) -------------------------------------------------------------------------------


def qualifier_of(application: Application, entity: str, id_: str) -> str:
    """Which of a thing's ids this is, by the last segment that the application declares."""
    endings = application.qualifiers.get(entity.casefold())
    if not endings:
        return ""
    return endings.get(id_.rpartition(SEPARATOR)[2].strip().upper(), "")


def member_of(application: Application, key: Key, qualifier: str = "") -> Member:
    """A key with its qualifier: as named, else by the form of its id."""
    return Member(key, qualifier or qualifier_of(application, key.entity, key.id))
