"""Shows a load: its plan, how far it is, and what came of it."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import click

from bus.core.suggest import FEW, listed
from bus.core.text import Language, visible
from bus.edge.cli.faults import labelled
from bus.edge.cli.options import print_table
from bus.edge.faults import fault_to_dict
from bus.edge.words.load import CAME_WORDS, say
from bus.edge.words.pairs import id_of
from bus.engine.load import DONE, Came

if TYPE_CHECKING:
    from bus.edge.cli.load.planning import LoadPlan, NotedFile
    from bus.edge.cli.load.reconciling import LoadReconciliation
    from bus.edge.cli.load.sending import LoadedMessage, LoadProgress

SHOWN = 20
"""Lines of a list; the rest is counted, and told to programs."""
WIDTH = 30
OFTEN = 5.0
"""Seconds between two lines where there is no terminal."""


class ProgressBar:
    """Tells how far a load is: one line that changes on a terminal, else a line now and then."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._bar = sys.stderr.isatty()
        self._ended = False
        self._began = self._told = time.monotonic()

    def show(self, progress: LoadProgress) -> None:
        """Tell it, if it is time."""
        now = time.monotonic()
        ended = progress.done == progress.count
        if self._ended or not (self._bar or ended or now - self._told >= OFTEN):
            return
        self._told, self._ended = now, ended
        line = self._line(progress, now - self._began)
        click.echo(f"\r{line}\x1b[K" if self._bar else line, err=True, nl=not self._bar or ended)

    def end(self) -> None:
        """Leave the line that changed."""
        if self._bar and not self._ended:
            click.echo(err=True)

    def _line(self, progress: LoadProgress, seconds: float) -> str:
        sent = progress.done - progress.known
        rate = sent / seconds if seconds else 0.0
        left = (progress.count - progress.done) / rate if rate else 0.0
        share = progress.done / progress.count if progress.count else 1.0
        bar = f"[{'#' * int(WIDTH * share):<{WIDTH}}] " if self._bar else ""
        told = say(
            "progress",
            self._language,
            done=f"{progress.done:,}",
            count=f"{progress.count:,}",
            share=f"{100 * share:.0f}",
            rate=f"{rate:.1f}",
            left=f"{left:.0f}",
            failed=progress.troubled,
        )
        return bar + told


# -- in words --------------------------------------------------------------------------------------


def plan_lines(plan: LoadPlan, language: Language) -> Iterator[str]:
    """The order with its counts, the circles in it, and what is not sent."""
    for level, counts in groupby(plan.counts(), itemgetter(0)):
        told = "; ".join(f"{name}: {count:,}" for _, name, count in counts)
        yield say("level", language, level=level + 1, counts=told)
    present = {entry.key.entity.casefold() for entry in plan.entries if entry.key}
    for circle in plan.order.circles:
        if present & {*circle}:
            yield say("circle", language, names=", ".join(circle))
    if plan.twice:
        yield say("twice", language, count=plan.twice)
    if plan.skipped:
        names = visible(listed(plan.skipped, FEW))
        yield say("skipped", language, count=f"{len(plan.skipped):,}", names=names)


def show_invalid(invalid: Sequence[NotedFile], language: Language) -> None:
    """The files that are not sent, and why."""
    for one in invalid[:SHOWN]:
        for fault in one.faults:
            click.echo(labelled(fault, language, one.file), err=True)
    _more(len(invalid), language)
    if invalid:
        click.echo(say("invalid", language, count=len(invalid)), err=True)


def show_warned(warned: Sequence[NotedFile], language: Language) -> None:
    """The files that are sent though something is to be said of them."""
    for one in warned[:SHOWN]:
        for fault in one.faults:
            click.echo(labelled(fault, language, one.file), err=True)
    _more(len(warned), language)
    if warned:
        click.echo(say("warned", language, count=f"{len(warned):,}"), err=True)


def show_result(progress: LoadProgress, found: LoadReconciliation, language: Language) -> None:
    """What came of a load: a table, what failed, and what differs on each side."""
    words = ("register", "reader", "messages", "delivered", "failed", "paired")
    heading = tuple(say(word, language) for word in words)
    print_table([heading, *_rows(progress, found)])
    click.echo(
        say(
            "ended",
            language,
            done=progress.done,
            count=progress.count,
            known=progress.known,
            gave_way=progress.gave_way,
            yielded=f"{progress.yielded:.1f}",
        )
    )
    _show(len(progress.failed), (_failed(one, language) for one in progress.failed), language)
    differing = [
        say("unpaired", language, id=id_of(one.key), entity=one.key.entity, **one._asdict())
        for one in found.unpaired[:SHOWN]
    ]
    _show(len(found.unpaired), differing, language)
    there = [say("only_there", language, **one._asdict()) for one in found.only_there[:SHOWN]]
    _show(len(found.only_there), there, language)
    click.echo(say("compared", language))
    if progress.stopped:
        click.echo(labelled(progress.stopped, language), err=True)


