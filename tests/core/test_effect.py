"""What a destination must show, and the question by which it is asked."""

import pytest

from bus.core.effect import ExpectedText, is_shown, question_content
from bus.core.element import Element


def leaf(name: str, text: str) -> Element:
    """An element with a text."""
    return Element(name, text)


ANSWER = Element(
    "ReturnContent",
    children=(
        Element("Item", children=(leaf("Id", "1|BOLT"), leaf("Amount", "10.50"))),
        Element("Item", children=(leaf("Id", " 1|NUT "), leaf("Amount", "3"))),
    ),
)


def expected(path: str, *texts: str) -> ExpectedText:
    """One of these texts at a path."""
    return ExpectedText(path, frozenset(texts))


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [
        ([expected("Item/Id", "1|NUT")], True),
        ([expected("Item/Id", "01|01|NUT", "1|NUT")], True),
        ([expected("Item/Id", "1|NUT"), expected("Item/Amount", "10.5")], True),
        ([expected("Item/Id", "1|NUT"), expected("Item/Amount", "11")], False),
        ([expected("Item/Id", "1|nut")], False),
        ([expected("Item/Code", "1|NUT")], False),
        ([], False),
    ],
)
def test_all_that_must_be_shown_is_looked_for_at_its_path(
    shown: list[ExpectedText], *, wanted: bool
) -> None:
    """One of several ids will do, numbers count by their value; nothing shows nothing."""
    assert is_shown(shown, ANSWER) is wanted


def test_a_question_repeats_a_folder_for_each_text() -> None:
    """A single text stands in each; what is in no folder stands once."""
    content = question_content(
        [
            ("RequestItem/ItemInternalId", ("1|BOLT", "1|NUT")),
            ("RequestItem/WarehouseInternalId", ("1|1|01",)),
            ("Company", ("1",)),
        ]
    )

    assert [one.name for one in content.children] == ["RequestItem", "RequestItem", "Company"]
    assert [one.text_at("ItemInternalId") for one in content.all("RequestItem")] == [
        "1|BOLT",
        "1|NUT",
    ]
    assert [one.text_at("WarehouseInternalId") for one in content.all("RequestItem")] == [
        "1|1|01",
        "1|1|01",
    ]


def test_folders_in_folders_are_made_once_but_for_the_last() -> None:
    """A list holds its items."""
    content = question_content([("List/Item/Id", ("a", "b")), ("List/Item/No", ("1", "2"))])

    (listed,) = content.children
    assert [(one.text_at("Id"), one.text_at("No")) for one in listed.children] == [
        ("a", "1"),
        ("b", "2"),
    ]
