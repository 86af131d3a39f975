"""What of a message a reader cannot hold: pure, by declared limits."""

import pytest

from bus.core.limits import Limit, beyond, may_have, overridden, without
from bus.core.text import same

NAME = same("Centro de custo")


class Message:
    """Texts by path."""

    def __init__(self, **texts: tuple[str, ...]) -> None:
        self._texts = texts

    def texts(self, path: str) -> tuple[str, ...]:
        """Those that it was made of."""
        return self._texts.get(path, ())


@pytest.mark.parametrize(
    ("limit", "texts", "codes"),
    [
        (Limit("Code", longest=3), ("123",), []),
        (Limit("Code", longest=3), (" 123 ",), []),
        (Limit("Code", longest=3), ("1234",), ["TOO_LONG_FOR_READER"]),
        (Limit("Code", longest=3), ("1234", "12", "12345"), ["TOO_LONG_FOR_READER"] * 2),
        (Limit("Code", longest=3), ("çãé",), []),
        (Limit("Code", most=1), ("1", "2"), ["TOO_MANY_FOR_READER"]),
        (Limit("Code", most=1), ("1",), []),
        (Limit("Code", among=("A", "B")), ("A", "", "B"), []),
        (Limit("Code", among=("A", "B")), ("C", "C"), ["VALUE_UNKNOWN_TO_READER"]),
        (Limit("Code"), ("anything",), []),
        (Limit("Code", longest=3), (), []),
    ],
)
def test_what_is_beyond_a_limit_is_a_fault(
    limit: Limit, texts: tuple[str, ...], codes: list[str]
) -> None:
    """At the place of the element, each value once; at the limit it still fits."""
    found = beyond(Message(Code=texts), (limit,), "protheus", NAME)

    assert [fault.code for fault in found.faults] == codes
    assert {fault.path for fault in found.faults} <= {
        "/TOTVSMessage/BusinessMessage/BusinessContent/Code"
    }
    assert found.warnings == ()


def test_it_says_value_length_limit_and_who_mends_it_where() -> None:
    """In the name of the register; nothing is cut."""
    (fault,) = beyond(
        Message(Code=("12345",)), (Limit("Code", longest=3),), "protheus", NAME
    ).faults

    assert fault.reason("pt") == (
        "Centro de custo: Code “12345” tem 5 caracteres, e em protheus cabem 3."
    )
    assert "`limits` de protheus" in fault.remedy("pt")
    assert "Nada é cortado." in fault.remedy("pt")


def test_a_value_that_a_reader_ignores_warns() -> None:
    """An empty one loses nothing."""
    limits = (Limit("Code", ignored=True), Limit("Name", ignored=True))
    found = beyond(Message(Code=("1",), Name=(" ",)), limits, "protheus", NAME)

    assert [warning.code for warning in found.warnings] == ["IGNORED_BY_READER"]
    assert found.faults == ()


def test_an_application_adds_changes_and_lifts_limits_of_its_product() -> None:
    """By path; the others stay."""
    usual = {"item": (Limit("Code", longest=3), Limit("Name", longest=9))}
    said = {"item": (Limit("Code"), Limit("Kind", among=("A",))), "unit": (Limit("Code", most=1),)}

    assert overridden(usual, said) == {
        "item": (Limit("Name", longest=9), Limit("Kind", among=("A",))),
        "unit": (Limit("Code", most=1),),
    }
    assert overridden({"item": (Limit("Code", longest=3),)}, {"item": (Limit("Code"),)}) == {}


def test_a_limit_is_not_negative() -> None:
    """Nothing could keep to it."""
    with pytest.raises(ValueError, match="Code: a limit is not negative"):
        Limit("Code", longest=-1)


def test_characters_are_left_out_whole() -> None:
    """And no byte of another one: ÁÍÏÐÝ end in the bytes that Windows-1252 does not have."""
    text = "Á\x81Í\x8dÏ\x8fÐ\x90Ý\x9d"

    assert without(text.encode(), "\x81\x8d\x8f\x90\x9d").decode() == "ÁÍÏÐÝ"


@pytest.mark.parametrize(
    ("raw", "may"),
    [
        ("<a>Ál\x81</a>".encode(), True),
        ("<a>ÁÍÏÐÝ</a>".encode(), False),
        (b"<a>&#129;</a>", True),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?><a>\x81</a>', True),
        (b'<?xml version="1.0" encoding="UTF-8"?><a/>', False),
    ],
)
def test_most_messages_need_no_closer_look(raw: bytes, may: bool) -> None:
    """Capital letters with accents do not look like what is left out."""
    assert may_have(raw, "\x81\x8d\x8f\x90\x9d") is may
    assert not may_have(raw, "")
