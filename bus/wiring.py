"""The one place that knows every concrete class: it puts a running bus together."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

from bus.adapter_kinds import (
    AdapterPool,
    KindsWith,
    OptionsByKind,
    doubts_of_kinds,
    mistakes_between,
)
from bus.clock import SystemClock
from bus.codec.parser import Limits
from bus.codec.reader import ENVELOPE_ELEMENTS
from bus.codec.xml_codec import XmlCodec
from bus.config import Loaded, Settings, applications_in, load_deployment
from bus.config.warnings import TOLD_AT_START
from bus.contracts.bridges import XmlBridges, shipped_bridges
from bus.contracts.registry import Registry
from bus.core.broker import Broker
from bus.core.errors import BusFault, Fault
from bus.core.journal_address import is_postgres, shown
from bus.core.route import Deployment
from bus.core.text import Details, Text
from bus.engine.accept import Acceptor
from bus.engine.activate import Activator
from bus.engine.activation import Activations
from bus.engine.answers import Answers
from bus.engine.attempt import AttemptRunner
from bus.engine.depara_changes import DeparaChanges
from bus.engine.diagnose import Diagnoser
from bus.engine.dispatch import POLL, Dispatcher, Pace
from bus.engine.effects import EffectChecks
from bus.engine.erase import Eraser
from bus.engine.in_force import InForce
from bus.engine.load import Loader
from bus.engine.neighbours import Neighbours
from bus.engine.operate import Operator
from bus.engine.poll import Poller
from bus.engine.probe import ProbeFinding, Probes
from bus.engine.reconcile import Reconciler
from bus.engine.refused_logins import RefusedLogins
from bus.engine.register_load import RegisterLoader
from bus.engine.request import Requester
from bus.engine.responses import Responses
from bus.engine.retention import Kept, Retention
from bus.engine.transform import Transformer
from bus.engine.translate import Translator
from bus.engine.waiters import Waiters
from bus.journal.rows import ConfigurationRow
from bus.ports.adapter import Feature
from bus.ports.clock import Clock
from bus.ports.depara import CrossReference
from bus.ports.history import History
from bus.ports.observer import Observer, SilentObserver
from bus.ports.ports import Ports
from bus.profiles import InstalledProfiles
from bus.reload import Reloader
from bus.store.lineage import Vouched
from bus.store.memory import MemoryStore
from bus.store.postgres import PostgresStore, copy_into, restore_into
from bus.store.sqlite import SqliteStore, restore

MEMORY = "memory:"
_NO_FILE = Text("memory: não guarda nada", "memory: keeps nothing")
_NOT_A_FILE = Text("não é um arquivo", "it is no file")
_NO_DATABASE = Text("não é um banco de dados PostgreSQL", "it is no database of PostgreSQL")
_NAME_A_DATABASE = Text(
    "Escreva postgresql://usuário:senha@host:5432/banco.",
    "Write postgresql://user:password@host:5432/database.",
)
_NAME_A_FILE = Text("Diga o arquivo com --journal.", "Name the file by --journal.")


def open_codec(
    max_body: int = Limits().body,
    max_answer: int = Limits().body,
    contracts: Registry | None = None,
) -> XmlCodec:
    """The codec, with the limits of a body and of a destination's answer in bytes.

    JSON is read and written by the contracts; without any given, by those that ship.
    """
    return XmlCodec(Limits(body=max_body), max_answer, (contracts or _shipped()).shapes)


@cache
def _shipped() -> Registry:
    return Registry(None)


def open_contracts(settings: Settings) -> Registry:
    """The registry of contracts: those that ship, and those that this installation imported."""
    return Registry(settings.contracts)


def load_routes(
    settings: Settings, contracts: Registry, codec: XmlCodec, text: str | None = None
) -> Loaded:
    """The configuration in the routes file, or in a text of its, or BusFault with every mistake."""
    loaded = load_deployment(
        settings.routes,
        contracts=contracts.known(),
        bridges=shipped_bridges(),
        profiles=InstalledProfiles(),
        adapters=OptionsByKind(),
        readers=KindsWith(Feature.READS),
        keyed=KindsWith(Feature.KEYED),
        environment=os.environ,
        check_condition=codec.condition_problem,
        elements=lambda transaction: ENVELOPE_ELEMENTS | contracts.elements(transaction),
        paths=contracts.paths,
        is_for=settings.environment,
        across=_typed_out(settings),
        broker=settings.broker,
        text=text,
    )
    if wrong := mistakes_between(loaded.deployment.applications.values(), contracts):
        raise BusFault(*loaded.placed(wrong))
    doubts = loaded.placed(doubts_of_kinds(loaded.deployment))
    return replace(loaded, warnings=(*loaded.warnings, *doubts))


@dataclass(frozen=True, slots=True)
class Bus:
    """A running bus: what the edges speak to."""

    settings: Settings
    ports: Ports
    answers: Answers
    acceptor: Acceptor
    operators: Operator
    dispatcher: Dispatcher
    poller: Poller
    amending: DeparaChanges
    probes: Probes
    waiters: Waiters
    diagnoser: Diagnoser
    refused_logins: RefusedLogins
    loader: Loader
    reconciler: Reconciler
    neighbours: Neighbours
    retention: Retention
    eraser: Eraser
    activations: Activations
    activator: Activator
    register_loader: RegisterLoader
    broker: Broker | None = None
    reloader: Reloader | None = None

    @property
    def deployment(self) -> Deployment:
        """The configuration in force."""
        return self.ports.deployment()

    @property
    def history(self) -> History:
        """The journal, to be read."""
        return self.ports.history


def assemble(
    ports: Ports, settings: Settings, address: str = "", worker: str = "", poll: float = POLL
) -> Bus:
    """Put the engine together over its ports; `worker` is this process, where no other says."""
    answers, waiters = Answers(ports, settings.language, address), Waiters(ports.notifier)
    translator = Translator(ports)
    attempts = AttemptRunner(ports, answers, translator, Transformer(ports), waiters)
    worker = worker or f"{os.uname().nodename}:{os.getpid()}"
    effects = EffectChecks(ports, translator)
    dispatcher = Dispatcher(ports, attempts, effects, worker, Pace(settings.lease, poll))
    requester = Requester(ports, answers, waiters)
    responses = Responses(ports, answers, translator, dispatcher, waiters)
    acceptor = Acceptor(ports, answers, dispatcher, requester, responses)
    operators = Operator(ports, acceptor, responses, answers, dispatcher)
    amending = DeparaChanges(ports, dispatcher)
    poller = Poller(ports, acceptor, worker)
    probes = Probes(ports.open_adapter, ports.clock)
    refused = RefusedLogins(ports.clock)
    loader = Loader(ports, acceptor, answers, dispatcher)
    diagnoser = Diagnoser(ports, InstalledProfiles(), refused)
    return Bus(
        settings,
        ports,
        answers,
        acceptor,
        operators,
        dispatcher,
        poller,
        amending,
        probes,
        waiters,
        diagnoser,
        refused,
        loader,
        Reconciler(ports, effects),
        Neighbours(ports, dispatcher, waiters, poll),
        Retention(ports, worker, Kept(settings.keep_for, settings.keep_size)),
        Eraser(ports),
        Activations(ports, loader, operators, poller),
        Activator(ports, diagnoser, poller),
        RegisterLoader(ports, loader, worker),
    )


def refuse_strange_journal(versions: Sequence[ConfigurationRow], settings: Settings) -> None:
    """Raise BusFault for a journal that another environment wrote last, unless it is typed out."""
    known = applications_in(versions[0].text, InstalledProfiles()) if versions else {}
    strange = sorted(
        one.name
        for one in known.values()
        if one.environment is not settings.environment and one.name not in _typed_out(settings)
    )
    if strange:
        details = {
            "path": shown(settings.journal),
            "environment": known[strange[0]].environment.value,
            "bus": settings.environment.value,
            "known": ",".join(strange),
        }
        raise BusFault(Fault("JOURNAL_OF_ANOTHER_ENVIRONMENT", details=details))


def _typed_out(settings: Settings) -> frozenset[str]:
    """The applications of another environment that may be reached all the same."""
    return frozenset(filter(None, (one.strip() for one in settings.across.split(","))))


@contextlib.asynccontextmanager
async def open_store(
    settings: Settings, clock: Clock, vouched: Vouched = Vouched.NOTHING
) -> AsyncIterator[MemoryStore | SqliteStore | PostgresStore]:
    """The journal that the settings name; a file and memory are this process's alone."""
    store: MemoryStore | SqliteStore | PostgresStore
    if settings.journal == MEMORY:
        store = MemoryStore(clock)
    elif is_postgres(settings.journal):
        store = await PostgresStore.open(settings.journal, clock, vouched=vouched)
    else:
        store = await SqliteStore.open(
            Path(settings.journal), clock, vouched=vouched, reserve=settings.disk_reserve
        )
    try:
        yield store
    finally:
        await store.close()


