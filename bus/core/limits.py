"""What a reader can hold of a message, and what a message has that it cannot: pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from bus.core.errors import Fault
from bus.core.text import Details, Text, same

CONTENT = "/TOTVSMessage/BusinessMessage/BusinessContent/"


@dataclass(frozen=True, slots=True)
class Limit:
    """What an application holds of the elements at a path below BusinessContent.

    `longest` is in characters, `most` in elements of one message; 0: no limit. `among` are the only
    values that it knows; empty: any. `ignored`: it leaves them out. ValueError for a limit that is
    negative.
    """

    path: str
    longest: int = 0
    most: int = 0
    among: tuple[str, ...] = ()
    ignored: bool = False

    def __post_init__(self) -> None:
        """Refuse what nothing could keep to."""
        if min(self.longest, self.most) < 0:
            raise ValueError(f"{self.path}: a limit is not negative")


class Texts(Protocol):
    """A message, as far as limits look at it."""

    def texts(self, path: str) -> tuple[str, ...]:
        """Every text at a path below BusinessContent, in order."""


class Beyond(NamedTuple):
    """What a message has beyond the limits of a reader: what refuses it, and what warns."""

    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()

    def and_also(self, other: Beyond) -> Beyond:
        """What is beyond the limits of two readers, or in two ways."""
        return Beyond((*self.faults, *other.faults), (*self.warnings, *other.warnings))


NOTHING_BEYOND = Beyond()


def beyond(document: Texts, limits: Sequence[Limit], reader: str, document_name: Text) -> Beyond:
    """What of a message a reader cannot hold; `document_name` is what people call the message."""
    faults, warnings = [], []
    for limit in limits:
        texts = document.texts(limit.path)
        known: Details = {
            "application": reader,
            "document": document_name,
            "field": limit.path.rpartition("/")[2],
        }
        path = CONTENT + limit.path
        faults += [Fault(code, path, details={**known, **told}) for code, told in _no(limit, texts)]
        if limit.ignored and any(text.strip() for text in texts):
            warnings.append(Fault("IGNORED_BY_READER", path, details=known))
    return Beyond(tuple(faults), tuple(warnings))


def overridden(
    usual: Mapping[str, Sequence[Limit]], said: Mapping[str, Sequence[Limit]]
) -> dict[str, tuple[Limit, ...]]:
    """By transaction, the limits of a product, with those that an application says instead."""
    found = {}
    for name in {*usual, *said}:
        by_path = {limit.path: limit for limit in (*usual.get(name, ()), *said.get(name, ()))}
        if left := tuple(limit for limit in by_path.values() if limit != Limit(limit.path)):
            found[name] = left
    return found


def _no(limit: Limit, texts: Sequence[str]) -> Iterator[tuple[str, Details]]:
    if limit.most and len(texts) > limit.most:
        yield "TOO_MANY_FOR_READER", {"count": str(len(texts)), "limit": str(limit.most)}
    for text in dict.fromkeys(texts):
        value = text.strip()
        if limit.longest and len(value) > limit.longest:
            told = {"value": value, "length": str(len(value)), "limit": str(limit.longest)}
            yield "TOO_LONG_FOR_READER", told
        if value and limit.among and value not in limit.among:
            yield "VALUE_UNKNOWN_TO_READER", {"value": value, "known": ", ".join(limit.among)}


def without(text: bytes, characters: str) -> bytes:
    """A message in UTF-8 without characters that its reader cannot hold."""
    if not may_have(text, characters):
        return text
    for one in characters:
        text = text.replace(one.encode(), b"")
    return text


def may_have(raw: bytes, characters: str) -> bool:
    """Whether any of some characters may stand in a message as received: a look that costs little.

    It does where it is not in UTF-8, or writes characters by their numbers.
    """
    if not characters:
        return False
    head = raw[:100].lower()
    if b"encoding" in head and b"utf-8" not in head:
        return True
    # A single byte is found many times faster than several.
    if b"#" in raw and b"&#" in raw:
        return True
    beginnings = {one.encode()[:1] for one in characters}
    return any(one in raw for one in beginnings) and any(one.encode() in raw for one in characters)


def lost_in(characters: Sequence[str], reader: str) -> Fault:
    """That a reader cannot hold characters of a message: they are left out of what it gets."""
    codes = ", ".join(f"U+{ord(one):04X}" for one in characters)
    return Fault("CHARACTERS_LEFT_OUT", details={"application": reader, "characters": same(codes)})
