"""Texts of ERROR answers whose meaning we know. All others are refusals."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from bus.core.outcome import Outcome


@dataclass(frozen=True, slots=True)
class KnownFault:
    """What a text means: `pattern` is searched in the text without accents and in lower case.

    The fault's code says who must act, as everywhere.
    """

    pattern: re.Pattern[str]
    outcome: Outcome
    code: str


FAULTS = (
    # The receiver could not lock the company and branch for a stock movement (facts: 6.1).
    KnownFault(re.compile(r"mensagem nao processada\W+tente novamente"), Outcome.BUSY, "BUSY"),
    # The receiver keeps its own de-para, and lacks an id that the message refers to (facts: 6.5).
    KnownFault(
        re.compile(r"nao encontrad[oa] no de\W?para"), Outcome.REFUSED, "DEPARA_MISSING_AT_RECEIVER"
    ),
)


def recognise(text: str, known: Iterable[KnownFault]) -> KnownFault | None:
    """The first known fault that a text tells of."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())
    return next((fault for fault in known if fault.pattern.search(plain)), None)
