"""The registry of contracts, and what the catalog must say of each."""

import asyncio
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from lxml import etree
from lxml.etree import _Element

import schemas
from bus.codec.xml_codec import XmlCodec
from bus.contracts.catalog import read_page
from bus.contracts.registry import Registry
from bus.contracts.xsd import contract_xsd
from bus.core.contract import Contract, IdElement, IdRole, Lifecycle, MessageShape
from bus.core.text import Text
from bus.ports.contracts import Contracts
from tests.codec.samples import business, message, read, response

REGISTRY = Registry()
CONTRACTS = REGISTRY.known()
XS = "{http://www.w3.org/2001/XMLSchema}"
# Not translated: it is how partners learn ids.
LEARNING = "ReturnContent/ListOfInternalId"
ID = re.compile(r"internalid", re.IGNORECASE)


def file_of(contract: Contract) -> str:
    """The name of a contract's files."""
    return f"{contract.transaction}_{contract.version.replace('.', '_')}"


def paths_of(contract: Contract) -> set[str]:
    """Every element of a contract's XSD; those of BusinessContent without its name."""
    xsd = contract_xsd(file_of(contract))
    types = {str(each.get("name")): each for each in xsd.findall(f"{XS}complexType")}
    roots = xsd.findall(f"{XS}element")
    paths = {path for root in roots for path in paths_below(root, str(root.get("name")), types)}
    return {path.removeprefix("BusinessContent/") for path in paths}


def paths_below(declared: _Element, path: str, types: dict[str, _Element]) -> Iterator[str]:
    """The paths of a declared element and of all below it."""
    yield path
    named = types.get(declared.get("type", ""), declared)
    for child in declarations(named):
        yield from paths_below(child, f"{path}/{child.get('name')}", types)


def declarations(component: _Element) -> Iterator[_Element]:
    """The elements that a component declares, without those that they declare."""
    for child in component:
        if child.tag == f"{XS}element":
            yield child
        else:
            yield from declarations(child)


def test_every_xsd_has_its_page() -> None:
    """A contract is two files of one name."""
    names = [contract.name.casefold() for contract in CONTRACTS]

    assert {file_of(contract) for contract in CONTRACTS} == set(schemas.contract_names())
    assert names == sorted(names)


def test_contracts_are_found_in_any_letter_case() -> None:
    """Senders write CURRENCY too; the version is exact."""
    found = REGISTRY.find("cURRENCY", "2.001")

    assert found is not None
    assert found.name == "Currency 2.001"
    assert found is REGISTRY.find("Currency", "2.001")
    assert REGISTRY.find("Currency", "2.002") is None
    assert REGISTRY.find("Nothing", "2.001") is None


def test_a_currency_is_a_register_of_rm() -> None:
    """What the catalog says, as the engine reads it."""
    contract = REGISTRY.find("Currency", "2.001")

    assert contract == Contract(
        transaction="Currency",
        version="2.001",
        shape=MessageShape.EVENT,
        lifecycle=Lifecycle.REGISTER,
        entity="Currency",
        own_id=("InternalId",),
        natural_key=("Code",),
        business_keys=(
            ("InternalId", "InternalId"),
            ("Code", "Code"),
            ("Description", "Description"),
        ),
        ids=(
            IdElement("InternalId", IdRole.OWN, "Currency"),
            IdElement("CompanyInternalID", IdRole.REFERENCE, "Company"),
        ),
        owner="RM",
        module="Nucleus",
        title=Text("Moeda", "Currency"),
    )


@pytest.mark.parametrize("contract", CONTRACTS, ids=file_of)
def test_every_id_has_a_role(contract: Contract) -> None:
    """By its path: an element whose name looks like an id is never passed over (D3)."""
    looks_like_id = {
        path
        for path in paths_of(contract)
        if ID.search(path.rpartition("/")[2]) and not path.startswith(LEARNING)
    }

    assert looks_like_id - {element.path for element in contract.ids} == set()


