"""Our contracts accept what the published ones accept, and refuse what they refuse.

Two halves: the fields of each XSD are those of its published definition, but for the departures of
docs/contracts.md; and each kind of field, with each of its facets, takes just what XML Schema says.
"""

import csv
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

import schemas
from bus.contracts.fields import fields_of
from bus.contracts.xsd import contract_xsd, whole
from bus.core.contract_diff import Field
from tests.codec.samples import CODEC, business, message
from tests.contracts.published import (
    PAGE,
    Departure,
    departures,
    digest,
    lines_of_ours,
    lines_of_table,
)
from tests.contracts.test_contracts_registers import (
    GOLDEN,
    REGISTRY,
    accepts,
    example,
    path_of,
    told,
    with_value,
)

NAMES = schemas.contract_names()
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XS = "{http://www.w3.org/2001/XMLSchema}"
DEPARTURES = departures()


def digests(file: str, of: str) -> dict[str, tuple[int, str]]:
    """The number of fields and the digest of each published definition."""
    with (GOLDEN / file).open(encoding="utf-8", newline="") as table:
        return {row[of]: (int(row["fields"]), row["sha256"]) for row in csv.DictReader(table)}


PUBLISHED = digests("published.csv", "contract")
TYPES = digests("types.csv", "type")

each_contract = pytest.mark.parametrize("name", NAMES)

# Of each type: what is one, and what only looks like one. The facets of a field may refuse more.
NUMBERS = ("1", " 1 ", "\t1\n", "+1", "01")
NO_NUMBERS = (
    "",
    " ",
    "x",
    "1,5",
    "1.000,5",
    "1 0",
    "\u00a01",
    "1\u00a0",
    "１",
    "١",
    "1\u200b",
    "−1",
)
DATES = ("2026-01-31", " 2026-01-31\n", "2024-02-29", "2026-01-31Z", "2026-01-31-03:00")
NO_DATES = (
    "", "31/01/2026", "20260131", "2026-1-31", "2026-02-30", "2026-01-31T00:00:00",
    "\u00a02026-01-31", "2026-01-31\u00a0", "２０２６-01-31", "2026‑01‑31", "26-01-31",
)  # fmt: skip
SPELLINGS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "decimal": ((*NUMBERS, "1.5", "-1.5", "1.", ".5", "1.50"), (*NO_NUMBERS, "1e3", "INF", "NaN")),
    "double": ((*NUMBERS, "1.5", "1e3", "-1E-3", "INF", "NaN"), (*NO_NUMBERS, "inf", "nan", "1e")),
    "integer": ((*NUMBERS, "-1"), (*NO_NUMBERS, "1.0", "1e3")),
    "int": ((*NUMBERS, "2147483647", "-2147483648"), (*NO_NUMBERS, "2147483648", "-2147483649")),
    "nonNegativeInteger": ((*NUMBERS, "0", "-0"), (*NO_NUMBERS, "-1", "1.0")),
    "boolean": (
        ("true", "false", "1", "0", " true "),
        ("", "True", "TRUE", "sim", "S", "2", "\u00a0true", "１"),
    ),
    "date": (DATES, NO_DATES),
    "dateTime": (
        ("2026-01-31T10:00:00", "2026-01-31T10:00:00.1234567", "2026-01-31T10:00:00Z",
         "2026-01-31T24:00:00", "\n2026-01-31T10:00:00-03:00 "),
        ("", "2026-01-31", "2026-01-31 10:00:00", "2026-01-31T10:00", "2026-01-31T25:00:00",
         "31/01/2026 10:00:00", "\u00a02026-01-31T10:00:00", "2026-01-31T１0:00:00"),
    ),
    "time": (
        ("10:00:00", " 10:00:00 ", "10:00:00.5", "10:00:00Z"),
        ("", "10:00", "10h00", "25:00:00", "\u00a010:00:00", "１0:00:00"),
    ),
}  # fmt: skip


@lru_cache
def fields(name: str) -> dict[str, Field]:
    """The fields of a contract of ours."""
    return fields_of(contract_xsd(name))


def of(name: str) -> list[Departure]:
    """The departures of a contract."""
    return [one for one in DEPARTURES if one.contract == name]


def leaves(name: str) -> Iterator[Field]:
    """The fields that hold a text, attributes too, of those in the full examples of a contract."""
    for file in ("full.xml", "answer.xml"):
        for element in example(name, file).iter():
            places = [] if len(element) else [path_of(element)]
            places += [f"{path_of(element)}/@{attribute}" for attribute in element.keys()]  # noqa: SIM118 - not a dictionary
            yield from (fields(name)[place] for place in places if place in fields(name))


def takes(name: str, field: Field, value: str) -> bool:
    """Whether the contract takes a value in a field."""
    return accepts(name, with_value(name, field.path, value))


