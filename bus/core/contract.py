"""A contract: a transaction at a version, and what the catalog says of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from bus.core.text import NOTHING, Text


class MessageShape(StrEnum):
    """Whether a message tells what happened or asks for something."""

    EVENT = "event"
    REQUEST = "request"


class Lifecycle(StrEnum):
    """What a message of the contract means for its document."""

    REGISTER = "register"
    """A whole snapshot: a newer one makes an older one needless."""
    PROCESS = "process"
    """A step: none may be left out."""
    QUERY = "query"
    """Changes nothing; has no document and no order."""


class IdRole(StrEnum):
    """What an id element is (D3)."""

    OWN = "own"
    OWN_PART = "own part"
    REFERENCE = "reference"
    OPAQUE = "opaque"


@dataclass(frozen=True, slots=True)
class IdElement:
    """An element of a contract that holds an internal id: its path below BusinessContent and role.

    `entity` is what the id names (empty for an opaque one). Where that depends on a sibling, `by`
    is the sibling's name, and `cases` has the entity for each of its values; for any other value
    the entity is not known, and stays empty: it is never guessed.
    `qualifier` is which of a thing's ids a reference wants: `vendor`; empty for the one.
    """

    path: str
    role: IdRole
    entity: str = ""
    by: str = ""
    cases: tuple[tuple[str, str], ...] = ()
    qualifier: str = ""

    @property
    def by_path(self) -> str:
        """The path of the sibling that says what the id names; empty where none does."""
        parent, slash, _ = self.path.rpartition("/")
        return f"{parent}{slash}{self.by}" if self.by else ""

    @property
    def entities(self) -> tuple[str, ...]:
        """Everything that the id may name."""
        return tuple(entity for _, entity in self.cases) if self.by else (self.entity,)

    def entity_when(self, says: str) -> str:
        """What the id names, where its sibling says this; empty where nobody knows."""
        return dict(self.cases).get(says.strip(), "") if self.by else self.entity


class Alike(NamedTuple):
    """The paths by which two messages do the same, whoever sends them (X-16).

    Both say the same at those in `always`; at those in `where_told`, where both say something.
    Of the spellings `A|B`, in one folder, the first that both use counts: an id before its code.
    """

    always: tuple[str, ...] = ()
    where_told: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contract:
    """One transaction at one version. Paths are relative to BusinessContent: `Code`, `A/B`.

    `own_id` are the paths whose first filled value is the document's internal id; `natural_key`
    names it where they are empty; `target` is set for a cancellation: the reference to the document
    it is about, in whose lane it goes. `belongs_to` are references to the document that it is part
    of: it goes in the lane of the first filled one. `business_keys` are (name, path) for people who
    search; `aliases` are other names that senders give the transaction. `owner` keeps the register,
    in its `module` where people are told apart by modules. `alike` tells an echo, None where
    nobody said by what. `recognised_by` are the paths of what every application calls the thing,
    such as a CNPJ; without one of them filled it is shared with none. `extensions` are elements of
    ours: only an application that takes them is sent them.
    """

    transaction: str
    version: str
    shape: MessageShape
    lifecycle: Lifecycle
    entity: str
    own_id: tuple[str, ...] = ()
    natural_key: tuple[str, ...] = ()
    target: IdElement | None = None
    belongs_to: tuple[IdElement, ...] = ()
    business_keys: tuple[tuple[str, str], ...] = ()
    ids: tuple[IdElement, ...] = ()
    owner: str = ""
    module: str = ""
    provisional: bool = False
    aliases: tuple[str, ...] = ()
    alike: Alike | None = None
    recognised_by: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    catalogued: bool = True
    """Whether a page of the catalog says all this; else only its XSD is known, and it was imported.
    """
    title: Text = NOTHING

    def alike_of(self, *, extended: bool) -> Alike | None:
        """What tells an echo; without what is ours, where not all who are concerned take it."""
        if self.alike is None or extended or not self.extensions:
            return self.alike
        always, where_told = (
            tuple(path for path in paths if path.partition("/")[0] not in self.extensions)
            for paths in self.alike
        )
        return Alike(always, where_told)

    @property
    def known_by(self) -> tuple[str, ...]:
        """The paths of what everybody calls the thing: a document such as a CNPJ, else a code."""
        return self.recognised_by or self.natural_key

    @property
    def spellings(self) -> frozenset[str]:
        """The casefolded names of the transaction."""
        return frozenset(name.casefold() for name in (self.transaction, *self.aliases))

    @property
    def keeper(self) -> str:
        """Whom to ask: `RM Nucleus`."""
        return f"{self.owner} {self.module}".strip()

    @property
    def name(self) -> str:
        """The contract as people say it: `Currency 2.001`."""
        return f"{self.transaction} {self.version}"

    @cached_property
    def telling_paths(self) -> tuple[str, ...]:
        """The paths whose texts tell what a message is about."""
        paths = [*self.own_id, *self.natural_key, *(path for _, path in self.business_keys)]
        if self.target:
            paths += [self.target.path, self.target.by_path]
        return tuple(dict.fromkeys(filter(None, paths)))

    @property
    def file(self) -> str:
        """The contract as its files are called: `Currency_2_001`."""
        return f"{self.transaction}_{self.version.replace('.', '_')}"
