"""Examine: read, authorise, route, check, plan (S4). What would become of a message; no more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bus.core.bridge import HEADER_PATH
from bus.core.contract import Contract, Lifecycle
from bus.core.envelope import BLANK, DeliveryMode, Envelope, Event, MessageType, Repair
from bus.core.errors import Fault, SenderFault
from bus.core.fault_texts import NOTHING_ALTERED
from bus.core.limits import NOTHING_BEYOND, Beyond, beyond, lost_in, may_have
from bus.core.plan import (
    Plan,
    in_mode,
    plan_deliveries,
    routes_of,
    strictness_of,
    uuid_for_destinations,
)
from bus.core.route import Application, Deployment, Route, Strictness
from bus.core.subject import Subject, Target, business_keys_by, main_documents, subject_by
from bus.core.suggest import unknown_contract
from bus.core.text import Details, same
from bus.engine.post import Post
from bus.ports.codec import Codec, Document, EnvelopeRefused
from bus.ports.contracts import FEW, Contracts

NO_SUBJECT = Subject("", "", "", Lifecycle.PROCESS, upsert=False)
"""Of what is no business message, or was refused before anybody looked."""
CONTENT_PATH = "/TOTVSMessage/BusinessMessage/BusinessContent"


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found out of a posted message, as far as anybody looked.

    `faults` are those with which it is refused: then nothing is planned. `document` is None where
    it could not be read, and `as_far` what its envelope says up to there. `routes` are those whose
    condition holds, `rules` names all that took it by its header, and `plan` is what they lead to;
    None where nothing is to be delivered. `warnings` tell what differs from the contract where
    routes let that pass, what was mended to read it, and that its order is kept in one of several
    lanes alone.
    """

    document: Document | None = None
    contract: Contract | None = None
    subject: Subject = NO_SUBJECT
    business_keys: tuple[tuple[str, str], ...] = ()
    mode: DeliveryMode | None = None
    routes: tuple[Route, ...] = ()
    rules: str = ""
    warnings: tuple[Fault, ...] = ()
    plan: Plan | None = None
    faults: tuple[Fault, ...] = ()
    as_far: Envelope = BLANK

    @property
    def envelope(self) -> Envelope:
        """The envelope; of what could not be read, as far as it was."""
        return self.document.envelope if self.document else self.as_far


class Examiner:
    """Finds out what would become of messages. It needs no journal, and leaves no trace in one."""

    def __init__(
        self, codec: Codec, contracts: Contracts, deployment: Callable[[], Deployment]
    ) -> None:
        self._codec = codec
        self._contracts = contracts
        self._deployment = deployment

    async def examine(self, post: Post, id_: str) -> Examined:
        """Everything that follows from a post under an id of ours; what refuses it is a value."""
        document: Document | None = None
        try:
            document = await self._codec.read(post.carried or post.body, post.carrier)
            _authorise(document.envelope, post.sender)
            if document.envelope.header.type is MessageType.BUSINESS:
                return await self._business(document, post, id_)
        except EnvelopeRefused as refusal:
            return Examined(as_far=refusal.envelope, faults=refusal.faults)
        except SenderFault as refusal:
            return Examined(document, faults=refusal.faults)
        return Examined(document)

    async def _business(self, document: Document, post: Post, id_: str) -> Examined:
        header, deployment = document.envelope.header, self._deployment()
        routes = routes_of(deployment, document.envelope, post.sender, self._contracts.known)
        mode, routes = in_mode(routes, header.delivery)
        contract = self._contracts.find(header.transaction, header.version)
        paths = contract.telling_paths if contract else ()
        texts = dict(zip(paths, document.values(paths), strict=True))
        mains = main_documents(contract, document.texts)
        subject = subject_by(document.envelope, contract, texts, next(iter(mains), None))
        known = Examined(document, contract, subject, business_keys_by(contract, texts))
        strictness = strictness_of(routes, contract)
        unchecked = strictness is Strictness.OFF
        faults = () if unchecked else await differences(document, self._contracts)
        if faults and strictness is Strictness.REJECT:
            return replace(known, faults=faults)
        holding = tuple(one for one in routes if not one.condition or document.holds(one.condition))
        uuid = uuid_for_destinations(post.sender, header.uuid, id_)
        plan = plan_deliveries(holding, mode, deployment, subject, uuid) if holding else None
        mended = repaired(document.envelope)
        held = _held(plan, deployment, document, contract)
        if held.faults:
            return replace(known, faults=held.faults)
        # Nobody waits; its copies still wait for the OK.
        if (plan and post.parent) or not post.waits:
            mode = DeliveryMode.ASYNC
            plan = plan and replace(plan, mode=mode, deadline=None)
        return replace(
            known,
            mode=mode,
            routes=holding,
            rules=",".join(route.name for route in routes),
            warnings=(*faults, *mended, *_several(contract, mains), *held.warnings),
            plan=plan,
        )


