"""The contracts of processes, cancellations and queries: schemas/examples/<contract>/.

The examples are as in test_contracts_registers.py. Three rules of rules.csv are new here: of a path
whose children come in any order, of one that takes text among its children, and of how often an
element may be there at most.
"""

from collections.abc import Iterator
from copy import deepcopy

import pytest
from lxml import etree
from lxml.etree import _Element

from bus.contracts.registry import Registry
from bus.core.contract import Contract, IdElement, IdRole, Lifecycle, MessageShape
from tests.codec.samples import business, message, read
from tests.contracts.test_contracts_registers import (
    accepts,
    example,
    examples,
    path_of,
    paths_with,
    rules,
    schema_of,
    told,
    top,
    with_value,
    written,
)

NAMES = (
    "MaintenanceOrder_1_002",
    "Request_1_010",
    "CancelRequest_1_000",
    "CancelMaintenanceOrder_1_000",
    "StockTurnover_1_006",
    "StockLevel_1_001",
    "StockLevel_1_000",
    "Order_4_010",
    "Order_3_002",
    "InfoOfParcelValues_1_000",
    "WhoIs_1_000",
    "TraceabilityRequest_2_000",
    "InternalIdLoad_1_000",
    "TransferWarehouse_1_003",
    "MovementsInternal_1_002",
    "Inventory_3_000",
)
ORDERS = ("Order_4_010", "Order_3_002")
REGISTRY = Registry()

each_contract = pytest.mark.parametrize("name", NAMES)
each_order = pytest.mark.parametrize("name", ORDERS)


def contract_of(name: str) -> Contract:
    """A contract, as the registry knows it."""
    contract = REGISTRY.find(*told(name))
    assert contract is not None
    return contract


def content_of(inside: str) -> _Element:
    """A BusinessContent."""
    return etree.fromstring(f"<BusinessContent>{inside}</BusinessContent>")


def answer_of(inside: str) -> _Element:
    """A ReturnContent."""
    return etree.fromstring(f"<ReturnContent>{inside}</ReturnContent>")


def below_root(root: _Element) -> Iterator[tuple[_Element, _Element]]:
    """Each element of an example but the root, with its parent, in a copy of its own."""
    for position in range(1, len(list(root.iter()))):
        element = list(deepcopy(root).iter())[position]
        parent = element.getparent()
        assert parent is not None
        yield element, parent


@each_contract
def test_full_and_minimal_examples_conform(name: str) -> None:
    """To libxml2, and to the registry inside a message."""
    for file in ("full.xml", "minimal.xml", "answer.xml"):
        assert accepts(name, example(name, file)), (file, schema_of(name).error_log)
    for file in ("full.xml", "minimal.xml"):
        body = business(etree.tostring(example(name, file), encoding="unicode"))
        assert REGISTRY.check(contract_of(name), read(message(body))) == ()


@each_contract
def test_values_are_accepted_to_the_edge_and_no_further(name: str) -> None:
    """Also dates and numbers in other digits, or with a no-break space, are refused."""
    wrong = [
        row
        for row in rules(name)
        if row["rule"] in {"accepted", "refused"}
        and accepts(name, with_value(name, row["path"], written(row["value"])))
        != (row["rule"] == "accepted")
    ]

    assert wrong == []


@each_contract
def test_only_what_is_required_must_be_there(name: str) -> None:
    """All else may be left out, wherever it stands."""
    required = paths_with(name, "required")
    wrong = set()
    for full in examples(name):
        for element, parent in below_root(full):
            content, path = top(element), path_of(element)
            for twin in parent.findall(str(element.tag)):
                parent.remove(twin)
            if accepts(name, content) == (path in required):
                wrong.add(path)

    assert wrong == set()


