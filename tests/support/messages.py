"""Standard messages as applications write them; companies and documents are invented."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from uuid import uuid4

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def new_uuid() -> str:
    """A UUID of a sender."""
    return str(uuid4())


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A BusinessMessage: an event, or a request where `event` is empty."""

    transaction: str
    version: str
    content: Mapping[str, str]
    id: str = ""
    entity: str = ""
    event: str = "upsert"
    uuid: str = field(default_factory=new_uuid)
    mode: str = ""
    source: str = ""
    product: str = "PROTHEUS"
    company: str = "01"
    branch: str = "01"
    generated_on: str = "2026-01-31T10:00:00"
    inner: str = ""
    """More of the content, as XML."""

    def xml(self) -> bytes:
        """The message as it goes over the wire."""
        content = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in self.content.items())
        return (
            f"{HEAD}<TOTVSMessage>{self._header()}<BusinessMessage>{self._business()}"
            f"<BusinessContent>{content}{self.inner}</BusinessContent></BusinessMessage></TOTVSMessage>"
        ).encode()

    def _header(self) -> str:
        mode = f"<DeliveryType>{self.mode}</DeliveryType>" if self.mode else ""
        return (
            f'<MessageInformation version="{self.version}"><UUID>{escape(self.uuid)}</UUID>'
            f"<Type>BusinessMessage</Type><Transaction>{self.transaction}</Transaction>"
            "<StandardVersion>1.0</StandardVersion>"
            f"<SourceApplication>{self.source}</SourceApplication>"
            f"<CompanyId>{self.company}</CompanyId><BranchId>{self.branch}</BranchId>"
            f'<Product name="{self.product}" version="12"/>'
            f"<GeneratedOn>{self.generated_on}</GeneratedOn>{mode}</MessageInformation>"
        )

    def _business(self) -> str:
        if not self.event:
            return f"<BusinessRequest><Operation>{self.transaction}</Operation></BusinessRequest>"
        key = f'<key name="InternalId">{escape(self.id)}</key>' if self.id else ""
        return (
            f"<BusinessEvent><Entity>{self.entity}</Entity><Event>{self.event}</Event>"
            f"<Identification>{key}</Identification></BusinessEvent>"
        )


def unit(code: str = "UN", description: str = "Unidade", **header: str) -> Message:
    """A unit of measure: a register, and an upsert unless said otherwise."""
    id_ = header.pop("id", f"01||{code}")
    content = {"Code": code, "InternalId": id_, "Description": description}
    return _message(
        "UnitOfMeasure", "2.000", {"entity": "UnitOfMeasure", "id": id_} | header, content
    )


def currency(code: str = "BRL", **header: str) -> Message:
    """A currency: a register."""
    content = {"Code": code, "InternalId": code, "Description": "Real"}
    return _message("Currency", "2.001", {"entity": "Currency", "id": code} | header, content)


def part(code: str = "P1", references: Mapping[str, str] | None = None, **header: str) -> Message:
    """A part: a register that refers to others by the elements given."""
    content = {"InternalId": code, **(references or {})}
    return _message("Part", "1.000", {"entity": "Part", "id": code} | header, content)


def vendor(code: str = "V1", **header: str) -> Message:
    """A customer and vendor: one record, which an application may keep as two."""
    return _message(
        "CustomerVendor",
        "2.002",
        {"entity": "CustomerVendor", "id": code} | header,
        {"InternalId": code},
    )


def step(job: str = "7", note: str = "", **header: str) -> Message:
    """A step of a job: a process, of which none may be left out."""
    content = {"InternalId": job, "Note": note}
    return _message("Step", "1.000", {"entity": "Job", "id": job} | header, content)


def cancellation(job: str = "7", **header: str) -> Message:
    """The cancellation of a job: it refers to the document that it is about."""
    id_ = header.pop("id", f"c{job}")
    content = {"InternalId": id_, "JobInternalId": job}
    return _message("CancelJob", "1.000", {"entity": "CancelJob", "id": id_} | header, content)


def cancel_request(target: str, kind: str = "", **header: str) -> Message:
    """A CancelRequest: its Type says what it cancels."""
    id_ = header.pop("id", f"c{target}")
    content = {"InternalId": id_, "RequestInternalId": target} | ({"Type": kind} if kind else {})
    return _message("CancelRequest", "1.000", {"event": "", "id": id_} | header, content)


def imported(id_: str, entity: str = "Zebra", **header: str) -> Message:
    """A message of an imported contract: only its Identification says what it is about."""
    content = {"InternalId": "not known to be the id", "Note": ""}
    return _message("Imported", "1.000", {"entity": entity, "id": id_} | header, content)


