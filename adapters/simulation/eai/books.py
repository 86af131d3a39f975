"""The books of a simulated ERP: what its documents mean to each other beyond being kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from bus.core.element import Element
from bus.core.envelope import Response


class Declined(Exception):
    """The ERP says no, with this text."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A document, or a question, of another application.

    `id` is that of the document here, empty of a question; `parts` are the ids of its items here,
    by the sender's. `find` gives the id here of an entity and the sender's id, empty where the
    de-para has none.
    """

    transaction: str
    id: str
    content: Element
    parts: Mapping[str, str]
    find: Callable[[str, str], str]


class ErpBooks(Protocol):
    """What a product holds of its documents. What is declined changed nothing."""

    def take(self, arrival: Incoming) -> tuple[str, ...]:
        """Book a document; the ids here that no longer stand because of it. Declined says no."""

    def cancel(self, entity: str, id_: str) -> None:
        """Reverse a document of its own id. Declined says no."""

    def tell(self, arrival: Incoming) -> str:
        """What a query returns, as XML below ReturnContent. Declined says no."""

    def hear(self, response: Response) -> None:
        """Take note of what came of a message that was sent from here."""


class NoBooks:
    """Documents are kept, and mean nothing to each other."""

    def take(self, arrival: Incoming) -> tuple[str, ...]:
        """Nothing ends."""
        return ()

    def cancel(self, entity: str, id_: str) -> None:
        """Nothing depends on it."""

    def tell(self, arrival: Incoming) -> str:
        """Nothing is known."""
        return ""

    def hear(self, response: Response) -> None:
        """Nothing waits for it."""