def is_free(field: Field) -> bool:
    """Whether its type alone says what it takes."""
    return not (field.limits or field.values or field.patterns)


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_fields_are_those_published(name: str) -> None:
    """Names, order, occurrences, types and facets; all but the departures of the page."""
    assert digest(lines_of_ours(fields(name), of(name))) == PUBLISHED[name]


@pytest.mark.parametrize("name", TYPES)
def test_the_shared_types_are_those_of_their_tables(name: str) -> None:
    """Each as it is filled in where an installation publishes no file of its name."""
    xsd = whole(schemas.included_xsd(f"{name}.xsd"))
    type_ = next(each.get("name", "") for each in xsd if each.get("name"))
    etree.SubElement(xsd, f"{XS}element", name="BusinessContent", type=type_)
    found = [
        replace(line, path=line.path.replace("BusinessContent", type_, 1))
        for line in lines_of_ours(fields_of(xsd), ())
    ]

    assert digest(found) == TYPES[name]


def test_a_table_of_the_json_form_is_read_as_the_same_fields_in_xml() -> None:
    """Its contents and the items of its lists have their elements, and fields come in any order."""
    table = """path,type,min,max,facets,group
BusinessContent/Day,string,0,1,format=date,json
BusinessContent/ListOfLine,array,0,*,,json
BusinessContent/ListOfLine/Code,string,1,1,maxLength=09,json
BusinessContent/ListOfLine/Quantity,number,0,1,,json
ReturnContent/ListOfInternalId,array,0,*,,json
"""

    assert [str(line) for line in lines_of_table(csv.DictReader(table.splitlines()))] == [
        "BusinessContent|1|1||False",
        "BusinessContent/Day|0|1|date|True",
        "BusinessContent/ListOfLine|0|1||True",
        "BusinessContent/ListOfLine/Line|0|-1||False",
        "BusinessContent/ListOfLine/Line/Code|1|1|string|maxLength=9|True",
        "BusinessContent/ListOfLine/Line/Quantity|0|1|decimal|True",
        "ReturnContent|1|1||False",
        "ReturnContent/ListOfInternalId|0|1||False",
        "ReturnContent/ListOfInternalId/InternalId|0|-1||False",
    ]


@pytest.mark.parametrize("departure", DEPARTURES, ids=lambda one: f"{one.contract} {one.path}")
def test_every_departure_is_one(departure: Departure) -> None:
    """Without its row the contract is no longer as published: no row is idle."""
    others = [one for one in of(departure.contract) if one != departure]

    assert departure.why
    assert (
        digest(lines_of_ours(fields(departure.contract), others)) != (PUBLISHED[departure.contract])
    )


def test_what_was_never_published_is_named() -> None:
    """Every contract is compared, or the page says that there is nothing to compare it with."""
    page = PAGE.read_text("utf-8")

    assert {name for name in NAMES if name not in PUBLISHED} == {
        "InternalIdLoad_1_000",
        "TraceabilityRequest_2_000",
    }
    assert all(f"`{name}`" in page for name in NAMES if name not in PUBLISHED)


@each_contract
def test_every_type_has_its_spellings(name: str) -> None:
    """Blanks around a value are none of it; what only looks like a digit or a blank is refused."""
    wrong = [
        (field.path, value)
        for field in set(leaves(name))
        if is_free(field) and field.type in SPELLINGS
        for right, values in zip((True, False), SPELLINGS[field.type], strict=True)
        for value in values
        if takes(name, field, value) != right
    ]

    assert wrong == []


@each_contract
def test_what_looks_like_a_number_or_date_is_refused_whatever_else_limits_it(name: str) -> None:
    """A facet never lets pass what the type refuses."""
    wrong = [
        (field.path, value)
        for field in set(leaves(name))
        if not is_free(field) and field.type in SPELLINGS
        for value in SPELLINGS[field.type][1]
        if takes(name, field, value)
    ]

    assert wrong == []


@each_contract
def test_every_facet_holds_at_its_edge(name: str) -> None:
    """The last value that it allows is taken, the first that it does not is refused."""
    wrong = [
        (field.path, value, right)
        for field in set(leaves(name))
        for value, right in at_the_edge(field)
        if takes(name, field, value) != right
    ]

    assert wrong == []


def at_the_edge(field: Field) -> Iterator[tuple[str, bool]]:
    """Values beside the edges of the facets of a field, and whether they are allowed."""
    limits = dict(field.limits)
    if field.values:
        yield from ((value, True) for value in field.values)
        yield from ((f"{value}\u00a0", False) for value in field.values)
        return
    if field.patterns:
        return  # tests/golden/contracts has values for each
    yield from lengths_at_the_edge(limits)
    yield from digits_at_the_edge(limits, field.type)
    for facet, step in (("minInclusive", -1), ("maxInclusive", 1)):
        if facet in limits and "." not in limits[facet]:
            edge = int(limits[facet])
            yield from ((str(edge), True), (str(edge + step), False))


