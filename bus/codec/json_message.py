"""A whole BusinessMessage in JSON, `{"Header": …, "Content": …}`, to the XML of the standard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from lxml import etree

from bus.codec.header import write_header
from bus.codec.json_form import ElementShape, loads, to_json, to_xml
from bus.codec.markup import attribute_text, element_text
from bus.codec.showing import shown
from bus.core.envelope import BusinessEvent, BusinessRequest, DeliveryMode, Header, MessageType
from bus.core.envelope import Product as ProductOf
from bus.core.errors import Fault, SenderFault

if TYPE_CHECKING:
    from collections.abc import Mapping

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
_TYPES = {type_.lower(): type_ for type_ in MessageType}
_TYPES |= {
    f"{type_.lower()}message": type_ for type_ in (MessageType.RESPONSE, MessageType.RECEIPT)
}
_RETURN = "ReturnContent"
_NOTE = ElementShape("Message", repeated=True)
_NOTES = ElementShape("ListOfMessages", children={"message": _NOTE})
_PROCESSING = ElementShape("ProcessingInformation", children={"listofmessages": _NOTES})

T = TypeVar("T")


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
    parts = _lowered(loads(body))
    given = _lowered(parts.get("header"))
    if not given:
        raise SenderFault(Fault("ENVELOPE_INCOMPLETE", "/Header", details={"what": "Header"}))
    content = parts.get("content")
    if content != "" and not isinstance(content, (dict, list)):
        raise SenderFault(Fault("ENVELOPE_INCOMPLETE", "/Content", details={"what": "Content"}))
    type_ = _choice(given, "Type", _TYPES) or MessageType.BUSINESS
    texts = {name: _text(given.get(key.lower())) for key, name in _KEYS.items()}
    header = Header(
        type=type_,
        product=ProductOf(_text(given.get("productname")), _text(given.get("productversion"))),
        delivery=_choice(given, "DeliveryType", _MODES),
        **texts,
    )
    known = shapes(header.transaction, header.version)
    if type_ is MessageType.BUSINESS:
        content = to_xml(_CONTENT, parts["content"], *_shape(known))
        inside = _business(given, header.transaction) + etree.tostring(content, encoding="unicode")
        part = f"<BusinessMessage>{inside}</BusinessMessage>"
    else:
        part = _answer(type_, parts["content"], known)
    return f"<TOTVSMessage>{write_header(header, header.uuid)}{part}</TOTVSMessage>".encode()


def _answer(type_: MessageType, content: dict[str, Any], known: Mapping[str, ElementShape]) -> str:
    """The part of a response or receipt: what Content holds stands in it by itself."""
    name = f"{type_.value}Message"
    children = {"processinginformation": _PROCESSING}
    if _RETURN in known:
        children[_RETURN.lower()] = known[_RETURN]
    shape = ElementShape(name, children=children)
    return etree.tostring(to_xml(name, content, shape), encoding="unicode")


def _choice(given: dict[str, Any], key: str, choices: Mapping[str, T]) -> T | None:
    """What a text of the header stands for, None where there is none; SenderFault for others."""
    value = given.get(key.lower())
    if value in (None, ""):
        return None
    chosen = choices.get(str(value).strip().lower())
    if chosen is None:
        allowed = " | ".join(dict.fromkeys(str(each) for each in choices.values()))
        details = {"what": key, "value": shown(str(value), key), "allowed": allowed}
        raise SenderFault(Fault("ENVELOPE_INVALID", f"/Header/{key}", details=details))
    return chosen


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
