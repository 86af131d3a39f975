"""A name that nobody knows is told with those that are known, and the nearest."""

import pytest

from bus.core.contract import Contract, IdElement, IdRole, Lifecycle, MessageShape
from bus.core.suggest import SHOWN, entities_of, nearest, suggestion, unknown_contract
from bus.core.text import Text
from tests.support.contracts import INVENTED

KNOWN = ("Currency", "CustomerVendor", "UnitOfMeasure")


@pytest.mark.parametrize(
    ("value", "near"),
    [
        ("Curency", "Currency"),
        ("CURRENCY", "Currency"),
        ("customer-vendor", "CustomerVendor"),
        ("UnitMeasure", "UnitOfMeasure"),
        ("Custo", ""),
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


@pytest.mark.parametrize(
    ("value", "opposite"),
    [
        ("AdmissionDate", "DemissionDate"),
        ("DeactivationDate", "ActivationDate"),
        ("Invalid", "Valid"),
        ("MinValue", "MaxValue"),
        ("StartDate", "EndDate"),
        ("DeliveryDate", "DeliveryTime"),
        ("Debit", "Credit"),
        ("protheus-sp", "protheus-rj"),
    ],
)
def test_what_only_sounds_alike_is_not_suggested(value: str, opposite: str) -> None:
    """A suggestion shares its beginning, and most of itself, with what was written."""
    assert nearest(value, [opposite, *KNOWN]) == ""
    assert nearest(opposite, [value, *KNOWN]) == ""


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
    """And where no name is known at all, that is said."""
    assert suggestion("xyz", ()) == {
        "value": "xyz",
        "known": Text("(não há)", "(none)"),
        "nearest": "",
        "question": "",
    }


def test_a_long_list_is_cut_and_says_so() -> None:
    """A fault is read by people; one or two more make no list long."""
    names = [f"name-{n:03}" for n in range(SHOWN + 2)]

    whole, cut = suggestion("last-one", names), suggestion("last-one", [*names, "other"])

    assert str(whole["known"]).split(", ") == names
    assert str(cut["known"]).split(", ") == [*names[:SHOWN], "… (+3)"]
    assert (whole["nearest"], cut["nearest"]) == ("", "")


def test_where_a_name_is_near_few_are_listed() -> None:
    """Those that are most like it, of however many."""
    names = [f"name-{n:03}" for n in range(SHOWN)]

    told = suggestion("the-last-on", [*names, "the-last-one", "the-last-two"])

    assert told["nearest"] == "the-last-one"
    assert str(told["known"]).split(", ")[:2] == ["the-last-one", "the-last-two"]
    assert str(told["known"]).endswith(f", … (+{SHOWN - 1})")


@pytest.mark.parametrize(
    ("transaction", "version", "code", "told"),
    [
        ("Step", "9.000", "UNKNOWN_CONTRACT", "versões conhecidas: 1.000."),
        ("step", "9.000", "UNKNOWN_CONTRACT", "versões conhecidas: 1.000."),
        ("Stepp", "1.000", "UNKNOWN_TRANSACTION", "Seria “Step”?"),
        ("Nothing", "1.000", "UNKNOWN_TRANSACTION", "Transações conhecidas: "),
    ],
)
def test_an_unknown_transaction_shows_no_versions(
    transaction: str, version: str, code: str, told: str
) -> None:
    """It has none: the names of the others are told."""
    fault = unknown_contract(transaction, version, INVENTED, "/Header")

    assert fault.code == code
    assert fault.path == {"C": "/Header/@version", "T": "/Header/Transaction"}[code[8]]
    assert told in f"{fault.reason('pt')} {fault.remedy('pt')}"


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
