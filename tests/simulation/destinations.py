"""The applications that the bus delivers to: what they really did, whatever they answered."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from bus.core.delivery import Kind
from bus.core.envelope import InternalIdPair, MessageType, Response, Status
from bus.core.errors import Fault
from bus.core.outcome import Outcome, Report
from bus.core.route import Application
from bus.journal.rows import DeliveryRow
from bus.ports.adapter import Parcel
from tests.simulation.chronicle import Call, Chronicle, Fate, Heard
from tests.simulation.naming import Register
from tests.simulation.process import ADAPTER_RAISED
from tests.simulation.stage import NAMEABLE, Weather
from tests.simulation.texts import fields_of, response

TRANSIT = 0.01
"""Mean seconds of a way through the network."""
WORK = 0.15
"""Mean seconds that a destination works on a message."""
ANSWERS_LATER = 6.0
"""Mean seconds until a destination that gave a receipt posts its response."""
ECHOING = 0.35
"""The share of destinations that write the UUID of the request into the header of the response."""
POST_AGAIN = 2.0
"""Seconds between a destination's tries to post a response."""

TROUBLES = {
    Fate.REFUSED: 6,
    Fate.BUSY: 4,
    Fate.UNREACHABLE: 4,
    Fate.VANISHED: 3,
    Fate.ANSWER_LOST: 4,
    Fate.GARBLED_DONE: 2,
    Fate.GARBLED: 2,
    Fate.SLOW: 3,
    Fate.VERY_SLOW: 2,
    Fate.RAISED: 1,
}
"""What goes wrong, and how often beside the others."""


class Place(NamedTuple):
    """A delivery, as the store has it; the head of its lane; and those before it there."""

    row: DeliveryRow
    head: int
    earlier: tuple[DeliveryRow, ...]


class Surroundings(Protocol):
    """What a destination needs of the world."""

    chronicle: Chronicle

    def time(self) -> float:
        """Seconds since the beginning."""

    def tell(self, who: str, what: str) -> None:
        """Add a line to the chronicle."""

    def later(self, seconds: float, do: Callable[..., None], *what: Any) -> None:
        """Do something after a while, whatever becomes of the bus."""

    def chance_for(self, *what: object) -> random.Random:
        """Chance that belongs to one thing alone."""

    def place_of(self, destination: str, parcel: Parcel) -> Place | None:
        """Where the delivery that is being sent stands in its lane; None where there is none."""

    def post_response(self, application: Application, body: bytes) -> Awaitable[bool]:
        """Post to the bus; whether it was received."""

    def spawn(self, work: Any) -> None:
        """Run something that outlives every process of the bus."""


@dataclass(slots=True)
class Reached:
    """A call that has arrived, with the way to answer it."""

    call: Call
    parcel: Parcel
    answer: asyncio.Future[Report]
    chance: random.Random


