"""What the reading commands of the de-para have in common."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import click

from bus.config import Settings, applications_in
from bus.core.errors import BusFault, Fault, SenderFault
from bus.core.route import Application
from bus.core.system_words import words_of
from bus.core.text import Details, Language, Text
from bus.edge.cli import spoken
from bus.edge.cli.options import print_table
from bus.edge.words.depara import MISTAKES, SOURCE_WORDS, say
from bus.edge.words.pairs import id_of
from bus.edge.words.times import time_of
from bus.ports.depara import PairFilter, every_row
from depara.model import PairRow
from depara.tables import CONTROL

if TYPE_CHECKING:
    from bus.engine.depara_changes import DeparaNames
    from bus.ports.depara import CrossReference
    from bus.ports.history import History
    from depara.tables import Columns, Unreadable

CHUNK = 1000
"""Pairs of one commit."""
MOST_MISTAKES = 50

Item = TypeVar("Item")

entity_argument = spoken.argument("entity")
"""What an id names."""


def id_given(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> tuple[str, str] | None:
    """The application and the id, which is all that follows the first colon."""
    if value is None:
        return None
    application, colon, id_ = value.partition(":")
    if not (application and colon and id_.strip()):
        raise click.BadParameter(spoken.usage("id", value), context, parameter)
    if CONTROL.search(id_):
        raise click.BadParameter(spoken.usage("control", value), context, parameter)
    return application, id_


id_argument = spoken.argument("id_", metavar="APPLICATION:ID", callback=id_given)
"""An id of an application."""


# -- the journal -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Look:
    """A journal that may be another's, and the names of its newest configuration."""

    history: History
    crossreference: CrossReference
    names: DeparaNames
    applications: dict[str, Application]

    def application(self, name: str) -> str:
        """An application that there is; one that there is no more is named exactly."""
        return name.casefold() if name.casefold() in self.applications else name

    async def entity(self, name: str) -> str:
        """An entity; empty for none."""
        from bus.engine.depara_changes import with_loaded

        names = await with_loaded(self.names, self.crossreference, [name])
        return names.entity(name) if name else ""

    async def rows(self, entity: str = "", application: str = "", at: int = 0) -> list[PairRow]:
        """All open rows of an entity or application, with the others of their identities."""
        chosen = PairFilter(entity=entity, application=application, at=at)
        return await every_row(self.crossreference, chosen)

    async def unknown(self, entity: str, application: str, id_: str) -> SenderFault:
        """The refusal of an id that is not known, with those that look like it."""
        known = await self.rows(entity, application)
        if application not in self.applications and not known:
            self.names.application(application)
        alike = sorted(
            row.id
            for row in known
            if row.application == application and _folded(row.id) == _folded(id_)
        )
        others = Text(f"Há “{alike[0]}”.", f"There is “{alike[0]}”.") if alike else ""
        details = {"entity": entity, "id": f"{application}:{id_}", "others": others}
        return SenderFault(Fault("PAIR_UNKNOWN", details=details))


def _folded(id_: str) -> str:
    return "".join(id_.casefold().split()).lstrip("0")


@contextlib.asynccontextmanager
async def looking(settings: Settings) -> AsyncIterator[Look]:
    """The journal for reading, also beside a bus that runs on it."""
    from bus.engine.depara_changes import DeparaNames
    from bus.profiles import InstalledProfiles
    from bus.wiring import open_contracts, open_reading

    async with open_reading(settings) as (history, crossreference):
        versions = await history.configurations()
        applications = applications_in(versions[0].text, InstalledProfiles()) if versions else {}
        names = DeparaNames.of(open_contracts(settings), applications)
        yield Look(history, crossreference, names, applications)


# -- files -----------------------------------------------------------------------------------------


def bytes_of(file: Path) -> bytes:
    """What a file holds (- for standard input)."""
    with copy_of(file) as copy:
        return copy.read()


@contextlib.contextmanager
def copy_of(file: Path) -> Iterator[BinaryIO]:
    """A copy of a file (- for standard input) that nobody else writes, to be read repeatedly."""
    with contextlib.ExitStack() as stack:
        try:
            opened = stack.enter_context(click.open_file(str(file), "rb"))
            copy = stack.enter_context(tempfile.TemporaryFile())
            shutil.copyfileobj(opened, copy)
            copy.seek(0)
        except OSError as error:
            details: Details = {"file": str(file), "problem": words_of(error)}
            raise BusFault(Fault("FILE_UNREADABLE", details=details)) from None
        yield copy


def fingerprint_of(source: BinaryIO) -> str:
    """What tells what a file holds from whatever else one may hold."""
    source.seek(0)
    digest = hashlib.sha256()
    while block := source.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    """As many at a time as one commit takes."""
    rest = iter(items)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def told(unreadable: Unreadable, file: Path, columns: Columns | None = None) -> SenderFault:
    """The mistakes of a file as a refusal."""
    names = ", ".join(columns.all) if columns else "id"
    faults = []
    for kind, line, column, value, other in unreadable.mistakes[:MOST_MISTAKES]:
        filled = {"value": value[:60], "other": other, "columns": names}
        faults.append(_mistake(kind, file, column, line, filled))
    if more := len(unreadable.mistakes) - len(faults):
        faults.append(_mistake("more", file, "", 0, {"value": more}))
    return SenderFault(*faults)


def cut(faults: list[Fault], file: Path, line: int) -> list[Fault]:
    """The first of many faults, and that nothing was checked after a line."""
    stopped = _mistake("stopped", file, "", line, {"value": MOST_MISTAKES})
    return [*faults[:MOST_MISTAKES], stopped]


def _mistake(kind: str, file: Path, column: str, line: int, filled: Mapping[str, object]) -> Fault:
    text = MISTAKES[kind]
    details = {"problem": text.problem.filled(filled), "hint": text.hint.filled(filled)}
    return Fault("PAIR_FILE_INVALID", column, line, {**details, "file": str(file)})


# -- showing ---------------------------------------------------------------------------------------


def row_as_json(row: PairRow) -> dict[str, Any]:
    """A row as a program gets it."""
    return row._asdict()


def show_rows(rows: Iterable[PairRow], language: Language) -> None:
    """A table of rows."""
    words = ("identity", "entity", "id", "qualifier", "since", "source")
    heading = tuple(say(word, language) for word in words)
    print_table([heading, *(_cells(row, language) for row in rows)])


def _cells(row: PairRow, language: Language) -> tuple[str, ...]:
    return (
        str(row.identity),
        row.entity,
        id_of(row.key),
        row.qualifier,
        time_of(row.since),
        source_in(row.source, language),
    )


def source_in(source: str, language: Language) -> str:
    """A source as people know it."""
    return SOURCE_WORDS[source].told(language) if source in SOURCE_WORDS else source


def named(row: PairRow, language: Language) -> str:
    """A row in a few words: its id, whence and since when."""
    return f"{id_of(row.key)} ({source_in(row.source, language)}, {time_of(row.since)})"
