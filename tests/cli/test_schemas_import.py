"""`bus schemas import`: an installation's own contracts."""

from __future__ import annotations

import pytest

import schemas
from tests.cli.conftest import Place, lines
from tests.support.published import CODE, WRONG, content, publish, xsd


@pytest.fixture
def tree(place: Place) -> str:
    """A published tree: one new, one the same, one different, one wrong."""
    changed = schemas.contract_xsd("Currency_2_001").replace(b'value="3"/>', b'value="2"/>')
    files = {
        "Zebra_1_000.xsd": xsd(content(CODE)),
        "Order_3_002.xsd": schemas.contract_xsd("Order_3_002").decode(),
        "Currency_2_001.xsd": changed.decode(),
        "Invalid_1_000.xsd": WRONG["Invalid_1_000.xsd"][0],
    }
    return str(publish(place.folder, files))


def verdicts(place: Place, *arguments: str) -> dict[str, str]:
    """The verdict on each file."""
    folder = str(place.folder / "contracts")
    told = place.json("schemas", "import", "--contracts", folder, *arguments)
    return {each["file"].rpartition("/")[2]: each["verdict"] for each in told}


def test_every_file_has_a_verdict(place: Place, tree: str) -> None:
    """And what is new counts from then on."""
    assert verdicts(place, tree) == {
        "Currency_2_001.xsd": "differs",
        "Invalid_1_000.xsd": "failed",
        "Order_3_002.xsd": "same",
        "Zebra_1_000.xsd": "added",
    }
    listed = place.json("schemas", "list", "--contracts", str(place.folder / "contracts"))
    assert [each["version"] for each in listed if each["transaction"] == "Zebra"] == ["1.000"]
    assert verdicts(place, tree)["Zebra_1_000.xsd"] == "same"


def test_a_dry_run_changes_nothing(place: Place, tree: str) -> None:
    """Not even what is named to be replaced."""
    told = verdicts(place, tree, "--dry-run", "--replace", "Currency 2.001")

    assert told["Currency_2_001.xsd"] == "replaced"
    assert not (place.folder / "contracts").exists()


def test_a_replacement_is_named(place: Place, tree: str) -> None:
    """By the contract."""
    assert verdicts(place, tree, "--replace", "Currency 2.001")["Currency_2_001.xsd"] == "replaced"
    assert (place.folder / "contracts" / "Currency_2_001.xsd").exists()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("pt", ("Zebra_1_000.xsd: acrescentado", "não compila", "mais estrito", "falhou: 1")),
        ("en", ("Zebra_1_000.xsd: added", "does not compile", "tightened", "failed: 1")),
    ],
)
def test_people_read_what_became_of_each(
    place: Place, tree: str, language: str, words: tuple[str, ...]
) -> None:
    """In their language; exit code 1, as one failed."""
    done = place.bus("schemas", "import", tree, "--dry-run", "--language", language)

    assert done.exit_code == 1
    for word in words:
        assert word in done.stdout


@pytest.mark.parametrize(("language", "words"), [("pt", "preenchido"), ("en", "filled in")])
def test_people_read_what_was_filled_in(place: Place, tree: str, language: str, words: str) -> None:
    """Of what is the same as in force, too."""
    said = lines(place.bus("schemas", "import", tree, "--dry-run", "--language", language))

    same = next(at for at, line in enumerate(said) if line.startswith("Order_3_002.xsd"))
    assert words in said[same + 1]
    assert "../types/Address_1_000.xsd" in said[same + 1]


def test_a_name_that_no_file_has_is_told(place: Place, tree: str) -> None:
    """Before anything happens."""
    folder = str(place.folder / "contracts")

    done = place.bus("schemas", "import", tree, "--contracts", folder, "--replace", "Ordre 3.002")

    assert done.exit_code == 2
    assert "Ordre 3.002" in done.stderr
    assert not (place.folder / "contracts").exists()


def test_there_must_be_somewhere_to_keep_them(place: Place, tree: str) -> None:
    """Or a dry run."""
    done = place.bus("schemas", "import", tree, "--language", "en")

    assert done.exit_code == 2
    assert "BUS_CONTRACTS" in done.stderr


def test_an_imported_contract_has_no_example(place: Place, tree: str) -> None:
    """It says so, rather than print one that nobody checked."""
    folder = str(place.folder / "contracts")
    place.bus("schemas", "import", tree, "--contracts", folder)

    done = place.bus("schemas", "example", "Zebra", "1.000", "--contracts", folder)

    assert done.exit_code == 1
    assert len(lines(done)) == 0
