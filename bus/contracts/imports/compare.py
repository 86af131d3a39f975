"""Two contracts side by side, each in force here or in a file of somebody's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from bus.codec.document import opened
from bus.contracts.explain.explaining import explaining
from bus.contracts.imports.published import name_of_file
from bus.contracts.imports.sandbox import Sandbox
from bus.contracts.registry import Registry
from bus.contracts.rules import Rules
from bus.contracts.xsd import parsed
from bus.core.errors import Fault, SenderFault
from bus.core.suggest import unknown_contract
from bus.core.text import Details, Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from bus.core.contract_diff import ContractDifference
    from bus.ports.codec import Document

    Check = Callable[[Document], tuple[Fault, ...]]


class Side(NamedTuple):
    """One of two contracts: what people call it, its whole XSD, and what of that we filled in."""

    transaction: str
    version: str
    xsd: bytes
    filled: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As people say it: `Order 3.002`."""
        return f"{self.transaction} {self.version}"

    def rules(self) -> Rules:
        """The XSD, compiled to check messages by."""
        return Rules(parsed(self.xsd), self.name, explaining())


class Compared(NamedTuple):
    """Two contracts, and what changed from the first to the second."""

    before: Side
    after: Side
    changes: tuple[ContractDifference, ...]

    def checks(self) -> tuple[Check, Check]:
        """What each of the two finds wrong with a message."""
        before, after = self.before.rules(), self.after.rules()
        return lambda one: before.check(opened(one)), lambda one: after.check(opened(one))


def compare(before: str, after: str, registry: Registry) -> Compared:
    """Compare contracts by name (`Order 3.002`, `Order_3_002`) or file; SenderFault if it fails."""
    with Sandbox() as workshop:
        was, now = (_side(named, registry, workshop) for named in (before, after))
        return Compared(was, now, workshop.compare(was.xsd, now.xsd))


def _side(named: str, registry: Registry, workshop: Sandbox) -> Side:
    file = Path(named)
    if file.suffix.lower() == ".xsd":
        if not file.is_file():
            details: Details = {"file": named, "problem": Text("não existe", "not found")}
            raise SenderFault(Fault("FILE_UNREADABLE", details=details))
        transaction, version = name_of_file(file)
        file = file.resolve()
        examined = workshop.examine(file, tree_of(file.parent))
        return Side(transaction, version, examined.xsd, examined.filled)
    transaction, _, version = named.strip().replace("_", " ", 1).partition(" ")
    version = version.strip().replace("_", ".")
    contract = registry.find(transaction, version)
    if contract is None:
        raise SenderFault(unknown_contract(transaction, version, registry.known()))
    xsd = etree.tostring(registry.xsd(contract), encoding="unicode").encode()
    return Side(contract.transaction, contract.version, xsd)


def tree_of(folder: Path) -> Path:
    """The tree of a folder of XSDs: `events` and `requests` include from beside themselves."""
    folder = folder.resolve()
    return folder.parent if folder.name in {"events", "requests", "messages"} else folder
