"""Texts of errors that any EAI may give: a product's own go first, all others are refusals."""

from __future__ import annotations

import re

from bus.core.known_faults import KnownFault
from bus.core.outcome import Outcome

FAULTS = (
    # The receiver could not lock the company and branch for a stock movement (facts: 6.1).
    KnownFault(re.compile(r"mensagem nao processada\W+tente novamente"), Outcome.BUSY, "BUSY"),
    # The receiver keeps its own de-para, and lacks an id that the message refers to (facts: 6.5).
    KnownFault(
        re.compile(r"nao encontrad[oa] no de\W?para"), Outcome.REFUSED, "DEPARA_MISSING_AT_RECEIVER"
    ),
)
