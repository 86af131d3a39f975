"""`bus adapters products`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from bus.config import Settings
from bus.core.errors import BusFault, Fault, SenderFault
from bus.core.suggest import suggestion
from bus.core.text import Language
from bus.edge.cli import spoken
from bus.edge.cli.adapters import error_texts, limits
from bus.edge.cli.options import json_option, print_json, with_settings
from bus.edge.faults import known_fault_to_dict
from bus.edge.words.adapters import say

if TYPE_CHECKING:
    from bus.core.profile import Profile


@dataclass(frozen=True, slots=True)
class Described:
    """A product that an installed package describes; without a profile, the fault says why."""

    product: str
    package: str
    version: str
    profile: Profile | None = None
    fault: Fault | None = None


@spoken.command("adapters products")
@spoken.argument("product", required=False, metavar="[NAME]")
@json_option
@with_settings()
def command(settings: Settings, product: str | None, as_json: bool) -> None:
    """Show the products that the bus knows: what holds for an application that does not say.

    Who translates by default, how far ids reach, how long they may be, the error texts that are
    understood, and what must be set up there; with NAME all of it. What an application says in
    routes.yaml goes before its product.
    """
    language = settings.language
    described = [_named(product)] if product else _all()
    if as_json:
        for one in described:
            print_json(_as_json(one, language))
        return
    tell = _in_full if product else _in_short
    click.echo("\n\n".join("\n".join(tell(one, language)) for one in described))


def _all() -> list[Described]:
    """Every product, in the order of the names."""
    from bus.profiles import announced

    return [_described(name) for name in sorted(announced())]


def _named(product: str) -> Described:
    """One product; SenderFault where nobody describes it."""
    from bus.profiles import announced

    if product.casefold() not in announced():
        known = [name.upper() for name in announced()]
        raise SenderFault(Fault("PRODUCT_UNKNOWN", details=suggestion(product, known)))
    return _described(product.casefold())


def _described(name: str) -> Described:
    from bus.entry_points import packages_of
    from bus.profiles import announced, profile_named

    package, version = packages_of(announced()[name])
    try:
        return Described(name.upper(), package, version, profile_named(name))
    except BusFault as unusable:
        return Described(name.upper(), package, version, fault=unusable.fault)


# -- in words --------------------------------------------------------------------------------------


def _in_short(one: Described, language: Language) -> Iterator[str]:
    yield from _heading(one, language)
    if one.profile:
        yield from _ids(one.profile, language)
        counts = {
            "texts": len(one.profile.known_faults),
            "prerequisites": len(one.profile.prerequisites),
        }
        yield f"  {say('counts', language, **counts)}"


def _in_full(one: Described, language: Language) -> Iterator[str]:
    yield from _heading(one, language)
    if one.profile:
        yield from _ids(one.profile, language)
        yield from _section("entity_scopes", _scopes(one.profile, language), language)
        yield from _section("qualifiers", _qualifiers(one.profile), language)
        yield from _section("entry_names", _entry_names(one.profile), language)
        yield from _section("releases", _releases(one.profile, language), language)
        yield from _section("limits", limits.told(one.profile, language), language)
        yield from _section("texts", error_texts.told(one.profile.known_faults, language), language)
        yield from _section("prerequisites", _prerequisites(one.profile, language), language)


def _heading(one: Described, language: Language) -> Iterator[str]:
    details = {"product": one.product, "package": one.package, "version": one.version}
    yield say("product", language, **details)
    if one.fault:
        yield f"  {one.fault.reason(language)}\n    → {one.fault.remedy(language)}"


def _ids(profile: Profile, language: Language) -> Iterator[str]:
    of_ids = profile.id_limits
    ignored = [
        say(word, language)
        for word, holds in (("case", of_ids.ignores_case), ("padding", of_ids.ignores_padding))
        if holds
    ]
    yield f"  {say(f'by_{profile.de_para}', language)}"
    yield f"  {say(f'within_{profile.id_scope}', language)}"
    yield f"  {say('longest' if of_ids.longest else 'any_length', language, count=of_ids.longest)}"
    if profile.wants_its_message:
        yield f"  {say('wants_its_message', language)}"
    if ignored:
        yield f"  {say('ignored', language, what=say('and', language).join(ignored))}"


def _section(word: str, lines: list[str], language: Language) -> Iterator[str]:
    if lines:
        yield f"  {say(word, language)}"
        yield from (f"    {line}" for line in lines)


def _scopes(profile: Profile, language: Language) -> list[str]:
    scopes = sorted(profile.entity_scopes.items())
    return [f"{entity}: {say(f'within_{scope}', language)}" for entity, scope in scopes]


def _qualifiers(profile: Profile) -> list[str]:
    return [
        f"{entity}: {', '.join(f'{end} = {which}' for end, which in sorted(ends.items()))}"
        for entity, ends in sorted(profile.qualifiers.items())
    ]


def _entry_names(profile: Profile) -> list[str]:
    names = sorted(profile.entry_names.items())
    return [f"{name}: {' '.join(part for part in meant if part)}" for name, meant in names]


def _releases(profile: Profile, language: Language) -> list[str]:
    return [say("release", language, **one._asdict()) for one in profile.releases]


def _prerequisites(profile: Profile, language: Language) -> list[str]:
    return [f"{one.rule or '-':<5} {one.text.told(language)}" for one in profile.prerequisites]


# -- for programs ----------------------------------------------------------------------------------


def _as_json(one: Described, language: Language) -> Mapping[str, object]:
    told: dict[str, object] = {
        "product": one.product,
        "package": one.package,
        "version": one.version,
        "usable": one.fault is None,
        "problem": one.fault.reason(language) if one.fault else "",
    }
    return {**told, **_habits(one.profile, language)} if one.profile else told


def _habits(profile: Profile, language: Language) -> Mapping[str, object]:
    of_ids = profile.id_limits
    return {
        "products": list(profile.products),
        "title": profile.title,
        "de_para": profile.de_para.value,
        "id_scope": profile.id_scope.value,
        "entity_scopes": {name: scope.value for name, scope in profile.entity_scopes.items()},
        "qualifiers": {name: dict(ends) for name, ends in profile.qualifiers.items()},
        "entry_names": {name: list(meant) for name, meant in profile.entry_names.items()},
        "id_limits": {
            "longest": of_ids.longest,
            "ignores_case": of_ids.ignores_case,
            "ignores_padding": of_ids.ignores_padding,
        },
        "wants_its_message": profile.wants_its_message,
        **limits.as_json(profile),
        "known_faults": [known_fault_to_dict(fault, language) for fault in profile.known_faults],
        "releases": [one._asdict() for one in profile.releases],
        "prerequisites": [
            {"rule": one.rule, "text": one.text.told(language)} for one in profile.prerequisites
        ],
    }
