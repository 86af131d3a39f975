"""The numbered scripts by which a driver brings tables to their newest form."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from bus.core.text import Text


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


def newer(version: int, newest: int) -> Text:
    """What is wrong with tables that a newer bus has made."""
    return Text(
        f"um barramento mais novo o gravou (tabelas da versão {version}; as daqui são {newest})",
        f"a newer bus has written it (its tables are version {version}, ours {newest})",
    )
