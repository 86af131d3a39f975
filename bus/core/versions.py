"""Which version of a transaction follows from the version of a product: pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

_VERSION = re.compile(r"\d{1,9}(?:\.\d{1,9}){0,7}", re.ASCII)


class Release(NamedTuple):
    """From version `since` of a product on, it speaks a transaction at a version."""

    since: str
    transaction: str
    version: str


def parts_of(version: str) -> tuple[int, ...]:
    """A version to compare by, number by number: 12.1.2209.158 is above 12.1.2209.58 (T-41).

    Missing parts are zero. ValueError where it is no such version.
    """
    if not _VERSION.fullmatch(version):
        raise ValueError(f"“{version}” is no version")
    parts = [int(part) for part in version.split(".")]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return tuple(parts)


def spoken(version: str, releases: Iterable[Release]) -> dict[str, str]:
    """By transaction, the version at which a version of a product speaks it, where that is known.

    ValueError where the product's version is none.
    """
    at = parts_of(version)
    reached = [one for one in releases if parts_of(one.since) <= at]
    oldest_first = sorted(reached, key=lambda one: parts_of(one.since))
    return {one.transaction: one.version for one in oldest_first}
