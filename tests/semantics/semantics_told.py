"""S12 as a table: outcome, mode, deadline; what was sent, and what the user who waits reads."""

import re
from collections.abc import Callable
from typing import NamedTuple

import pytest

from bus.core.delivery import State
from bus.core.envelope import Status
from bus.core.errors import Fault
from bus.core.outcome import Outcome, Report
from bus.core.text import Language, Text
from tests.support.deployments import DEADLINE, SOON, deployment, route
from tests.support.loopback import (
    Behaviour,
    Call,
    Gate,
    hangs,
    is_busy,
    is_silent,
    is_unreachable,
    refuses,
)
from tests.support.messages import Message, step, unit
from tests.support.rig import ADDRESS, Rigs

SHORT = 0.3
NEVER = Text(
    "O barramento não a enviará sozinho: repita a operação.",
    "The bus will not send it by itself: repeat the operation.",
)
CODE = re.compile(r"\b[A-Z]{3,}_[A-Z]+\b")
AGAIN = Text("tenta de novo", "tries again")
NOT_SENT = Text("sem ser enviada", "without being sent")


def wants_an_admin(outcome: Outcome, code: str) -> Behaviour:
    """What it says stays until an admin of the bus has mended something."""

    async def behave(call: Call) -> Report:
        details = {"application": call.parcel.application.name, "problem": "not you"}
        return Report(outcome, fault=Fault(code, details=details))

    return behave


class Told(NamedTuple):
    """A row for a sender that waits: the destination, each time; sends; HTTP status; words."""

    name: str
    message: Callable[..., Message]
    destination: Behaviour
    sends: int
    status: int
    words: Text
    deadline: float = DEADLINE
    ends: State = State.DISCARDED


LOGIN = wants_an_admin(Outcome.UNREACHABLE, "LOGIN_REFUSED_BY_RECEIVER")
CALL = wants_an_admin(Outcome.BUSY, "CALL_NOT_UNDERSTOOD")
TABLE = (
    Told("busy each time", step, is_busy(), SOON.attempts, 503,
         Text("rm está ocupada: later.", "rm is busy: later.")),
    Told("busy until after the deadline", step, is_busy(3600), 1, 503,
         Text("rm está ocupada: later.", "rm is busy: later.")),
    Told("away each time", step, is_unreachable(), SOON.attempts, 503,
         Text("Não foi possível conectar a rm: nobody there.",
              "Could not connect to rm: nobody there.")),
    Told("refuses the login", step, LOGIN, 1, 503,
         Text("rm não aceitou o barramento: not you.", "rm did not admit the bus: not you.")),
    Told("does not understand the call", step, CALL, 1, 503,
         Text("rm não entendeu a chamada do barramento: not you.",
              "rm did not understand the bus's call: not you.")),
)  # fmt: skip
IN_DOUBT = (
    Told("unreadable, and repeating is not safe", step, is_silent(), 1, 504,
         Text("Enviada a rm, sem resposta legível: unreadable.",
              "Sent to rm, with no readable answer: unreadable."), ends=State.UNKNOWN),
    Told("unreadable each time, and repeating is safe", unit, is_silent(), SOON.attempts, 504,
         Text("Enviada a rm, sem resposta legível: unreadable.",
              "Sent to rm, with no readable answer: unreadable."), ends=State.UNKNOWN),
    Told("silent until the deadline", step, hangs(), 1, 504,
         Text("Enviada a rm, sem resposta legível: nenhuma resposta até o fim do prazo.",
              "Sent to rm, with no readable answer: no answer until the deadline."),
         deadline=SHORT, ends=State.SENDING),
)  # fmt: skip


