"""Applications and routes: who is connected, and which message goes where."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from bus.core.closed_hours import ClosedHours, closed_for
from bus.core.envelope import DeliveryMode
from depara.model import IdLimits

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from bus.core.bridge import Bridge
    from bus.core.effect import EffectRule
    from bus.core.envelope import Header
    from bus.core.known_faults import KnownFault
    from bus.core.limits import Limit
    from bus.core.sharing import Share, SharingGroup
    from bus.core.throttle import Rate, Throttle
    from depara.model import SharedIds


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Backoff and limits of one route. Times in seconds.

    The n-th wait is `first * factor**(n-1)`, at most `longest`, of which a share of up to `jitter`
    is taken away at random. `attempts` bounds what costs an attempt (unknown, where repeating is
    safe); `max_age` bounds everything, from acceptance; `longest_pause` bounds how long an
    unreachable application is left alone, so that its return is noticed soon.
    """

    attempts: int = 8
    first: float = 5.0
    factor: float = 2.0
    longest: float = 900.0
    jitter: float = 0.2
    max_age: float = 3 * 86400.0
    longest_pause: float = 60.0


class Strictness(StrEnum):
    """What a difference from the contract leads to (design section 7)."""

    REJECT = "reject"
    WARN = "warn"
    OFF = "off"


class OnFailure(StrEnum):
    """What happens behind a lane head that stopped (S9)."""

    SUPERSEDE = "supersede"
    """The next delivery of the document replaces it: right for whole snapshots."""
    HOLD = "hold"
    """Everything waits until a person acts: right for steps."""
    CONTINUE = "continue"
    """It stays failed and the lane goes on."""


class IdentityBasis(StrEnum):
    """What makes two messages of an application the same message (S5)."""

    UUID = "uuid"
    UUID_AND_CONTENT = "uuid+content"
    CONTENT = "content"


class TranslatedBy(StrEnum):
    """Who puts internal ids into the reader's terms (D1)."""

    APPLICATION = "application"
    BUS = "bus"


class Environment(StrEnum):
    """What an installation is for (S17)."""

    PRODUCTION = "production"
    TEST = "test"


class OnMissing(StrEnum):
    """What becomes of a reference that a reader has no id for (D4)."""

    REQUIRE = "require"
    """The delivery waits for the id."""
    DROP = "drop"
    """The element is left out."""
    KEEP = "keep"
    """The sender's id stays."""


class IdScope(StrEnum):
    """How far an application's internal ids are unique (D2)."""

    WHOLE = "application"
    COMPANY = "company"
    BRANCH = "branch"