def repaired(envelope: Envelope) -> tuple[Fault, ...]:
    """What had to be mended to read a message: its sender should know."""
    return tuple(map(_told, envelope.repairs))


def _told(repair: Repair) -> Fault:
    details: Details = {"repair": repair.what}
    if not repair.alters:
        details = {**details, "follows": NOTHING_ALTERED}
    return Fault("REPAIRED", repair.path, repair.line, details)


def _held(
    plan: Plan | None, deployment: Deployment, document: Document, contract: Contract | None
) -> Beyond:
    """What the readers of a message cannot hold of it; a deletion asks nothing of them."""
    header, business = document.envelope.header, document.envelope.business
    found = NOTHING_BEYOND
    for delivery in plan.deliveries if plan else ():
        reader = deployment.applications[delivery.destination]
        if lost := _lost(document, reader.lost_characters):
            found = found.and_also(Beyond(warnings=(lost_in(lost, reader.name),)))
        limits = reader.limits.get(header.transaction.casefold())
        if limits and getattr(business, "event", "") != Event.DELETE:
            name = contract.title if contract else same(header.transaction)
            found = found.and_also(beyond(document, limits, reader.name, name))
    return found


def _lost(document: Document, characters: str) -> list[str]:
    """Those of some characters that stand in a message; one look where it has none."""
    if not may_have(document.raw, characters) or not document.holds(
        f"string(.) != translate(string(.), '{characters}', '')"
    ):
        return []
    return [one for one in characters if document.holds(f"contains(string(.), '{one}')")]


def _authorise(envelope: Envelope, sender: Application) -> None:
    """A sender may only claim its own SourceApplication; an empty one claims nothing."""
    source = envelope.header.source_application
    allowed = {name.casefold() for name in sender.source_applications or {sender.name}}
    if source and source.casefold() not in allowed:
        details = {"application": sender.name, "source": source}
        path = f"{HEADER_PATH}/SourceApplication"
        raise SenderFault(Fault("SOURCE_APPLICATION_REFUSED", path, details=details))


def _several(contract: Contract | None, mains: Sequence[Target]) -> tuple[Fault, ...]:
    """That a message belongs to several documents, and keeps the order of one alone."""
    first, *others = [one.id for one in mains] or [""]
    if contract is None or not others:
        return ()
    path = f"{CONTENT_PATH}/{contract.belongs_to[-1].path}"
    details = {"first": first, "others": ", ".join(others)}
    return (Fault("SEVERAL_MAIN_DOCUMENTS", path, details=details),)


async def differences(
    document: Document, contracts: Contracts, most: int = FEW
) -> tuple[Fault, ...]:
    """The first differences of a message from its contract, or that there is no such contract."""
    header = document.envelope.header
    contract = contracts.find(header.transaction, header.version)
    if contract is None:
        fault = unknown_contract(header.transaction, header.version, contracts.known(), HEADER_PATH)
        return (fault,)
    if await contracts.conforms(contract, document):
        return ()
    return await contracts.explain(contract, document, most)
