"""How values that have no column type of their own are kept, the same in every store.

Most are JSON. Bytes are compressed where that makes them less.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, get_type_hints

import orjson

from bus.core.bridge import Loss, Transformation
from bus.core.errors import Fault
from bus.core.substitutions import NO_SUBSTITUTIONS, Substitutions
from bus.core.translation import Swap
from bus.journal.facts import NO_DATA, UNREADABLE, Data
from depara.model import Key, Member

NOTHING = "[]"

SHORT: Final = 512
"""Bytes that are kept as they are: compressing them saves nothing that is worth the time."""
_MARK: Final = b"\0"
_COMPRESSED: Final = _MARK + b"z"
_AS_IT_IS: Final = _MARK + b"="


class Encoding(NamedTuple):
    """How the values of a type become what a column holds, and that such values."""

    encode: Callable[[Any], str | bytes]
    decode: Callable[[Any], Any]


def _json(value: object) -> str:
    return orjson.dumps(value, default=_plain).decode()


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple):
        return list(value)
    raise TypeError(value)


# -- faults ----------------------------------------------------------------------------------------


def _faults_to_text(faults: tuple[Fault, ...]) -> str:
    return _json([one.plain() for one in faults]) if faults else NOTHING


def _faults_in(text: str) -> tuple[Fault, ...]:
    if text == NOTHING:
        return ()
    return tuple(map(Fault.of, orjson.loads(text)))


def _fault_to_text(fault: Fault | None) -> str:
    return _faults_to_text((fault,)) if fault else NOTHING


def _fault_in(text: str) -> Fault | None:
    return next(iter(_faults_in(text)), None)


# -- what an attempt changed -----------------------------------------------------------------------


def _substitutions_to_text(made: Substitutions) -> str:
    return NOTHING if made == NO_SUBSTITUTIONS else _json(made.rows())


def _substitutions_in(text: str) -> Substitutions:
    if text == NOTHING:
        return NO_SUBSTITUTIONS
    rows = orjson.loads(text)
    swaps = tuple(Swap(**row) for row in rows if "lost" not in row)
    over = [
        Transformation(row["before"], row["after"], tuple(Loss(*one) for one in row["lost"]))
        for row in rows
        if "lost" in row
    ]
    return Substitutions(swaps, over[0] if over else None)


# -- facts and ids ---------------------------------------------------------------------------------


def _data_to_text(data: Data) -> str:
    return _json(data) if data else "{}"


def _data_in(text: str) -> Data:
    """The data of a fact; one that somebody damaged is told as such, by `bus verify`."""
    if text == "{}":
        return NO_DATA
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {UNREADABLE: text}
    return data if isinstance(data, dict) else {UNREADABLE: text}


def _member_to_text(member: Member) -> str:
    return _json([*member.key, member.qualifier])


def _member_of(kept: list[str]) -> Member:
    *key, qualifier = kept
    return Member(Key(*key), qualifier)


def _member_in(text: str) -> Member:
    return _member_of(orjson.loads(text))


def _members_to_text(members: tuple[Member, ...]) -> str:
    return _json([[*one.key, one.qualifier] for one in members])


def _members_in(text: str) -> tuple[Member, ...]:
    return tuple(map(_member_of, orjson.loads(text)))


# -- what was received and answered ----------------------------------------------------------------


def _packed(content: bytes) -> bytes:
    """Bytes as they are kept; those that begin like a mark of ours are marked to be none."""
    if len(content) > SHORT:
        smaller = _COMPRESSED + zlib.compress(content, 1)
        if len(smaller) < len(content):
            return smaller
    return _AS_IT_IS + content if content[:1] == _MARK else content


def _unpacked(kept: bytes) -> bytes:
    """The bytes again; what was damaged is given as it lies there, and its hash will tell."""
    if kept[:2] == _AS_IT_IS:
        return kept[2:]
    if kept[:2] != _COMPRESSED:
        return kept
    try:
        return zlib.decompress(kept[2:])
    except zlib.error:
        return kept


ENCODINGS: Mapping[object, Encoding] = {
    bytes: Encoding(_packed, _unpacked),
    tuple[Fault, ...]: Encoding(_faults_to_text, _faults_in),
    Fault | None: Encoding(_fault_to_text, _fault_in),
    Substitutions: Encoding(_substitutions_to_text, _substitutions_in),
    Data: Encoding(_data_to_text, _data_in),
    Member: Encoding(_member_to_text, _member_in),
    tuple[Member, ...]: Encoding(_members_to_text, _members_in),
}
"""By the type of a row's field."""


def encodings_of(row: type[tuple[Any, ...]]) -> dict[int, Encoding]:
    """By its place, how each field of a row that needs it is kept."""
    hints = get_type_hints(row).values()
    return {at: ENCODINGS[hint] for at, hint in enumerate(hints) if hint in ENCODINGS}
