"""Reads an XSD that others published: hostile until it compiles, and often incomplete.

What it includes is taken from its own tree, and from ours where the tree lacks it. Nothing is
fetched, and nothing outside the tree is read. What is wrong is told, never guessed. To be used in a
process that may be killed (`bus.contracts.imports.sandbox`).
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

import schemas
from bus.codec import parse_faults
from bus.codec.names import tag_of
from bus.codec.parser import doctype_line
from bus.contracts.patterns import Effort, effort_of
from bus.contracts.xsd import NAME, whole
from bus.contracts.xsd_problems import problem_of
from bus.core.errors import Fault, SenderFault
from bus.core.system_words import words_of
from bus.core.text import Details, Text

if TYPE_CHECKING:
    from lxml.etree import _Element

_XS = "{http://www.w3.org/2001/XMLSchema}"
_INCLUDE = f"{_XS}include"
_REFERRING = (f"{_XS}import", f"{_XS}redefine", f"{_XS}override")
_GLOBALS = {f"{_XS}{kind}" for kind in ("element", "complexType", "simpleType", "group")}
_GLOBALS |= {f"{_XS}attribute", f"{_XS}attributeGroup"}
_ENVELOPE = "totvsmsg.xsd"
_COMMONS = re.compile(r"commons_\d+_\d+\.xsd")
_LARGEST = 5 * 1024**2
_SHOWN = 300
_NO_SCHEMA = {"problem": Text("a raiz não é xs:schema", "its root is no xs:schema")}
_NO_FILE = {"problem": Text("não é um arquivo comum", "it is no ordinary file")}
_OUTSIDE = {
    "problem": Text("é um link para fora da árvore", "it is a link that leads out of the tree")
}


class Name(NamedTuple):
    """What the name of a file says: `Order_3_002.xsd`."""

    transaction: str
    version: str

    @property
    def stem(self) -> str:
        """The name of the file without its ending."""
        return f"{self.transaction}_{self.version.replace('.', '_')}"


class Published(NamedTuple):
    """A whole XSD, and what is remarkable about it though it may be used.

    `filled` are the includes that its tree lacks, as they are written: ours stand in their place,
    and nobody can say that they are as published.
    """

    xsd: _Element
    remarks: tuple[Fault, ...]
    filled: tuple[str, ...] = ()


def name_of_file(file: Path) -> Name:
    """The contract that a file's name tells; SenderFault where it breaks the pattern."""
    named = NAME.fullmatch(file.stem)
    if named is None:
        raise SenderFault(Fault("XSD_NAME", details={"file": file.name}))
    return Name(named[1], f"{named[2]}.{named[3]}")


def read_published(file: Path, tree: Path) -> Published:
    """An XSD with what it includes in place of the includes, or SenderFault with the reason.

    `tree` is the folder that nothing is read outside of, whatever a symbolic link says.
    """
    if not file.resolve().is_relative_to(tree.resolve()):
        raise SenderFault(Fault("XSD_UNREADABLE", details=_OUTSIDE))
    root = _read(file)
    if tag_of(root) != f"{_XS}schema":
        raise SenderFault(Fault("XSD_UNREADABLE", details=_NO_SCHEMA))
    if root.get("targetNamespace"):
        details = {"namespace": root.get("targetNamespace", "")[:_SHOWN]}
        raise SenderFault(Fault("XSD_NAMESPACE", details=details))
    includes = _Includes(tree)
    includes.fill(root, file)
    _refuse_heavy(root)
    compiled(root)
    return Published(root, _remarks(root), tuple(includes.filled))


def compiled(xsd: _Element) -> etree.XMLSchema:
    """An XSD as libxml2 compiles it, or SenderFault with what it says; MemoryError without room."""
    try:
        return etree.XMLSchema(xsd)
    except etree.XMLSchemaParseError as error:
        if any(each.type == etree.ErrorTypes.ERR_NO_MEMORY for each in error.error_log):
            raise MemoryError from error
        said = error.error_log.last_error
        problem: Details = {"problem": problem_of(said.message if said else str(error))}
        line = said.line if said and said.line > 0 else 0
        raise SenderFault(Fault("XSD_INVALID", line=line, details=problem)) from error


def _refuse_heavy(root: _Element) -> None:
    """Refuse patterns that would keep the bus busy with one value."""
    for pattern in root.iter(f"{_XS}pattern"):
        value = pattern.get("value", "")
        if effort_of(value) is Effort.HEAVY:
            details = {"pattern": value[:_SHOWN]}
            raise SenderFault(Fault("XSD_PATTERN", line=pattern.sourceline or 0, details=details))


