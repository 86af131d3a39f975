"""`bus load`: what is told to people, before and without anything being sent."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import cast

import pytest

from bus import demo
from bus.core.errors import Fault
from bus.edge.cli.load.planning import LoadEntry
from bus.edge.cli.load.sending import LoadedMessage
from bus.engine.load import Came
from tests.cli.conftest import Place, currency, lines


def folder(place: Place) -> Path:
    """Two currencies, one with a name in capitals, and a text that is none of them."""
    below = place.folder / "load"
    below.mkdir()
    for name in ("USD.XML", "EUR.xml"):
        (below / name).write_bytes(currency(f"u-{name[:3]}", name[:3]))
    (below / "notes.txt").write_text("not a message", "utf-8")
    return below


@pytest.mark.parametrize(
    ("code", "came"), [("REPEATS_PRUNED", Came.DELIVERED), ("UUID_REUSED", Came.NOT_SENT)]
)
def test_what_was_sent_and_let_go_since_is_done(code: str, came: Came) -> None:
    """A load that comes again goes on behind it."""
    entry = cast("LoadEntry", None)

    assert LoadedMessage(entry, None, Fault(code)).came is came


def test_the_order_is_shown_and_nothing_is_sent(place: Place) -> None:
    """In Portuguese where nobody asks for English; without a bus, too."""
    ended = place.bus("load", "--as", "RM", "--dry-run", str(folder(place)))

    assert ended.exit_code == 0
    order, skipped, end = lines(ended)
    assert (order, end) == ("1. Currency 2.001: 2", "Só um teste: nada foi enviado.")
    assert skipped.startswith("Não terminam em .xml nem em .json, e não são enviados: 1 (")
    assert skipped.endswith("/notes.txt).")


@pytest.mark.parametrize("pack", ["folder", "zip", "tar"])
def test_what_is_skipped_is_told_to_programs(place: Place, pack: str) -> None:
    """Each file that is no message by its name, in a folder and in an archive."""
    below = folder(place)
    (below / "deeper").mkdir()
    (below / "deeper" / "M").write_bytes(currency("u-M", "BRL"))
    packed = str(below) if pack == "folder" else shutil.make_archive(str(below), pack, below)

    (told,) = place.json("load", "--as", "rm", "--dry-run", packed)
    assert told["messages"] == 2
    assert sorted(one.rpartition("/")[2] for one in told["skipped"]) == ["M", "notes.txt"]


def test_a_load_needs_a_bus(place: Place) -> None:
    """Exit code 2: it could not be tried. No journal is made for it."""
    (told,) = place.json("load", "--as", "rm", str(folder(place)))
    ended = place.bus("load", "--as", "rm", str(place.folder / "load"))

    assert ended.exit_code == 2
    assert told["errors"][0]["code"] == "LOAD_NEEDS_BUS"
    assert not place.journal_file.exists()


def test_a_folder_without_a_message_is_no_load(place: Place) -> None:
    """A path that is wrong is not taken for a load that is done."""
    (place.folder / "empty").mkdir()
    ended = place.bus("load", "--as", "rm", str(place.folder / "empty"), "--language", "en")

    assert ended.exit_code == 1
    assert "There is no message in" in ended.stderr


def test_what_goes_with_a_warning_is_told(place: Place) -> None:
    """What was mended to read a file: in words with its code and owner, and to programs."""
    below = folder(place)
    body = currency("u-BEL", "BEL").replace(b"</Description>", b"\x07</Description>", 1)
    (below / "BEL.xml").write_bytes(body)

    told = place.bus("load", "--as", "rm", "--dry-run", str(below))
    (in_json,) = place.json("load", "--as", "rm", "--dry-run", str(below))

    assert told.exit_code == 0
    assert "BEL.xml" in told.stderr
    assert "quem corrige: quem envia (REPAIRED)" in told.stderr
    assert "Arquivos enviados com aviso: 1." in told.stderr
    assert [one["warnings"][0]["code"] for one in in_json["warned"]] == ["REPAIRED"]


def test_a_level_is_one_line(place: Place) -> None:
    """Registers that go together stand together, and levels count from one."""
    below = folder(place)
    (below / "unit.xml").write_bytes(
        demo.message("unit", uuid="u-CX", id="1|CX", code="CX", description="Caixa",
                     mode="Async", generated_on="2026-01-31T10:00:00")
    )  # fmt: skip

    first, *_ = lines(place.bus("load", "--as", "rm", "--dry-run", str(below)))
    assert first.startswith("1. Currency 2.001: 2; UnitOfMeasure ")
    assert first.endswith(": 1")