class Destination:
    """One application. It is the adapter too: its `send` is a call through the network."""

    def __init__(self, application: Application, world: Surroundings, weather: Weather) -> None:
        self.application = application
        self.down_until = 0.0
        self.calm = False
        self.by_receipt = application.name in weather.receipts
        self.in_two_calls = application.name in weather.in_two_calls
        self._echoes = world.chance_for("echo", application.name).random() < ECHOING
        self._trouble = weather.trouble
        self._world = world
        self._done: set[str] = set()
        self._register = (
            Register(application.name) if application.name in weather.numbering else None
        )
        self._renumbering = weather.renumbering

    # -- the port ----------------------------------------------------------------------------------

    async def send(self, parcel: Parcel) -> Report:
        """Deliver."""
        fields, chronicle = fields_of(parcel.message), self._world.chronicle
        place = self._world.place_of(self.application.name, parcel)
        if place is None:
            chronicle.troubles.append(f"{self.application.name} was sent {parcel.message.decode()}")
            return Report(Outcome.DELIVERED)
        token = str(fields.get("token", ""))
        chance = self._world.chance_for(self.application.name, token or fields["received"])
        call = Call(
            len(chronicle.calls) + 1,
            self.application.name,
            token,
            parcel.uuid,
            self._world.time(),
            place.row,
            place.head,
            self._fate(chance),
            place.earlier,
            names=fields,
        )
        chronicle.calls.append(call)
        name = f"{call.row.message}/{call.row.number}"
        self._tell(call, f"is sent {_said(fields)} (delivery {name}): {call.fate}")
        answer: asyncio.Future[Report] = asyncio.get_running_loop().create_future()
        reached = Reached(call, parcel, answer, chance)
        self._later(TRANSIT, self._arrive, reached, fields)
        return await answer

    async def probe(self) -> Fault | None:
        """It answers."""
        return None

    async def close(self) -> None:
        """There is nothing to let go of."""

    # -- what becomes of a call --------------------------------------------------------------------

    def _fate(self, chance: random.Random) -> Fate:
        if self.down_until > self._world.time():
            return Fate.UNREACHABLE
        if self.calm or chance.random() >= self._trouble:
            return Fate.DONE
        return chance.choices(list(TROUBLES), list(TROUBLES.values()))[0]

    def _arrive(self, reached: Reached, fields: dict[str, Any]) -> None:
        if fields["kind"] != MessageType.BUSINESS:
            self._hear(reached, fields)
            return
        known = reached.parcel.repeat_safe and reached.call.token in self._done
        if known and reached.call.fate is Fate.REFUSED:
            reached.call.fate = Fate.DONE
        self._BY_FATE[reached.call.fate](self, reached)

    def _do(self, reached: Reached) -> None:
        if self.by_receipt:
            self._reply(reached, Report(Outcome.RECEIVED))
            self._later(ANSWERS_LATER, self._process_and_post, reached)
        else:
            self._later(WORK, self._process_and_reply, reached)

    def _refuse(self, reached: Reached) -> None:
        reached.call.under_way = False
        if self.by_receipt and reached.chance.random() < 0.5:
            self._reply(reached, Report(Outcome.RECEIVED))
            self._later(ANSWERS_LATER, self._post, reached, Status.ERROR)
        else:
            self._reply(reached, self._no(reached))

    def _be_busy(self, reached: Reached) -> None:
        reached.call.under_way = False
        wish = reached.chance.choice((None, 0.5, 5.0))
        fault = Fault("BUSY", details={"application": self.application.name})
        self._reply(reached, Report(Outcome.BUSY, fault=fault, retry_after=wish))

    def _be_unreachable(self, reached: Reached) -> None:
        reached.call.under_way = False
        fault = Fault("UNREACHABLE", details={"application": self.application.name})
        self._reply(reached, Report(Outcome.UNREACHABLE, fault=fault))

    def _vanish(self, reached: Reached) -> None:
        """The message is lost on its way."""
        reached.call.under_way = False

    def _lose_answer(self, reached: Reached) -> None:
        work = self._process_and_post if self.by_receipt else self._process
        self._later(WORK, work, reached)

    def _garble_done(self, reached: Reached) -> None:
        self._process(reached)
        self._garble(reached)

    def _garble(self, reached: Reached) -> None:
        reached.call.under_way = False
        fault = Fault("OUTCOME_UNKNOWN", details={"application": self.application.name})
        self._reply(reached, Report(Outcome.UNKNOWN, answer=b"<html>", fault=fault))

    def _be_slow(self, reached: Reached) -> None:
        seconds = reached.parcel.timeout * reached.chance.uniform(0.9, 1.6)
        self._world.later(seconds, self._process_and_reply, reached)

    def _be_very_slow(self, reached: Reached) -> None:
        seconds = reached.chance.uniform(20.0, 120.0)
        self._world.later(seconds, self._process_and_reply, reached)

    def _raise(self, reached: Reached) -> None:
        self._process(reached)
        if not reached.answer.done():
            reached.answer.set_exception(RuntimeError(ADAPTER_RAISED))

    _BY_FATE: dict[Fate, Callable[[Destination, Reached], None]] = {  # noqa: RUF012 - a table
        Fate.DONE: _do,
        Fate.REFUSED: _refuse,
        Fate.BUSY: _be_busy,
        Fate.UNREACHABLE: _be_unreachable,
        Fate.VANISHED: _vanish,
        Fate.ANSWER_LOST: _lose_answer,
        Fate.GARBLED_DONE: _garble_done,
        Fate.GARBLED: _garble,
        Fate.SLOW: _be_slow,
        Fate.VERY_SLOW: _be_very_slow,
        Fate.RAISED: _raise,
    }

    # -- processing and answering ------------------------------------------------------------------

    def _process(self, reached: Reached) -> None:
        call = reached.call
        call.under_way = False
        known = call.token in self._done
        if known and reached.parcel.repeat_safe:
            self._tell(call, f"knows {call.token} already")
            return
        self._done.add(call.token)
        call.processed_at = self._world.time()
        self._tell(call, f"PROCESSES {call.token}{' AGAIN' if known else ''}")
        if self._register and str(call.names["transaction"]) in NAMEABLE:
            anew = self._renumbering > 0.0 and reached.chance.random() < self._renumbering
            self._register.take(call.token, call.row.lane, call.names, anew=anew)

    def _process_and_reply(self, reached: Reached) -> None:
        self._process(reached)
        self._later(TRANSIT, self._reply, reached, self._ok(reached))

    def _process_and_post(self, reached: Reached) -> None:
        self._process(reached)
        self._post(reached, Status.OK)

    def _reply(self, reached: Reached, report: Report) -> None:
        if not reached.answer.done():
            reached.answer.set_result(report)

    def _ok(self, reached: Reached) -> Report:
        return self._report(reached, Outcome.DELIVERED, Status.OK, "")

    def _no(self, reached: Reached) -> Report:
        return self._report(reached, Outcome.REFUSED, Status.ERROR, "NO")

    def _report(self, reached: Reached, outcome: Outcome, status: Status, code: str) -> Report:
        body = self._response(reached, status, code)
        fault = None
        if outcome is Outcome.REFUSED:
            details = {"application": self.application.name, "problem": code}
            fault = Fault("REFUSED", details=details)
        ids = self._ids(reached) if status is Status.OK else ()
        return Report(outcome, body, Response(reached.call.uuid, status, ids=ids), fault)

    def _ids(self, reached: Reached) -> tuple[InternalIdPair, ...]:
        """What it calls the thing that it was told of, beside what it was told that it is called."""
        call = reached.call
        number = self._register.given.get(call.token) if self._register else None
        if number is None:
            return ()
        self._world.chronicle.given.add((self.application.name, call.token))
        transaction, own = str(call.names["transaction"]), str(call.names["document"])
        return (InternalIdPair(transaction, own, number),)

    def _response(self, reached: Reached, status: Status, code: str) -> bytes:
        transaction = str(fields_of(reached.parcel.message)["transaction"])
        call = reached.call
        return response(
            uuid=call.uuid if self._echoes else f"r{call.number}-{self.application.name}",
            received=call.uuid,
            status=status,
            code=f"{self.application.name}:{code}" if code else "",
            transaction=transaction,
            processed=call.number,
            ids=self._ids(reached) if status is Status.OK else (),
        )

    # -- responses that are posted later -----------------------------------------------------------

    def _post(self, reached: Reached, status: Status) -> None:
        """Post the response, perhaps never, perhaps more than once."""
        body = self._response(reached, status, "" if status is Status.OK else "NO")
        copies = 1 if self.calm else reached.chance.choices((0, 1, 2, 3), (1, 12, 2, 1))[0]
        for number in range(copies):
            mean = 1.0 if number == 0 else reached.chance.choice((1.0, 20.0))
            self._later(mean, self._post_one, reached, body, status)

    def _post_one(self, reached: Reached, body: bytes, status: Status) -> None:
        self._tell(reached.call, f"answers {reached.call.token}: {status}")
        self._world.spawn(self._keep_posting(reached.call, body, status))

    async def _keep_posting(self, call: Call, body: bytes, status: Status) -> None:
        for _ in range(30):
            if await self._world.post_response(self.application, body):
                call.answered = status
                return
            await asyncio.sleep(POST_AGAIN)

    # -- answers for an origin ---------------------------------------------------------------------

    def _hear(self, reached: Reached, fields: dict[str, Any]) -> None:
        """A ResponseMessage for this application as an origin: known or not, it makes no difference."""
        call = reached.call
        if call.fate in {Fate.UNREACHABLE, Fate.BUSY, Fate.VANISHED, Fate.GARBLED}:
            self._BY_FATE[call.fate](self, reached)
            return
        call.processed_at = self._world.time()
        self._world.chronicle.heard.append(
            Heard(
                self.application.name,
                str(fields["received"]),
                str(fields["status"]),
                str(fields["code"]),
                call.row,
                self._world.time(),
            )
        )
        if call.fate in {Fate.DONE, Fate.REFUSED}:
            self._reply(reached, Report(Outcome.DELIVERED))

    # -- small things ------------------------------------------------------------------------------

    def _later(self, mean: float, do: Callable[..., None], reached: Reached, *what: Any) -> None:
        self._world.later(reached.chance.expovariate(1 / mean), do, reached, *what)

    def _tell(self, call: Call, what: str) -> None:
        self._world.chronicle.tell(self._world.time(), call.destination, f"#{call.number} {what}")


def _said(fields: dict[str, Any]) -> str:
    if fields["kind"] == MessageType.BUSINESS:
        return f"{fields['transaction']} {fields['document']} {fields['token']}"
    return f"{fields['kind']} {fields.get('status', '')} to {fields.get('received', '')}"


def is_copy(call: Call) -> bool:
    """Whether a call carried a message itself, not an answer."""
    return call.row.kind is Kind.COPY
