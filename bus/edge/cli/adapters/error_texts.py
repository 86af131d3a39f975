"""Error texts that are understood, as `bus adapters` shows them: those of kinds and of products."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bus.core.text import Language
from bus.edge.words.adapters import say
from bus.edge.words.command_line import OUTCOME_WORDS, OWNER_WORDS

if TYPE_CHECKING:
    from bus.core.known_faults import KnownFault


def told(faults: Iterable[KnownFault], language: Language) -> list[str]:
    """A line for each: the text, what it means, who must act, and what to do."""
    return [
        say(
            "text",
            language,
            pattern=fault.pattern.pattern.replace(r"\W+", " ").replace(r"\b", ""),
            outcome=OUTCOME_WORDS[fault.outcome].told(language),
            owner=OWNER_WORDS[fault.owner].told(language),
            advice=fault.advice.told(language),
        ).rstrip()
        for fault in faults
    ]