@contextlib.asynccontextmanager
async def open_bus(
    settings: Settings,
    observer: Observer,
    address: str = "",
    vouched: Vouched = Vouched.NOTHING,
) -> AsyncIterator[Bus]:
    """A bus with its journal and adapters; `bus.dispatcher.run()` makes it deliver."""
    clock = SystemClock()
    contracts = open_contracts(settings)
    codec = open_codec(settings.max_body, settings.max_answer, contracts)
    warming = asyncio.create_task(_made_ready(contracts, observer))
    loaded = load_routes(settings, contracts, codec)
    for warning in loaded.warnings:
        if what := TOLD_AT_START.get(warning.detail("kind")):
            observer.troubled(what, BusFault(warning))
    async with open_store(settings, clock, vouched) as store:
        if store.restored:
            observer.troubled("the journal was restored", BusFault(store.restored))
        refuse_strange_journal(await store.history.configurations(), settings)
        versions = await store.history.configurations(loaded.text, actor="file")
        in_force = InForce(replace(loaded.deployment, number=versions[0].number))
        adapters = AdapterPool(codec)
        try:
            ports = Ports(
                codec=codec,
                contracts=contracts,
                bridges=XmlBridges(contracts),
                clock=store.clock,
                journal=store.journal,
                history=store.history,
                crossreference=store.crossreference,
                observer=observer,
                open_adapter=adapters,
                asks=adapters.asks,
                deployment=in_force,
                notifier=store.notifier,
            )
            bus = assemble(ports, settings, address)
            in_force.follow(adapters.keep)
            in_force.follow(bus.poller.follow)
            in_force.follow(bus.dispatcher.follow)
            reloader = Reloader(
                settings.routes,
                partial(load_routes, settings, contracts, codec),
                in_force,
                ports,
                loaded.broker,
            )
            bus.neighbours.follow(reloader.others_recorded)
            bus = replace(bus, broker=loaded.broker, reloader=reloader)
            async with contextlib.aclosing(bus.probes):
                yield bus
        finally:
            await adapters.close()
            await warming