@each_order
def test_only_required_attributes_must_be_there(name: str) -> None:
    """The numbers that the government gives are the only elements with attributes."""
    required = paths_with(name, "required")
    wrong = set()
    for element, _ in below_root(example(name, "full.xml")):
        for attribute, value in list(element.items()):
            del element.attrib[attribute]
            path = f"{path_of(element)}/@{attribute}"
            if accepts(name, top(element)) == (path in required):
                wrong.add(path)
            element.set(attribute, value)

    assert wrong == set()


@each_contract
def test_order_matters_where_the_contract_says_so(name: str) -> None:
    """Two neighbours may change places below the paths of any order, and nowhere else."""
    any_order = paths_with(name, "any order")
    wrong = set()
    for full in examples(name):
        for element, parent in below_root(full):
            neighbour, content, path = element.getnext(), top(element), path_of(element)
            if neighbour is None or neighbour.tag == element.tag:
                continue
            free = path_of(parent) in any_order
            neighbour.addnext(element)
            if accepts(name, content) != free:
                wrong.add(path)

    assert wrong == set()


@each_order
def test_an_order_comes_in_any_order(name: str) -> None:
    """Its fields, those of its items and of its parcels (xs:all); what they hold has an order."""
    content = deepcopy(example(name, "full.xml"))
    free = paths_with(name, "any order")
    for element in list(content.iter()):
        if path_of(element) in free:
            element[:] = reversed(element)

    assert accepts(name, content)
    assert "BusinessContent/SalesOrderItens/Item" in free
    assert "BusinessContent/PAYMENTPLAN/TERM" in free


@each_contract
def test_one_too_many_is_refused(name: str) -> None:
    """What the full example has once may be there once; what it has twice may be there often."""
    limits = {row["path"]: int(row["value"]) for row in rules(name) if row["rule"] == "at most"}
    wrong = set()
    for full in examples(name):
        for element, parent in below_root(full):
            path, here = path_of(element), len(parent.findall(str(element.tag)))
            often = limits.get(path, 99 if here > 1 else 1)
            for _ in range(often - here):
                element.addnext(deepcopy(element))
            if not accepts(name, top(element)):
                wrong.add(path)
            element.addnext(deepcopy(element))
            if accepts(name, top(element)) != (often == 99):
                wrong.add(path)

    assert wrong == set()


@each_contract
def test_what_the_contract_does_not_know_is_refused(name: str) -> None:
    """A new child or attribute anywhere, and text among children, but where the rules allow it."""
    anything, text = paths_with(name, "anything"), paths_with(name, "text")
    wrong = set()
    for full in examples(name):
        for position, _ in enumerate(full.iter()):
            element = list(deepcopy(full).iter())[position]
            content, path = top(element), path_of(element)
            element.set("unknown", "1")
            if accepts(name, content) != (path in anything):
                wrong.add(f"{path}/@unknown")
            del element.attrib["unknown"]
            if len(element):
                element[-1].tail = "text"
                if accepts(name, content) != (path in text):
                    wrong.add(path)
                element[-1].tail = None
            etree.SubElement(element, "Unknown")
            if accepts(name, content) != (path in anything):
                wrong.add(f"{path}/Unknown")

    assert wrong == set()


@each_contract
def test_the_registry_says_what_is_refused(name: str) -> None:
    """At the place of the difference, for the sender to mend."""
    content = deepcopy(example(name, "full.xml"))
    etree.SubElement(content, "Unknown")

    body = message(business(etree.tostring(content, encoding="unicode")))
    (fault,) = REGISTRY.check(contract_of(name), read(body))

    assert fault.code == "ELEMENT_UNEXPECTED"
    assert fault.path.endswith("/BusinessContent/Unknown")


