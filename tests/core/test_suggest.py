"""A name that nobody knows is told with those that are known, and the nearest."""

import pytest

from bus.core.contract import Contract, IdElement, IdRole, Lifecycle, MessageShape
from bus.core.suggest import SHOWN, entities_of, nearest, suggestion
from bus.core.text import Text

KNOWN = ("Currency", "CustomerVendor", "UnitOfMeasure")


@pytest.mark.parametrize(
    ("value", "near"),
    [
        ("Curency", "Currency"),
        ("CURRENCY", "Currency"),
        ("customer-vendor", "CustomerVendor"),
        ("Custo", "CustomerVendor"),
        ("unit", ""),
        ("xyz", ""),
        ("", ""),
    ],
)
def test_the_nearest_name_is_the_one_that_is_most_like_it(value: str, near: str) -> None:
    """In any letter case, and spelt as it is known; none where nothing is like it."""
    assert nearest(value, KNOWN) == near
    assert nearest(value, KNOWN[::-1]) == near
    assert nearest(value, ()) == ""


def test_letter_case_makes_no_name_less_near() -> None:
    """Neither that of the value nor that of the known one."""
    assert nearest("wis", ["WIS", "win"]) == "WIS"
    assert nearest("WIS", ["wis", "WIN"]) == "wis"


def test_a_name_is_told_with_those_that_are_known() -> None:
    """In their order, with the nearest in a sentence of each language."""
    assert suggestion("Curency", KNOWN[::-1]) == {
        "value": "Curency",
        "known": "Currency, CustomerVendor, UnitOfMeasure",
        "nearest": "Currency",
        "question": Text("Seria “Currency”? ", "Did you mean “Currency”? "),
    }


def test_what_is_like_nothing_has_no_sentence() -> None:
    """And a dash stands where no name is known at all."""
    assert suggestion("xyz", ()) == {
        "value": "xyz",
        "known": "-",
        "nearest": "",
        "question": "",
    }


def test_a_long_list_is_cut_and_says_so() -> None:
    """A fault is read by people; the nearest name is found among all."""
    names = [f"name-{n:03}" for n in range(SHOWN)]

    whole, cut = suggestion("last-one", names), suggestion("last-one", [*names, "the-last-one"])

    assert str(whole["known"]).split(", ") == names
    assert str(cut["known"]).split(", ") == [*names, "…"]
    assert (whole["nearest"], cut["nearest"]) == ("", "the-last-one")


def test_contracts_name_their_entity_and_what_their_ids_name() -> None:
    """Also what an id names by its sibling; companies always, and nothing by an empty name."""
    by = (("000", "Request"), ("001", "Order"))
    contract = Contract(
        "CancelRequest",
        "1.000",
        MessageShape.EVENT,
        Lifecycle.PROCESS,
        "CancelRequest",
        ids=(
            IdElement("UnitOfMeasureInternalId", IdRole.REFERENCE, "UnitOfMeasure"),
            IdElement("RequestInternalId", IdRole.REFERENCE, by="Type", cases=by),
            IdElement("Number", IdRole.OPAQUE),
        ),
    )

    assert entities_of([contract]) == {
        "CancelRequest",
        "Company",
        "Order",
        "Request",
        "UnitOfMeasure",
    }
    assert entities_of([]) == {"Company"}
