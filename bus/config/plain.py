"""From checked keys to the core's applications and routes."""

from __future__ import annotations

from bus.config.keys import ApplicationKeys, CredentialsKeys, RouteKeys
from bus.config.surroundings import Surroundings
from bus.core.envelope import DeliveryMode
from bus.core.retry import RetryPolicy
from bus.core.route import (
    Application,
    Credentials,
    IdentityPolicy,
    IdScope,
    Route,
    Translator,
)

OWN_DE_PARA = frozenset({"protheus", "rm", "datasul", "logix"})
"""Products that translate what they read, and whose ids are theirs alone (D1)."""


def application_of(name: str, keys: ApplicationKeys) -> Application:
    """The application that these keys describe."""
    translates = keys.product.casefold() in OWN_DE_PARA
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
        de_para=keys.de_para or (Translator.APPLICATION if translates else Translator.BUS),
        id_scope=keys.id_scope or (IdScope.WHOLE if translates else IdScope.BRANCH),
        takes_answers=bool(keys.address) if keys.takes_answers is None else keys.takes_answers,
        concurrency=keys.concurrency,
        timeout=keys.timeout,
        response_within=keys.response_within,
        options=dict(keys.options),
    )


def route_of(name: str, keys: RouteKeys, world: Surroundings) -> Route:
    """The route that these keys describe."""
    return Route(
        name=name,
        transactions=_folded(keys.transactions),
        origin=keys.sender,
        destinations=keys.to,
        versions=frozenset(keys.versions),
        modes=frozenset(_mode(mode) for mode in keys.modes),
        default_mode=_mode(keys.default_mode or _usual_mode(keys, world)),
        strictness=keys.strictness,
        retry=RetryPolicy(**keys.retry.model_dump()),
        behind=keys.behind,
        condition=keys.condition,
        answers=keys.answers,
        deadline=keys.deadline,
    )


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
