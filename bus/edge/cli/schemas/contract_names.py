"""Contracts as people name them on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bus.core.errors import SenderFault
from bus.core.suggest import unknown_contract

if TYPE_CHECKING:
    from bus.core.contract import Contract
    from bus.ports.contracts import Contracts


def contract_named(transaction: str, version: str, contracts: Contracts) -> Contract:
    """A contract; SenderFault with the versions that there are where there is none."""
    contract = contracts.find(transaction, version)
    if contract is None:
        raise SenderFault(unknown_contract(transaction, version, contracts.known()))
    return contract
