"""From checked keys to the core's applications and routes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import starmap
from typing import TypeVar
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from bus.config.application_keys import (
    ApplicationKeys,
    CredentialsKeys,
    ErrorTextKeys,
    ThrottleKeys,
)
from bus.config.broker_keys import BrokerKeys
from bus.config.context import Surroundings, profile_of
from bus.config.effect_keys import EffectKeys
from bus.config.route_keys import RouteKeys, SharedIdsKeys
from bus.config.values import EVERY_OTHER
from bus.core.broker import Broker
from bus.core.effect import EffectRule, Told
from bus.core.envelope import DeliveryMode
from bus.core.known_faults import KnownFault, words
from bus.core.limits import Limit, overridden
from bus.core.outcome import Outcome
from bus.core.profile import Profile
from bus.core.route import (
    Application,
    Credentials,
    IdentityPolicy,
    IdScope,
    RetryPolicy,
    Route,
)
from bus.core.text import same
from bus.core.throttle import Throttle
from bus.core.versions import spoken
from depara.model import SharedIds

Value = TypeVar("Value")
FILE = "_file"
"""What the names of options that are files end with."""


def application_of(name: str, keys: ApplicationKeys, world: Surroundings) -> Application:
    """The application that these keys describe; what they do not say is as its product has it."""
    profile = profile_of(keys.product, world.profiles)
    reach, scopes = _scopes(keys, profile)
    qualifiers = profile.qualifiers if keys.qualifiers is None else keys.qualifiers
    speaks = _spoken(keys, profile)
    return Application(
        name=name,
        product=keys.product,
        environment=keys.environment,
        adapter=keys.adapter,
        address=keys.address,
        login=_credentials_of(keys.login),
        comes_from=keys.comes_from,
        broker_user=keys.broker_user,
        credentials=_credentials_of(keys.credentials),
        source_applications=frozenset(keys.source_applications),
        identity=IdentityPolicy(keys.identity.basis, keys.identity.window),
        repeat_safe=_folded(keys.repeat_safe),
        repeat_unsafe=_folded(keys.repeat_unsafe),
        de_para=keys.de_para or profile.de_para,
        id_scope=reach,
        entity_scopes=_by_folded(scopes),
        references=_by_folded(keys.references),
        qualifiers=_by_folded({entity: _endings(of) for entity, of in qualifiers.items()}),
        split_by=_folded(keys.split_by),
        entry_names=_by_folded(profile.entry_names),
        id_limits=profile.id_limits,
        known_faults=(*map(_known_fault, keys.error_texts), *profile.known_faults),
        wants_its_message=profile.wants_its_message,
        limits=_limits(keys, profile, world),
        holds={name: most for name, most in {**profile.holds, **keys.holds}.items() if most},
        lost_characters=profile.lost_characters,
        one_company_group=(
            profile.one_company_group if keys.one_company_group is None else keys.one_company_group
        ),
        extensions=keys.extensions,
        pair_within=keys.pair_within,
        accepts=speaks | _versions(keys.accepts),
        sends=speaks | _versions(keys.sends),
        takes_answers=bool(keys.address) if keys.takes_answers is None else keys.takes_answers,
        concurrency=keys.concurrency,
        rate=keys.rate,
        each_transaction=_throttle_of(keys.each_transaction),
        pause_after=keys.pause_after,
        sessions=keys.sessions,
        closed=keys.closed,
        zone=ZoneInfo(keys.time_zone) if keys.time_zone else None,
        timeout=keys.timeout,
        response_within=keys.response_within,
        read_every=keys.read_every or 0.0,
        by_hand=keys.activation == "by_hand",
        options={name: _placed(name, text, world) for name, text in keys.options.items()},
    )


def _placed(name: str, text: str, world: Surroundings) -> str:
    """The text of an option; a file is looked for from the folder of routes.yaml on."""
    return str(world.folder / text) if text and name.endswith(FILE) else text


def _throttle_of(keys: ThrottleKeys | None) -> Throttle | None:
    return Throttle(keys.concurrency, keys.rate) if keys is not None else None


def _limits(
    keys: ApplicationKeys, profile: Profile, world: Surroundings
) -> dict[str, tuple[Limit, ...]]:
    """By every spelling of a transaction, what the application can hold."""
    said = {
        name: tuple(Limit(path, **limit.model_dump()) for path, limit in limits.items())
        for name, limits in keys.limits.items()
    }
    usual, own = _by_spelling(profile.limits, world), _by_spelling(said, world)
    return overridden(usual, own)


def _by_spelling(
    limits: Mapping[str, tuple[Limit, ...]], world: Surroundings
) -> dict[str, tuple[Limit, ...]]:
    return {
        spelling: of_it
        for name, of_it in limits.items()
        for spelling in world.spellings((name,)) | {name.casefold()}
    }


def _known_fault(keys: ErrorTextKeys) -> KnownFault:
    code = _MEANT_BY[keys.means, keys.owner]
    if keys.waits_for:
        code = "DEPARA_MISSING_AT_RECEIVER"
    return KnownFault(
        words(keys.text), Outcome(keys.means), code, same(keys.advice), keys.waits_for or ""
    )


_MEANT_BY = {
    ("refused", "receiver"): "REFUSED",
    ("refused", "sender"): "INVALID_FOR_RECEIVER",
    ("busy", "receiver"): "BUSY",
    ("unknown", "receiver"): "OUTCOME_UNKNOWN",
}
"""By what a text means and who must act, the code that tells it."""


def route_of(name: str, keys: RouteKeys, world: Surroundings) -> Route:
    """The route that these keys describe."""
    return Route(
        name=name,
        transactions=world.spellings(keys.transactions),
        origin=keys.sender,
        destinations=keys.to,
        versions=frozenset(keys.versions),
        modes=frozenset(_mode(mode) for mode in keys.modes),
        default_mode=_mode(keys.default_mode or _usual_mode(keys, world)),
        strictness=keys.strictness,
        retry=RetryPolicy(**keys.retry.model_dump()),
        on_failure=keys.on_failure,
        condition=keys.condition,
        answers=keys.answers,
        deadline=keys.deadline,
        echo_within=keys.echo_within or 0.0,
        awaits_response=keys.awaits_response,
        effects={
            spelling: effect_rule_of(rule)
            for name, rule in keys.effect.items()
            for spelling in world.spellings((name,))
        },
    )


def effect_rule_of(keys: EffectKeys) -> EffectRule:
    """What these keys say a destination must show."""
    transaction, _, version = keys.ask.partition(" ")
    return EffectRule(
        transaction,
        version,
        tuple(starmap(Told, keys.about.items())),
        tuple(starmap(Told, keys.shows.items())),
        keys.owner,
        keys.after,
        keys.tries,
    )


def shared_ids_of(keys: SharedIdsKeys) -> SharedIds:
    """The rule of the de-para that these keys describe."""
    return SharedIds(keys.entity, frozenset(keys.between))


def broker_of(keys: BrokerKeys | None, url: str = "") -> Broker | None:
    """The broker that these keys describe; `url`, where it is given, says where and who we are."""
    told = _told_broker(keys)
    if not url:
        return told
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    login = Credentials(unquote(parts.username or ""), unquote(parts.password or ""))
    return replace(
        told or Broker(""),
        address=parts._replace(netloc=place).geturl(),
        credentials=login if login.user or login.password else None,
    )


def _told_broker(keys: BrokerKeys | None) -> Broker | None:
    if keys is None:
        return None
    return Broker(
        keys.address,
        _credentials_of(keys.credentials),
        keys.ca_file,
        keys.prefix,
        keys.prefetch,
        keys.connect_timeout,
    )


def _scopes(keys: ApplicationKeys, profile: Profile) -> tuple[IdScope, Mapping[str, IdScope]]:
    """How far ids are unique: a reach that the file gives for all leaves nothing to the product."""
    said = dict(keys.id_scope)
    if EVERY_OTHER in said:
        return said.pop(EVERY_OTHER), said
    return profile.id_scope, _by_folded(profile.entity_scopes) | _by_folded(said)


def _spoken(keys: ApplicationKeys, profile: Profile) -> dict[str, frozenset[str]]:
    """By transaction, what follows from the version of the product."""
    if not keys.product_version:
        return {}
    follows = spoken(keys.product_version, profile.releases)
    return {name.casefold(): frozenset({version}) for name, version in follows.items()}


def _versions(declared: Mapping[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    return {name.casefold(): frozenset(versions) for name, versions in declared.items()}


def _usual_mode(keys: RouteKeys, world: Surroundings) -> str:
    # where the sender is silent, queries are synchronous, all else asynchronous.
    usual = "sync" if world.only_queries(keys.transactions) else "async"
    return usual if usual in keys.modes else keys.modes[0]


def _mode(word: str) -> DeliveryMode:
    return DeliveryMode(word.capitalize())


def _credentials_of(keys: CredentialsKeys | None) -> Credentials | None:
    return Credentials(keys.user, keys.password) if keys is not None else None


def _folded(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)


def _endings(of: Mapping[str, str]) -> dict[str, str]:
    """Endings of ids as they are compared."""
    return {ending.strip().upper(): which for ending, which in of.items()}


def _by_folded(values: Mapping[str, Value]) -> dict[str, Value]:
    return {name.casefold(): value for name, value in values.items()}
