"""Standard messages of what Omie has: a record of a list, or an event that tells of its end."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from adapters.omie.fields import OmieField, OmieList
from adapters.omie.numbers import Record
from adapters.omie.values import CNPJ, CPF, document_of, place, shown, value_at
from bus.core.element import Element
from bus.core.envelope import BusinessEvent, Event, Header, MessageType, Product
from bus.core.route import Application
from bus.ports.codec import Codec, Draft


@dataclass(frozen=True, slots=True)
class Composer:
    """Writes messages in the name of an application."""

    application: Application
    codec: Codec

    def upsert(self, entity: str, version: str, content: Element, *identity: str) -> bytes:
        """A record as it is now; the same identity gives the same UUID."""
        return self._message(entity, version, Event.UPSERT, content, identity)

    def delete(self, entity: str, version: str, id: str, *identity: str) -> bytes:
        """A record that is gone."""
        always = (Element("ListOfComercialFamilyItem"),) if entity == "Item" else ()
        content = Element("BusinessContent", children=(Element("InternalId", id), *always))
        return self._message(entity, version, Event.DELETE, content, identity)

    def _message(
        self, entity: str, version: str, event: Event, content: Element, identity: Iterable[str]
    ) -> bytes:
        options = self.application.options
        header = Header(
            uuid=str(uuid.uuid5(uuid.NAMESPACE_URL, "\n".join((entity, *identity)))),
            type=MessageType.BUSINESS,
            transaction=entity,
            version=version,
            standard_version="1.0",
            source_application=self.application.name,
            company=options.get("company", ""),
            branch=options.get("branch", ""),
            product=Product(self.application.product),
        )
        keys = (("InternalId", content.text_at("InternalId")),)
        business = BusinessEvent(entity, event, keys)
        return self.codec.compose(Draft(header, business, content))


def content_of(
    fields: Iterable[OmieField], record: Record, lists: Iterable[OmieList] = ()
) -> Element:
    """The content that a record makes, in the order of its fields, and behind them its lists.

    A field that is empty there is told as empty, where emptying it is shared; so is a list. Of one
    that Omie does not show nothing is said.
    """
    tree: dict[str, object] = {}
    for one in fields:
        if not one.reads:
            continue
        value = value_at(record, one.name)
        text = _text(one, value)
        if text or not one.name or (one.empty is not None and value is not None):
            place(tree, one.reads, text)
    told = [_list(one, record[one.name]) for one in lists if one.name in record]
    return Element("BusinessContent", children=(*_elements(tree), *told))


def _list(one: OmieList, rows: object) -> Element:
    entry = one.element.rpartition("/")[2]
    entries = (
        Element(entry, children=tuple(Element(to, shown(row.get(of))) for of, to in one.parts))
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, dict)
    )
    return Element(one.folder, children=tuple(entries))


def _text(one: OmieField, value: object) -> str:
    text = shown(value)
    if one.read:
        return one.read.get(text, "")
    if one.name == "cnpj_cpf":
        document = document_of(text)
        return document if len(document) in {CNPJ, CPF} else ""
    return "" if text == "0" and not one.zero else text


def _elements(tree: Mapping[str, object]) -> Iterable[Element]:
    for name, held in tree.items():
        if isinstance(held, dict):
            yield Element(name, children=tuple(_elements(held)))
        else:
            yield Element(name, str(held), ATTRIBUTES.get(name, _none)(str(held)))


def _none(_: str) -> Mapping[str, str]:
    return {}


def _governmental(document: str) -> Mapping[str, str]:
    return {"scope": "Federal", "name": "CPF" if len(document) == CPF else "CNPJ"}


ATTRIBUTES: Mapping[str, Callable[[str], Mapping[str, str]]] = {"Id": _governmental}
"""The attributes of an element, by its name and text."""
