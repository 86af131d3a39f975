"""What changed between two contracts, and whom it breaks."""

import pytest

from bus.core.contract_diff import UNBOUNDED, ChangeKind, ContractDifference, Field, differences

CODE = "BusinessContent/Code"
ADDED, REMOVED = ChangeKind.ADDED, ChangeKind.REMOVED
TIGHTENED, LOOSENED, CHANGED = ChangeKind.TIGHTENED, ChangeKind.LOOSENED, ChangeKind.CHANGED


def by_path(*fields: Field) -> dict[str, Field]:
    """A contract with a BusinessContent."""
    return {each.path: each for each in (Field("BusinessContent"), *fields)}


def code(**told: object) -> Field:
    """A code that may be any text, unless told otherwise."""
    return Field(CODE, **{"type": "string", **told})  # type: ignore[arg-type]


def between(was: Field, now: Field) -> list[tuple[ChangeKind, str]]:
    """What changed of one field: how, and of what."""
    return [(each.kind, each.aspect) for each in differences(by_path(was), by_path(now))]


def test_a_contract_is_like_itself() -> None:
    """Nothing changed."""
    fields = by_path(code(limits=(("maxLength", "3"),), values=frozenset("ab")))

    assert differences(fields, fields) == ()


@pytest.mark.parametrize(
    ("strict", "free", "aspect"),
    [
        ({"least": 1}, {"least": 0}, "minOccurs"),
        ({"most": 2}, {"most": 5}, "maxOccurs"),
        ({"most": 1}, {"most": UNBOUNDED}, "maxOccurs"),
        ({"limits": (("maxLength", "9"),)}, {"limits": (("maxLength", "10"),)}, "maxLength"),
        ({"limits": (("maxLength", "9"),)}, {}, "maxLength"),
        ({"limits": (("minLength", "2"),)}, {"limits": (("minLength", "1"),)}, "minLength"),
        (
            {"type": "decimal", "limits": (("minInclusive", "-1"),)},
            {"type": "decimal", "limits": (("minInclusive", "-10"),)},
            "minInclusive",
        ),
        ({"values": frozenset("ab")}, {"values": frozenset("abc")}, "values"),
        ({"values": frozenset("ab")}, {}, "values"),
        ({"patterns": frozenset(["[0-9]"])}, {}, "pattern"),
        ({"type": "date"}, {"type": "string"}, "type"),
        ({"type": "int"}, {"type": "decimal"}, "type"),
    ],
)
def test_what_allows_less_is_tighter(
    strict: dict[str, object], free: dict[str, object], aspect: str
) -> None:
    """And the other way round it is looser."""
    assert between(code(**free), code(**strict)) == [(TIGHTENED, aspect)]
    assert between(code(**strict), code(**free)) == [(LOOSENED, aspect)]


@pytest.mark.parametrize(
    ("one", "other", "aspect"),
    [
        ({"values": frozenset("ab")}, {"values": frozenset("bc")}, "values"),
        ({"patterns": frozenset("a")}, {"patterns": frozenset("b")}, "pattern"),
        (
            {"type": "date", "limits": (("maxInclusive", "2026-01-31"),)},
            {"type": "date", "limits": (("maxInclusive", "2027-01-31"),)},
            "maxInclusive",
        ),
        ({"type": "date"}, {"type": "int"}, "type"),
        ({"type": "date"}, {"type": "string", "limits": (("maxLength", "3"),)}, "type"),
        ({"type": "string"}, {"type": ""}, "type"),
    ],
)
def test_what_allows_other_things_is_neither(
    one: dict[str, object], other: dict[str, object], aspect: str
) -> None:
    """Some of each is no longer valid."""
    told = between(code(**one), code(**other))

    assert told == [(CHANGED, aspect)]


@pytest.mark.parametrize(
    ("change", "sender", "receiver"),
    [
        (ContractDifference(ADDED, CODE), False, True),
        (ContractDifference(ADDED, CODE, required=True), True, True),
        (ContractDifference(REMOVED, CODE), True, False),
        (ContractDifference(REMOVED, CODE, required=True), True, True),
        (ContractDifference(TIGHTENED, CODE), True, False),
        (ContractDifference(LOOSENED, CODE), False, True),
        (ContractDifference(CHANGED, CODE), True, True),
        (ContractDifference(ADDED, "ReturnContent/Code"), True, False),
        (ContractDifference(TIGHTENED, "ReturnContent/Code"), False, True),
    ],
)
def test_a_change_breaks_who_writes_or_who_reads(
    change: ContractDifference, sender: bool, receiver: bool
) -> None:
    """The sender writes the message and reads the answer."""
    assert (change.breaks_sender, change.breaks_receiver) == (sender, receiver)


def test_of_a_part_only_the_top_is_told() -> None:
    """What is below came and went with it."""
    items = Field("BusinessContent/Items", least=1)
    item = Field("BusinessContent/Items/Item", least=1)

    assert differences(by_path(), by_path(items, item)) == (
        ContractDifference(ADDED, "BusinessContent/Items", required=True),
    )
    assert differences(by_path(items, item), by_path(items)) == (
        ContractDifference(REMOVED, "BusinessContent/Items/Item", required=True),
    )


@pytest.mark.parametrize(
    ("was", "now", "kinds"),
    [
        (("A", "B"), ("B", "A"), [CHANGED]),
        (("A", "B"), ("&", "A", "B"), [LOOSENED]),
        (("&", "A", "B"), ("A", "B"), [TIGHTENED]),
        (("A", "B"), ("|", "A", "B"), [CHANGED]),
        (("&", "A", "B"), ("A", "(*", "B", ")"), [CHANGED]),
        (("A", "New", "B"), ("A", "B"), []),
    ],
)
def test_an_order_is_compared_by_what_both_have(
    was: tuple[str, ...], now: tuple[str, ...], kinds: list[ChangeKind]
) -> None:
    """What came or went is told by itself."""

    def ordered(order: tuple[str, ...]) -> dict[str, Field]:
        content = Field("BusinessContent", order=order)
        return {each.path: each for each in (content, *(code_of(name) for name in "AB"))}

    found = differences(ordered(was), ordered(now))

    assert [(each.kind, each.aspect) for each in found] == [(kind, "order") for kind in kinds]


def code_of(name: str) -> Field:
    """A text of that name."""
    return Field(f"BusinessContent/{name}", type="string")