@pytest.mark.parametrize("contract", CONTRACTS, ids=file_of)
def test_every_path_of_the_catalog_exists(contract: Contract) -> None:
    """In the XSD of that contract."""
    named = {element.path for element in contract.ids} | set(contract.natural_key)
    named |= {element.by_path for element in contract.ids if element.by}
    named |= {path for _, path in contract.business_keys}

    assert named - paths_of(contract) == set()


@pytest.mark.parametrize("contract", CONTRACTS, ids=file_of)
def test_a_contract_has_a_title_in_both_languages_and_an_owner(contract: Contract) -> None:
    """People read them, and know whom to ask."""
    assert contract.title.pt
    assert contract.title.en
    assert contract.owner
    named = contract.own_id or contract.target or contract.natural_key
    assert contract.lifecycle is Lifecycle.QUERY or named


@pytest.mark.parametrize("name", schemas.contract_names())
def test_an_xsd_speaks_both_languages(name: str) -> None:
    """Every element of the content is explained in Portuguese and in English."""
    xsd = etree.fromstring(schemas.contract_xsd(name))
    content = next(each for each in xsd if each.get("name") == "BusinessContent")

    assert xsd.get("targetNamespace") is None
    for declared in content.iterfind(f".//{XS}element"):
        texts = declared.findall(f"{XS}annotation/{XS}documentation")
        languages = [each.get("{http://www.w3.org/XML/1998/namespace}lang") for each in texts]
        assert languages == ["pt", "en"], declared.get("name")
        assert all((each.text or "").strip() for each in texts)


def test_a_page_may_tell_every_role() -> None:
    """Own, parts, references, opaque; a cancellation names its target."""
    page = """
        title.pt = "Cancelamento"
        title.en = "Cancellation"
        shape = "request"
        lifecycle = "process"
        entity = "Cancellation"
        target = "OrderInternalId"
        owner = "Protheus"
        provisional = true
        [ids]
        OrderInternalId = "reference Order"
        "ListOfItem/Item/InternalId" = "own part"
        "ListOfItem/Item/GridInternalId" = "own part Grid"
        AssetInternalId = "opaque"
    """

    contract = read_page("CancelOrder_1_000", page)

    assert (contract.transaction, contract.version) == ("CancelOrder", "1.000")
    assert contract.target == IdElement("OrderInternalId", IdRole.REFERENCE, "Order")
    assert contract.own_id == ()
    assert contract.provisional
    assert contract.ids[1:] == (
        IdElement("ListOfItem/Item/InternalId", IdRole.OWN_PART, "Cancellation"),
        IdElement("ListOfItem/Item/GridInternalId", IdRole.OWN_PART, "Grid"),
        IdElement("AssetInternalId", IdRole.OPAQUE),
    )


def test_what_belongs_to_a_work_order_names_it() -> None:
    """By its own reference, else by those of its items."""
    found = {
        contract.transaction: [(one.entity, one.path) for one in contract.belongs_to]
        for contract in CONTRACTS
        if contract.belongs_to
    }

    main, order = "MainOrderInternalId", "MaintenanceOrder"
    assert found == {
        "Request": [(order, main), (order, f"ListOfRequestItem/RequestItem/{main}")],
        "StockTurnover": [
            (order, main),
            (order, f"ListOfStockTurnoverItem/StockTurnoverItem/{main}"),
        ],
    }


def test_only_processes_share_a_lane() -> None:
    """A snapshot replaces what is before it in its lane: that must be of its own document."""
    page = """
        shape = "event"
        lifecycle = "register"
        entity = "A"
        belongs_to = ["BInternalId"]
        [ids]
        BInternalId = "reference B"
    """
    mains = {one.entity for contract in CONTRACTS for one in contract.belongs_to}

    with pytest.raises(ValueError, match="only a process"):
        read_page("A_1_000", page)
    lifecycles = {one.lifecycle for one in CONTRACTS if one.entity in mains}
    assert lifecycles == {Lifecycle.PROCESS}


