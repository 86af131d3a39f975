"""MessageInformation, the header of the envelope: read with tolerance, written strictly."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from bus.codec.envelope_faults import LONGEST
from bus.codec.markup import attribute_text, element_text
from bus.codec.names import ElementNames, attribute, children, tag_of, text_of
from bus.core.envelope import DeliveryMode, Header, MessageType, Product

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.etree import _Element

    from bus.codec.envelope_faults import EnvelopeFaults, T

PATH: Final = "/TOTVSMessage/MessageInformation"

# In the order of the Protheus adapters, with the field of `Header` that holds each.
FIELDS: Final = {
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
HEADER_NAMES = ElementNames(*FIELDS, BusinessUnitSharingMode="BusinessUnitySharingMode")

_ALWAYS_WRITTEN = {"UUID", "Type", "Transaction", "SourceApplication", "Product"}
_TEXTS = attrgetter(*tuple(FIELDS.values())[1:])
"""The fields of a header in the order in which they are written, but for its UUID."""

TYPES = {
    "businessmessage": MessageType.BUSINESS,
    "response": MessageType.RESPONSE,
    "responsemessage": MessageType.RESPONSE,
    "receipt": MessageType.RECEIPT,
    "receiptmessage": MessageType.RECEIPT,
}
"""What texts of Type mean, in lower case."""
MODES = {mode.lower(): mode for mode in DeliveryMode}
"""What texts of DeliveryType mean, in lower case."""
# As most write them, which saves the change of case.
_USUAL_TYPES = TYPES | {type_.value: type_ for type_ in MessageType}
_USUAL_MODES = MODES | {mode.value: mode for mode in DeliveryMode}

# Where in `Header` the text of an element stands.
_PLACES: Final[dict[Any, int]] = {
    name: Header._fields.index(field) for name, field in FIELDS.items()
}
_WIDTH: Final = len(Header._fields)
_TYPE, _MODE, _PRODUCT = (_PLACES[name] for name in ("Type", "DeliveryType", "Product"))
_NO_PRODUCT: Final = Product()
_VERSION: Final = Header._fields.index("version")
_BOUNDED: Final = tuple(
    (name, place)
    for name, place in (*_PLACES.items(), ("@version", _VERSION))
    if place not in {_TYPE, _MODE, _PRODUCT}
)
_TOKENS: Final = tuple((name, _PLACES[name]) for name in ("UUID", "Transaction"))


class HeaderRead(NamedTuple):
    """A header, and the elements in it that no standard knows."""

    header: Header
    strangers: tuple[_Element, ...]


def read_header(information: _Element, complaints: EnvelopeFaults) -> HeaderRead:
    """The header, as far as it can be read; of a type that it does not say, a business message."""
    values, strangers = _values(information)
    type_ = _USUAL_TYPES.get(values[_TYPE]) or _choice("Type", information, complaints, TYPES)
    version = values[_VERSION] = attribute(information, "version").strip()
    if not version and type_ is MessageType.BUSINESS:
        complaints.missing(f"{PATH}/@version", information)
    for name, place in _TOKENS:
        token = values[place] = values[place].strip()
        if not token:
            complaints.missing(f"{PATH}/{name}", information)
    if max(map(len, values)) > LONGEST:
        _bound(values, information, complaints)
    mode = values[_MODE]
    values[_MODE] = _USUAL_MODES.get(mode)
    if mode and values[_MODE] is None and not mode.isspace():
        values[_MODE] = _choice("DeliveryType", information, complaints, MODES)
    product = values[_PRODUCT] = _product(values[_PRODUCT])
    if max(map(len, product)) > LONGEST:
        values[_PRODUCT] = _bound_product(product, information, complaints)
    values[_TYPE] = type_ or MessageType.BUSINESS
    return HeaderRead(Header._make(values), strangers)


def _bound(values: list[Any], information: _Element, complaints: EnvelopeFaults) -> None:
    """Complain of each text that is too long, and cut it; those of a choice are told as such."""
    for name, place in _BOUNDED:
        values[place] = complaints.bounded(f"{PATH}/{name}", information, values[place])


def _bound_product(product: Product, information: _Element, complaints: EnvelopeFaults) -> Product:
    return Product(
        *(
            complaints.bounded(f"{PATH}/Product/@{name}", information, text)
            for name, text in zip(Product._fields, product, strict=True)
        )
    )


def _values(information: _Element) -> tuple[list[Any], tuple[_Element, ...]]:
    """What stands in the elements, in the order of `Header`, and those that no standard knows.

    Only the first element of a name counts: it is renamed where it is spelt otherwise, and a second
    one is no stranger.
    """
    values: list[Any] = [None] * _WIDTH
    strangers: list[_Element] = []
    for child in information:
        place = _PLACES.get(child.tag)
        if place is None:
            place = _place_of(child, values)
        if place is None:
            strangers.append(child)
        elif values[place] is None:
            values[place] = child if place == _PRODUCT else child.text or ""
    return ["" if value is None else value for value in values], tuple(strangers)


def _place_of(child: _Element, values: list[Any]) -> int | None:
    """Where an element that is spelt otherwise belongs; None of strangers."""
    name = HEADER_NAMES.strict.get(tag_of(child).lower())
    if name is None:
        return None
    place = _PLACES[name]
    if values[place] is None:
        child.tag = name
    return place


def _choice(
    name: str, information: _Element, complaints: EnvelopeFaults, choices: Mapping[str, T]
) -> T | None:
    """What a text in any letter case stands for; a complaint for others."""
    element = next(information.iterchildren(name), None)
    return complaints.choice(f"{PATH}/{name}", element, information, choices)


def read_origin(information: _Element | None) -> tuple[str, Product]:
    """SourceApplication and Product of an answer's header, as far as they are there."""
    if information is None:
        return "", Product()
    found = children(information, HEADER_NAMES)
    return text_of(found.get("SourceApplication")), _product(found.get("Product"))


def write_header(header: Header, uuid: str, strangers: str = "") -> str:
    """The header under a UUID, in the strict order, without empty elements.

    `strangers` are markup for its end.
    """
    version = f' version="{attribute_text(header.version)}"' if header.version else ""
    product = header.product
    named = f'name="{attribute_text(product.name)}" version="{attribute_text(product.version)}"'
    elements = "".join(
        [
            # Product is written from attributes, all others from texts.
            f"<Product {named}/>"
            if name == "Product"
            else f"<{name}>{element_text(text or '')}</{name}>"
            for name, text in zip(FIELDS, (uuid, *_TEXTS(header)), strict=True)
            if text or name in _ALWAYS_WRITTEN
        ]
    )
    return f"<MessageInformation{version}>{elements}{strangers}</MessageInformation>"


def _product(element: _Element | str | None) -> Product:
    if element is None or isinstance(element, str):  # a text: there is no such element
        return _NO_PRODUCT
    return Product(attribute(element, "name"), attribute(element, "version"))
