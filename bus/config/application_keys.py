"""The keys of applications in routes.yaml: types, defaults, meanings and examples.

The docs come from here and from `bus.config.route_keys`. Defaults are the core's own, so that there
is one truth of them. Keys are checked in order: a check may look at the keys above its own.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from bus.config.context import around, unknown, wrong
from bus.config.secret import Option, Secret, refuse_guessable
from bus.config.values import (
    Address,
    Duration,
    Ending,
    Entity,
    Hours,
    Network,
    OptionName,
    ProductVersion,
    Qualifier,
    RateOf,
    Reference,
    ScopeOf,
    Scopes,
    Several,
    Transaction,
    User,
    Words,
    Zone,
)
from bus.core.closed_hours import ClosedHours, never_opens
from bus.core.errors import BusFault
from bus.core.route import (
    Application,
    Environment,
    IdentityBasis,
    IdentityPolicy,
    IdScope,
    OnMissing,
    TranslatedBy,
)

_APPLICATION = Application("", "")
_IDENTITY = IdentityPolicy()


class Keys(BaseModel):
    """A mapping of routes.yaml: it has these keys and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class CredentialsKeys(Keys):
    """A user, and where its password is kept."""

    user: User = Field(description="The name of the user.", examples=["erp"])
    password: Secret = Field(
        repr=False,
        description="Where the password is kept: a variable of the environment, or a file whose "
        "path may be relative to routes.yaml. A password in routes.yaml itself is refused, and so "
        "are those that manuals print and those of fewer than 8 characters.",
        examples=["{env: ERP_LOGIN_PASSWORD}", "{file: /run/secrets/erp}"],
    )

    @field_validator("password")
    @classmethod
    def _not_printed(cls, value: str, info: ValidationInfo) -> str:
        refuse_guessable(info.data.get("user", ""), value)
        return value


class IdentityKeys(Keys):
    """What makes two messages of an application the same; the basis alone may stand for it."""

    basis: IdentityBasis = Field(
        default=_IDENTITY.basis,
        description="`uuid`: the UUID of the envelope. `uuid+content`: the same UUID with other "
        "content is another message (for senders that reuse UUIDs). `content`: the UUID is "
        "ignored; a repeat is a message with the content of the newest of its document.",
        examples=["uuid+content"],
    )
    window: Duration = Field(
        default=_IDENTITY.window,
        description="For `content`: how long the newest message of a document is compared with.",
        examples=["24h"],
    )

    @model_validator(mode="before")
    @classmethod
    def _from_basis(cls, value: object) -> object:
        return {"basis": value} if isinstance(value, str) else value


