"""What may be done with groups of applications that share registers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, Field

from bus.core.preview import Preview, RegisterFate
from bus.core.sharing import Change, rule_of
from bus.edge.verbs.verb import Asked, Verb

if TYPE_CHECKING:
    from bus.core.sharing import Membership, SharingGroup
    from bus.wiring import Bus

SHOWN = 1000
"""Registers of one fate at one application that are shown by name; all are counted."""
LONG = 3600.0
"""Seconds in which all registers of a group are read, and taken in."""


class ListGroupsIn(Asked):
    """Nothing: all groups are told."""


class GroupIn(Asked):
    """Which group."""

    group: str


class ActivateIn(GroupIn):
    """The hash of the preview that a person has read, and who."""

    confirm: Annotated[str, Field(min_length=1, max_length=64)]
    actor: Annotated[str, Field(min_length=1, max_length=200)]


class StopIn(GroupIn):
    """Which application of the group, empty for all; what becomes of what is queued, and who."""

    application: str = ""
    queued: Literal["cancel", "drain"]
    actor: Annotated[str, Field(min_length=1, max_length=200)]


class MemberOut(BaseModel):
    """An application of a group: what it may, and how it stands (`how`: empty, it never was).

    `by` and `at` (µs since 1970) tell who last activated or stopped it.
    """

    application: str
    may: list[Change]
    how: str = ""
    by: str = ""
    at: int = 0


class GroupOut(BaseModel):
    """A group, its origin first among its members."""

    group: str
    entities: list[str]
    members: list[MemberOut]


class GroupsOut(BaseModel):
    """All groups."""

    groups: list[GroupOut]


class FateOut(BaseModel):
    """How many registers have one fate at an application."""

    application: str
    entity: str
    fate: RegisterFate
    count: int


class RegisterOut(BaseModel):
    """A register, by the origin's id, and its id at the application (`there`)."""

    application: str
    entity: str
    fate: RegisterFate
    id: str
    match: str
    name: str
    there: str


class PreviewOut(BaseModel):
    """What activation would do, counted and by name, and the hash that confirms it."""

    group: str
    hash: str
    counts: list[FateOut]
    registers: list[RegisterOut]


class ActivatedOut(BaseModel):
    """How many registers of the origin were taken in, and how many had come by themselves."""

    taken: int
    passed_over: int


class StoppedOut(BaseModel):
    """How many deliveries were cancelled."""

    cancelled: int


async def list_groups(bus: Bus, _: ListGroupsIn) -> GroupsOut:
    """All groups, and how each application stands in them."""
    groups = bus.deployment.groups
    return GroupsOut(
        groups=[_group(bus, one, await bus.activations.standing(one)) for one in groups]
    )


def _group(bus: Bus, group: SharingGroup, known: dict[str, Membership]) -> GroupOut:
    members = []
    for name in group.members:
        route = bus.deployment.route(rule_of(group.name, name))
        may = route.share.may if route and route.share else frozenset()
        told = MemberOut(application=name, may=sorted(may))
        if one := known.get(name):
            told = told.model_copy(update={"how": one.how, "by": one.by, "at": one.at})
        members.append(told)
    return GroupOut(group=group.name, entities=list(group.entities), members=members)


async def preview(bus: Bus, asked: GroupIn) -> PreviewOut:
    """What activation would do; nothing is changed anywhere."""
    return _preview(await bus.activations.preview(bus.activations.group(asked.group)))


def _preview(found: Preview) -> PreviewOut:
    shown: dict[tuple[str, str, RegisterFate], int] = {}
    registers = []
    for line in found.lines:
        key = (line.application, line.entity, line.fate)
        shown[key] = shown.get(key, 0) + 1
        if shown[key] <= SHOWN:
            registers.append(RegisterOut(**line._asdict()))
    counts = [
        FateOut(application=application, entity=entity, fate=fate, count=count)
        for (application, entity, fate), count in sorted(found.counts().items())
    ]
    return PreviewOut(group=found.group, hash=found.hash, counts=counts, registers=registers)


async def activate(bus: Bus, asked: ActivateIn) -> ActivatedOut:
    """Begin, as a preview said."""
    group = bus.activations.group(asked.group)
    done = await bus.activations.activate(group, asked.confirm, asked.actor)
    return ActivatedOut(taken=done.taken, passed_over=done.passed_over)


async def stop(bus: Bus, asked: StopIn) -> StoppedOut:
    """Stop an application, or all; registers stay as they are."""
    group = bus.activations.group(asked.group)
    count = await bus.activations.stop(group, asked.application, asked.queued, asked.actor)
    return StoppedOut(cancelled=count)


GROUPS = Verb("sharing/list", ListGroupsIn, GroupsOut, list_groups)
PREVIEW = Verb("sharing/preview", GroupIn, PreviewOut, preview, patience=LONG)
ACTIVATE = Verb("sharing/activate", ActivateIn, ActivatedOut, activate, patience=LONG)
STOP = Verb("sharing/stop", StopIn, StoppedOut, stop, patience=LONG)