class ToldCallers:
    """Every ERROR says what the destination said, whether it was or will be sent, what to do."""

    @pytest.mark.parametrize("language", ["pt", "en"])
    @pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
    async def test_what_was_not_processed_is_told_in_the_destination_s_words(
        self, rigs: Rigs, row: Told, language: Language
    ) -> None:
        """And never sent later; whoever asks for the answer later reads the same."""
        bus = await rigs.start(deployment(route("rm", deadline=row.deadline)), language=language)
        bus.app("rm").always(row.destination)

        reception = await bus.post(row.message(mode="Sync"))
        bus.pass_time(86_400)
        await bus.looked()

        assert reception.fault is not None
        assert reception.fault.status == row.status
        told = bus.response_in(reception).notes[0].text
        assert told.startswith(row.words.told(language))
        assert told.endswith(NEVER.told(language))
        assert not CODE.search(told)
        assert AGAIN.told(language) not in told
        assert NOT_SENT.told(language) not in told
        assert len(bus.app("rm").calls) == row.sends
        assert await bus.states(reception.message) == (row.ends,)
        answer = await bus.answer(reception.message)
        assert answer
        assert answer.notes[0].text == told

    @pytest.mark.parametrize("language", ["pt", "en"])
    @pytest.mark.parametrize("row", IN_DOUBT, ids=lambda row: row.name)
    async def test_what_nobody_knows_is_told_with_the_reason_and_where_to_ask(
        self, rigs: Rigs, row: Told, language: Language
    ) -> None:
        """A repeat reads the same, and sends nothing where that may double."""
        bus = await rigs.start(deployment(route("rm", deadline=row.deadline)), language=language)
        bus.app("rm").always(row.destination)

        reception = await bus.post(row.message(mode="Sync"))

        assert reception.fault is not None
        assert reception.fault.status == row.status
        told = bus.response_in(reception).notes[0].text
        assert told.startswith(row.words.told(language))
        assert f"{ADDRESS}/messages/{reception.message}/answer" in told
        assert not CODE.search(told)
        assert len(bus.app("rm").calls) == row.sends
        assert await bus.states(reception.message) == (row.ends,)

    @pytest.mark.parametrize("language", ["pt", "en"])
    async def test_a_refusal_is_told_in_the_destination_s_words_alone(
        self, rigs: Rigs, language: Language
    ) -> None:
        """It is final, and tried once."""
        bus = await rigs.start(language=language)
        bus.app("rm").always(refuses("sem saldo"))

        reception = await bus.post(step(mode="Sync"))

        answer = bus.response_in(reception)
        assert (answer.status, [note.text for note in answer.notes]) == (
            Status.ERROR,
            ["sem saldo"],
        )
        assert len(bus.app("rm").calls) == 1

    @pytest.mark.parametrize("language", ["pt", "en"])
    async def test_a_turn_that_never_came_is_told_as_such(
        self, rigs: Rigs, language: Language
    ) -> None:
        """Now and to whoever asks later: which message of the document has not ended."""
        bus = await rigs.start(deployment(route("rm", deadline=SHORT)), language=language)
        gate = Gate()
        bus.app("rm").will(gate)
        ahead = await bus.accepted(step(note="1"))
        await gate.arrived()

        reception = await bus.post(step(note="2", mode="Sync"))

        told = bus.response_in(reception).notes[0].text
        first = Text(f"A mensagem {ahead}, que vem antes", f"Message {ahead}, which goes before")
        assert told.startswith(first.told(language))
        assert told.endswith(NEVER.told(language))
        answer = await bus.answer(reception.message)
        assert answer
        assert answer.notes[0].text == told

    async def test_a_destination_that_comes_back_in_time_is_not_noticed(self, rigs: Rigs) -> None:
        """Its wish is obeyed within the deadline."""
        bus = await rigs.start()
        bus.app("rm").will(is_busy(0.2))

        reception = await bus.post(step(mode="Sync"))

        assert reception.fault is None
        assert len(bus.app("rm").calls) == 2

    @pytest.mark.parametrize(
        ("message", "destination", "least", "ends"),
        [
            (step, is_busy(), SOON.attempts + 2, State.WAITING),
            (step, is_unreachable(), SOON.attempts + 2, State.WAITING),
            (step, LOGIN, SOON.attempts + 2, State.WAITING),
            (step, CALL, SOON.attempts + 2, State.WAITING),
            (step, refuses(), 1, State.REFUSED),
            (step, is_silent(), 1, State.UNKNOWN),
            (unit, is_silent(), SOON.attempts, State.DEAD),
        ],
        ids=["busy", "away", "login", "call", "refused", "unsafe doubt", "safe doubt"],
    )
    async def test_without_a_sender_that_waits_the_bus_tries_on(
        self,
        rigs: Rigs,
        message: Callable[..., Message],
        destination: Behaviour,
        *,
        least: int,
        ends: State,
    ) -> None:
        """What was not processed is tried by age alone, held in its lane; doubts as is safe."""
        bus = await rigs.start()
        bus.app("rm").always(destination)
        id_ = await bus.accepted(message())

        async def tried() -> bool:
            if await bus.rests():  # an attempt on a slow machine keeps its lease
                bus.pass_time(1)
            return len(bus.app("rm").calls) >= least

        await bus.until(tried, "it is tried")
        if ends is State.WAITING:
            assert (await bus.states(id_))[0] in {State.WAITING, State.SENDING}
        else:
            await bus.reaches(id_, ends)
            await bus.looked()
            assert len(bus.app("rm").calls) == least
