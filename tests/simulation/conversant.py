"""Applications that are more than one call: asked what became of a message, sent to in two calls."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from bus.core.delivery import Kind
from bus.core.errors import Fault
from bus.core.outcome import Outcome, Report
from bus.journal.rows import DeliveryRow
from bus.ports.adapter import Parcel
from tests.simulation.chronicle import Call, Fate, Opening
from tests.simulation.destinations import TRANSIT, Destination, Reached
from tests.simulation.process import ADAPTER_RAISED
from tests.simulation.texts import fields_of

OPEN = "open"
"""The first of the two calls, which must not be made twice."""
CARRIED_OUT = frozenset(
    {Fate.DONE, Fate.ANSWER_LOST, Fate.GARBLED_DONE, Fate.SLOW, Fate.VERY_SLOW, Fate.RAISED}
)
"""Fates of a first call that was carried out."""


class Conversant(Destination):
    """An application that can be asked, or takes a message in two calls, as the stage has it."""

    async def send(self, parcel: Parcel) -> Report:
        """Deliver; behind the first call, where that was recorded as made."""
        place = self._world.place_of(self.application.name, parcel)
        first = self.in_two_calls and place is not None and place.row.kind is Kind.COPY
        if first and place and OPEN not in parcel.progress.done:
            failed = await self._open(parcel, place.row)
            if failed:
                return failed
        return await super().send(parcel)

    async def ask(self, parcel: Parcel) -> Report | None:
        """What became of a message, if it can tell; it never lies."""
        chance = self._world.chance_for(self.application.name, "ask", _token(parcel))
        await asyncio.sleep(chance.expovariate(1 / TRANSIT))
        away = self.down_until > self._world.time()
        if away or (not self.calm and chance.random() < self._trouble):
            return await self._evade(chance)
        said = await self._truth(parcel, chance)
        outcome = said.outcome if said else "nothing yet"
        self._world.tell(self.application.name, f"is asked about {_token(parcel)}: {outcome}")
        await asyncio.sleep(chance.expovariate(1 / TRANSIT))
        return said

    # -- the first of two calls --------------------------------------------------------------------

    async def _open(self, parcel: Parcel, row: DeliveryRow) -> Report | None:
        """Make the first call; None where it was answered."""
        name, token = self.application.name, _token(parcel)
        chance = self._world.chance_for(name, OPEN, token)
        opening = Opening(row, self._world.time(), token, parcel.uuid, self._fate(chance))
        self._world.chronicle.openings.append(opening)
        self._world.tell(name, f"is opened {token} ({row.message}/{row.number}): {opening.fate}")
        answer: asyncio.Future[Report | None] = asyncio.get_running_loop().create_future()
        self._world.later(chance.expovariate(1 / TRANSIT), self._take, opening, answer)
        failed = await answer
        if failed is None:
            await parcel.progress.record(OPEN, token)
        return failed

    def _take(self, opening: Opening, answer: asyncio.Future[Report | None]) -> None:
        """Carry the first call out or not, and answer it or not."""
        opening.under_way = False
        opening.done = opening.fate in CARRIED_OUT
        if not answer.done() and opening.fate in _ANSWERS:
            answer.set_result(_ANSWERS[opening.fate])

    # -- being asked -------------------------------------------------------------------------------

    async def _evade(self, chance: random.Random) -> Report | None:
        match chance.randrange(3):
            case 0:
                return None
            case 1:
                forever: asyncio.Future[Report] = asyncio.get_running_loop().create_future()
                return await forever
            case _:
                raise RuntimeError(ADAPTER_RAISED)

    async def _truth(self, parcel: Parcel, chance: random.Random) -> Report | None:
        about = (self.application.name, _token(parcel), parcel.uuid)
        chronicle = self._world.chronicle
        calls = [one for one in chronicle.calls if one.about == about]
        openings = [one for one in chronicle.openings if one.about == about]
        done = next((one for one in calls if one.processed_at is not None), None)
        if done:
            return self._ok(self._reached(done, parcel, chance))
        under_way = [one for one in calls if one.under_way]
        if under_way:
            received = self.by_receipt and under_way[-1].fate is Fate.DONE
            return Report(Outcome.RECEIVED) if received else None
        if any(one.under_way for one in openings):
            return None
        if calls and calls[-1].fate is Fate.REFUSED:
            return self._no(self._reached(calls[-1], parcel, chance))
        return await self._never_came(parcel, calls, openings)

    async def _never_came(
        self, parcel: Parcel, calls: list[Call], openings: list[Opening]
    ) -> Report:
        """What is to be sent again; behind the first call, if that was carried out."""
        if any(one.done for one in openings) and OPEN not in parcel.progress.done:
            await parcel.progress.record(OPEN, _token(parcel))
        for call in calls:
            call.denied = True
        for opening in openings:
            opening.denied = True
        return Report(Outcome.UNREACHABLE)

    def _reached(self, call: Call, parcel: Parcel, chance: random.Random) -> Reached:
        return Reached(call, parcel, asyncio.get_running_loop().create_future(), chance)


def _token(parcel: Parcel) -> str:
    fields: dict[str, Any] = fields_of(parcel.message)
    return str(fields.get("token", ""))


_ANSWERS: dict[Fate, Report | None] = {
    Fate.DONE: None,
    Fate.REFUSED: Report(Outcome.REFUSED, fault=Fault("REFUSED", details={"problem": OPEN})),
    Fate.BUSY: Report(Outcome.BUSY, fault=Fault("BUSY")),
    Fate.UNREACHABLE: Report(Outcome.UNREACHABLE, fault=Fault("UNREACHABLE")),
    Fate.GARBLED: Report(Outcome.UNKNOWN, fault=Fault("OUTCOME_UNKNOWN")),
    Fate.GARBLED_DONE: Report(Outcome.UNKNOWN, fault=Fault("OUTCOME_UNKNOWN")),
}
"""What a first call is answered; None goes on with the second."""
