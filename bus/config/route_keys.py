"""The keys of rules in routes.yaml: which message goes where, and whose ids are the same."""

from __future__ import annotations

from pydantic import Field, ValidationInfo, field_validator

from bus.config.application_keys import ApplicationKeys, Keys
from bus.config.broker_keys import BrokerKeys
from bus.config.context import around, unknown, wrong
from bus.config.effect_keys import EffectKeys, refuse_strange
from bus.config.sharing_keys import SharingKeys
from bus.config.values import (
    Condition,
    Destination,
    Duration,
    Entity,
    Mode,
    Name,
    Sender,
    Several,
    Transaction,
    Version,
)
from bus.core.route import OnFailure, RetryPolicy, Route, Strictness

_RETRY = RetryPolicy()
_EFFECT = (
    "{Request: {ask: TraceabilityRequest 2.000, about: {RequestItem/RequestInternalId: "
    "InternalId}, shows: {InternalId: InternalId}, owner: compras}}"
)
_ROUTE = Route("", frozenset(), "", ())


class RetryKeys(Keys):
    """When a delivery is tried again, and when the bus gives up."""

    attempts: int = Field(
        default=_RETRY.attempts,
        ge=1,
        le=1000,
        description="How many attempts of unknown outcome are made, where repeating is safe. Busy "
        "and unreachable cost none, but while a sender waits no more tries are made than that.",
        examples=["8"],
    )
    first: Duration = Field(
        default=_RETRY.first, description="The first wait between two tries.", examples=["5s"]
    )
    factor: float = Field(
        default=_RETRY.factor,
        ge=1,
        le=100,
        allow_inf_nan=False,
        description="By how much each wait is longer than the one before.",
        examples=["2"],
    )
    longest: Duration = Field(
        default=_RETRY.longest, description="The longest wait.", examples=["15m"]
    )
    jitter: float = Field(
        default=_RETRY.jitter,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="The share of a wait, at most, that is taken away at random.",
        examples=["0.2"],
    )
    max_age: Duration = Field(
        default=_RETRY.max_age,
        description="When the bus gives up, counted from acceptance.",
        examples=["3d"],
    )
    longest_pause: Duration = Field(
        default=_RETRY.longest_pause,
        description="The longest pause of an application that is left alone, so that its return "
        "is noticed soon.",
        examples=["60s"],
    )


