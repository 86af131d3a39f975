"""Shows a message to a person, each fault below the line that it is about."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import click

from bus.core.text import visible
from bus.edge.words.command_line import OWNER_WORDS, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bus.codec.source import SourceText
    from bus.core.errors import Fault
    from bus.core.text import Language

WHOLE = 40
"""A message of so many lines is shown whole; of a longer one, what is around its faults."""
AROUND = 2
WIDEST = 100
"""A longer line is cut to what is around its faults."""


def shown_in_place(
    source: SourceText, faults: Sequence[Fault], language: Language, file: str
) -> Iterator[str]:
    """The lines of a message, and the faults among them; they must have lines."""
    at: dict[int, list[tuple[int, Fault]]] = defaultdict(list)
    for fault in faults:
        line, column = source.place(fault.path) or (fault.line, -1)
        at[min(line, len(source.lines))].append((column, fault))
    width, before = len(str(max(at, default=0) + AROUND)), 0
    for number in _chosen(len(source.lines), at):
        if number > before + 1:
            yield click.style(f"{'⋮':>{width + 2}}", dim=True)
        text, before = source.lines[number - 1], number
        here = sorted(at.get(number, ()), key=lambda one: one[0])
        gutter = click.style(f"{number:>{width + 2}} | ", dim=True)
        if not here:
            yield gutter + _cut(text, 0)[0]
        for column, fault in here:
            # Of a long line each fault shows its own part; of any other all share it.
            if len(text) > WIDEST or fault is here[0][1]:
                yield gutter + _cut(text, column)[0]
            yield from _below(width, _cut(text, column)[1], fault, language, file)


def _chosen(count: int, at: dict[int, list[tuple[int, Fault]]]) -> Sequence[int]:
    if count <= WHOLE:
        return range(1, count + 1)
    near = {line + step for line in at for step in range(-AROUND, AROUND + 1)}
    return sorted(line for line in near if 1 <= line <= count)


def _cut(text: str, column: int) -> tuple[str, int]:
    """What is shown of a line, and where in it the column is; that of its text where none is."""
    text = "".join(each if each == "\t" or each.isprintable() else "·" for each in text).expandtabs(
        1
    )
    if column < 0:
        column = len(text) - len(text.lstrip())
    if len(text) <= WIDEST:
        return text, column
    start = max(0, min(column - WIDEST // 4, len(text) - WIDEST))
    left, right = ("…" if start else ""), ("…" if start + WIDEST < len(text) else "")
    return left + text[start : start + WIDEST] + right, column - start + len(left)


def _below(width: int, column: int, fault: Fault, language: Language, file: str) -> Iterator[str]:
    margin = " " * (width + 2) + click.style(" | ", dim=True)
    indent = margin + " " * min(column, WIDEST // 2)
    mark = click.style("^", fg="red", bold=True)
    yield f"{margin}{' ' * column}{mark} {click.style(fault.code, fg='red', bold=True)}"
    yield f"{indent}{visible(fault.reason(language))}"
    yield f"{indent}→ {click.style(visible(fault.remedy(language)), fg='green')}"
    owner = OWNER_WORDS[fault.owner].told(language)
    place = f"{file}:{fault.line}: {fault.path}".rstrip(": ")
    place = visible(place)
    yield f"{indent}{click.style(say('mends', language, owner=owner, place=place), dim=True)}"
