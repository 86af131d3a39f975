"""Whole messages of every contract, with ids that belong to their sender and things that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

import schemas
from adapters.simulation.eai.entities import ErpProduct
from adapters.simulation.eai.simulator import EaiSimulator
from bus.codec.header import write_header
from bus.core.contract import Contract, IdElement, IdRole, MessageShape
from bus.core.envelope import DeliveryMode, Event, Header, MessageType, Product

COMPANIES = {"RM": ("1", "1"), "PROTHEUS": ("01", "01")}
"""By product, the company and the branch that the simulated one stands for."""


@dataclass(frozen=True)
class Whole:
    """A message with every element of its contract filled.

    `code` is the document's; `named` what the transaction is called in it. `changes` are texts by
    path below BusinessContent, which stand in every element there; without a text, none stands.
    """

    contract: Contract
    sender: ErpProduct
    source: str
    uuid: str
    code: str = "7"
    named: str = ""
    event: Event = Event.UPSERT
    mode: DeliveryMode | None = DeliveryMode.SYNC
    changes: Mapping[str, str] = field(default_factory=dict)

    @property
    def own_id(self) -> str:
        """The sender's id of the document."""
        return id_of(self.sender.name, self.contract.entity, self.code)

    def write(self) -> bytes:
        """The TOTVSMessage."""
        company, branch = COMPANIES[self.sender.name]
        header = Header(
            uuid=self.uuid,
            type=MessageType.BUSINESS,
            transaction=self.named or self.contract.transaction,
            version=self.contract.version,
            standard_version="1.0",
            source_application=self.source,
            company=company,
            branch=branch,
            product=Product(self.sender.name, "12.1.2310"),
            generated_on="2026-01-31T10:00:00",
            delivery=self.mode,
        )
        content = etree.tostring(self.content(), encoding="unicode")
        return (
            f"<TOTVSMessage>{write_header(header, self.uuid)}<BusinessMessage>{self._business()}"
            f"{content}</BusinessMessage></TOTVSMessage>"
        ).encode()

    def content(self) -> etree._Element:
        """The BusinessContent."""
        parser = etree.XMLParser(remove_blank_text=True, remove_comments=True)
        content = etree.fromstring(schemas.contract_example(self.contract.file, "full"), parser)
        etree.strip_elements(content, "Event")  # of an item: it would delete it
        company, branch = COMPANIES[self.sender.name]
        for name, text in (("CompanyId", company), ("BranchId", branch)):
            for each in content.iter(name):
                each.text = text
        for element in self.contract.ids:
            self._fill(content, element)
        for path, text in self.changes.items():
            for found in content.findall(path):
                if text:
                    found.text = text
                else:
                    parent = found.getparent()
                    assert parent is not None
                    parent.remove(found)
        return content

    def references(self) -> dict[tuple[str, str], None]:
        """What the message refers to: (entity, the sender's id)."""
        found: dict[tuple[str, str], None] = {}
        content = self.content()
        for element in self.contract.ids:
            if element.role is IdRole.REFERENCE:
                entity = _entity(content, element)
                for each in content.findall(element.path):
                    found[entity, each.text or ""] = None
        return found

    def _fill(self, content: etree._Element, element: IdElement) -> None:
        if element.role is IdRole.OPAQUE:
            return
        entity = _entity(content, element)
        for number, found in enumerate(content.findall(element.path), start=1):
            code = {IdRole.OWN: self.code, IdRole.OWN_PART: f"{self.code}.{number}"}
            found.text = id_of(self.sender.name, entity, code.get(element.role, "5"))

    def _business(self) -> str:
        if self.contract.shape is MessageShape.REQUEST:
            name = self.contract.transaction
            return f"<BusinessRequest><Operation>{name}</Operation></BusinessRequest>"
        return (
            f"<BusinessEvent><Entity>{self.contract.transaction}</Entity>"
            f"<Event>{self.event}</Event><Identification>"
            f'<key name="InternalId">{self.own_id}</key></Identification></BusinessEvent>'
        )


def _entity(content: etree._Element, element: IdElement) -> str:
    """What an id element names, by its sibling where that says."""
    return element.entity_when(content.findtext(element.by_path) or "" if element.by else "")


def id_of(product: str, entity: str, code: str) -> str:
    """What a product calls a thing of an entity: `1|Item 7`, `01|01|Item 7`."""
    company, branch = COMPANIES[product]
    if entity == "Company":
        return f"{company}|{branch}"
    return f"1|{entity} {code}" if product == "RM" else f"{company}|{branch}|{entity} {code}"


def introduce(whole: Whole, reader: EaiSimulator) -> None:
    """Let the reader know all that a message refers to, as after an earlier load."""
    mine, its = whole.sender.name, reader.product.name
    for entity, id_ in whole.references():
        code = id_.rpartition(" ")[2]
        reader.erp.pairs.learn(mine, entity, id_, (id_of(its, entity, code),))
