"""Finds what is known of products by the entry points of installed packages, loaded when asked for.

An entry point is named as its product, in any letter case. A package that cannot be loaded is a
fault of its own product alone: the bus runs as if nobody had described it, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint

from bus.core.errors import BusFault, Fault
from bus.core.known_faults import KnownFault
from bus.core.profile import Prerequisite, Profile
from bus.core.route import IdScope, TranslatedBy
from bus.core.text import Text, same
from bus.core.versions import Release
from bus.entry_points import SEVERAL, announced_in, problem_details
from depara.model import IdLimits

GROUP = "bus.profiles"

ONE = {
    "title": str,
    "de_para": TranslatedBy,
    "id_scope": IdScope,
    "id_limits": IdLimits,
    "wants_its_message": bool,
    "lost_characters": str,
    "one_company_group": bool,
}
"""What a field must be."""
EACH = {
    "products": str,
    "known_faults": KnownFault,
    "releases": Release,
    "prerequisites": Prerequisite,
    "numbered": str,
}
"""What each value in a field must be."""
OF_EACH = {
    "entity_scopes": IdScope,
    "qualifiers": Mapping,
    "entry_names": tuple,
    "limits": tuple,
    "holds": int,
    "same_codes": tuple,
}
"""What each value in a mapping of texts must be."""


@cache
def announced() -> Mapping[str, tuple[EntryPoint, ...]]:
    """The entry points of every described product, by its casefolded name. Nothing is loaded."""
    found: dict[str, tuple[EntryPoint, ...]] = {}
    for name, points in announced_in(GROUP).items():
        found[name.casefold()] = (*found.get(name.casefold(), ()), *points)
    return found


@cache
def profile_named(product: str) -> Profile:
    """The profile of a casefolded product; KeyError for none, BusFault where it cannot be used."""
    points = announced()[product]
    if len(points) > 1:
        raise _unusable(product, points, SEVERAL)
    try:
        profile = points[0].load()
        _check(profile, product)
    except (Exception, SystemExit) as error:
        problem = f"{type(error).__name__}: {error}"
        raise _unusable(product, points, same(problem)) from error
    found: Profile = profile
    return found


class InstalledProfiles(Mapping[str, Profile]):
    """The profile of each described product by its casefolded name, loaded when asked for."""

    def __getitem__(self, product: str) -> Profile:
        """The profile of a product; BusFault where it cannot be used."""
        return profile_named(product)

    def __contains__(self, product: object) -> bool:
        """Whether somebody described a product."""
        return product in announced()

    def __iter__(self) -> Iterator[str]:
        """The casefolded names of the products."""
        return iter(announced())

    def __len__(self) -> int:
        """How many products there are."""
        return len(announced())


def _check(profile: Profile, product: str) -> None:
    """TypeError or ValueError where what an entry point gave is no profile of the product."""
    if not isinstance(profile, Profile):
        raise TypeError(f"{profile!r:.60} is no Profile")
    for field, kind in ONE.items():
        _must_be(field, kind, getattr(profile, field))
    for field, kind in EACH.items():
        _must_be(field, tuple, getattr(profile, field))
        for value in getattr(profile, field):
            _must_be(field, kind, value)
    for field, kind in OF_EACH.items():
        _must_be(field, Mapping, getattr(profile, field))
        for name, value in getattr(profile, field).items():
            _must_be(field, str, name)
            _must_be(field, kind, value)
    if product not in {name.casefold() for name in profile.products}:
        raise ValueError(f"it describes {', '.join(profile.products)}")


def _must_be(field: str, kind: type, value: object) -> None:
    if not isinstance(value, kind):
        raise TypeError(f"{field}: {value!r:.60} is no {kind.__name__}")


def _unusable(product: str, points: tuple[EntryPoint, ...], problem: Text) -> BusFault:
    details = {"product": product, **problem_details(points, problem)}
    return BusFault(Fault("PROFILE_UNUSABLE", details=details))