@pytest.mark.parametrize(
    ("name", "shape", "lifecycle", "owner"),
    [
        ("MaintenanceOrder_1_002", MessageShape.EVENT, Lifecycle.PROCESS, "Protheus"),
        ("Request_1_010", MessageShape.EVENT, Lifecycle.PROCESS, "Protheus"),
        ("CancelRequest_1_000", MessageShape.REQUEST, Lifecycle.PROCESS, "Protheus"),
        ("CancelMaintenanceOrder_1_000", MessageShape.REQUEST, Lifecycle.PROCESS, "Protheus"),
        ("StockTurnover_1_006", MessageShape.EVENT, Lifecycle.PROCESS, "RM"),
        ("StockLevel_1_000", MessageShape.REQUEST, Lifecycle.QUERY, "RM"),
        ("StockLevel_1_001", MessageShape.REQUEST, Lifecycle.QUERY, "RM"),
        ("Order_3_002", MessageShape.EVENT, Lifecycle.PROCESS, "Protheus"),
        ("Order_4_010", MessageShape.EVENT, Lifecycle.PROCESS, "Protheus"),
        ("InfoOfParcelValues_1_000", MessageShape.REQUEST, Lifecycle.PROCESS, "RM"),
        ("WhoIs_1_000", MessageShape.REQUEST, Lifecycle.QUERY, "TOTVS"),
        ("TraceabilityRequest_2_000", MessageShape.REQUEST, Lifecycle.QUERY, "RM"),
        ("InternalIdLoad_1_000", MessageShape.REQUEST, Lifecycle.PROCESS, "RM"),
        ("TransferWarehouse_1_003", MessageShape.EVENT, Lifecycle.PROCESS, "Protheus"),
        ("MovementsInternal_1_002", MessageShape.EVENT, Lifecycle.PROCESS, "Protheus"),
        ("Inventory_3_000", MessageShape.EVENT, Lifecycle.PROCESS, "Protheus"),
    ],
)
def test_a_contract_says_what_its_messages_mean(
    name: str, shape: MessageShape, lifecycle: Lifecycle, owner: str
) -> None:
    """Steps, questions, and a load of ids; the two without a definition are provisional."""
    contract = contract_of(name)
    provisional = name in {"TraceabilityRequest_2_000", "InternalIdLoad_1_000"}

    assert (contract.shape, contract.lifecycle, contract.owner) == (shape, lifecycle, owner)
    assert contract.provisional == provisional
    assert bool(contract.own_id) == (lifecycle is not Lifecycle.QUERY)


def test_a_cancellation_has_a_target() -> None:
    """In whose lane it goes; its own id is of the cancellation."""
    contract = contract_of("CancelMaintenanceOrder_1_000")

    assert contract.own_id == ("InternalId",)
    assert contract.target == IdElement(
        "MaintenanceOrderInternalId", IdRole.REFERENCE, "MaintenanceOrder"
    )


@pytest.mark.parametrize(
    ("name", "path", "by", "entities"),
    [
        (
            "CancelRequest_1_000",
            "RequestInternalId",
            "Type",
            {"000": "Request", "001": "Order", "002": "StockTurnover"},
        ),
        (
            "InfoOfParcelValues_1_000",
            "DocumentInternalId",
            "DocumentType",
            {"00": "AccountPayableDocument", "01": "AccountReceivableDocument"},
        ),
    ],
)
def test_a_sibling_says_what_an_id_names(
    name: str, path: str, by: str, entities: dict[str, str]
) -> None:
    """Every value that the XSD lists has its entity; of another, or none, nobody knows (D3)."""
    (element,) = (each for each in contract_of(name).ids if each.path == path)
    listed = {row["value"] for row in rules(name) if row["path"].endswith(f"/{by}")}

    assert element.by_path == by
    assert element.entities == tuple(entities.values())
    assert {says: element.entity_when(says) for says in entities} == entities
    assert element.entity_when(f" {next(iter(entities))} ") == next(iter(entities.values()))
    assert {says for says in listed if element.entity_when(says)} >= set(entities)
    assert element.entity_when("") == element.entity_when("999") == ""


REQUEST_ITEM = "ListOfRequestItem/RequestItem"
TURNOVER_ITEM = "ListOfStockTurnoverItem/StockTurnoverItem"


