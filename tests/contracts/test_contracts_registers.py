"""The contracts of registers and of the query of situations: schemas/examples/<contract>/.

`full.xml` has every element, twice what may be repeated; `minimal.xml` what a reader needs to act;
`answer.xml` is a full ReturnContent. tests/golden/contracts/<contract>/rules.csv says of a path that it is required, that anything
may stand in it, or that a value is accepted or refused there (`x*40` is forty times x). The
examples are invented, and were made from the field tables, not from the XSDs.
"""

import csv
from collections.abc import Iterator
from copy import deepcopy
from functools import lru_cache
from pathlib import Path

import pytest
from lxml import etree
from lxml.etree import _Element

import schemas
from bus.contracts.registry import Registry
from bus.contracts.xsd import compiled, contract_xsd
from bus.core.contract import IdRole, Lifecycle, MessageShape
from tests.codec.samples import business, message, read

GOLDEN = Path(__file__).parents[1] / "golden" / "contracts"
NAMES = (
    "CustomerVendor_2_002",
    "Item_4_005",
    "CostCenter_2_000",
    "Warehouse_1_000",
    "PaymentCondition_3_000",
    "Assets_1_001",
    "EmployeePosition_1_000",
    "Role_1_000",
    "ShiftWork_1_000",
    "Employee_2_003",
    "AssetsValuation_1_000",
    "GetEmployeeSituation_1_000",
    "Family_2_002",
    "Seller_3_001",
    "ItemStructure_1_002",
    "StockGroup_1_000",
    "ItemType_1_000",
    "ItemGrid_1_000",
)
KEPT_ELSEWHERE = {
    "Family_2_002": "Omie",
    "Seller_3_001": "Omie",
    "ItemType_1_000": "Omie",
    "StockGroup_1_000": "Protheus",
    "ItemGrid_1_000": "Protheus",
}
REGISTRY = Registry()
QUERY = "GetEmployeeSituation_1_000"

each_contract = pytest.mark.parametrize("name", NAMES)


@lru_cache
def schema_of(name: str) -> etree.XMLSchema:
    """The XSD of a contract, compiled."""
    return compiled(contract_xsd(name))


def accepts(name: str, content: _Element) -> bool:
    """Whether a content conforms to a contract."""
    return bool(schema_of(name).validate(content))


@lru_cache
def example(name: str, file: str) -> _Element:
    """An example of a contract; to be copied, not changed."""
    parser = etree.XMLParser(remove_blank_text=True, remove_comments=True)
    return etree.fromstring(schemas.contract_example(name, file.removesuffix(".xml")), parser)


def examples(name: str) -> tuple[_Element, _Element]:
    """A full message and a full answer."""
    return example(name, "full.xml"), example(name, "answer.xml")


