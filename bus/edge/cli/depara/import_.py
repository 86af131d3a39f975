"""`bus depara import`."""

from __future__ import annotations

import asyncio
import getpass
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bus.config import Settings
from bus.core.errors import SenderFault
from bus.core.text import Language
from bus.edge.cli import spoken
from bus.edge.cli.client import Client, open_client
from bus.edge.cli.depara.reading import bytes_of, chunks, told
from bus.edge.cli.depara.set import written
from bus.edge.cli.faults import REFUSED
from bus.edge.cli.options import json_option, print_json, reason_option, with_settings
from bus.edge.verbs.depara import CHANGE, CHECK, ChangeIn, IdIn, PairIn, PairsIn, VerdictOut
from bus.edge.words.depara import say
from depara.exchange import LINKS, judge, read_pairs
from depara.exchange import PairLine as Line
from depara.model import Member, Source
from depara.tables import TableMistake, Unreadable

if TYPE_CHECKING:
    from bus.core.errors import Fault


@dataclass(slots=True)
class ImportedPairs:
    """What came of a file: by verdict, and each line that something stands against."""

    counts: Counter[str] = field(default_factory=Counter)
    conflicts: list[tuple[int, PairIn, VerdictOut]] = field(default_factory=list)
    doubles: tuple[TableMistake, ...] = ()
    changes: list[int] = field(default_factory=list)
    woken: int = 0


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
    scope;qualifier;other_scope;other_qualifier. A file with a mistake is refused as a whole. Exit
    code 1 where something stands against a line; the other lines are taken.
    """
    try:
        lines = read_pairs(bytes_of(file))
    except Unreadable as unreadable:
        raise told(unreadable, file, LINKS) from None
    wanted = ChangeIn(
        actor=getpass.getuser(),
        source=Source.FILE,
        reason=reason or file.name,
        replace=replacing,
        dry=dry_run,
    )
    came = asyncio.run(_import(settings, file, lines, wanted))
    if as_json:
        print_json(_as_json(came, file, dry=dry_run))
    else:
        _show(came, settings.language, dry=dry_run)
    if came.conflicts:
        raise SystemExit(REFUSED)


async def _import(
    settings: Settings, file: Path, lines: Sequence[Line], wanted: ChangeIn
) -> ImportedPairs:
    async with open_client(settings) as client:
        pairs = await _checked(client, file, lines)
        judged = judge(
            Line(line, pair.one.member(pair.entity), pair.other.member(pair.entity))
            for line, pair in pairs
        )
        if judged.contradictions:
            raise told(Unreadable(*judged.contradictions), file, LINKS)
        came = ImportedPairs(doubles=judged.doubles)
        double = {one.line for one in judged.doubles}
        for chunk in chunks(one for one in pairs if one[0] not in double):
            asked = wanted.model_copy(update={"pairs": [pair for _, pair in chunk]})
            done = await client.ask(CHANGE, asked)
            for (line, pair), verdict in zip(chunk, done.pairs, strict=True):
                came.counts[verdict.verdict] += 1
                if verdict.verdict == "conflict":
                    came.conflicts.append((line, pair, verdict))
            came.changes += [done.change] if done.change else []
            came.woken += done.woken
        return came


async def _checked(client: Client, file: Path, lines: Sequence[Line]) -> list[tuple[int, PairIn]]:
    """The pairs under their right names, each with its line; SenderFault where one is wrong."""
    pairs: list[tuple[int, PairIn]] = []
    faults: list[Fault] = []
    for chunk in chunks(lines):
        checked = await client.ask(CHECK, PairsIn(pairs=[_pair(line) for line in chunk]))
        for at, pair in enumerate(checked.pairs):
            if pair is not None:
                pairs.append((chunk[at].line, pair))
        for at, told_of in checked.faults.items():
            fault = told_of.fault()
            details = {**fault.details, "file": str(file)}
            faults.append(replace(fault, line=chunk[at].line, details=details))
    if faults:
        raise SenderFault(*faults)
    return pairs


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
        numbers = ", ".join(map(str, came.changes))
        click.echo(say("changes", language, numbers=numbers))
    if came.woken:
        click.echo(say("woken", language, count=came.woken))