@pytest.mark.parametrize(
    ("name", "path", "role", "entity"),
    [
        ("MaintenanceOrder_1_002", "AccountableUserInternalID", IdRole.REFERENCE, "User"),
        ("MaintenanceOrder_1_002", "AssetInternalId", IdRole.REFERENCE, "Assets"),
        (
            "MaintenanceOrder_1_002",
            "ListOfApportionMaintenanceOrder/ApportionMaintenanceOrder/InternalId",
            IdRole.OWN_PART,
            "MaintenanceOrderApportion",
        ),
        ("Request_1_010", "MainOrderInternalId", IdRole.REFERENCE, "MaintenanceOrder"),
        ("Request_1_010", "RequestNumberUniqueID", IdRole.OPAQUE, ""),
        ("Request_1_010", f"{REQUEST_ITEM}/InternalId", IdRole.OWN_PART, "RequestItem"),
        (
            "StockTurnover_1_006",
            f"{TURNOVER_ITEM}/RequestItemInternalId",
            IdRole.REFERENCE,
            "RequestItem",
        ),
        ("Order_4_010", "CustomerInternalId", IdRole.REFERENCE, "CustomerVendor"),
        ("Order_3_002", "PAYMENTPLAN/TERM/InternalId", IdRole.OWN_PART, "Parcel"),
        ("InfoOfParcelValues_1_000", "ParcelInternalId", IdRole.REFERENCE, "Parcel"),
        ("InfoOfParcelValues_1_000", "OrderInternalId", IdRole.REFERENCE, "Order"),
        ("StockLevel_1_001", "RequestItem/WarehouseInternalId", IdRole.REFERENCE, "Warehouse"),
        ("StockLevel_1_001", "ReturnContent/ReturnItem/ItemInternalId", IdRole.REFERENCE, "Item"),
        ("TraceabilityRequest_2_000", "InternalId", IdRole.REFERENCE, "Request"),
        (
            "TransferWarehouse_1_003",
            "ListOfTransferWarehouseItem/TransferWarehouseItem/InternalId",
            IdRole.OWN_PART,
            "TransferWarehouseItem",
        ),
        ("MovementsInternal_1_002", "ActivityID", IdRole.OPAQUE, ""),
        ("Inventory_3_000", "ListOfItens/Item/ItemInternalId", IdRole.REFERENCE, "Item"),
        ("Inventory_3_000", "ListOfItens/Item/WarehouseInternalId", IdRole.REFERENCE, "Warehouse"),
    ],
)
def test_an_id_names_what_it_is_of(name: str, path: str, role: IdRole, entity: str) -> None:
    """By its path, however its name is spelt (D3)."""
    assert IdElement(path, role, entity) in contract_of(name).ids


ORDER_ID = "<InternalId>01|01|000123|OS</InternalId>"
TARGET = "<MaintenanceOrderInternalId>01|01|000123|OS</MaintenanceOrderInternalId>"
CANCEL_DATE = "<CancelDate>2026-01-31T10:00:00</CancelDate>"
CANCEL_DATE_TIME = "<CancelDateTime>2026-01-31T10:00:00</CancelDateTime>"


@pytest.mark.parametrize(
    ("dated", "accepted"),
    [
        (f"<Type>003</Type>{CANCEL_DATE_TIME}<CancelReason/>", True),
        (CANCEL_DATE, True),
        (CANCEL_DATE_TIME, True),
        (f"<Type>003</Type>{CANCEL_DATE}", True),
        (CANCEL_DATE + CANCEL_DATE_TIME, False),
        (f"{CANCEL_DATE_TIME}<Type>003</Type>", False),
        ("<Type>03</Type>", False),
        ("<CancelDate>2026-01-31</CancelDate>", False),
        ("<CancelDate>٢٠٢٦-٠١-٣١T١٠:٠٠:٠٠</CancelDate>", False),
        ("<CancelDate>2026-01-31T10:00:00\u00a0</CancelDate>", False),
    ],
)
def test_a_cancelled_order_is_dated_as_published_or_as_protheus_does(
    dated: str, *, accepted: bool
) -> None:
    """CancelDate, or a Type and CancelDateTime; one date, not two."""
    content = content_of(f"<Code>000123</Code>{ORDER_ID}{TARGET}{dated}")

    assert accepts("CancelMaintenanceOrder_1_000", content) == accepted


