"""From checked keys to the core's applications and routes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from bus.config.application_keys import ApplicationKeys, CredentialsKeys
from bus.config.context import Surroundings
from bus.config.route_keys import RouteKeys, SharedIdsKeys
from bus.config.values import EVERY_OTHER
from bus.core.envelope import DeliveryMode
from bus.core.route import (
    Application,
    Credentials,
    IdentityPolicy,
    IdScope,
    RetryPolicy,
    Route,
    TranslatedBy,
)
from bus.core.versions import spoken
from depara.model import SharedIds

OWN_DE_PARA = frozenset({"protheus", "rm", "datasul", "logix"})
"""Products that translate what they read, and whose ids are theirs alone (D1)."""

QUALIFIERS: dict[str, dict[str, dict[str, str]]] = {
    "protheus": {"CustomerVendor": {"C": "customer", "F": "vendor"}},
}
"""By product, which of a thing's ids one is, by its last segment (D7)."""

Value = TypeVar("Value")


def application_of(name: str, keys: ApplicationKeys, world: Surroundings) -> Application:
    """The application that these keys describe."""
    product = keys.product.casefold()
    scopes = dict(keys.id_scope)
    reach = scopes.pop(EVERY_OTHER, IdScope.WHOLE if product in OWN_DE_PARA else IdScope.BRANCH)
    qualifiers = QUALIFIERS.get(product, {}) if keys.qualifiers is None else keys.qualifiers
    speaks = _spoken(keys, world)
    return Application(
        name=name,
        product=keys.product,
        adapter=keys.adapter,
        address=keys.address,
        login=_credentials_of(keys.login),
        credentials=_credentials_of(keys.credentials),
        source_applications=frozenset(keys.source_applications),
        identity=IdentityPolicy(keys.identity.basis, keys.identity.window),
        repeat_safe=_folded(keys.repeat_safe),
        repeat_unsafe=_folded(keys.repeat_unsafe),
        de_para=keys.de_para or usual_translator(product),
        id_scope=reach,
        entity_scopes=_by_folded(scopes),
        references=_by_folded(keys.references),
        qualifiers=_by_folded(qualifiers),
        split_by=_folded(keys.split_by),
        pair_within=keys.pair_within,
        accepts=speaks | _versions(keys.accepts),
        sends=speaks | _versions(keys.sends),
        takes_answers=bool(keys.address) if keys.takes_answers is None else keys.takes_answers,
        concurrency=keys.concurrency,
        timeout=keys.timeout,
        response_within=keys.response_within,
        read_every=keys.read_every or 0.0,
        options=dict(keys.options),
    )


def usual_translator(product: str) -> TranslatedBy:
    """Who puts ids into the terms of a product, where the file does not say."""
    return TranslatedBy.APPLICATION if product.casefold() in OWN_DE_PARA else TranslatedBy.BUS


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
    )


def shared_ids_of(keys: SharedIdsKeys) -> SharedIds:
    """The rule of the de-para that these keys describe."""
    return SharedIds(keys.entity, frozenset(keys.between))


def _spoken(keys: ApplicationKeys, world: Surroundings) -> dict[str, frozenset[str]]:
    """By transaction, what follows from the version of the product."""
    if not keys.product_version:
        return {}
    follows = spoken(keys.product, keys.product_version, world.ways.releases)
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


def _by_folded(values: Mapping[str, Value]) -> dict[str, Value]:
    return {name.casefold(): value for name, value in values.items()}
