"""The pairs of ids in the ReturnContent of a response, in either form that products give them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bus.codec.names import by_lower_name, tag_of, text_of
from bus.core.envelope import InternalIdPair, Status

if TYPE_CHECKING:
    from lxml.etree import _Element

# ListOfInternalId, and the records of a load of pairs, which are of many registers.
_ENTRY = ("name", "origin", "destination")
_RECORD = ("origininternalid", "destinationinternalid")


def pairs_in(content: _Element | None) -> tuple[InternalIdPair, ...]:
    """What a ReturnContent teaches. This is content, which stays as sent: nothing is renamed."""
    if content is None:
        return ()
    found = by_lower_name(content)
    listed, loaded = found.get("listofinternalid"), found.get("listofentityreturn")
    pairs = [] if listed is None else list(_entries(listed))
    if loaded is not None:
        pairs += _records(loaded)
    return tuple(pairs)


def _entries(listed: _Element) -> Iterator[InternalIdPair]:
    for element in _named(listed, "internalid"):
        entry = by_lower_name(element)
        yield InternalIdPair(*(text_of(entry.get(part)) for part in _ENTRY))


def _records(loaded: _Element) -> Iterator[InternalIdPair]:
    """The records that were taken, each under the name of its register."""
    for element in _named(loaded, "entityreturn"):
        register = by_lower_name(element)
        records = register.get("listofinternalidloadreturn")
        for each in [] if records is None else _named(records, "internalidloadreturn"):
            record = by_lower_name(each)
            if text_of(record.get("status")).strip().upper() == Status.OK:
                origin, destination = (text_of(record.get(part)) for part in _RECORD)
                name = text_of(register.get("entityname")).strip()
                yield InternalIdPair(name, origin, destination)


def _named(parent: _Element, name: str) -> Iterator[_Element]:
    return (child for child in parent if tag_of(child).lower() == name)
