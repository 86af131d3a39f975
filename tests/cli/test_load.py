"""`bus load`: what is told to people, before and without anything being sent."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Place, currency, lines


def folder(place: Place) -> Path:
    """Two currencies and a text that is none of them."""
    below = place.folder / "load"
    below.mkdir()
    for name in ("USD", "EUR"):
        (below / f"{name}.xml").write_bytes(currency(f"u-{name}", name))
    (below / "notes.txt").write_text("not a message", "utf-8")
    return below


def test_the_order_is_shown_and_nothing_is_sent(place: Place) -> None:
    """In Portuguese where nobody asks for English; without a bus, too."""
    ended = place.bus("load", "--as", "RM", "--dry-run", str(folder(place)))

    assert ended.exit_code == 0
    assert lines(ended) == ["2. Currency 2.001: 2", "Só um teste: nada foi enviado."]


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
