"""The registry of contracts: what the catalog says of each, and whether a message conforms."""

from __future__ import annotations

import asyncio
import threading
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from lxml import etree

import schemas
from bus.codec.document import opened
from bus.codec.names import local_name
from bus.codec.parser import LONG
from bus.codec.place import line_of, name_of, path_of
from bus.contracts.catalog import read_page, without_page
from bus.contracts.explain.libxml2 import fault_of
from bus.contracts.explain.merge import gathered
from bus.contracts.validate import MANY, MOST, errors_of_stream, errors_of_tree, has_many_elements
from bus.contracts.xsd import NAME, compiled, contract_xsd, parsed
from bus.core.envelope import MessageType
from bus.core.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from lxml.etree import _Element

    from bus.codec.document import XmlDocument
    from bus.codec.json_form import ElementShape
    from bus.contracts.explain.explainer import Explainer
    from bus.contracts.explain.libxml2 import XsdError
    from bus.core.contract import Contract
    from bus.ports.codec import Document

# No shorter message has so many elements that they need to be counted.
_LARGE = 16_384


class Registry:
    """Implements `bus.ports.Contracts` with the XSDs and catalog pages of `schemas`.

    `folder` holds the XSDs that this installation imported: they go before ours. A page of ours
    speaks for an imported contract of its name too. Pages and XSDs are read when first asked for,
    and kept.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._imported = {_key(*_parts(file.stem)): file for file in imported_files(folder)}
        self._pages = {_key(*_parts(name)): name for name in schemas.contract_names()}
        self._names = {key: file.stem for key, file in self._imported.items()} | self._pages
        self._contracts: dict[str, Contract] = {}
        self._found: dict[tuple[str, str], Contract] = {}
        self._rules: dict[tuple[str, str], Rules] = {}
        self._shapes: dict[str, Mapping[str, ElementShape]] = {}

    def find(self, transaction: str, version: str) -> Contract | None:
        """The contract of a transaction, by name or alias in any letter case, at a version."""
        found = self._found.get((transaction, version))
        if found is not None:
            return found
        key = _key(transaction, version)
        name = self._names.get(key) or self._aliases.get(key)
        found = self._contract(name) if name else None
        if found is not None and found.transaction == transaction:
            # Of the spellings only the contract's own: there are too many others to keep.
            self._found[transaction, version] = found
        return found

    def known(self) -> tuple[Contract, ...]:
        """All contracts, in order of name and version."""
        return tuple(self._contract(self._names[key]) for key in sorted(self._names))

    def warm_up(self) -> None:
        """Load what explains refusals, so that the first one does not wait for it."""
        import bus.contracts.explain.explainer  # noqa: F401, PLC0415 - half a second, and many buses never need it

    async def conforms(self, contract: Contract, document: Document) -> bool:
        """Whether a message's content is as its contract says; a long one is read in a thread."""
        rules, message = self.rules(contract), opened(document)
        if len(message.raw) > LONG:
            return await asyncio.to_thread(rules.conform, message)
        return rules.conform(message)

    async def explain(
        self, contract: Contract, document: Document, most: int = MOST
    ) -> tuple[Fault, ...]:
        """The first differences of a message's content, found in a thread: it may take seconds."""
        return await asyncio.to_thread(self.check, contract, document, most)

    def check(self, contract: Contract, document: Document, most: int = MOST) -> tuple[Fault, ...]:
        """The first differences of a message's content from a contract; none when it conforms."""
        return self.rules(contract).check(opened(document), most)

    def rules(self, contract: Contract) -> Rules:
        """The XSD of a contract, compiled when first asked for."""
        key = contract.transaction, contract.version
        rules = self._rules.get(key)
        if rules is None:
            rules = self._rules[key] = Rules(self.xsd(contract), contract.name)
        return rules

    def xsd(self, contract: Contract) -> _Element:
        """The whole XSD of a contract."""
        key = _key(contract.transaction, contract.version)
        imported = self._imported.get(key)
        return parsed(imported.read_bytes()) if imported else contract_xsd(self._names[key])

    def shapes(self, transaction: str, version: str) -> Mapping[str, ElementShape]:
        """The map between the JSON and the XML of a contract; empty where there is none."""
        # xmlschema, which only those who speak JSON need.
        from bus.contracts.fields import shapes_in  # noqa: PLC0415

        contract = self.find(transaction, version)
        if contract is None:
            return {}
        if contract.name not in self._shapes:
            self._shapes[contract.name] = shapes_in(self.xsd(contract))
        return self._shapes[contract.name]

    @cached_property
    def _aliases(self) -> dict[tuple[str, str], str]:
        # Reads every page, when first a transaction is not known by its own name.
        return {
            _key(alias, version): name
            for (_, version), name in self._pages.items()
            for alias in self._contract(name).aliases
        }

    def _contract(self, name: str) -> Contract:
        contract = self._contracts.get(name)
        if contract is None:
            known = self._pages.get(_key(*_parts(name)))
            contract = (
                read_page(known, schemas.catalog_page(known)) if known else without_page(name)
            )
            self._contracts[name] = contract
        return contract


