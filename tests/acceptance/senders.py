"""Senders that do not give up, and that send again what they have a receipt for."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import aiohttp

from bus import demo
from tests.acceptance.killing import PASSWORD
from tests.semantics.soap_calls import SOAP_11, TYPES, call, escaped
from tests.support.messages import Message

AT_ONCE = 3
"""Senders of each flow."""
PLAIN, SOAP, QUEUE = "/messages", "/EAIService", ""
"""Where the bus takes messages: at a path, or from a broker."""
UNIT = "-unit"
"""Ends the name of the unit that the documents of a flow refer to."""
MADE_ON = "2026-01-31T12:00:00"
_CODE = re.compile(r'code="([A-Z_]+)"')
OK = escaped(b"<Status>OK</Status>")
"""In the answer to a SOAP call; what follows it are warnings."""

NOTHING_SENT = frozenset(
    {"WITHDRAWN", "LANE_BUSY", "LANE_STOPPED", "NO_TURN", "BUSY", "UNREACHABLE", "LEASE_OVER"}
)
"""What tells a sender that waits: nothing was sent, and nothing will be unless somebody asks."""
ACCEPTED = frozenset(
    {"receipt", "response", "OUTCOME_UNKNOWN", "IN_PROGRESS", "DISCARDED", "SETTLED_AS_NOT_DONE"}
)
"""What tells that a message is kept, of a repeat also what came of it, or what a person did."""
UNHEARD = "unheard"
"""Stands where the bus went away."""
NOT_NOW = frozenset(
    {"OVERLOADED", "STARTING", "STOPPING", "DISK_NEARLY_FULL"}
    | {"JOURNAL_FAILED", "JOURNAL_UNREACHABLE", "JOURNAL_UNCERTAIN"}
)
"""What asks a sender to come again: nothing may be kept."""


@dataclass(slots=True)
class Sent:
    """What the senders of one flow have a receipt for, and what they asked for again since."""

    destination: str
    documents: dict[str, list[str]] = field(default_factory=dict)
    """Per document, the UUIDs in the order of their receipts."""
    last: dict[str, str] = field(default_factory=dict)
    """What their sender was told last of each UUID that it posted."""
    repeated: set[str] = field(default_factory=set)
    """The UUIDs that were posted once more after their receipt."""
    answers: Counter[str] = field(default_factory=Counter)

    @property
    def untaken(self) -> set[str]:
        """The UUIDs of which their sender was last told that nothing was sent."""
        return {uuid for uuid, told in self.last.items() if told in NOTHING_SENT}

    @property
    def promised(self) -> set[str]:
        """The UUIDs that must arrive; of those for which their sender waited, what was answered.

        What it was told that nobody knows may since have proved never sent.
        """
        waits = FLOWS[self.destination].mode == "Sync"
        return {uuid for uuid in self.uuids if not waits or self.last[uuid] == "response"}

    @property
    def uuids(self) -> list[str]:
        """Every UUID that has a receipt."""
        return [uuid for uuids in self.documents.values() for uuid in uuids]


@dataclass(frozen=True, slots=True)
class Flow:
    """Who sends what, whether they wait, and by which carrier.

    A document of a flow of items `refers` to a unit that is posted a moment after its first message.
    """

    sender: str
    transaction: str
    mode: str = "Async"
    door: str = PLAIN

    @property
    def refers(self) -> bool:
        """Whether a document needs another one, which comes later."""
        return self.transaction == "Item"

    def is_safe(self, uuid: str) -> bool:
        """Whether its reader may have a message twice."""
        return self.transaction == "Currency" or uuid.endswith(UNIT)

    def message(self, uuid: str, document: str) -> bytes:
        """One of its messages: of one UUID always the same."""
        fields = {"uuid": uuid, "id": document, "generated_on": MADE_ON, "description": uuid}
        if self.transaction == "Currency":
            return demo.message("currency", code="USD", **fields)
        if self.refers and not document.endswith(UNIT):
            return _item(self.sender, uuid, document)
        unit = demo.message("unit", code="UN", mode=self.mode, **fields)
        return unit.replace(b">rm</Source", f">{self.sender}</Source".encode())


def _item(sender: str, uuid: str, document: str) -> bytes:
    content = {
        "CompanyId": "1",
        "BranchId": "1",
        "CompanyInternalId": "1|1",
        "Code": document,
        "InternalId": document,
        "Name": uuid,
        "Active": "true",
        "UnitOfMeasureCode": "UN",
        "UnitOfMeasureInternalId": f"{document}{UNIT}",
    }
    message = Message(
        transaction="Item",
        version="4.005",
        content=content,
        id=document,
        entity="Item",
        uuid=uuid,
        source=sender,
        product="RM",
        company="1",
        branch="1",
        generated_on=MADE_ON,
        inner="<ListOfComercialFamilyItem/>",
    )
    return message.xml()


FLOWS = {
    "safe": Flow("rm", "Currency"),
    "unsafe": Flow("rm", "UnitOfMeasure"),
    "till": Flow("pos", "UnitOfMeasure", "Sync"),
    "counter": Flow("desk", "UnitOfMeasure", "Sync", SOAP),
    "shelf": Flow("plant", "Item"),
    "late": Flow("shop", "UnitOfMeasure"),
    "queue": Flow("truck", "UnitOfMeasure", door=QUEUE),
}
"""By destination."""


class Sender:
    """Posts messages of ever new documents, three of each in turn, each until it is answered."""

    def __init__(
        self,
        addresses: Sequence[str],
        name: str,
        sent: Sent,
        chance: random.Random,
        rest: float = 0.0,
    ) -> None:
        self._addresses = addresses
        self._name = name
        self._sent = sent
        self._flow = FLOWS[sent.destination]
        self._chance = chance
        self._rest = rest
        self._posted: list[tuple[str, str]] = []

    async def run(self, stop: asyncio.Event) -> None:
        """Send until stopped; what is under way then is given up."""
        login = aiohttp.encode_basic_auth(self._flow.sender, PASSWORD)
        timeout = aiohttp.ClientTimeout(total=5)
        headers = {"Authorization": login}
        if self._flow.door == SOAP:
            headers["Content-Type"] = TYPES[SOAP_11]
        async with aiohttp.ClientSession(headers=headers, timeout=timeout) as http:
            for number in itertools.count():
                document = f"{self._name}-{number // 3}"
                await self._send(http, f"{self._name}-{number}", document, stop)
                if self._flow.refers and number % 3 == 0:
                    await asyncio.sleep(self._chance.choice((0.0, 0.1, 0.5)))
                    await self._send(http, f"{document}{UNIT}", f"{document}{UNIT}", stop)
                if self._posted and self._chance.random() < 0.3:
                    await self._repeat(http)
                if stop.is_set():
                    return
                await asyncio.sleep(self._rest * self._chance.uniform(0.5, 1.5))

    async def _send(
        self, http: aiohttp.ClientSession, uuid: str, document: str, stop: asyncio.Event
    ) -> None:
        """Post until it is answered; one that waits in vain may go on, or try again."""
        while not stop.is_set():
            told = await self._post(http, uuid, document)
            if told in NOTHING_SENT:
                if self._chance.random() < 0.6:
                    self._posted.append((uuid, document))
                    return
            elif told in ACCEPTED:
                self._sent.documents.setdefault(document, []).append(uuid)
                self._posted.append((uuid, document))
                return
            await asyncio.sleep(0.02 if told in NOTHING_SENT else 0.1)

    async def _repeat(self, http: aiohttp.ClientSession) -> None:
        """Post again the newest, which may be under way, or one of long ago."""
        newest = self._posted[-1]
        uuid, document = self._chance.choice((newest, self._chance.choice(self._posted)))
        self._sent.repeated.add(uuid)
        await self._post(http, uuid, document)

    async def _post(self, http: aiohttp.ClientSession, uuid: str, document: str) -> str:
        """What the bus says, by its code; an error of the connection says nothing."""
        self._sent.last[uuid] = UNHEARD
        said = ""
        body = self._flow.message(uuid, document)
        if self._flow.door == SOAP:
            body = call(escaped(body))
        url = f"{self._chance.choice(self._addresses)}{self._flow.door}"
        try:
            async with http.post(url, data=body) as response:
                said = await response.text()
                told = _told(response.status, said, soap=self._flow.door == SOAP)
        except (aiohttp.ClientError, OSError, TimeoutError):
            told = UNHEARD
        self._sent.answers[told] += 1
        assert told in ACCEPTED | NOTHING_SENT | NOT_NOW | {UNHEARD}, said
        self._sent.last[uuid] = told
        return told


def _told(status: int, body: str, *, soap: bool) -> str:
    """By status and code; a SOAP call is answered 200 whatever is said, an OK may have warnings."""
    codes = _CODE.findall(body)
    if status in {200, 202} and not (soap and codes and OK not in body):
        return "receipt" if status == 202 else "response"
    return codes[0] if codes else f"{status}: {body}"


@contextlib.asynccontextmanager
async def senders(
    addresses: Sequence[str], chance: random.Random, rest: float = 0.0, at_once: int = AT_ONCE
) -> AsyncIterator[dict[str, Sent]]:
    """Some senders of each flow, running until the block ends; each post goes to any address."""
    sent = {name: Sent(name) for name, flow in FLOWS.items() if flow.door != QUEUE}
    stop = asyncio.Event()
    tasks = [
        asyncio.create_task(
            Sender(addresses, f"{name}{n}", sent[name], random.Random(chance.random()), rest).run(
                stop
            )
        )
        for name in sent
        for n in range(at_once)
    ]
    try:
        yield sent
    finally:
        stop.set()
        await asyncio.gather(*tasks)
