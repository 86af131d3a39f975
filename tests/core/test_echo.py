"""Whether two contents do the same: by the paths that their contract names, and nothing else."""

import pytest

from bus.core.contract import Alike
from bus.core.echo import do_the_same, paths_of
from bus.core.element import Element

MOVES = Alike(
    always=("Status", "ListOfLine/Line/ItemId|ItemCode", "ListOfLine/Line/Quantity"),
    where_told=("Day", "OrderId|OrderCode", "ListOfLine/Line/Price", "ListOfShare/Share/Value"),
)


def leaf(name: str, text: str) -> Element:
    """An element with a text."""
    return Element(name, text)


def line(item: str, quantity: str, **more: str) -> Element:
    """An item of a movement."""
    texts = {"ItemId": item, "Quantity": quantity} | more
    return Element("Line", children=tuple(leaf(*one) for one in texts.items() if one[1]))


def content(*lines: Element, shares: tuple[str, ...] = (), **head: str) -> Element:
    """A movement of these items."""
    parts = [Element("Share", children=(leaf("Value", value),)) for value in shares]
    lists = [Element("ListOfLine", children=lines), Element("ListOfShare", children=tuple(parts))]
    return Element("BusinessContent", children=(*(leaf(*one) for one in head.items()), *lists))


ONE = content(line("A", "10.0", Price="3"), line("B", "1"), Status="1", Day="2026-01-31T10:00:00")


@pytest.mark.parametrize(
    "other",
    [
        content(line("B", "1.00"), line("A", "10", Price="3.0"), Status="1"),
        content(line("A", "10"), line("B", "1", Price="7"), Status="1", Day="2026-01-31"),
        content(line("A", "10"), line("B", "1"), Status="1", Remark="x", OrderId="O"),
        content(line("A", "10"), line("B", "1"), Status=" 1 ", shares=("4",)),
    ],
    ids=["order-and-decimals", "a-day", "more-is-told", "a-list-of-one-alone"],
)
def test_the_same_is_done_in_other_words(other: Element) -> None:
    """Order, decimals, time of day, and what only one of them tells."""
    assert do_the_same(ONE, other, MOVES)
    assert do_the_same(other, ONE, MOVES)


@pytest.mark.parametrize(
    "other",
    [
        content(line("A", "10"), line("B", "2"), Status="1"),
        content(line("A", "10"), line("A", "1"), Status="1"),
        content(line("A", "10"), Status="1"),
        content(line("A", "10"), line("B", "1"), line("B", "1"), Status="1"),
        content(line("A", "10", Price="3.01"), line("B", "1"), Status="1"),
        content(line("A", "10"), line("B", "1"), Status="2"),
        content(line("A", "10"), line("B", "1")),
        content(line("A", "10"), line("B", ""), Status="1"),
        content(line("A", "10"), line("B", "1"), Status="1", Day="2026-02-01"),
    ],
    ids=[
        "quantity",
        "item",
        "fewer",
        "more",
        "price",
        "status",
        "no-status",
        "no-quantity",
        "another-day",
    ],
)
def test_something_else_is_done(other: Element) -> None:
    """Whoever of the two tells it first."""
    assert not do_the_same(ONE, other, MOVES)
    assert not do_the_same(other, ONE, MOVES)


def test_a_code_counts_where_both_have_no_id() -> None:
    """Codes beside ids may differ between two applications; alone they are what is meant."""
    one = content(line("", "1", ItemCode="010"), Status="1")

    assert do_the_same(one, content(line("", "1", ItemCode="010"), Status="1"), MOVES)
    assert not do_the_same(one, content(line("", "1", ItemCode="10"), Status="1"), MOVES)
    assert not do_the_same(one, content(line("A", "1"), Status="1"), MOVES)
    mine = content(line("A", "1", ItemCode="010"), Status="1")
    assert do_the_same(mine, content(line("A", "1", ItemCode="X"), Status="1"), MOVES)


def test_an_open_id_may_be_any() -> None:
    """All else must fit: there is one item for each."""
    other = content(line("?", "10"), line("B", "1"), Status="1")
    known = frozenset({("ListOfLine/Line/ItemId", "?")})

    assert not do_the_same(ONE, other, MOVES)
    assert do_the_same(ONE, other, MOVES, known)
    assert not do_the_same(ONE, content(line("?", "9"), line("B", "1"), Status="1"), MOVES, known)


def test_the_paths_that_count_have_all_their_spellings() -> None:
    """So that a missing pair of another element keeps nothing waiting."""
    assert {"OrderId", "OrderCode", "ListOfLine/Line/ItemCode"} < paths_of(MOVES)
