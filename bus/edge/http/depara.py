"""The de-para in the local API: what is asked, what is answered, and both as plain JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from bus.core.errors import Language
from bus.edge.http.exchange import fault_to_dict
from bus.engine.amending import Amending, Change, Couple
from depara.model import Key, Member, Row, Source

MOST = 10_000
"""Links of one request."""


class Body(BaseModel):
    """What is asked: nothing but its fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Id(Body):
    """An id of an application."""

    application: str
    id: str
    scope: str = ""
    qualifier: str = ""

    def member(self, entity: str) -> Member:
        """The id of an entity."""
        return Member(Key(entity, self.application, self.scope, self.id), self.qualifier)


class Pair(Body):
    """Two ids of one thing."""

    entity: str
    one: Id
    other: Id

    def couple(self) -> Couple:
        """As the engine has it."""
        return Couple(self.one.member(self.entity), self.other.member(self.entity))


class Part(Body):
    """An id that is to be closed."""

    entity: str
    application: str
    id: str
    scope: str = ""


class Check(Body):
    """Pairs whose names are to be looked up."""

    pairs: Annotated[list[Pair], Field(max_length=MOST)]


class Checked(BaseModel):
    """The pairs under their right names, null where one is wrong; what is wrong, by place."""

    pairs: list[Pair | None]
    faults: dict[int, dict[str, object]]


class Wanted(Body):
    """A change of the de-para: `bus.engine.amending.Change`."""

    actor: Annotated[str, Field(max_length=200)] = ""
    source: Source = Source.PERSON
    reason: str = ""
    pairs: Annotated[list[Pair], Field(max_length=MOST)] = []
    parts: Annotated[list[Part], Field(max_length=MOST)] = []
    undoes: Annotated[int, Field(ge=0)] = 0
    settles: Annotated[int, Field(ge=0)] = 0
    replace: bool = False
    orphans: bool = False
    dry: bool = False

    def change(self) -> Change:
        """As the engine has it."""
        parts = tuple(Key(one.entity, one.application, one.scope, one.id) for one in self.parts)
        fields = self.model_dump(exclude={"pairs", "parts"})
        return Change(**fields, links=tuple(one.couple() for one in self.pairs), parts=parts)


class KnownId(BaseModel):
    """A row of the de-para."""

    entity: str
    application: str
    scope: str
    id: str
    qualifier: str
    identity: int
    since: int
    source: str


class Verdict(BaseModel):
    """What came of a pair: `same`, `added`, `merged`, `changed`, `conflict`; what is against it."""

    verdict: str
    against: list[KnownId]


class Done(BaseModel):
    """What came of a change; its number is 0 where nothing changed."""

    change: int
    pairs: list[Verdict]
    closed: list[KnownId]
    woken: int
    uses: list[str]


async def check(amending: Amending, asked: Check, language: Language) -> Checked:
    """Look the names of pairs up."""
    checked = await amending.check([one.couple() for one in asked.pairs])
    return Checked(
        pairs=[_pair(couple) if couple else None for couple in checked.couples],
        faults={at: fault_to_dict(fault, language) for at, fault in checked.faults.items()},
    )


async def change(amending: Amending, wanted: Wanted) -> Done:
    """Change the de-para."""
    changed = await amending.change(wanted.change())
    amended = changed.amended
    return Done(
        change=amended.change,
        pairs=[Verdict(verdict=one.verdict, against=_known(one.against)) for one in amended.linked],
        closed=_known(amended.closed),
        woken=len(amended.woken),
        uses=list(changed.uses),
    )


def depara_api(amending: Amending, language: Language) -> APIRouter:
    """The addresses of the de-para."""
    api = APIRouter(prefix="/api/v1/depara")

    @api.post("/check")
    async def check_pairs(asked: Check) -> Checked:
        """Look the names of pairs up; nothing changes."""
        return await check(amending, asked, language)

    @api.post("/change")
    async def change_pairs(wanted: Wanted) -> Done:
        """Link ids, part them, settle a conflict or undo a change."""
        return await change(amending, wanted)

    return api


def _pair(couple: Couple) -> Pair:
    one, other = map(_id, couple)
    return Pair(entity=couple.one.key.entity, one=one, other=other)


def _id(member: Member) -> Id:
    key, qualifier = member
    return Id(application=key.application, id=key.id, scope=key.scope, qualifier=qualifier)


def _known(rows: Sequence[Row]) -> list[KnownId]:
    names = KnownId.model_fields
    return [KnownId(**{name: getattr(row, name) for name in names}) for row in rows]
