"""`bus schemas example`: messages that an integrator may start from."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

import schemas
from bus.contracts.example import example_message
from bus.contracts.registry import Registry
from bus.core.contract import Contract, IdRole, Lifecycle, MessageShape
from bus.core.envelope import BusinessEvent, BusinessRequest
from bus.core.errors import SenderFault
from tests.cli.test_commands import bus
from tests.codec.samples import CODEC, UUID
from tests.support.deployments import deployment, route
from tests.support.rig import rigs_over
from tests.support.stores import STORES

REGISTRY = Registry()
CONTRACTS = REGISTRY.known()

each_contract = pytest.mark.parametrize("contract", CONTRACTS, ids=lambda each: each.file)


@each_contract
@pytest.mark.parametrize("full", [False, True])
def test_an_example_is_a_valid_message(contract: Contract, full: bool) -> None:
    """Of its contract, under the UUID and from the sender that it was asked for."""
    document = CODEC.parse(example_message(contract, "P12", uuid=UUID, at=0, full=full))
    header = document.envelope.header

    assert (header.transaction, header.version) == (contract.transaction, contract.version)
    assert (header.uuid, header.source_application) == (UUID, "P12")
    assert header.generated_on == "1970-01-01T00:00:00Z"
    assert REGISTRY.check(contract, document) == ()


@each_contract
def test_a_full_example_says_which_document(contract: Contract) -> None:
    """An event names its document, in its Identification where it has an id of its own; a request
    says its operation.
    """
    full = CODEC.parse(example_message(contract, "", uuid=UUID, at=0, full=True))
    business = full.envelope.business

    if contract.shape is MessageShape.REQUEST:
        assert business == BusinessRequest(contract.transaction)
    else:
        assert isinstance(business, BusinessEvent)
        assert business.keys == tuple(
            ("InternalId", own) for own in full.values(contract.own_id[:1])
        )
        assert all(full.values(contract.own_id[:1] or contract.natural_key))


@each_contract
def test_a_minimal_example_names_its_document(contract: Contract) -> None:
    """By its own id, and a cancellation what it cancels; a question says what it asks for."""
    minimal = CODEC.parse(example_message(contract, "", uuid=UUID, at=0, full=False))
    asked = [path for _, path in contract.business_keys]

    assert all(minimal.values(contract.own_id[:1]))
    if contract.lifecycle is Lifecycle.QUERY:
        assert any(minimal.values(asked[:1])) or contract.transaction == "WhoIs"
    if contract.target:
        assert any(minimal.values((contract.target.path,)))


@each_contract
def test_a_minimal_example_has_no_empty_place(contract: Contract) -> None:
    """Each id in it names something: an empty reference says nothing to its reader."""
    minimal = CODEC.parse(example_message(contract, "", uuid=UUID, at=0, full=False))
    content = minimal.content_node
    assert content is not None

    ids = [each.path for each in contract.ids if each.role is not IdRole.OPAQUE]
    found = [element for path in ids for element in content.findall(path)]
    assert all((element.text or "").strip() for element in found)


async def test_every_minimal_example_is_accepted(tmp_path: Path) -> None:
    """By a bus that delivers it, each as a document of its own but for the questions."""
    transactions = frozenset(each.transaction.casefold() for each in CONTRACTS)
    configuration = deployment(replace(route("rm"), transactions=transactions))
    async with rigs_over(STORES[0], tmp_path) as rigs:
        rig = await rigs.start(configuration)
        documents = {}
        for at, contract in enumerate(CONTRACTS):
            body = example_message(contract, "", uuid=f"{UUID}-{at}", at=0, full=False)
            posted = await rig.post(body)
            assert posted.fault is None, contract.name
            documents[contract.name] = (await rig.message(posted.message)).document

    asked = {each.name for each in CONTRACTS if each.lifecycle is Lifecycle.QUERY}
    assert {name for name, document in documents.items() if not document} == asked


def test_every_contract_has_three_examples() -> None:
    """None is forgotten when a contract is added."""
    for name in schemas.contract_names():
        for kind in ("minimal", "full", "answer"):
            assert schemas.contract_example(name, kind)


def test_a_contract_without_an_example_says_so() -> None:
    """As those that an installation imports."""
    contract = Contract("Zebra", "1.000", MessageShape.EVENT, CONTRACTS[0].lifecycle, "Zebra")

    with pytest.raises(SenderFault) as refused:
        example_message(contract, "", uuid=UUID, at=0, full=False)

    assert refused.value.fault.code == "EXAMPLE_MISSING"


def test_an_example_is_printed_for_a_pipe() -> None:
    """What is printed can be validated as it is, and no two are the same message."""
    said, again = (bus("schemas", "example", "currency", "2.001", "--full") for _ in range(2))

    assert said.exit_code == 0
    assert bus("validate", "-", stdin=said.stdout_bytes).exit_code == 0
    assert said.stdout != again.stdout


def test_an_example_is_printed_as_json() -> None:
    """The message is a text in it."""
    told = json.loads(
        bus("schemas", "example", "Currency", "2.001", "--from", "RM", "--json").stdout
    )

    assert (told["transaction"], told["version"], told["example"]) == (
        "Currency",
        "2.001",
        "minimal",
    )
    assert "<SourceApplication>RM</SourceApplication>" in told["message"]


def test_an_example_of_no_contract_tells_the_versions() -> None:
    """As validating does."""
    said = bus("schemas", "example", "Order", "9.999", "--language", "en")

    assert said.exit_code == 1
    assert "3.002, 4.010" in said.stderr
