"""Integration codes: the same for the same message, whoever repeats it (X-21), of a set length.

A retry of a message has its UUID, and so the code of its first try: Omie refuses a second record of
it. A change is another message with another UUID, which is the revision in the code (X-08).
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Iterable
from hashlib import sha256

SHORT, LONG = 20, 40
"""Characters: of requisitions (Omie takes 20), and of all else (60)."""
PREFIX = "EB"
DOCUMENT_PART = 10
"""Characters of a requisition's code that tell its document; the others tell the revision."""


def integration_key(length: int, *parts: str) -> str:
    """The code of what these parts name, of capitals and digits alone."""
    told = "\n".join(f"{len(part)}:{part}" for part in parts)
    code = b32encode(sha256(told.encode()).digest()).decode().rstrip("=")
    return (PREFIX + code)[:length]


def suggested_code(*parts: str) -> str:
    """A code for a product that nobody gave one, as Omie suggests them: PRD and eleven digits."""
    told = "\n".join(f"{len(part)}:{part}" for part in parts)
    return f"PRD{int.from_bytes(sha256(told.encode()).digest()) % 10**11:011}"


def document_part(document: Iterable[str]) -> str:
    """How the codes of all requisitions of a document begin."""
    return integration_key(DOCUMENT_PART, *document)


def revision_part(uuid: str) -> str:
    """How the code of the requisition that a message makes ends."""
    return integration_key(len(PREFIX) + SHORT - DOCUMENT_PART, uuid)[len(PREFIX) :]
