"""Mapping files: what they say, what is wrong with them and where, and what one value becomes."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.tables import ADAPTER
from adapters.tables.cells import UnfitValue, read_cell, written_cell
from adapters.tables.mapping import CellRule, Sign, ValueForm
from adapters.tables.mapping_file import mapping_in
from adapters.tables.mapping_keys import WrongMapping
from bus.contracts.registry import Registry
from bus.core.element import Element
from bus.core.route import Application
from tests.support.interface_tables import ALL, UNITS

NUMBER, DATE, MOMENT = ValueForm.NUMBER, ValueForm.DATE, ValueForm.DATETIME
MISTAKES = (
    ("tabel: x\n    key: number", "key: number", 5, "there is no tabel here. Did you mean “table”"),
    ("    key: number\n", "", 4, "key is missing"),
    ("taken: N", "taken: S", 9, "must not have a value of new ones"),
    ("message: UnitOfMeasure", "message: UnitOfMeasure 2.000", 16, "with its version"),
    ("error_length: wide", "error_length: 40", 14, "whole number"),
    ("      error_length: 40\n", "", 13, "error_length"),
    ("{column: name, constant: x}", '{column: name, default: "-"}', 20, "one of them alone"),
    ("{column: name, as: word}", '{column: name, default: "-"}', 20, "text, number, date"),
    ("      Code: code\n      Code: code\n", "      Code: code\n", 19, "there twice"),
    ("length: 5}", "length: 20}", 26, "must be 10 at least"),
    ("number: maybe, length: 20}", "length: 20}", 26, "yes, true, no, false"),
    ("where: 001", 'where: {site: "001"}', 6, "names with values"),
)


@pytest.mark.parametrize(
    ("wrong", "right", "line", "said"), MISTAKES, ids=lambda one: str(one)[:30]
)
def test_a_mistake_is_told_with_its_line(wrong: str, right: str, line: int, said: str) -> None:
    """And with what would be right."""
    text = UNITS + TARGET
    if right:
        assert right in text
        text = text.replace(right, wrong, 1)
    else:
        assert wrong in text
        text = text.replace(wrong, "", 1)

    with pytest.raises(WrongMapping) as refusal:
        mapping_in(text)

    assert said in refusal.value.problem.en
    assert refusal.value.line == line


TARGET = """
targets:
  units:
    message: UnitOfMeasure
    table: in_units
    key: {column: bus_key, length: 20}
    columns: {code: Code}
