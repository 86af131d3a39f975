"""A world in which files of routes are read: contracts, an adapter, secrets, real profiles."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bus.config import Loaded, load_deployment
from bus.contracts.registry import Registry
from bus.core.contract import Contract, IdElement, IdRole, Lifecycle, MessageShape
from bus.core.errors import BusFault, Fault
from bus.core.text import Text
from bus.profiles import InstalledProfiles

IDS = (
    IdElement("InternalId", IdRole.OWN, "UnitOfMeasure"),
    IdElement("ListOfItems/Item/ItemInternalId", IdRole.REFERENCE, "Item"),
    IdElement("OwnerInternalId", IdRole.REFERENCE, by="Type", cases=(("1", "CustomerVendor"),)),
    IdElement("Remark", IdRole.OPAQUE),
)
CONTRACTS = (
    Contract("Currency", "2.001", MessageShape.EVENT, Lifecycle.REGISTER, "Currency"),
    Contract("Currency", "2.000", MessageShape.EVENT, Lifecycle.REGISTER, "Currency"),
    Contract(
        "UnitOfMeasure", "2.000", MessageShape.EVENT, Lifecycle.REGISTER, "UnitOfMeasure", ids=IDS
    ),
    Contract("StockLevel", "1.000", MessageShape.REQUEST, Lifecycle.QUERY, ""),
)
ELEMENTS = ("a", "b", "Code", "Description", "BusinessMessage", "BusinessContent")
"""What messages of these contracts may have."""
PATHS = {
    "Currency": {"BusinessContent", "BusinessContent/InternalId", "BusinessContent/Code"},
    "StockLevel": {
        "BusinessContent/RequestItem/ItemInternalId",
        "ReturnContent/ReturnItem/ItemInternalId",
        "ReturnContent/Extra/*",
    },
}
"""Where elements may stand in them, as far as that is known."""
ADAPTERS = {"http-xml": ("soap_action", "api_token")}
ENVIRONMENT = {"RM_PASSWORD": "correct-horse-battery", "PROTHEUS_PASSWORD": "staple-of-the-bus"}

Load = Callable[[str], Loaded]
Refuse = Callable[[str], tuple[Fault, ...]]


def check_condition(condition: str) -> Text | None:
    """The judge of conditions in these tests: brackets must be closed."""
    return (
        None
        if condition.count("(") == condition.count(")")
        else Text("falta fechar um parêntese", "a bracket is not closed")
    )


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Loads a text as a file of routes."""

    def loaded(text: str) -> Loaded:
        file = tmp_path / "routes.yaml"
        file.write_text(text, "utf-8", "surrogatepass")
        return load_deployment(
            file,
            contracts=CONTRACTS,
            adapters=ADAPTERS,
            environment=ENVIRONMENT,
            check_condition=check_condition,
            elements=lambda _: ELEMENTS,
            paths=lambda contract: PATHS.get(contract.transaction, ()),
            profiles=InstalledProfiles(),
            keyed={"http-xml"},
        )

    return loaded


@pytest.fixture
def load_shipped(tmp_path: Path) -> Load:
    """Loads a text as a file of routes, with the contracts that ship."""

    def loaded(text: str) -> Loaded:
        file = tmp_path / "routes.yaml"
        file.write_text(text, "utf-8")
        return load_deployment(
            file,
            contracts=Registry().known(),
            adapters=ADAPTERS,
            environment=ENVIRONMENT,
            check_condition=check_condition,
            profiles=InstalledProfiles(),
        )

    return loaded


@pytest.fixture
def refuse(load: Load) -> Refuse:
    """Loads a text that must be refused, and answers with the faults."""

    def refused(text: str) -> tuple[Fault, ...]:
        with pytest.raises(BusFault) as caught:
            load(text)
        return caught.value.faults

    return refused
