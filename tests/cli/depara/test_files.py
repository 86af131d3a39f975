"""`bus depara import` and `export`: what a spreadsheet holds."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Place, lines
from tests.cli.depara.conftest import ids

HEADING = "entity;application;id;other;other_id\n"


@pytest.mark.rule("T-129")
def test_a_file_is_tried_and_then_taken(admin: Place) -> None:
    """The dry run says what would come of it and changes nothing; the exit code tells conflicts."""
    text = HEADING + "Item;rm;1|A;protheus;01| |A\nItem;rm;1|A;protheus;X\n"
    good = admin.file(
        "good.csv", (HEADING + "Item;rm;2;wms;ação\nItem;rm;1|A;wms;7\n").encode("cp1252")
    )
    clash = admin.file(
        "clash.csv",
        text.replace("01| |A", "01| |Z").replace("Item;rm;1|A;protheus;X\n", "").encode(),
    )

    tried = admin.bus("depara", "import", good, "--dry-run")
    before = admin.json("depara", "list", "--application", "wms")
    taken = admin.bus("depara", "import", good)
    (again,) = admin.json("depara", "import", good)
    conflicting = admin.bus("depara", "import", clash)
    (replaced,) = admin.json("depara", "import", clash, "--replace")

    assert "Novos 2, iguais 0, juntados 0, trocados 0, conflitos 0." in tried.stdout
    assert (before, taken.exit_code) == ([], 0)
    assert ids(admin, "Item", "wms:ação") == ["rm:2", "wms:ação"]
    assert (again["added"], again["same"], again["changes"]) == (0, 2, [])
    assert conflicting.exit_code == 1
    assert (
        "Linha 2: Item rm:1|A = protheus:01| |Z: contra isso está protheus:01| |A"
        in conflicting.stdout
    )
    assert (replaced["changed"], replaced["conflicting"]) == (1, 0)


def test_a_file_with_mistakes_is_refused_as_a_whole(admin: Place) -> None:
    """Of form, of names, against itself: each with file, line and column."""
    form = admin.bus("depara", "import", admin.file("a.csv", b"Item;rm;;wms;2\n"))
    names = admin.bus(
        "depara",
        "import",
        admin.file("b.csv", b"Item;rm;5;wms;5\nItm;rm;1;wms;2\nItem;rn;1;wms;2\n"),
    )
    itself = admin.bus(
        "depara", "import", admin.file("c.csv", b"Item;rm;5;wms;5\nItem;rm;5;wms;6\n")
    )
    (in_json,) = admin.json("depara", "import", str(admin.folder / "b.csv"))

    assert (form.exit_code, names.exit_code, itself.exit_code) == (1, 1, 1)
    assert "a.csv:1: id: está vazia" in form.stderr
    assert "b.csv:2: entity: Nenhum contrato tem ids de “Itm”." in names.stderr
    assert "b.csv:3: application: Não há aplicação “rn”." in names.stderr
    assert "c.csv:2: other_id: “6” contradiz a linha 1" in itself.stderr
    assert [(one["code"], one["line"]) for one in in_json["errors"]] == [
        ("UNKNOWN_ENTITY", 2),
        ("UNKNOWN_APPLICATION", 3),
    ]
    assert admin.json("depara", "list", "--application", "wms") == []


def test_of_many_mistakes_the_first_are_told(place: Place) -> None:
    """And where the check stopped; what is wrong on each line is nobody's to read to the end."""
    lines_of_file = "".join(f"Itm;rm;{n};wms;{n}\n" for n in range(2500))

    (told,) = place.json("depara", "import", place.file("a.csv", lines_of_file.encode()))

    assert [one["line"] for one in told["errors"]] == [*range(1, 51), 1000]
    assert "o que vem depois não foi conferido" in told["errors"][-1]["message"]


