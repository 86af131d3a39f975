"""One delivery to Omie: what is to be done, the calls for it, and how long there is for them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from adapters.omie.client import NotDone, OmieClient, Patience
from adapters.omie.known_faults import is_empty_list
from adapters.omie.numbers import Record, written
from adapters.omie.settings import OmieSettings
from bus.core.element import Element
from bus.core.envelope import BusinessEvent, Event, InternalIdPair
from bus.core.outcome import Outcome, Report
from bus.core.text import NOTHING, Text
from bus.ports.adapter import Parcel

FIRST_PAGE = {"pagina": 1, "registros_por_pagina": 50}


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
        fault = self.client.fault("REFUSED", problem)
        if advice != NOTHING:
            fault = replace(fault, details={**fault.details, "product_advice": advice})
        return NotDone(Report(Outcome.REFUSED, fault=fault), said)

    def _left(self) -> Patience:
        left = max(0.01, self.deadline - asyncio.get_running_loop().time())
        return Patience(left, self.parcel.start_within)