def test_the_sibling_that_decides_is_beside_the_id() -> None:
    """Its name is told, not its path."""
    page = """
        shape = "request"
        lifecycle = "process"
        entity = "A"
        [ids]
        "ListOfItem/Item/ForInternalId" = { by = "Type", cases = { "1" = "B", "2" = "C" } }
    """

    (element,) = read_page("A_1_000", page).ids

    assert element.by_path == "ListOfItem/Item/Type"
    assert (element.role, element.entity_when("2")) == (IdRole.REFERENCE, "C")


def test_a_role_nobody_knows_is_a_mistake() -> None:
    """It is told with its path."""
    page = 'entity = "A"\n[ids]\nInternalId = "mine"'

    with pytest.raises(ValueError, match="InternalId: “mine”"):
        read_page("A_1_000", page)


def test_what_conforms_has_no_faults() -> None:
    """Messages, responses, responses that end at their Status, receipts."""
    contract = REGISTRY.find("Currency", "2.001")
    assert contract is not None
    bare = response().replace(b"ReturnContent", b"Unknown")
    receipt = message(
        "<ReceiptMessage><ReceivedMessage><UUID>u</UUID></ReceivedMessage></ReceiptMessage>",
        Type="Receipt",
    )

    for body in (message(), response(), bare, receipt, message(business("<BusinessContent/>"))):
        assert REGISTRY.check(contract, read(body)) == ()


def test_checking_changes_nothing() -> None:
    """Neither what conforms nor what is refused and explained."""
    contract = REGISTRY.find("Currency", "2.001")
    assert contract is not None
    for content in ("<Code>BRL</Code>", "<Zed/><Code>LONG</Code>"):
        document = read(message(business(f"<BusinessContent>{content}</BusinessContent>")))
        before = etree.tostring(document.root)

        REGISTRY.check(contract, document)

        assert etree.tostring(document.root) == before


async def test_explaining_leaves_the_loop_to_others() -> None:
    """What explains a large contract takes seconds to build, at its first refusal."""
    registry = Registry()
    contract = registry.find("Item", "4.005")
    assert contract is not None
    document = read(message(business("<BusinessContent><Zed/></BusinessContent>")))
    assert not await registry.conforms(contract, document)

    explaining, rounds = asyncio.create_task(registry.explain(contract, document)), 0
    while not explaining.done():
        rounds += 1
        await asyncio.sleep(0)

    assert await explaining == registry.check(contract, document)
    assert rounds > 10


def test_threads_do_not_hear_of_each_other() -> None:
    """Long messages are checked in threads: each gets its own faults."""
    contract = REGISTRY.find("UnitOfMeasure", "2.000")
    assert contract is not None
    wrong: list[object] = []

    def check(name: str) -> None:
        content = f"<BusinessContent><{name}/></BusinessContent>"
        for _ in range(50):
            (fault,) = REGISTRY.check(contract, read(message(business(content))))
            if not fault.path.endswith(f"/{name}"):
                wrong.append(fault)

    threads = [threading.Thread(target=check, args=(f"Name{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_threads_may_check_one_message_at_a_time_together() -> None:
    """Several destinations share it: lxml moves what it validates, and nobody sees that."""
    contract = REGISTRY.find("StockLevel", "1.001")
    assert contract is not None
    items = "<RequestItem><ItemInternalId/></RequestItem>" * 2_000 + "<Zed/>"
    document = read(message(business(f"<BusinessContent>{items}</BusinessContent>")))
    alone = REGISTRY.check(contract, document)

    with ThreadPoolExecutor(4) as threads:
        checks = [threads.submit(REGISTRY.check, contract, document) for _ in range(40)]
        verdicts = [threads.submit(REGISTRY.rules(contract).conform, document) for _ in range(40)]
        together = [each.result() for each in checks]

    assert together == [alone] * 40
    assert not any(each.result() for each in verdicts)


def test_registry_and_codec_fit_their_ports() -> None:
    """What the engine knows of them is what they are."""
    contracts: Contracts = REGISTRY

    assert contracts.known() == CONTRACTS
    assert XmlCodec().condition_problem("true()") is None