@pytest.mark.parametrize(
    "name", ["CancelRequest_1_000", "CancelMaintenanceOrder_1_000", "InfoOfParcelValues_1_000"]
)
def test_an_answer_that_nothing_defines_may_be_empty_a_text_or_the_keys(name: str) -> None:
    """Protheus answers a cancellation with a sentence."""
    keys = (
        "<ListOfInternalId><InternalId><Name/><Origin/><Destination/></InternalId>"
        "</ListOfInternalId>"
    )

    for inside in ("", "Cancelado com sucesso.", keys):
        assert accepts(name, answer_of(inside)), inside
    assert not accepts(name, answer_of("<Error>x</Error>"))


@pytest.mark.parametrize(("type_code", "accepted"), [("000", True), ("002", True), ("003", False)])
def test_a_write_off_is_cancelled_as_a_request_is(type_code: str, *, accepted: bool) -> None:
    """By the same contract; Type says which."""
    inside = f"<RequestInternalId>01|01|7</RequestInternalId><Type>{type_code}</Type>"

    assert accepts("CancelRequest_1_000", content_of(inside)) == accepted


def test_a_turnover_needs_its_document_type_and_bins() -> None:
    """The one may not be empty, the other may."""
    name = "StockTurnover_1_006"
    items = "<ListOfStockTurnoverItem><StockTurnoverItem>{}</StockTurnoverItem></ListOfStockTurnoverItem>"

    assert accepts(
        name, content_of("<DocumentType>001</DocumentType>" + items.format("<BinLocation/>"))
    )
    assert not accepts(name, content_of(items.format("<BinLocation/>")))
    assert not accepts(name, content_of("<DocumentType/>" + items.format("<BinLocation/>")))
    assert not accepts(name, content_of("<DocumentType>001</DocumentType>" + items.format("")))


def test_balances_are_answered_inside_the_closing_date_or_after_it() -> None:
    """As the published definition has it, and as it must have been meant."""
    item = "<ReturnItem><ItemInternalId>1|7</ItemInternalId></ReturnItem>"
    inside = f"<ClosingStockDate>{item}{item}</ClosingStockDate>"
    after = f"<ClosingStockDate>2026-01-31</ClosingStockDate>{item}{item}"

    for answer in (inside, after, item, ""):
        assert accepts("StockLevel_1_001", answer_of(answer)), answer
    assert accepts("StockLevel_1_000", answer_of(item))
    assert not accepts("StockLevel_1_000", answer_of(after))


@pytest.mark.parametrize(
    ("field", "accepted"),
    [
        ("<RegisterDate>2026-01-31</RegisterDate>", True),
        ("<RegisterDate>31/01/2026</RegisterDate>", False),
        ("<PAYMENTPLAN><TERM><datereference>9</datereference></TERM></PAYMENTPLAN>", True),
        ("<PAYMENTPLAN><TERM><datereference> 9 </datereference></TERM></PAYMENTPLAN>", True),
        (
            "<PAYMENTPLAN><TERM><datereference>31/01/2026</datereference></TERM></PAYMENTPLAN>",
            False,
        ),
        ("<PAYMENTPLAN><TERM><termduedate>31/01/26</termduedate></TERM></PAYMENTPLAN>", False),
    ],
)
@each_order
def test_an_order_with_dates_as_people_write_them_is_refused(
    name: str, field: str, *, accepted: bool
) -> None:
    """SigaMNT writes them so: its route warns instead."""
    assert accepts(name, content_of(field)) == accepted


def test_the_newer_order_knows_what_the_older_does_not() -> None:
    """Fields, not rules."""
    newer = content_of("<Observation/><SellerInternalId/><OrderId>000123</OrderId>")

    assert accepts("Order_4_010", newer)
    assert not accepts("Order_3_002", newer)
    assert accepts("Order_4_010", example("Order_3_002", "full.xml"))


