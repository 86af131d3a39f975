"""Ids and pairs of the de-para as people read them: keys, what is awaited, and what was learnt."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from bus.core.delivery import State, Step
from bus.core.text import Language, same
from bus.edge.words.command_line import PROVIDER_WORDS, UNLEARNT_WORDS, say
from bus.journal.depara_rows import Provider
from bus.journal.facts import FactKind, FactRow
from bus.journal.rows import DeliveryRow
from depara.model import Key


def id_of(key: Key) -> str:
    """An id as people write it: `rm:1|A`; where its application repeats it, with its scope.

    Quotes show where it begins and ends if that is a blank.
    """
    scope = f" ({key.scope})" if key.scope else ""
    id_ = key.id if key.id == key.id.strip() else f"“{key.id}”"
    return f"{key.application}:{id_}{scope}"


def provided(provider: str, message: str, language: Language) -> str:
    """What is known of the message that would bring an id."""
    words = PROVIDER_WORDS[Provider(provider)]
    return words.filled(message=message or "?").told(language)


# -- in the story of a message ---------------------------------------------------------------------


def pair_details(fact: FactRow, language: Language) -> Iterator[str]:
    """What a fact of the de-para tells; nothing for other facts."""
    data: dict[str, Any] = json.loads(fact.data or "{}")
    match FactKind(fact.kind):
        case FactKind.ID_MISSING:
            yield _wanted(data, language)
        case FactKind.LEARNT | FactKind.CONFLICT:
            yield from _joined(data, language)
        case FactKind.NOT_LEARNT:
            reason = UNLEARNT_WORDS.get(fact.reason) or same(fact.reason)
            yield f"{data['name']}: {data['origin']} = {data['destination']}"
            yield reason.told(language)
        case _:
            return


def awaited(row: DeliveryRow, facts: Iterable[FactRow], language: Language) -> Iterator[str]:
    """Which ids a delivery waits for: those that its last miss named."""
    if row.state is not State.AWAITING_DEPARA:
        return
    wanted: list[FactRow] = []
    for fact in facts:
        if fact.number != row.number:
            continue
        if fact.step == Step.AWAIT_DEPARA:
            wanted.clear()
        elif fact.kind == FactKind.ID_MISSING:
            wanted.append(fact)
    for fact in wanted:
        yield _wanted(json.loads(fact.data), language)


def _wanted(data: dict[str, Any], language: Language) -> str:
    key = Key(*data["wanted"])
    provider = provided(data["provider"], data["message"], language)
    details = {"entity": key.entity, "id": id_of(key), "reader": data["reader"]}
    return say("lacks", language, **details, path=data["path"], provider=provider)


def _joined(data: dict[str, Any], language: Language) -> Iterator[str]:
    change = say("change", language, number=data["change"])
    if "closed" in data:
        for closed in data["closed"]:
            key = Key(*closed)
            yield say("closed", language, entity=key.entity, id=id_of(key), change=change)
        return
    one, other = Key(*data["one"]), Key(*data["other"])
    pair = f"{one.entity} {id_of(one)} = {id_of(other)}"
    if "conflict" in data:
        yield say("in_conflict", language, pair=pair, number=data["conflict"])
    else:
        yield f"{pair} ({change})"
