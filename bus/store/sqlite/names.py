"""Rows that are found by names of the world outside, as they lie in the table `names`.

Such names fall anywhere in a tree, and each new place costs a page of every commit. So what has the
same name lies together: a message's uuid beside its identity, a lane beside its document.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import orjson

from bus.core.identity import SEPARATOR
from bus.journal.rows import BusinessKeyRow, DocumentRow, IdentityRow, LaneRow
from bus.journal.unit import Changes, DocumentKey


class NameRow(NamedTuple):
    """A row of `names`: where it lies, what it is, and what is known under it."""

    name: str
    kind: str
    key: str
    message: str | None = None
    content_hash: str | None = None
    at: int | None = None
    document: str | None = None
    entered: int | None = None
    head: int | None = None


def place(key: str) -> tuple[str, str]:
    """Where an identity or a lane lies: by the last part of its key, the uuid or the id."""
    return key.rpartition(SEPARATOR)[2], key


def place_of_document(key: DocumentKey) -> tuple[str, str]:
    """Where a document lies: by the internal id that it was used under."""
    sender, entity, id_ = key
    return id_, orjson.dumps((sender, entity)).decode()


def names_in(changes: Changes) -> list[NameRow]:
    """What a commit writes into `names`."""
    return [
        *_uuids(changes),
        *map(_identity, changes.identities.values()),
        *map(_lane, changes.lanes.values()),
        *map(_document, changes.documents.values()),
        *map(_business_key, changes.business_keys),
    ]


def _uuids(changes: Changes) -> Iterator[NameRow]:
    """The uuids of new messages, which are those that bring a body."""
    for id_, _ in changes.bodies:
        yield NameRow(changes.messages[id_].uuid, "uuid", id_)


def _identity(row: IdentityRow) -> NameRow:
    key, message, content_hash, at = row
    return NameRow(place(key)[0], "identity", key, message, content_hash, at)


def _lane(row: LaneRow) -> NameRow:
    name, entered, head = row
    return NameRow(place(name)[0], "lane", name, entered=entered, head=head)


def _document(row: DocumentRow) -> NameRow:
    sender, entity, id_, document = row
    name, key = place_of_document((sender, entity, id_))
    return NameRow(name, "document", key, document=document)


def _business_key(row: BusinessKeyRow) -> NameRow:
    name, value, message = row
    return NameRow(value, "business key", orjson.dumps((message, name)).decode())
