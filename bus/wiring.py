"""The one place that knows every concrete class: it puts a running bus together."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bus.adapter_kinds import OptionsByKind, announced, kind_named
from bus.clock import SystemClock
from bus.codec.document import opened
from bus.codec.json_message import xml_of_message
from bus.codec.parser import Limits
from bus.codec.source import SourceText
from bus.codec.xml_codec import XmlCodec
from bus.config import Loaded, Settings, Versions, load_deployment
from bus.contracts.bridges import XmlBridges, shipped_bridges, shipped_releases
from bus.contracts.example import example_message
from bus.contracts.imports.compare import Compared, compare
from bus.contracts.imports.importer import ImportedFile, Importer, published_files, refuse_unnamed
from bus.contracts.imports.sandbox import Sandbox
from bus.contracts.registry import Registry
from bus.core.bridge import Bridge
from bus.core.contract import Contract
from bus.core.errors import BusFault, Fault
from bus.core.outcome import Report
from bus.core.route import Application, Deployment
from bus.engine.accept import Acceptor
from bus.engine.answers import Answers
from bus.engine.attempt import AttemptRunner
from bus.engine.contract_impact import Broken, broken_by
from bus.engine.depara_changes import DeparaChanges
from bus.engine.dispatch import Dispatcher
from bus.engine.operate import Operator
from bus.engine.request import Requests
from bus.engine.responses import Responses
from bus.engine.transform import Transformer
from bus.engine.translate import Translator
from bus.engine.waiters import Waiters
from bus.journal.commands import Recorded
from bus.journal.rows import DeliveryRow, MessageRow
from bus.ports.adapter import Adapter
from bus.ports.bridges import Bridges
from bus.ports.clock import Clock
from bus.ports.codec import Codec
from bus.ports.contracts import Contracts
from bus.ports.depara import CrossReference
from bus.ports.history import Filter, History
from bus.ports.journal import Journal
from bus.ports.observer import Observer
from bus.store.memory import MemoryStore
from bus.store.sqlite import SqliteStore

MEMORY = "memory:"


def open_codec(max_body: int = Limits().body) -> XmlCodec:
    """The codec, with the limit of a body in bytes."""
    return XmlCodec(limits=Limits(body=max_body))


def open_contracts(settings: Settings) -> Registry:
    """The registry of contracts: those that ship, and those that this installation imported."""
    return Registry(settings.contracts)


def xml_of_json(body: bytes, contracts: Registry) -> bytes:
    """The XML of a message in JSON, by the map of its contract; SenderFault where it is none."""
    return xml_of_message(body, contracts.shapes)


def source_of(body: bytes) -> SourceText:
    """The text of a message, to show faults in."""
    return SourceText(body)


def import_contracts(
    settings: Settings, tree: Path, replacing: Sequence[str], *, dry_run: bool
) -> Iterator[ImportedFile]:
    """Import a tree of published XSDs into the folder of the settings, file by file."""
    files = published_files(tree)
    refuse_unnamed(files, replacing)
    with Sandbox() as workshop:
        folder = None if dry_run else settings.contracts
        importer = Importer(open_contracts(settings), workshop, folder, replacing)
        yield from importer.import_files(files, tree)


def compare_contracts(settings: Settings, before: str, after: str) -> Compared:
    """What changed between two contracts, each in force or in a file."""
    with Sandbox() as workshop:
        return compare(before, after, open_contracts(settings), workshop)


async def broken_messages(settings: Settings, compared: Compared, since: int = 0) -> Broken:
    """The messages of the journal, valid by the first contract, that the second would refuse."""
    chosen = Filter(transaction=compared.before.transaction, since=since)
    before, after = compared.before.rules(), compared.after.rules()
    checks = (lambda each: before.check(opened(each)), lambda each: after.check(opened(each)))
    async with open_history(settings) as history:
        codec = open_codec(settings.max_body)
        return await broken_by(history, codec, chosen, compared.before.version, checks)


def known_bridges() -> tuple[Bridge, ...]:
    """The ways between versions of transactions that this installation has."""
    return shipped_bridges()


def write_example(contract: Contract, sender: str, *, full: bool) -> bytes:
    """An example message of a contract, from a sender; SenderFault where it has none."""
    clock = SystemClock()
    return example_message(contract, sender, uuid=clock.new_id(), at=clock.now(), full=full)


def load_routes(settings: Settings, contracts: Contracts, codec: XmlCodec) -> Loaded:
    """The configuration in the routes file, or BusFault with every mistake in it."""
    return load_deployment(
        settings.routes,
        contracts=contracts.known(),
        versions=Versions(shipped_bridges(), shipped_releases()),
        adapters=OptionsByKind(),
        environment=os.environ,
        check_condition=codec.condition_problem,
    )


class AdapterPool:
    """Adapters by application, opened at first use and again when its configuration changes."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._open: dict[str, tuple[Application, Adapter]] = {}

    def __call__(self, application: Application) -> Adapter:
        """The adapter of an application."""
        known = self._open.get(application.name)
        if known and known[0] == application:
            return known[1]
        if application.adapter not in announced():
            details = {"application": application.name, "problem": application.adapter or "-"}
            raise BusFault(Fault("ADAPTER_FAILED", details=details))
        adapter = kind_named(application.adapter).open(application, self._codec)
        self._open[application.name] = (application, adapter)
        return adapter

    async def close(self) -> None:
        """Close them all."""
        for _, adapter in self._open.values():
            await adapter.close()


