"""The registry of contracts: what the catalog says of each, and whether a message conforms."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING

from lxml import etree

import schemas
from bus.codec import parse_faults
from bus.codec.document import opened, opened_return
from bus.codec.parser import LONG
from bus.contracts.beside import Beside
from bus.contracts.catalog import read_page, without_page
from bus.contracts.explain.explaining import explaining
from bus.contracts.paths import paths_of
from bus.contracts.patterns import Effort, effort_of
from bus.contracts.rules import Rules
from bus.contracts.validate import MOST
from bus.contracts.xsd import NAME, contract_xsd, element_names, parsed
from bus.contracts.xsd_problems import problem_of
from bus.core.errors import BusFault, Fault
from bus.core.system_words import words_of
from bus.core.text import Details, Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lxml.etree import _Element

    from bus.codec.json_form import ElementShape
    from bus.core.contract import Contract
    from bus.core.contract_diff import Field
    from bus.ports.codec import DestinationAnswer, Document


_XS = "{http://www.w3.org/2001/XMLSchema}"
_SHOWN = 300
_NO_CONTENT = Text("não declara BusinessContent", "it declares no BusinessContent")
_HEAVY = Text(
    "o padrão “{pattern}” repete repetições sem medida",
    "pattern “{pattern}” repeats repetitions without measure",
)


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
        """Start what explains refusals, so that the first one does not wait for it."""
        explaining().start()

    async def conforms(self, contract: Contract, document: Document) -> bool:
        """Whether a message's content is as its contract says; a long one is read in a thread."""
        rules, message = self.rules(contract), opened(document)
        if len(message.raw) > LONG:
            return await asyncio.to_thread(rules.conform, message)
        return rules.conform(message)

    async def explain(
        self, contract: Contract, document: Document, most: int = MOST
    ) -> tuple[Fault, ...]:
        """The first differences of a message's content, found beside everything else.

        Whoever comes while several are being explained is told what libxml2 says.
        """
        return await self._beside.explain(self.rules(contract), opened(document), most)

    async def complaints(
        self, contract: Contract, returned: Document | DestinationAnswer, most: int = MOST
    ) -> tuple[Fault, ...]:
        """The first differences of what was returned, as libxml2 tells them."""
        rules, came = self.rules(contract), opened_return(returned)
        if len(came.raw) > LONG:
            return await asyncio.to_thread(rules.complaints, came, most)
        return rules.complaints(came, most)

    def check(self, contract: Contract, document: Document, most: int = MOST) -> tuple[Fault, ...]:
        """The first differences of a message's content from a contract; none when it conforms."""
        return self.rules(contract).check(opened(document), most)

    def broken(self) -> tuple[Fault, ...]:
        """The imported contracts that cannot be used, each by the name of its file, and why."""
        found = []
        for key in sorted(self._imported):
            try:
                self.rules(self._contract(self._names[key]))
            except BusFault as broken:
                found.append(broken.fault)
        return tuple(found)

    def rules(self, contract: Contract) -> Rules:
        """The XSD of a contract, compiled when first asked for."""
        key = contract.transaction, contract.version
        rules = self._rules.get(key)
        if rules is None:
            rules = self._rules[key] = self._compiled(contract, self.xsd(contract))
        return rules

    def _compiled(self, contract: Contract, xsd: _Element) -> Rules:
        if _key(contract.transaction, contract.version) in self._imported:
            problem = _problem_of(xsd)
            if problem:
                raise self._unusable(contract, problem)
        try:
            return Rules(xsd, contract.name, explaining())
        except etree.XMLSchemaParseError as error:
            said = error.error_log.last_error
            problem = problem_of(said.message if said else str(error))
            raise self._unusable(contract, problem) from error

    def elements(self, transaction: str) -> frozenset[str]:
        """The names of all elements of a transaction's contracts, whatever the version."""
        found = [one for one in self.known() if transaction.casefold() in one.spellings]
        return frozenset(name for one in found for name in element_names(self.xsd(one)))

    def paths(self, contract: Contract) -> frozenset[str]:
        """Where elements may stand in a contract; none where its XSD cannot be read."""
        try:
            return paths_of(self.xsd(contract))
        except BusFault:
            return frozenset()

    def fields(self, contract: Contract) -> Mapping[str, Field]:
        """The fields of a contract by path; none where its XSD cannot be read or has no list."""
        # xmlschema, which takes its time.
        from bus.contracts.fields import listed_fields  # noqa: PLC0415

        try:
            return listed_fields(self.xsd(contract))
        except BusFault:
            return {}

    def xsd(self, contract: Contract) -> _Element:
        """The whole XSD of a contract; BusFault where an imported one cannot be read."""
        key = _key(contract.transaction, contract.version)
        imported = self._imported.get(key)
        if imported is None:
            return contract_xsd(self._names[key])
        try:
            return parsed(imported.read_bytes())
        except OSError as error:
            raise self._unusable(contract, words_of(error)) from error
        except etree.XMLSyntaxError as error:
            raise self._unusable(contract, parse_faults.problem_of(error)) from error

    def _unusable(self, contract: Contract, problem: Text) -> BusFault:
        file = self._imported[_key(contract.transaction, contract.version)]
        details: Details = {"contract": contract.name, "file": str(file), "problem": problem}
        return BusFault(Fault("CONTRACT_BROKEN", details=details))

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
    def _beside(self) -> Beside:
        return Beside()

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


def _problem_of(xsd: _Element) -> Text | None:
    """Why an XSD that compiles is none to check messages by all the same."""
    if xsd.find(f"{_XS}element[@name='BusinessContent']") is None:
        return _NO_CONTENT
    patterns = (each.get("value", "") for each in xsd.iter(f"{_XS}pattern"))
    heavy = next((each for each in patterns if effort_of(each) is Effort.HEAVY), None)
    return None if heavy is None else _HEAVY.filled(pattern=heavy[:_SHOWN])


def imported_files(folder: Path | None) -> tuple[Path, ...]:
    """The XSDs that an installation imported, in order of name; others in the folder are not."""
    files = sorted(folder.glob("*.xsd")) if folder else []
    return tuple(file for file in files if NAME.fullmatch(file.stem))


def _parts(name: str) -> tuple[str, str]:
    transaction, major, minor = name.rsplit("_", 2)
    return transaction, f"{major}.{minor}"


def _key(transaction: str, version: str) -> tuple[str, str]:
    return transaction.casefold(), version
