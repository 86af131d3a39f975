"""MessageInformation, the header of the envelope: read with tolerance, written strictly."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from bus.core.envelope import DeliveryMode, Header, MessageType, Product
from bus.xml.markup import attribute_text, element_text
from bus.xml.names import Names, attribute, children, tag_of, text_of

if TYPE_CHECKING:
    from lxml.etree import _Element

    from bus.xml.complaints import Complaints

PATH: Final = "/TOTVSMessage/MessageInformation"

# In the order of the Protheus adapters, with the field of `Header` that holds each.
_FIELDS: Final = {
    "UUID": "uuid",
    "Type": "type",
    "Transaction": "transaction",
    "StandardVersion": "standard_version",
    "SourceApplication": "source_application",
    "CompanyId": "company",
    "BranchId": "branch",
    "Enterprise": "enterprise",
    "BusinessUnit": "business_unit",
    "CompanySharingMode": "company_sharing_mode",
    "BusinessUnitySharingMode": "business_unit_sharing_mode",  # so spelt by the products
    "BranchSharingMode": "branch_sharing_mode",
    "UserId": "user",
    "Product": "product",
    "GeneratedOn": "generated_on",
    "ContextName": "context",
    "DeliveryType": "delivery",
}
_NAMES = Names(*_FIELDS, BusinessUnitSharingMode="BusinessUnitySharingMode")

_ALWAYS_WRITTEN = {"UUID", "Type", "Transaction", "SourceApplication"}
# Product is written from attributes, all others from texts.
_BEFORE_PRODUCT = tuple(_FIELDS)[: tuple(_FIELDS).index("Product")]
_AFTER_PRODUCT = tuple(_FIELDS)[len(_BEFORE_PRODUCT) + 1 :]
_TEXTS_BEFORE = attrgetter(*(_FIELDS[name] for name in _BEFORE_PRODUCT if name != "UUID"))
_TEXTS_AFTER = attrgetter(*(_FIELDS[name] for name in _AFTER_PRODUCT))

_TYPES = {
    "businessmessage": MessageType.BUSINESS,
    "response": MessageType.RESPONSE,
    "responsemessage": MessageType.RESPONSE,
    "receipt": MessageType.RECEIPT,
    "receiptmessage": MessageType.RECEIPT,
}
_MODES = {mode.lower(): mode for mode in DeliveryMode}


class HeaderRead(NamedTuple):
    """A header, and the elements in it that no standard knows."""

    header: Header
    strangers: tuple[_Element, ...]


def read_header(information: _Element, complaints: Complaints) -> HeaderRead | None:
    """The header; None where it does not even say what type of message it is of."""
    found = children(information, _NAMES)
    values: dict[str, Any] = {_FIELDS[name]: child.text or "" for name, child in found.items()}
    values["type"] = complaints.choice(f"{PATH}/Type", found.get("Type"), information, _TYPES)
    values["version"] = attribute(information, "version").strip()
    if not values["version"] and values["type"] is MessageType.BUSINESS:
        complaints.missing(f"{PATH}/@version", information)
    for name in ("UUID", "Transaction"):
        values[_FIELDS[name]] = token = values.get(_FIELDS[name], "").strip()
        if not token:
            complaints.missing(f"{PATH}/{name}", information)
    values["product"] = _product(found.get("Product"))
    values["delivery"] = None
    if text_of(mode := found.get("DeliveryType")).strip():
        values["delivery"] = complaints.choice(f"{PATH}/DeliveryType", mode, information, _MODES)
    if values["type"] is None:
        return None
    strangers = () if len(found) == len(information) else _strangers(information, found)
    return HeaderRead(Header(**values), strangers)


def read_origin(information: _Element | None) -> tuple[str, Product]:
    """SourceApplication and Product of an answer's header, as far as they are there."""
    if information is None:
        return "", Product()
    found = children(information, _NAMES)
    return text_of(found.get("SourceApplication")), _product(found.get("Product"))


def write_header(header: Header, uuid: str, strangers: str = "") -> str:
    """The header under a UUID, in the strict order, without empty elements.

    `strangers` are markup for its end.
    """
    version = f' version="{attribute_text(header.version)}"' if header.version else ""
    product = header.product
    named = f'name="{attribute_text(product.name)}" version="{attribute_text(product.version)}"'
    before = _elements(_BEFORE_PRODUCT, (uuid, *_TEXTS_BEFORE(header)))
    after = _elements(_AFTER_PRODUCT, _TEXTS_AFTER(header))
    return (
        f"<MessageInformation{version}>{before}<Product {named}/>{after}{strangers}"
        "</MessageInformation>"
    )


def _strangers(information: _Element, found: dict[str, _Element]) -> tuple[_Element, ...]:
    # The second element of a known name is none: only the first counts, and only it is passed on.
    known = {name.lower() for name in found}
    return tuple(child for child in information if tag_of(child).lower() not in known)


def _product(element: _Element | None) -> Product:
    if element is None:
        return Product()
    return Product(attribute(element, "name"), attribute(element, "version"))


def _elements(names: tuple[str, ...], texts: tuple[str | None, ...]) -> str:
    return "".join(
        [
            f"<{name}>{element_text(text or '')}</{name}>"
            for name, text in zip(names, texts, strict=True)
            if text or name in _ALWAYS_WRITTEN
        ]
    )