@dataclass(frozen=True, slots=True)
class Bus:
    """A running bus: what the edges speak to."""

    settings: Settings
    deployment: Deployment
    codec: Codec
    contracts: Contracts
    clock: Clock
    journal: Journal
    history: History
    crossreference: CrossReference
    answers: Answers
    acceptor: Acceptor
    operators: Operator
    dispatcher: Dispatcher
    amending: DeparaChanges


def assemble(  # noqa: PLR0913 - every part, by name
    *,
    settings: Settings,
    deployment: Deployment,
    codec: Codec,
    contracts: Contracts,
    bridges: Bridges,
    clock: Clock,
    journal: Journal,
    history: History,
    crossreference: CrossReference,
    observer: Observer,
    open_adapter: AdapterPool,
    address: str = "",
) -> Bus:
    """Put the engine together from its ports."""

    def current() -> Deployment:
        return deployment

    answers = Answers(codec, clock, history, settings.language, address)
    waiters = Waiters()
    crossings = Translator(
        codec=codec,
        contracts=contracts,
        crossreference=crossreference,
        history=history,
        deployment=current,
    )
    attempts = AttemptRunner(
        journal=journal,
        codec=codec,
        contracts=contracts,
        clock=clock,
        answers=answers,
        crossings=crossings,
        bridging=Transformer(bridges=bridges, contracts=contracts, deployment=current),
        waiters=waiters,
        observer=observer,
        deployment=current,
        open_adapter=open_adapter,
    )
    dispatcher = Dispatcher(
        journal=journal,
        attempts=attempts,
        clock=clock,
        observer=observer,
        deployment=current,
        worker=f"{os.uname().nodename}:{os.getpid()}",
        shortest_lease=settings.lease,
    )
    responses = Responses(
        codec=codec,
        contracts=contracts,
        journal=journal,
        history=history,
        clock=clock,
        answers=answers,
        crossings=crossings,
        dispatcher=dispatcher,
        waiters=waiters,
        observer=observer,
        deployment=current,
    )
    acceptor = Acceptor(
        codec=codec,
        contracts=contracts,
        journal=journal,
        clock=clock,
        answers=answers,
        dispatcher=dispatcher,
        requests=Requests(journal, clock, answers, waiters),
        responses=responses,
        observer=observer,
        deployment=current,
    )
    operators = Operator(
        journal=journal,
        history=history,
        contracts=contracts,
        acceptor=acceptor,
        answers=answers,
        dispatcher=dispatcher,
        deployment=current,
    )
    return Bus(
        settings,
        deployment,
        codec,
        contracts,
        clock,
        journal,
        history,
        crossreference,
        answers,
        acceptor,
        operators,
        dispatcher,
        DeparaChanges(crossreference, contracts, dispatcher, current),
    )


