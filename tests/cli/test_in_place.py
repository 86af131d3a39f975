"""`bus validate` for a person: the message, and each difference below its line."""

from pathlib import Path

import pytest
from click.testing import Result

from bus.codec.source import SourceText
from tests.cli.test_commands import bus
from tests.codec.samples import business, in_soap, message

WRONG = message(
    business(
        "<BusinessContent>\n<Code>LONG</Code><DecimalPlaces>x</DecimalPlaces>\n</BusinessContent>"
    )
)


@pytest.fixture
def said(tmp_path: Path) -> str:
    """What is said of a message with two mistakes on one line."""
    return validated(tmp_path, WRONG).stdout


def validated(folder: Path, body: bytes, *arguments: str) -> Result:
    """What `bus validate` says of a body."""
    file = folder / "in.xml"
    file.write_bytes(body)
    return bus("validate", str(file), "--language", "en", *arguments)


def lines_with(said: str, text: str) -> list[str]:
    """The lines that hold a text."""
    return [line for line in said.splitlines() if text in line]


def test_each_difference_is_below_its_line(said: str) -> None:
    """With a mark below the element, the remedy, and who mends it; the line is shown once."""
    lines = said.splitlines()
    (line,) = lines_with(said, "6 | <Code>")
    first, second = lines_with(said, "^ ")

    assert lines.index(line) < lines.index(first) < lines.index(second)
    assert first.index("^") == line.index("<Code>")
    assert second.index("^") == line.index("<DecimalPlaces>")
    assert lines_with(said, "→ Shorten the value at its origin")
    assert len(lines_with(said, "who mends it: the sender")) == 2


def test_a_short_message_is_shown_whole(said: str) -> None:
    """From its first line to its last."""
    assert lines_with(said, "1 | <TOTVSMessage>")
    assert lines_with(said, "8 | </TOTVSMessage>")


def test_of_a_long_message_only_the_surroundings_are_shown(tmp_path: Path) -> None:
    """Mistakes that stand far apart are both found."""
    items = "<RequestItem>\n<ItemInternalId>a</ItemInternalId>\n</RequestItem>\n" * 300
    bad = "<RequestItem>\n<Bad/>\n</RequestItem>\n"
    content = f"<BusinessContent>\n{bad}{items}{bad}</BusinessContent>"
    body = message(business(content), version="1.001", Transaction="StockLevel")

    said = validated(tmp_path, body).stdout

    assert len(lines_with(said, "⋮")) >= 1
    assert lines_with(said, " 7 | <Bad/>")
    assert lines_with(said, " 910 | <Bad/>")
    assert len(said.splitlines()) < 30


def test_a_message_on_one_line_is_cut_around_each_difference(tmp_path: Path) -> None:
    """As most senders write it."""
    content = f"<BusinessContent><Code>LONG</Code>{'<Zed/>' * 50}<Zad/></BusinessContent>"

    said = validated(tmp_path, message(business(content)).replace(b"\n", b"")).stdout

    for mark in lines_with(said, "^ "):
        shown = said.splitlines()[said.splitlines().index(mark) - 1]
        assert shown[mark.index("^")] == "<"
    assert max(map(len, lines_with(said, "1 | "))) < 120


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "UTF-16", "UTF-8"])
def test_the_place_holds_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    """The lines are those of the file."""
    text = WRONG.decode().replace("<Code>LONG", "<Description>ação</Description><Code>ÇÇÇÇ")
    body = f'<?xml version="1.0" encoding="{encoding}"?>\n{text}'.encode(encoding)

    said = validated(tmp_path, body).stdout

    (line,) = lines_with(said, "<Code>ÇÇÇÇ")
    assert line.lstrip().startswith("7 | ")
    assert lines_with(said, "^ VALUE_TOO_LONG")[0].index("^") == line.index("<Code>")


def test_a_message_in_a_soap_call_is_shown_without_it(tmp_path: Path) -> None:
    """Its lines are those of the message, and that is said."""
    said = validated(tmp_path, in_soap(WRONG)).stdout

    assert (
        "Currency 2.001: does not follow its contract, differences: 2 (lines are those of the message"
        in said
    )
    assert lines_with(said, "6 | <Code>LONG")
    assert validated(tmp_path, in_soap(message())).exit_code == 0


def test_what_cannot_be_parsed_is_shown_too(tmp_path: Path) -> None:
    """Up to the line that libxml2 stumbled over."""
    said = validated(tmp_path, WRONG.replace(b"LONG", b"a & b")).stdout

    assert "could not be read" in said
    (line,) = lines_with(said, "a & b")
    assert said.splitlines()[said.splitlines().index(line) + 1].endswith("^ MALFORMED_XML")


def test_more_differences_are_announced(tmp_path: Path) -> None:
    """And shown where they are asked for."""
    content = f"<BusinessContent>{'<RequestItem><Bad/></RequestItem>' * 60}</BusinessContent>"
    body = message(business(content), version="1.001", Transaction="StockLevel")

    few, all_ = validated(tmp_path, body).stdout, validated(tmp_path, body, "--errors", "60").stdout

    assert len(lines_with(few, "^ ")) == 10
    assert "There are more differences: see more with --errors 100." in few
    assert len(lines_with(all_, "^ ")) == 60
    assert "There are more" not in all_


def test_no_secret_is_printed(tmp_path: Path) -> None:
    """Neither in the fault nor in the message around it; the lines keep their numbers."""
    secrets = (
        "<Password>hunter\n2</Password><t:Senha xmlns:t='urn:t' a='1'><![CDATA[hunter2]]></t:Senha>"
        "<Code token='hunter2'>\nLONG</Code>"
    )
    body = message(business(f"<BusinessContent>\n{secrets}</BusinessContent>"))

    result = validated(tmp_path, body)

    assert "hunter" not in result.stdout + validated(tmp_path, body, "--json").stdout
    assert lines_with(result.stdout, "8 | LONG</Code>")


def test_colour_is_for_terminals(said: str) -> None:
    """A file or a pipe gets plain text."""
    assert "\x1b" not in said


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/A", (1, 0)),
        ("/A/B[2]", (3, 2)),
        ("/A/B[2]/@x", (3, 2)),
        ("/A/b[1]/C", (2, 3)),
        ("/A/B[3]", None),
        ("", None),
    ],
)
def test_a_path_is_found_in_the_text(path: str, place: tuple[int, int] | None) -> None:
    """Also of an attribute, and of the envelope's names in another letter case."""
    source = SourceText(b"<A>\n<B><C/></B>\nz <B x='1'/>\n</A>")

    assert source.place(path) == place


def test_a_doctype_is_not_followed() -> None:
    """What it would expand to is never looked at."""
    source = SourceText(b'<!DOCTYPE A [<!ENTITY a "aaaa">]><A><B>&a;</B></A>')

    assert source.place("/A/B") is None
    assert len(source.lines) == 1
