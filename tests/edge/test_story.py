"""The story of a message as a value, and its forms in JSON."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from bus.core.bridge import Loss, Transformation
from bus.core.delivery import Reason, State, Step
from bus.core.errors import Fault, Owner
from bus.core.outcome import Outcome
from bus.core.substitutions import Substitutions
from bus.core.translation import Swap
from bus.edge.story import (
    AwaitedId,
    LearntIds,
    UnlearntIds,
    story_of,
)
from bus.edge.story_json import standing_to_dict, story_to_dict
from bus.journal.depara_rows import Provider
from bus.journal.facts import FactKind
from bus.journal.rows import AnswerRow, AttemptRow, DeliveryRow, MessageRow, MessageState
from bus.ports.history import Trace
from depara.model import Key
from tests.cli.test_timeline import (
    BUSY,
    STORY,
    WANTED,
    attempt,
    awaiting,
    delivery,
    fact,
    message,
    timeline,
)

ITEM, THERE = Key("Item", "rm", "1/2", "1|A"), Key("Item", "omie", "", "77")
MISSED: dict[str, Any] = {**WANTED, "provider": "under way", "message": "00"}


def test_each_delivery_has_its_attempts_with_what_was_wrong_and_who_must_act() -> None:
    """Outcomes in order; a fault with owner and remedy; the answer that the origin has."""
    story = story_of(STORY)
    (delivery,) = story.deliveries
    busy, delivered = delivery.attempts

    assert (busy.outcome, delivered.outcome) == (Outcome.BUSY, Outcome.DELIVERED)
    assert busy.faults == (BUSY,)
    assert busy.faults[0].owner is Owner.RECEIVER
    assert busy.faults[0].remedy("en").startswith("If it lasts")
    assert story.answer
    assert story.answer.status == "OK"


def test_the_facts_are_in_order_and_say_what_moved_where() -> None:
    """A fact knows its delivery, the state that its step led to, and the attempt that it ends."""
    story = story_of(STORY)
    accepted, started, postponed, delivered, _ = story.facts

    assert [one.kind for one in story.facts[:2]] == [FactKind.ACCEPTED, FactKind.STARTED]
    assert accepted.planned == ((1, "protheus"),)
    assert (accepted.delivery, accepted.state) == (None, None)
    assert started.delivery is STORY.deliveries[0]
    assert (postponed.step, postponed.state) == (Step.POSTPONE, State.WAITING)
    assert delivered.attempt is story.deliveries[0].attempts[1]
    assert delivered.outcome is Outcome.DELIVERED


def test_what_an_attempt_changed_and_lost_is_read() -> None:
    """Ids that were put in place of others, and what the way to another version cost."""
    swap = Swap("CInternalId", "C", "2", None)
    done = Transformation("4.010", "3.002", (Loss("Item/Observation", 3),))
    tried = attempt(2, Outcome.DELIVERED)._replace(substitutions=Substitutions((swap,), done))

    (attempted,) = story_of(replace(STORY, attempts=(tried,))).deliveries[0].attempts

    assert attempted.swaps == (swap,)
    assert attempted.transformation == done


def test_an_attempt_under_way_has_no_outcome() -> None:
    """It is part of the story from the moment that it began."""
    tried = attempt(1, Outcome.BUSY)._replace(outcome="", ended_at=0)

    assert story_of(replace(STORY, attempts=(tried,))).deliveries[0].attempts[0].outcome is None


def test_ids_are_awaited_learnt_or_not() -> None:
    """What a fact of the de-para is about is a value of its own kind."""
    pair: dict[str, Any] = {"one": list(ITEM), "other": list(THERE), "change": 7}
    story = story_of(
        awaiting(
            fact(FactKind.ID_MISSING, 1, **MISSED),
            fact(FactKind.LEARNT, 1, **pair),
            fact(FactKind.CONFLICT, 1, conflict=3, **pair),
            fact(FactKind.LEARNT, 1, closed=[list(THERE)], change=8),
            fact(FactKind.NOT_LEARNT, 1, name="Item", origin="1|A", destination="")._replace(
                reason="EMPTY_DESTINATION"
            ),
        )
    )
    wanted = AwaitedId(ITEM, "omie", WANTED["path"], Provider.UNDER_WAY, "00")

    assert [one.ids for one in story.facts] == [
        wanted,
        LearntIds(7, (ITEM, THERE)),
        LearntIds(7, (ITEM, THERE), conflict=3),
        LearntIds(8, closed=(THERE,)),
        UnlearntIds("Item", "1|A", "", "EMPTY_DESTINATION"),
    ]
    assert story.deliveries[0].awaits == (wanted,)


def test_a_story_is_frozen() -> None:
    """Whoever tells it cannot change it."""
    story = story_of(STORY)

    with pytest.raises(FrozenInstanceError):
        story.faults = ()  # type: ignore[misc]


# -- in JSON ---------------------------------------------------------------------------------------


def test_in_json_every_column_keeps_its_name() -> None:
    """Programs read these keys: rows by their columns, and beside them what is added."""
    told = story_to_dict(story_of(STORY), "en")

    assert told.keys() == {*MessageRow._fields, "deliveries", "attempts", "answers", "facts"}
    assert told["deliveries"][0].keys() == {
        *DeliveryRow._fields,
        "awaits",
        "behind",
        "complaints",
        "faults",
    }
    assert tuple(told["attempts"][0]) == AttemptRow._fields
    assert told["answers"][0].keys() == {*AnswerRow._fields, "reason"}
    assert tuple(told["facts"][0]) == STORY.facts[0]._fields


def test_in_json_a_delivery_tells_what_it_awaits() -> None:
    """The id, who would read it and who would bring it."""
    told = story_to_dict(story_of(awaiting(fact(FactKind.ID_MISSING, 1, **MISSED))), "pt")

    assert json.loads(json.dumps(told))["deliveries"][0]["awaits"] == [
        {
            "entity": "Item",
            "application": "rm",
            "scope": "1/2",
            "id": "1|A",
            "reader": "omie",
            "path": WANTED["path"],
            "provider": "under way",
            "message": "00",
        }
    ]


def test_the_sender_is_told_how_its_message_stands() -> None:
    """In short: states, and faults with their words beside the details that were there before."""
    too_large = Fault("TOO_LARGE", details={"limit": "10"})
    rejected = message(state=MessageState.REJECTED, answer=0, faults=(too_large,))
    told = standing_to_dict(story_of(Trace(rejected, STORY.deliveries, (), (), ())), "en")
    (fault,) = told.pop("faults")
    (delivery,) = told.pop("deliveries")

    assert told == {
        "id": "01",
        "uuid": "u-1",
        "transaction": "Currency",
        "version": "2.001",
        "state": "rejected",
        "answered": False,
    }
    assert delivery == {
        "number": 1,
        "kind": "copy",
        "application": "protheus",
        "state": "delivered",
        "estado": "Finalizada",
        "attempts": 2,
        "reason": "",
        "effect": "",
        "faults": [],
        "behind": None,
    }
    assert fault["details"] == {"limit": "10"}
    assert fault["message"] == too_large.reason("en")
    assert fault["owner"] == "sender"


@pytest.mark.parametrize("withdrawn_by", ["attempt", "deadline"])
def test_what_was_withdrawn_is_not_told_as_to_be_sent_again(withdrawn_by: str) -> None:
    """The words of its last fault are those that its sender was told, in each form of the story."""
    first, last = attempt(1, Outcome.BUSY, BUSY), attempt(2, Outcome.BUSY, BUSY)
    step = Step.WITHDRAW if withdrawn_by == "attempt" else Step.POSTPONE
    facts = [
        fact(FactKind.ENDED, 1, Step.POSTPONE, attempt=1, outcome="busy"),
        fact(FactKind.ENDED, 2, step, attempt=2, outcome="busy"),
        fact(FactKind.STATE_CHANGED, 3, Step.WITHDRAW)._replace(reason="WITHDRAWN"),
    ][: 2 if withdrawn_by == "attempt" else 3]
    gone = (delivery(state=State.DISCARDED, reason=Reason.WITHDRAWN),)
    trace = Trace(message(), gone, (first, last), (), tuple(facts))
    told = story_to_dict(story_of(trace), "pt")
    lines = timeline(trace, "pt")

    hints = [one["fault"][0]["hint"] for one in told["attempts"]]
    assert ["não a enviará" in one for one in hints] == [False, True]
    assert ["tenta de novo" in one for one in hints] == [True, False]
    assert lines.count("não a enviará") == 1
    assert lines.count("tenta de novo") == 1
    assert "1 → protheus: Dispensada; retirada antes do envio; a origem soube" in lines
    assert "WITHDRAWN" not in lines
