"""The Header of a message in JSON, both ways: what MessageInformation says, and what it is about.

What the header of the XML has beyond the standard stands in it under its own name, and the other
way round, so that neither form loses what only a sender knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from bus.codec.header import FIELDS, MODES, TYPES
from bus.codec.json_form import UNKNOWN
from bus.codec.json_reading import elements_of, malformed, written
from bus.codec.json_writing import not_in_json, to_json
from bus.codec.names import tag_of
from bus.codec.place import SHOWN
from bus.codec.showing import shown
from bus.core.envelope import (
    BusinessEvent,
    BusinessRequest,
    Event,
    Header,
    MessageType,
    Product,
)
from bus.core.errors import Fault, SenderFault
from bus.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.etree import _Element

    from bus.codec.document import XmlDocument

PATH = "/Header"
_APART = {"Type", "Product", "DeliveryType"}
"""What is no plain text in JSON, or stands in two keys."""
# Keys of the header, and the field that holds each.
_KEYS = {"UUID": FIELDS["UUID"], "Transaction": FIELDS["Transaction"], "Version": "version"}
_KEYS |= {name: field for name, field in FIELDS.items() if name not in _APART}
_OWN = frozenset({*map(str.lower, _KEYS), "type", "productname", "productversion", "deliverytype"})
_OF_BUSINESS = {
    BusinessEvent: frozenset({"subtype", "event", "entity", "identification"}),
    BusinessRequest: frozenset({"subtype", "operation"}),
    None: frozenset[str](),
}
"""The keys that belong to an event or a request; beside others they are as a sender's own."""
_OTHERWISE = {
    "product": "ProductName, ProductVersion",
    "businessunitsharingmode": "BusinessUnitySharingMode",
}
"""Names that the header of the XML has, and under which keys JSON has what they say."""

_EVENTS = {event.lower(): event for event in Event}
_REQUEST = "request"
_SUBTYPES = {"event": "event", _REQUEST: _REQUEST}

_TWICE = Text(
    "{name} não cabe ao lado do {name} do padrão", "{name} has no place beside that of the standard"
)
_KEY_TWICE = Text("duas chaves se chamam {name}", "two keys are called {name}")

T = TypeVar("T")


class GivenHeader(NamedTuple):
    """What a Header says, and the elements that XML has for what no standard knows in it."""

    header: Header
    business: BusinessEvent | BusinessRequest | None
    strangers: tuple[_Element, ...]


def header_to_json(document: XmlDocument) -> dict[str, Any]:
    """The Header of a message, its keys in the order of the standard; SenderFault for a twin."""
    header = document.envelope.header
    told: dict[str, Any] = {"UUID": header.uuid, "Type": header.type.value}
    told |= _business_to_json(document)
    told |= {key: getattr(header, name) for key, name in _KEYS.items() if key != "UUID"}
    told |= {"ProductName": header.product.name, "ProductVersion": header.product.version}
    told["DeliveryType"] = (header.delivery or "").lower()
    told = {key: value for key, value in told.items() if value}
    taken = {key.lower() for key in told}
    for stranger in document.strangers:
        name = tag_of(stranger)
        if name.lower() in taken:
            raise not_in_json(stranger, _TWICE.filled(name=name[:SHOWN]))
        taken.add(name.lower())
        told[name] = to_json(stranger)
    return told


def _business_to_json(document: XmlDocument) -> dict[str, Any]:
    business = document.envelope.business
    if isinstance(business, BusinessRequest):
        return {"SubType": _REQUEST, "Operation": business.operation}
    if business is None:
        return {}
    identification: dict[str, str] = {}
    seen: set[str] = set()
    for name, value in business.keys:
        if name.lower() in seen:
            raise not_in_json(document.part, _KEY_TWICE.filled(name=name[:SHOWN]))
        seen.add(name.lower())
        identification[name] = value
    told = {"SubType": "event", "Event": business.event.value, "Entity": business.entity}
    return told | {"Identification": identification}


def header_from_json(given: Mapping[str, Any]) -> GivenHeader:
    """What a Header says, by its keys as they are spelt; SenderFault where it cannot be meant."""
    lowered = {key.lower(): value for key, value in given.items()}
    texts = {name: _text(lowered, key) for key, name in _KEYS.items()}
    header = Header(
        type=_choice(lowered, "Type", TYPES) or MessageType.BUSINESS,
        product=Product(_text(lowered, "ProductName"), _text(lowered, "ProductVersion")),
        delivery=_choice(lowered, "DeliveryType", MODES),
        **texts,
    )
    business = None
    if header.type is MessageType.BUSINESS:
        business = _business_from_json(lowered, header.transaction)
    own = _OWN | _OF_BUSINESS[type(business) if business else None]
    strangers = [
        element
        for key, value in given.items()
        if key.lower() not in own
        for element in elements_of(_stranger(key), value, UNKNOWN, f"{PATH}/{key[:SHOWN]}")
    ]
    return GivenHeader(header, business, tuple(strangers))


def _stranger(key: str) -> str:
    other = _OTHERWISE.get(key.lower())
    if other:
        problem = Text(
            f"{key} não é chave do Header; use {other}",
            f"{key} is no key of the Header; use {other}",
        )
        raise malformed(problem, f"{PATH}/{key}")
    return key


def _business_from_json(
    given: Mapping[str, Any], transaction: str
) -> BusinessEvent | BusinessRequest:
    subtype = _choice(given, "SubType", _SUBTYPES)
    if subtype == _REQUEST or not (subtype or given.get("event")):
        return BusinessRequest(_text(given, "Operation") or transaction)
    event = _choice(given, "Event", _EVENTS)
    if event is None:
        raise SenderFault(Fault("ENVELOPE_INCOMPLETE", f"{PATH}/Event", details={"what": "Event"}))
    keys = given.get("identification") or {}
    path = f"{PATH}/Identification"
    if not isinstance(keys, dict):
        raise malformed(Text("Identification não é um objeto", "Identification is no object"), path)
    told = tuple(
        (written(name, path), written(value, f"{path}/{name[:SHOWN]}"))
        for name, value in keys.items()
    )
    return BusinessEvent(_text(given, "Entity") or transaction, event, told)


def _text(given: Mapping[str, Any], key: str) -> str:
    return written(given.get(key.lower()), f"{PATH}/{key}")


def _choice(given: Mapping[str, Any], key: str, choices: Mapping[str, T]) -> T | None:
    """What a text of the header stands for, None where there is none; SenderFault for others."""
    value = _text(given, key)
    if not value:
        return None
    chosen = choices.get(value.strip().lower())
    if chosen is None:
        allowed = " | ".join(dict.fromkeys(str(each) for each in choices.values()))
        details = {"what": key, "value": shown(value, key), "allowed": allowed}
        raise SenderFault(Fault("ENVELOPE_INVALID", f"{PATH}/{key}", details=details))
    return chosen