@dataclass(frozen=True, slots=True)
class IdentityPolicy:
    """How an application's messages are told apart. `window` is in seconds, for CONTENT."""

    basis: IdentityBasis = IdentityBasis.UUID
    window: float = 86400.0


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user and where its password is kept; the password itself is resolved, never printed."""

    user: str
    password: str = field(repr=False)


NEUTRAL_LIMITS = IdLimits()
"""How an application keeps ids of others where nobody knows."""


@dataclass(frozen=True, slots=True)
class Application:
    """One installed system that sends or receives.

    `address` is where the adapter reaches it (empty: it only sends); `login` is what it presents to
    us, `comes_from` are the networks that tell who it is where it presents nothing, `broker_user`
    is the user of the broker that posts for it, `credentials` what we present to it. `repeat_safe`
    holds casefolded transactions whose repetition is safe beside queries and register upserts;
    `repeat_unsafe` those that are not after all. `timeout` (s) bounds an attempt, `response_within`
    (s) an asynchronous answer, `pair_within` (s) the wait for an id; `read_every` (s) is how often
    it is asked for messages, 0: never. By casefolded
    transaction, `accepts` are the versions it takes and `sends` those it sends; any, of one that is
    not there.

    Of ids, by casefolded entity: `entity_scopes` says where they reach otherwise than `id_scope`,
    `qualifiers` what the last segment of one tells (`C`: the `customer`). By casefolded entity or
    element path: `references` says what to do without an id, `split_by` names those of whose
    several ids each gets a message. By casefolded name in a ListOfInternalId, `entry_names` are the
    entity and the qualifier meant. `id_limits` is how it keeps ids of others; `known_faults` are
    its own error texts, which go before those of its adapter; `wants_its_message`: a Response
    without the message that it answers, in MessageContent, is of no use to it.

    By casefolded transaction, `limits` are what it can hold of a message; by entity, `holds` is how
    many of a thing it can; `lost_characters` are left out of what is sent to it.
    `one_company_group`: the first segment of the ids of its companies is the same in all.
    `extensions`: it tells and takes what is added to published contracts.

    `concurrency` is how much it is sent at once, at `rate`, None: at any; `each_transaction` bounds
    each transaction by itself. After `pause_after` attempts in a row that failed it is left alone
    for a while, 0: only where it is unreachable. `sessions` is how much all processes together send
    it at once, 0: any number; in its `closed` hours, by the clock of its `zone`, it gets nothing.
    A bus of another `environment` does not start with it. `by_hand`: nothing flows to it or from
    it until a person puts it in force (`bus.core.activation`).
    """

    name: str
    product: str
    adapter: str = ""
    address: str = ""
    login: Credentials | None = None
    comes_from: tuple[str, ...] = ()
    broker_user: str = ""
    credentials: Credentials | None = None
    source_applications: frozenset[str] = frozenset()
    identity: IdentityPolicy = IdentityPolicy()
    repeat_safe: frozenset[str] = frozenset()
    repeat_unsafe: frozenset[str] = frozenset()
    de_para: TranslatedBy = TranslatedBy.APPLICATION
    id_scope: IdScope = IdScope.BRANCH
    entity_scopes: Mapping[str, IdScope] = field(default_factory=dict)
    references: Mapping[str, OnMissing] = field(default_factory=dict)
    qualifiers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    split_by: frozenset[str] = frozenset()
    entry_names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    id_limits: IdLimits = NEUTRAL_LIMITS
    known_faults: tuple[KnownFault, ...] = ()
    wants_its_message: bool = False
    limits: Mapping[str, tuple[Limit, ...]] = field(default_factory=dict)
    holds: Mapping[str, int] = field(default_factory=dict)
    lost_characters: str = ""
    one_company_group: bool = False
    extensions: bool = False
    pair_within: float = 7 * 86400.0
    accepts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sends: Mapping[str, frozenset[str]] = field(default_factory=dict)
    takes_answers: bool = False
    concurrency: int = 4
    rate: Rate | None = None
    each_transaction: Throttle | None = None
    pause_after: int = 20
    sessions: int = 0
    closed: tuple[ClosedHours, ...] = ()
    zone: ZoneInfo | None = None
    environment: Environment = Environment.PRODUCTION
    timeout: float = 30.0
    response_within: float = 3600.0
    read_every: float = 0.0
    by_hand: bool = False
    options: Mapping[str, str] = field(default_factory=dict)

    def closed_for(self, now: float) -> float:
        """Seconds until it may be sent something; `now` is in seconds since 1970 UTC."""
        return closed_for(self.closed, self.zone, now) if self.zone and self.closed else 0.0


@dataclass(frozen=True, slots=True)
class Route:
    """A rule: these transactions from here go there.

    `transactions` are casefolded; `versions` empty means any. `condition` is an XPath over the
    TOTVSMessage, empty for none. `answers` is the destination whose answer is the sender's. Fields
    that are None take the default that fits the contract. `deadline` is in seconds; so is
    `echo_within`, how long after a delivery its reader may send the echo of it, 0: none is one.
    `effects` are, by casefolded transaction, what a destination must show of what it said OK to.
    `awaits_response`: whoever is reached through a queue sends its ResponseMessage later. `share`:
    it brings registers that a group shares.
    """

    name: str
    transactions: frozenset[str]
    origin: str
    destinations: tuple[str, ...]
    versions: frozenset[str] = frozenset()
    modes: frozenset[DeliveryMode] = frozenset(DeliveryMode)
    default_mode: DeliveryMode = DeliveryMode.ASYNC
    strictness: Strictness = Strictness.REJECT
    retry: RetryPolicy = RetryPolicy()
    on_failure: OnFailure | None = None
    condition: str = ""
    answers: str = ""
    deadline: float = 30.0
    echo_within: float = 0.0
    effects: Mapping[str, EffectRule] = field(default_factory=dict)
    awaits_response: bool = False
    share: Share | None = None

    def takes(self, header: Header, origin: str) -> bool:
        """Whether this rule is about the message of that header from that application."""
        return self.takes_name(header, origin) and (
            not self.versions or header.version in self.versions
        )

    def takes_name(self, header: Header, origin: str) -> bool:
        """Whether it is about that transaction from that application, in some version."""
        return self.origin == origin and header.transaction.casefold() in self.transactions


@dataclass(frozen=True, slots=True)
class Deployment:
    """One version of the configuration: its number in the journal, applications and routes.

    `shared_ids` are the rules that applications share their ids of an entity; `bridges` are the
    ways between versions that the installation has; `groups` are those that share registers, whose
    routes stand among the others.
    """

    number: int
    applications: Mapping[str, Application]
    routes: tuple[Route, ...]
    shared_ids: tuple[SharedIds, ...] = ()
    bridges: tuple[Bridge, ...] = ()
    groups: tuple[SharingGroup, ...] = ()

    def routes_for(self, header: Header, origin: str) -> tuple[Route, ...]:
        """The rules about a message, in the order of the file."""
        return tuple(route for route in self.routes if route.takes(header, origin))

    def effect_of(self, rule: str, transaction: str) -> EffectRule | None:
        """What a delivery by that rule must show; None where nothing is declared."""
        route = self.route(rule)
        return route.effects.get(transaction.casefold()) if route else None

    def route(self, name: str) -> Route | None:
        """The rule of that name, if the configuration in force has it."""
        return next((route for route in self.routes if route.name == name), None)

    def transactions_from(self, origin: str) -> tuple[str, ...]:
        """The transactions that have a route from an application, for a refusal's remedy."""
        names = {
            name for route in self.routes if route.origin == origin for name in route.transactions
        }
        return tuple(sorted(names))

    def group(self, name: str) -> SharingGroup | None:
        """The group of that name that shares registers, if the configuration in force has it."""
        return next((one for one in self.groups if one.name == name), None)
