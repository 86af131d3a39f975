"""The story of a message, as an operator reads it."""

import json
import re
from dataclasses import replace
from datetime import UTC, tzinfo
from typing import Any

import pytest

from bus.core.delivery import DELIVERY_TRANSITIONS, Kind, Reason, State, Step
from bus.core.envelope import Carrier
from bus.core.errors import Fault, Owner
from bus.core.outcome import Outcome
from bus.core.substitutions import NO_SUBSTITUTIONS, Substitutions
from bus.core.text import Language
from bus.core.translation import Swap
from bus.edge.cli.timeline import timeline as timeline_of
from bus.edge.story import story_of
from bus.edge.story_json import standing_to_dict, story_to_dict
from bus.edge.words.command_line import (
    FACT_WORDS,
    OUTCOME_WORDS,
    OWNER_WORDS,
    PROVIDER_WORDS,
    REASON_WORDS,
    STEP_WORDS,
    WORDS,
    state_in,
)
from bus.edge.words.times import since, time_of
from bus.journal.depara_rows import Provider
from bus.journal.facts import FactKind, FactRow
from bus.journal.rows import (
    AnswerRow,
    ApplicationRow,
    AttemptRow,
    DeliveryRow,
    MessageRow,
    MessageState,
)
from bus.journal.standing import RESTORED
from bus.ports.history import Ahead, Trace

AT = 1_767_268_800_000_000  # 2026-01-01 12:00:00 UTC
SECOND = 1_000_000
BUSY = Fault("BUSY", details={"application": "protheus", "problem": "HTTP 503"})


def message(**changes: object) -> MessageRow:
    """A currency that RM sent."""
    row = MessageRow(
        id="01", received_at=AT, state=MessageState.ACCEPTED, sender="rm", carrier=Carrier.HTTP,
        remote="10.0.0.1", type="BusinessMessage", transaction="Currency", version="2.001",
        uuid="u-1", company="1", branch="", entity="Currency", event="upsert",
        document="currency/USD", mode="Async", identity="i", body_hash="b", content_hash="c",
        configuration=1, rule="currencies", parent="", deadline=0, planned=1, deliveries=1,
        answering=1, answer=1, answer_to="", faults=(),
    )  # fmt: skip
    return row._replace(**changes)  # type: ignore[arg-type]


def delivery(**changes: object) -> DeliveryRow:
    """Its copy for Protheus, delivered."""
    row = DeliveryRow(
        message="01", number=1, kind=Kind.COPY, destination="protheus", rule="currencies",
        lane="l", seq=1, state=State.DELIVERED, due_at=None, deadline=0, attempts=1, tries=2,
        worker="", lease_until=0, started=False, safe=False, sent_uuid="u-1", reason=Reason.NONE,
        detail="", changed_at=AT,
    )  # fmt: skip
    return row._replace(**changes)  # type: ignore[arg-type]


def fact(
    kind: FactKind, seconds: float, step: str = "", *, attempt: int = 0, **data: object
) -> FactRow:
    """Something that happened so long after the arrival."""
    number = 0 if kind in {FactKind.ACCEPTED, FactKind.REJECTED} else 1
    at = AT + int(seconds * SECOND)
    return FactRow(at, kind, "01", number, attempt, step, "worker", "", data)


def attempt(
    number: int, outcome: Outcome, fault: Fault | None = None, answer: bytes = b""
) -> AttemptRow:
    """A try of the delivery."""
    return AttemptRow("01", 1, number, "worker", AT, AT, outcome, fault, NO_SUBSTITUTIONS, answer)


