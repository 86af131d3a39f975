"""The pairs of ids in the ReturnContent of a response, in either form that products give them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from bus.codec.names import by_lower_name, tag_of, text_of
from bus.core.envelope import InternalIdPair, Status

if TYPE_CHECKING:
    from lxml.etree import _Element

    from bus.core.translation import OriginPut

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


def put_origins(content: _Element, origins: Sequence[OriginPut]) -> None:
    """Put what the origin calls its things in the place of what the destination was sent."""
    after = {(one.name, one.before): one.after for one in origins}
    for name, origin in _origins(content):
        put = None if origin is None else after.get((name, text_of(origin)))
        if origin is not None and put is not None:
            origin.text = put


def _origins(content: _Element) -> Iterator[tuple[str, _Element | None]]:
    """Where an Origin stands in either form, and the Name that it stands under."""
    found = by_lower_name(content)
    listed, loaded = found.get("listofinternalid"), found.get("listofentityreturn")
    for element in [] if listed is None else _named(listed, "internalid"):
        entry = by_lower_name(element)
        yield text_of(entry.get("name")), entry.get("origin")
    for element in [] if loaded is None else _named(loaded, "entityreturn"):
        register = by_lower_name(element)
        records = register.get("listofinternalidloadreturn")
        for each in [] if records is None else _named(records, "internalidloadreturn"):
            name = text_of(register.get("entityname")).strip()
            yield name, by_lower_name(each).get("origininternalid")


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
