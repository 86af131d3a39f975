"""What may be done to the de-para: looked up and changed, in plain values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, Field

from bus.edge.verbs.verb import Asked, FaultOut, Verb
from bus.engine.depara_changes import DeparaChange, IdPair
from depara.model import Key, Member, PairRow, Source

if TYPE_CHECKING:
    from bus.wiring import Bus

MOST = 10_000
"""Links of one request."""


class IdIn(Asked):
    """An id of an application."""

    application: str
    id: str
    scope: str = ""
    qualifier: str = ""

    def member(self, entity: str) -> Member:
        """The id of an entity."""
        return Member(Key(entity, self.application, self.scope, self.id), self.qualifier)


class PairIn(Asked):
    """Two ids of one thing."""

    entity: str
    one: IdIn
    other: IdIn

    def couple(self) -> IdPair:
        """As the engine has it."""
        return IdPair(self.one.member(self.entity), self.other.member(self.entity))


class PartIn(Asked):
    """An id that is to be closed."""

    entity: str
    application: str
    id: str
    scope: str = ""


class PairsIn(Asked):
    """Pairs whose names are to be looked up; `groups` as the answer for others before has it."""

    pairs: Annotated[list[PairIn], Field(max_length=MOST)]
    groups: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class PairsOut(BaseModel):
    """The pairs under their right names, null where one is wrong; what is wrong, by place.

    `groups` are the company groups of applications that have one each.
    """

    pairs: list[PairIn | None]
    faults: dict[int, list[FaultOut]]
    groups: dict[str, tuple[str, ...]]


class ChangeIn(Asked):
    """A change of the de-para: `bus.engine.depara_changes.DeparaChange`."""

    actor: Annotated[str, Field(max_length=200)] = ""
    source: Source = Source.PERSON
    reason: str = ""
    pairs: list[PairIn] = Field(default_factory=list, max_length=MOST)
    parts: list[PartIn] = Field(default_factory=list, max_length=MOST)
    undoes: Annotated[int, Field(ge=0, lt=2**63)] = 0
    settles: Annotated[int, Field(ge=0, lt=2**63)] = 0
    replace: bool = False
    orphans: bool = False
    dry: bool = False
    file: Annotated[str, Field(max_length=200)] = ""
    more: bool = False

    def change(self) -> DeparaChange:
        """As the engine has it."""
        parts = tuple(Key(one.entity, one.application, one.scope, one.id) for one in self.parts)
        fields = self.model_dump(exclude={"pairs", "parts"})
        return DeparaChange(**fields, links=tuple(one.couple() for one in self.pairs), parts=parts)


class RowOut(BaseModel):
    """A row of the de-para."""

    entity: str
    application: str
    scope: str
    id: str
    qualifier: str
    identity: int
    since: int
    source: str


class VerdictOut(BaseModel):
    """What came of a pair: `same`, `added`, `merged`, `changed`, `conflict`; what is against it."""

    verdict: str
    against: list[RowOut]


class ChangeOut(BaseModel):
    """What came of a change; its number is 0 where nothing changed."""

    change: int
    pairs: list[VerdictOut]
    closed: list[RowOut]
    woken: int
    uses: list[str]


async def check(bus: Bus, asked: PairsIn) -> PairsOut:
    """Look the names of pairs up; nothing changes."""
    checked = await bus.amending.check([one.couple() for one in asked.pairs], asked.groups)
    return PairsOut(
        pairs=[_pair(couple) if couple else None for couple in checked.couples],
        faults={at: [FaultOut.of(one) for one in told] for at, told in checked.faults.items()},
        groups=dict(checked.groups),
    )


async def change(bus: Bus, asked: ChangeIn) -> ChangeOut:
    """Link ids, part them, settle a conflict or undo a change."""
    changed = await bus.amending.change(asked.change())
    amended = changed.amended
    return ChangeOut(
        change=amended.change,
        pairs=[
            VerdictOut(verdict=one.verdict, against=_known(one.against)) for one in amended.linked
        ],
        closed=_known(amended.closed),
        woken=len(amended.woken),
        uses=list(changed.uses),
    )


def _pair(couple: IdPair) -> PairIn:
    one, other = map(_id, couple)
    return PairIn(entity=couple.one.key.entity, one=one, other=other)


def _id(member: Member) -> IdIn:
    key, qualifier = member
    return IdIn(application=key.application, id=key.id, scope=key.scope, qualifier=qualifier)


def _known(rows: Sequence[PairRow]) -> list[RowOut]:
    names = RowOut.model_fields
    return [RowOut(**{name: getattr(row, name) for name in names}) for row in rows]


CHECK = Verb("depara/check", PairsIn, PairsOut, check)
CHANGE = Verb("depara/change", ChangeIn, ChangeOut, change, patience=3600.0)