def _rows(progress: LoadProgress, found: LoadReconciliation) -> list[tuple[str, ...]]:
    return [
        (name, reader, *(f"{number:,}" for number in numbers))
        for (name, reader), numbers in _numbers(progress, found).items()
    ]


def _numbers(
    progress: LoadProgress, found: LoadReconciliation
) -> dict[tuple[str, str], tuple[int, int, int, int]]:
    """By register and reader: messages, delivered ones, failed ones, documents with a pair."""
    ways = sorted({(name, reader) for name, reader, _ in progress.at_readers})
    counts = progress.at_readers
    return {
        (name, reader): (
            sum(counts[name, reader, came] for came in Came),
            counts[name, reader, Came.DELIVERED],
            sum(counts[name, reader, came] for came in Came if came not in DONE),
            found.paired[name, reader],
        )
        for name, reader in ways
    }


def _failed(one: LoadedMessage, language: Language) -> str:
    """A message that failed: its file and id, what came of it, and why."""
    came = CAME_WORDS[one.came].told(language)
    heading = f"{one.entry.place.name}: {one.entry.transaction} {one.entry.own_id}: {came}"
    lines = [visible(heading)]
    if one.fault:
        lines += [f"    {line.strip()}" for line in labelled(one.fault, language).splitlines()]
    lines += [
        f"    {visible(f'{note.code}: {note.text}'.removeprefix(': '))}"
        for note in one.notes
        if not one.fault or note.code != one.fault.code  # that says the same
    ]
    return "\n".join(lines)


def _show(count: int, lines: Iterable[str], language: Language) -> None:
    for line in islice(lines, SHOWN):
        click.echo(line)
    _more(count, language)


def _more(count: int, language: Language) -> None:
    if count > SHOWN:
        click.echo(say("more", language, count=count - SHOWN), err=True)


# -- for programs ----------------------------------------------------------------------------------


def plan_as_json(plan: LoadPlan, language: Language) -> dict[str, Any]:
    """The plan: levels in their order, circles, and what is not sent."""
    return {
        "levels": [
            {"level": level + 1, "contract": name, "messages": count}
            for level, name, count in plan.counts()
        ],
        "circles": [list(circle) for circle in plan.order.circles],
        "messages": len(plan.entries),
        "twice": plan.twice,
        "skipped": list(plan.skipped),
        "invalid": [
            {"file": one.file, "errors": [fault_to_dict(each, language) for each in one.faults]}
            for one in plan.invalid
        ],
        "warned": [
            {"file": one.file, "warnings": [fault_to_dict(each, language) for each in one.faults]}
            for one in plan.warned
        ],
    }


def result_as_json(
    plan: LoadPlan, progress: LoadProgress, found: LoadReconciliation, language: Language
) -> dict[str, Any]:
    """What came of a load, whole."""
    came: Counter[Came] = progress.counts
    return {
        **plan_as_json(plan, language),
        "known": progress.known,
        "gave_way": progress.gave_way,
        "came": {str(one): number for one, number in sorted(came.items())},
        "left": progress.count - progress.done,
        "yielded": round(progress.yielded, 3),
        "stopped": fault_to_dict(progress.stopped, language) if progress.stopped else None,
        "registers": [
            {
                "contract": name,
                "reader": reader,
                **dict(zip(("messages", "delivered", "failed", "paired"), numbers, strict=True)),
            }
            for (name, reader), numbers in _numbers(progress, found).items()
        ],
        "failed": [_failed_as_json(one, language) for one in progress.failed],
        "unpaired": [
            {"file": one.file, "entity": one.key.entity, "id": one.key.id, "reader": one.reader}
            for one in found.unpaired
        ],
        "only_there": [one._asdict() for one in found.only_there],
    }


def _failed_as_json(one: LoadedMessage, language: Language) -> dict[str, Any]:
    return {
        "file": one.entry.place.name,
        "contract": one.entry.transaction,
        "id": one.entry.own_id,
        "uuid": one.entry.uuid,
        "message": one.standing.message if one.standing else "",
        "came": str(one.came),
        "error": fault_to_dict(one.fault, language) if one.fault else None,
        "notes": [note.model_dump() for note in one.notes],
    }