async def probe_all(settings: Settings) -> Mapping[str, ProbeFinding | None]:
    """What a probe finds of each application in the routes file, beside a bus that may run."""
    codec = open_codec()
    applications = load_routes(settings, open_contracts(settings), codec).deployment.applications
    adapters = AdapterPool(codec)
    try:
        return await Probes(adapters, SystemClock()).findings(applications.values())
    finally:
        await adapters.close()


async def _made_ready(contracts: Registry, observer: Observer) -> None:
    """Start what explains refusals, and tell which contracts of the installation are broken."""
    await asyncio.to_thread(contracts.warm_up)
    for fault in await asyncio.to_thread(contracts.broken):
        observer.troubled("contract broken", BusFault(fault))


@contextlib.asynccontextmanager
async def open_reading(settings: Settings) -> AsyncIterator[tuple[History, CrossReference]]:
    """The journal and its de-para for reading, also beside a bus that runs on it."""
    if is_postgres(settings.journal):
        async with PostgresStore.open_reading(settings.journal) as reading:
            yield reading
    else:
        async with SqliteStore.open_reading(Path(settings.journal)) as reading:
            yield reading


@contextlib.asynccontextmanager
async def open_history(settings: Settings) -> AsyncIterator[History]:
    """The journal for reading, also beside a bus that runs on it."""
    async with open_reading(settings) as (history, _):
        yield history


async def restore_journal(settings: Settings, backup: Path) -> tuple[str, Fault | None]:
    """Put a backup in the place of the journal: where that lies now, and what is in doubt."""
    if settings.journal == MEMORY:
        details: Details = {"problem": _NO_FILE, "hint": _NAME_A_FILE}
        raise BusFault(Fault("CONFIGURATION_INVALID", "journal", details=details))
    clock = SystemClock()
    if is_postgres(settings.journal):
        kept = await asyncio.to_thread(restore_into, settings.journal, backup, clock.now())
    else:
        aside = await asyncio.to_thread(restore, Path(settings.journal), backup)
        kept = str(aside or "")
    async with open_store(settings, clock) as store:
        return kept, store.restored


async def copy_journal(settings: Settings, target: str) -> None:
    """Copy the journal, which is a file that no bus has, into an empty database of PostgreSQL."""
    if settings.journal == MEMORY or is_postgres(settings.journal):
        details: Details = {"problem": _NOT_A_FILE, "hint": _NAME_A_FILE}
        raise BusFault(Fault("CONFIGURATION_INVALID", "journal", details=details))
    if not is_postgres(target):
        details = {"problem": _NO_DATABASE, "hint": _NAME_A_DATABASE}
        raise BusFault(Fault("CONFIGURATION_INVALID", "target", details=details))
    now = SystemClock().now()
    await asyncio.to_thread(copy_into, target, Path(settings.journal), now)


@contextlib.asynccontextmanager
async def open_unwatched(settings: Settings) -> AsyncIterator[Bus]:
    """A bus that delivers nothing, on a journal that is a file: BusFault JOURNAL_IN_USE where a bus
    holds it.
    """
    async with open_bus(settings, SilentObserver()) as bus:
        bus.dispatcher.begin_nothing()
        yield bus
