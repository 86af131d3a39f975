"""Texts of errors are known by their words, and a product's own meaning goes first."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bus.core.errors import Fault, Owner
from bus.core.known_faults import KnownFault, mapping_of, recognise, searchable, words
from bus.core.outcome import Outcome
from bus.core.text import Text

BUSY = KnownFault(re.compile("tente novamente"), Outcome.BUSY, "BUSY")
OWN = KnownFault(re.compile("tente novamente mais tarde"), Outcome.REFUSED, "REFUSED")


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("TENTE\r\n NOVAMENTE!", BUSY),
        ("Tente novamente mais tarde", OWN),
        ("Ténte novàmente", BUSY),
        ("Tente outra vez", None),
        ("", None),
    ],
)
def test_a_product_s_own_texts_go_first(text: str, known: KnownFault | None) -> None:
    """Accents, letter case and blanks do not count; what no table knows is nothing."""
    assert recognise(text, (OWN,), (BUSY,)) is known


def test_the_first_of_two_tables_decides() -> None:
    """Also where both know the text."""
    text = "tente novamente mais tarde"

    assert recognise(text, (BUSY,), (OWN,)) is BUSY
    assert recognise(text) is None


def test_the_owner_is_that_of_the_code() -> None:
    """There is one truth of who must act."""
    assert BUSY.owner is Owner.RECEIVER
    assert KnownFault(BUSY.pattern, Outcome.UNREACHABLE, "LOGIN_REFUSED_BY_RECEIVER").owner is (
        Owner.ADMIN
    )


@pytest.mark.parametrize("outcome", [Outcome.DELIVERED, Outcome.RECEIVED, Outcome.WITHHELD])
def test_no_text_of_an_error_means_success(outcome: Outcome) -> None:
    """Nor that nothing was sent."""
    with pytest.raises(ValueError, match="no outcome of an error"):
        KnownFault(BUSY.pattern, outcome, "REFUSED")


def test_a_code_that_nobody_knows_is_refused() -> None:
    """It could not be told."""
    with pytest.raises(ValueError, match="there is no code “BUSSY”"):
        KnownFault(BUSY.pattern, Outcome.BUSY, "BUSSY")


def test_advice_follows_the_remedy() -> None:
    """In its language, letter by letter; without any the remedy stands alone."""
    plain = Fault("REFUSED", details={"application": "erp"})
    advised = Fault(
        "REFUSED", details={**plain.details, "product_advice": Text("Veja {x}.", "See.")}
    )

    assert advised.remedy("pt") == f"{plain.remedy('pt')} Veja {{x}}."
    assert advised.remedy("en") == f"{plain.remedy('en')} See."


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("Saldo insuficiente do produto 000123 no armazém 01.", "Saldo insuficiente do produto"),
        ("Pedido 17: período contábil fechado", "período contábil fechado"),
        ('Campo "C1_NUM" não existe', "não existe"),
        ("ORA-00001", "ORA-00001"),
    ],
)
def test_the_line_that_would_map_a_text_leaves_out_what_is_of_one_document(
    text: str, known: str
) -> None:
    """What has digits; unless there is nothing else."""
    assert mapping_of("rm", text) == (f'rm: error_texts: [{{text: "{known}", means: refused}}]')


@given(st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1))
def test_the_line_that_would_map_a_text_maps_it(text: str) -> None:
    """Whatever it says, as long as it has words."""
    assume(re.search(r"\w", searchable(text)))
    line = YAML(typ="safe").load(mapping_of("rm", text).partition(": error_texts: ")[2])

    known = KnownFault(words(line[0]["text"]), Outcome.REFUSED, "REFUSED")
    assert recognise(text, [known]) is known
