"""What was checked of an application, by which means, and what was found: pure values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from bus.core.errors import Fault, Owner
from bus.core.outcome import Outcome
from bus.core.text import NOTHING, Text

INSECURE: Mapping[str, str] = MappingProxyType({"layer": "tls"})
"""Among the details of a fault: a server is there, but no secure connection to it."""
ANOTHER_DOOR: Mapping[str, str] = MappingProxyType({"layer": "address"})
"""The same: a server is there, and says that nothing is at this address, or that it moved."""


class Aspect(StrEnum):
    """What is looked at, in the order in which it is told."""

    ACTIVATION = "in force"
    REACHABLE = "reachable"
    TLS = "tls"
    LOGIN = "login"
    ADMISSION = "login here"
    TOPICS = "webhooks"
    MESSAGES = "messages"
    COMPANIES = "companies"
    UNITS = "units"
    ORPHANS = "orphans"
    SUSPICIOUS = "suspicious pairs"
    FAULTS = "faults"
    ANSWERS = "answers"
    PREREQUISITE = "prerequisite"


class Means(StrEnum):
    """By what something was found out."""

    EMPTY_MESSAGE = "empty message"
    PROBE = "probe"
    WHO_IS = "WhoIs"
    DE_PARA = "de-para"
    JOURNAL = "journal"
    CONFIGURATION = "configuration"
    CALLS = "calls"
    PERSON = "person"


class Verdict(StrEnum):
    """How what was checked stands."""

    OK = "ok"
    WRONG = "wrong"
    NOT_CHECKABLE = "not checkable"
    TO_CONFIRM = "to be confirmed"
    CONFIRMED = "confirmed"


TO_DO = frozenset({Verdict.WRONG, Verdict.TO_CONFIRM})
"""The verdicts that leave somebody something to do."""


class Confirmation(NamedTuple):
    """Who said that a prerequisite is met, when (µs since 1970), and what he remarked."""

    application: str
    rule: str
    by: str
    at: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked.

    `rule` is its id in docs/rules.md, or what a prerequisite without one is confirmed by; empty
    where no rule asks for it. `subject` tells what it is about where the check alone does not,
    `seen` what was seen. `fault` says what is wrong, or what is to be confirmed, with the remedy
    and who must act.
    """

    check: Aspect
    verdict: Verdict
    means: Means
    rule: str = ""
    subject: Text = NOTHING
    seen: Text = NOTHING
    fault: Fault | None = None
    confirmation: Confirmation | None = None

    @property
    def owner(self) -> Owner | None:
        """Who must act; None where nobody must."""
        return self.fault.owner if self.fault and self.verdict in TO_DO else None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found of one application, in the order of the checks."""

    application: str
    product: str
    findings: tuple[Finding, ...]

    @property
    def leaves_work(self) -> bool:
        """Whether somebody has something to do."""
        return any(one.verdict in TO_DO for one in self.findings)


# -- what findings are made of ---------------------------------------------------------------------


class Enabled(NamedTuple):
    """A transaction at a version for which an application says that it has an adapter."""

    transaction: str
    version: str
    receives: bool
    sends: bool


class Introduction(NamedTuple):
    """What an application says of itself: its version (empty: it does not), and its adapters.

    `means` is how that came; `enabled` is None where it does not tell its adapters.
    """

    version: str = ""
    means: Means = Means.WHO_IS
    enabled: tuple[Enabled, ...] | None = None


class Contact(NamedTuple):
    """What came of speaking to an application. `outcome` is None where it was only probed."""

    means: Means
    outcome: Outcome | None = None
    fault: Fault | None = None
    introduction: Introduction = Introduction()


class Presented(StrEnum):
    """What a caller whose login was refused had presented."""

    WRONG_PASSWORD = "wrong password"  # noqa: S105 - a word for it
    UNKNOWN_USER = "unknown user"
    NOTHING = "nothing"


class RefusedLogin(NamedTuple):
    """A caller whose login the bus refuses: from where, since when and when last (µs), how often.

    `user` is empty where no application has it: people type passwords there.
    """

    presented: Presented
    address: str
    user: str
    since: int
    last: int
    times: int


class Admittance(NamedTuple):
    """When an application was let in last (µs; None: not since the bus began), and who was not."""

    let_in: int | None = None
    refused: tuple[RefusedLogin, ...] = ()


class SeenFault(NamedTuple):
    """A fault of deliveries to an application: how many have it, and when the last got it (µs).

    `keepers` are those whom to ask of what they bring: the modules of the registers.
    """

    fault: Fault
    deliveries: int
    last_at: int
    keepers: tuple[str, ...] = ()


class SeenDiffering(NamedTuple):
    """Answers of an application that differ: of how many messages; the newest is the example."""

    fault: Fault
    messages: int
    example: str


class Evidence(NamedTuple):
    """What was found out of an application, by which its prerequisites are judged.

    `not_its_own` are the registers that it sent lately though another application owns them,
    `companies` those it sent lately, and `faults` those of deliveries to it; `delivers`: there were
    deliveries to it.
    """

    introduction: Introduction = Introduction()
    not_its_own: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()
    faults: tuple[SeenFault, ...] = ()
    delivers: bool = True
