"""`bus depara import`."""

from __future__ import annotations

import asyncio
import getpass
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import click

from bus.config import Settings
from bus.core.errors import SenderFault
from bus.core.text import Language
from bus.edge.cli import spoken
from bus.edge.cli.client import Client, open_client
from bus.edge.cli.depara.reading import (
    CHUNK,
    MOST_MISTAKES,
    chunks,
    copy_of,
    cut,
    fingerprint_of,
    told,
)
from bus.edge.cli.depara.set import written
from bus.edge.cli.faults import REFUSED
from bus.edge.cli.options import json_option, print_json, reason_option, with_settings
from bus.edge.verbs.depara import (
    CHANGE,
    CHECK,
    ChangeIn,
    ChangeOut,
    IdIn,
    PairIn,
    PairsIn,
    VerdictOut,
)
from bus.edge.words.depara import say
from depara.exchange import LINKS, pairs_in
from depara.exchange import PairLine as Line
from depara.model import Member, Source
from depara.sheet import Sheet
from depara.tables import TableMistake, Unreadable

if TYPE_CHECKING:
    from bus.core.errors import Fault
    from bus.edge.verbs.verb import FaultOut

OFTEN: Final = 10
"""Commits between two lines about how far it is."""


@dataclass(slots=True)
class ImportedPairs:
    """What came of a file: by verdict, and each line that something stands against."""

    counts: Counter[str] = field(default_factory=Counter)
    conflicts: list[tuple[int, PairIn, VerdictOut]] = field(default_factory=list)
    doubles: tuple[TableMistake, ...] = ()
    changes: list[int] = field(default_factory=list)
    woken: int = 0

    def take(self, lines: Sequence[Line], pairs: Sequence[PairIn], done: ChangeOut) -> None:
        """Count what came of some lines."""
        for line, pair, verdict in zip(lines, pairs, done.pairs, strict=True):
            self.counts[verdict.verdict] += 1
            if verdict.verdict == "conflict":
                self.conflicts.append((line.line, pair, verdict))
        if done.change and done.change not in self.changes:
            self.changes.append(done.change)
        self.woken += done.woken

    @property
    def numbers(self) -> str:
        """The changes: one, unless somebody took the change back while the file was being taken."""
        return ", ".join(map(str, self.changes))


@spoken.command("depara import")
@spoken.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@spoken.option("--dry-run", is_flag=True)
@spoken.option("--replace", "replacing", is_flag=True)
@reason_option
@json_option
@with_settings("journal", "routes")
def command(
    settings: Settings, file: Path, dry_run: bool, replacing: bool, reason: str, as_json: bool
) -> None:
    """Take pairs from a CSV file (- for standard input), one a line.

    entity;application;id;other;other_id and, where they are needed,
    scope;qualifier;other_scope;other_qualifier. A file with a mistake is refused as a whole; else
    it is one change, which `bus depara undo` takes back. Where it was interrupted, the same command
    goes on with it. Exit code 1 where something stands against a line; the others are taken.
    """
    asked = ChangeIn(
        actor=getpass.getuser(),
        source=Source.FILE,
        reason=reason or file.name,
        replace=replacing,
        dry=dry_run,
    )
    with copy_of(file) as source, Sheet() as sheet:
        import_ = _Import(file, source, sheet, asked, settings.language)
        try:
            came = asyncio.run(import_.run(settings))
        except Unreadable as unreadable:
            raise told(unreadable, file, LINKS) from None
    if as_json:
        print_json(_as_json(came, file, dry=dry_run))
    else:
        _show(came, settings.language, dry=dry_run)
    if not sum(_counts(came).values()):
        click.echo(say("nothing_in", settings.language, file=file), err=True)
    if came.conflicts:
        raise SystemExit(REFUSED)


