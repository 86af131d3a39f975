"""The de-para as a table: one line a link, written and read back.

    entity;application;id;other;other_id;scope;qualifier;other_scope;other_qualifier

The last four may be left out. An identity of several ids has one line for each further one, all
anchored on one of them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple

from depara.model import Key, Member, PairRow
from depara.tables import Columns, read_table

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


def pairs_in(source: BinaryIO) -> Iterator[PairLine]:
    """The links of a file, one after another; at the end Unreadable with every mistake in it."""
    for line, of in read_table(source, LINKS):
        one = Key(of["entity"], of["application"], of["scope"], of["id"])
        other = Key(of["entity"], of["other"], of["other_scope"], of["other_id"])
        yield PairLine(line, Member(one, of["qualifier"]), Member(other, of["other_qualifier"]))


def read_pairs(data: bytes) -> tuple[PairLine, ...]:
    """The links of a text; Unreadable with every mistake in it."""
    return tuple(pairs_in(io.BytesIO(data)))


def read_keys(data: bytes) -> tuple[Listed, ...]:
    """The keys of a text, `entity;application;id`; Unreadable with every mistake in it."""
    return tuple(
        Listed(line, Key(of["entity"], of["application"], of["scope"], of["id"]))
        for line, of in read_table(io.BytesIO(data), KEYS)
    )


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
