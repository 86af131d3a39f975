"""What the keys of routes.yaml are checked against: the world around the file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from pydantic import ValidationInfo
from pydantic_core import PydanticCustomError

from bus.config.yaml_document import Value
from bus.core.bridge import Bridge
from bus.core.contract import Contract, IdRole, Lifecycle
from bus.core.errors import BusFault
from bus.core.profile import Profile
from bus.core.suggest import entities_of, suggestion
from bus.core.text import Text

NO_PROFILES: Mapping[str, Profile] = {}


def profile_of(product: str, profiles: Mapping[str, Profile]) -> Profile:
    """The profile of a product; that of one that nobody described where there is none of use."""
    try:
        return profiles[product.casefold()]
    except (KeyError, BusFault):
        return Profile((product,))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The file's own names, and what the installation knows.

    `folder` is where relative paths of secrets start; `declared` has the keys of each application
    before they are checked; `adapters` gives the option names of each kind, or raises the
    BusFault of one that cannot be used; `check_condition` says what is wrong with an XPath, None
    where nothing is; `bridges` are the ways between versions; `profiles` gives that of each
    casefolded product, or raises the BusFault of one that cannot be used; `readers` are the
    adapters that read; `elements` are all that messages of a transaction may have, and `paths`
    where elements may stand in a contract, none where that is not known; `keyed` are the adapters
    that know an application by the user of its credentials.
    """

    text: str
    folder: Path
    declared: Mapping[str, Value]
    contracts: Sequence[Contract]
    adapters: Mapping[str, Collection[str]]
    environment: Mapping[str, str]
    check_condition: Callable[[str], Text | None]
    bridges: tuple[Bridge, ...] = ()
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    readers: Container[str] = frozenset()
    elements: Callable[[str], Collection[str]] = lambda _: ()
    paths: Callable[[Contract], Collection[str]] = lambda _: ()
    keyed: Container[str] = frozenset()

    def unusable_profile(self, product: str) -> BusFault | None:
        """Why the profile of a product cannot be used; None where it can, or there is none."""
        try:
            self.profiles.get(product.casefold())
        except BusFault as unusable:
            return unusable
        return None

    def receives(self, application: str) -> bool:
        """Whether an application has an adapter to receive by."""
        keys = self.declared.get(application)
        return isinstance(keys, dict) and "adapter" in keys

    def transactions(self) -> set[str]:
        """The names of the transactions that have a contract, other spellings included."""
        return {name for one in self.contracts for name in (one.transaction, *one.aliases)}

    def spellings(self, transactions: Collection[str]) -> frozenset[str]:
        """All casefolded names of transactions: senders may use any of them."""
        folded = {name.casefold() for name in transactions}
        known = (one.spellings for one in self.contracts)
        return frozenset(folded.union(*(names for names in known if names & folded)))

    def versions(self, *transactions: str) -> set[str]:
        """The versions at which any of these transactions has a contract."""
        folded = {name.casefold() for name in transactions}
        return {one.version for one in self.contracts if one.spellings & folded}

    def entities(self) -> set[str]:
        """What the ids of contracts name, and companies, whose ids every message has."""
        return entities_of(self.contracts)

    def references(self) -> set[str]:
        """The paths of elements that refer to something, below the content of some contract."""
        return {
            element.path
            for contract in self.contracts
            for element in contract.ids
            if element.role is IdRole.REFERENCE
        }

    def echoed(self, transactions: Collection[str]) -> bool:
        """Whether a contract of these transactions says by what an echo is told."""
        folded = {name.casefold() for name in transactions}
        return any(one.alike and one.spellings & folded for one in self.contracts)

    def steps_of_others(self, transactions: Collection[str]) -> tuple[str, ...]:
        """Those that are a step of one document with others: part of it, or what they are parts of.

        All of them go in its lane, such as those of a work order (S6).
        """
        folded = {name.casefold() for name in transactions}
        mains = {each.entity for one in self.contracts for each in one.belongs_to}
        found = {
            one.transaction
            for one in self.contracts
            if one.spellings & folded and (one.belongs_to or one.target or one.entity in mains)
        }
        return tuple(sorted(found))

    def echoes_of(self, transactions: Collection[str]) -> tuple[str, ...]:
        """Those of these transactions whose contract says by what an echo is told."""
        folded = {name.casefold() for name in transactions}
        found = {one.transaction for one in self.contracts if one.alike and one.spellings & folded}
        return tuple(sorted(found))

    def contract(self, name: str) -> Contract | None:
        """The contract that people call so: `StockLevel 1.001`, in any letter case."""
        transaction, _, version = name.strip().partition(" ")
        folded, exact = transaction.casefold(), version.strip()
        fits = (one for one in self.contracts if folded in one.spellings and one.version == exact)
        return next(fits, None)

    def queries(self) -> list[str]:
        """The contracts that change nothing, as people call them."""
        return sorted(one.name for one in self.contracts if one.lifecycle is Lifecycle.QUERY)

    def lacks(self, contract: Contract, content: str, path: str) -> Sequence[str] | None:
        """What else may stand in a content, where a path is none of it; None where it is."""
        known = self.paths(contract)
        way = path.split("/")
        opened = ["/".join((content, *way[:n], "*")) for n in range(len(way))]
        if not known or f"{content}/{path}" in known or any(one in known for one in opened):
            return None
        return sorted(one.removeprefix(f"{content}/") for one in known if one.startswith(content))

    def only_queries(self, transactions: Collection[str]) -> bool:
        """Whether these transactions change nothing, at any version."""
        folded = {name.casefold() for name in transactions}
        kinds = {one.lifecycle for one in self.contracts if one.spellings & folded}
        return kinds == {Lifecycle.QUERY}


def around(info: ValidationInfo) -> Surroundings:
    """The surroundings of the value being checked."""
    return cast("Surroundings", info.context)


def wrong(kind: str, **details: str | Text) -> PydanticCustomError:
    """The error of a kind of `MISTAKE_TEXTS`, with what fills its texts."""
    return PydanticCustomError(kind, kind, dict[str, object](details))


def unknown(
    kind: str, value: str, known: Collection[str], **details: str | Text
) -> PydanticCustomError:
    """The error of a name that is none of those known."""
    return wrong(kind, **suggestion(value, known), **details)
