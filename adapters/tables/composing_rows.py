"""Standard messages of rows."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from adapters.tables.cells import UnfitValue, read_cell
from adapters.tables.mapping import CellRule
from adapters.tables.reading_rows import InterfaceRow, Values
from bus.core.element import Element
from bus.core.envelope import BusinessEvent, Header, MessageType, Product
from bus.core.errors import Fault, SenderFault
from bus.core.route import Application
from bus.core.text import Details, Text
from bus.ports.adapter import InboundMessage
from bus.ports.codec import Codec, Draft


@dataclass(frozen=True, slots=True)
class RowComposer:
    """Writes messages in the name of an application."""

    application: Application
    codec: Codec

    def message(self, row: InterfaceRow) -> InboundMessage:
        """The message of a row; where it makes none, the row itself, and why.

        Its UUID comes of the application, the row and all that it says: one that was corrected is
        another message, one that is read again the same.
        """
        written = row.written()
        name = "\n".join((self.application.name, row.source.name, str(row.key), written.decode()))
        id_ = str(uuid.uuid5(uuid.NAMESPACE_URL, name))
        try:
            return InboundMessage(self._composed(row, id_), id_)
        except UnfitValue as unfit:
            problem = unfit.problem
        except SenderFault as refused:
            problem = refused.fault.problem
        return InboundMessage(written, id_, (self._unmapped(row, problem),))

    def _composed(self, row: InterfaceRow, id_: str) -> bytes:
        source, options = row.source, self.application.options
        header = Header(
            uuid=id_,
            type=MessageType.BUSINESS,
            transaction=source.transaction,
            version=source.version,
            standard_version="1.0",
            source_application=self.application.name,
            company=options.get("company", ""),
            branch=options.get("branch", ""),
            product=Product(self.application.product),
        )
        content = _content(row)
        key = content.text_at("InternalId") or str(row.key).rstrip()
        business = BusinessEvent(source.transaction, source.event, (("InternalId", key),))
        return self.codec.compose(Draft(header, business, content))

    def _unmapped(self, row: InterfaceRow, problem: Text) -> Fault:
        details: Details = {
            "application": self.application.name,
            "table": row.source.table,
            "key": str(row.key).rstrip(),
            "problem": Text(problem.pt.rstrip("."), problem.en.rstrip(".")),
        }
        return Fault("ROW_UNMAPPED", details=details)


def _content(row: InterfaceRow) -> Element:
    """The content of a row: elements in the order of the mapping, but those without a value."""
    root = _Branch()
    _put_all(root, row.source.cells, row.values)
    if details := row.source.details:
        parent, _, name = details.element.rpartition("/")
        for values in row.details:
            item = _Branch()
            _put_all(item, details.cells, values)
            root.at(parent).children.append((name, item))
    return root.element("BusinessContent")


class _Branch:
    """An element that is being made."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        self.children: list[tuple[str, _Branch]] = []

    def at(self, path: str) -> _Branch:
        """The element at a path, made where it is not there."""
        if not path:
            return self
        name, _, rest = path.partition("/")
        known = next((one for called, one in self.children if called == name), None)
        if known is None:
            known = _Branch()
            self.children.append((name, known))
        return known.at(rest)

    def element(self, name: str) -> Element:
        """Itself, made."""
        return Element(
            name, self.text, children=tuple(one.element(called) for called, one in self.children)
        )


def _put_all(into: _Branch, cells: Mapping[str, CellRule], values: Values) -> None:
    for path, rule in cells.items():
        if (text := read_cell(rule, values)) is not None:
            into.at(path).text = text
