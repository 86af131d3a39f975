"""`bus adapters list`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import click

from bus.config import Settings, users_of_adapters
from bus.core.errors import BusFault, Fault
from bus.core.text import Language
from bus.edge.cli import spoken
from bus.edge.cli.adapters import error_texts
from bus.edge.cli.faults import REFUSED
from bus.edge.cli.options import json_option, print_json, with_settings
from bus.edge.faults import finding_to_dict, known_fault_to_dict
from bus.edge.words.adapters import say

if TYPE_CHECKING:
    from bus.core.known_faults import KnownFault
    from bus.core.text import Text
    from bus.engine.probe import ProbeFinding
    from bus.ports.adapter import Feature


@dataclass(frozen=True, slots=True)
class Shown:
    """A kind of adapter as it is listed. Without a package, it is named but not installed."""

    name: str
    package: str = ""
    version: str = ""
    users: tuple[str, ...] = ()
    options: Mapping[str, Text] = field(default_factory=dict)
    features: frozenset[Feature] = frozenset()
    texts: tuple[KnownFault, ...] = ()
    fault: Fault | None = None
    found: Mapping[str, ProbeFinding | None] = field(default_factory=dict)
    """What a probe found of each user."""


@spoken.command("adapters list")
@spoken.option("--probe", is_flag=True)
@json_option
@with_settings("routes", "contracts")
def command(settings: Settings, as_json: bool, probe: bool) -> None:
    """List the kinds of adapters that are installed: options, and the applications that use each.

    Also what each can do beside delivering, and the error texts that it understands whatever the
    product. One that cannot be used is shown with the reason, and so is one that the file of routes
    names but nobody installed. The file need not be right for this, but for a probe it must. Exit
    code 1 where an application does not answer.
    """
    language = settings.language
    found = _probed(settings) if probe else {}
    users, unread = _users(settings)
    kinds = [_with(kind, found) for kind in _kinds(users)]
    if as_json:
        for kind in kinds:
            print_json(_as_json(kind, language))
    else:
        click.echo("\n\n".join("\n".join(_told(kind, language)) for kind in kinds))
    if unread:
        click.echo(say("unread", language, problem=unread.reason(language)), err=True)
    if any(one is None or one.fault for one in found.values()):
        raise SystemExit(REFUSED)


def _probed(settings: Settings) -> Mapping[str, ProbeFinding | None]:
    from bus.wiring import probe_all

    return asyncio.run(probe_all(settings))


def _with(kind: Shown, found: Mapping[str, ProbeFinding | None]) -> Shown:
    return replace(kind, found={name: found[name] for name in kind.users if name in found})


def _users(settings: Settings) -> tuple[Mapping[str, tuple[str, ...]], Fault | None]:
    try:
        return users_of_adapters(settings.routes), None
    except BusFault as unreadable:
        return {}, unreadable.fault


def _kinds(users: Mapping[str, tuple[str, ...]]) -> list[Shown]:
    """All that are installed or named, in the order of their names."""
    from bus.adapter_kinds import announced

    names = sorted({*announced(), *users})
    return [_kind(name, users.get(name, ())) for name in names]


def _kind(name: str, users: tuple[str, ...]) -> Shown:
    from bus.adapter_kinds import announced, faults_of, features_of, kind_named
    from bus.entry_points import packages_of

    if name not in announced():
        return Shown(name, users=users)
    package, version = packages_of(announced()[name])
    try:
        kind = kind_named(name)
        features, texts = features_of(kind), faults_of(kind)
        return Shown(name, package, version, users, kind.options(), features, texts)
    except BusFault as unusable:
        return Shown(name, package, version, users, fault=unusable.fault)


def _told(kind: Shown, language: Language) -> Iterator[str]:
    details = {"adapter": kind.name, "package": kind.package, "version": kind.version}
    yield say("kind" if kind.package else "missing", language, **details)
    if kind.fault:
        yield f"  {kind.fault.reason(language)}\n    → {kind.fault.remedy(language)}"
    if not kind.package:
        yield f"    → {say('install', language)}"
    applications = ", ".join(kind.users)
    yield f"  {say('used' if kind.users else 'unused', language, applications=applications)}"
    for name, finding in kind.found.items():
        yield from _finding(name, finding, language)
    if kind.features:
        features = ", ".join(say(one, language) for one in sorted(kind.features))
        yield f"  {say('features', language, features=features)}"
    if kind.options:
        yield f"  {say('options', language)}"
    width = max(map(len, kind.options), default=0)
    for option, meaning in sorted(kind.options.items()):
        yield f"    {option.ljust(width)}  {meaning.told(language)}"
    if kind.texts:
        yield f"  {say('texts', language)}"
        yield from (f"    {line}" for line in error_texts.told(kind.texts, language))


def _finding(name: str, finding: ProbeFinding | None, language: Language) -> Iterator[str]:
    if finding and finding.fault:
        yield f"    {say('silent', language, application=name)}"
        yield f"      {finding.fault.code}: {finding.fault.reason(language)}"
        yield f"      → {finding.fault.remedy(language)}"
    else:
        yield f"    {say('reachable' if finding else 'unprobed', language, application=name)}"


def _as_json(kind: Shown, language: Language) -> dict[str, object]:
    found = {name: finding_to_dict(one, language) for name, one in kind.found.items()}
    return {
        **({"probes": found} if found else {}),
        "adapter": kind.name,
        "package": kind.package,
        "version": kind.version,
        "usable": bool(kind.package) and kind.fault is None,
        "problem": kind.fault.reason(language) if kind.fault else "",
        "applications": list(kind.users),
        "known_faults": [known_fault_to_dict(one, language) for one in kind.texts],
        "options": {name: words.told(language) for name, words in kind.options.items()},
        "features": sorted(kind.features),
    }
