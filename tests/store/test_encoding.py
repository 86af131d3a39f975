"""What no column holds by itself is read as it was written."""

from __future__ import annotations

import pytest

from bus.core.bridge import Loss, Transformation
from bus.core.errors import Fault
from bus.core.substitutions import NO_SUBSTITUTIONS, Substitutions
from bus.core.translation import Swap
from bus.journal.facts import NO_DATA, UNREADABLE, Data
from bus.store.encoding import ENCODINGS, SHORT
from depara.model import Key, Member
from tests.store.samples import noise

SWAPS = (Swap("InternalId", "Order", "1", "7|1", own=True), Swap("B", "C", "x", None))
MEMBER = Member(Key("Item", "rm", "1/2", " a"), "vendor")
VALUES: tuple[tuple[object, object], ...] = (
    (bytes, b""),
    (bytes, b"<TOTVSMessage/>"),
    (bytes, b"<TOTVSMessage/>" * 1_000),
    (bytes, b"\0<\0T"),
    (bytes, b"\0z not compressed"),
    (bytes, b"\0=" * 200),
    (bytes, noise(5_000)),
    (tuple[Fault, ...], ()),
    (tuple[Fault, ...], (Fault("VALUE_TOO_LONG", "/A/B", 3, {"value": "ç"}), Fault("NO_ROUTE"))),
    (Fault | None, None),
    (Fault | None, Fault("BUSY", details={"application": "rm"})),
    (Substitutions, NO_SUBSTITUTIONS),
    (Substitutions, Substitutions(SWAPS)),
    (Substitutions, Substitutions(SWAPS, Transformation("4.010", "3.002", (Loss("A/B", 3),)))),
    (Substitutions, Substitutions((), Transformation("4.010", "3.002"))),
    (Data, NO_DATA),
    (Data, {"planned": [[1, "rm", "lane", 2, "waiting"]], "name": "São"}),
    (Member, MEMBER),
    (tuple[Member, ...], ()),
    (tuple[Member, ...], (MEMBER, Member(Key("Item", "protheus", "", "01||B")))),
)


@pytest.mark.parametrize(("kind", "value"), VALUES)
def test_a_value_is_read_as_it_was_written(kind: object, value: object) -> None:
    """Each kind of value, empty and full."""
    encoding = ENCODINGS[kind]

    assert encoding.decode(encoding.encode(value)) == value


@pytest.mark.parametrize("text", ["{", "[]", "3", "null"])
def test_the_data_of_a_damaged_fact_is_told_as_unreadable(text: str) -> None:
    """`bus verify` reports it; nothing else stops."""
    assert ENCODINGS[Data].decode(text) == {UNREADABLE: text}


def test_long_contents_are_compressed_where_that_makes_them_less() -> None:
    """A message is mostly the names of its elements."""
    encode = ENCODINGS[bytes].encode
    text, bare = b"<InternalId>50|10</InternalId>" * 100, noise(3_000)

    assert len(encode(text)) < len(text) / 10
    assert encode(bare) == bare
    assert encode(text[:SHORT]) == text[:SHORT]


def test_what_was_damaged_is_read_as_it_lies_there() -> None:
    """Its hash tells."""
    kept = ENCODINGS[bytes].encode(b"<TOTVSMessage/>" * 1_000)
    assert isinstance(kept, bytes)
    damaged = kept[:40] + b"\xff" * 20 + kept[60:]

    assert ENCODINGS[bytes].decode(damaged) == damaged
