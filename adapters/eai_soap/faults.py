"""Texts of SOAP Faults whose meaning we know: not processed, and by whose fault."""

from __future__ import annotations

import re

from adapters.http_xml.faults import FAULTS, KnownFault
from bus.core.outcome import Outcome

# Owner and remedy are those of the code. All of these come before anything is processed.
SOAP_FAULTS = (
    *FAULTS,
    # Protheus: PRTCHKUSER denies a web service to a user.
    KnownFault(
        re.compile(r"webservice invalido para este login"),
        Outcome.UNREACHABLE,
        "LOGIN_REFUSED_BY_RECEIVER",
    ),
    # Protheus: no credentials, or wrong ones, in HTTP Basic.
    KnownFault(
        re.compile(r"authentication\W+user not authorized"),
        Outcome.UNREACHABLE,
        "LOGIN_REFUSED_BY_RECEIVER",
    ),
    # Protheus: the transaction is not in its register of EAI adapters.
    KnownFault(
        re.compile(r"nao configurada ou configurada incorretamente"),
        Outcome.REFUSED,
        "MESSAGE_NOT_CONFIGURED_AT_RECEIVER",
    ),
)
