"""`bus diagnose`: what is told, to people and to programs, and what it ends with."""

from __future__ import annotations

import re

import pytest

from bus.core.diagnosis import Aspect, Means, Verdict
from bus.edge.words.diagnose import ASPECT_WORDS, MEANS_WORDS, VERDICT_WORDS
from tests.cli.conftest import PASSWORD, Place, Serve, lines

NOTHING_TO_DO = """
applications:
  one: {{product: ONE, comes_from: [127.0.0.9]}}
  other: {{product: OTHER, adapter: http-xml, address: "{address}"}}
routes:
  registers: {{transactions: [Currency], from: one, to: [other]}}
shared_ids:
  - {{entity: Company, between: [one, other]}}
"""


def test_each_application_is_told_with_what_is_to_be_done(place: Place) -> None:
    """In Portuguese where nobody asks for English; exit code 1, for there is work."""
    ended = place.bus("diagnose")
    told = lines(ended)

    assert ended.exit_code == 1
    headings = [re.sub(r"\d+", "n", line) for line in told if not line.startswith(" ")]
    assert headings == ["rm: a fazer: n", "protheus: a fazer: n"]
    assert (
        "  não verificável  a rede leva até lá (por: routes.yaml; não tem endereço: só envia)"
        in told
    )
    wrong = told.index("  errado           T-06 a rede leva até lá (por: mensagem vazia)")
    assert told[wrong + 1].endswith("conexão recusada. Nada foi enviado.")
    assert told[wrong + 2].startswith("      → Verifique se protheus está no ar")
    assert told[wrong + 3] == "      quem corrige: quem cuida do destino"


def test_one_application_in_english(place: Place) -> None:
    """By its name, in any letter case."""
    ended = place.bus("diagnose", "PROTHEUS", "--language", "en")

    assert lines(ended)[0].startswith("protheus: to do: ")
    assert "to be confirmed  T-57 prerequisite The field of the payment condition" in ended.stdout


def test_programs_read_one_object_for_each_application(place: Place) -> None:
    """The same findings: what, by which means, how it stands, the remedy and who must act."""
    rm, protheus = place.json("diagnose")

    assert (rm["application"], protheus["application"]) == ("rm", "protheus")
    assert rm["to_do"] is protheus["to_do"] is True
    reached = protheus["findings"][0]
    assert {name: reached[name] for name in ("check", "verdict", "means", "rule", "owner")} == {
        "check": "reachable",
        "verdict": "wrong",
        "means": "empty message",
        "rule": "T-06",
        "owner": "receiver",
    }
    assert reached["fault"]["code"] == "UNREACHABLE"


@pytest.mark.parametrize("runs", [False, True], ids=["file", "bus"])
def test_a_person_confirms_and_takes_back(place: Place, runs: bool) -> None:
    """Whether a bus runs on the journal or not; the journal keeps who, when and why."""
    said = ("diagnose", "protheus", "--confirm", "t-57", "--by", "Ana", "--note", "visto lá")
    back = ("diagnose", "protheus", "--withdraw", "T-57", "--by", "Bia")

    def all_of_it() -> None:
        confirmed, found = place.bus(*said), place.bus("diagnose", "protheus")
        assert confirmed.exit_code == 0
        assert lines(confirmed) == ["Registrado: Ana confirma T-57 de protheus."]
        kept = lines(found)
        at = next(n for n, line in enumerate(kept) if "confirmado       T-57" in line)
        assert kept[at + 1].startswith("      confirmado por Ana em 20")
        assert kept[at + 1].endswith(": visto lá")
        assert lines(place.bus(*back)) == [
            "Registrado: Bia retira a confirmação de T-57 de protheus."
        ]
        assert "a confirmar      T-57" in place.bus("diagnose", "protheus").stdout

    if runs:
        with place.bus_running():
            all_of_it()
    else:
        all_of_it()

    assert place.bus("verify").exit_code == 0


def test_where_nothing_is_to_be_done(place: Place, serve: Serve) -> None:
    """Exit code 0; what the bus cannot see of a product that nobody described is no work."""
    address = serve(400, b"Document is empty")
    place.file("routes.yaml", NOTHING_TO_DO.format(address=address).encode())
    ended = place.bus("diagnose")

    assert ended.exit_code == 0, ended.output
    assert "other: nada a fazer" in lines(ended)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--confirm", "T-57", "--by", "Ana"),
        ("protheus", "--confirm", "T-57"),
        ("protheus", "--by", "Ana"),
        ("protheus", "--confirm", "T-57", "--withdraw", "T-57", "--by", "Ana"),
        ("protheus", "--confirm", "T-57", "--by", "  "),
    ],
)
def test_half_of_a_confirmation_is_none(place: Place, arguments: tuple[str, ...]) -> None:
    """Which application, which rule and who belong together: exit code 2."""
    ended = place.bus("diagnose", *arguments)

    assert ended.exit_code == 2
    assert "REGRA --by NOME" in ended.output


def test_without_a_right_file_nothing_is_told(place: Place) -> None:
    """Exit code 2, as everywhere where it could not be tried."""
    place.file("routes.yaml", b"applications: {rm: {produto: RM}}")

    assert place.bus("diagnose").exit_code == 2


def test_no_secret_is_told(place: Place) -> None:
    """Neither what the bus presents nor what is presented to it."""
    for ended in (place.bus("diagnose"), place.bus("diagnose", "--json")):
        assert PASSWORD not in ended.output


def test_every_value_has_its_words() -> None:
    """In both languages."""
    assert set(ASPECT_WORDS) == set(Aspect)
    assert set(MEANS_WORDS) == set(Means)
    assert set(VERDICT_WORDS) == set(Verdict)
