"""Finds kinds of adapters by the entry points of installed packages, and opens adapters of them.

A kind is loaded when asked for. A package that cannot be loaded is a fault of its own kind alone:
the others are not touched by it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint

from bus.core.errors import BusFault, Fault
from bus.core.known_faults import KnownFault
from bus.core.route import Application, Deployment
from bus.core.text import Details, Text, same
from bus.entry_points import SEVERAL, announced_in, problem_details
from bus.ports.adapter import Adapter, AdapterKind, CheckingKind, DoubtingKind, Feature
from bus.ports.codec import Codec
from bus.ports.contracts import ContractFields

_NOT_INSTALLED = Text("“{adapter}” não está instalado", "“{adapter}” is not installed")
GROUP = "bus.adapters"
LINGER = 10.0
"""Seconds that an attempt may outlast the time-out of its application."""
DUTIES = ("name", "open", "options")


def announced() -> Mapping[str, tuple[EntryPoint, ...]]:
    """The entry points of every installed kind by its name. Nothing is loaded."""
    return announced_in(GROUP)


@cache
def kind_named(name: str) -> AdapterKind:
    """The kind of a name; KeyError where none is installed, BusFault where it cannot be used."""
    points = announced()[name]
    if len(points) > 1:
        raise _unusable(points, SEVERAL)
    try:
        kind = points[0].load()
        _check(kind)
    except (Exception, SystemExit) as error:
        problem = f"{type(error).__name__}: {error}"
        raise _unusable(points, same(problem)) from error
    found: AdapterKind = kind
    return found


def _check(kind: AdapterKind) -> None:
    """TypeError where what an entry point gave is no kind of adapter."""
    if isinstance(kind, type):
        raise TypeError(f"{kind.__name__} is a class; the entry point must name one made of it")
    missing = [duty for duty in DUTIES if not hasattr(kind, duty)]
    if missing:
        raise TypeError(f"{type(kind).__name__} lacks {', '.join(missing)}")
    options = kind.options()
    if not all(isinstance(options[option], Text) for option in options):
        raise TypeError(f"{type(kind).__name__}.options() gives no Text for each option")
    if not all(isinstance(feature, Feature) for feature in features_of(kind)):
        raise TypeError(f"{type(kind).__name__}.features() gives what is no Feature")
    if not all(isinstance(fault, KnownFault) for fault in faults_of(kind)):
        raise TypeError(f"{type(kind).__name__}.faults() gives what is no KnownFault")


def features_of(kind: AdapterKind) -> frozenset[Feature]:
    """What a kind's adapters can do beside delivering; one that does not say: nothing."""
    return kind.features() if hasattr(kind, "features") else frozenset()


def faults_of(kind: AdapterKind) -> tuple[KnownFault, ...]:
    """The error texts that a kind's protocol knows; none of one that does not say."""
    return kind.faults() if hasattr(kind, "faults") else ()


def mistakes_between(
    applications: Iterable[Application], contracts: ContractFields
) -> tuple[Fault, ...]:
    """What each kind says is wrong between its applications, or with the contracts they name."""
    found: list[Fault] = []
    for kind, of_it in _by_kind(applications):
        if isinstance(kind, CheckingKind):
            found += kind.mistakes(of_it, contracts)
    return tuple(found)


def doubts_of_kinds(deployment: Deployment) -> tuple[Fault, ...]:
    """What each kind says that its applications hardly mean."""
    found: list[Fault] = []
    for kind, of_it in _by_kind(deployment.applications.values()):
        if isinstance(kind, DoubtingKind):
            found += kind.doubts(of_it, deployment)
    return tuple(found)


def _by_kind(
    applications: Iterable[Application],
) -> Iterator[tuple[AdapterKind, list[Application]]]:
    """Each installed kind that is used, with its applications."""
    by_kind: dict[str, list[Application]] = {}
    for application in applications:
        if application.adapter in announced():
            by_kind.setdefault(application.adapter, []).append(application)
    for name, of_it in by_kind.items():
        yield kind_named(name), of_it


