"""Activation: a group that shares registers begins after a preview that a person read, and stops.

What stands is in the journal: a person's confirmation of each application. Everything else follows
from it when a message would be sent (`bus.engine.sharing`).
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from bus.core.contract import Contract, Lifecycle
from bus.core.delivery import Kind, State
from bus.core.envelope import BusinessEvent, Event
from bus.core.errors import Fault, SenderFault
from bus.core.load_order import load_order
from bus.core.preview import Preview, PreviewLine, SharedRecord, as_permitted, lines_of
from bus.core.route import Application
from bus.core.sharing import ACTIVE, Membership, SharingGroup, confirmed_as, memberships, rule_of
from bus.core.suggest import suggestion
from bus.core.translation import TranslationContext
from bus.engine.active import ActiveApplications
from bus.engine.load import LoadedPart, Loader
from bus.engine.operate import Operator
from bus.engine.poll import Poller
from bus.engine.post import Post
from bus.engine.read import read
from bus.journal.commands import Confirm
from bus.journal.rows import DeliveryRow, MessageRow
from bus.ports.adapter import Poll
from bus.ports.codec import Document
from bus.ports.history import Filter
from bus.ports.ports import Ports

QUEUED = (State.WAITING, State.AWAITING_DEPARA, State.BLOCKED, State.HELD)
"""States in which a delivery has not left."""
PAGE = 500
"""Messages that are looked at together."""


class SharedDocument(NamedTuple):
    """A register that an application has, as a message of it."""

    document: Document
    contract: Contract
    record: SharedRecord


class Activated(NamedTuple):
    """What activation did: the preview that was confirmed, and what was taken in of the origin."""

    preview: str
    taken: int
    passed_over: int
    """Registers that came from the origin by themselves meanwhile: those are newer."""


class Activations:
    """Shows what a group would do, begins it, and stops it."""

    def __init__(self, ports: Ports, loader: Loader, operators: Operator, poller: Poller) -> None:
        self._ports = ports
        self._loader = loader
        self._operators = operators
        self._poller = poller

    def group(self, name: str) -> SharingGroup:
        """The group of a name; SenderFault where there is none."""
        deployment = self._ports.deployment()
        found = deployment.group(name.casefold())
        if found is None:
            details = suggestion(name, [one.name for one in deployment.groups])
            raise SenderFault(Fault("UNKNOWN_GROUP", "group", details=details))
        return found

    async def standing(self, group: SharingGroup) -> dict[str, Membership]:
        """How it stands with each application that was ever activated."""
        return memberships(group, await self._ports.history.confirmations())

    async def preview(self, group: SharingGroup) -> Preview:
        """What activation would do; every application is read, and nothing is changed anywhere."""
        return await self._compared(group, await self._had(group, group.origin))

    async def activate(self, group: SharingGroup, confirmed: str, actor: str) -> Activated:
        """Begin, as a preview said; go on, where that was begun and not ended.

        SenderFault where the preview is another by now, or an application has not been read to its
        end: what it had before is not to be taken for new.
        """
        known = await self.standing(group)
        began = self._ports.clock.now()
        origin = await self._had(group, group.origin)
        if not self._is_resumed(group, known, confirmed):
            self._refuse_unread(group)
            now = await self._compared(group, origin)
            if now.hash != confirmed:
                details = {
                    "name": group.name,
                    "value": confirmed,
                    "hash": now.hash,
                    "command": f"bus sharing preview {group.name}",
                }
                raise SenderFault(Fault("PREVIEW_CHANGED", "confirm", details=details))
            for name in (*group.destinations, group.origin):
                # What was activated by the same preview goes on as it was.
                if not _is_active(known.get(name)):
                    await self._say(group, name, f"{ACTIVE} {confirmed}", actor)
        since = max(one.at for one in (await self.standing(group)).values() if one.active)
        posts = [one async for one in self._posts(group, origin, since, began)]
        sender = self._ports.deployment().applications[group.origin]
        part: LoadedPart = await self._loader.take(sender, posts, 0.0)
        return Activated(confirmed, len(part.results), len(origin) - len(posts))

    async def stop(self, group: SharingGroup, name: str, how: str, actor: str) -> int:
        """Stop an application, or with an empty name all, at once: how many were cancelled.

        What is queued is cancelled, or drained: then it goes on. No register is touched.
        """
        members = group.members if not name else (self._member(group, name),)
        for one in members:
            await self._say(group, one, how, actor)
        cancelled = 0
        for one in members if how == "cancel" else ():
            cancelled += await self._cancel(group, one, actor)
        return cancelled

    # -- reading -----------------------------------------------------------------------------------

    async def _had(self, group: SharingGroup, name: str) -> list[SharedDocument]:
        """All registers of the group's entities that an application has, read from its start."""
        application = self._ports.deployment().applications[name]
        await ActiveApplications(self._ports.history).refuse_inactive(application)
        adapter = self._ports.open_adapter(application)
        found: dict[tuple[str, str], SharedDocument] = {}
        cursor, more = "", True
        while more:
            inbound = await read(adapter, application, Poll(cursor))
            for message in inbound.messages:
                one = await self._record(group, message.body)
                if one:
                    found[one.record.entity, one.record.id] = one
                cursor = message.cursor
            more = inbound.more and bool(inbound.messages or inbound.cursor not in {"", cursor})
            cursor = inbound.cursor or cursor
        return list(found.values())

    async def _record(self, group: SharingGroup, body: bytes) -> SharedDocument | None:
        document = await self._ports.codec.read(body)
        header, business = document.envelope.header, document.envelope.business
        contract = self._ports.contracts.find(header.transaction, header.version)
        deleted = isinstance(business, BusinessEvent) and business.event is Event.DELETE
        if contract is None or contract.entity not in group.entities or deleted:
            return None
        own = next(filter(None, document.values(contract.own_id)), "")
        match = next(filter(None, document.values(contract.known_by)), "")
        keys = dict(contract.business_keys)
        named = [keys[one] for one in ("Name", "Description") if one in keys]
        name = next(filter(None, document.values(named)), "")
        record = SharedRecord(contract.entity, own, match, name, bool(contract.recognised_by))
        return SharedDocument(document, contract, record)

    async def _compared(self, group: SharingGroup, origin: Sequence[SharedDocument]) -> Preview:
        lines: list[PreviewLine] = []
        route = self._ports.deployment().route(rule_of(group.name, group.origin))
        may = route.share.may if route and route.share else frozenset()
        for name in group.destinations:
            there = [one.record for one in await self._had(group, name)]
            pairs = await self._pairs(origin, group.origin, name)
            found = lines_of(name, [one.record for one in origin], there, pairs)
            lines += as_permitted(found, pairs, may)
        return Preview(group.name, tuple(lines))

    async def _pairs(
        self, origin: Sequence[SharedDocument], sender: str, reader: str
    ) -> dict[tuple[str, str], set[str]]:
        """What the de-para knows already of registers of the origin at another application."""
        deployment = self._ports.deployment()
        one, other = deployment.applications[sender], deployment.applications[reader]
        keys = {}
        for each in origin:
            header = each.document.envelope.header
            crossing = TranslationContext(one, other, header, deployment, frozenset())
            keys[crossing.key(each.record.entity, each.record.id)] = each.record
        known = await self._ports.crossreference.known(tuple(keys))
        return {
            (record.entity, record.id): ids
            for key, record in keys.items()
            if (ids := {row.id for row in known.get(key, ()) if row.application == reader})
        }

    # -- beginning ---------------------------------------------------------------------------------

    def _is_resumed(
        self, group: SharingGroup, known: dict[str, Membership], confirmed: str
    ) -> bool:
        """Whether all of the group is active by this preview: then its load only goes on."""
        mine = [known.get(name) for name in group.members]
        return all(one and one.active for one in mine) and any(
            one and one.preview == confirmed for one in mine
        )

    def _refuse_unread(self, group: SharingGroup) -> None:
        applications = self._ports.deployment().applications
        for name in group.members:
            if applications[name].read_every and not self._poller.is_read_up(name):
                details = {"application": name, "group": group.name}
                raise SenderFault(Fault("NOT_READ_YET", "group", details=details))

    async def _posts(
        self, group: SharingGroup, origin: Sequence[SharedDocument], since: int, began: int
    ) -> AsyncIterator[Post]:
        """What the origin has, as messages that are new at an activation: the named come first."""
        sender: Application = self._ports.deployment().applications[group.origin]
        for one in self._in_order(origin):
            newest = await self._as_of_now(group, one, since, began)
            if newest:
                name = f"{newest.document.envelope.header.uuid}\n{since}"
                body = newest.document.write(str(uuid.uuid5(uuid.NAMESPACE_URL, name)))
                yield Post(body, sender, remote=f"sharing {group.name}", waits=False)

    async def _as_of_now(
        self, group: SharingGroup, one: SharedDocument, since: int, began: int
    ) -> SharedDocument | None:
        """A register that was read when activation began, as its origin has told it since then.

        None where that is shared by itself, for it came when the group was active, or it is gone.
        """
        told = Filter(sender=group.origin, key=one.record.id, since=began, limit=PAGE)
        found = [row for row, _ in await self._ports.history.messages(told)]
        row = next((row for row in found if row.entity == one.record.entity), None)
        if row is None:
            return one
        if row.received_at >= since:
            return None
        body = await self._ports.history.body(row.id)
        return await self._record(group, body) if body else one

    def _in_order(self, origin: Sequence[SharedDocument]) -> Iterator[SharedDocument]:
        order = load_order(
            one for one in self._ports.contracts.known() if one.lifecycle is Lifecycle.REGISTER
        )
        yield from sorted(origin, key=lambda one: order.level_of(one.contract.entity.casefold()))

    async def _say(self, group: SharingGroup, name: str, what: str, actor: str) -> None:
        await self._ports.journal.confirm(Confirm(name, confirmed_as(group.name), actor, what))

    # -- stopping ----------------------------------------------------------------------------------

    def _member(self, group: SharingGroup, name: str) -> str:
        if name.casefold() not in group.members:
            details = suggestion(name, group.members)
            raise SenderFault(Fault("UNKNOWN_APPLICATION", "application", details=details))
        return name.casefold()

    async def _cancel(self, group: SharingGroup, name: str, actor: str) -> int:
        """Give up what is queued for an application in its group, and what is queued of it."""
        reason = f"sharing {group.name}: stop {name}"
        queued = [
            (message, row.number)
            for state in QUEUED
            for wanted in (Filter(destination=name, state=state), Filter(sender=name, state=state))
            async for message, rows in self._all(wanted)
            for row in rows
            if row.kind is Kind.COPY
            and row.state is state
            and row.rule == rule_of(group.name, message.sender)
            and name in {row.destination, message.sender}
        ]
        for message, number in queued:
            await self._operators.discard(message, number, actor, reason)
        return len(queued)

    async def _all(
        self, wanted: Filter
    ) -> AsyncIterator[tuple[MessageRow, tuple[DeliveryRow, ...]]]:
        wanted = replace(wanted, limit=PAGE)
        while page := await self._ports.history.messages(wanted):
            for one in page:
                yield one
            wanted = replace(wanted, before=page[-1][0].id)


def _is_active(one: Membership | None) -> bool:
    return one is not None and one.active
