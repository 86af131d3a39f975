"""Texts of errors whose meaning is known, and the one way in which they are looked up: pure."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from bus.core.errors import Owner
from bus.core.fault_texts import FAULT_TEXTS
from bus.core.outcome import Outcome
from bus.core.text import NOTHING, Text

MEANT = (Outcome.REFUSED, Outcome.BUSY, Outcome.UNREACHABLE, Outcome.UNKNOWN)
"""What the text of an error may mean."""


@dataclass(frozen=True, slots=True)
class KnownFault:
    """What a text means: `pattern` is searched in the text without accents and in lower case.

    `advice` is what to do in that product beside what the code says. `entity` is what the reader's
    own de-para lacks, where the text says so without the id.
    ValueError where the outcome is none of an error, or nobody knows the code.
    """

    pattern: re.Pattern[str]
    outcome: Outcome
    code: str
    advice: Text = NOTHING
    entity: str = ""

    def __post_init__(self) -> None:
        """Refuse what could not be told."""
        if self.outcome not in MEANT:
            raise ValueError(f"“{self.outcome}” is no outcome of an error")
        if self.code not in FAULT_TEXTS:
            raise ValueError(f"there is no code “{self.code}”")

    @property
    def owner(self) -> Owner:
        """Who must act: that of the code, as everywhere."""
        return Owner(FAULT_TEXTS[self.code].owner)


def words(text: str) -> re.Pattern[str]:
    """The pattern of these words in this order, whatever stands between two that is no word.

    ValueError where there are none.
    """
    found = re.findall(r"\w+", searchable(text))
    if not found:
        raise ValueError(f"“{text}” has no words")
    return re.compile(r"\b" + r"\W+".join(found) + r"\b")


def mapping_of(application: str, text: str) -> str:
    """The line of routes.yaml that would say what a text means: of its longest part without digits.

    What has digits is of one document, and would tell of no other.
    """
    parts = re.split(r"\s*\S*\d\S*\s*", " ".join(text.split()))
    known = json.dumps(max(parts, key=_letters).strip(" .,;:") or text, ensure_ascii=False)
    return f"{application}: error_texts: [{{text: {known}, means: refused}}]"


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def recognise(text: str, *tables: Iterable[KnownFault]) -> KnownFault | None:
    """The first known fault that a text tells of; an earlier table goes before a later one."""
    plain = searchable(text)
    known = (fault for table in tables for fault in table)
    return next((fault for fault in known if fault.pattern.search(plain)), None)


def searchable(text: str) -> str:
    """A text as patterns are searched in it: without accents, in lower case, single blanks."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())
