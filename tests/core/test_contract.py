"""What a contract says of its messages, and an element of the id in it."""

from dataclasses import replace

import pytest

from bus.core.contract import Contract, IdElement, IdRole, Lifecycle, MessageShape

BY_TYPE = IdElement(
    "List/Line/RequestInternalId",
    IdRole.REFERENCE,
    by="Type",
    cases=(("000", "Request"), ("001", "Order")),
)
UNIT = IdElement("UnitOfMeasureInternalId", IdRole.REFERENCE, "UnitOfMeasure")
CONTRACT = Contract("Item", "4.005", MessageShape.EVENT, Lifecycle.REGISTER, "Item")


@pytest.mark.parametrize(
    ("path", "by", "beside"),
    [
        ("List/Line/RequestInternalId", "Type", "List/Line/Type"),
        ("RequestInternalId", "Type", "Type"),
        ("List/Line/RequestInternalId", "", ""),
    ],
)
def test_the_sibling_that_says_what_an_id_names_stands_beside_it(
    path: str, by: str, beside: str
) -> None:
    """Below the same parent."""
    assert replace(BY_TYPE, path=path, by=by).by_path == beside


@pytest.mark.parametrize(
    ("says", "entity"),
    [("000", "Request"), (" 001 ", "Order"), ("002", ""), ("", ""), ("0", "")],
)
def test_what_an_id_names_is_never_guessed(says: str, entity: str) -> None:
    """What its sibling says decides, without blanks; for any other value nobody knows (D3)."""
    assert BY_TYPE.entity_when(says) == entity
    assert UNIT.entity_when(says) == "UnitOfMeasure"


def test_an_id_may_name_all_that_its_sibling_may_say() -> None:
    """Or its one entity."""
    assert BY_TYPE.entities == ("Request", "Order")
    assert UNIT.entities == ("UnitOfMeasure",)


def test_a_contract_is_called_by_transaction_and_version() -> None:
    """By people, and by its files."""
    assert (CONTRACT.name, CONTRACT.file) == ("Item 4.005", "Item_4_005")


def test_a_transaction_is_known_by_its_aliases_in_any_letter_case() -> None:
    """Senders do not agree on its name."""
    assert replace(CONTRACT, aliases=("ITEMS", "Produto")).spellings == {"item", "items", "produto"}
    assert CONTRACT.spellings == {"item"}


def test_the_paths_that_tell_what_a_message_is_about_are_each_told_once() -> None:
    """Own id, natural key, what people search by, and the target with its sibling."""
    contract = replace(
        CONTRACT,
        own_id=("InternalId", "Code"),
        natural_key=("Code", "Branch"),
        business_keys=(("Code", "Code"), ("Unit", "Unit/Code")),
        target=BY_TYPE,
    )

    assert contract.telling_paths == (
        "InternalId",
        "Code",
        "Branch",
        "Unit/Code",
        "List/Line/RequestInternalId",
        "List/Line/Type",
    )


def test_a_target_without_a_sibling_is_a_path_alone() -> None:
    """And a contract that says nothing has none."""
    assert replace(CONTRACT, target=UNIT).telling_paths == ("UnitOfMeasureInternalId",)
    assert CONTRACT.telling_paths == ()
