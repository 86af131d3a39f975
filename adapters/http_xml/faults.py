"""Texts of errors that any EAI may give: a product's own go first, all others are refusals."""

from __future__ import annotations

import re

from bus.core.known_faults import KnownFault, words
from bus.core.outcome import Outcome

_DE_PARA = r"\bde[\W_]{0,3}para\b"
_LACKS = (
    r"(\bnao (ha|tem|existe|possui|(foi |foram |esta )?(encontrad|localizad|cadastrad))"
    r"|\binexistente\b|\bsem )"
)

FAULTS = (
    # The receiver could not lock the company and branch for a stock movement (facts: 6.1).
    KnownFault(words("mensagem não processada. tente novamente"), Outcome.BUSY, "BUSY"),
    # No licence is free: others end their work, and it comes later (T-07).
    KnownFault(
        re.compile(
            r"\blicencas?\b.{0,60}\b(atingid|esgotad|excedid|excedeu|insuficient|indisponi)"
            r"|\b(limite|numero maximo|sem|nao ha)\b.{0,30}\blicencas?\b"
        ),
        Outcome.BUSY,
        "BUSY",
    ),
    # The receiver keeps its own de-para, and lacks an id that the message refers to (facts: 6.5).
    KnownFault(
        re.compile(rf"{_LACKS}.{{0,60}}?{_DE_PARA}|{_DE_PARA}.{{0,60}}?{_LACKS}"),
        Outcome.REFUSED,
        "DEPARA_MISSING_AT_RECEIVER",
    ),
)