STORY = Trace(
    message(),
    (delivery(),),
    (attempt(1, Outcome.BUSY, BUSY), attempt(2, Outcome.DELIVERED, answer="São".encode())),
    (AnswerRow("01", 1, AT, "OK", "", b"<ok/>"),),
    (
        fact(FactKind.ACCEPTED, 0, planned=[[1, "protheus", "l", 1, "waiting"]]),
        fact(FactKind.STARTED, 0.012, attempt=1),
        fact(FactKind.ENDED, 0.052, Step.POSTPONE, attempt=1, outcome="busy"),
        fact(FactKind.ENDED, 5.252, Step.DELIVER, attempt=2, outcome="delivered"),
        fact(FactKind.ANSWERED, 5.252),
    ),
)


def timeline(trace: Trace, language: Language, zone: tzinfo | None = None) -> str:
    """The story of a trace, printed."""
    return timeline_of(story_of(trace), language, zone)


TOLD = """\
Currency 2.001  upsert
  mensagem 01  UUID u-1
  de rm por http  recebida em 2026-01-01 12:00:00.000
  documento currency/USD

2026-01-01 12:00:00.000        +0 ms  aceita
                                      1 → protheus
2026-01-01 12:00:00.012       +12 ms  1 → protheus  tentativa 1 começou
2026-01-01 12:00:00.052       +40 ms  1 → protheus  tentativa 1: não processada por ora; fica para depois → Aguardando execução
                                      protheus está ocupada: HTTP 503. A mensagem não foi processada. (BUSY)
                                      → quem cuida do destino: Se durar, veja em protheus o que a ocupa. O barramento tenta de novo sozinho.
2026-01-01 12:00:05.252       +5.2 s  1 → protheus  tentativa 2: entregue; o destino disse OK → Finalizada
2026-01-01 12:00:05.252        +0 ms  1 → protheus  a resposta da origem está pronta

Agora:
  1 → protheus: Finalizada
  resposta à origem: OK"""


def test_the_story_is_told_in_portuguese() -> None:
    """Each fact has its time, how much later it came, and the words that TOTVS users know."""
    assert timeline(STORY, "pt", UTC) == TOLD


def test_the_story_is_told_in_english() -> None:
    """The same facts, in the other language."""
    told = timeline(STORY, "en", UTC)

    assert "1 → protheus  attempt 1: not processed for now; put off → waiting" in told
    assert (
        "→ the receiver: If it lasts, see in protheus what keeps it busy. The bus tries again by itself."
        in told
    )
    assert told.endswith("  1 → protheus: delivered\n  answer to the origin: OK")


def test_a_rejected_message_tells_what_its_sender_must_do() -> None:
    """The reasons, their places and the remedies are in the story."""
    violation = Fault(
        "ELEMENT_MISSING", "/TOTVSMessage/BusinessMessage", 14,
        {"element": "BusinessContent", "expected": "Code", "contract": "Currency 2.001"},
    )  # fmt: skip
    rejected = message(
        state=MessageState.REJECTED, faults=(violation,), answer=0, document="",
        parent="00", uuid="",
    )  # fmt: skip

    told = timeline(Trace(rejected, (), (), (), (fact(FactKind.REJECTED, 0),)), "pt", UTC)

    assert "/TOTVSMessage/BusinessMessage:14: Falta em <BusinessContent>: Code." in told
    assert "→ quem envia: Inclua o que falta" in told
    assert "repete ou corrige 00" in told
    assert told.endswith("Agora:\n  Recusada")


def test_a_person_s_act_tells_who_and_why() -> None:
    """Actor and reason of a discard are in the story."""
    act = FactRow(
        AT, FactKind.STATE_CHANGED, "01", 1, 0, Step.DISCARD, "ana", "já está no Protheus"
    )
    rows = (delivery(state=State.DISCARDED, reason=Reason.DISCARDED, detail="já está no Protheus"),)

    told = timeline(Trace(message(answer=0), rows, (), (), (act,)), "pt", UTC)

    assert "1 → protheus  dispensada → Dispensada" in told
    assert "ana: já está no Protheus" in told
    assert told.endswith("resposta à origem: ainda não")