class OptionsByKind(Mapping[str, Collection[str]]):
    """The option names of each installed kind, which is loaded when they are asked for."""

    def __getitem__(self, name: str) -> Collection[str]:
        """The option names of one kind; BusFault where it cannot be used."""
        return tuple(kind_named(name).options())

    def __contains__(self, name: object) -> bool:
        """Whether a kind of that name is installed."""
        return name in announced()

    def __iter__(self) -> Iterator[str]:
        """The names of the kinds."""
        return iter(announced())

    def __len__(self) -> int:
        """How many kinds there are."""
        return len(announced())


class KindsWith(Container[str]):
    """The installed kinds whose adapters can do something; BusFault of one that cannot be used."""

    def __init__(self, feature: Feature) -> None:
        self._feature = feature

    def __contains__(self, name: object) -> bool:
        """Whether the kind of that name is one."""
        return name in announced() and self._feature in features_of(kind_named(str(name)))


class AdapterPool:
    """Adapters by application, opened at first use and again when its configuration changes."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._open: dict[str, tuple[Application, Adapter]] = {}
        self._asking: dict[str, bool] = {}
        self._leaving: dict[asyncio.Task[None], Adapter] = {}

    def __call__(self, application: Application) -> Adapter:
        """The adapter of an application."""
        known = self._open.get(application.name)
        if known and (known[0] is application or known[0] == application):
            return known[1]
        if application.adapter not in announced():
            problem = _NOT_INSTALLED.filled(adapter=application.adapter)
            details: Details = {"application": application.name, "problem": problem}
            raise BusFault(Fault("ADAPTER_FAILED", details=details))
        adapter = kind_named(application.adapter).open(application, self._codec)
        self._let_go(application.name)
        self._open[application.name] = (application, adapter)
        return adapter

    def keep(self, deployment: Deployment) -> None:
        """Keep the adapters of these applications, as they are there; the others are let go."""
        for name, (application, _) in tuple(self._open.items()):
            if deployment.applications.get(name) != application:
                self._let_go(name)

    def _let_go(self, name: str) -> None:
        """Close an adapter, once what it may have under way has ended."""
        if known := self._open.pop(name, None):
            application, adapter = known
            leaving = asyncio.create_task(_closed_after(application.timeout + LINGER, adapter))
            self._leaving[leaving] = adapter
            leaving.add_done_callback(self._leaving.pop)

    def asks(self, application: Application) -> bool:
        """Whether an application can be asked what became of a message; looked up once a kind."""
        known = self._asking.get(application.adapter)
        if known is None:
            known = self._asking[application.adapter] = _asks(application.adapter)
        return known

    async def close(self) -> None:
        """Close them all."""
        for leaving, adapter in tuple(self._leaving.items()):
            leaving.cancel()
            await adapter.close()
        for _, adapter in self._open.values():
            await adapter.close()


async def _closed_after(seconds: float, adapter: Adapter) -> None:
    await asyncio.sleep(seconds)
    await adapter.close()


def _asks(name: str) -> bool:
    try:
        return name in KindsWith(Feature.ASKS)
    except BusFault:  # whoever sends by it is told
        return False


def unopened(
    open_adapter: Callable[[Application], Adapter], applications: Iterable[Application]
) -> list[Fault]:
    """Why adapters of applications cannot be opened, which sends nothing; the others are open."""
    faults: list[Fault] = []
    for application in applications:
        if not application.adapter:
            continue
        try:
            open_adapter(application)
        except BusFault as refusal:
            faults += refusal.faults
        except Exception as error:  # noqa: BLE001 - a foreign adapter may raise anything
            details = {"application": application.name, "problem": type(error).__name__}
            faults.append(Fault("ADAPTER_FAILED", details=details))
    return faults


def _unusable(points: tuple[EntryPoint, ...], problem: Text) -> BusFault:
    details = {"adapter": points[0].name, **problem_details(points, problem)}
    return BusFault(Fault("ADAPTER_UNUSABLE", details=details))
