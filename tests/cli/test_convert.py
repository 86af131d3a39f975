"""`bus convert`: messages in their other form, without a bus."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bus.edge.cli import main
from tests.cli.conftest import Place, currency
from tests.codec.samples import CODEC, in_soap, message

ESCAPE = "\x9b31m"


def convert(*arguments: str, stdin: bytes | None = None) -> Result:
    """Runs `bus convert`."""
    return CliRunner().invoke(main, ["convert", *arguments], input=stdin)


def test_a_message_goes_to_json_and_back(place: Place) -> None:
    """To the form that it has not, on standard output, and the same in the end."""
    file = place.file("usd.xml", currency())

    json_text = convert(file).stdout_bytes
    xml = convert("-", stdin=json_text).stdout_bytes

    assert json.loads(json_text)["Content"]["Code"] == "USD"
    assert CODEC.parse(xml).content_hash == CODEC.parse(currency()).content_hash
    assert CODEC.parse(xml).envelope == CODEC.parse(currency()).envelope


def test_a_form_may_be_asked_for(place: Place) -> None:
    """A message that has it already is written as the bus writes it."""
    file = place.file("usd.xml", currency())

    xml = convert(file, "--to", "xml").stdout_bytes
    json_text = convert(file, "--to", "json").stdout_bytes

    assert CODEC.parse(xml).content_hash == CODEC.parse(currency()).content_hash
    assert convert("-", "--to", "json", stdin=json_text).stdout_bytes == json_text


def test_a_message_in_a_soap_call_is_taken_out_of_it(place: Place) -> None:
    """As `bus validate` does."""
    assert json.loads(convert("-", stdin=in_soap(message())).stdout)["Header"]["Transaction"]


def test_a_file_is_written_where_it_is_wanted(place: Place) -> None:
    """And its name, its contract and its place are told."""
    file, out = place.file("usd.xml", currency()), place.folder / "out.json"

    done = convert(file, "-o", str(out))

    assert done.exit_code == 0
    assert done.stdout == f"{file}: Currency 2.001 → {out}\n"
    assert json.loads(out.read_bytes())["Content"]["Code"] == "USD"


def test_several_files_go_into_a_folder(place: Place) -> None:
    """Each under its own name; the folder is made."""
    files = [place.file("usd.xml", currency()), place.file("eur.xml", currency("2", "EUR"))]
    folder = place.folder / "new" / "json"

    done = convert(*files, "-", "-o", str(folder), stdin=currency("3"))

    assert done.exit_code == 0
    assert sorted(each.name for each in folder.iterdir()) == ["eur.json", "stdin.json", "usd.json"]
    assert json.loads((folder / "eur.json").read_bytes())["Content"]["Code"] == "EUR"


def test_several_files_need_a_folder(place: Place) -> None:
    """On one channel nobody could tell them apart."""
    files = [place.file("usd.xml", currency()), place.file("eur.xml", currency("2", "EUR"))]

    done = convert(*files)

    assert done.exit_code == 2
    assert done.stderr.endswith("Erro: Vários arquivos precisam de uma pasta: -o PASTA.\n")
    assert len(convert(*files, "--json").stdout.splitlines()) == 2


def test_no_file_that_was_given_is_overwritten(place: Place) -> None:
    """Nor what came of another one."""
    file = place.file("usd.json", convert("-", stdin=currency()).stdout_bytes)
    (place.folder / "other").mkdir()
    twin = place.file("other/usd.xml", currency("2", "EUR"))

    same = convert(file, "--to", "json", "-o", str(place.folder))
    both = convert(file, twin, "--to", "xml", "-o", str(place.folder))

    assert same.exit_code == 2
    assert "um dos arquivos dados está ali" in same.stderr
    assert "→ Dê outro lugar com -o." in same.stderr
    assert both.exit_code == 2
    assert "outra mensagem já foi gravada ali" in both.stderr
    assert "→ Dois dos arquivos dados têm o mesmo nome" in both.stderr
    assert CODEC.parse((place.folder / "usd.xml").read_bytes()).values(["Code"]) == ("USD",)


@pytest.mark.parametrize(
    ("body", "code", "exit_code"),
    [
        (currency().replace(b"<Symbol>", b"<Symbol/><Z/><Symbol>"), "NOT_IN_JSON", 1),
        (currency().replace(b"2.001", b"9.999"), "UNKNOWN_CONTRACT", 1),
        (b"<a/>", "NOT_A_STANDARD_MESSAGE", 2),
        (b'{"Header": NaN}', "MALFORMED_JSON", 1),
        (b'{"Header": {"UUID": "1"}, "Content": {"\\ud800": 1}}', "MALFORMED_JSON", 1),
        (b'{"Header": {}, "header": {}}', "MALFORMED_JSON", 1),
        (b'{"Items": []}', "MALFORMED_JSON", 1),
        (b'{"Header": {"UUID": "1"}}', "ENVELOPE_INCOMPLETE", 1),
        (b'{"Header": {"Type": "Letter"}, "Content": {}}', "ENVELOPE_INVALID", 1),
        (b"[" * 100_000, "TOO_COMPLEX", 1),
        (b"[1]", "MALFORMED_JSON", 1),
        (currency().replace(b"<UUID>u-1</UUID>", b""), "ENVELOPE_INCOMPLETE", 1),
        (b'{"Header": ', "MALFORMED_JSON", 2),
        (b'{"Header": "\xff"}', "MALFORMED_JSON", 2),
        (b"<!DOCTYPE a><a/>", "DOCTYPE_REFUSED", 2),
        (b"", "MALFORMED_XML", 2),
        (b" " * 3000, "TOO_LARGE", 2),
    ],
)
def test_what_is_not_converted_is_told(
    place: Place, body: bytes, code: str, exit_code: int
) -> None:
    """1 where a message is refused, 2 where there is none; others are converted all the same."""
    wrong, right = place.file("wrong", body), place.file("usd.xml", currency())

    done = convert(wrong, right, "--json", "--max-body", "2KB" if len(body) == 3000 else "10MB")

    refused, converted = (json.loads(line) for line in done.stdout.splitlines())
    assert done.exit_code == exit_code
    assert [each["code"] for each in refused["errors"]][:1] == [code]
    assert not refused["converted"]
    assert refused["text"] == ""
    assert (converted["converted"], converted["to"]) == (True, "json")
    assert json.loads(converted["text"])["Header"]["Transaction"] == "Currency"


def test_a_refusal_is_told_in_the_language(place: Place) -> None:
    """Place, reason and remedy, beside what is printed."""
    file = place.file("apart.xml", currency().replace(b"<Symbol>", b"<Symbol/><Z/><Symbol>"))

    portuguese, english = (convert(file, "--language", each) for each in ("pt", "en"))

    assert portuguese.stdout == english.stdout == ""
    assert "/BusinessContent/Symbol[2]: A mensagem não pode" in portuguese.stderr
    assert "→ Corrija na mensagem o elemento indicado" in portuguese.stderr
    assert "do not stand together" in english.stderr


def test_a_file_that_cannot_be_read_or_written_is_told(place: Place, tmp_path: Path) -> None:
    """With the exit code of what could not even be tried."""
    file = place.file("usd.xml", currency())

    unread = convert(str(tmp_path / "nowhere.xml"))
    unwritten = convert(file, "-o", str(tmp_path / "nowhere" / "usd.json"))

    assert (unread.exit_code, unwritten.exit_code) == (2, 2)
    assert "nowhere.xml" in unread.stderr
    assert "Confira o caminho" in unwritten.stderr


def test_a_terminal_obeys_nothing_that_a_message_holds(place: Place) -> None:
    """In either form it is spelt out, and still the same."""
    xml = currency(description=f"a{ESCAPE}b")

    json_text = convert("-", stdin=xml).stdout
    back = convert("-", stdin=json_text.encode()).stdout

    assert "\x9b" not in json_text + back
    assert CODEC.parse(back.encode()).content_hash == CODEC.parse(xml).content_hash


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (b"</Description>", b"\x07</Description>", "caracteres de controle"),
        (
            b"<TOTVSMessage>",
            b'<TOTVSMessage xmlns="http://x.org/">',
            "espaço de nomes http://x.org/",
        ),
    ],
)
def test_what_was_mended_to_read_it_is_told(
    place: Place, before: bytes, after: bytes, said: str
) -> None:
    """On standard error with its place, and to programs; what came of it is in the other form."""
    body = currency()
    assert before in body
    file = place.file("usd.xml", body.replace(before, after, 1))

    done = convert(file)
    told = json.loads(convert(file, "--json").stdout)

    assert done.exit_code == 0
    assert json.loads(done.stdout)["Content"]["Code"] == "USD"
    assert said in done.stderr
    assert "/TOTVSMessage" in done.stderr
    assert [one["code"] for one in told["repairs"]] == ["REPAIRED"]
    assert told["repairs"][0]["line"] > 0