def test_what_waits_tells_for_what() -> None:
    """A delivery that is due later says when; one behind another says so."""
    rows = (
        delivery(state=State.WAITING, due_at=AT + 60 * SECOND),
        delivery(number=2, state=State.WAITING),
        delivery(number=3, kind=Kind.ANSWER, destination="rm", state=State.SENDING, due_at=AT),
    )

    told = timeline(Trace(message(answer=0), rows, (), (), ()), "pt", UTC)

    assert "1 → protheus: Aguardando execução; previsto para 2026-01-01 12:01:00.000" in told
    assert "2 → protheus: Aguardando execução; espera a anterior do documento" in told
    assert "3 ↩ rm: Executando\n" in told


WANTED: dict[str, Any] = {
    "wanted": ["Item", "rm", "1/2", "1|A"], "reader": "omie", "path": "ListOfItem/Item/ItemInternalId",
}  # fmt: skip


def awaiting(*facts: FactRow) -> Trace:
    """A delivery that waits for an id until noon of the next day."""
    due = AT + 86_400 * SECOND
    row = delivery(
        state=State.AWAITING_DEPARA, due_at=due, reason=Reason.FAULT, detail="DEPARA_MISSING"
    )
    return Trace(message(answer=0), (row,), (), (), facts)


def test_what_waits_for_an_id_names_it_and_who_would_bring_it() -> None:
    """Entity, id, reader, path and provider are in the line that tells how the delivery stands."""
    trace = awaiting(
        fact(FactKind.ENDED, 1, Step.AWAIT_DEPARA, attempt=1, outcome="withheld"),
        fact(FactKind.ID_MISSING, 1, provider="under way", message="00", **WANTED),
    )

    told = timeline(trace, "pt", UTC)
    english = timeline(trace, "en", UTC)

    assert "tentativa 1: nada foi enviado; falta um par no de-para → Aguardando de-para" in told
    assert (
        "  1 → protheus: Aguardando de-para; falta Item rm:1|A (1/2) em omie, lido em "
        "ListOfItem/Item/ItemInternalId: a mensagem 00, que o traz, está a caminho; "
        "espera até 2026-01-02 12:00:00.000\n"
    ) in told
    assert (
        "  1 → protheus: awaiting de-para; lacks Item rm:1|A (1/2) in omie, read at "
        "ListOfItem/Item/ItemInternalId: message 00, which brings it, is under way; "
        "waits until 2026-01-02 12:00:00.000\n"
    ) in english


def test_only_what_the_last_miss_lacked_is_awaited() -> None:
    """An id that came in the meantime is part of the story, no longer of how it stands."""
    missed = fact(FactKind.ENDED, 1, Step.AWAIT_DEPARA, attempt=1, outcome="withheld")
    unseen: dict[str, Any] = {"provider": "never seen", "message": ""}
    other: dict[str, Any] = WANTED | {"wanted": ["Item", "rm", "", "B"]}
    trace = awaiting(
        missed,
        fact(FactKind.ID_MISSING, 1, **unseen, **WANTED),
        missed,
        fact(FactKind.ID_MISSING, 2, **unseen, **other),
    )

    *_, now = timeline(trace, "pt", UTC).split("Agora:")

    assert "Item rm:B em omie" in now
    assert "1|A" not in now


def test_several_missing_ids_have_a_line_each() -> None:
    """The first is in the line of the delivery, the others below it."""
    wanted: dict[str, Any] = {**WANTED, "provider": "never seen", "message": ""}
    other: dict[str, Any] = {**wanted, "wanted": ["Item", "rm", "", "B"]}

    told = timeline(
        awaiting(fact(FactKind.ID_MISSING, 1, **wanted), fact(FactKind.ID_MISSING, 1, **other)),
        "pt",
        UTC,
    )

    first, second = told.splitlines()[-3:-1]
    assert first.startswith("  1 → protheus: Aguardando de-para; falta Item rm:1|A (1/2)")
    assert second.startswith("      falta Item rm:B em omie")


