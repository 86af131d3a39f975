"""Versions of products are compared number by number, and say which versions of messages follow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.core.versions import Release, parts_of, spoken

RELEASES = (
    Release("12.1.2209.158", "Order", "4.010"),
    Release("0", "Order", "3.002"),
    Release("12.2", "Item", "4.005"),
)
numbers = st.lists(st.integers(0, 10**9 - 1), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ("12.1.2209.58", "12.1.2209.158"),
        ("12.1.33", "12.1.2209"),
        ("12.1.2209", "12.1.2209.158"),
        ("9", "10"),
        ("3.002", "4.010"),
        ("4.9", "4.010"),
    ],
)
def test_versions_are_compared_number_by_number(less: str, more: str) -> None:
    """Not as texts, and what is missing counts as nothing."""
    assert parts_of(less) < parts_of(more)


@pytest.mark.parametrize("other", ["12.1.2209.0", "12.1.2209.0.0", "012.1.02209"])
def test_zeros_that_say_nothing_make_no_other_version(other: str) -> None:
    """12.1.2209 may be written with its last parts."""
    assert parts_of(other) == parts_of("12.1.2209")


@given(numbers)
def test_any_numbers_are_a_version(parts: list[int]) -> None:
    """And compare as they do."""
    least = parts_of(".".join(map(str, parts)))

    assert (*least, *[0] * (len(parts) - len(least))) == tuple(parts)


@pytest.mark.parametrize(
    "junk",
    ["", ".", "12.", ".1", "12..1", "v12", "12.1.x", "12,1", "-1", " 12", "12 ", "12\n", "١٢", "1" * 10, "1." * 8 + "1"],
)  # fmt: skip
def test_what_is_no_version_is_refused(junk: str) -> None:
    """Rather than compared with."""
    with pytest.raises(ValueError, match="is no version"):
        parts_of(junk)


@pytest.mark.rule("T-41")
@pytest.mark.parametrize(
    ("version", "order"),
    [
        ("12.1.2209.157", "3.002"),
        ("12.1.2209.58", "3.002"),
        ("12.1.2209", "3.002"),
        ("12.1.33", "3.002"),
        ("12.1.2209.158", "4.010"),
        ("12.1.2301.100", "4.010"),
        ("12.2", "4.010"),
    ],
)
def test_the_order_of_an_rm_follows_from_its_version(version: str, order: str) -> None:
    """4.010 from library 12.1.2209.158 on, 3.002 below."""
    assert spoken(version, RELEASES)["Order"] == order


def test_what_a_product_does_not_speak_yet_is_not_known() -> None:
    """Nothing follows from a version before the first, or where nothing is known."""
    assert "Item" not in spoken("12.1.9", RELEASES)
    assert spoken("12.1.2310", ()) == {}