@lru_cache
def rules(name: str) -> tuple[dict[str, str], ...]:
    """What the field table says of each path."""
    with (GOLDEN / name / "rules.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def paths_with(name: str, rule: str) -> set[str]:
    """The paths that a rule without a value holds for."""
    return {row["path"] for row in rules(name) if row["rule"] == rule}


def path_of(element: _Element) -> str:
    """The path of an element, with its root."""
    ancestors = [str(each.tag) for each in element.iterancestors()]
    return "/".join([*reversed(ancestors), str(element.tag)])


def written(value: str) -> str:
    """A value of rules.csv, in full."""
    sign, times, count = value.partition("*")
    return sign * int(count) if times and count.isdigit() else value


def copies(root: _Element) -> Iterator[_Element]:
    """The counterpart of each element of an example in a copy of its own."""
    for position, _ in enumerate(root.iter()):
        yield next(each for at, each in enumerate(deepcopy(root).iter()) if at == position)


def top(element: _Element) -> _Element:
    """The content that an element is of."""
    return next(reversed([element, *element.iterancestors()]))


@each_contract
def test_full_and_minimal_examples_conform(name: str) -> None:
    """To libxml2, and to the registry inside a message."""
    contract = REGISTRY.find(*told(name))
    assert contract is not None

    for file in ("full.xml", "minimal.xml", "answer.xml"):
        assert accepts(name, example(name, file)), (file, schema_of(name).error_log)
    for file in ("full.xml", "minimal.xml"):
        body = business(etree.tostring(example(name, file), encoding="unicode"))
        assert REGISTRY.check(contract, read(message(body))) == ()


def told(name: str) -> tuple[str, str]:
    """The transaction and version of a contract's files."""
    transaction, major, minor = name.rsplit("_", 2)
    return transaction, f"{major}.{minor}"


@each_contract
def test_values_are_accepted_to_the_edge_and_no_further(name: str) -> None:
    """Lengths, digits, bounds, enumerations, types, and what may be empty."""
    wrong = []
    for row in rules(name):
        if row["rule"] in {"accepted", "refused"}:
            content = with_value(name, row["path"], written(row["value"]))
            if accepts(name, content) != (row["rule"] == "accepted"):
                wrong.append(row)

    assert wrong == []


def with_value(name: str, path: str, value: str) -> _Element:
    """An example with a value at the first element of a path, or in its attribute."""
    message_content, answer = examples(name)
    root, _, below = path.partition("/")
    content = deepcopy(message_content if root == message_content.tag else answer)
    place, _, attribute = below.partition("/@")
    element = content.find(place)
    assert element is not None, path
    if attribute:
        element.set(attribute, value)
    else:
        element.text = value
    return content


@each_contract
def test_only_what_is_required_must_be_there(name: str) -> None:
    """All else may be left out, wherever it stands."""
    required = paths_with(name, "required")
    wrong = set()
    for full in examples(name):
        for element in copies(full):
            content, path, parent = top(element), path_of(element), element.getparent()
            if parent is None:
                continue
            for twin in parent.findall(str(element.tag)):
                parent.remove(twin)
            if accepts(name, content) == (path in required):
                wrong.add(path)

    assert wrong == set()


@each_contract
def test_only_required_attributes_must_be_there(name: str) -> None:
    """All else may be left out."""
    required = paths_with(name, "required")
    wrong = set()
    for full in examples(name):
        for element in copies(full):
            for attribute, value in list(element.items()):
                del element.attrib[attribute]
                path = f"{path_of(element)}/@{attribute}"
                if accepts(name, top(element)) == (path in required):
                    wrong.add(path)
                element.set(attribute, value)

    assert wrong == set()


@each_contract
def test_order_matters(name: str) -> None:
    """Two neighbours that change places are refused, but where the contract says any order."""
    any_order = paths_with(name, "any order")
    wrong = []
    for full in examples(name):
        for element in copies(full):
            neighbour, parent = element.getnext(), element.getparent()
            if neighbour is None or parent is None or neighbour.tag == element.tag:
                continue
            content, path, free = top(element), path_of(element), path_of(parent) in any_order
            neighbour.addnext(element)
            if accepts(name, content) != free:
                wrong.append(path)

    assert wrong == []


@each_contract
def test_one_too_many_is_refused(name: str) -> None:
    """What the full example has once may be there once; what it has twice may be there often."""
    wrong = []
    for full in examples(name):
        for element in copies(full):
            parent = element.getparent()
            if parent is None:
                continue
            often = len(parent.findall(str(element.tag))) > 1
            element.addnext(deepcopy(element))
            if accepts(name, top(element)) != often:
                wrong.append(path_of(element))

    assert wrong == []


@each_contract
def test_what_the_contract_does_not_know_is_refused(name: str) -> None:
    """A new child or attribute anywhere, and text among children, but where anything goes."""
    anything = paths_with(name, "anything")
    wrong = set()
    for full in examples(name):
        for element in copies(full):
            content, path = top(element), path_of(element)
            element.set("unknown", "1")
            if accepts(name, content) != (path in anything):
                wrong.add(f"{path}/@unknown")
            del element.attrib["unknown"]
            if len(element):
                element.text = "text"
                if accepts(name, content):
                    wrong.add(path)
                element.text = None
            etree.SubElement(element, "Unknown")
            if accepts(name, content) != (path in anything):
                wrong.add(f"{path}/Unknown")

    assert wrong == set()


@each_contract
def test_the_registry_says_what_is_refused(name: str) -> None:
    """At the place of the difference, for the sender to mend."""
    contract = REGISTRY.find(*told(name))
    assert contract is not None
    content = deepcopy(example(name, "full.xml"))
    etree.SubElement(content, "Unknown")

    (fault,) = REGISTRY.check(contract, read(message(business(etree.tostring(content).decode()))))

    assert fault.code == "ELEMENT_UNEXPECTED"
    assert fault.path.endswith("/BusinessContent/Unknown")


def test_registers_are_snapshots_that_somebody_keeps() -> None:
    """A maintenance that adds to an asset is a step of Protheus; a question has no document."""
    told_of = {name: REGISTRY.find(*told(name)) for name in NAMES}

    for name, contract in told_of.items():
        assert contract is not None
        seen = (contract.shape, contract.lifecycle, contract.owner, contract.own_id)
        if name == QUERY:
            assert seen == (MessageShape.REQUEST, Lifecycle.QUERY, "RM", ())
        elif name == "AssetsValuation_1_000":
            assert seen == (MessageShape.EVENT, Lifecycle.PROCESS, "Protheus", ("InternalId",))
        elif name == "ItemStructure_1_002":  # the id of its item names it
            assert seen == (MessageShape.EVENT, Lifecycle.REGISTER, "Omie", ())
            assert contract.natural_key == ("ItemInternalId", "ItemCode")
        else:
            keeper = KEPT_ELSEWHERE.get(name, "RM")
            assert seen == (MessageShape.EVENT, Lifecycle.REGISTER, keeper, ("InternalId",))


@pytest.mark.parametrize(
    ("name", "path", "role", "entity"),
    [
        ("CustomerVendor_2_002", "CompanyInternalId", IdRole.REFERENCE, "Company"),
        (
            "CustomerVendor_2_002",
            "BillingInformation/BillingCustomerInternalId",
            IdRole.REFERENCE,
            "CustomerVendor",
        ),
        ("Item_4_005", "BranchInternalId", IdRole.REFERENCE, "Company"),
        ("Item_4_005", "ScrapItemInternalId", IdRole.REFERENCE, "Item"),
        (
            "Item_4_005",
            "ListOfBarCode/BarCode/UnifOfMeasureInternalId",
            IdRole.REFERENCE,
            "UnitOfMeasure",
        ),
        ("Item_4_005", "ListOfBarCode/BarCode/InternalId", IdRole.OWN_PART, "BarCode"),
        ("Item_4_005", "GridInformation/GridInternalId", IdRole.REFERENCE, "ItemGrid"),
        ("Assets_1_001", "VendorInternalId", IdRole.REFERENCE, "CustomerVendor"),
        ("Employee_2_003", "WorkShiftInternalId", IdRole.REFERENCE, "ShiftWork"),
        ("Employee_2_003", "PositionCodeInternalId", IdRole.REFERENCE, "EmployeePosition"),
        ("AssetsValuation_1_000", "AssetInternalId", IdRole.REFERENCE, "Assets"),
        ("ItemStructure_1_002", "ItemInternalId", IdRole.REFERENCE, "Item"),
        (
            "Seller_3_001",
            "SalesChargeInformation/CustomerVendorInternalId",
            IdRole.REFERENCE,
            "CustomerVendor",
        ),
        (QUERY, "RequestEmployeeSituations/InternalId", IdRole.REFERENCE, "Employee"),
    ],
)
def test_an_id_names_what_it_is_of(name: str, path: str, role: IdRole, entity: str) -> None:
    """By its path, however its name is spelt (D3)."""
    contract = REGISTRY.find(*told(name))

    assert contract is not None
    assert (path, role, entity) in {(one.path, one.role, one.entity) for one in contract.ids}


@pytest.mark.parametrize("spelling", ["GetEmployeeSituations", "GETEMPLOYEESITUATIONS"])
def test_an_alias_finds_the_same_contract(spelling: str) -> None:
    """Protheus asks in the plural; the version is exact."""
    contract = REGISTRY.find("GetEmployeeSituation", "1.000")

    assert contract is not None
    assert REGISTRY.find(spelling, "1.000") is contract
    assert REGISTRY.find(spelling, "1.001") is None


@pytest.mark.parametrize("spelling", ["ShiftWork", "Shiftwork", "SHIFTWORK"])
def test_a_shift_is_found_as_it_is_spelt(spelling: str) -> None:
    """The manuals write it in two ways."""
    assert REGISTRY.find(spelling, "1.000") is not None


def test_protheus_asks_in_its_own_order() -> None:
    """The first employee and its key come first, the last employee is empty."""
    asked = etree.fromstring(
        "<BusinessContent><RequestEmployeeSituations>"
        "<StartEmployeeCode>000001</StartEmployeeCode><InternalId>T1|D MG 01|000001</InternalId>"
        "<CompanyId>T1</CompanyId><BranchId>D MG 01</BranchId>"
        "<CompanyInternalId>T1|D MG 01</CompanyInternalId>"
        "<StartDate>2026-01-31</StartDate><FinishDate>2026-01-31</FinishDate>"
        "<FinishEmployeeCode/></RequestEmployeeSituations></BusinessContent>"
    )

    assert accepts(QUERY, asked)


LONG_NAMES = """<Address><Address>RUA UM</Address><Number>10</Number><Complement/>
    <City><CityCode>3550308</CityCode><CityInternalId>3550308</CityInternalId>
      <CityDescription>SAO PAULO</CityDescription></City><District>CENTRO</District>
    <State><StateCode>SP</StateCode><StateInternalId>SP</StateInternalId>
      <StateDescription>SAO PAULO</StateDescription></State>
    <Country><Code>105</Code><CountryInternalId>105</CountryInternalId>
      <Description>BRASIL</Description></Country><ZIPCode>01001000</ZIPCode><POBox/></Address>"""
SHORT_NAMES = """<Address><Address>RUA UM</Address><City><Description>SAO PAULO</Description>
    <Code>3550308</Code></City><State><Code>SP</Code></State><ZIPCode>01001000</ZIPCode></Address>"""
WITHOUT_CITY = "<Address><Address>RUA UM</Address><ZIPCode>01001000</ZIPCode></Address>"
PLACES = [
    (name, path_of(element))
    for name in ("CustomerVendor_2_002", "Order_3_002", "Order_4_010", "Seller_3_001")
    for element in example(name, "full.xml").iter("Address", "ShippingAddress", "DeliveryAddress")
    if len(element)
]


@pytest.mark.parametrize(("name", "path"), sorted(set(PLACES)))
@pytest.mark.parametrize("written", [LONG_NAMES, SHORT_NAMES, WITHOUT_CITY])
def test_an_address_is_taken_as_protheus_and_as_others_write_it(
    name: str, path: str, written: str
) -> None:
    """City, state and country by either set of names, in any order, or not at all."""
    content = deepcopy(example(name, "full.xml"))
    place = content.find(path.partition("/")[2])
    assert place is not None
    place[:] = list(etree.fromstring(written, etree.XMLParser(remove_blank_text=True)))

    assert accepts(name, content), schema_of(name).error_log


def test_every_address_is_tried() -> None:
    """Each place that has the type."""
    assert len(set(PLACES)) == 7


@pytest.mark.parametrize(
    "inside",
    [
        "<ContactInformationName>CONTATO</ContactInformationName>",
        "<Name>CONTATO</Name><Code>1</Code>",
        "<ContactInformationTitle>Sra.</ContactInformationTitle><Name>CONTATO</Name>",
    ],
)
def test_a_contact_is_named_in_either_way(inside: str) -> None:
    """In any order; but not twice in the same."""
    contact = (
        "<BusinessContent><ListOfContacts><Contact>{}</Contact></ListOfContacts></BusinessContent>"
    )

    assert accepts("CustomerVendor_2_002", etree.fromstring(contact.format(inside)))
    assert not accepts("CustomerVendor_2_002", etree.fromstring(contact.format(inside * 2)))


@pytest.mark.parametrize("employee", ["EmployeeSituations", "Employee"])
@pytest.mark.parametrize("situations", ["ListOfSituation", "ListOfSituations"])
def test_situations_are_answered_in_both_spellings(employee: str, situations: str) -> None:
    """Those of the standard and those that Protheus reads."""
    assert accepts(QUERY, answer_of(one_employee(employee, situations)))


def test_one_answer_keeps_to_one_spelling() -> None:
    """Two names of one list are no more than one list."""
    employees = one_employee("Employee", "ListOfSituation")
    others = one_employee("EmployeeSituations", "ListOfSituation")

    assert accepts(QUERY, answer_of(""))
    assert accepts(QUERY, answer_of(employees * 2))
    assert not accepts(QUERY, answer_of(employees + others))
    assert not accepts(QUERY, answer_of(f"<Employee>{a_list('ListOfSituation') * 2}</Employee>"))


def one_employee(employee: str, situations: str) -> str:
    """An employee at work."""
    return f"<{employee}><InternalId>1|7</InternalId>{a_list(situations)}</{employee}>"


def a_list(situations: str) -> str:
    """Days at work."""
    inside = (
        "<Situation><SituationDay>1</SituationDay><SituationInformation>"
        "<SituationMeaning>1</SituationMeaning></SituationInformation></Situation>"
    )
    return f"<{situations}>{inside * 2}</{situations}>"


def answer_of(employees: str) -> _Element:
    """An answer to the query."""
    return etree.fromstring(
        "<ReturnContent><ReturnEmployeeSituations><ListOfEmployeeSituations>"
        f"{employees}</ListOfEmployeeSituations></ReturnEmployeeSituations></ReturnContent>"
    )
