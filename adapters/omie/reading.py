"""Reads an app: its registers by their lists, a page at a time, and the events of its webhooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import ceil

from adapters.omie.balances import BALANCES, STOCK_EVENTS, asked_on, content_of_balances, named
from adapters.omie.client import NotDone, OmieClient, Patience
from adapters.omie.cursor import Cursor, Mark, digest_of, latest, read_cursor
from adapters.omie.fields import CUSTOMER_VENDOR, FAMILY, ITEM, WAREHOUSE, Register
from adapters.omie.known_faults import is_empty_list
from adapters.omie.messages import Composer, content_of
from adapters.omie.numbers import Record, read_json
from adapters.omie.settings import OmieSettings
from adapters.omie.values import moment_of, omie_id, shown
from bus.core.errors import RETRY_AFTER, Fault, ReceiverFault, SenderFault
from bus.core.text import Text
from bus.ports.adapter import Inbound, InboundMessage, Poll, Webhook

READ: Mapping[str, Register] = {
    one.entity: one for one in (WAREHOUSE, FAMILY, ITEM, CUSTOMER_VENDOR, BALANCES)
}
MOST_PAGES = 20
"""Pages that are looked through at once where none has anything new."""
PING = {"ping": "omie"}
TOPICS = {"LocalEstoque": WAREHOUSE, "Produto": ITEM, "ClienteFornecedor": CUSTOMER_VENDOR}
"""The registers that webhooks tell of, by the first word of their topic."""
FAMILY_OF_PRODUCT = "codigo_familia"
STOCK = "stock"
"""A name of ours for the topics of `STOCK_EVENTS`: either tells that they are registered."""
TOPIC_WORDS: Mapping[str, Text] = {
    "LocalEstoque": Text("locais de estoque", "stock locations"),
    "Produto": Text("produtos", "products"),
    STOCK: Text("nível de estoque", "stock levels"),
}
"""What an app from which locations and products are read must tell of (K-08)."""
GONE = frozenset({"Excluido", "Excluida"})
NO_EVENT = Text("não é um evento da Omie", "it is no event of Omie's")
ANOTHER_APP = Text("o evento é de outro aplicativo Omie", "the event is of another Omie app")


@dataclass(frozen=True, slots=True)
class Page:
    """The records of a page, and how many pages and records the list has."""

    rows: tuple[Record, ...] = ()
    pages: int = 0
    total: int = 0


class OmieReading:
    """What an app has for the bus."""

    def __init__(  # noqa: PLR0913 - what it reads by, and whether an answer of before will do
        self,
        client: OmieClient,
        composer: Composer,
        settings: OmieSettings,
        app_key: str,
        today: Callable[[], date],
        *,
        fresh: bool = False,
    ) -> None:
        self._client = client
        self._composer = composer
        self._settings = settings
        self._app_key = app_key
        self._today = today
        self._fresh = fresh
        self._extended = composer.application.extensions
        self._told = False
        """Whether an event came since the round under way began."""

    def alone(self, register: str) -> OmieReading:
        """The reading of one register, as the app has it now: no answer of before will do."""
        settings = replace(self._settings, reads=(register,))
        return OmieReading(
            self._client, self._composer, settings, self._app_key, self._today, fresh=True
        )

    async def read(self, source: Poll | Webhook) -> Inbound:
        """The next page that has something new, or what an event tells."""
        if isinstance(source, Webhook):
            return self._event(source.body)
        try:
            return await self._next(read_cursor(source.cursor))
        except NotDone as fault:
            told = fault.report
            raise ReceiverFault(
                *([_timed(told.fault, told.retry_after)] if told.fault else [])
            ) from None

    def topics(self) -> Mapping[str, Text]:
        """The topics whose webhooks are mandatory: stock, where anything of it is read."""
        reads = self._settings.reads
        needed = {
            "LocalEstoque": WAREHOUSE.entity in reads,
            "Produto": ITEM.entity in reads,
            STOCK: not {WAREHOUSE.entity, BALANCES.entity}.isdisjoint(reads),
        }
        return {topic: words for topic, words in TOPIC_WORDS.items() if needed[topic]}

    # -- polling -----------------------------------------------------------------------------------

    async def _next(self, cursor: Cursor) -> Inbound:
        """From page to page, register to register, until one has something or all are read."""
        told = ",".join(map(str, sorted(self._settings.families)))
        cursor = cursor.of_families(told)
        begins = cursor.register not in self._settings.reads
        self._told = self._told and not begins
        if begins and BALANCES.entity in self._settings.reads:
            cursor = replace(cursor, rounds=cursor.rounds + 1)
        at = cursor.begun(self._after("")) if begins else cursor
        for _ in range(MOST_PAGES):
            register = READ[at.register]
            page = await self._page(register, at)
            if at.page > 1 and page.total < at.total:
                # Something was deleted, so that what came later moved up: it is read once more,
                # and what was handed on already is known by its UUID.
                return Inbound(more=True, cursor=at.begun(at.register).written())
            at = _entered(at, page, register)
            at, messages = self._taken(register, at, page)
            if messages or not at.register:
                # An event may be about a register that this round has behind it.
                more = bool(at.register) or self._told
                passed = _passed(at, page, self._settings.page)
                return Inbound(tuple(messages), more, at.written(), passed, page.total)
        return Inbound(more=True, cursor=at.written())

    async def _page(self, register: Register, at: Cursor) -> Page:
        """A page of a list; an empty list is told as an error."""
        names = register.paging
        param: dict[str, object] = {names.page: at.page, names.size: self._settings.page}
        if register.filtered and at.mark.since:
            day, _, time = at.mark.since.partition(" ")
            param |= {"filtrar_por_data_de": day, "filtrar_por_hora_de": time}
        if register is BALANCES:
            param |= asked_on(self._today())
        if self._extended:
            param |= register.shows
        patience = Patience(self._composer.application.timeout)
        try:
            answer = await self._client.call(
                register.service, register.list, param, patience, fresh=self._fresh
            )
        except NotDone as fault:
            if is_empty_list(fault.said):
                return Page()
            raise
        rows = answer.get(register.rows)
        found: tuple[Record, ...] = (
            tuple(row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()
        )
        if register is BALANCES:
            found = tuple(named(row) for row in found)
        return Page(found, _count(answer, names.pages), _count(answer, names.records))

    def _taken(
        self, register: Register, at: Cursor, page: Page
    ) -> tuple[Cursor, list[InboundMessage]]:
        """What a page tells, and the cursor behind it."""
        messages: list[InboundMessage] = []
        if register is BALANCES:
            at, messages = self._balances(at, page)
        else:
            for behind, message in self._messages(register, at, page):
                at = behind
                messages += [message] if message else []
        return self._end(at, page), messages

    def _balances(self, at: Cursor, page: Page) -> tuple[Cursor, list[InboundMessage]]:
        """The balances of a page that changed, as one message."""
        changed: list[Record] = []
        for row in page.rows:
            id, when, digest = _identity(BALANCES, row)
            changed += [row] if at.mark.is_new(id, when, digest) else []
            at = at.after(id, when, digest)
        if not changed:
            return at, []
        content = content_of_balances(changed)
        identity = (self._app_key, str(at.rounds), *(digest_of(row) for row in changed))
        body = self._composer.upsert(BALANCES.entity, BALANCES.version, content, *identity)
        return at, [InboundMessage(body, self._end(at, page).written())]

    def _messages(
        self, register: Register, at: Cursor, page: Page
    ) -> Iterator[tuple[Cursor, InboundMessage | None]]:
        """Each record of a page: the cursor behind it, and its message where it has one."""
        for row in page.rows[at.record :]:
            id, changed, digest = _identity(register, row)
            if self._client.access.is_unsettled(
                register.service, id, shown(row.get(register.code))
            ):
                at = at.passing_over(changed)
                yield at, None
                continue
            is_new = at.mark.is_new(id, changed, digest)
            told = self._told_of(register, row, at)
            at = at.after(id, changed, digest)
            if told is None:
                yield at, None
                continue
            if register is ITEM and self._settings.families:
                at = at.moved(id, inside=told is row)
            if not is_new:
                yield at, None
                continue
            content = content_of(register.fields, told, register.lists if self._extended else ())
            identity = (self._app_key, id, changed, digest, *filter(None, [at.families]))
            body = self._composer.upsert(register.entity, register.version, content, *identity)
            yield at, InboundMessage(body, at.written())

    def _told_of(self, register: Register, row: Record, at: Cursor) -> Record | None:
        """What is told of a record: of a product that has left the families, its end (X-04)."""
        families = self._settings.families
        if (
            register is not ITEM
            or not families
            or omie_id(shown(row.get(FAMILY_OF_PRODUCT))) in families
        ):
            return row
        was_told = at.narrows or shown(row.get(register.id)) in at.members
        return {**row, "inativo": "S"} if was_told else None

    def _end(self, at: Cursor, page: Page) -> Cursor:
        """Behind a page: the next one, or the next register."""
        if page.rows and at.page < page.pages:
            return replace(at, page=at.page + 1, record=0)
        return at.ended(self._after(at.register))

    def _after(self, register: str) -> str:
        """The register that is read after another; the first after none, none after the last."""
        names = self._settings.reads
        place = names.index(register) + 1 if register else 0
        return names[place] if place < len(names) else ""

    # -- webhooks ----------------------------------------------------------------------------------

    def _event(self, body: bytes) -> Inbound:
        """What an event tells: that a record is gone, or that there is something to be read.

        Both spellings are taken. What is read is the record, never the event's own fields.
        """
        told = _json(body)
        if told == PING:
            return Inbound()
        event = told.get("event", told.get("evento"))
        topic = told.get("topic")
        if not isinstance(event, dict) or not isinstance(topic, str):
            raise SenderFault(self._fault(NO_EVENT))
        if told.get("appKey") != self._app_key:
            raise SenderFault(self._fault(ANOTHER_APP))
        subject, _, what = topic.partition(".")
        register = BALANCES if topic in STOCK_EVENTS else TOPICS.get(subject)
        name = STOCK if register is BALANCES else subject
        if not register or register.entity not in self._settings.reads:
            return Inbound(topic=name)
        if what not in GONE:
            self._told = True
            return Inbound(more=True, topic=name)
        id, message = shown(event.get(register.id)), shown(told.get("messageId"))
        identity = (self._app_key, id, message)
        gone = self._composer.delete(register.entity, register.version, id, *identity)
        return Inbound((InboundMessage(gone),), topic=name)

    def _fault(self, problem: Text) -> Fault:
        return Fault("EVENT_REFUSED", details={"problem": problem})


def _timed(fault: Fault, wait: float | None) -> Fault:
    """A fault with the whole seconds after which the app may be asked again, where it is known."""
    if wait is None:
        return fault
    return replace(fault, details={**fault.details, RETRY_AFTER: str(ceil(wait))})


def _passed(at: Cursor, page: Page, size: int) -> int:
    """How many records of a list are behind a cursor at the end of a page."""
    return min(page.total, (at.page - 1) * size) if at.register else page.total


def _entered(at: Cursor, page: Page, register: Register) -> Cursor:
    """At a page of a list: on the first one, what the next round begins with is known."""
    if at.page > 1 or at.record:
        return at
    since = latest([_identity(register, row)[1] for row in page.rows], at.mark.since)
    keep = at.mark.seen if since == at.mark.since else {}
    return replace(at, total=page.total, next=Mark(since, keep))


def _identity(register: Register, row: Record) -> tuple[str, str, str]:
    """The id of a record, its last change (empty where it tells none), and its digest."""
    info = row.get("info") if register.filtered else row
    stamp = info if isinstance(info, dict) else {}
    changed = next(filter(None, (_moment(stamp, kind) for kind in ("Alt", "Inc"))), "")
    return shown(row.get(register.id)), changed, digest_of(row)


def _moment(stamp: Record, kind: str) -> str:
    day, time = shown(stamp.get(f"d{kind}")), shown(stamp.get(f"h{kind}"))
    found: datetime | None = moment_of(day, time)
    return f"{day} {time}" if found else ""


def _count(answer: Record, name: str) -> int:
    value = answer.get(name)
    return value if isinstance(value, int) else 0


def _json(body: bytes) -> Record:
    try:
        told = read_json(body)
    except ValueError:
        told = None
    return told if isinstance(told, dict) else {}