def work_order(id_: str = "7", **header: str) -> Message:
    """A MaintenanceOrder, of which more would be needed to be valid."""
    return _message(
        "MaintenanceOrder",
        "1.002",
        {"entity": "MaintenanceOrder", "id": id_} | header,
        {"InternalId": id_},
    )


def cancel_order(order: str = "7", **header: str) -> Message:
    """A CancelMaintenanceOrder, whose own id is that of the order, as Protheus sends it."""
    content = {"InternalId": order, "MaintenanceOrderInternalId": order}
    return _message("CancelMaintenanceOrder", "1.000", {"event": "", "id": order} | header, content)


def turnover(id_: str, order: str = "", **header: str) -> Message:
    """A StockTurnover of a work order, of which more would be needed to be valid."""
    return _message(
        "StockTurnover",
        "1.006",
        {"entity": "StockTurnover", "id": id_} | header,
        {"InternalId": id_, "MainOrderInternalId": order},
    )


def request(id_: str, order: str = "", items: Sequence[str] = (), **header: str) -> Message:
    """A Request of a work order; of those of its items where it names none itself."""
    content = {"InternalId": id_, "MainOrderInternalId": order}
    message = _message("Request", "1.010", {"entity": "Request", "id": id_} | header, content)
    of_items = "".join(
        f"<RequestItem><MainOrderInternalId>{escape(one)}</MainOrderInternalId></RequestItem>"
        for one in items
    )
    lists = f"<ListOfRequestItem>{of_items}</ListOfRequestItem>" if items else ""
    return replace(message, inner=lists)


def question(text: str = "?", **header: str) -> Message:
    """A query: it changes nothing and has no document."""
    return _message("Question", "1.000", {"event": ""} | header, {"Text": text})


def response(  # noqa: PLR0913 - the parts of a ResponseMessage
    uuid: str,
    status: str = "OK",
    text: str = "",
    *,
    transaction: str = "UnitOfMeasure",
    version: str = "2.000",
    product: str = "RM",
    ids: tuple[tuple[str, str, str], ...] = (),
    own_uuid: str = "",
) -> bytes:
    """A destination's ResponseMessage about the message of that UUID."""
    notes = ""
    if text:
        note = f'<Message type="ERROR" code="1">{escape(text)}</Message>'
        notes = f"<ListOfMessages>{note}</ListOfMessages>"
    learnt = "".join(
        f"<InternalId><Name>{name}</Name><Origin>{escape(origin)}</Origin>"
        f"<Destination>{escape(destination)}</Destination></InternalId>"
        for name, origin, destination in ids
    )
    listed = f"<ListOfInternalId>{learnt}</ListOfInternalId>" if learnt else ""
    return (
        f"{_answering('Response', own_uuid, transaction, version, product)}<ResponseMessage>"
        f"<ReceivedMessage><SentBy>PROTHEUS</SentBy><UUID>{escape(uuid)}</UUID></ReceivedMessage>"
        "<ProcessingInformation><ProcessedOn>2026-01-31T10:00:01</ProcessedOn>"
        f"<Status>{status}</Status>{notes}</ProcessingInformation>"
        f"<ReturnContent>{listed}</ReturnContent></ResponseMessage></TOTVSMessage>"
    ).encode()


def receipt(uuid: str, *, transaction: str = "UnitOfMeasure", version: str = "2.000") -> bytes:
    """A destination's ReceiptMessage about the message of that UUID."""
    return (
        f"{_answering('Receipt', '', transaction, version, 'RM')}<ReceiptMessage>"
        f"<ReceivedMessage><SentBy>PROTHEUS</SentBy><UUID>{escape(uuid)}</UUID></ReceivedMessage>"
        "<ReceiptData><ReceivedOn>2026-01-31T10:00:01</ReceivedOn></ReceiptData>"
        "</ReceiptMessage></TOTVSMessage>"
    ).encode()


def _answering(kind: str, uuid: str, transaction: str, version: str, product: str) -> str:
    return (
        f'{HEAD}<TOTVSMessage><MessageInformation version="{version}">'
        f"<UUID>{uuid or new_uuid()}</UUID><Type>{kind}</Type>"
        f"<Transaction>{transaction}</Transaction><StandardVersion>1.0</StandardVersion>"
        f'<SourceApplication></SourceApplication><Product name="{product}" version="12"/>'
        "<GeneratedOn>2026-01-31T10:00:01</GeneratedOn></MessageInformation>"
    )


def _message(
    transaction: str, version: str, header: dict[str, str], content: Mapping[str, str]
) -> Message:
    return Message(
        transaction=header.pop("transaction", transaction),
        version=header.pop("version", version),
        content=content,
        **header,
    )
