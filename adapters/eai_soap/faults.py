"""Faults of SOAP itself: the call was not understood, and nothing of the message was processed."""

from __future__ import annotations

import re
from typing import Final

from bus.core.known_faults import KnownFault
from bus.core.outcome import Outcome

NOT_PROCESSED: Final = frozenset(
    {"VersionMismatch", "MustUnderstand", "Client", "DataEncodingUnknown", "Sender"}
)
"""The codes by which the call is at fault: SOAP 1.1, section 4.4.1; SOAP 1.2 part 1, 5.4.6."""

# Frameworks say it in words of their own, and many with the code of the server.
_WORDS = (
    r"contractfilter mismatch",  # WCF: no operation has that action
    r"actionnotsupported",
    r"did not recognize the value of http header soapaction",  # ASP.NET
    r"unable to handle request without a valid action",
    r"no soapaction header",  # Axis
    r"no such operation",
    r"could not find operation",
    r"endpoint reference \(epr\) for the operation not found",  # Axis2
    r"cannot find dispatch method",  # JAX-WS
    r"soapaction .* does not match an operation",  # CXF
    r"message part .* was not recognized",
    r"unexpected wrapper element",
    r"method name or namespace not recognized",  # gSOAP
)

FAULTS = tuple(
    KnownFault(re.compile(words), Outcome.BUSY, "CALL_NOT_UNDERSTOOD") for words in _WORDS
)
