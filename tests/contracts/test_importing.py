"""Importing the XSDs that an installation publishes: hostile until they compile."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

import schemas
from bus.contracts.imports.importer import ImportedFile, Importer, ImportVerdict, published_files
from bus.contracts.imports.sandbox import Sandbox
from bus.contracts.registry import Registry
from bus.core.contract_diff import ChangeKind
from bus.core.errors import BusFault, Owner, SenderFault
from tests.codec.samples import business, message, read
from tests.support.published import (
    CODE,
    ENVELOPE,
    EVENTS,
    HOSTILE,
    LOOP,
    WRONG,
    content,
    element,
    large_tree,
    ordinary,
    publish,
    xsd,
)

ORDER = schemas.contract_xsd("Currency_2_001").decode()
CHANGED = ORDER.replace('<xs:maxLength value="3"/>', '<xs:maxLength value="2"/>')


@pytest.fixture(scope="module")
def workshop() -> Iterator[Sandbox]:
    """One process for all."""
    with Sandbox(seconds=1.0) as made:
        yield made


def imported(
    workshop: Sandbox, tree: Path, folder: Path | None = None, *replacing: str
) -> dict[str, ImportedFile]:
    """The verdict on each file of a tree."""
    importer = Importer(Registry(folder), workshop, folder, replacing)
    return {each.file.name: each for each in importer.import_files(published_files(tree), tree)}


def codes(found: ImportedFile) -> list[str]:
    """The codes of what is said of a file."""
    return [fault.code for fault in found.faults]


def test_a_published_contract_joins_those_that_ship(workshop: Sandbox, tmp_path: Path) -> None:
    """Its envelope and types, which nobody publishes, are ours."""
    folder = tmp_path / "contracts"
    tree = publish(tmp_path, {"Zebra_1_000.xsd": xsd(content(CODE))})

    (found,) = imported(workshop, tree, folder).values()
    registry = Registry(folder)
    contract = registry.find("zebra", "1.000")

    assert (found.verdict, found.name, found.faults) == (ImportVerdict.ADDED, "Zebra 1.000", ())
    assert contract is not None
    assert contract in registry.known()
    assert len(registry.known()) == len(Registry().known()) + 1
    good, bad = (
        business(f"<BusinessContent><Code>{'x' * n}</Code></BusinessContent>") for n in (20, 21)
    )
    assert registry.check(contract, read(message(good, Transaction="Zebra"))) == ()
    (fault,) = registry.check(contract, read(message(bad, Transaction="Zebra")))
    assert (fault.code, fault.details["contract"]) == ("VALUE_TOO_LONG", "Zebra 1.000")


def test_a_contract_without_a_page_claims_nothing(workshop: Sandbox, tmp_path: Path) -> None:
    """No id, no register that may be superseded, no query that may be repeated."""
    folder = tmp_path / "contracts"
    imported(workshop, publish(tmp_path, {"Zebra_1_000.xsd": xsd(content(CODE))}), folder)

    contract = Registry(folder).find("Zebra", "1.000")

    assert contract is not None
    assert not contract.catalogued
    assert contract.lifecycle.value == "process"
    assert (contract.ids, contract.own_id, contract.target) == ((), (), None)


@pytest.mark.rule("T-129", "T-195")
def test_a_contract_in_force_changes_only_when_it_is_named(
    workshop: Sandbox, tmp_path: Path
) -> None:
    """Until then its differences are told; its page stays ours."""
    folder = tmp_path / "contracts"
    tree = publish(tmp_path, {"Currency_2_001.xsd": CHANGED})

    (told,) = imported(workshop, tree, folder).values()
    assert told.verdict is ImportVerdict.DIFFERS
    assert [(each.kind, each.aspect) for each in told.changes] == [
        (ChangeKind.TIGHTENED, "maxLength")
    ]
    assert not folder.exists()

    (replaced,) = imported(workshop, tree, folder, "currency 2.001").values()
    registry = Registry(folder)
    contract = registry.find("Currency", "2.001")
    assert replaced.verdict is ImportVerdict.REPLACED
    assert contract == Registry().find("Currency", "2.001")
    assert contract is not None
    assert [each.code for each in registry.check(contract, read(message()))] == ["VALUE_TOO_LONG"]

    (again,) = imported(workshop, tree, folder).values()
    assert again.verdict is ImportVerdict.SAME


def test_what_is_the_same_is_left(workshop: Sandbox, tmp_path: Path) -> None:
    """However it is written."""
    folder = tmp_path / "contracts"
    spaced = ORDER.replace("><", ">\n<").replace("Real", "Outro texto")
    tree = publish(tmp_path, {"Currency_2_001.xsd": spaced})

    assert [each.verdict for each in imported(workshop, tree, folder).values()] == [
        ImportVerdict.SAME
    ]
    assert not folder.exists()


def test_two_files_of_one_contract_are_compared(workshop: Sandbox, tmp_path: Path) -> None:
    """The first is taken; the second, in another letter case, may differ from it."""
    folder = tmp_path / "contracts"
    files = {
        "ZEBRA_1_000.xsd": xsd(content(CODE)),
        "Zebra_1_000.xsd": xsd(content(CODE + element("More"))),
    }

    found = imported(workshop, publish(tmp_path, files), folder)

    assert found["ZEBRA_1_000.xsd"].verdict is ImportVerdict.ADDED
    assert found["Zebra_1_000.xsd"].verdict is ImportVerdict.DIFFERS
    assert [file.name for file in folder.iterdir()] == ["ZEBRA_1_000.xsd"]


def test_a_tree_may_have_its_own_types(workshop: Sandbox, tmp_path: Path) -> None:
    """They go before ours, and a type that both declare is theirs."""
    types = tmp_path / "xmlschema/general/types"
    types.mkdir(parents=True)
    (types / "Stripes_1_000.xsd").write_text(
        xsd(
            '<xs:complexType name="AddressType"><xs:sequence><xs:element name="OnlyHere"/>'
            "</xs:sequence></xs:complexType>",
            '<xs:include schemaLocation="Stripes_1_000.xsd"/>',
            "",
        ),
        "utf-8",
    )
    includes = "".join(
        f'<xs:include schemaLocation="../{name}"/>'
        for name in ("totvsmsg.xsd", "commons_1_000.xsd", "types/Stripes_1_000.xsd")
    )
    body = content('<xs:element name="Address" type="AddressType"/>')
    tree = publish(tmp_path, {"Zebra_1_000.xsd": xsd(body, includes, "")})
    folder = tmp_path / "contracts"

    (found,) = imported(workshop, tree, folder).values()

    assert (found.verdict, codes(found)) == (ImportVerdict.ADDED, ["XSD_NO_RETURN"])
    stored = etree.parse(folder / "Zebra_1_000.xsd")
    assert len(stored.findall(".//{*}complexType[@name='AddressType']")) == 1
    assert stored.find(".//{*}element[@name='OnlyHere']") is not None
    assert stored.find(".//{*}include") is None


APPORTIONED = content('<xs:element name="Apportion" type="ApportionType" minOccurs="0"/>')


@pytest.mark.parametrize("name", schemas.type_names())
def test_a_type_that_the_tree_lacks_is_filled_in_by_its_published_name(
    workshop: Sandbox, tmp_path: Path, name: str
) -> None:
    """Whatever its letter case and folder; and the file says which of its includes these are."""
    includes = f'<xs:include schemaLocation="../types/{name.upper()[:-4]}.xsd"/>'
    tree = publish(tmp_path, {"Zebra_1_000.xsd": xsd(content(CODE), ENVELOPE + includes, "")})

    (found,) = imported(workshop, tree).values()

    assert found.verdict is ImportVerdict.ADDED
    assert found.filled == ("../totvsmsg.xsd", f"../types/{name.upper()[:-4]}.xsd")


def test_what_was_filled_in_is_said_of_every_verdict(workshop: Sandbox, tmp_path: Path) -> None:
    """The same as in force vouches for nothing that nobody published."""
    folder = tmp_path / "contracts"
    includes = f'{ENVELOPE}<xs:include schemaLocation="../types/ApportionType_2_001.xsd"/>'
    tree = publish(tmp_path, {"Zebra_1_000.xsd": xsd(APPORTIONED, includes, "")})

    told = [imported(workshop, tree, folder)["Zebra_1_000.xsd"] for _ in range(2)]

    assert [each.verdict for each in told] == [ImportVerdict.ADDED, ImportVerdict.SAME]
    assert [each.filled for each in told] == [
        ("../totvsmsg.xsd", "../types/ApportionType_2_001.xsd")
    ] * 2


def test_what_the_tree_has_itself_is_not_filled_in(workshop: Sandbox, tmp_path: Path) -> None:
    """Nor said to be."""
    includes = f'{ENVELOPE}<xs:include schemaLocation="../types/ApportionType_2_001.xsd"/>'
    tree = publish(tmp_path, {"Zebra_1_000.xsd": xsd(APPORTIONED, includes, "")})
    types = tree / "general/types"
    types.mkdir()
    (types / "ApportionType_2_001.xsd").write_bytes(schemas.included_xsd("ApportionType_2_001.xsd"))

    (found,) = imported(workshop, tree).values()

    assert (found.verdict, found.filled) == (ImportVerdict.ADDED, ("../totvsmsg.xsd",))


def test_a_content_that_substitutes_nothing_is_remarked(workshop: Sandbox, tmp_path: Path) -> None:
    """It is valid all the same: contents are validated apart from their envelope."""
    tree = publish(tmp_path, {"Zebra_1_000.xsd": xsd(content(CODE, ""))})

    (found,) = imported(workshop, tree).values()

    assert (found.verdict, codes(found)) == (ImportVerdict.ADDED, ["XSD_NO_SUBSTITUTION"])


@pytest.mark.parametrize(("name", "told"), WRONG.items(), ids=WRONG)
def test_what_is_wrong_is_told_and_never_guessed(
    workshop: Sandbox, tmp_path: Path, name: str, told: tuple[str, str]
) -> None:
    """And nothing of it is kept."""
    text, code = told
    tree = publish(tmp_path, {name: text})

    (found,) = imported(workshop, tree, tmp_path / "contracts").values()

    assert (found.verdict, codes(found)) == (ImportVerdict.FAILED, [code])
    assert not (tmp_path / "contracts").exists()


@pytest.mark.parametrize(("name", "told"), HOSTILE.items(), ids=HOSTILE)
def test_what_is_hostile_is_stopped_and_told(
    workshop: Sandbox, tmp_path: Path, name: str, told: tuple[str, set[str]]
) -> None:
    """Nothing is fetched or read outside the tree; whoever comes next is served."""
    text, possible = told
    tree = publish(tmp_path, {name: text, "Zebra_1_000.xsd": xsd(content(CODE))})

    found = imported(workshop, tree)

    assert found[name].verdict is ImportVerdict.FAILED
    assert set(codes(found[name])) <= possible
    assert found["Zebra_1_000.xsd"].verdict is ImportVerdict.ADDED


def test_includes_that_go_round_end(workshop: Sandbox, tmp_path: Path) -> None:
    """Each file is included once."""
    tree = publish(tmp_path, {"Zebra_1_000.xsd": xsd(content(CODE), ENVELOPE + LOOP, "")})
    for one, other in ((1, 2), (2, 1)):
        file = tree / "general" / f"loop_{one}.xsd"
        file.write_text(xsd("", f'<xs:include schemaLocation="loop_{other}.xsd"/>', ""), "utf-8")

    (found,) = imported(workshop, tree).values()

    assert found.verdict is ImportVerdict.ADDED


def test_a_link_out_of_the_tree_is_not_followed(workshop: Sandbox, tmp_path: Path) -> None:
    """Wherever it leads."""
    secret = tmp_path / "secret.xsd"
    secret.write_text(xsd("", "", ""), "utf-8")
    includes = '<xs:include schemaLocation="../inside.xsd"/>'
    tree = publish(tmp_path, {"Zebra_1_000.xsd": xsd(content(CODE), includes, "")})
    (tree / "general" / "inside.xsd").symlink_to(secret)

    (found,) = imported(workshop, tree).values()

    assert codes(found) == ["XSD_INCLUDE_REFUSED"]


def test_a_message_that_is_a_link_out_of_the_tree_is_not_read(
    workshop: Sandbox, tmp_path: Path
) -> None:
    """Nor a folder of messages that is one; a link within the tree is followed."""
    secret = tmp_path / "elsewhere"
    (secret / "events").mkdir(parents=True)
    (secret / "events" / "Secret_1_000.xsd").write_text(xsd(content(CODE)), "utf-8")
    tree = publish(tmp_path, {"Zebra_1_000.xsd": xsd(content(CODE))})
    events = tree / "general/events"
    (events / "Linked_1_000.xsd").symlink_to(secret / "events" / "Secret_1_000.xsd")
    (events / "Again_1_000.xsd").symlink_to(events / "Zebra_1_000.xsd")
    (tree / "events").symlink_to(secret / "events")

    found = imported(workshop, tree)

    assert {name: (each.verdict.value, codes(each)) for name, each in found.items()} == {
        "Zebra_1_000.xsd": ("added", []),
        "Again_1_000.xsd": ("added", []),
        "Linked_1_000.xsd": ("failed", ["XSD_UNREADABLE"]),
        "Secret_1_000.xsd": ("failed", ["XSD_UNREADABLE"]),
    }
    assert "link" in found["Linked_1_000.xsd"].faults[0].reason("en")


def test_a_pipe_is_not_waited_for(workshop: Sandbox, tmp_path: Path) -> None:
    """Nobody might ever write to it."""
    tree = publish(tmp_path, {"Zebra_1_000.xsd": xsd(content(CODE))})
    os.mkfifo(tree / "general/events/Pipe_1_000.xsd")

    found = imported(workshop, tree)

    assert codes(found["Pipe_1_000.xsd"]) == ["XSD_UNREADABLE"]
    assert found["Zebra_1_000.xsd"].verdict is ImportVerdict.ADDED


def test_an_undefined_namespace_is_no_difference(workshop: Sandbox, tmp_path: Path) -> None:
    """A second import of the same tree says that it is the same."""
    odd = xsd(content(CODE)).replace("<xs:schema ", '<xs:schema xmlns:xsd="undefined" ')
    tree, folder = publish(tmp_path, {"Zebra_1_000.xsd": odd}), tmp_path / "contracts"

    verdicts = [imported(workshop, tree, folder)["Zebra_1_000.xsd"].verdict for _ in range(2)]

    assert verdicts == [ImportVerdict.ADDED, ImportVerdict.SAME]


def test_a_second_import_of_a_tree_says_the_same(workshop: Sandbox, tmp_path: Path) -> None:
    """Of every file that was taken, whatever is odd about it."""
    tree, folder = large_tree(tmp_path, 60), tmp_path / "contracts"
    first = imported(workshop, tree, folder)

    again = imported(workshop, tree, folder)

    taken = {name for name, each in first.items() if each.verdict is ImportVerdict.ADDED}
    assert {name for name, each in again.items() if each.verdict is ImportVerdict.SAME} == taken


PATTERN = element("A", '<xs:pattern value="(a+)+"/>')
BROKEN = {
    "cut": (xsd(content(CODE))[:-9], "Zebra_1_000.xsd"),
    "a type that nobody declares": (
        xsd(content('<xs:element name="A" type="Zed"/>', ""), "", ""),
        "Zed",
    ),
    "no XSD": ("<html/>", "BusinessContent"),
    "no content": (xsd("", "", ""), "BusinessContent"),
    "a pattern without end": (xsd(content(PATTERN, ""), "", ""), "(a+)+"),
}


@pytest.mark.parametrize(("text", "problem"), BROKEN.values(), ids=BROKEN)
async def test_a_broken_contract_is_told_by_its_file_and_stops_no_other(
    tmp_path: Path, text: str, problem: str
) -> None:
    """At start; and to whoever sends a message by it, as a fault of the installation."""
    (tmp_path / "Zebra_1_000.xsd").write_text(text, "utf-8")
    (tmp_path / "Yak_1_000.xsd").write_text(xsd(content(CODE, ""), "", ""), "utf-8")
    registry = Registry(tmp_path)

    (fault,) = registry.broken()

    assert (fault.code, fault.owner) == ("CONTRACT_BROKEN", Owner.ADMIN)
    assert "Zebra_1_000.xsd" in fault.reason("pt")
    assert problem in fault.reason("pt")
    zebra = registry.find("Zebra", "1.000")
    assert zebra is not None
    with pytest.raises(BusFault) as refused:
        await registry.conforms(zebra, read(message()))
    assert refused.value.fault == fault


@pytest.mark.skipif(sys.platform == "darwin", reason="a Mac knows no limit of address space")
def test_a_process_without_memory_is_replaced(tmp_path: Path) -> None:
    """The limit is told."""
    long = f"<xs:annotation><xs:documentation>{'x' * 4_000_000}</xs:documentation></xs:annotation>"
    tree = publish(tmp_path, {"Big_1_000.xsd": xsd(long + content(CODE))})
    file = tree.parent / EVENTS / "Big_1_000.xsd"

    with (
        Sandbox(seconds=60.0, memory=16 * 1024**2) as small,
        pytest.raises(SenderFault) as refused,
    ):
        small.examine(file, tree)

    assert refused.value.fault.code == "XSD_TOO_COSTLY"
    assert refused.value.fault.details["limit"] == "16 MB"


def test_the_whole_tree_of_an_installation_is_imported(workshop: Sandbox, tmp_path: Path) -> None:
    """All that are right, in spite of those that are wrong or hostile."""
    bad = len(WRONG | HOSTILE)
    tree = large_tree(tmp_path, 524)
    folder = tmp_path / "contracts"

    found = imported(workshop, tree, folder)

    assert Counter(each.verdict for each in found.values()) == {
        ImportVerdict.ADDED: 524 - bad,
        ImportVerdict.FAILED: bad,
    }
    assert len(Registry(folder).known()) == len(Registry().known()) + 524 - bad
    assert not [file for file in folder.iterdir() if file.suffix != ".xsd"]


def test_the_folder_of_events_may_be_given_itself(workshop: Sandbox, tmp_path: Path) -> None:
    """What is beside it is still its tree."""
    tree = publish(tmp_path, {"Zebra_1_000.xsd": ordinary(1)})

    (found,) = imported(workshop, tree / "general" / "events").values()

    assert found.verdict is ImportVerdict.ADDED


def test_a_folder_without_contracts_is_a_mistake(tmp_path: Path) -> None:
    """Rather than an import of nothing."""
    with pytest.raises(BusFault):
        published_files(tmp_path)