def lengths_at_the_edge(limits: dict[str, str]) -> Iterator[tuple[str, bool]]:
    """Characters are counted: not bytes, nor what a blank or an accent looks like."""
    least, most = int(limits.get("minLength", 0)), int(limits.get("maxLength", 0))
    if most:
        yield from ((sign * most, True) for sign in ("x", "ç", "\U0001f600"))
        yield from ((sign * (most + 1), False) for sign in ("x", "ç", "\u00a0"))
    if least:
        yield from (("x" * least, True), ("x" * (least - 1), False))


def digits_at_the_edge(limits: dict[str, str], type_: str) -> Iterator[tuple[str, bool]]:
    """Zeros at either end are no digits."""
    digits = int(limits.get("totalDigits", 0))
    if not digits:
        return
    decimals = int(limits.get("fractionDigits", digits if type_ == "decimal" else 0))
    yield "9" * (digits + 1), False
    yield f"000{'9' * (digits - decimals)}0"[: 3 + max(1, digits - decimals)], True
    if type_ == "decimal":
        yield f"{'9' * (digits - decimals)}.{'9' * decimals}", True
        yield f"0.{'1' * (decimals + 1)}", False
        yield f"1.{'0' * (decimals + 2)}", decimals < digits
    else:
        yield "9" * digits, True


@each_contract
@pytest.mark.parametrize(
    "dressed",
    ["<![CDATA[{}]]>", "<!-- a -->{}<!-- b -->", "<?a?>{}", "&#32;{}&#10;"],
)
def test_how_a_text_is_written_decides_nothing(name: str, dressed: str) -> None:
    """CDATA, comments, instructions, and blanks around what is no text, are all the same."""
    contract = REGISTRY.find(*told(name))
    assert contract is not None
    blanks = "&#32;" in dressed
    body = etree.tostring(example(name, "full.xml"), encoding="unicode")
    content = etree.fromstring(body)
    for element in content.iter():
        known = fields(name).get(path_of(element))
        if element.text and not len(element) and not (blanks and (known is None or is_text(known))):
            element.text = f"\ue000{element.text}\ue001"
    before, after = dressed.split("{}")
    written = etree.tostring(content, encoding="unicode")
    written = written.replace("\ue000", before).replace("\ue001", after)
    document = CODEC.parse(message(business(written)))

    assert REGISTRY.check(contract, document) == ()


@each_contract
def test_a_value_may_name_its_own_type(name: str) -> None:
    """By xsi:type, as .NET writes it: that of the contract, and none that is no kind of it."""
    contract = REGISTRY.find(*told(name))
    assert contract is not None
    places = {
        field
        for field in leaves(name)
        if is_free(field) and field.type in SPELLINGS and field.path.startswith("BusinessContent/")
    }
    wrong = [
        (field.path, type_)
        for field in places
        if "@" not in field.path
        for type_, right in ((field.type, True), ("anyURI", False))
        for document in [CODEC.parse(typed(name, field, type_))]
        if {
            REGISTRY.check(contract, document) == (),
            REGISTRY.rules(contract).conform(document),
        }
        != {right}
    ]

    assert wrong == []


def typed(name: str, field: Field, type_: str) -> bytes:
    """A message with a value that names its type."""
    content = with_value(name, field.path, SPELLINGS[field.type][0][0])
    element = content.find(field.path.partition("/")[2])
    assert element is not None
    element.set(f"{{{XSI}}}type", f"x:{type_}")
    written = etree.tostring(content, encoding="unicode")
    declared = f'<BusinessContent xmlns:x="{XS[1:-1]}"'
    return message(business(written.replace("<BusinessContent", declared, 1)))


def is_text(field: Field) -> bool:
    """Whether blanks around its value are a part of it."""
    return field.type not in SPELLINGS


NUMBER = st.from_regex(r"[+-]?([0-9]{1,15}(\.[0-9]{0,6})?|\.[0-9]{1,6})", fullmatch=True)
STRANGE = st.characters(categories=("Nd", "Zs", "Cf"), exclude_characters="0123456789 ")


@given(NUMBER, STRANGE, st.integers(0, 30))
def test_no_strange_digit_or_blank_is_ever_taken_for_a_number(
    number: str, strange: str, at: int
) -> None:
    """Wherever it stands; without it the same text is one."""
    name, path = "MaintenanceOrder_1_002", "BusinessContent/FirstCounter"
    assert fields(name)[path].type == "int"
    whole = number.partition(".")[0] or "0"
    if not whole.strip("+-"):
        whole = "0"
    field = fields(name)[path]

    assert takes(name, field, whole) == (-(2**31) <= int(whole) < 2**31)
    assert not takes(name, field, whole[:at] + strange + whole[at:])
