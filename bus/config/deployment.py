"""Loads routes.yaml: the core's values, or everything that is wrong, at once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from pydantic import ValidationError

from bus.config.context import NO_PROFILES, Surroundings, profile_of
from bus.config.mistakes import ConfigMistake, tell
from bus.config.pydantic_errors import mistakes_of
from bus.config.route_keys import RoutesFile
from bus.config.secret import holds_secret
from bus.config.sharing_keys import overlaps, routes_of_group, unread_origins
from bus.config.to_core import application_of, broker_of, route_of, shared_ids_of
from bus.config.warnings import ACROSS_NOTHING, doubts_about
from bus.config.yaml_document import YamlDocument, read_document
from bus.core.bridge import Bridge
from bus.core.broker import Broker
from bus.core.contract import Contract
from bus.core.errors import BusFault, Fault
from bus.core.profile import Profile
from bus.core.route import Application, Deployment, Environment, Route, TranslatedBy
from bus.core.suggest import suggestion
from bus.core.system_words import words_of
from bus.core.text import Text

_Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration that can be put in force.

    `text` is what was read, to be recorded: it holds no secrets, only where they are kept.
    """

    deployment: Deployment
    text: str
    warnings: tuple[Fault, ...] = ()
    broker: Broker | None = None

    def placed(self, faults: Iterable[Fault]) -> tuple[Fault, ...]:
        """Mistakes that were found later, each with the line of the key that its path names."""
        document = read_document(self.text)
        return tuple(
            fault
            if fault.line
            else replace(fault, line=document.line(tuple(fault.path.split("."))))
            for fault in faults
        )


def load_deployment(  # noqa: PLR0913 - each is a part of the world that the file speaks of
    path: Path,
    *,
    contracts: Sequence[Contract],
    adapters: Mapping[str, Collection[str]],
    environment: Mapping[str, str],
    check_condition: Callable[[str], Text | None],
    bridges: tuple[Bridge, ...] = (),
    profiles: Mapping[str, Profile] = NO_PROFILES,
    readers: Container[str] = frozenset(),
    keyed: Container[str] = frozenset(),
    elements: Callable[[str], Collection[str]] = lambda _: (),
    paths: Callable[[Contract], Collection[str]] = lambda _: (),
    number: int = 0,
    is_for: Environment = Environment.PRODUCTION,
    across: Collection[str] = (),
    broker: str = "",
    text: str | None = None,
) -> Loaded:
    """Load a file of routes; raise a BusFault with every mistake, in the order of their lines.

    `adapters` gives the option names of each kind; `check_condition` says what is wrong with an
    XPath; `bridges` are the ways between versions; `profiles` gives that of each casefolded
    product; `readers` are the adapters that read, `keyed` those of whose applications no two have
    one user; `elements` names those that messages of a
    transaction may have, `paths` where elements may stand in a contract; `number` is the version
    under which the journal knows the text; `is_for` is what the bus is for, and `across` names the
    applications that are for something else, and may be reached all the same; `broker` is the URL
    of a message broker, with its login, in place of what the file says of where it is; `text` is
    one to be read in the file's place.
    """
    text = _text_of(path) if text is None else text
    document = read_document(text)
    declared = document.section("applications")
    world = Surroundings(
        text,
        path.parent,
        declared,
        contracts,
        adapters,
        environment,
        check_condition,
        bridges,
        profiles,
        readers,
        elements,
        paths,
        keyed,
    )
    checked = _check(document, world, str(path), has_broker=bool(broker))
    deployment = _deployment_of(checked, world, number)
    nameless = [*_across_nothing(deployment.applications, across)]
    if strange := [*_elsewhere(deployment.applications.values(), is_for, across)]:
        raise BusFault(*_tell_all([*strange, *nameless], document, str(path)))
    doubts = [*doubts_about(deployment, world), *nameless]
    warnings = _tell_all(doubts, document, str(path))
    return Loaded(deployment, text, warnings, broker_of(checked.broker, broker))