@contextlib.asynccontextmanager
async def open_store(settings: Settings, clock: Clock) -> AsyncIterator[MemoryStore | SqliteStore]:
    """The journal that the settings name, for this process alone."""
    store: MemoryStore | SqliteStore
    if settings.journal == MEMORY:
        store = MemoryStore(clock)
    else:
        store = await SqliteStore.open(Path(settings.journal), clock)
    try:
        yield store
    finally:
        await store.close()


@contextlib.asynccontextmanager
async def open_bus(settings: Settings, observer: Observer, address: str = "") -> AsyncIterator[Bus]:
    """A bus with its journal and adapters; `bus.dispatcher.run()` makes it deliver."""
    clock = SystemClock()
    codec, contracts = open_codec(settings.max_body), open_contracts(settings)
    warming = asyncio.create_task(_made_ready(contracts, observer))
    loaded = load_routes(settings, contracts, codec)
    async with open_store(settings, clock) as store:
        versions = await store.history.configurations(loaded.text, actor="file")
        deployment = replace(loaded.deployment, number=versions[0].number)
        adapters = AdapterPool(codec)
        try:
            yield assemble(
                settings=settings,
                deployment=deployment,
                codec=codec,
                contracts=contracts,
                bridges=XmlBridges(contracts),
                clock=clock,
                journal=store.journal,
                history=store.history,
                crossreference=store.crossreference,
                observer=observer,
                open_adapter=adapters,
                address=address,
            )
        finally:
            await adapters.close()
            await warming


async def _made_ready(contracts: Registry, observer: Observer) -> None:
    """Start what explains refusals, and tell which contracts of the installation are broken."""
    await asyncio.to_thread(contracts.warm_up)
    for fault in await asyncio.to_thread(contracts.broken):
        observer.troubled("contract broken", BusFault(fault))


@contextlib.asynccontextmanager
async def open_reading(settings: Settings) -> AsyncIterator[tuple[History, CrossReference]]:
    """The journal and its de-para for reading, also beside a bus that runs on it."""
    async with SqliteStore.open_reading(Path(settings.journal)) as reading:
        yield reading


@contextlib.asynccontextmanager
async def open_history(settings: Settings) -> AsyncIterator[History]:
    """The journal for reading, also beside a bus that runs on it."""
    async with open_reading(settings) as (history, _):
        yield history


class _Unwatched:
    """The observer of commands that act without a running bus: there is nobody to tell."""

    def received(self) -> None: ...
    def turned_away(self) -> None: ...
    def accepted(self, message: MessageRow, deliveries: Sequence[DeliveryRow]) -> None: ...
    def rejected(self, message: MessageRow, faults: Sequence[Fault]) -> None: ...
    def repeated(self, message: MessageRow, verdict: str) -> None: ...
    def attempted(self, recorded: Recorded, report: Report, seconds: float) -> None: ...
    def troubled(self, what: str, error: BaseException) -> None: ...


@contextlib.asynccontextmanager
async def open_unwatched(settings: Settings) -> AsyncIterator[Bus]:
    """A bus that delivers nothing, on a journal that no bus holds (BusFault JOURNAL_IN_USE)."""
    async with open_bus(settings, _Unwatched()) as bus:
        yield bus


@contextlib.asynccontextmanager
async def open_acts(settings: Settings) -> AsyncIterator[Operator]:
    """What people do to messages, on a journal that no bus holds (BusFault JOURNAL_IN_USE)."""
    async with open_unwatched(settings) as bus:
        yield bus.operators
