"""Registers that a group of applications shares: who is in it, and what a change may do: pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from bus.core.diagnosis import Confirmation
from bus.core.text import Text


class Change(StrEnum):
    """What a message does to a register at its reader."""

    INCLUDE = "include"  # its reader has no id for it yet
    EDIT = "edit"
    DELETE = "delete"


CHANGE_WORDS: dict[Change, Text] = {
    Change.INCLUDE: Text("incluir", "include"),
    Change.EDIT: Text("alterar", "edit"),
    Change.DELETE: Text("excluir", "delete"),
}
"""What an application may do, or not."""


@dataclass(frozen=True, slots=True)
class SharingGroup:
    """Applications that share their registers of some entities; `origin` is where they begin."""

    name: str
    origin: str
    destinations: tuple[str, ...]
    entities: tuple[str, ...]

    @property
    def members(self) -> tuple[str, ...]:
        """All applications of the group, the origin first."""
        return (self.origin, *self.destinations)


@dataclass(frozen=True, slots=True)
class Share:
    """What a route brings of a group: `may` is what a change at its origin may do elsewhere."""

    group: SharingGroup
    may: frozenset[Change] = frozenset()


def change_of(*, deletes: bool, new: bool) -> Change:
    """What a message does at a reader that has no id for the document (`new`), or has one."""
    if deletes:
        return Change.DELETE
    return Change.INCLUDE if new else Change.EDIT


def rule_of(group: str, origin: str) -> str:
    """The name of the route of a group from an application; no route of a file has a colon."""
    return f"{group}:{origin}"


# -- by what a register is recognised --------------------------------------------------------------

APART = re.compile(r"[\W_]+")
"""What stands between the letters and digits of a text."""
_MASKS = {14: "{}{}.{}{}{}.{}{}{}/{}{}{}{}-{}{}", 11: "{}{}{}.{}{}{}.{}{}{}-{}{}"}
"""How a CNPJ and a CPF are written, by their length."""


def recognised_as(text: str, *, document: bool) -> str:
    """A document in capitals and without its mask; a code as it stands."""
    return APART.sub("", text).upper() if document else text.strip()


def spellings_of(text: str, *, document: bool) -> frozenset[str]:
    """How applications write what is recognised as the same: as it stands, bare, in its mask."""
    bare = recognised_as(text, document=document)
    mask = _MASKS.get(len(bare), "") if document else ""
    written = {bare, mask.format(*bare)} if document else {bare}
    return frozenset({text, *written, *(one.lower() for one in written if document)}) - {""}


# -- whether a group is active ---------------------------------------------------------------------

ACTIVE, CANCELLED, DRAINED = "active", "cancel", "drain"
"""How it stands with an application in its group: the first word of what a person confirmed."""


class Membership(NamedTuple):
    """Who last activated or stopped an application in its group, when (µs since 1970), and how.

    `preview` is the hash of the preview that was confirmed, empty where it was stopped.
    """

    how: str
    by: str
    at: int
    preview: str = ""

    @property
    def active(self) -> bool:
        """Whether it gives and takes."""
        return self.how == ACTIVE

    def shares(self, received_at: int) -> bool:
        """Whether a message that came then (µs) is shared with it, or by it."""
        if self.active:
            return received_at >= self.at
        return self.how == DRAINED and received_at < self.at


def confirmed_as(group: str) -> str:
    """What people confirm who activate or stop an application in a group."""
    return f"sharing {group}"


def memberships(group: SharingGroup, said: Iterable[Confirmation]) -> dict[str, Membership]:
    """Of the applications of a group that were ever activated, how it stands with each."""
    return {
        one.application: Membership(how, one.by, one.at, preview)
        for one in said
        if one.rule == confirmed_as(group.name) and one.application in group.members
        for how, _, preview in (one.note.partition(" "),)
    }