def test_what_an_answer_taught_is_told() -> None:
    """Pairs, conflicts, closed ids, and what taught nothing, each in its words."""
    pair: dict[str, Any] = {
        "one": ["Item", "rm", "", "1|A"],
        "other": ["Item", "protheus", "", "01| |A"],
        "change": 7,
    }
    empty = fact(FactKind.NOT_LEARNT, 1, name="Item", origin="1|A", destination="")
    told = timeline(
        awaiting(
            fact(FactKind.LEARNT, 1, **pair)._replace(reason="ADDED"),
            fact(FactKind.LEARNT, 1, closed=[pair["other"]], change=8)._replace(reason="DELETED"),
            fact(FactKind.CONFLICT, 1, conflict=3, **pair),
            empty._replace(reason="EMPTY_DESTINATION"),
            empty._replace(reason="SOMETHING_NEW"),
        ),
        "pt",
        UTC,
    )

    assert "o de-para aprendeu\n" + " " * 38 + "Item rm:1|A = protheus:01| |A (alteração 7)" in told
    assert "encerrado Item protheus:01| |A (alteração 8)" in told
    assert "Item rm:1|A = protheus:01| |A: conflito 3; veja `bus depara conflicts`" in told
    assert "a resposta não traz o id do destino (Destination vazio)" in told
    assert "SOMETHING_NEW" in told


def test_what_an_answer_has_wrong_is_told_below_it() -> None:
    """In both languages, with its place and that its receiver must act."""
    details = {"application": "rm", "contract": "Item 4.005", "problem": "“X” ?"}
    differs = Fault("ANSWER_DIFFERS", "/A/X", 7, details)
    row = fact(FactKind.ANSWER_DIFFERS, 1, **differs.plain())._replace(reason=differs.code)
    trace = replace(STORY, facts=(*STORY.facts, row))

    told, english = timeline(trace, "pt", UTC), timeline(trace, "en", UTC)

    assert "a resposta difere do contrato\n" + " " * 38 + "/A/X:7: O que rm respondeu" in told
    assert "→ quem cuida do destino: A resposta valeu assim mesmo" in told
    assert "What rm answered differs from the contract Item 4.005: “X” ?" in english


def test_what_was_only_warned_of_is_told_where_it_was_accepted() -> None:
    """The complaint goes with the message, with who must act."""
    several = Fault("SEVERAL_MAIN_DOCUMENTS", "/A/B", details={"first": "7", "others": "8, 9"})

    told = timeline(replace(STORY, message=message(faults=(several,))), "pt", UTC)
    english = timeline(replace(STORY, message=message(faults=(several,))), "en", UTC)

    assert "/A/B: A mensagem cita mais de uma ordem: segue a sequência de “7”" in told
    assert "→ quem envia: Envie uma mensagem por ordem" in told
    assert "it keeps the sequence of “7”, and does not wait for 8, 9." in english


def test_what_is_held_by_a_pause_of_its_destination_says_so() -> None:
    """Until when, and what comes then."""
    waiting = delivery(state=State.WAITING, due_at=AT)
    paused = ApplicationRow("protheus", AT + 60 * SECOND, 1, 20)
    trace = Trace(message(answer=0), (waiting,), (), (), (), pauses=(paused,))

    assert (
        "protheus é poupada até 2026-01-01 12:01:00.000; então uma entrega mostra se está bem"
    ) in timeline(trace, "pt", UTC)
    assert "protheus is left alone until 2026-01-01 12:01:00.000; then one" in timeline(
        trace, "en", UTC
    )
    (told,) = standing_to_dict(story_of(trace), "en")["deliveries"]
    assert told["paused"] == {"until": AT + 60 * SECOND, "failures": 20}


