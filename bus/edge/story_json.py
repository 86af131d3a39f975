"""The story of a message in JSON: whole for whoever runs the bus, and in short for its sender."""

from __future__ import annotations

from typing import Any

from bus.core.delivery import STATE_TEXTS
from bus.core.errors import Fault
from bus.core.text import Language
from bus.edge.faults import fault_to_dict
from bus.edge.story import AwaitedId, Story, StoryAttempt, StoryDelivery, StoryFact
from bus.journal.rows import AnswerRow
from bus.ports.history import Ahead


def story_to_dict(story: Story, language: Language) -> dict[str, Any]:
    """Everything: the rows as they are, their faults told; times are µs since 1970 UTC."""
    attempts = [one for delivery in story.deliveries for one in delivery.attempts]
    return story.message._asdict() | {
        "faults": [fault_to_dict(one, language) for one in story.faults],
        "deliveries": [_delivery(one, language) for one in story.deliveries],
        "attempts": [_attempt(one, language) for one in attempts],
        "answers": [_answer(one) for one in story.answers],
        "facts": [_fact(one, language) for one in story.facts],
    }


def standing_to_dict(story: Story, language: Language) -> dict[str, Any]:
    """How a message and its deliveries stand."""
    message = story.message
    return {
        "id": message.id,
        "uuid": message.uuid,
        "transaction": message.transaction,
        "version": message.version,
        "state": message.state.value,
        "answered": bool(message.answer),
        "faults": [_fault(one, language) for one in story.faults],
        "deliveries": [
            {
                "number": row.number,
                "kind": row.kind.value,
                "application": row.destination,
                "state": row.state.value,
                "estado": STATE_TEXTS[row.state].name.pt,
                "attempts": row.tries,
                "reason": row.why,
                "effect": row.effect.value,
                "behind": ahead_to_dict(one.ahead, language),
                "faults": [_fault(one.fault, language)] if one.fault else [],
            }
            | _paused(one)
            for one, row in ((one, one.row) for one in story.deliveries)
        ],
    }


def _fault(fault: Fault, language: Language) -> dict[str, Any]:
    return fault_to_dict(fault, language) | {"details": dict(fault.details)}


def ahead_to_dict(ahead: Ahead | None, language: Language) -> dict[str, Any] | None:
    """What a delivery waits behind, and why that stopped; None where it waits behind none."""
    if ahead is None:
        return None
    head, message = ahead.head, ahead.head_message
    return {
        "message": message.id,
        "number": head.number,
        "uuid": message.uuid,
        "transaction": message.transaction,
        "document": message.about,
        "state": head.state.value,
        "estado": STATE_TEXTS[head.state].name.pt,
        "reason": head.why,
        "faults": [fault_to_dict(ahead.fault, language)] if ahead.fault else [],
    }


def _delivery(delivery: StoryDelivery, language: Language) -> dict[str, Any]:
    row = delivery.row
    awaits = [_awaited(one) for one in delivery.awaits]
    behind = ahead_to_dict(delivery.ahead, language)
    complaints = [fault_to_dict(one, language) for one in delivery.complaints]
    told = {"reason": row.why, "awaits": awaits, "behind": behind, "complaints": complaints}
    told["faults"] = [fault_to_dict(delivery.fault, language)] if delivery.fault else []
    return row._asdict() | told | _paused(delivery)


def _paused(delivery: StoryDelivery) -> dict[str, Any]:
    """Until when its destination is left alone, after how many failures in a row; if it is."""
    pause = delivery.pause
    return {"paused": {"until": pause.paused_until, "failures": pause.failures}} if pause else {}


def _awaited(awaited: AwaitedId) -> dict[str, Any]:
    key, *rest = awaited
    return key._asdict() | dict(zip(AwaitedId._fields[1:], rest, strict=True))


def _attempt(attempt: StoryAttempt, language: Language) -> dict[str, Any]:
    return attempt.row._asdict() | {
        "fault": [fault_to_dict(one, language) for one in attempt.faults],
        "substitutions": attempt.row.substitutions.rows(),
        "answer": attempt.row.answer.decode("utf-8", "replace"),
    }


def _answer(answer: AnswerRow) -> dict[str, Any]:
    body = answer.body.decode("utf-8", "replace")
    return answer._asdict() | {"reason": answer.code, "body": body}


def _fact(fact: StoryFact, language: Language) -> dict[str, Any]:
    told = {"fault": fault_to_dict(fact.fault, language)} if fact.fault else {}
    return fact.row._asdict() | {"data": dict(fact.row.data)} | told
