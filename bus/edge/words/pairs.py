"""Ids of the de-para as people read them, and what is known of who would bring one."""

from __future__ import annotations

from bus.core.text import Language
from bus.edge.words.command_line import PROVIDER_WORDS
from bus.journal.depara_rows import Provider
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