def test_who_is_asks_with_nothing_or_a_text() -> None:
    """Never with elements; the answer names at least one transaction."""
    answer = "<EnabledTransactions>{}</EnabledTransactions>"

    assert accepts("WhoIs_1_000", content_of("PRODUCT_ENDPOINT=10.0.2.5:8100/WSPCP?WSDL"))
    assert not accepts("WhoIs_1_000", content_of("<Code/>"))
    assert accepts("WhoIs_1_000", answer_of(""))
    assert not accepts("WhoIs_1_000", answer_of(answer.format("")))


@pytest.mark.parametrize("spelling", ["whois", "Whois", "WHOIS"])
def test_who_is_is_found_as_it_is_spelt(spelling: str) -> None:
    """The definition writes it in one way, manuals in others."""
    assert REGISTRY.find(spelling, "1.000") is contract_of("WhoIs_1_000")


@pytest.mark.parametrize("spelling", ["TRACEABILITYREQUEST", "TRANCEABILITYREQUEST"])
def test_traceability_is_found_as_it_is_spelt(spelling: str) -> None:
    """The manual writes it in two ways."""
    assert REGISTRY.find(spelling, "2.000") is contract_of("TraceabilityRequest_2_000")


@pytest.mark.parametrize(
    ("inside", "accepted"),
    [
        ("", True),
        ("<InternalId>01|01|7</InternalId><CompanyInternalId/><CompanyId/><BranchId/>", True),
        ("<InternalId>01|01|7</InternalId><Type>001</Type>", True),
        ("<InternalId>01|01|7</InternalId><Type>002</Type>", False),
        ("<RequestItem/><InternalId>01|01|7</InternalId>", False),
    ],
)
def test_a_request_is_traced_in_either_form(inside: str, *, accepted: bool) -> None:
    """That of its nearest published sibling and that of the query of orders, not both."""
    assert accepts("TraceabilityRequest_2_000", content_of(inside)) == accepted


@pytest.mark.parametrize(
    ("inside", "accepted"),
    [
        ("<ReturnMessage>Nenhum movimento.</ReturnMessage>", True),
        ("<ReturnItem><ReturnType><Number>7</Number></ReturnType></ReturnItem><ReturnItem/>", True),
        ("<ReturnMessage/><ReturnItem/>", False),
        ("<ReturnMessage/><ReturnMessage/>", False),
    ],
)
def test_a_traced_request_is_answered_in_either_form(inside: str, *, accepted: bool) -> None:
    """What was found, or a sentence."""
    assert accepts("TraceabilityRequest_2_000", answer_of(inside)) == accepted


@pytest.mark.parametrize("spelling", ["INTERNALIDLOAD", "InternalIdLoad"])
def test_a_load_is_found_as_it_is_spelt(spelling: str) -> None:
    """Protheus lists it in capitals."""
    assert REGISTRY.find(spelling, "1.000") is contract_of("InternalIdLoad_1_000")


def test_a_load_answers_for_each_record_or_with_a_sentence() -> None:
    """OK or ERROR, nothing else."""
    record = (
        "<ListOfEntityReturn><EntityReturn><EntityName>Branch</EntityName>"
        "<ListOfInternalIdLoadReturn><InternalIdLoadReturn><OriginInternalId>1|1</OriginInternalId>"
        "<DestinationInternalId/><Status>{}</Status><StatusMessage>Filial 01 não encontrada.</StatusMessage>"
        "</InternalIdLoadReturn></ListOfInternalIdLoadReturn></EntityReturn></ListOfEntityReturn>"
    )

    assert accepts("InternalIdLoad_1_000", answer_of(record.format("ERROR")))
    assert accepts("InternalIdLoad_1_000", answer_of("O produto é obrigatório!"))
    assert not accepts("InternalIdLoad_1_000", answer_of(record.format("Ok")))
