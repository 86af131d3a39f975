"""Whatever is typed, or stands in a file, is taken or told; no command of the de-para breaks."""

from pathlib import Path

import pytest

from tests.cli.conftest import Place
from tests.cli.depara.conftest import ids

LINE = "Item;rm;1;wms;2"
FILES = {
    "empty": b"",
    "a mark alone": b"\xef\xbb\xbf",
    "a declaration alone": b"sep=;\n",
    "a zero": b"Item;rm;\x001;wms;2\n",
    "UTF-16": LINE.encode("utf-16"),
    "a spreadsheet": b"PK\x03\x04\x14\x00\x06\x00\x81",
    "open quotes": f'"{LINE}\n'.encode(),
    "a long text": b"Item;rm;" + b"9" * 200_000 + b";wms;2\n",
    "surrogates": b"Item;rm;\xed\xb3\xa7;wms;1\n",
    "ids of one application": b"Item;rm;1|AA;rm;1|AB\n",
    "the same, spelt otherwise": b"Item;rm;1|AA;RM;1|AB\n",
    "two encodings": "Item;rm;1;wms;Ç1\nItem;rm;2;wms;".encode() + b"\xc72\n",
    "a scope of another kind": f"{LINE};a/b;q;c;r\n".encode(),
    "columns that are none": f"{LINE};;;;;;;x\n".encode(),
    "few columns": b"Item;rm\n",
    "controls": b"Item;rm;\x01;wms;\x02\n",
}
TYPED = (
    "",
    " ",
    ":",
    "rm:",
    ":1",
    "zz:1",
    "rm:" + "9" * 5000,
    "9" * 30,
    "-1",
    "rm:\udce7",
    "\udce7",
)
COMMANDS = (
    "show Item _",
    "show _ rm:1",
    "history _ rm:1 --scope _",
    "set Item _ wms:1",
    "set _ rm:1 wms:1",
    "set Item rm:1 wms:1 --scope _ --qualifier _",
    "set Item _ --remove",
    "set Item rm:1 wms:1 --reason _",
    "undo _",
    "conflicts _ --keep",
    "list --entity _",
    "list --application _ --id _",
    "list --at _",
    "list --after _",
    "list --limit _",
    "export --entity _",
    "orphans --application _",
    "import _",
    "purge _",
)


def held(place: Place, *arguments: str) -> None:
    """A command ends with a word, not with an error of ours."""
    told = place.bus("depara", *arguments)
    assert told.exception is None or isinstance(told.exception, SystemExit), arguments
    assert "Traceback" not in told.output


@pytest.mark.parametrize("command", COMMANDS)
def test_whatever_is_typed_is_taken_or_told(place: Place, command: str) -> None:
    """Also what a terminal of another encoding gives, and numbers that are too great."""
    for typed in TYPED:
        held(place, *(typed if word == "_" else word for word in command.split()))


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_whatever_stands_in_a_file_is_taken_or_told(place: Place, data: bytes) -> None:
    """By each command that reads one."""
    file = place.file("a.csv", data)

    for arguments in (["import", file], ["import", file, "--dry-run"], ["purge", file]):
        held(place, *arguments)
    held(place, "import", str(Path(file).parent))


def test_two_ids_of_one_application_are_told(admin: Place) -> None:
    """In a file by line and column; a qualifier says that they are two records of one thing."""
    one = admin.file("one.csv", b"entity;application;id;other;other_id\nItem;rm;1;RM;2\n")

    filed = admin.bus("depara", "import", one)
    tried = admin.bus("depara", "import", one, "--dry-run")
    typed = admin.bus("depara", "set", "Item", "rm:1", "rm:2", "--replace")
    told_apart = admin.bus("depara", "set", "Item", "rm:1", "rm:2", "--other-qualifier", "vendor")

    assert (filed.exit_code, tried.exit_code, typed.exit_code) == (1, 1, 1)
    assert "one.csv:2: other_id: “1” e “2” são ids de uma só aplicação, rm." in filed.stderr
    assert "são ids de uma só aplicação, rm." in typed.stderr
    assert told_apart.exit_code == 0
    assert ids(admin, "Item", "rm:2") == ["rm:1", "rm:2"]


def test_a_file_of_two_encodings_is_told(place: Place) -> None:
    """By line and column, with what to do; nothing of it is taken."""
    data = b"Item;rm;1;wms;" + "Ç1\n".encode() + b"Item;rm;2;wms;" + "Ç2\n".encode("cp1252")

    told = place.bus("depara", "import", place.file("mixed.csv", data))

    assert told.exit_code == 1
    assert "mixed.csv:2: other_id: o byte 0xc7" in told.stderr
    assert "CSV UTF-8" in told.stderr


def test_text_of_another_terminal_is_told(place: Place) -> None:
    """With its place on the command line."""
    told = place.bus("depara", "list", "--id", "A\udcc7\udcc3O")

    assert told.exit_code == 2
    assert "não é texto em UTF-8" in told.stderr


@pytest.mark.parametrize("id_", ["\x001", "1\x1b[2J"])
def test_an_id_that_no_message_can_carry_is_refused_by_its_place(place: Place, id_: str) -> None:
    """It could be typed nowhere either."""
    file = place.file("pairs.csv", f"Item;rm;7;wms;8\nItem;rm;{id_};wms;2\n".encode())
    (told,) = place.json("depara", "import", file)

    (error,) = told["errors"]
    assert (error["line"], error["path"]) == (2, "id")
    assert "caractere de controle" in error["message"]
    assert place.json("depara", "list") == []


@pytest.mark.parametrize("data", [b"", b"entity;application;id;other;other_id\n"])
def test_a_file_without_pairs_is_warned_of(place: Place, data: bytes) -> None:
    """Nothing stands against it, so that it is no failure."""
    told = place.bus("depara", "import", place.file("none.csv", data))

    assert told.exit_code == 0
    assert "não tem nenhum par" in told.stderr


def test_a_long_id_does_not_widen_the_table(place: Place) -> None:
    """The JSON has all of it."""
    place.bus("depara", "import", place.file("a.csv", b"Item;rm;" + b"9" * 5000 + b";wms;2\n"))
    told = place.bus("depara", "list")

    assert max(map(len, told.stdout.splitlines())) < 400
    assert "9" * 5000 in {row["id"] for row in place.json("depara", "list")}