def test_what_is_wrong_on_many_lines_is_told_once(place: Place) -> None:
    """With the first lines and how many more; each kind of mistake by itself."""
    text = "".join(f"Warehouse;rm;{n};wms;{n}\n" for n in range(1, 41)) + "Itm;rm;1;wms;1\n"

    told = place.bus("depara", "import", place.file("a.csv", text.encode())).stderr

    assert told.count("Escopo") + told.count("escopo “”") == 1
    assert "a.csv:1: other_scope: O escopo “” não serve a ids de Warehouse em wms" in told
    assert "nas colunas scope e other_scope" in told
    assert "o mesmo em outras linhas: 2, 3, 4, 5, 6 e mais 34" in told
    assert "a.csv:41: entity: Nenhum contrato tem ids de “Itm”." in told


def test_all_that_is_wrong_with_a_line_is_told_at_once(admin: Place) -> None:
    """An application that there is not beside a scope that is missing, by column."""
    file = admin.file("a.csv", b"Warehouse;rn;1;wms;1\nWarehouse;wms;1;rn;1\n")

    (told,) = admin.json("depara", "import", file)

    assert [(one["line"], one["path"], one["code"]) for one in told["errors"]] == [
        (1, "application", "UNKNOWN_APPLICATION"),
        (1, "other_scope", "PAIR_SCOPE_WRONG"),
        (2, "scope", "PAIR_SCOPE_WRONG"),
        (2, "other", "UNKNOWN_APPLICATION"),
    ]


def test_the_lines_of_the_guide_are_taken(place: Place, checkout: Path) -> None:
    """Of a product without a profile too, whose ids count by company and branch."""
    text = (checkout / "docs" / "operate.md").read_text("utf-8")
    lines_told = re.findall(
        r"^CustomerVendor;rm;.*$|(?<=`)CustomerVendor;rm;[^`]*", text, re.MULTILINE
    )
    routes = (place.folder / "routes.yaml").read_text("utf-8")
    scopes = "    id_scope: {default: application, Warehouse: branch}\n"
    place.file("routes.yaml", routes.replace(scopes, "").encode())
    assert scopes in routes
    assert len(lines_told) == 2

    took = place.bus("depara", "import", place.file("a.csv", "\n".join(lines_told).encode()))

    assert "Novos 2" in took.stdout, took.stderr


def test_a_line_that_says_what_another_said_is_told(admin: Place) -> None:
    """It counts as the same."""
    twice = admin.file("twice.csv", b"Item;rm;5;wms;5\nItem;wms;5;rm;5\n")

    told = admin.bus("depara", "import", twice)

    assert lines(told)[0] == "Linha 2: repete a linha 1."
    assert "Novos 1, iguais 1" in told.stdout


def test_a_file_of_several_commits_is_taken_whole(place: Place) -> None:
    """A thousand links a commit, all of them one change; taken again, nothing changes."""
    place.bus("depara", "set", "Item", "rm:1|A", "protheus:01| |A")
    text = "".join(f"Item;rm;{n};wms;{n}\n" for n in range(20_000))
    file = place.file("many.csv", text.encode())

    with place.bus_running():
        took = place.bus("depara", "import", file)
        (again,) = place.json("depara", "import", file)
        undone = place.bus("depara", "undo", "2")

    assert "Novos 20000, iguais 0" in took.stdout
    assert "Alteração(ões): 2 (" in took.stdout
    assert took.stderr.splitlines() == [
        "10000 linhas conferidas.",
        "20000 linhas conferidas.",
        "10000 de 20000 linhas. Alteração: 2. Se parar, repita o comando: ele continua.",
    ]
    assert (again["same"], again["changes"]) == (20_000, [])
    assert undone.exit_code == 0
    assert place.json("depara", "list", "--application", "wms") == []


