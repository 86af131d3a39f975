"""The keys of a group of applications that share registers, and the routes that follow from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from bus.config.application_keys import ApplicationKeys, Keys
from bus.config.context import Surroundings, around, unknown, wrong
from bus.config.mistakes import ConfigMistake
from bus.config.values import Destination, Several
from bus.core.contract import Lifecycle
from bus.core.envelope import DeliveryMode
from bus.core.route import Route, Strictness
from bus.core.sharing import Change, Share, SharingGroup, rule_of


def _shared(value: str, info: ValidationInfo) -> str:
    known = {name.casefold(): name for name in shareable(around(info))}
    if value.casefold() not in known:
        raise unknown("not_shareable", value, known.values())
    return known[value.casefold()]


Shared = Annotated[str, AfterValidator(_shared), "entity"]
"""An entity whose registers can be told to be the same in several applications."""


def shareable(world: Surroundings) -> set[str]:
    """The entities that have a register of which a contract says when two do the same."""
    return {
        one.entity
        for one in world.contracts
        if one.lifecycle is Lifecycle.REGISTER and one.alike and one.entity
    }


class SharingKeys(Keys):
    """A group: the registers of these entities are the same in all its applications."""

    origin: Destination = Field(
        description="The application whose registers the others are given when the group is "
        "activated, and whose win where both have one.",
        examples=["erp-main"],
    )
    destinations: Several[Destination] = Field(
        description="The other applications of the group.", examples=["[erp-branch]"]
    )
    entities: Several[Shared] = Field(
        description="What is shared: entities whose contract says when two registers are the same. "
        "Nothing else is.",
        examples=["[Item, CustomerVendor]"],
    )
    permissions: dict[Destination, tuple[Change, ...]] = Field(
        default_factory=dict,
        description="By application, what a change made there may do in the others: `include`, "
        "`edit`, `delete`. One that is not named changes nothing in the others.",
        examples=["{erp-main: [include, edit, delete], erp-branch: [edit]}"],
    )
    strictness: Strictness = Field(
        default=Strictness.REJECT,
        description="What a difference from the contract leads to, as in a route.",
        examples=["warn"],
    )

    @field_validator("destinations")
    @classmethod
    def _others(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if info.data.get("origin") in value:
            raise wrong("origin_among", value=str(info.data["origin"]))
        return value

    @field_validator("permissions")
    @classmethod
    def _of_members(
        cls, value: dict[str, tuple[Change, ...]], info: ValidationInfo
    ) -> dict[str, tuple[Change, ...]]:
        members = (info.data.get("origin"), *info.data.get("destinations", (None,)))
        for name, changes in value.items():
            if None not in members and name not in members:
                raise unknown("stranger", name, [str(one) for one in members])
            if changes and not _is_heard(around(info), name):
                raise wrong("unheard", value=name)
        return value

    def group(self, name: str) -> SharingGroup:
        """The group that these keys describe."""
        return SharingGroup(name, self.origin, self.destinations, self.entities)


def _is_heard(world: Surroundings, name: str) -> bool:
    """Whether anything can come from an application: it is read, or posts by itself."""
    keys = world.declared.get(name)
    if not isinstance(keys, dict):
        return True
    if keys.get("adapter") in world.readers:
        return "read_every" in keys
    return any(keys.get(one) for one in ("login", "comes_from", "broker_user"))


def routes_of_group(name: str, keys: SharingKeys, world: Surroundings) -> Iterator[Route]:
    """A route from each application of a group to all the others.

    Of one that may do nothing, too: what is changed there is told, and goes nowhere.
    """
    group = keys.group(name)
    names = {one.transaction for one in world.contracts if _is_of(one.entity, group)}
    names &= {one.transaction for one in world.contracts if one.lifecycle is Lifecycle.REGISTER}
    for origin in group.members:
        yield Route(
            name=rule_of(name, origin),
            transactions=world.spellings(names),
            origin=origin,
            destinations=tuple(one for one in group.members if one != origin),
            modes=frozenset({DeliveryMode.ASYNC}),
            default_mode=DeliveryMode.ASYNC,
            strictness=keys.strictness,
            share=Share(group, frozenset(keys.permissions.get(origin, ()))),
        )


def _is_of(entity: str, group: SharingGroup) -> bool:
    return entity in group.entities


def overlaps(
    groups: Mapping[str, SharingKeys], declared: tuple[Route, ...], world: Surroundings
) -> Iterator[ConfigMistake]:
    """What a group shares and a route, or another group, brings between the same applications."""
    made = {name: tuple(routes_of_group(name, keys, world)) for name, keys in groups.items()}
    for name, routes in made.items():
        for ours in routes:
            for theirs in declared:
                if both := _both(ours, theirs):
                    details = {"value": theirs.name, "group": name, **both}
                    yield ConfigMistake("shared_already", ("routes", theirs.name), details)
    for (first, some), (second, others) in combinations(made.items(), 2):
        found = next((both for one in some for two in others if (both := _both(one, two))), None)
        if found:
            details = {"value": second, "group": first, **found}
            yield ConfigMistake("shared_already", ("sharing", second), details)


def _both(one: Route, other: Route) -> dict[str, str]:
    """What both bring from the same application to the same one; nothing where they do not."""
    transactions = sorted(one.transactions & other.transactions)
    to = sorted({*one.destinations} & {*other.destinations})
    if one.origin != other.origin or not transactions or not to:
        return {}
    return {"transaction": transactions[0], "origin": one.origin, "destination": to[0]}


def unread_origins(
    groups: Mapping[str, SharingKeys],
    applications: Mapping[str, ApplicationKeys],
    world: Surroundings,
) -> Iterator[ConfigMistake]:
    """Origins whose registers nobody can read when their group is activated."""
    for name, keys in groups.items():
        if applications[keys.origin].adapter not in world.readers:
            yield ConfigMistake(
                "origin_unread", ("sharing", name, "origin"), {"value": keys.origin}
            )
