"""Contracts as people name them on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bus.core.errors import Fault, SenderFault

if TYPE_CHECKING:
    from bus.core.contract import Contract
    from bus.ports.contracts import Contracts


def contract_named(transaction: str, version: str, contracts: Contracts) -> Contract:
    """A contract; SenderFault with the versions that there are where there is none."""
    contract = contracts.find(transaction, version)
    if contract is None:
        raise SenderFault(unknown_contract(transaction, version, contracts))
    return contract


def unknown_contract(transaction: str, version: str, contracts: Contracts) -> Fault:
    """The fault of naming a contract that there is not, with the versions that there are."""
    wanted = transaction.casefold()
    known = [each.version for each in contracts.known() if each.transaction.casefold() == wanted]
    details = {"transaction": transaction, "version": version, "known": ", ".join(known) or "—"}
    return Fault("UNKNOWN_CONTRACT", details=details)