class ErrorTextKeys(Keys):
    """What one of its error texts means, where neither its product nor its adapter knows it."""

    text: Words = Field(
        description="Words of the text, in their order. Letter case, accents, punctuation and what "
        "stands around them do not count.",
        examples=["saldo insuficiente"],
    )
    means: Literal["refused", "busy", "unknown"] = Field(
        default="refused",
        description="`refused`: a final no, which only a person repeats. `busy`: nothing was "
        "processed, and the bus tries again. `unknown`: it may have been processed.",
        examples=["busy"],
    )
    owner: Literal["receiver", "sender"] = Field(
        default="receiver",
        description="Of a refusal: who must act, the people of this application or those of the "
        "sender.",
        examples=["sender"],
    )
    waits_for: Entity | None = Field(
        default=None,
        description="Of a refusal: what it lacks in its own de-para. The delivery waits until that "
        "register was delivered.",
        examples=["CostCenter"],
    )
    advice: str = Field(
        default="",
        description="What to do about it, told after the remedy.",
        examples=["Fale com o almoxarifado."],
    )

    @field_validator("owner", "waits_for")
    @classmethod
    def _of_a_refusal(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value not in {None, "receiver"} and info.data.get("means", "refused") != "refused":
            raise wrong("refusals_alone")
        return value


class LimitKeys(Keys):
    """What it can hold of an element. With nothing in it, a limit of its product does not hold."""

    longest: int = Field(
        default=0,
        ge=0,
        description="How many characters it holds: a longer value is refused before anything is "
        "sent, and never cut. 0: any.",
        examples=["20"],
    )
    most: int = Field(
        default=0,
        ge=0,
        description="How many of the element it takes in one message. 0: any.",
        examples=["1"],
    )
    among: Several[str] = Field(
        default=(),
        description="The only values that it knows. Absent: any.",
        examples=["['1', '2']"],
    )
    ignored: bool = Field(
        default=False,
        description="Whether it leaves the element out: a value there warns, on the trace.",
        examples=["true"],
    )


class ThrottleKeys(Keys):
    """What it is sent at most of one transaction, whatever it is sent of others."""

    concurrency: int = Field(
        default=0,
        ge=1,
        le=1000,
        description="How many deliveries of one transaction may be under way at once. Absent: as "
        "many as of all.",
        examples=["4"],
    )
    rate: RateOf | None = Field(
        default=None,
        description="How many attempts of one transaction may begin in a time. Absent: any number.",
        examples=["240 a minute"],
    )

    @model_validator(mode="after")
    def _bounds_something(self) -> ThrottleKeys:
        if not self.concurrency and self.rate is None:
            raise wrong("bounds_nothing")
        return self


class ApplicationKeys(Keys):
    """One installed system that sends or receives."""

    product: str = Field(
        min_length=1,
        description="What the system is, as `Product/@name` has it, in any letter case. It only "
        "sets defaults, those of the product's profile (`bus adapters products`): an application "
        "is known by its login or its address, never by its product.",
        examples=["ERP"],
    )
    environment: Environment = Field(
        default=_APPLICATION.environment,
        description="What it is for. A bus that is for something else (`BUS_ENVIRONMENT`) does not "
        "start with it, unless its name is typed out in `BUS_ACROSS`.",
        examples=["test"],
    )
    activation: Literal["at_once", "by_hand"] = Field(
        default="at_once",
        description="When messages begin to flow to it and from it: `at_once`, or `by_hand`, when "
        "a person puts it in force (`bus application activate`). Until then it is not read, what "
        "it posts is refused (503), and what is for it waits.",
        examples=["by_hand"],
    )
    adapter: str = Field(
        default="",
        description="The adapter that delivers to it. Without one it only sends.",
        examples=["http-xml"],
    )
    address: Address = Field(
        default="",
        validate_default=True,
        description="Where the adapter reaches it.",
        examples=["http://erp.example:8051/messages"],
    )
    login: CredentialsKeys | None = Field(
        default=None,
        description="The user and password that it presents to the bus. Without one, and "
        "without `comes_from` or `broker_user`, it cannot post.",
        examples=["{user: erp, password: {env: ERP_LOGIN_PASSWORD}}"],
    )
    comes_from: Several[Network] = Field(
        default=(),
        description="The addresses or networks that it posts from, where its channel carries no "
        "credentials: a request from there that presents none is its own. Not beside `login`. "
        "Whoever can send from such an address is taken for it.",
        examples=["[10.0.0.5, 10.0.1.0/24]"],
    )
    broker_user: str = Field(
        default="",
        description="The user of the broker (`broker`) that posts for it: what that user posts is "
        "its own, whatever the message claims. Absent: it cannot post through the broker.",
        examples=["erp"],
    )
    credentials: CredentialsKeys | None = Field(
        default=None,
        description="The user and password that the bus presents to it.",
        examples=["{user: bus, password: {file: /run/secrets/erp}}"],
    )
    source_applications: Several[str] = Field(
        default=(),
        description="The names it may claim in `SourceApplication`. Absent: its own name alone, in "
        "any letter case.",
        examples=["[P12Manutencao]"],
    )
    identity: IdentityKeys = Field(
        default=IdentityKeys(),
        description="What makes two of its messages the same message: a basis, or a basis and a "
        "window.",
        examples=["uuid+content", "{basis: content, window: 24h}"],
    )
    repeat_safe: Several[Transaction] = Field(
        default=(),
        description="Transactions that may be sent to it again when the outcome is unknown, beside "
        "queries and upserts of registers, which always may.",
        examples=["[Request]"],
    )
    repeat_unsafe: Several[Transaction] = Field(
        default=(),
        description="Queries or registers that may not be sent to it again after all.",
        examples=["[Currency]"],
    )
    de_para: TranslatedBy | None = Field(
        default=None,
        description="Who puts internal ids into its terms: itself, or the bus. Absent: "
        "what the profile of its product says, else `bus`.",
        examples=["bus"],
    )
    id_scope: Scopes[dict[ScopeOf, IdScope]] = Field(
        default_factory=dict,
        description="How far its internal ids are unique: one reach for all, or a mapping of "
        "entities, with `default` for the others. Absent: what the profile of its product says, "
        "else `branch`.",
        examples=["company", "{default: branch, UnitOfMeasure: application}"],
    )
    references: dict[Reference, OnMissing] = Field(
        default_factory=dict,
        description="What becomes of a reference for which the bus knows no id of this "
        "application: `require` waits for it, `drop` leaves the element out, `keep` leaves the "
        "sender's id. By entity, or by the path of an element below the content, which goes "
        "before. Absent: `require` where a contract teaches the entity, else `keep`.",
        examples=["{Company: keep, ListOfRequestItem/RequestItem/ProjectInternalId: drop}"],
    )
    qualifiers: dict[Entity, dict[Ending, Qualifier]] | None = Field(
        default=None,
        description="Which of several ids of one thing an id of this application is, by its last "
        "segment. Absent: what the profile of its product says, else none.",
        examples=["{CustomerVendor: {C: customer, F: vendor}}"],
    )
    split_by: Several[Reference] = Field(
        default=(),
        description="References, by entity or by element path, of which this application may have "
        "several ids that nothing tells apart: it gets one message for each, one after the other. "
        "Others of that kind wait for a person.",
        examples=["[Request]"],
    )
    limits: dict[Transaction, dict[str, LimitKeys]] = Field(
        default_factory=dict,
        description="What it can hold of messages, by transaction and by the path of an element "
        "below the content, in place of what the profile of its product says "
        "(`bus adapters products`). What is beyond is refused when it arrives.",
        examples=["{CostCenter: {Code: {longest: 25}}}"],
    )
    holds: dict[Entity, Annotated[int, Field(ge=0)]] = Field(
        default_factory=dict,
        description="How many things of an entity it can hold, in place of what the profile of its "
        "product says; 0: any. A new one beyond that is refused before it is sent.",
        examples=["{Currency: 10}"],
    )
    one_company_group: bool | None = Field(
        default=None,
        description="Whether all of its companies are of one group, the first segment of their ids "
        "(`99|01`): a pair of a second one is refused. Absent: what the profile of its product "
        "says, else false.",
        examples=["false"],
    )
    extensions: bool = Field(
        default=False,
        description="Whether it tells and takes what this bus adds to published contracts "
        "(docs/contracts.md). It is left out of what is sent to all others.",
        examples=["true"],
    )
    pair_within: Duration = Field(
        default=_APPLICATION.pair_within,
        description="How long a delivery to it waits for an id that the de-para lacks, before the "
        "bus gives up.",
        examples=["7d"],
    )
    product_version: ProductVersion = Field(
        default="",
        description="The version of the product, number by number. The versions that it accepts "
        "and sends follow from it, where the profile of its product knows them. Absent: nothing "
        "follows.",
        examples=["12.1.2209.158"],
    )
    accepts: dict[Transaction, Several[str]] = Field(
        default_factory=dict,
        description="The versions of transactions that it takes. A message of another version is "
        "transformed where a bridge is declared (`bus schemas bridges`), and rejected otherwise. "
        "Of a transaction that is absent: what follows from `product_version`, else every version.",
        examples=["{Order: ['3.002']}"],
    )
    sends: dict[Transaction, Several[str]] = Field(
        default_factory=dict,
        description="The versions of transactions that it sends, so that `routes check` warns of "
        "no others. Of a transaction that is absent: what follows from `product_version`, else "
        "every version. What it sends all the same is taken.",
        examples=["{Order: ['4.010']}"],
    )
    takes_answers: bool | None = Field(
        default=None,
        description="Whether the answers to its asynchronous messages are delivered to it; if not, "
        "they are kept for it to fetch. Absent: true when it has an address.",
        examples=["false"],
    )
    concurrency: int = Field(
        default=_APPLICATION.concurrency,
        ge=1,
        le=1000,
        description="How many deliveries to it may be under way at once, from each process of the "
        "bus. Where callers have come by, a quarter is kept for them, at least one of several.",
        examples=["1"],
    )
    rate: RateOf | None = Field(
        default=None,
        description="How many attempts to it may begin in any stretch of a time, from each process "
        "of the bus; a quarter is kept for callers as above. Absent: any number.",
        examples=["240 a minute", "5 a second"],
    )
    each_transaction: ThrottleKeys | None = Field(
        default=None,
        description="What it is sent at most of each transaction by itself, beside `concurrency` "
        "and `rate`, which count all. Absent: no bounds of its own.",
        examples=["{concurrency: 4, rate: 240 a minute}"],
    )
    sessions: int = Field(
        default=0,
        ge=0,
        le=1000,
        description="How many deliveries to it may be under way at once from all processes of the "
        "bus together, such as it has licences for. 0: as many as `concurrency` of each.",
        examples=["5"],
    )
    time_zone: Zone = Field(
        default="",
        description="The time zone of its `closed` hours.",
        examples=["America/Sao_Paulo"],
    )
    closed: Several[Hours] = Field(
        default=(),
        description="Hours in which nothing is sent to it, by the clock of its `time_zone`: of all "
        "days, or of those on which they begin. What is asynchronous waits; a caller is told so at "
        "once.",
        examples=["['22:00-06:00', 'sat-sun 00:00-24:00']"],
    )
    pause_after: int = Field(
        default=_APPLICATION.pause_after,
        ge=0,
        le=1_000_000,
        description="After how many attempts in a row that were refused, busy or of unknown "
        "outcome it is left alone for a while; then one delivery shows whether all goes on. An "
        "application that is unreachable is left alone at once. 0: only then.",
        examples=["50"],
    )
    timeout: Duration = Field(
        default=_APPLICATION.timeout,
        description="How long an attempt may take.",
        examples=["60s"],
    )
    response_within: Duration = Field(
        default=_APPLICATION.response_within,
        description="How long its own ResponseMessage is waited for, where it answered with a "
        "receipt. Afterwards the outcome is unknown.",
        examples=["1h"],
    )
    read_every: Duration | None = Field(
        default=None,
        description="How often it is asked for messages, which the bus takes as if it had posted "
        "them. Its adapter must be one that reads. Absent: never.",
        examples=["30s"],
    )
    error_texts: tuple[ErrorTextKeys, ...] = Field(
        default=(),
        description="What error texts of it mean, beside those that its product and its adapter "
        "know (`bus adapters products`, `bus adapters list`), and before them.",
        examples=["[{text: saldo insuficiente, owner: sender}]"],
    )
    options: dict[OptionName, Option] = Field(
        default_factory=dict,
        description="What its adapter alone understands. A value may be a secret. One whose name "
        "ends in `_file` is a path that may be relative to routes.yaml.",
        examples=["{connect_timeout: 5}"],
    )

    @field_validator("adapter")
    @classmethod
    def _installed(cls, value: str, info: ValidationInfo) -> str:
        known = around(info).adapters
        if value and value not in known:
            raise unknown("unknown_adapter", value, known)
        try:
            _ = value and known[value]  # it is loaded here, where an application uses it
        except BusFault as unusable:
            raise wrong("unusable_adapter", problem=unusable.fault.problem) from None
        return value

    @field_validator("address")
    @classmethod
    def _with_adapter(cls, value: str, info: ValidationInfo) -> str:
        adapter = info.data.get("adapter")
        if not value and adapter:
            raise wrong("needs_address")
        if value and adapter == "":
            raise wrong("needs_adapter", known=", ".join(sorted(around(info).adapters)) or "-")
        return value

    @field_validator("comes_from")
    @classmethod
    def _without_login(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if value and info.data.get("login"):
            raise wrong("address_and_login")
        return value

    @field_validator("closed")
    @classmethod
    def _by_a_clock(
        cls, value: tuple[ClosedHours, ...], info: ValidationInfo
    ) -> tuple[ClosedHours, ...]:
        if value and info.data.get("time_zone") == "":
            raise wrong("needs_zone")
        if never_opens(value):
            raise wrong("never_opens")
        return value

    @field_validator("read_every")
    @classmethod
    def _by_a_reader(cls, value: float | None, info: ValidationInfo) -> float | None:
        adapter = info.data.get("adapter")
        if value and adapter is not None and adapter not in around(info).readers:
            raise wrong("reads_nothing", adapter=adapter or "-")
        return value

    @field_validator("accepts", "sends")
    @classmethod
    def _of_contracts(
        cls, value: dict[str, tuple[str, ...]], info: ValidationInfo
    ) -> dict[str, tuple[str, ...]]:
        for name, versions in value.items():
            known = around(info).versions(name)
            for version in versions:
                if version not in known:
                    raise unknown("unknown_version", version, known, transactions=name)
        return value

    @field_validator("limits")
    @classmethod
    def _of_elements(
        cls, value: dict[str, dict[str, LimitKeys]], info: ValidationInfo
    ) -> dict[str, dict[str, LimitKeys]]:
        for name, limits in value.items():
            known = around(info).elements(name)
            for path in limits:
                element = path.rpartition("/")[2]
                if known and element not in known:
                    raise unknown("unknown_element", element, known, transactions=name)
        return value

    @field_validator("repeat_unsafe")
    @classmethod
    def _not_safe_too(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        for name in value:
            if name in info.data.get("repeat_safe", ()):
                raise wrong("both_safe_and_not", value=name)
        return value
