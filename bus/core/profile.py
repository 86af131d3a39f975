"""What a product is like, where an application that has it does not say otherwise: pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from bus.core.known_faults import KnownFault
from bus.core.limits import Limit
from bus.core.route import NEUTRAL_LIMITS, IdScope, TranslatedBy
from bus.core.text import Text
from bus.core.versions import Release, parts_of
from depara.model import IdLimits


class Prerequisite(NamedTuple):
    """What must be set up in a product before messages flow.

    `rule` is its id in docs/rules.md, empty for a product that has none there.
    """

    rule: str
    text: Text


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
    a release has no version.
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

    def __post_init__(self) -> None:
        """Refuse what would fail only once it is used."""
        if not self.products or not all(self.products):
            raise ValueError("a profile needs the name of its product")
        for release in self.releases:
            parts_of(release.since)

    @property
    def product(self) -> str:
        """The usual name of the product."""
        return self.products[0]
