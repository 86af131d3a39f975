"""The numbered scripts by which a driver brings tables to their newest form."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from bus.core.errors import BusFault, Fault


@dataclass(frozen=True, slots=True)
class Migration:
    """A script `NNNN_name.sql`; one that was released never changes."""

    number: int
    name: str
    script: str

    @property
    def sha256(self) -> str:
        """What tells it from a script that was changed since."""
        return hashlib.sha256(self.script.encode()).hexdigest()


@cache
def scripts_of(package: str) -> tuple[Migration, ...]:
    """All migrations of a driver, in their order."""
    found = []
    for file in resources.files(package).joinpath("migrations").iterdir():
        number, _, name = file.name.removesuffix(".sql").partition("_")
        found.append(Migration(int(number), name, file.read_text("utf-8")))
    return tuple(sorted(found, key=lambda one: one.number))


def known_version(version: object, newest: int) -> int:
    """The number of the migration that tables have had last; BusFault of those we do not know."""
    if isinstance(version, int) and version <= newest:
        return version
    details = {"version": str(version), "newest": str(newest)}
    raise BusFault(Fault("JOURNAL_NEWER", details=details))
