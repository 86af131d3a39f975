"""Ids of the de-para as people read them, and what is known of who would bring one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bus.core.text import Language
from bus.edge.words.command_line import PROVIDER_WORDS
from bus.journal.depara_rows import Provider, WaitRow
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


def first_waits(rows: Iterable[WaitRow], senders: Mapping[str, str]) -> list[WaitRow]:
    """One row for each missing id: by its sender's name, where a rule says that others would do."""
    chosen: dict[tuple[str, int, str, str, str], WaitRow] = {}
    for row in rows:
        key = (row.message, row.number, row.path, row.entity, row.id)
        if key not in chosen or row.application == senders.get(row.message):
            chosen[key] = row
    return list(chosen.values())