def test_of_a_pause_and_of_what_is_due_the_later_time_is_told_alone() -> None:
    """A time that is over says nothing beside the end of the pause, nor a pause that ends first."""
    waiting = delivery(state=State.WAITING, due_at=AT + 30 * SECOND)
    for ends, told in ((60, "12:01:00"), (10, "12:00:30")):
        pause = ApplicationRow("protheus", AT + ends * SECOND, 1, 20)
        trace = Trace(message(answer=0), (waiting,), (), (), (), pauses=(pause,))

        (line,) = [one for one in timeline(trace, "pt", UTC).splitlines() if "1 → protheus:" in one]

        assert re.findall(r"\d\d:\d\d:\d\d", line) == [told]


def test_a_doubt_of_a_journal_that_was_restored_is_told_in_words() -> None:
    """In both languages, and no code of the program."""
    doubt = delivery(state=State.UNKNOWN, reason=Reason.LEASE_EXPIRED, detail=RESTORED)
    trace = Trace(message(answer=0), (doubt,), (), (), ())

    assert "o diário voltou de uma cópia" in timeline(trace, "pt", UTC)
    assert "the journal came back from a copy" in timeline(trace, "en", UTC)
    assert RESTORED not in timeline(trace, "pt", UTC)


def test_what_waits_in_its_lane_names_what_holds_it_and_what_to_do() -> None:
    """By transaction and document, with the reason why that stopped and who must act."""
    order = message(id="00", transaction="MaintenanceOrder", document="maintenanceorder/1|7")
    head = delivery(message="00", state=State.REFUSED)
    ahead = Ahead("01", 1, head, order, Fault("NO_TURN", details={"application": "rm"}))
    waiting = delivery(state=State.WAITING, due_at=None)
    trace = Trace(message(answer=0), (waiting,), (), (), (), ahead=(ahead,))

    told = timeline(trace, "pt", UTC)
    english = timeline(trace, "en", UTC)
    blocked = ahead._replace(
        head=head._replace(state=State.BLOCKED, reason=Reason.PERSON, detail="férias"), fault=None
    )
    by_person = timeline(replace(trace, ahead=(blocked,)), "pt", UTC)

    assert (
        "  1 → protheus: Aguardando execução; espera MaintenanceOrder 1|7, mensagem 00: Falhou\n"
        "      Dentro do prazo não houve vaga para enviar a rm. Nada foi enviado. (NO_TURN)\n"
        "      → quem cuida do destino: Repita mais tarde; `bus messages --to rm` mostra"
    ) in told
    assert "waiting; waits behind MaintenanceOrder 1|7, message 00: refused\n" in english
    assert "espera MaintenanceOrder 1|7, mensagem 00: Bloqueado (férias)\n" in by_person


def test_what_was_put_in_place_of_what_is_told() -> None:
    """Substitutions are those of the attempt; an element that was left out says so."""
    swaps = (Swap("A/BInternalId", "B", "1", "01"), Swap("CInternalId", "C", "2", None))
    tried = attempt(2, Outcome.DELIVERED)._replace(substitutions=Substitutions(swaps))

    told = timeline(replace(STORY, attempts=(tried,)), "pt", UTC)

    assert "trocado A/BInternalId: 1 por 01\n" in told
    assert "retirado CInternalId: 2\n" in told


def test_json_has_everything() -> None:
    """For a program: rows as they are, with faults told and structured data read."""
    told = json.loads(json.dumps(story_to_dict(story_of(STORY), "en")))

    assert told["id"] == "01"
    assert told["deliveries"][0]["state"] == "delivered"
    assert told["attempts"][0]["fault"][0]["code"] == "BUSY"
    assert told["attempts"][0]["fault"][0]["owner"] == "receiver"
    assert told["attempts"][1]["answer"] == "São"
    assert told["facts"][0]["data"]["planned"] == [[1, "protheus", "l", 1, "waiting"]]
    assert told["answers"][0]["body"] == "<ok/>"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.0004, "+0 ms"), (0.999, "+999 ms"), (1, "+1.0 s"), (59.94, "+59.9 s"),
        (200, "+3 min 20 s"), (7500, "+2 h 5 min"), (90000, "+1 d 1 h"),
    ],
)  # fmt: skip
def test_how_much_later_is_told_in_the_unit_that_fits(seconds: float, told: str) -> None:
    """From milliseconds to days."""
    assert since(AT, AT + int(seconds * SECOND)) == told


