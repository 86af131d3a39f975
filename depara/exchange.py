"""The de-para as a table: one line a link, written and read back.

    entity;application;id;other;other_id;scope;qualifier;other_scope;other_qualifier

The last four may be left out. An identity of several ids has one line for each further one, all
anchored on one of them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from depara.model import JoinVerdict, Key, Link, Member, PairRow, Source, join
from depara.tables import Columns, TableMistake, read_table

LINKS = Columns(
    required=("entity", "application", "id", "other", "other_id"),
    optional=("scope", "qualifier", "other_scope", "other_qualifier"),
    opaque=frozenset({"id", "other_id"}),
)
KEYS = Columns(
    required=("entity", "application", "id"), optional=("scope",), opaque=frozenset({"id"})
)


class PairLine(NamedTuple):
    """A link as a line of a file has it."""

    line: int
    one: Member
    other: Member


class Listed(NamedTuple):
    """A key as a line of a file has it."""

    line: int
    key: Key


# -- reading ---------------------------------------------------------------------------------------


def read_pairs(data: bytes) -> tuple[PairLine, ...]:
    """The links of a file; Unreadable with every mistake in it."""
    return tuple(
        PairLine(
            line,
            Member(Key(of["entity"], of["application"], of["scope"], of["id"]), of["qualifier"]),
            Member(
                Key(of["entity"], of["other"], of["other_scope"], of["other_id"]),
                of["other_qualifier"],
            ),
        )
        for line, of in read_table(data, LINKS)
    )


def read_keys(data: bytes) -> tuple[Listed, ...]:
    """The keys of a file, `entity;application;id`; Unreadable with every mistake in it."""
    return tuple(
        Listed(line, Key(of["entity"], of["application"], of["scope"], of["id"]))
        for line, of in read_table(data, KEYS)
    )


# -- what a file says against itself ---------------------------------------------------------------


class Judged(NamedTuple):
    """What a file says twice, and where it contradicts itself."""

    doubles: tuple[TableMistake, ...]
    contradictions: tuple[TableMistake, ...]


def judge(pairs: Iterable[PairLine]) -> Judged:
    """Compare the lines of a file with each other."""
    sheet, seen = _Sheet(), dict[frozenset[Key], int]()
    doubles, contradictions = [], []
    for line, one, other in pairs:
        both = frozenset({one.key, other.key})
        if len(both) == 1:
            contradictions.append(TableMistake("itself", line, "other_id", other.key.id, line))
        elif one.place == other.place:
            mistake = TableMistake("one_application", line, "other_id", other.key.id, line)
            contradictions.append(mistake)
        elif both in seen:
            doubles.append(TableMistake("double", line, "", other.key.id, seen[both]))
        else:
            seen[both] = line
            sheet.line = line
            (joined,) = join(sheet, Link(one, (other,)), Source.FILE)
            if joined.verdict is JoinVerdict.CONFLICT:
                against = joined.against[0]
                details = (other.key.id, sheet.lines[against.number])
                contradictions.append(TableMistake("contradiction", line, "other_id", *details))
    return Judged(tuple(doubles), tuple(contradictions))


class _Sheet:
    """The hub that a file alone would make; it knows which line brought each row."""

    def __init__(self) -> None:
        self.line = 0
        self.lines: dict[int, int] = {}
        self._by_key: dict[Key, PairRow] = {}
        self._by_identity: dict[int, dict[int, PairRow]] = {}

    def find(self, key: Key) -> PairRow | None:
        return self._by_key.get(key)

    def members(self, identity: int) -> Sequence[PairRow]:
        return tuple(self._by_identity[identity].values())

    def open(self, member: Member, identity: int, source: str) -> PairRow:
        number = len(self.lines) + 1
        self.lines[number] = self.line
        key, qualifier = member
        row = PairRow(number, identity or number, *key, qualifier, 0, 0, source, 0, 0)
        self._by_key[key] = row
        self._by_identity.setdefault(row.identity, {})[number] = row
        return row

    def close(self, row: PairRow) -> None:
        del self._by_key[row.key]
        del self._by_identity[row.identity][row.number]


# -- writing ---------------------------------------------------------------------------------------


def write_pairs(rows: Iterable[PairRow], anchor: str = "") -> str:
    """The table of some identities' rows; `anchor` is the application that lines begin with.

    An identity that one id alone names makes no line. The order is that of the texts.
    """
    identities: dict[int, list[PairRow]] = {}
    for row in rows:
        identities.setdefault(row.identity, []).append(row)
    lines = sorted(line for members in identities.values() for line in _lines(members, anchor))
    written = io.StringIO(newline="")
    # Lines end as a spreadsheet ends them, so that an id may hold either half of it.
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow(LINKS.all)
    writer.writerows(lines)
    return written.getvalue()


def _lines(members: list[PairRow], anchor: str) -> Iterator[tuple[str, ...]]:
    first = min(members, key=lambda row: _anchoring(row, members, anchor))
    for row in members:
        if row is first:
            continue
        ids = (first.entity, first.application, first.id, row.application, row.id)
        yield (*ids, first.scope, first.qualifier, row.scope, row.qualifier)


def _anchoring(row: PairRow, members: list[PairRow], anchor: str) -> tuple[bool, int, Member]:
    """The wanted application goes first, then one that has a single id."""
    ids = sum(one.application == row.application for one in members)
    return row.application != anchor, ids, row.member
