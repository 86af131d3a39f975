"""What moves and counts stock, and grids of items: refusals, any order, JSON, and what is the same."""

import json
from copy import deepcopy

import pytest
from lxml import etree

from bus.codec.conversion import in_json, in_xml
from bus.codec.json_message import xml_of_message
from bus.contracts.registry import Registry
from bus.core.contract import Contract
from bus.core.echo import do_the_same
from bus.core.element import Element
from bus.core.plan import is_safe
from bus.core.subject import Subject, subject_by
from tests.codec.samples import CODEC, business, message, read
from tests.contracts.test_contracts_registers import accepts, example, path_of, paths_with, told
from tests.support.deployments import application

REGISTRY = Registry()
CONTENT = "/TOTVSMessage/BusinessMessage/BusinessContent"
TRANSFER = "TransferWarehouse_1_003"
MOVEMENT = "MovementsInternal_1_002"
COUNT = "Inventory_3_000"
GRID = "ItemGrid_1_000"


def contract_of(name: str) -> Contract:
    """A contract, as the registry knows it."""
    contract = REGISTRY.find(*told(name))
    assert contract is not None
    return contract


def edited(name: str, path: str, text: str | None) -> str:
    """A minimal example with another text at a path; without the element where there is none."""
    content = deepcopy(example(name, "minimal.xml"))
    element = content.find(path)
    assert element is not None, path
    parent = element.getparent()
    assert parent is not None
    if text is None:
        parent.remove(element)
    else:
        element.text = text
    return etree.tostring(content, encoding="unicode")


ITEM = "ListOfTransferWarehouseItem/TransferWarehouseItem"
VALUE = "ListOfGridVariants/GridVariant/ListOfVariantValues/VariantValue"
MISSING = "ELEMENT_MISSING"
TOO_LONG = "VALUE_TOO_LONG"


@pytest.mark.parametrize(
    ("name", "path", "text", "fault", "said"),
    [
        (TRANSFER, f"{ITEM}/ItemCodeTo", None, (MISSING, ITEM),
         "Falta em <TransferWarehouseItem>: ItemCodeTo."),
        (TRANSFER, f"{ITEM}/UnitOfMeasureFrom", "UNIDADE", (TOO_LONG, f"{ITEM}/UnitOfMeasureFrom"),
         "O valor “UNIDADE” de <UnitOfMeasureFrom> tem 7 caracteres; o máximo é 6."),
        (TRANSFER, f"{ITEM}/Quantity", "1,5", ("VALUE_WRONG_TYPE", f"{ITEM}/Quantity"),
         "O valor “1,5” de <Quantity> não é do tipo decimal."),
        (MOVEMENT, "InputOrOutput", "Saida", ("VALUE_NOT_LISTED", "InputOrOutput"),
         "O valor “Saida” de <InputOrOutput> não é um dos permitidos: E, S."),
        (MOVEMENT, "Quantity", "0.125", ("VALUE_OUT_OF_RANGE", "Quantity"),
         "O valor “0.125” de <Quantity> está fora do permitido: até 2 casas decimais."),
        (COUNT, "ListOfItens/Item/ItemCode", None, (MISSING, "ListOfItens/Item"),
         "Falta em <Item>: ItemCode."),
        (COUNT, "ListOfItens", None, (MISSING, ""), "Falta em <BusinessContent>: ListOfItens."),
        (COUNT, "DocumentNumber", "0000000079", (TOO_LONG, "DocumentNumber"),
         "O valor “0000000079” de <DocumentNumber> tem 10 caracteres; o máximo é 9."),
        (GRID, VALUE, "x" * 56, (TOO_LONG, f"{VALUE}[1]"),
         f"O valor “{'x' * 56}” de <VariantValue> tem 56 caracteres; o máximo é 55."),
        (GRID, "ListOfGridVariants", None, (MISSING, ""),
         "Falta em <BusinessContent>: ListOfGridVariants."),
    ],
)  # fmt: skip
def test_a_refusal_says_in_portuguese_what_differs_and_where(
    name: str, path: str, text: str | None, fault: tuple[str, str], said: str
) -> None:
    """The place, the value and what is allowed, for the sender to mend."""
    body = message(business(edited(name, path, text)))
    (found,) = REGISTRY.check(contract_of(name), read(body))

    code, at = fault
    assert (found.code, found.path) == (code, f"{CONTENT}/{at}".rstrip("/"))
    assert found.reason("pt") == said


