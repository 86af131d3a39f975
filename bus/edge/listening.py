"""What is told where nobody can listen at an address."""

from __future__ import annotations

import errno
import socket
from typing import NamedTuple

from bus.core.errors import BusFault, Fault
from bus.core.system_words import words_of
from bus.core.text import Details, Text


class OtherAddress(NamedTuple):
    """What to do instead: give another host, or another port."""

    host: Text
    port: Text


def cannot_listen(error: OSError, host: str, port: int, other: OtherAddress) -> BusFault:
    """The fault of an address that is taken, or is not of this machine."""
    where = f"{host}:{port}"
    by_host = isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL
    details: Details = {
        "problem": Text("{where}: {problem}", "{where}: {problem}").filled(
            where=where, problem=words_of(error)
        ),
        "hint": other.host if by_host else other.port,
    }
    return BusFault(Fault("CONFIGURATION_INVALID", "host" if by_host else "port", details=details))
