"""The registry of contracts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bus.core.contract import Contract
from bus.core.contract_diff import Field
from bus.core.errors import Fault
from bus.ports.codec import DestinationAnswer, Document

FEW = 10
"""Differences of a message that are told, where nobody asks for more."""


class Contracts(Protocol):
    """The registry of contracts, by (transaction, version), case-insensitive in the transaction."""

    def find(self, transaction: str, version: str) -> Contract | None:
        """The contract of a transaction at a version."""

    def known(self) -> tuple[Contract, ...]:
        """All contracts, in order of name and version."""

    async def conforms(self, contract: Contract, document: Document) -> bool:
        """Whether BusinessContent, or ReturnContent of a response, is as the contract says."""

    async def explain(
        self, contract: Contract, document: Document, most: int = FEW
    ) -> tuple[Fault, ...]:
        """The first differences of what does not conform. Slow: others go on meanwhile."""

    async def complaints(
        self, contract: Contract, returned: Document | DestinationAnswer, most: int = FEW
    ) -> tuple[Fault, ...]:
        """The first differences of what a destination returned; none where it returned nothing.

        Quick: what the XSD says of them, without a long search for what was meant.
        """


class ContractFields(Protocol):
    """What may stand in the messages of contracts, for whoever makes messages of something else."""

    def find(self, transaction: str, version: str) -> Contract | None:
        """The contract of a transaction at a version."""

    def known(self) -> tuple[Contract, ...]:
        """All contracts, in order of name and version."""

    def fields(self, contract: Contract) -> Mapping[str, Field]:
        """The fields of a contract by path, from BusinessContent on; none where it has no list."""