def turned(name: str) -> etree._Element:
    """The full example of a transfer with the fields of it and of its items the other way round."""
    content = deepcopy(example(name, "full.xml"))
    for element in list(content.iter()):
        if path_of(element) in paths_with(name, "any order"):
            element[:] = reversed(element)
    return content


def test_a_transfer_comes_in_any_order() -> None:
    """Its own fields and those of its items."""
    content = turned(TRANSFER)

    assert [content[0].tag, content[-1].tag] == ["ListOfTransferWarehouseItem", "CompanyId"]
    assert content[0][0][0].tag == "ReferenceCodeTo"
    assert accepts(TRANSFER, content)


def test_a_transfer_comes_back_from_json_in_the_order_that_it_has() -> None:
    """There its items have no name, as its published form has it."""
    body = business(etree.tostring(turned(TRANSFER), encoding="unicode"))
    sent = CODEC.parse(message(body, Transaction="TransferWarehouse", version="1.003"))

    text = in_json(sent, REGISTRY.shapes, CODEC.parse)
    back = CODEC.parse(in_xml(CODEC.parse(xml_of_message(text, REGISTRY.shapes))))

    items = json.loads(text)["Content"]["ListOfTransferWarehouseItem"]
    assert [(one["ItemCodeFrom"], one["Quantity"]) for one in items] == [("001", 10.5)] * 2
    assert REGISTRY.check(contract_of(TRANSFER), back) == ()
    assert back.content_hash == sent.content_hash


@pytest.mark.parametrize(
    ("name", "safe"), [(TRANSFER, False), (MOVEMENT, False), (COUNT, False), (GRID, True)]
)
def test_only_a_grid_is_sent_again_when_nobody_knows_whether_it_arrived(
    name: str, *, safe: bool
) -> None:
    """A movement or a count that arrives twice changes the stock twice."""
    contract = contract_of(name)
    subject = Subject(
        contract.transaction.casefold(), contract.entity, "7", contract.lifecycle, upsert=True
    )

    assert is_safe(application("erp"), subject) == safe


@pytest.mark.parametrize(
    ("name", "inside", "document"),
    [
        (TRANSFER, "<InternalId>7</InternalId><Number>9</Number>", "7"),
        (TRANSFER, "<Number>9</Number>", "9"),
        (MOVEMENT, "<DocumentCode>9</DocumentCode><DocumentSeries>U</DocumentSeries>", "9|U"),
        (COUNT, "<DocumentNumber>9</DocumentNumber><ListOfItens/>", "9"),
        (GRID, "<Code>9</Code><ListOfGridVariants/>", "9"),
    ],
)
def test_what_has_no_id_is_named_by_its_number(name: str, inside: str, document: str) -> None:
    """In its lane, then, it keeps its order with others of that number."""
    contract = contract_of(name)
    read_in = read(message(business(f"<BusinessContent>{inside}</BusinessContent>")))
    texts = {path: "".join(read_in.texts(path)) for path in contract.telling_paths}

    assert subject_by(read_in.envelope, contract, texts).own_id == document


def grid(*values: str, size: str = "Tamanho") -> Element:
    """A grid of one variant, as the echo of another is looked for."""
    listed = "".join(f"<VariantValue>{value}</VariantValue>" for value in values)
    content = (
        "<BusinessContent><InternalId>7</InternalId><Code>CAMISA</Code><ListOfGridVariants>"
        f"<GridVariant><VariantName>{size}</VariantName><ListOfVariantValues>{listed}"
        "</ListOfVariantValues></GridVariant></ListOfGridVariants></BusinessContent>"
    )
    return CODEC.parse(message(business(content))).content()


def test_a_grid_is_the_same_by_its_variants_and_their_values() -> None:
    """Another value, one more or one less is news; their order is not."""
    alike = contract_of(GRID).alike
    assert alike is not None

    assert do_the_same(grid("M", "G"), grid("G", "M"), alike)
    assert not do_the_same(grid("M", "G"), grid("M", "GG"), alike)
    assert not do_the_same(grid("M", "G"), grid("M"), alike)
    assert not do_the_same(grid("M", "M"), grid("M", "G"), alike)
    assert not do_the_same(grid("M", "G"), grid("M", "G", size="Cor"), alike)
