"""What Keepfy's codes of errors mean, wherever they stand in an answer (facts, section 2)."""

from __future__ import annotations

import re

from bus.core.known_faults import KnownFault
from bus.core.outcome import Outcome
from bus.core.text import NOTHING, Text

KEYS = Text(
    "Confira Access Key e Access Secret na Integração Externa do Keepfy.",
    "Check Access Key and Access Secret in Keepfy's external integration.",
)
BRANCH = Text(
    "Confira a filial (branch) em `options`: o Keepfy não a aceitou.",
    "Check the branch in `options`: Keepfy did not take it.",
)
SESSION_ENDED = re.compile(r"\b(unauthenticated|authentication_failed|invalid_session)\b")
"""The token is not taken any more: another one may be."""


def _means(codes: str, outcome: Outcome, code: str, advice: Text = NOTHING) -> KnownFault:
    return KnownFault(re.compile(rf"\b({codes})\b"), outcome, code, advice)


FAULTS = (
    KnownFault(SESSION_ENDED, Outcome.UNREACHABLE, "LOGIN_REFUSED_BY_RECEIVER", KEYS),
    _means("forbidden", Outcome.UNREACHABLE, "LOGIN_REFUSED_BY_RECEIVER", KEYS),
    _means("too_many_requests", Outcome.BUSY, "BUSY"),
    _means("required_branch_id", Outcome.REFUSED, "REFUSED", BRANCH),
    _means("validation_error|invalid_input", Outcome.REFUSED, "INVALID_FOR_RECEIVER"),
    _means("entity_already_exist|duplicated_entity", Outcome.REFUSED, "REFUSED"),
    _means("entity_does_not_exist|entity_not_found", Outcome.REFUSED, "REFUSED"),
    _means("entity_is_still_referenced|business_error", Outcome.REFUSED, "REFUSED"),
)
"""In the order in which they are looked for."""