class _Includes:
    """Puts what an XSD includes in the place of the includes, each file once."""

    def __init__(self, tree: Path) -> None:
        self._tree = tree.resolve()
        self._seen: set[str] = set()
        self._ours: list[_Element] = []
        self.filled: list[str] = []

    def fill(self, root: _Element, file: Path) -> None:
        """Fill an XSD from its tree, and then with what only we have."""
        self._seen.add(str(file.resolve()))
        self._fill(root, file)
        for hidden in root.iter(_INCLUDE):
            raise _refused(hidden)
        declared = {_declared(each) for each in root}
        for ours in self._ours:
            for each in ours:
                if each.tag in _GLOBALS and _declared(each) not in declared:
                    declared.add(_declared(each))
                    root.append(each)

    def _fill(self, root: _Element, file: Path) -> None:
        for refer in root.iter(*_REFERRING):
            raise _refused(refer)
        for include in root.findall(_INCLUDE):
            root.remove(include)
            found = self._find(include, file)
            if found is None or str(found) in self._seen:
                continue
            self._seen.add(str(found))
            included = _read(found)
            self._fill(included, found)
            root.extend(included)

    def _find(self, include: _Element, file: Path) -> Path | None:
        """The file of the tree that is meant; None where it is one of ours."""
        location = include.get("schemaLocation", "").strip()
        if not location or ":" in location or location.startswith(("/", "\\")):
            raise _refused(include)
        found = (file.parent / location.replace("\\", "/")).resolve()
        if found.is_file():
            if not found.is_relative_to(self._tree):
                raise _refused(include)
            return found
        self._take_ours(posixpath.basename(location.replace("\\", "/")), location)
        return None

    def _take_ours(self, name: str, location: str) -> None:
        if name in self._seen:
            return
        self._seen.add(name)
        ours = _ours(name)
        if not ours:
            details = {"location": location[:_SHOWN]}
            raise SenderFault(Fault("XSD_INCLUDE_MISSING", details=details))
        self._ours += map(whole, ours)
        self.filled.append(location[:_SHOWN])


def _ours(name: str) -> list[bytes]:
    """What we have of an include that its tree lacks, whose name Windows may have written."""
    if name.lower() == _ENVELOPE:
        return [schemas.content_xsd()]
    types = schemas.type_names()
    if _COMMONS.fullmatch(name.lower()):
        return [schemas.included_xsd(each) for each in types]
    return [schemas.included_xsd(each) for each in types if each.lower() == name.lower()]


def _read(file: Path) -> _Element:
    """The root of a file; comments and instructions are dropped."""
    if not file.is_file():  # a pipe or a device would be read for ever
        raise SenderFault(Fault("XSD_UNREADABLE", details=_NO_FILE))
    try:
        with file.open("rb") as opened:
            text = opened.read(_LARGEST + 1)
        if len(text) > _LARGEST:
            raise SenderFault(Fault("TOO_LARGE", details={"limit": str(_LARGEST)}))
        root = etree.fromstring(text, _parser())
    except OSError as error:
        details: Details = {"problem": words_of(error)}
        raise SenderFault(Fault("XSD_UNREADABLE", details=details)) from error
    except etree.XMLSyntaxError as error:
        details = {"problem": parse_faults.problem_of(error)}
        fault = Fault("XSD_UNREADABLE", line=error.lineno or 0, details=details)
        raise SenderFault(fault) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise SenderFault(Fault("DOCTYPE_REFUSED", line=doctype_line(text) or 1))
    return root


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        no_network=True,
        resolve_entities=False,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _remarks(root: _Element) -> tuple[Fault, ...]:
    """What is not as in the others; SenderFault where there is no content at all."""
    contents = {each.get("name"): each for each in root.findall(f"{_XS}element")}
    content = contents.get("BusinessContent")
    if content is None:
        raise SenderFault(Fault("XSD_NO_CONTENT"))
    remarks = []
    if not content.get("substitutionGroup"):
        remarks.append(Fault("XSD_NO_SUBSTITUTION", line=content.sourceline or 0))
    if "ReturnContent" not in contents:
        remarks.append(Fault("XSD_NO_RETURN"))
    return tuple(remarks)


def _declared(element: _Element) -> tuple[str, str]:
    kind = tag_of(element)
    # A type is one or the other: both kinds share their names.
    return kind.replace("simpleType", "complexType"), element.get("name", "")


def _refused(include: _Element) -> SenderFault:
    location = include.get("schemaLocation", include.get("namespace", "")) or "-"
    details = {"location": location[:_SHOWN], "kind": tag_of(include).rpartition("}")[2]}
    return SenderFault(Fault("XSD_INCLUDE_REFUSED", line=include.sourceline or 0, details=details))
