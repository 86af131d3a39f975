"""The keys of routes.yaml: their types, defaults, meanings and examples, from which the docs come.

Defaults are the core's own, so that there is one truth of them. Keys are checked in order: a check
may look at the keys above its own.
"""

from __future__ import annotations

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from bus.config.secret import Option, Secret, refuse_printed
from bus.config.surroundings import around, unknown, wrong
from bus.config.values import (
    Address,
    Condition,
    Destination,
    Duration,
    Mode,
    Name,
    OptionName,
    Sender,
    Several,
    Transaction,
    User,
    Version,
)
from bus.core.retry import RetryPolicy
from bus.core.route import (
    Application,
    Behind,
    IdentityBasis,
    IdentityPolicy,
    IdScope,
    Route,
    Strictness,
    Translator,
)

_APPLICATION = Application("", "")
_IDENTITY = IdentityPolicy()
_RETRY = RetryPolicy()
_ROUTE = Route("", frozenset(), "", ())


class Keys(BaseModel):
    """A mapping of routes.yaml: it has these keys and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class CredentialsKeys(Keys):
    """A user, and where its password is kept."""

    user: User = Field(description="The name of the user.", examples=["rm"])
    password: Secret = Field(
        repr=False,
        description="Where the password is kept: a variable of the environment, or a file whose "
        "path may be relative to routes.yaml. A password in routes.yaml itself is refused, and so "
        "are those that manuals print.",
        examples=["{env: RM_LOGIN_PASSWORD}", "{file: /run/secrets/rm}"],
    )

    @field_validator("password")
    @classmethod
    def _not_printed(cls, value: str, info: ValidationInfo) -> str:
        refuse_printed(info.data.get("user", ""), value)
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


class ApplicationKeys(Keys):
    """One installed system that sends or receives."""

    product: str = Field(
        min_length=1,
        description="What the system is, as `Product/@name` has it. It only sets defaults; an "
        "application is known by its login, never by its product.",
        examples=["RM", "PROTHEUS"],
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
        examples=["http://rm.example:8051/messages"],
    )
    login: CredentialsKeys | None = Field(
        default=None,
        description="The user and password that it presents to the bus. Without one, it cannot "
        "post.",
        examples=["{user: rm, password: {env: RM_LOGIN_PASSWORD}}"],
    )
    credentials: CredentialsKeys | None = Field(
        default=None,
        description="The user and password that the bus presents to it.",
        examples=["{user: bus, password: {file: /run/secrets/rm}}"],
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
    de_para: Translator | None = Field(
        default=None,
        description="Who puts internal ids into its terms: itself, or the bus. Absent: "
        "`application` for the products PROTHEUS, RM, DATASUL and LOGIX, else `bus`.",
        examples=["bus"],
    )
    id_scope: IdScope | None = Field(
        default=None,
        description="How far its internal ids are unique. Absent: `application` for the products "
        "PROTHEUS, RM, DATASUL and LOGIX, else `branch`.",
        examples=["company"],
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
        description="How many deliveries to it may be under way at once.",
        examples=["1"],
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
    options: dict[OptionName, Option] = Field(
        default_factory=dict,
        description="What its adapter alone understands. A value may be a secret.",
        examples=["{connect_timeout: 5}"],
    )

    @field_validator("adapter")
    @classmethod
    def _installed(cls, value: str, info: ValidationInfo) -> str:
        known = around(info).adapters
        if value and value not in known:
            raise unknown("unknown_adapter", value, known)
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

    @field_validator("repeat_unsafe")
    @classmethod
    def _not_safe_too(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        for name in value:
            if name in info.data.get("repeat_safe", ()):
                raise wrong("both_safe_and_not", value=name)
        return value


class RetryKeys(Keys):
    """When a delivery is tried again, and when the bus gives up."""

    attempts: int = Field(
        default=_RETRY.attempts,
        ge=1,
        le=1000,
        description="How many attempts of unknown outcome are made, where repeating is safe. Busy "
        "and unreachable cost none.",
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
        description="The longest pause of an unreachable application, so that its return is "
        "noticed soon.",
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
    sender: Sender = Field(alias="from", description="The application that sends.", examples=["rm"])
    to: Several[Destination] = Field(
        description="The applications that receive.", examples=["[protheus]"]
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
    behind: Behind | None = Field(
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
        examples=["protheus"],
    )
    deadline: Duration = Field(
        default=_ROUTE.deadline,
        description="How long a synchronous sender is kept waiting.",
        examples=["30s"],
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


class RoutesFile(Keys):
    """The whole file."""

    applications: dict[Name, ApplicationKeys] = Field(
        description="The installed systems, each under the name by which the bus knows it."
    )
    routes: dict[Name, RouteKeys] = Field(
        description="The rules, each under its name. Every rule that fits a message takes it."
    )
