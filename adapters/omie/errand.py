"""One delivery to Omie: what is to be done, the calls for it, and how long there is for them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from adapters.omie.client import NotDone, OmieClient, Patience
from adapters.omie.known_faults import is_empty_list
from adapters.omie.numbers import Record, written
from adapters.omie.settings import OmieSettings
from adapters.omie.values import number, omie_id
from bus.core.element import Element
from bus.core.envelope import BusinessEvent, Event, InternalIdPair
from bus.core.outcome import Outcome, Report
from bus.core.text import NOTHING, Text
from bus.ports.adapter import Parcel

MAY_BE_REPEATED = Text(
    "não se sabe até onde a mudança chegou; o barramento a retoma, e o que já foi feito não se "
    "repete",
    "it is not known how far the change has come; the bus goes on with it, and what is done is not "
    "done twice",
)
NO_ID = Text(
    "a linha {line} não tem o {what} em ids da Omie", "line {line} has no {what} in Omie's ids"
)
PRODUCT = Text("produto", "product")
NO_QUANTITY = Text("a linha {line} não tem quantidade", "line {line} has no quantity")
SAYS_SO = re.compile(r"OS\b")
"""A code of a work order that says itself that it is one."""
FIRST_PAGE = {"pagina": 1, "registros_por_pagina": 50}
MOST_PAGES = 20
"""Pages of a list that are looked through for one record."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an errand: the ids that Omie gave, and what a question asked for."""

    ids: tuple[InternalIdPair, ...] = ()
    content: Element | None = None


@dataclass
class Errand:
    """A parcel on its way.

    `ours` is its content in Omie's ids, `theirs` as its sender wrote it.
    """

    parcel: Parcel
    client: OmieClient
    settings: OmieSettings
    ours: Element = field(init=False)
    theirs: Element = field(init=False)
    deadline: float = field(init=False)
    heard: bytes = b""
    """The last answer, as evidence; no key is in it."""

    def __post_init__(self) -> None:
        """Its content, and when it has to be over."""
        self.ours = self.parcel.content
        self.theirs = self.parcel.document.content()
        self.deadline = asyncio.get_running_loop().time() + self.parcel.timeout

    @property
    def deletes(self) -> bool:
        """Whether the document is gone at its sender."""
        business = self.parcel.document.envelope.business
        return isinstance(business, BusinessEvent) and business.event is Event.DELETE

    @property
    def work_order(self) -> str:
        """The work order of its document, as `OS 7`; empty where none is told."""
        told = self.theirs.text_at("MainOrderCode") or self.theirs.text_at("MainOrderInternalId")
        return told if not told or SAYS_SO.match(told) else f"OS {told}"

    @property
    def shares(self) -> bool:
        """Whether its sender is another app of the same product: registers are shared."""
        said = self.parcel.document.envelope.header.product.name
        return said.casefold() == self.parcel.application.product.casefold()

    @property
    def sender(self) -> tuple[str, ...]:
        """Whose document it is: its ids are unique there."""
        header = self.parcel.document.envelope.header
        return header.source_application, header.company, header.branch, header.transaction

    async def call(self, service: str, method: str, param: Mapping[str, object]) -> Record:
        """The answer of a service; NotDone where there is none."""
        answer = await self.client.call(service, method, param, self._left())
        self.heard = written(answer)
        return answer

    async def create(self, service: str, method: str, param: Mapping[str, object]) -> Record:
        """The answer of a service that makes a record by a key: a second call makes no second."""
        answer = await self.client.call(service, method, param, self._left(), keep=True)
        self.heard = written(answer)
        return answer

    async def look(
        self, service: str, method: str, param: Mapping[str, object], since: str = ""
    ) -> Record:
        """What a service shows, as we left it by our last change there, or of another service."""
        left = self._left()
        answer = await self.client.call(service, method, param, left, since=since or service)
        self.heard = written(answer)
        return answer

    def used(self, line: Element, place: int) -> tuple[int, Decimal]:
        """The product of a line, in Omie's id, and how much of it; NotDone where one is missing."""
        product, quantity = (
            omie_id(line.text_at("ItemInternalId")),
            number(line.text_at("Quantity")),
        )
        if not product:
            raise self.refuse(NO_ID.filled(line=place, what=PRODUCT))
        if quantity is None:
            raise self.refuse(NO_QUANTITY.filled(line=place))
        return product, quantity

    async def all_of(
        self, service: str, method: str, param: Mapping[str, object], name: str
    ) -> list[Record]:
        """The records of a list as they are now, of all its pages."""
        found: list[Record] = []
        for page in range(1, MOST_PAGES + 1):
            try:
                answer = await self.look(service, method, {**FIRST_PAGE, **param, "pagina": page})
            except NotDone as fault:
                if is_empty_list(fault.said):
                    return found
                raise
            rows = answer.get(name)
            found += (
                [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
            )
            pages = answer.get("total_de_paginas")
            if not isinstance(pages, int) or page >= pages:
                return found
        return found

    async def first_of(
        self, service: str, method: str, param: Mapping[str, object], name: str
    ) -> Mapping[str, object] | None:
        """The first record of a list; None where it is empty."""
        try:
            answer = await self.call(service, method, {**FIRST_PAGE, **param})
        except NotDone as fault:
            if is_empty_list(fault.said):
                return None
            raise
        rows = answer.get(name)
        return rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else None

    def refuse(self, problem: Text, said: str = "", advice: Text = NOTHING) -> NotDone:
        """A no of ours: Omie cannot take it as it is."""
        fault = self.client.fault("IMPOSSIBLE_THERE", problem)
        if advice != NOTHING:
            fault = replace(fault, details={**fault.details, "product_advice": advice})
        return NotDone(Report(Outcome.REFUSED, fault=fault), said)

    def goes_on(self) -> Report:
        """What becomes of a change in doubt whose calls may be made again: it is sent again."""
        fault = self.client.fault("UNREACHABLE", MAY_BE_REPEATED)
        return Report(Outcome.UNREACHABLE, fault=fault)

    def _left(self) -> Patience:
        left = max(0.01, self.deadline - asyncio.get_running_loop().time())
        return Patience(left, self.parcel.start_within)