def test_times_are_those_of_the_machine_unless_said_otherwise() -> None:
    """Whatever the zone, the moment is the same."""
    assert time_of(AT, UTC) == "2026-01-01 12:00:00.000"
    assert time_of(AT)[-7:] == time_of(AT, UTC)[-7:]


def test_there_are_words_for_everything_that_can_happen() -> None:
    """No fact, step, outcome, owner or state is told by its code alone."""
    assert set(FACT_WORDS) == set(FactKind)
    assert set(STEP_WORDS) == set(Step)
    assert set(OUTCOME_WORDS) == set(Outcome)
    assert set(OWNER_WORDS) == set(Owner)
    assert {*REASON_WORDS, "", "FAULT", "PERSON"} == {*Reason, RESTORED}
    assert set(PROVIDER_WORDS) == set(Provider)
    assert all(state_in(state, "pt") and state_in(state, "en") for state in State)
    assert all(text.pt and text.en for text in WORDS.values())


def test_a_step_ends_in_one_state_wherever_it_begins() -> None:
    """The story may name the state after a step without knowing the one before it."""
    ends = {
        (step, state) for steps in DELIVERY_TRANSITIONS.values() for step, state in steps.items()
    }

    assert len(ends) == len({step for step, _ in ends})


@pytest.mark.parametrize(
    ("step", "said"), [(Step.REFUSE, "it was not done"), (Step.DELIVER, "it was done")]
)
def test_what_a_person_settled_is_not_put_into_a_destination_s_mouth(step: Step, said: str) -> None:
    """Nobody there spoke; where the destination itself answered later, it did."""
    act = FactRow(AT, FactKind.STATE_CHANGED, "01", 1, 0, step, "root", "n")

    told = timeline(Trace(message(), (delivery(),), (), (), (act,)), "en", UTC)
    itself = timeline(
        Trace(message(), (delivery(),), (), (), (act._replace(actor="protheus"),)), "en", UTC
    )

    assert f"root says that {said}" in told
    assert "the destination" not in told
    assert "the destination" in itself


def test_what_was_loaded_is_told_as_such() -> None:
    """It came by no door of an application."""
    loaded = Trace(message(remote="load ana"), (), (), (), ())

    assert "de rm por bus load" in timeline(loaded, "pt", UTC)
    assert "de rm por http" in timeline(replace(loaded, message=message()), "pt", UTC)


def test_an_answer_that_was_cut_is_not_put_down_to_a_sender_who_gave_up() -> None:
    """No sender waited: what is told is that it was sent, and that nobody knows."""
    row = delivery(state=State.UNKNOWN, reason=Reason.FAULT, detail="OUTCOME_UNKNOWN")
    told = timeline(Trace(message(), (row,), (), (), (fact(FactKind.ACCEPTED, 0),)), "en")

    assert "a try was sent, and whether it was processed is not known" in told
    assert "given up" not in told


def test_how_a_person_ends_a_doubt_is_told_where_the_bus_does_not_ask_itself() -> None:
    """Its sender is told to look before it repeats; who keeps the bus, how to say what was found."""
    row = delivery(state=State.UNKNOWN, reason=Reason.FAULT, detail="OUTCOME_UNKNOWN")
    rows = (row, row._replace(due_at=AT), row._replace(state=State.DELIVERED))
    told, asked, over = (
        timeline(Trace(message(), (one,), (), (), (fact(FactKind.ACCEPTED, 0),)), "en")
        for one in rows
    )

    says = "→ Look in protheus whether the document is there; then tell the bus: `bus settle 01 --done`"
    assert says in told
    assert "bus settle" not in asked + over
