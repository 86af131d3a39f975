"""Reads what Keepfy has: its customers by GraphQL, and what it posts to the webhook."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zlib import crc32

from adapters.keepfy.checking import read_json
from adapters.keepfy.events import EventKind, read_event
from adapters.keepfy.messages import KeepfyComposer
from adapters.keepfy.session import KeepfySession, NotAnswered
from adapters.keepfy.settings import KeepfySettings
from adapters.keepfy.unified import UnifiedReader
from bus.core.element import Element
from bus.core.errors import ReceiverFault
from bus.core.outcome import Outcome
from bus.core.text import Text
from bus.ports.adapter import Inbound, InboundMessage, Poll, Webhook

CUSTOMER, VERSION = "CustomerVendor", "2.002"
QUESTION = (
    "query {{ activeCustomers(pagination: {{page: {page}, size: {size}}}, query: {{}}) "
    "{{ items {{ {fields} }} hasMore }} }}"
)
MOST_PAGES = 20
"""Pages that are looked through at once where none has anything new."""
CNPJ, CPF = 14, 11
NOT_A_LIST = Text(
    "activeCustomers não trouxe items e hasMore", "activeCustomers brought no items and hasMore"
)
NO_ANSWER = "UNREACHABLE"


@dataclass(frozen=True, slots=True)
class CustomerCursor:
    """Where reading stands: page and record of the round under way, and what it has handed on.

    `seen` is what the round before had: a digest by the id of each record.
    """

    page: int = 1
    record: int = 0
    seen: Mapping[str, int] = field(default_factory=dict)
    next: Mapping[str, int] = field(default_factory=dict)

    def written(self) -> str:
        """As the journal keeps it."""
        if (self.page, self.record) == (1, 0):
            return json.dumps({"seen": dict(self.seen)}, sort_keys=True)
        told = {"at": [self.page, self.record], "seen": dict(self.seen), "next": dict(self.next)}
        return json.dumps(told, sort_keys=True)


def read_cursor(text: str) -> CustomerCursor:
    """The cursor that `written` wrote; the beginning where there is none."""
    if not text:
        return CustomerCursor()
    told = json.loads(text)
    page, record = told.get("at", (1, 0))
    return CustomerCursor(page, record, told["seen"], told.get("next", {}))


class KeepfyReading:
    """What one branch of Keepfy has for the bus."""

    def __init__(
        self, session: KeepfySession, composer: KeepfyComposer, settings: KeepfySettings
    ) -> None:
        self._session = session
        self._composer = composer
        self._settings = settings
        application = composer.application.name
        self._reader = UnifiedReader(application, settings.branch, composer.codec)

    async def read(self, source: Poll | Webhook) -> Inbound:
        """The next page that has something new, or the messages of what was posted."""
        if isinstance(source, Webhook):
            return Inbound(self._posted(read_json(source.body)), whole=True)
        try:
            return await self._next(read_cursor(source.cursor))
        except NotAnswered as refused:
            told = refused.report.fault
            raise ReceiverFault(*([told] if told else [])) from None

    # -- what was posted ---------------------------------------------------------------------------

    def _posted(self, told: object) -> tuple[InboundMessage, ...]:
        """A unified message, or what an event makes: all of it, or nothing by a SenderFault."""
        if isinstance(told, dict) and "header" in {key.lower() for key in told}:
            return (InboundMessage(self._reader.message(told)),)
        event = read_event(told, self._settings.branch)
        messages = self._composer.of_event(event)
        requisitions = event.kind is not EventKind.REPORT
        if not event.confirmed or (requisitions and not self._settings.requisitions):
            return ()  # K-23, K-24
        return messages

    # -- customers ---------------------------------------------------------------------------------

    async def _next(self, at: CustomerCursor) -> Inbound:
        for _ in range(MOST_PAGES):
            rows, more = await self._page(at.page)
            messages = tuple(self._messages(at, rows))
            after = self._behind(at, rows)
            if not (more and rows):
                end = CustomerCursor(seen=after.next)
                return Inbound(messages, cursor=end.written())
            at = replace(after, page=at.page + 1, record=0)
            if messages:
                return Inbound(messages, more=True, cursor=at.written())
        return Inbound(more=True, cursor=at.written())

    async def _page(self, page: int) -> tuple[list[Mapping[str, Any]], bool]:
        fields = " ".join(("id", "isActive", *sorted(set(self._settings.customers.values()))))
        question = QUESTION.format(page=page, size=self._settings.page, fields=fields)
        data = await self._session.ask(question, self._composer.application.timeout)
        found = data.get("activeCustomers")
        rows = found.get("items") if isinstance(found, dict) else None
        if not isinstance(found, dict) or not isinstance(rows, list):
            raise self._session.not_done(Outcome.UNREACHABLE, NOT_A_LIST)
        good: list[Mapping[str, Any]] = [
            row for row in rows if isinstance(row, dict) and row.get("id")
        ]
        return good, found.get("hasMore") is True

    def _messages(
        self, at: CustomerCursor, rows: list[Mapping[str, Any]]
    ) -> Iterator[InboundMessage]:
        for row in rows[at.record :]:
            at = self._behind(at, [row], one=True)
            id, digest = str(row["id"]), _digest(row)
            if at.seen.get(id) != digest:
                content = self._customer(row)
                body = self._composer.register(CUSTOMER, VERSION, content, id, str(digest))
                yield InboundMessage(body, at.written())

    def _behind(
        self, at: CustomerCursor, rows: list[Mapping[str, Any]], *, one: bool = False
    ) -> CustomerCursor:
        """Behind a record, or all that are left of a page."""
        left = rows if one else rows[at.record :]
        told = {**at.next, **{str(row["id"]): _digest(row) for row in left}}
        return replace(at, record=at.record + len(left), next=told)

    def _customer(self, row: Mapping[str, Any]) -> Element:
        """What is told of a customer; what no option names a field for is left out."""
        names = self._settings.customers
        told = {part: str(row.get(name) or "").strip() for part, name in names.items()}
        id = str(row["id"])
        parts = [
            Element("Code", told.get("Code") or id),
            Element("InternalId", id),
            Element("ShortName", told.get("ShortName", "")),
            Element("Name", told.get("Name", "")),
            Element("Type", "Customer"),
            Element("RegisterSituation", "Inactive" if row.get("isActive") is False else "Active"),
        ]
        document = "".join(filter(str.isalnum, told.get("Document", ""))).upper()
        if len(document) in {CNPJ, CPF}:
            name = "CPF" if len(document) == CPF else "CNPJ"
            government = Element("Id", document, {"scope": "Federal", "name": name})
            parts.append(Element("GovernmentalInformation", children=(government,)))
        return Element("BusinessContent", children=tuple(one for one in parts if _says(one)))


def _says(element: Element) -> bool:
    return bool(element.text or element.children)


def _digest(row: Mapping[str, Any]) -> int:
    return crc32(json.dumps(row, sort_keys=True, default=str).encode())