class RouteKeys(Keys):
    """A rule: these transactions from here go there."""

    transactions: Several[Transaction] = Field(
        description="The transactions it is about, in any letter case.",
        examples=["[Currency]"],
    )
    versions: Several[Version] = Field(
        default=(),
        description="The versions it takes. Absent: every version that has a contract.",
        examples=["['2.001']"],
    )
    sender: Sender = Field(
        alias="from", description="The application that sends.", examples=["erp"]
    )
    to: Several[Destination] = Field(
        description="The applications that receive.", examples=["[maintenance]"]
    )
    modes: Several[Mode] = Field(
        default=("async", "sync"),
        description="The modes that a sender may ask for (`DeliveryType`); another is rejected.",
        examples=["[async]"],
    )
    default_mode: Mode | None = Field(
        default=None,
        description="The mode of a message that names none. Absent: `sync` where only queries are "
        "routed, else `async`; or the only one in `modes`.",
        examples=["async"],
    )
    strictness: Strictness = Field(
        default=_ROUTE.strictness,
        description="What a difference from the contract leads to: the message is rejected, or "
        "goes on with the complaint on its trace, or is not checked. A provisional contract never "
        "rejects.",
        examples=["warn"],
    )
    retry: RetryKeys = Field(
        default=RetryKeys(),
        description="When a delivery is tried again.",
        examples=["{attempts: 8, first: 5s, longest: 15m, max_age: 3d}"],
    )
    on_failure: OnFailure | None = Field(
        default=None,
        description="What happens behind a delivery that failed: the next of its document replaces "
        "it, waits for a person, or passes. Absent: `supersede` for registers, `hold` for "
        "processes.",
        examples=["hold"],
    )
    condition: Condition = Field(
        default="",
        description="An XPath over the TOTVSMessage; where it is false, the route does not apply.",
        examples=["\"BusinessMessage/BusinessContent/Code = 'USD'\""],
    )
    answers: str = Field(
        default="",
        validate_default=True,
        description="The destination whose answer is the sender's. Needed where synchronous "
        "messages go to several.",
        examples=["maintenance"],
    )
    deadline: Duration = Field(
        default=_ROUTE.deadline,
        description="How long a synchronous sender is kept waiting.",
        examples=["30s"],
    )
    echo_within: Duration | None = Field(
        default=None,
        description="How long after a delivery what its reader sends may be the echo of it: it "
        "comes under the id that was given for that delivery, does the same by its contract, and "
        "is discarded. Absent: nothing is an echo.",
        examples=["1h"],
    )
    effect: dict[Transaction, EffectKeys] = Field(
        default_factory=dict,
        description="By transaction, what a destination must show of what it said OK to. What "
        "comes of asking stands beside `delivered`; nothing is sent again because of it. Absent: "
        "nothing is asked.",
        examples=[_EFFECT],
    )

    awaits_response: bool = Field(
        default=_ROUTE.awaits_response,
        description="Of destinations with the adapter `amqp`: whether they send a ResponseMessage "
        "later, which decides; in a queue, a message is then `received`. Absent: what the broker "
        "confirmed is delivered.",
        examples=["true"],
    )

    @field_validator("versions")
    @classmethod
    def _one_of_each(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        for name in info.data.get("transactions", ()):
            own = around(info).versions(name)
            if own.isdisjoint(value):
                raise wrong("no_version_of", transactions=name, known=", ".join(sorted(own)))
        return value

    @field_validator("default_mode")
    @classmethod
    def _taken(cls, value: str | None, info: ValidationInfo) -> str | None:
        modes = info.data.get("modes")
        if value is not None and modes is not None and value not in modes:
            raise wrong("mode_not_taken", value=value, known=", ".join(modes))
        return value

    @field_validator("effect")
    @classmethod
    def _of_its_messages(
        cls, value: dict[str, EffectKeys], info: ValidationInfo
    ) -> dict[str, EffectKeys]:
        names = info.data.get("transactions", ())
        for name in value if names else ():
            if name not in names:
                raise unknown("not_of_route", name, names)
        refuse_strange(value, info.data.get("versions", ()), around(info))
        return value

    @field_validator("echo_within")
    @classmethod
    def _tellable(cls, value: float | None, info: ValidationInfo) -> float | None:
        names = info.data.get("transactions")
        if value and names and not around(info).echoed(names):
            raise wrong("echo_untold")
        return value

    @field_validator("answers")
    @classmethod
    def _among_destinations(cls, value: str, info: ValidationInfo) -> str:
        to = info.data.get("to")
        if to is None:
            return value
        if value and value not in to:
            raise unknown("answers_elsewhere", value, to)
        if not value and len(to) > 1 and "sync" in info.data.get("modes", ()):
            raise wrong("answers_missing", known=", ".join(to))
        return value


class SharedIdsKeys(Keys):
    """A rule of the de-para: these applications share their ids of an entity."""

    entity: Entity = Field(description="What the ids name.", examples=["Item"])
    between: Several[Sender] = Field(
        description="The applications that call each one by the same id, so that no pair is needed "
        "between them.",
        examples=["[erp, maintenance]"],
    )

    @field_validator("between")
    @classmethod
    def _at_least_two(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(value) == 1:
            raise wrong("alone", value=value[0])
        return value


class RoutesFile(Keys):
    """The whole file."""

    applications: dict[Name, ApplicationKeys] = Field(
        description="The installed systems, each under the name by which the bus knows it."
    )
    routes: dict[Name, RouteKeys] = Field(
        description="The rules, each under its name. Every rule that fits a message takes it."
    )
    broker: BrokerKeys | None = Field(
        default=None, description="The message broker through which applications may post."
    )
    shared_ids: tuple[SharedIdsKeys, ...] = Field(
        default=(), description="What several applications call by the same ids."
    )
    sharing: dict[Name, SharingKeys] = Field(
        default_factory=dict,
        description="The groups of applications that share registers, each under its name.",
    )