def applications_in(
    text: str, profiles: Mapping[str, Profile] = NO_PROFILES
) -> dict[str, Application]:
    """What a recorded configuration says of its applications without their secrets.

    Name, product, who puts ids into their terms, how they keep the ids of others, and what they
    are for.
    """
    found = {}
    for name, keys in read_document(text).section("applications").items():
        if isinstance(keys, dict):
            product = str(keys.get("product") or "")
            profile = profile_of(product, profiles)
            by = TranslatedBy(str(keys.get("de_para") or profile.de_para))
            is_for = Environment(str(keys.get("environment") or Environment.PRODUCTION))
            found[name] = Application(
                name, product, de_para=by, id_limits=profile.id_limits, environment=is_for
            )
    return found


def users_of_adapters(path: Path) -> Mapping[str, tuple[str, ...]]:
    """The adapters that a file names, each with its applications, whatever else is wrong there.

    BusFault where the file cannot be read.
    """
    users: dict[str, tuple[str, ...]] = {}
    for name, keys in read_document(_text_of(path)).section("applications").items():
        match keys:
            case {"adapter": str(adapter)}:
                users[adapter] = (*users.get(adapter, ()), name)
    return users


def _text_of(path: Path) -> str:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        if "\0" in text:  # UTF-16 without a mark
            raise BusFault(tell(ConfigMistake("not_utf8", (), {}), 1, str(path)))
    except UnicodeDecodeError as error:
        line = 1 + error.object.count(b"\n", 0, error.start)
        raise BusFault(tell(ConfigMistake("not_utf8", (), {}), line, str(path))) from None
    except (OSError, ValueError) as error:
        mistake = ConfigMistake("unreadable", (), {"file": str(path), "problem": words_of(error)})
        raise BusFault(tell(mistake, 0, str(path))) from None
    return text


def _check(
    document: YamlDocument, world: Surroundings, file: str, *, has_broker: bool
) -> RoutesFile:
    """The file's keys, if nothing is wrong with them."""
    mistakes = list(document.mistakes)
    if document.value is None and mistakes:
        raise BusFault(*_tell_all(mistakes, document, file))
    mistakes += [*_same_logins(document), *_same_addresses(document), *_secret_options(document)]
    mistakes += [*_same_sources(document), *_same_keys(document, world.keyed)]
    mistakes += _broker_users(document, has_broker=has_broker or bool(document.section("broker")))
    # What the document complained of already has no value: it would be complained of again.
    told = {one.path for one in mistakes if one.kind != "duplicate_key"}
    try:
        checked = RoutesFile.model_validate(document.value or {}, context=world)
    except ValidationError as error:
        mistakes += (one for one in mistakes_of(error, RoutesFile) if one.path not in told)
        raise BusFault(*_tell_all(mistakes, document, file)) from None
    mistakes += _of_groups(checked, world)
    if mistakes:
        raise BusFault(*_tell_all(mistakes, document, file))
    return checked


def _of_groups(checked: RoutesFile, world: Surroundings) -> Iterator[ConfigMistake]:
    """What is wrong with the groups that share registers, seen beside all else."""
    yield from unread_origins(checked.sharing, checked.applications, world)
    yield from overlaps(checked.sharing, _routes(checked, world), world)


def _elsewhere(
    applications: Iterable[Application], is_for: Environment, across: Collection[str]
) -> Iterator[ConfigMistake]:
    """S17: applications that are for something else than the bus, and not typed out."""
    for one in applications:
        if one.environment is not is_for and one.name not in across:
            details = {"value": one.name, "environment": one.environment.value, "bus": is_for.value}
            path = ("applications", one.name, "environment")
            yield ConfigMistake("other_environment", path, details)


def _across_nothing(known: Collection[str], across: Collection[str]) -> Iterator[ConfigMistake]:
    """Names that are typed out, and that no application has."""
    for name in sorted({*across} - {*known}):
        yield ConfigMistake(ACROSS_NOTHING, ("applications",), suggestion(name, known))


def _same_logins(document: YamlDocument) -> Iterator[ConfigMistake]:
    owners: dict[str, str] = {}
    for name, keys in document.section("applications").items():
        match keys:
            case {"login": {"user": str(user)}}:
                if user in owners:
                    details = {"value": user, "other": owners[user]}
                    yield ConfigMistake(
                        "same_login", ("applications", name, "login", "user"), details
                    )
                owners.setdefault(user, name)


