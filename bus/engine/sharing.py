"""Sharing: what a change of a shared register may do at one reader, told beside the echo."""

from __future__ import annotations

from dataclasses import replace

from bus.core.contract import Contract
from bus.core.delivery import Reason
from bus.core.errors import Fault
from bus.core.outcome import Outcome, Report
from bus.core.sharing import (
    CHANGE_WORDS,
    Change,
    Membership,
    Share,
    SharingGroup,
    change_of,
    memberships,
)
from bus.core.text import Details
from bus.engine.doubles import Doubles
from bus.engine.echo import was_sent
from bus.engine.news import SharedNews
from bus.engine.translate import Prepared, Translator
from bus.journal.commands import Claim
from bus.ports.codec import Document
from bus.ports.ports import Ports


class Sharing:
    """Knows which groups are active, and what each application may change in the others."""

    def __init__(self, ports: Ports, translator: Translator) -> None:
        self._history = ports.history
        self._translator = translator
        self._news = SharedNews(ports)
        self._doubles = Doubles(ports)

    async def barred(
        self, claim: Claim, document: Document, prepared: Prepared, share: Share
    ) -> Report | None:
        """Why a change is not sent: its group does not share it, it is no news, not permitted, or
        would overwrite another.

        None where it is sent. What may have been sent before is only held to its group.
        """
        since = await self._since(claim, share.group)
        if since is None:
            return _withheld("NOT_ACTIVE", claim, {"group": share.group.name})
        if was_sent(claim.delivery):
            return None
        if lacks := _without_document(claim, document, prepared):
            return lacks
        new = not await self._translator.knows_own(prepared)
        if prepared.deletes and new:
            return None  # its reader never had it, which is told as ever
        barred = await self._news.none_in(claim, document, prepared, share.group, since)
        change = change_of(deletes=prepared.deletes, new=new)
        if barred is None and change not in share.may:
            barred = _forbidden(claim, share.group, change)
        if barred is None and new:
            barred = await self._doubles.found(claim, document, prepared, share.group)
        return barred

    async def _since(self, claim: Claim, group: SharingGroup) -> int | None:
        """When both applications became active (µs); None where they do not share a message."""
        known = memberships(group, await self._history.confirmations())
        both: list[Membership] = []
        for name in (claim.message.sender, claim.delivery.destination):
            one = known.get(name)
            if one is None or not one.shares(claim.message.received_at):
                return None
            both.append(one)
        return max((one.at for one in both if one.active), default=0)


def _without_document(claim: Claim, document: Document, prepared: Prepared) -> Report | None:
    """O-04: what lacks that by which every application recognises it."""
    contract: Contract | None = prepared.contract
    if contract is None or not contract.recognised_by or prepared.deletes:
        return None
    if any(text.strip() for text in document.values(contract.recognised_by)):
        return None
    own = next(filter(None, document.values(contract.own_id)), "")
    details = {"path": contract.recognised_by[0], "id": own}
    return _withheld("NO_DOCUMENT", claim, details)


def _forbidden(claim: Claim, group: SharingGroup, change: Change) -> Report:
    details: Details = {"group": group.name, "change": CHANGE_WORDS[change]}
    told = _withheld("CHANGE_NOT_PERMITTED", claim, details)
    return replace(told, withheld=Reason.NOT_PERMITTED)


def _withheld(code: str, claim: Claim, details: Details) -> Report:
    told: Details = {
        "sender": claim.message.sender,
        "application": claim.delivery.destination,
        **details,
    }
    return Report(Outcome.WITHHELD, fault=Fault(code, details=told), withheld=Reason.NOT_SHARED)