class Rules:
    """The XSD of one contract, compiled."""

    def __init__(self, xsd: _Element, contract: str) -> None:
        self._xsd = xsd
        self._contract = contract
        self._schema = compiled(xsd)
        self._lock = threading.Lock()

    def conform(self, document: XmlDocument) -> bool:
        """Whether a message's content does."""
        content = document.content_node
        if content is None:
            return not self._without_content(document)
        if content.getnext() is not None and _second(content):
            return False
        if len(document.raw) > _LARGE and _is_large(document.raw, content):
            return not errors_of_stream(self._schema, content)
        return self._schema.validate(content)

    def check(self, document: XmlDocument, most: int = MOST) -> tuple[Fault, ...]:
        """The first differences of a message's content; none when it conforms."""
        content = document.content_node
        if content is None:
            return self._without_content(document)
        second = tuple(self._repeated(content, each) for each in _second(content))
        if len(document.raw) > _LARGE and _is_large(document.raw, content):
            said = self._faults_of(errors_of_stream(self._schema, content, most))
            return (*gathered((), said, most), *second)[:most]
        if self._schema.validate(content):
            return second
        with self._lock:
            # Its own schema: a log is shared by all who validate with one.
            heard = errors_of_tree(self._told, content, most)
            explained = self._explainer.faults(content, heard, most) if self._explainer else ()
            return (*gathered(explained, self._faults_of(heard), most), *second)[:most]

    def _faults_of(self, said: Iterable[XsdError]) -> tuple[Fault, ...]:
        return tuple(fault_of(saying, self._contract) for saying in said)

    def _repeated(self, content: _Element, second: _Element) -> Fault:
        # Only one content is validated: another would pass unseen.
        details = {
            "element": name_of(second),
            "limit": "1",
            "first": str(line_of(content)),
            "contract": self._contract,
        }
        return Fault("ELEMENT_REPEATED", path_of(second), line_of(second), details)

    def _without_content(self, document: XmlDocument) -> tuple[Fault, ...]:
        # A response may end at its Status, a receipt has no content at all.
        if document.envelope.header.type is not MessageType.BUSINESS:
            return ()
        part = document.part
        details = {
            "element": "BusinessMessage",
            "expected": "BusinessContent",
            "contract": self._contract,
        }
        return (Fault("ELEMENT_MISSING", path_of(part), line_of(part), details),)

    @cached_property
    def _told(self) -> etree.XMLSchema:
        return compiled(self._xsd)

    @cached_property
    def _explainer(self) -> Explainer | None:
        # Half a second that a process without a refusal never spends.
        from bus.contracts.explain.explainer import explainer_of  # noqa: PLC0415

        return explainer_of(self._xsd, self._contract)


def imported_files(folder: Path | None) -> tuple[Path, ...]:
    """The XSDs that an installation imported, in order of name; others in the folder are not."""
    files = sorted(folder.glob("*.xsd")) if folder else []
    return tuple(file for file in files if NAME.fullmatch(file.stem))


def _second(content: _Element) -> tuple[_Element, ...]:
    """A content beside the content, however it is spelt."""
    name = local_name(content).lower()
    others = (each for each in content.itersiblings() if local_name(each).lower() == name)
    return tuple(islice(others, 1))


def _is_large(raw: bytes, content: _Element) -> bool:
    # To count in the bytes takes a hundredth of the time that it takes in the tree.
    return raw.count(b"<") >= MANY and has_many_elements(content)


def _parts(name: str) -> tuple[str, str]:
    transaction, major, minor = name.rsplit("_", 2)
    return transaction, f"{major}.{minor}"


def _key(transaction: str, version: str) -> tuple[str, str]:
    return transaction.casefold(), version
