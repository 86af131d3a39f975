"""A whole BusinessMessage in JSON, `{"Header": …, "Content": …}`, to the XML of the standard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lxml import etree

from bus.codec.header import write_header
from bus.codec.json_form import loads, to_json, to_xml
from bus.codec.markup import attribute_text, element_text
from bus.core.envelope import BusinessEvent, BusinessRequest, DeliveryMode, Header, MessageType
from bus.core.envelope import Product as ProductOf
from bus.core.errors import Fault, SenderFault

if TYPE_CHECKING:
    from bus.codec.document import XmlDocument
    from bus.codec.json_form import Shapes

_CONTENT = "BusinessContent"
# Keys of the header, and the field that holds each.
_KEYS = {
    "UUID": "uuid",
    "Transaction": "transaction",
    "Version": "version",
    "StandardVersion": "standard_version",
    "SourceApplication": "source_application",
    "CompanyId": "company",
    "BranchId": "branch",
    "Enterprise": "enterprise",
    "BusinessUnit": "business_unit",
    "CompanySharingMode": "company_sharing_mode",
    "BusinessUnitySharingMode": "business_unit_sharing_mode",
    "BranchSharingMode": "branch_sharing_mode",
    "UserId": "user",
    "GeneratedOn": "generated_on",
    "ContextName": "context",
}
_MODES = {mode.lower(): mode for mode in DeliveryMode}


def json_of_message(document: XmlDocument, shapes: Shapes) -> dict[str, Any]:
    """A business message as JSON; its keys in the order of the standard."""
    header, business = document.envelope.header, document.envelope.business
    told: dict[str, Any] = {"UUID": header.uuid, "Type": header.type.value}
    if isinstance(business, BusinessEvent):
        told |= {"SubType": "event", "Event": business.event.value, "Entity": business.entity}
        told["Identification"] = dict(business.keys)
    elif isinstance(business, BusinessRequest):
        told |= {"SubType": "request", "Operation": business.operation}
    told |= {key: getattr(header, name) for key, name in _KEYS.items() if key != "UUID"}
    told |= {"ProductName": header.product.name, "ProductVersion": header.product.version}
    told["DeliveryType"] = (header.delivery or "").lower()
    known = shapes(header.transaction, header.version)
    content = document.content_node
    inside = {} if content is None else to_json(content, *_shape(known))
    return {"Header": {key: value for key, value in told.items() if value}, "Content": inside}


def xml_of_message(body: bytes, shapes: Shapes) -> bytes:
    """The XML of a business message in JSON, or SenderFault with what it lacks."""
    value = loads(body)
    parts = _lowered(value)
    given = _lowered(parts.get("header"))
    if not given:
        raise SenderFault(Fault("ENVELOPE_INCOMPLETE", "/Header", details={"what": "Header"}))
    texts = {name: _text(given.get(key.lower())) for key, name in _KEYS.items()}
    header = Header(
        type=MessageType.BUSINESS,
        product=ProductOf(_text(given.get("productname")), _text(given.get("productversion"))),
        delivery=_MODES.get(_text(given.get("deliverytype")).lower()),
        **texts,
    )
    known = shapes(header.transaction, header.version)
    content = to_xml(_CONTENT, parts.get("content") or {}, *_shape(known))
    return (
        f"<TOTVSMessage>{write_header(header, header.uuid)}<BusinessMessage>"
        f"{_business(given, header.transaction)}"
        f"{etree.tostring(content, encoding='unicode')}</BusinessMessage></TOTVSMessage>"
    ).encode()


def _business(given: dict[str, Any], transaction: str) -> str:
    event = _text(given.get("event"))
    if _text(given.get("subtype")).lower() == "request" or not event:
        operation = element_text(_text(given.get("operation")) or transaction)
        return f"<BusinessRequest><Operation>{operation}</Operation></BusinessRequest>"
    entity = _text(given.get("entity")) or transaction
    keys = given.get("identification")
    told = "".join(
        f'<key name="{attribute_text(name)}">{element_text(_text(value))}</key>'
        for name, value in (keys.items() if isinstance(keys, dict) else ())
    )
    identification = f"<Identification>{told}</Identification>" if told else ""
    return (
        f"<BusinessEvent><Entity>{element_text(entity)}</Entity>"
        f"<Event>{element_text(event)}</Event>{identification}</BusinessEvent>"
    )


def _shape(known: Any) -> tuple[Any, ...]:  # noqa: ANN401 - the arguments that are left
    shape = known.get(_CONTENT)
    return (shape,) if shape else ()


def _lowered(value: object) -> dict[str, Any]:
    """An object with its keys in lower case; empty where it is none."""
    return {key.lower(): each for key, each in value.items()} if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
