"""`bus simulate rm|protheus`, as programs, and `bus instruct`, which speaks to them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bus.edge.cli import main

BUS = (sys.executable, "-c", "from bus.edge.cli import main; main()")


@contextmanager
def playing(checkout: Path, product: str, *arguments: str) -> Iterator[str]:
    """A simulated product, by its address."""
    process = subprocess.Popen(
        (*BUS, "simulate", product, "--json", *arguments),
        cwd=checkout,
        env={"PYTHONPATH": str(checkout)},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout
        try:
            yield json.loads(process.stdout.readline())["address"]
        finally:
            process.kill()


def instruct(*arguments: str) -> Result:
    """What `bus instruct` says."""
    return CliRunner().invoke(main, ("instruct", *arguments))


@pytest.fixture
def two(checkout: Path) -> Iterator[tuple[str, str]]:
    """A Protheus, and an RM that takes it for the bus."""
    with ExitStack() as stack:
        protheus = stack.enter_context(playing(checkout, "protheus"))
        rm = stack.enter_context(playing(checkout, "rm", "--bus", protheus, "--source", "RM1"))
        yield rm, protheus


def test_a_product_is_played_and_told_what_to_do(two: tuple[str, str]) -> None:
    """It sends, misbehaves and goes away when told, and shows what it keeps."""
    rm, protheus = two
    unit = ("send", rm, "UnitOfMeasure", "CX", "Description=Caixa = boa")
    sent = instruct(*unit)
    behaved = instruct("behave", protheus, "try-again")
    refused = instruct(*unit, "--json")
    instruct("behave", protheus, "refuse")
    english = instruct(*unit, "--language", "en")
    shown = instruct("show", protheus)
    away = instruct("leave", protheus, "60")

    assert rm.endswith("/EAIService/MEX")
    assert protheus.endswith("/EAISERVICE.apw")
    assert "UnitOfMeasure: 1|CX = 01| |CX" in sent.stdout, sent.stderr
    assert (behaved.exit_code, away.exit_code) == (0, 0)
    assert ": entregue" in sent.stdout
    assert json.loads(refused.stdout)["outcome"] == "busy"
    assert ": refused bus refused: Registro inválido." in english.stdout
    assert (sent.exit_code, refused.exit_code) == (0, 1)
    assert "01| |CX" in shown.stdout
    assert "1|CX" in shown.stdout


def test_what_an_application_keeps_is_shown_in_words(two: tuple[str, str]) -> None:
    """Its rows, its de-para, and what did not fit there; in English too, and for programs."""
    rm, protheus = two
    for code in ("CX", "cx"):  # which Protheus does not tell apart
        instruct("send", rm, "UnitOfMeasure", code, "Description=Caixa")
    shown = instruct("show", protheus).stdout
    english = instruct("show", protheus, "--language", "en").stdout
    kept = json.loads(instruct("show", protheus, "--json").stdout)

    rows, pairs = (part.splitlines() for part in shown.split("\n\n"))
    assert rows[0].split() == ["tabela", "código", "id"]
    assert ["SAH", "CX", "01|", "|CX"] in [row.split() for row in rows]
    assert [" ".join(one.split()) for one in pairs[:2]] == [
        "produto entidade id lá id aqui",
        "RM UnitOfMeasure 1|CX 01| |CX",
    ]
    assert kept["remarks"]
    assert pairs[-len(kept["remarks"]) :] == kept["remarks"]
    assert english.splitlines()[0].split() == ["table", "code", "id"]
    assert "product  entity" in english
    assert {pair["external"] for pair in kept["pairs"]} >= {"1|CX"}


def test_a_mistake_is_told(two: tuple[str, str]) -> None:
    """What the application or the command does not understand ends it with a reason."""
    rm, _ = two
    for arguments, word in (
        (("send", rm, "Nothing"), "Nothing"),
        (("send", rm, "UnitOfMeasure", "CX", "Description"), "ELEMENTO=VALOR"),
        (("behave", rm, "dance"), "dance"),
        (("show", "rm"), "http://"),
        (("show", "http://127.0.0.1:1"), "127.0.0.1:1: a conexão foi recusada. Confira"),
    ):
        done = instruct(*arguments)

        assert done.exit_code != 0
        assert word in done.stderr
