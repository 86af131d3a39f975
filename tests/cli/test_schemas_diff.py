"""`bus schemas diff`: what changed between two contracts, and what it would have broken."""

from __future__ import annotations

from pathlib import Path

import pytest

import schemas
from tests.cli.conftest import Place, Story, lines


def stricter_currency(folder: Path) -> str:
    """A published Currency whose code has two characters at most."""
    xsd = schemas.contract_xsd("Currency_2_001")
    file = folder / "Currency_2_002.xsd"
    file.write_bytes(xsd.replace(b'<xs:maxLength value="3"/>', b'<xs:maxLength value="2"/>'))
    return str(file)


def test_two_contracts_are_compared_by_name(place: Place) -> None:
    """What one version added, the sender need not know; a receiver must."""
    (told,) = place.json("schemas", "diff", "Order 3.002", "order_4_010")

    assert (told["a"], told["b"]) == ("Order 3.002", "Order 4.010")
    assert {each["kind"] for each in told["changes"]} == {"added"}
    assert (told["breaks_sender"], told["breaks_receiver"]) == (False, True)
    assert "traffic" not in told


def test_a_file_is_compared_with_a_contract(place: Place) -> None:
    """Tightened one way, loosened the other, with the values."""
    file = stricter_currency(place.folder)

    (there,) = place.json("schemas", "diff", "Currency 2.001", file)
    (back,) = place.json("schemas", "diff", file, "Currency 2.001")

    assert there["changes"] == [
        {
            "kind": "tightened",
            "path": "BusinessContent/Code",
            "aspect": "maxLength",
            "was": "3",
            "now": "2",
            "required": False,
            "breaks_sender": True,
            "breaks_receiver": False,
        }
    ]
    assert [each["kind"] for each in back["changes"]] == ["loosened"]
    assert (back["breaks_sender"], back["breaks_receiver"]) == (False, True)


def test_what_was_filled_in_is_not_called_the_same(place: Place) -> None:
    """The file includes types that nobody published: they are ours on both sides."""
    file = place.folder / "Order_3_002.xsd"
    file.write_bytes(schemas.contract_xsd("Order_3_002"))

    (told,) = place.json("schemas", "diff", "Order 3.002", str(file))
    said = lines(place.bus("schemas", "diff", "Order 3.002", str(file), "--language", "en"))

    assert (told["changes"], "../types/Address_1_000.xsd" in told["filled"]) == ([], True)
    assert said[0].startswith("Order 3.002: filled in by the bus")
    assert said[1] == "No differences."


@pytest.mark.parametrize(
    ("language", "words"),
    [("pt", ("mais estrito", "quem envia")), ("en", ("tightened", "sender"))],
)
def test_people_read_a_table(place: Place, language: str, words: tuple[str, str]) -> None:
    """In their language."""
    file = stricter_currency(place.folder)

    said = lines(place.bus("schemas", "diff", "Currency 2.001", file, "--language", language))

    assert len(said) == 3
    assert said[2].startswith(words[0])
    assert said[2].endswith(words[1])


def test_the_traffic_of_the_journal_tells_what_would_break(story: Story) -> None:
    """Of the messages that were valid; those that were rejected do not count."""
    file = stricter_currency(story.place.folder)

    done = story.place.bus("schemas", "diff", "Currency 2.001", file, "--traffic")
    (told,) = story.place.json("schemas", "diff", "Currency 2.001", file, "--traffic")
    (future,) = story.place.json(
        "schemas", "diff", "Currency 2.001", file, "--traffic", "--since", "2999-01-01"
    )

    assert done.exit_code == 1
    assert story.waiting in done.stdout
    assert told["traffic"]["checked"] == 2
    broken = {each["id"]: each["errors"] for each in told["traffic"]["broken"]}
    assert story.waiting in broken
    assert story.rejected not in broken
    assert broken[story.waiting][0]["code"] == "VALUE_TOO_LONG"
    assert future["traffic"] == {"checked": 0, "broken": []}


def test_the_same_contract_breaks_nothing(story: Story) -> None:
    """Exit code 0."""
    done = story.place.bus("schemas", "diff", "Currency 2.001", "Currency 2.001", "--traffic")

    assert done.exit_code == 0
    assert "2" in lines(done)[-1]


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ("Order 9.999", "UNKNOWN_CONTRACT"),
        ("Order_3_002.xsd", "FILE_UNREADABLE"),
        ("whatever.xsd", "XSD_NAME"),
    ],
)
def test_what_cannot_be_compared_is_told(place: Place, named: str, code: str) -> None:
    """With its reason; `Order 9.999` with the versions that there are."""
    if named.startswith("what"):
        named = place.file(named, schemas.contract_xsd("Order_3_002"))

    done = place.bus("schemas", "diff", named, "Order 3.002", "--json")

    assert done.exit_code == 1
    assert code in done.stdout
