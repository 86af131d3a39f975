"""Example messages: the content from `schemas/examples`, in an envelope of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

import schemas
from bus.codec.header import write_header
from bus.codec.markup import element_text, moment
from bus.core.contract import MessageShape
from bus.core.envelope import Header, MessageType, Product
from bus.core.errors import Fault, SenderFault

if TYPE_CHECKING:
    from lxml.etree import _Element

    from bus.core.contract import Contract

_COMPANY, _BRANCH = "1", "1"
_STANDARD = "1.0"


def example_message(contract: Contract, sender: str, *, uuid: str, at: int, full: bool) -> bytes:
    """A valid message of a contract, laid out for people; SenderFault where it has no example."""
    content = _content(contract, "full" if full else "minimal")
    header = Header(
        uuid=uuid,
        type=MessageType.BUSINESS,
        transaction=contract.transaction,
        version=contract.version,
        standard_version=_STANDARD,
        source_application=sender,
        company=content.findtext("CompanyId") or _COMPANY,
        branch=content.findtext("BranchId") or _BRANCH,
        product=Product(contract.owner.upper()),
        generated_on=moment(at),
    )
    message = etree.fromstring(
        f"<TOTVSMessage>{write_header(header, uuid)}"
        f"<BusinessMessage>{_business(contract, content)}</BusinessMessage></TOTVSMessage>"
    )
    message[-1].append(content)
    etree.indent(message)
    return etree.tostring(message, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _content(contract: Contract, kind: str) -> _Element:
    parser = etree.XMLParser(remove_blank_text=True, remove_comments=True, no_network=True)
    try:
        text = schemas.contract_example(contract.file, kind)
    except FileNotFoundError:
        details = {"contract": contract.name}
        raise SenderFault(Fault("EXAMPLE_MISSING", details=details)) from None
    return etree.fromstring(text, parser)


def _business(contract: Contract, content: _Element) -> str:
    if contract.shape is MessageShape.REQUEST:
        return f"<BusinessRequest><Operation>{contract.transaction}</Operation></BusinessRequest>"
    own = next((content.findtext(path) for path in contract.own_id if content.findtext(path)), "")
    key = f'<key name="InternalId">{element_text(own or "")}</key>'
    return (
        f"<BusinessEvent><Entity>{contract.transaction}</Entity><Event>upsert</Event>"
        f"{f'<Identification>{key}</Identification>' if own else ''}</BusinessEvent>"
    )