def _broker_users(document: YamlDocument, *, has_broker: bool) -> Iterator[ConfigMistake]:
    """Users of the broker that two applications would have, or of a broker that there is not."""
    owners: dict[str, str] = {}
    for name, keys in document.section("applications").items():
        match keys:
            case {"broker_user": str(user)}:
                path = ("applications", name, "broker_user")
                if not has_broker:
                    yield ConfigMistake("no_broker", path, {"value": user})
                elif user in owners:
                    yield ConfigMistake("same_login", path, {"value": user, "other": owners[user]})
                owners.setdefault(user, name)


def _same_addresses(document: YamlDocument) -> Iterator[ConfigMistake]:
    """Networks that two applications would come from: nothing else tells them apart."""
    owners: dict[_Network, str] = {}
    for name, keys in document.section("applications").items():
        match keys:
            case {"comes_from": list(networks)}:
                for at, network in _readable(networks):
                    for other, owner in owners.items():
                        if owner != name and _overlap(network, other):
                            details = {"value": str(network), "other": owner}
                            path = ("applications", name, "comes_from", at)
                            yield ConfigMistake("same_address", path, details)
                    owners.setdefault(network, name)


def _same_sources(document: YamlDocument) -> Iterator[ConfigMistake]:
    """Applications that would be read at one place by one filter: all of it would come twice.

    Another user may be shown something else, as where each has books of its own.
    """
    readers: list[tuple[str, object]] = []
    for name, keys in document.section("applications").items():
        match keys:
            case {"adapter": adapter, "address": str(address), "read_every": _, **others}:
                told = others.get("credentials")
                user = told.get("user") if isinstance(told, dict) else None
                source = (adapter, address.rstrip("/"), user, others.get("options") or {})
                for other, known in readers:
                    if known == source:
                        path = ("applications", name, "read_every")
                        yield ConfigMistake("same_source", path, {"other": other})
                readers.append((name, source))


def _same_keys(document: YamlDocument, keyed: Container[str]) -> Iterator[ConfigMistake]:
    """Applications that would be one: their adapter knows each by the user of its credentials."""
    owners: dict[tuple[str, str], str] = {}
    for name, keys in document.section("applications").items():
        match keys:
            case {"adapter": str(adapter), "credentials": {"user": str(user)}} if adapter in keyed:
                if other := owners.get((adapter, user)):
                    path = ("applications", name, "credentials", "user")
                    yield ConfigMistake("same_key", path, {"value": user, "other": other})
                owners.setdefault((adapter, user), name)


def _readable(networks: Iterable[object]) -> Iterator[tuple[int, _Network]]:
    for at, value in enumerate(networks):
        with contextlib.suppress(ValueError):
            yield at, ip_network(str(value))


def _overlap(one: _Network, other: _Network) -> bool:
    if isinstance(one, IPv4Network):
        return isinstance(other, IPv4Network) and one.overlaps(other)
    return isinstance(other, IPv6Network) and one.overlaps(other)


def _secret_options(document: YamlDocument) -> Iterator[ConfigMistake]:
    for name, keys in document.section("applications").items():
        match keys:
            case {"options": dict(options)}:
                for option, value in options.items():
                    if isinstance(value, str) and holds_secret(option):
                        yield ConfigMistake(
                            "inline_secret", ("applications", name, "options", option)
                        )


def _tell_all(
    mistakes: Iterable[ConfigMistake], document: YamlDocument, file: str
) -> tuple[Fault, ...]:
    told = (tell(one, document.line(one.path), file) for one in mistakes)
    return tuple(sorted(told, key=lambda fault: fault.line))


def _deployment_of(checked: RoutesFile, world: Surroundings, number: int) -> Deployment:
    applications = {
        name: application_of(name, keys, world) for name, keys in checked.applications.items()
    }
    groups = tuple(keys.group(name) for name, keys in checked.sharing.items())
    shared = (
        route
        for name, keys in checked.sharing.items()
        for route in routes_of_group(name, keys, world)
    )
    routes = (*_routes(checked, world), *shared)
    shared_ids = tuple(map(shared_ids_of, checked.shared_ids))
    return Deployment(number, applications, routes, shared_ids, world.bridges, groups)


def _routes(checked: RoutesFile, world: Surroundings) -> tuple[Route, ...]:
    return tuple(route_of(name, keys, world) for name, keys in checked.routes.items())
