"""Which values are never shown: not in a fault, nor where a message is printed for people."""

from __future__ import annotations

import re
from typing import Final

HIDDEN: Final = "••••"
"""What is shown in the place of a secret."""

HIDING: Final = (
    r"passw(?:or)?d|passphrase|\bpwd|senha|secret|segredo|token|credential|credencial|api_?key"
    r"|private_?key|\bcvv"
)
"""The names, or parts of names, of elements and attributes that hold secrets."""

_SECRET = re.compile(HIDING, re.IGNORECASE)


def is_secret(name: str) -> bool:
    """Whether what an element or attribute of this name holds is a secret."""
    return _SECRET.search(name) is not None