@dataclass(frozen=True, slots=True)
class _Import:
    """A file on its way into the de-para: all of it is checked before any of it is taken."""

    file: Path
    source: BinaryIO
    sheet: Sheet
    asked: ChangeIn
    language: Language

    async def run(self, settings: Settings) -> ImportedPairs:
        """What came of it; Unreadable or SenderFault where it has a mistake."""
        async with open_client(settings) as client:
            await self._check(client)
            if self.sheet.contradictions:
                raise Unreadable(*self.sheet.contradictions)
            return await self._take(client)

    async def _check(self, client: Client) -> None:
        """Put the lines into the sheet, under their right names."""
        faults: list[Fault] = []
        groups: dict[str, tuple[str, ...]] = {}
        for at, chunk in enumerate(chunks(pairs_in(self.source)), start=1):
            pairs = [_pair(line) for line in chunk]
            checked = await client.ask(CHECK, PairsIn(pairs=pairs, groups=groups))
            groups |= checked.groups
            for line, pair in zip(chunk, checked.pairs, strict=True):
                if pair is not None:
                    ids = (one.member(pair.entity) for one in (pair.one, pair.other))
                    self.sheet.add(Line(line.line, *ids))
            faults += self._told(chunk, checked.faults)
            if len(faults) > MOST_MISTAKES:
                raise SenderFault(*cut(faults, self.file, chunk[-1].line))
            if not at % OFTEN:
                self._say("checked", count=at * CHUNK)
        if faults:
            raise SenderFault(*faults)

    def _told(
        self, chunk: Sequence[Line], faults: Mapping[int, Sequence[FaultOut]]
    ) -> Iterator[Fault]:
        for at, told_of in faults.items():
            for fault in (one.fault() for one in told_of):
                details = {**fault.details, "file": str(self.file)}
                yield replace(fault, line=chunk[at].line, details=details)

    async def _take(self, client: Client) -> ImportedPairs:
        """Have the lines taken, some at a time, as parts of one change."""
        came, count, done = ImportedPairs(doubles=tuple(self.sheet.doubles)), len(self.sheet), 0
        name = "" if self.asked.dry else fingerprint_of(self.source)
        for at, chunk in enumerate(chunks(self.sheet), start=1):
            done += len(chunk)
            pairs = [_pair(line) for line in chunk]
            part = {"pairs": pairs, "file": name, "more": done < count}
            came.take(chunk, pairs, await client.ask(CHANGE, self.asked.model_copy(update=part)))
            if not at % OFTEN and done < count:
                self._say("under_way", done=done, count=count, numbers=came.numbers)
        return came

    def _say(self, word: str, **details: object) -> None:
        click.echo(say(word, self.language, **details), err=True)


def _pair(line: Line) -> PairIn:
    return PairIn(entity=line.one.key.entity, one=_id(line.one), other=_id(line.other))


def _id(member: Member) -> IdIn:
    key, qualifier = member
    return IdIn(application=key.application, id=key.id, scope=key.scope, qualifier=qualifier)


def _counts(came: ImportedPairs) -> dict[str, int]:
    return {
        "added": came.counts["added"],
        "same": came.counts["same"] + len(came.doubles),
        "merged": came.counts["merged"],
        "changed": came.counts["changed"],
        "conflicting": came.counts["conflict"],
    }


def _as_json(came: ImportedPairs, file: Path, *, dry: bool) -> dict[str, Any]:
    return {
        "file": str(file),
        "dry_run": dry,
        **_counts(came),
        "empty": not sum(_counts(came).values()),
        "conflicts": [
            {"line": line, **pair.model_dump(), "against": verdict.model_dump()["against"]}
            for line, pair, verdict in came.conflicts
        ],
        "doubles": [{"line": one.line, "other": one.other} for one in came.doubles],
        "changes": came.changes,
        "woken": came.woken,
    }


def _show(came: ImportedPairs, language: Language, *, dry: bool) -> None:
    for one in came.doubles:
        click.echo(say("double", language, line=one.line, other=one.other))
    for line, pair, verdict in came.conflicts:
        against = ", ".join(f"{one.application}:{one.id}" for one in verdict.against)
        click.echo(say("against", language, line=line, pair=written(pair), against=against))
    click.echo(say("imported", language, **_counts(came), against=len(came.conflicts)))
    if dry:
        click.echo(say("tried", language))
    if came.changes:
        click.echo(say("changes", language, numbers=came.numbers))
    if came.woken:
        click.echo(say("woken", language, count=came.woken))
