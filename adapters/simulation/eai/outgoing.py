"""A message as a simulated ERP writes it: its header, its order of elements, its own ids."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from adapters.simulation.eai.entities import Entity, ErpProduct
from bus.core.envelope import DeliveryMode, Event

Value = str | Mapping[str, "Value"] | Sequence[Mapping[str, "Value"]]
"""What stands in an element: text, elements, or several times the elements of the inner name."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What to send: of which transaction, which document, and what of it beside code and id.

    `fields` may hold elements of the layout, and lists: `{"ListOfRequestItem": {"RequestItem":
    [{...}, {...}]}}`.
    """

    transaction: str
    code: str = ""
    fields: Mapping[str, Value] = field(default_factory=dict)
    event: Event = Event.UPSERT
    mode: DeliveryMode = DeliveryMode.SYNC


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a message carries once: its UUID, the moment (s since 1970), who says it, and its id."""

    uuid: str
    at: int
    source: str
    own_id: str


def refuse_unknown(entity: Entity, out: Outgoing) -> None:
    """ValueError for an element that the ERP does not send."""
    unknown = set(out.fields) - set(entity.layout)
    if unknown:
        known = ", ".join(entity.layout)
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}; known: {known}")


def write_outgoing(product: ErpProduct, entity: Entity, out: Outgoing, stamp: Stamp) -> bytes:
    """The whole TOTVSMessage."""
    version = entity.versions[0]
    name = f"{entity.transaction}_{version.replace('.', '_')}"
    header = product.header.format(
        uuid=html.escape(stamp.uuid),
        transaction=entity.transaction,
        source=html.escape(stamp.source),
        company=product.company,
        branch=product.branch,
        product=product.name,
        product_version=product.version,
        on=datetime.fromtimestamp(stamp.at, UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        mode=out.mode,
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<TOTVSMessage xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:noNamespaceSchemaLocation="xmlschema/general/events/{name}.xsd">\n'
        f'<MessageInformation version="{version}">{header}</MessageInformation>\n'
        f"<BusinessMessage>{_business(entity, out, stamp)}<BusinessContent>"
        f"{''.join(_content(product, entity, out, stamp))}</BusinessContent></BusinessMessage>\n"
        "</TOTVSMessage>"
    ).encode()


def _business(entity: Entity, out: Outgoing, stamp: Stamp) -> str:
    if not entity.tables:
        operation = f"<Operation>{entity.transaction}</Operation>"
        return f"<BusinessRequest>{operation}</BusinessRequest>"
    key = f'<key name="InternalId">{html.escape(stamp.own_id)}</key>'
    return (
        f"<BusinessEvent><Entity>{entity.transaction}</Entity><Event>{out.event}</Event>"
        f"<Identification>{key}</Identification></BusinessEvent>"
    )


def _content(product: ErpProduct, entity: Entity, out: Outgoing, stamp: Stamp) -> Iterator[str]:
    own: dict[str, Value] = {
        "CompanyId": product.company,
        "BranchId": product.branch,
        "CompanyInternalId": f"{product.company}|{product.branch}",
        "InternalId": stamp.own_id,
        entity.code: out.code,
    }
    filled = {**own, **out.fields}
    for name in entity.layout:
        value = filled.get(name, "")
        if value or name in entity.always:
            yield from _element(name, value)


def _element(name: str, value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield f"<{name}>{html.escape(value, quote=False)}</{name}>"
    elif isinstance(value, Mapping):
        inner = "".join(part for key, one in value.items() for part in _element(key, one))
        yield f"<{name}>{inner}</{name}>"
    else:
        for one in value:
            yield from _element(name, one)
