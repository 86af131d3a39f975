"""The registry of contracts."""

from __future__ import annotations

from typing import Protocol

from bus.core.contract import Contract
from bus.core.errors import Fault
from bus.ports.codec import Document


class Contracts(Protocol):
    """The registry of contracts, by (transaction, version), case-insensitive in the transaction."""

    def find(self, transaction: str, version: str) -> Contract | None:
        """The contract of a transaction at a version."""

    def known(self) -> tuple[Contract, ...]:
        """All contracts, in order of name and version."""

    def conforms(self, contract: Contract, document: Document) -> bool:
        """Whether BusinessContent, or ReturnContent of a response, is as the contract says."""

    async def explain(self, contract: Contract, document: Document) -> tuple[Fault, ...]:
        """The first few differences of what does not conform. Slow: others go on meanwhile."""
