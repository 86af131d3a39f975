"""Amending: what people change in the de-para, in the names that they use (D7, D10, D11)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from bus.core.company_group import Groups
from bus.core.errors import Fault, SenderFault
from bus.core.identity import SEPARATOR, scope_of
from bus.core.route import Application, IdScope
from bus.core.suggest import entities_of, suggestion
from bus.core.text import Details, Text
from bus.core.translation import member_of
from bus.engine.company_groups import CompanyGroups
from bus.engine.dispatch import Dispatcher
from bus.journal.commands import ChangeDepara, DeparaChanged
from bus.journal.depara_rows import ConflictRow
from bus.ports.contracts import Contracts
from bus.ports.depara import CrossReference, PairFilter
from bus.ports.ports import Ports
from depara.model import Key, Link, Member, PairRow, Source

_REACHES: Final = {
    IdScope.WHOLE: Text("toda a aplicação", "the whole application"),
    IdScope.COMPANY: Text("empresa", "company"),
    IdScope.BRANCH: Text("empresa e filial", "company and branch"),
}
"""Within what an id is the only one of its kind."""

_OF_OTHER: Final = {"application": "other", "scope": "other_scope"}
"""What is said of an id, by what the same is called of the other one of a pair."""

MOST_TOLD: Final = 10
"""Ids that are named where many stand against an undo."""

# -- names -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DeparaNames:
    """The names that ids may be given under: entities by casefolded name, and applications."""

    entities: Mapping[str, str]
    applications: Mapping[str, Application]

    @classmethod
    def of(cls, contracts: Contracts, applications: Mapping[str, Application]) -> DeparaNames:
        """The entities of some contracts, and some applications."""
        entities = {name.casefold(): name for name in entities_of(contracts.known())}
        return cls(entities, applications)

    def entity(self, name: str) -> str:
        """An entity in the spelling of its contract; SenderFault with the nearest."""
        found = self.entities.get(name.casefold())
        if found is None:
            details = suggestion(name, self.entities.values())
            raise SenderFault(Fault("UNKNOWN_ENTITY", "entity", details=details))
        return found

    def application(self, name: str) -> Application:
        """An application by its name, in any letter case; SenderFault with the nearest."""
        found = self.applications.get(name.casefold())
        if found is None:
            details = suggestion(name, self.applications)
            raise SenderFault(Fault("UNKNOWN_APPLICATION", "application", details=details))
        return found

    def member(self, given: Member) -> Member:
        """An id under its right names, with the qualifier that its form says where none is given.

        SenderFault where the scope is not of the kind that the application's ids need.
        """
        key = given.key
        entity, application = self.entity(key.entity), self.application(key.application)
        found = key._replace(entity=entity, application=application.name)
        _check_scope(application, found)
        return member_of(application, found, given.qualifier)


async def with_loaded(
    names: DeparaNames, crossreference: CrossReference, entities: Iterable[str]
) -> DeparaNames:
    """The names with those entities that no contract has, but the de-para does: from a load."""
    unknown = {one for one in entities if one and one.casefold() not in names.entities}
    loaded = {
        one.casefold(): one
        for one in unknown
        if await crossreference.rows(PairFilter(entity=one, limit=1))
    }
    return replace(names, entities={**names.entities, **loaded}) if loaded else names


def _check_scope(application: Application, key: Key) -> None:
    needed = scope_of(application, key.entity, "1", "1")
    fits = key.scope.count(SEPARATOR) == needed.count(SEPARATOR)
    if bool(key.scope) == bool(needed) and fits:
        return
    reach = application.entity_scopes.get(key.entity.casefold(), application.id_scope)
    details: Details = {
        "value": key.scope,
        "entity": key.entity,
        "application": application.name,
        "reach": _REACHES[reach],
        "expected": Text(
            scope_of(application, key.entity, "EMPRESA", "FILIAL") or "''",
            scope_of(application, key.entity, "COMPANY", "BRANCH") or "''",
        ),
    }
    raise SenderFault(Fault("PAIR_SCOPE_WRONG", "scope", details=details))


# -- changes ---------------------------------------------------------------------------------------


class IdPair(NamedTuple):
    """Two ids that are said to name one thing."""

    one: Member
    other: Member


@dataclass(frozen=True, slots=True)
class DeparaChange:
    """What somebody wants changed: who, from what source, why; the ids, and how.

    `settles` is the number of a conflict that is decided: by its two ids where `replace` is set,
    else by what stands against them. `orphans`: what is left alone by `parts` is parted too. `file`
    names the file whose part it is, by what it holds; `more` of it follows.
    """

    actor: str
    source: Source = Source.PERSON
    reason: str = ""
    links: tuple[IdPair, ...] = ()
    parts: tuple[Key, ...] = ()
    undoes: int = 0
    settles: int = 0
    replace: bool = False
    orphans: bool = False
    dry: bool = False
    file: str = ""
    more: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """What came of it, and which messages were sent with an id that an undo takes back."""

    amended: DeparaChanged
    uses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedPairs:
    """Ids under their right names, and what is wrong with others, by their place in the list.

    `groups` are the company groups of applications that have one, as known and as they name them.
    """

    couples: tuple[IdPair | None, ...] = ()
    faults: Mapping[int, tuple[Fault, ...]] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class DeparaChanges:
    """Changes the de-para for people, and lets what waited for an id go on."""

    def __init__(self, ports: Ports, dispatcher: Dispatcher) -> None:
        self._crossreference = ports.crossreference
        self._contracts = ports.contracts
        self._deployment = ports.deployment
        self._dispatcher = dispatcher
        self._groups = CompanyGroups(ports)

    async def _names(self, entities: Iterable[str]) -> DeparaNames:
        """The names in force, and of these entities those that only loads brought."""
        names = DeparaNames.of(self._contracts, self._deployment().applications)
        return await with_loaded(names, self._crossreference, entities)

    async def check(
        self, couples: Sequence[IdPair], groups: Mapping[str, Iterable[str]] | None = None
    ) -> CheckedPairs:
        """Put ids under their right names, and say which do not fit; `groups` as told before."""
        names = await self._names(couple.one.key.entity for couple in couples)
        found, faults = list[IdPair | None](), dict[int, tuple[Fault, ...]]()
        for at, couple in enumerate(couples):
            try:
                found.append(_named(names, couple))
            except SenderFault as refusal:
                found.append(None)
                faults[at] = refusal.faults
        known = await self._groups.of(_keys(one for one in found if one), groups)
        for at, named in enumerate(found):
            if named and (fault := _of_second_group(names, known, named)):
                found[at], faults[at] = None, (fault,)
        return CheckedPairs(tuple(found), faults, known.known)

    async def change(self, wanted: DeparaChange) -> Changed:
        """Change the de-para; SenderFault where a name is unknown or there is nothing to change."""
        named = [*(couple.one.key for couple in wanted.links), *wanted.parts]
        names = await self._names(key.entity for key in named)
        couples = [_named(names, couple) for couple in wanted.links]
        parts = [_known(names, key) for key in wanted.parts]
        if wanted.settles:
            couples += await self._settlement(wanted)
        groups = await self._groups.of(_keys(couples))
        for couple in couples:
            if fault := _of_second_group(names, groups, couple):
                raise SenderFault(fault)
        if wanted.orphans:
            parts += await self._left_alone(parts)
        asked = ChangeDepara(
            wanted.actor,
            wanted.source,
            wanted.reason,
            tuple(Link(one, (other,)) for one, other in couples),
            tuple(dict.fromkeys(parts)),
            wanted.undoes,
            wanted.settles,
            wanted.replace,
            wanted.dry,
            _whole(wanted),
            wanted.more,
        )
        if wanted.undoes:
            uses = await self._crossreference.uses(wanted.undoes)
            return Changed(await self._undo(asked), uses)
        return Changed(await self._amend(asked))

    async def _undo(self, asked: ChangeDepara) -> DeparaChanged:
        """Take a change back as a whole, or nothing of it where something stands against it.

        A long change takes many commits, so that messages go on meanwhile: all of it is tried
        before any is done. What is interrupted goes on where it is asked for again.
        """
        tried = await self._each_part(replace(asked, dry=True))
        if asked.dry:
            return tried
        undone = await self._each_part(asked)
        if not undone.change:
            raise SenderFault(_not_undone(asked.undoes, ()))
        return undone

    async def _each_part(self, asked: ChangeDepara) -> DeparaChanged:
        parts = [await self._part(asked)]
        while parts[-1].after:
            parts.append(await self._part(replace(asked, after=parts[-1].after)))
        change = max(one.change for one in parts)
        return DeparaChanged(change, woken=tuple(row for one in parts for row in one.woken))

    async def _part(self, asked: ChangeDepara) -> DeparaChanged:
        part = await self._amend(asked)
        if part.against:
            raise SenderFault(_not_undone(asked.undoes, part.against))
        return part

    async def _amend(self, asked: ChangeDepara) -> DeparaChanged:
        amended = await self._crossreference.amend(asked)
        self._dispatcher.wake(amended.woken)
        return amended

    async def _settlement(self, wanted: DeparaChange) -> list[IdPair]:
        """The two ids of a conflict, where they are to be joined after all."""
        known = await self._crossreference.conflicts()
        found = next((one for one in known if one.number == wanted.settles), None)
        if found is None:
            details = {"number": str(wanted.settles)}
            raise SenderFault(Fault("CONFLICT_NOT_FOUND", details=details))
        return [IdPair(*members_of(found))] if wanted.replace else []

    async def _left_alone(self, parts: Collection[Key]) -> list[Key]:
        """The ids that would be the last of their things: a pair closes as a whole (D8)."""
        known = await self._crossreference.known(parts)
        closing = set(parts)
        alone = []
        for members in known.values():
            left = [row for row in members if row.key not in closing]
            if len({row.application for row in left}) == 1:
                alone += [row.key for row in left]
        return alone


def _whole(wanted: DeparaChange) -> str:
    """What the change may be a part of, by a name that nothing else has."""
    if wanted.undoes:
        return f"undo {wanted.undoes}"
    return f"file {wanted.file}" if wanted.file else ""


def members_of(conflict: ConflictRow) -> tuple[Member, Member]:
    """The two ids that are in conflict."""
    return conflict.one, conflict.other


def _named(names: DeparaNames, couple: IdPair) -> IdPair:
    found = IdPair(*_members(names, couple))
    if found.one.key == found.other.key:
        details = {"id": found.one.key.id, "application": found.one.key.application}
        raise SenderFault(Fault("PAIR_WITH_ITSELF", "other_id", details=details))
    if found.one.place == found.other.place:
        (_, application, _, id_), other = found.one.key, found.other.key.id
        details = {"id": id_, "other": other, "application": application}
        raise SenderFault(Fault("PAIR_OF_ONE_APPLICATION", "other_id", details=details))
    return found


def _members(names: DeparaNames, couple: IdPair) -> list[Member]:
    """Both ids under their right names; SenderFault with all that is wrong with either."""
    found, wrong = list[Member](), list[Fault]()
    for given, paths in zip(couple, ({}, _OF_OTHER), strict=True):
        try:
            found.append(names.member(given))
        except SenderFault as refusal:
            told = (replace(one, path=paths.get(one.path, one.path)) for one in refusal.faults)
            wrong += (one for one in told if one not in wrong)
    if wrong:
        raise SenderFault(*wrong)
    return found


def _keys(couples: Iterable[IdPair]) -> list[Key]:
    return [member.key for couple in couples for member in couple]


def _of_second_group(names: DeparaNames, groups: Groups, couple: IdPair) -> Fault | None:
    """Why a pair would bring an application a second company group (T-12)."""
    for key in _keys([couple]):
        application = names.applications.get(key.application)
        if application and (fault := groups.against(application, key)):
            return fault
    return None


def _known(names: DeparaNames, key: Key) -> Key:
    """An id of an entity that there is; its application may be gone."""
    return key._replace(entity=names.entity(key.entity))


def _not_undone(number: int, against: Sequence[PairRow]) -> Fault:
    if not against:
        return Fault("CHANGE_NOT_FOUND", details={"number": str(number)})
    told = ", ".join(f"{row.entity} {row.application}:{row.id}" for row in against[:MOST_TOLD])
    told += ", …" if len(against) > MOST_TOLD else ""
    return Fault("UNDO_CONFLICT", details={"number": str(number), "against": told})
