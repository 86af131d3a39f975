"""Imports a tree of published XSDs into the contracts of an installation.

Each file is told by itself: added, the same as the contract in force, different from it, or failed.
What differs stays as it is, unless it is named to be replaced.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from bus.contracts.imports.compare import tree_of
from bus.contracts.imports.published import name_of_file
from bus.contracts.imports.sandbox import Sandbox
from bus.core.errors import BusFault, Fault, SenderFault
from bus.core.text import Details, Text

if TYPE_CHECKING:
    from bus.contracts.registry import Registry
    from bus.core.contract_diff import ContractDifference


_NO_FILES = Text("não há nela nenhum arquivo .xsd", "there is no .xsd file in it")


class ImportVerdict(StrEnum):
    """What became of a published file."""

    ADDED = "added"
    SAME = "same"
    DIFFERS = "differs"
    """From the contract in force, which stays."""
    REPLACED = "replaced"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """A published file and its verdict; `faults` say why it failed, or what is remarkable.

    `changes` lead from the contract in force to the file. `filled` are the includes that nobody
    published: ours stand in their place, so that no verdict is about them.
    """

    file: Path
    verdict: ImportVerdict
    transaction: str = ""
    version: str = ""
    faults: tuple[Fault, ...] = ()
    changes: tuple[ContractDifference, ...] = ()
    filled: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The contract, as people say it; empty where the file does not tell."""
        return f"{self.transaction} {self.version}".strip()


def published_files(folder: Path) -> tuple[Path, ...]:
    """The messages of a tree: those in its `events` and `requests`, or else in the folder itself.

    BusFault where there are none.
    """
    below = [*folder.rglob("events/*.xsd"), *folder.rglob("requests/*.xsd")]
    files = sorted(below) or sorted(folder.glob("*.xsd"))
    if not files:
        details: Details = {"file": str(folder), "problem": _NO_FILES}
        raise BusFault(Fault("FILE_UNREADABLE", details=details))
    return tuple(files)


def refuse_unnamed(files: Collection[Path], replacing: Collection[str]) -> None:
    """BusFault where a contract is to be replaced and no file is of it."""
    published = {file.stem.casefold().replace("_", " ", 1).replace("_", ".") for file in files}
    faults = [
        Fault("NOTHING_TO_REPLACE", details={"contract": name})
        for name in replacing
        if name.casefold() not in published
    ]
    if faults:
        raise BusFault(*faults)


def import_published(
    registry: Registry, tree: Path, folder: Path | None, replacing: Collection[str]
) -> Iterator[ImportedFile]:
    """Import a tree of published XSDs into a folder, file by file; with None, only say what comes.

    `replacing` names the contracts that a file may change. BusFault where there are no files, or
    none of a contract that is named.
    """
    files = published_files(tree)
    refuse_unnamed(files, replacing)
    with Sandbox() as workshop:
        yield from Importer(registry, workshop, folder, replacing).import_files(files, tree)


class Importer:
    """Imports files one by one into `folder`; with None it only says what it would do.

    `replacing` names the contracts that a file may change: `Order 3.002`.
    """

    def __init__(
        self,
        registry: Registry,
        workshop: Sandbox,
        folder: Path | None,
        replacing: Collection[str] = (),
    ) -> None:
        self._workshop = workshop
        self._folder = folder
        self._replacing = {name.casefold() for name in replacing}
        self._registry = registry
        self._taken: dict[tuple[str, str], bytes] = {}

    def import_files(self, files: Collection[Path], tree: Path) -> Iterator[ImportedFile]:
        """The verdict on each file; what it includes comes from its own folder or the tree."""
        for file in files:
            found = ImportedFile(file, ImportVerdict.FAILED)
            try:
                transaction, version = name_of_file(file)
                found = replace(found, transaction=transaction, version=version)
                yield self._import(found, _nearest(file, tree))
            except SenderFault as refusal:
                yield replace(found, faults=refusal.faults)

    def _import(self, found: ImportedFile, tree: Path) -> ImportedFile:
        examined = self._workshop.examine(found.file, tree)
        found = replace(found, faults=examined.remarks, filled=examined.filled)
        known = self._in_force(found)
        if known is None:
            return self._take(replace(found, verdict=ImportVerdict.ADDED), examined.xsd)
        try:
            found = replace(found, changes=self._workshop.compare(known, examined.xsd))
        except SenderFault as refusal:
            found = replace(found, faults=found.faults + refusal.faults)
        else:
            if not found.changes:
                return replace(found, verdict=ImportVerdict.SAME)
        if found.name.casefold() in self._replacing:
            return self._take(replace(found, verdict=ImportVerdict.REPLACED), examined.xsd)
        return replace(found, verdict=ImportVerdict.DIFFERS)

    def _in_force(self, found: ImportedFile) -> bytes | None:
        taken = self._taken.get((found.transaction.casefold(), found.version))
        contract = self._registry.find(found.transaction, found.version)
        if taken or contract is None:
            return taken
        return etree.tostring(self._registry.xsd(contract), encoding="unicode").encode()

    def _take(self, found: ImportedFile, xsd: bytes) -> ImportedFile:
        self._taken[found.transaction.casefold(), found.version] = xsd
        if self._folder is not None:
            _store(self._folder, self._stem(found), xsd)
        return found

    def _stem(self, found: ImportedFile) -> str:
        """How the contract is called already, where it is: no second file in another case."""
        contract = self._registry.find(found.transaction, found.version)
        return contract.file if contract else found.file.stem


def _nearest(file: Path, tree: Path) -> Path:
    """What a file may include from: the tree, and where that is `events` itself, what is beside."""
    own, given = tree_of(file.parent), tree.resolve()
    return own if given.is_relative_to(own) else given


def _store(folder: Path, stem: str, xsd: bytes) -> None:
    """Write a contract whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{stem}.xsd.new"
    draft.write_bytes(b'<?xml version="1.0" encoding="UTF-8"?>\n' + xsd)
    draft.replace(folder / f"{stem}.xsd")