@pytest.mark.parametrize("stopped_after", [1, 2, 3])
def test_an_import_that_was_killed_goes_on_with_the_same_change(
    place: Place, stopped_after: int
) -> None:
    """Also where its last commit was its last but for the word; the change is undone as a whole."""
    text = "".join(f"Item;rm;{n};wms;{n}\n" for n in range(3000))
    file = place.file("many.csv", text.encode())
    _killed(place, file, stopped_after)
    half = place.json("depara", "list", "--application", "wms", "--limit", "5000")
    place.bus("depara", "set", "Item", "rm:x", "wms:x")

    (went_on,) = place.json("depara", "import", file)
    (anew,) = place.json("depara", "import", file)
    undone = place.bus("depara", "undo", "1")
    left = place.json("depara", "list", "--application", "wms")

    assert len(half) == 2 * 1000 * stopped_after
    assert (went_on["added"], went_on["same"]) == (3000 - len(half) // 2, len(half) // 2)
    assert went_on["changes"] == [1] * (stopped_after < 3)
    assert anew["changes"] == []
    assert undone.exit_code == 0
    assert {row["id"] for row in left} == {"x"}


def test_what_was_taken_back_begins_anew(place: Place) -> None:
    """An import that was killed and undone is another change the next time."""
    text = "".join(f"Item;rm;{n};wms;{n}\n" for n in range(2000))
    file = place.file("many.csv", text.encode())
    _killed(place, file, 1)
    place.bus("depara", "undo", "1")

    (anew,) = place.json("depara", "import", file)

    assert (anew["added"], anew["changes"]) == (2000, [3])


def test_a_long_undo_that_was_killed_goes_on(place: Place) -> None:
    """What it had replaced comes back as it was, and no id is unknown meanwhile."""
    numbers = range(1500)
    first = "".join(f"Item;rm;{n};wms;{n}\n" for n in numbers)
    other = "".join(f"Item;rm;{n};wms;new {n}\nItem;rm;{n};protheus;{n}\n" for n in numbers)
    place.bus("depara", "import", place.file("first.csv", first.encode()))
    before = _pairs(place)
    (replaced,) = place.json(
        "depara", "import", place.file("other.csv", other.encode()), "--replace"
    )
    changed = _pairs(place)
    # Each commit takes a thousand rows back; all of them are tried before.
    _dies(place, ["depara", "undo", "2"], "bus.engine.depara_changes", "DeparaChanges._part", 7)
    half = _pairs(place)

    undone = place.bus("depara", "undo", "2")
    again = place.bus("depara", "undo", "2")
    after = _pairs(place)
    (verified,) = place.json("verify")

    assert (replaced["changed"], replaced["added"], replaced["changes"]) == (1500, 1500, [2])
    assert half.keys() == changed.keys() == before.keys()
    assert before != half != changed
    assert undone.exit_code == 0, undone.output
    assert "Alteração 2 desfeita pela 3." in undone.stdout
    assert after == before
    assert again.exit_code == 1
    assert verified["discrepancies"] == []


def test_a_long_purge_is_one_change(place: Place) -> None:
    """That is undone as a whole."""
    pairs = "".join(f"Item;rm;{n};wms;{n}\n" for n in range(1500))
    keys = "".join(f"Item;rm;{n}\n" for n in range(1500))
    place.bus("depara", "import", place.file("pairs.csv", pairs.encode()))
    before = _pairs(place)

    (purged,) = place.json("depara", "purge", place.file("gone.csv", keys.encode()))
    left = _pairs(place)
    place.bus("depara", "undo", "2")

    assert (len(purged["closed"]), purged["changes"]) == (3000, [2])
    assert left == {}
    assert _pairs(place) == before


def test_of_many_ids_against_an_undo_the_first_are_told(place: Place) -> None:
    """It is undone from the last change on."""
    first = "".join(f"Item;rm;{n};wms;{n}\n" for n in range(20))
    place.bus("depara", "import", place.file("first.csv", first.encode()))
    place.bus(
        "depara",
        "import",
        place.file("other.csv", first.replace("wms;", "wms;0").encode()),
        "--replace",
    )

    undone = place.bus("depara", "undo", "1")

    assert undone.exit_code == 1
    assert "contra isso está Item wms:0, " in undone.stderr
    assert "Item wms:9, …." in undone.stderr
    assert "wms:10" not in undone.stderr


def test_of_a_long_undo_nothing_is_done_where_something_stands_against_it(place: Place) -> None:
    """However late that comes in the change."""
    text = "".join(f"Item;rm;{n};wms;{n}\n" for n in range(1500))
    place.bus("depara", "import", place.file("many.csv", text.encode()))
    place.bus("depara", "set", "Item", "rm:1499", "wms:x", "--replace")
    before = _pairs(place)

    undone = place.bus("depara", "undo", "1")

    assert undone.exit_code == 1
    assert "wms:1499" in undone.stderr
    assert _pairs(place) == before


def _pairs(place: Place) -> dict[str, frozenset[str]]:
    """By id of RM, what names the same."""
    rows = place.json("depara", "list", "--entity", "Item", "--limit", "10000")
    things: dict[int, set[str]] = {}
    for row in rows:
        things.setdefault(row["identity"], set()).add(f"{row['application']}:{row['id']}")
    return {one: frozenset(ids) for ids in things.values() for one in ids if one.startswith("rm:")}


def _killed(place: Place, file: str, commits: int) -> None:
    """Import a file, in a process that dies by SIGKILL right after some of its commits."""
    module = "bus.edge.cli.depara.import_"
    _dies(place, ["depara", "import", file], module, "ImportedPairs.take", commits)


def _dies(place: Place, command: list[str], module: str, function: str, times: int) -> None:
    """Run a command in a process that dies by SIGKILL as soon as it has done something so often."""
    program = f"""
import inspect, os, signal
from importlib import import_module
from bus.edge.cli import main
kind, name = {function!r}.split(".")
kind, left = getattr(import_module({module!r}), kind), [{times}]
done = getattr(kind, name)
def count():
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
async def later(*given):
    result = await done(*given)
    count()
    return result
def at_once(*given):
    result = done(*given)
    count()
    return result
setattr(kind, name, later if inspect.iscoroutinefunction(done) else at_once)
main({command!r})
"""
    environment = {
        **os.environ,
        "BUS_JOURNAL": place.journal,
        "BUS_ROUTES": str(place.folder / "routes.yaml"),
    }
    died = subprocess.run([sys.executable, "-c", program], env=environment, check=False)
    assert died.returncode == -signal.SIGKILL


def test_what_is_exported_is_imported_as_the_same(admin: Place) -> None:
    """The file that a spreadsheet opens goes back without a change; so does what is printed."""
    admin.bus("depara", "set", "Item", "rm:2", 'wms: 2;"x"')
    file = str(admin.folder / "out.csv")

    written = admin.bus("depara", "export", file)
    printed = admin.bus("depara", "export", "--entity", "item", "--application", "WMS")
    (again,) = admin.json("depara", "import", file)

    assert "out.csv: 2 par(es)." in written.stdout
    assert Path(file).read_bytes().startswith(b"\xef\xbb\xbfentity;")
    assert lines(printed)[1] == 'Item;wms;" 2;""x""";rm;2;;;;'
    assert len(lines(printed)) == 2
    assert (again["same"], again["added"]) == (2, 0)
    assert admin.json("depara", "export")[0]["one"]["entity"] == "Item"


def test_a_file_that_is_not_there_is_told(place: Place) -> None:
    """Exit code 2, as for whatever could not even be tried."""
    told = place.bus("depara", "import", str(place.folder / "nowhere.csv"))

    assert (told.exit_code, "nowhere.csv" in told.stderr) == (2, True)


def test_a_file_that_cannot_be_written_is_told(admin: Place) -> None:
    """Exit code 2, in words of writing."""
    told = admin.bus("depara", "export", str(admin.folder / "nowhere" / "out.csv"))

    assert (told.exit_code, "gravar o arquivo" in told.stderr) == (2, True)


def test_an_id_may_be_long(admin: Place) -> None:
    """What some reader cannot keep is for `orphans` to tell."""
    told = admin.bus(
        "depara", "import", admin.file("l.csv", f"Item;rm;{'9' * 3000};wms;1\n".encode())
    )

    assert told.exit_code == 0, told.output
    assert "Alteração(ões): 2" in told.stdout
