"""The ways between versions of a transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bus.core.bridge import Bridge, Loss
from bus.core.translation import UNCHANGED, Translation
from bus.ports.codec import Document


@dataclass(frozen=True, slots=True)
class Transformed:
    """A message as another version of its transaction has it, and what that has no place for."""

    document: Document
    lost: tuple[Loss, ...]


class Bridges(Protocol):
    """Carries messages over the declared ways between versions of a transaction."""

    async def transform(
        self, document: Document, bridge: Bridge, translation: Translation = UNCHANGED
    ) -> Transformed:
        """The message in its reader's ids, over a bridge; the document itself stays as it is.

        Its version and schema location are the target's, its elements in the target's order. Says
        how often anything was lost that said something. The result is not checked.
        """