"""


@pytest.mark.parametrize("text", ["", "[", "- a", "sources: {}", "sources: {units: x}", "a: \x00"])
def test_what_is_no_mapping_is_told(text: str) -> None:
    """Whatever it is."""
    with pytest.raises(WrongMapping):
        mapping_in(text)


def test_one_transaction_has_its_rows_in_one_place() -> None:
    """Else a message would be written twice."""
    twice = TARGET + TARGET.replace("\ntargets:", "").replace("  units:", "  others:")

    with pytest.raises(WrongMapping) as refusal:
        mapping_in(twice)

    assert "has its rows in units already" in refusal.value.problem.en


READ = (
    (CellRule("c"), "001  ", "001"),
    (CellRule("c"), None, None),
    (CellRule("c"), "   ", None),
    (CellRule("c", default="-"), None, "-"),
    (CellRule(constant="001"), "x", "001"),
    (CellRule(constant=""), "x", ""),
    (CellRule("c"), 7, "7"),
    (CellRule("c"), Decimal("1E+2"), "100"),
    (CellRule("c", form=NUMBER), "1,5", "1.5"),
    (CellRule("c", form=NUMBER, places=3), Decimal(-2), "-2.000"),
    (CellRule("c", form=NUMBER, places=3, sign=Sign.DROP), -2, "2.000"),
    (CellRule("c", form=NUMBER, sign=Sign.TURN), "-2.5", "2.5"),
    (CellRule("c", form=NUMBER, places=1), 0.1, "0.1"),
    (CellRule("c", form=NUMBER), "0,30", "0.30"),
    (CellRule("c", form=DATE), datetime(2026, 1, 31, 10), "2026-01-31"),  # noqa: DTZ001
    (CellRule("c", form=DATE), date(2026, 1, 31), "2026-01-31"),
    (CellRule("c", form=DATE, format="%d/%m/%Y"), "31/01/2026", "2026-01-31"),
    (CellRule("c", form=DATE), "20260131", "2026-01-31"),
    (CellRule("c", form=MOMENT), "20260131T10:00:00", "2026-01-31T10:00:00"),
    (CellRule("c", codes={"I": "INV"}), "I ", "INV"),
    (CellRule("c", codes={"I": "INV"}, default="X"), "T", "X"),
)


@pytest.mark.parametrize(("rule", "value", "text"), READ, ids=lambda one: str(one)[:40])
def test_a_column_becomes_the_text_of_an_element(
    rule: CellRule, value: object, text: str | None
) -> None:
    """Padding goes, zeros stay, and no number goes by way of binary fractions."""
    assert read_cell(rule, {"c": value}) == text


UNREADABLE = (
    (CellRule("c", form=NUMBER), "1.234,5"),
    (CellRule("c", form=NUMBER), "NaN"),
    (CellRule("c", form=NUMBER, places=2), "1.005"),
    (CellRule("c", form=DATE), "31/01/2026"),
    (CellRule("c", form=DATE, format="%d/%m/%Y"), "2026-01-31"),
    (CellRule("c", codes={"I": "INV"}), "T"),
    (CellRule("c"), b"bytes"),
)


@pytest.mark.parametrize(("rule", "value"), UNREADABLE, ids=lambda one: str(one)[:40])
def test_what_no_rule_reads_is_told_and_never_guessed(rule: CellRule, value: object) -> None:
    """Nothing is rounded or left out."""
    with pytest.raises(UnfitValue) as unfit:
        read_cell(rule, {"c": value})

    assert "c" in unfit.value.problem.pt


WRITTEN = (
    (CellRule("C"), "001", "001"),
    (CellRule("C"), "", None),
    (CellRule("C", default="NC"), "", "NC"),
    (CellRule(constant="15"), "x", "15"),
    (CellRule("C", form=NUMBER), "2.50", Decimal("2.50")),
    (CellRule("C", form=NUMBER, places=2, comma=True), "350.2", "350,20"),
    (CellRule("C", form=DATE), "2026-01-31T10:00:00", date(2026, 1, 31)),
    (CellRule("C", form=DATE, format="%d/%m/%Y"), "2026-01-31", "31/01/2026"),
    (CellRule("C", form=MOMENT), "2026-01-31T10:00:00", datetime(2026, 1, 31, 10)),  # noqa: DTZ001
    (CellRule("C", form=MOMENT, format="%H:%M"), "2026-01-31T10:00:00", "10:00"),
    (CellRule("C", codes={"Active": "15"}), "Active", "15"),
)


@pytest.mark.parametrize(("rule", "text", "value"), WRITTEN, ids=lambda one: str(one)[:40])
def test_the_text_of_an_element_becomes_a_column(rule: CellRule, text: str, value: object) -> None:
    """The other way round."""
    content = Element("BusinessContent", children=(Element("C", text),))

    found = written_cell(rule, content)

    assert (found, type(found)) == (value, type(value))


# -- between mappings, and with their contracts ----------------------------------------------------


def told(folder: Path, *texts: str, **changes: str) -> list[str]:
    """What is wrong with applications that have these mappings, in English."""
    applications = []
    for number, text in enumerate(texts):
        file = folder / f"{number}.yaml"
        file.write_text(text, "utf-8")
        address = changes.get(f"address{number}", "mariadb://127.0.0.1/wms")
        options = {"mapping_file": str(file)}
        applications.append(
            Application(f"wms{number}", "WMS", "tables", address, read_every=60.0, options=options)
        )
    faults = ADAPTER.mistakes(applications, Registry())
    assert all(one.code == "CONFIGURATION_INVALID" for one in faults)
    return [one.reason("en") for one in faults]


def test_a_mapping_that_fits_its_contracts_has_no_mistakes(tmp_path: Path) -> None:
    """Neither by itself nor beside another."""
    assert told(tmp_path, ALL) == []


def test_the_mapping_of_the_guide_is_right(checkout: Path, tmp_path: Path) -> None:
    """Nothing in it is wrong, and its parts say what the guide says of them."""
    guide = (checkout / "docs" / "tables.md").read_text("utf-8")
    shown = guide.partition("<!-- begin: a mapping -->")[2].partition("<!-- end")[0]
    text = shown.strip().removeprefix("```yaml").removesuffix("```")

    mapping = mapping_in(text)

    assert told(tmp_path, text) == []
    assert mapping.sources[0].state.new == ("N", None)
    assert list(mapping.targets) == ["item"]


CONTRACT_MISTAKES = (
    (
        "      Description: {",
        "      Descripton: {",
        "has no Descripton. Did you mean “Description”?",
    ),
    ('      DocumentType: {column: kind, codes: {I: "INV"}}\n', "", "requires DocumentType, and"),
    ('        BinLocation: {constant: ""}\n', "", "StockTurnoverItem/BinLocation, and nothing"),
    (
        "      Code: code\n      InternalId: code\n",
        "      InternalId: code\n      Code: code\n",
        "Code comes before InternalId",
    ),
    ("UnitOfMeasure 2.000", "UnitOfMeasure 9.000", "there is no contract UnitOfMeasure 9.000"),
    ("UnitOfMeasure 2.000", "WhoIs 1.000", "is a question"),
)


@pytest.mark.parametrize(("right", "wrong", "said"), CONTRACT_MISTAKES, ids=lambda one: one[:25])
def test_what_differs_from_its_contract_is_told(
    tmp_path: Path, right: str, wrong: str, said: str
) -> None:
    """Before any row is read."""
    assert right in ALL

    found = told(tmp_path, ALL.replace(right, wrong, 1))

    assert any(said in one for one in found), found


def test_a_target_names_elements_that_its_transaction_has(tmp_path: Path) -> None:
    """In any of its versions."""
    found = told(tmp_path, TARGET.replace("{code: Code}", "{code: Cod}"))

    assert len(found) == 1
    assert "UnitOfMeasure has no Cod. Did you mean “Code”?" in found[0]


@pytest.mark.rule("W-07")
def test_two_sources_of_the_same_rows_are_refused(tmp_path: Path) -> None:
    """Unless they want other values of one column: then no row can be both's."""
    other = UNITS.replace("  units:", "  others:").replace('{site: "001"}', '{site: "002"}')
    elsewhere = UNITS.replace("where: {site", "where: {kind")
    twice = UNITS.replace("  units:", "  again:").replace("\nsources:", "")
    both = UNITS + other.replace("\nsources:", "")

    assert told(tmp_path, UNITS, other) == []
    assert told(tmp_path, both) == []
    (one,) = told(tmp_path, UNITS, UNITS)
    assert "wms0: sources.units" in one
    assert len(told(tmp_path, UNITS, elsewhere)) == 1
    assert len(told(tmp_path, UNITS + twice)) == 1
    assert told(tmp_path, UNITS, UNITS, address1="mariadb://127.0.0.1/other") == []
    assert len(told(tmp_path, UNITS, UNITS.replace("out_units", "OUT_UNITS"))) == 1


@pytest.mark.rule("W-07")
def test_two_applications_that_write_one_message_into_one_table_are_refused(tmp_path: Path) -> None:
    """It would be there twice; into two databases it may go."""
    other = TARGET.replace("table: in_units", "table: in_others")

    assert told(tmp_path, TARGET, other) == []
    assert told(tmp_path, TARGET, TARGET, address1="mariadb://127.0.0.1/other") == []
    (one,) = told(tmp_path, TARGET, TARGET)
    assert "UnitOfMeasure into in_units, as wms0: targets.units does" in one
