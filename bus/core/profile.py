"""What a product is like, where an application that has it does not say otherwise: pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple
from zlib import crc32

from bus.core.known_faults import KnownFault
from bus.core.limits import Limit
from bus.core.route import NEUTRAL_LIMITS, IdScope, TranslatedBy
from bus.core.text import Text
from bus.core.versions import Release, parts_of
from depara.model import IdLimits


class Proof(StrEnum):
    """What shows by itself that a prerequisite is met, or that it is not."""

    NONE = ""
    ENABLED = "enabled"
    """It lists an adapter for each message of the routes."""
    OWNERSHIP = "ownership"
    """It sends no register that another application owns: one that it sends tells against it."""
    ONE_COMPANY = "one company"
    """Its messages come from one company: a second one tells against it."""


class Prerequisite(NamedTuple):
    """What must be set up in a product before messages flow.

    `rule` is its id in docs/rules.md, empty for a product that has none there. It is met from
    version `since` of the product on; `only_if_used`: an older one does, for who does without.
    `unmet` is searched in the texts of errors, without accents and in lower case: one that has it
    tells that the prerequisite is not met. What nothing shows, a person confirms.
    """

    rule: str
    text: Text
    since: str = ""
    only_if_used: bool = False
    unmet: re.Pattern[str] | None = None
    proof: Proof = Proof.NONE

    @property
    def key(self) -> str:
        """What a person confirms it by: its rule, else a name that its words give."""
        return self.rule or f"P-{crc32(self.text.en.encode()):08x}"


@dataclass(frozen=True, slots=True)
class Profile:
    """The habits of a product; without more than a name, those of one that nobody described.

    `products` are the names of `Product/@name` that it goes by, the usual one first; `title` is
    what it calls itself. By entity: `entity_scopes` says where its ids reach otherwise than
    `id_scope`, `qualifiers` what their last segment tells. `entry_names` are names in a
    ListOfInternalId that differ from the entity's, with the entity and the qualifier that they
    mean. `id_limits` is how it keeps ids of others. `wants_its_message`: of a Response it reads the
    message that is answered, too. `releases` are the versions of transactions that it speaks. By
    transaction, `limits` are what it can hold of a message; by entity, `holds` is how many of a
    thing it can; `lost_characters` it cannot hold in any text. ValueError where it has no name, or
    a release or a prerequisite has no version. `same_codes` are codes of an entity that its
    partners must call the same. `numbered` are entities whose Code is a number that it gives them
    itself, and says nothing elsewhere. `one_company_group`: its companies are all of one group.
    `names_no_company`: its messages name none, unless its application is configured to.
    """

    products: tuple[str, ...]
    title: str = ""
    de_para: TranslatedBy = TranslatedBy.BUS
    id_scope: IdScope = IdScope.BRANCH
    entity_scopes: Mapping[str, IdScope] = field(default_factory=dict)
    qualifiers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    entry_names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    id_limits: IdLimits = NEUTRAL_LIMITS
    known_faults: tuple[KnownFault, ...] = ()
    wants_its_message: bool = False
    releases: tuple[Release, ...] = ()
    prerequisites: tuple[Prerequisite, ...] = ()
    limits: Mapping[str, tuple[Limit, ...]] = field(default_factory=dict)
    holds: Mapping[str, int] = field(default_factory=dict)
    lost_characters: str = ""
    one_company_group: bool = False
    names_no_company: bool = False
    same_codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    numbered: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what would fail only once it is used."""
        if not self.products or not all(self.products):
            raise ValueError("a profile needs the name of its product")
        for release in self.releases:
            parts_of(release.since)
        for prerequisite in self.prerequisites:
            parts_of(prerequisite.since or "0")

    @property
    def product(self) -> str:
        """The usual name of the product."""
        return self.products[0]
