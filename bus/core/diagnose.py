"""What the evidence says of an application, check by check: pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from bus.core.diagnosis import (
    ANOTHER_DOOR,
    INSECURE,
    Admittance,
    Aspect,
    Confirmation,
    Contact,
    Enabled,
    Evidence,
    Finding,
    Introduction,
    Means,
    Presented,
    RefusedLogin,
    SeenDiffering,
    SeenFault,
    Verdict,
)
from bus.core.errors import Fault
from bus.core.known_faults import searchable
from bus.core.outcome import Outcome
from bus.core.profile import Prerequisite, Proof
from bus.core.route import Application
from bus.core.suggest import listed
from bus.core.text import NOTHING, Details, Text, same
from bus.core.versions import parts_of

NETWORK = "T-06"
COMPANIES = "T-09"
CODES = "T-51"

LOOKED_BACK = 7
"""Days of which the journal is asked."""

_SENDS_ONLY = Text("não tem endereço: só envia", "it has no address: it only sends")
_NOT_CALLED = Text(
    "não se identificou desde que este barramento iniciou",
    "it has not logged in since this bus began",
)
_REFUSED = Text(
    "recusas: {times}; desde {since:%Y-%m-%d %H:%M} UTC",
    "refused: {times}; since {since:%Y-%m-%d %H:%M} UTC",
)
_PRESENTED = {
    Presented.WRONG_PASSWORD: Text(
        "usuário {user} com senha errada", "user {user}, wrong password"
    ),
    Presented.UNKNOWN_USER: Text(
        "um usuário que nenhuma aplicação tem", "a user that no application has"
    ),
    Presented.NOTHING: Text("nenhum login, ou um ilegível", "no login, or none that can be read"),
}
_NOT_REACHED = Text("não se chegou até lá", "that was not reached")
_BUSY = Text("está ocupada; não disse", "it is busy, and did not say")
_NO_WHO_IS = Text(
    "não diz por WhoIs que mensagens tem", "it does not say by WhoIs which messages it has"
)
_VERSION = Text("versão {version}", "version {version}")
_NO_VERSION = Text("não diz a sua versão", "it does not say its version")
_ENABLED = Text("{count} mensagens das rotas", "{count} messages of the routes")
_ALL = Text("todas", "all")
_SECOND_COMPANY = Text(
    "mensagens de mais de uma empresa: {known}", "messages of more than one company: {known}"
)
_NOT_ITS_OWN = Text("ela enviou {known}", "it sent {known}")
_IN_USE = Text(
    "só para quem usa isso: a versão é {version}", "only for who uses it: the version is {version}"
)
_ONE = Text("1 entrega", "1 delivery")
_COUNT = Text("{count} entregas", "{count} deliveries")
_ASK = Text("{count}; pergunte a {keepers}", "{count}; ask {keepers}")
_DIFFERING = Text(
    "{count} de mensagens dos últimos {days} dias; a última, {example}: "
    "`bus messages --differs --to {application}`",
    "{count} of messages of the last {days} days; the newest, {example}: "
    "`bus messages --differs --to {application}`",
)
_ONE_ANSWER = Text("1 resposta", "1 answer")
_ANSWERS = Text("{count} respostas", "{count} answers")
_NONE = Text("nenhuma", "none")
_NO_DELIVERIES = Text("não houve entregas", "there were no deliveries")
_RECEIVING = Text("recebimento", "receiving")
_SENDING = Text("envio", "sending")


# -- reaching it -----------------------------------------------------------------------------------


def of_contact(application: Application, contact: Contact) -> list[Finding]:
    """Whether it can be reached, trusted, and knows us, by what came of speaking to it."""
    if not application.adapter:
        seen = _SENDS_ONLY
        return [Finding(Aspect.REACHABLE, Verdict.NOT_CHECKABLE, Means.CONFIGURATION, seen=seen)]
    if contact.fault and contact.fault.code == "BUSY":
        *before, login = _stopped_at(Aspect.LOGIN, contact.fault, application, contact)
        unsaid = replace(login, verdict=Verdict.NOT_CHECKABLE, seen=_BUSY, fault=None)
        return [*before, unsaid]
    if stop := _stop(contact):
        return _stopped_at(*stop, application, contact)
    return [Finding(one, Verdict.OK, contact.means, _rule(one)) for one in _steps(application)]


def _stop(contact: Contact) -> tuple[Aspect, Fault] | None:
    """Where it came to an end, and why; None where nothing stood in the way."""
    fault = contact.fault
    if fault is None:
        return None
    layer = {"layer": fault.detail("layer")}
    if contact.outcome is Outcome.UNKNOWN or layer == ANOTHER_DOOR:
        return Aspect.REACHABLE, replace(fault, code="NOT_AN_EAI")
    if fault.code == "LOGIN_REFUSED_BY_RECEIVER":
        return Aspect.LOGIN, fault
    if layer == INSECURE:
        return Aspect.TLS, replace(fault, code="TLS_FAILED")
    unsent = contact.outcome in {None, Outcome.UNREACHABLE}
    return (Aspect.REACHABLE, fault) if unsent else None


def _stopped_at(
    where: Aspect, fault: Fault, application: Application, contact: Contact
) -> list[Finding]:
    """All that comes before is right, and nobody knows of what comes after."""
    steps = _steps(application)
    at = steps.index(where)
    quiet = replace(fault, details={**fault.details, "follows": NOTHING})
    before = [Finding(one, Verdict.OK, contact.means, _rule(one)) for one in steps[:at]]
    wrong = Finding(where, Verdict.WRONG, contact.means, _rule(where), fault=quiet)
    after = [
        Finding(one, Verdict.NOT_CHECKABLE, contact.means, _rule(one), seen=_NOT_REACHED)
        for one in steps[at + 1 :]
    ]
    return [*before, wrong, *after]


def _steps(application: Application) -> list[Aspect]:
    secure = application.address.casefold().startswith("https:")
    return [Aspect.REACHABLE, *([Aspect.TLS] if secure else []), Aspect.LOGIN]


def _rule(check: Aspect) -> str:
    return NETWORK if check is Aspect.REACHABLE else ""


# -- being let in ----------------------------------------------------------------------------------


def of_admission(application: Application, admission: Admittance) -> list[Finding]:
    """Whether the bus lets it in, by the calls that came; nothing where it has no login here."""
    if application.login is None:
        return []
    found = [_refused(application, one) for one in admission.refused]
    if found:
        return found
    if admission.let_in is None:
        seen = _NOT_CALLED
        return [Finding(Aspect.ADMISSION, Verdict.NOT_CHECKABLE, Means.CALLS, seen=seen)]
    return [Finding(Aspect.ADMISSION, Verdict.OK, Means.CALLS)]


def _refused(application: Application, one: RefusedLogin) -> Finding:
    details: Details = {
        "application": application.name,
        "address": one.address,
        "presented": _PRESENTED[one.presented].filled(user=one.user),
    }
    fault = Fault("LOGIN_REFUSED_HERE", details=details)
    since = datetime.fromtimestamp(one.since // 1_000_000, UTC)
    seen = _REFUSED.filled(times=one.times, since=since)
    return Finding(Aspect.ADMISSION, Verdict.WRONG, Means.CALLS, seen=seen, fault=fault)


# -- what it takes and sends -----------------------------------------------------------------------


class Wanted(NamedTuple):
    """A message that the routes bring an application (`receives`) or have it send.

    `versions` are those that will do; none: any.
    """

    transaction: str
    spellings: frozenset[str]
    versions: frozenset[str]
    receives: bool


def of_messages(
    application: Application, wanted: Iterable[Wanted], introduction: Introduction
) -> Finding:
    """Whether it has an adapter for each message of the routes."""
    wanted = tuple(wanted)
    enabled = introduction.enabled
    if enabled is None:
        return Finding(Aspect.MESSAGES, Verdict.NOT_CHECKABLE, Means.WHO_IS, seen=_NO_WHO_IS)
    missing = [one for one in wanted if not any(_fits(each, one) for each in enabled)]
    if not missing:
        seen = _ENABLED.filled(count=len(wanted))
        return Finding(Aspect.MESSAGES, Verdict.OK, Means.WHO_IS, seen=seen)
    details: Details = {
        "application": application.name,
        "missing": Text(
            listed([_told(one, "pt") for one in missing]),
            listed([_told(one, "en") for one in missing]),
        ),
    }
    fault = Fault("MESSAGES_NOT_ENABLED", details=details)
    return Finding(Aspect.MESSAGES, Verdict.WRONG, Means.WHO_IS, fault=fault)


def _fits(enabled: Enabled, wanted: Wanted) -> bool:
    able = enabled.receives if wanted.receives else enabled.sends
    named = enabled.transaction.casefold() in wanted.spellings
    return able and named and (not wanted.versions or enabled.version in wanted.versions)


def _told(wanted: Wanted, language: str) -> str:
    way = _RECEIVING if wanted.receives else _SENDING
    name = " ".join([wanted.transaction, "/".join(sorted(wanted.versions))]).strip()
    return f"{name} ({way.pt if language == 'pt' else way.en})"


# -- the de-para -----------------------------------------------------------------------------------


def of_companies(application: str, reader: str, missing: Sequence[str] | None) -> Finding:
    """Whether the companies that an application sends have pairs at one that reads them.

    None: it sent none lately, and no pair is known.
    """
    subject = same(reader)
    if missing is not None and not missing:
        return Finding(Aspect.COMPANIES, Verdict.OK, Means.DE_PARA, COMPANIES, subject)
    details: Details = {
        "application": application,
        "reader": reader,
        "missing": listed(missing) if missing else _ALL,
    }
    fault = Fault("COMPANIES_UNPAIRED", details=details)
    return Finding(Aspect.COMPANIES, Verdict.WRONG, Means.DE_PARA, COMPANIES, subject, fault=fault)


# -- what happened lately --------------------------------------------------------------------------


def of_faults(faults: Iterable[SeenFault], *, delivers: bool = True) -> list[Finding]:
    """The faults of deliveries that are not over, the most frequent first.

    Without deliveries (not `delivers`) nobody knows whether they would go well.
    """
    none = Finding(Aspect.FAULTS, Verdict.OK, Means.JOURNAL, seen=_NONE)
    if not delivers:
        none = replace(none, verdict=Verdict.NOT_CHECKABLE, seen=_NO_DELIVERIES)
    return [
        Finding(
            Aspect.FAULTS,
            Verdict.WRONG,
            Means.JOURNAL,
            seen=_seen(one),
            fault=one.fault,
        )
        for one in sorted(faults, key=lambda one: (-one.deliveries, -one.last_at))
    ] or [none]


def _seen(fault: SeenFault) -> Text:
    """How many deliveries have a fault, and whom to ask of the registers that they bring."""
    count = _ONE if fault.deliveries == 1 else _COUNT.filled(count=fault.deliveries)
    if not fault.keepers:
        return count
    keepers = ", ".join(fault.keepers)
    return Text(
        _ASK.filled(count=count.pt, keepers=keepers).pt,
        _ASK.filled(count=count.en, keepers=keepers).en,
    )


def of_answers(
    application: str, differing: SeenDiffering | None, *, delivers: bool = True
) -> Finding:
    """Whether what it answers is as the contracts say; the newest that is not is the example."""
    if differing:
        count = differing.messages
        answers = _ONE_ANSWER if count == 1 else _ANSWERS.filled(count=count)
        seen = _DIFFERING.filled(
            count=answers, days=LOOKED_BACK, example=differing.example, application=application
        )
        wrong = Verdict.WRONG
        return Finding(Aspect.ANSWERS, wrong, Means.JOURNAL, seen=seen, fault=differing.fault)
    if not delivers:
        verdict = Verdict.NOT_CHECKABLE
        return Finding(Aspect.ANSWERS, verdict, Means.JOURNAL, seen=_NO_DELIVERIES)
    return Finding(Aspect.ANSWERS, Verdict.OK, Means.JOURNAL)


# -- what must be set up there ---------------------------------------------------------------------


def of_prerequisites(
    application: Application,
    prerequisites: Iterable[Prerequisite],
    evidence: Evidence,
    confirmed: Mapping[str, Confirmation],
    messages: Finding,
) -> Iterator[Finding]:
    """Each prerequisite: what shows it, else what tells against it, else what a person says."""
    for one in prerequisites:
        found = _shown(application, one, evidence, messages)
        known = confirmed.get(one.key)
        if found is None:
            found = _of_person(application, one, known)
        elif found.verdict is Verdict.TO_CONFIRM and known:
            found = replace(found, verdict=Verdict.CONFIRMED, means=Means.PERSON, fault=None)
        yield replace(found, rule=one.key, subject=one.text, confirmation=known)


def _shown(
    application: Application, one: Prerequisite, evidence: Evidence, messages: Finding
) -> Finding | None:
    """What the evidence says of a prerequisite; None where it says nothing."""
    if sign := _sign_against(one, evidence):
        details: Details = {
            "application": application.name,
            "what": one.text,
            "problem": sign,
            "days": str(LOOKED_BACK),
        }
        fault = Fault("PREREQUISITE_UNMET", details=details)
        return Finding(Aspect.PREREQUISITE, Verdict.WRONG, Means.JOURNAL, fault=fault)
    if one.since:
        return _of_version(application, one, evidence.introduction)
    if one.proof is Proof.ENABLED and messages.verdict is not Verdict.NOT_CHECKABLE:
        return replace(messages, check=Aspect.PREREQUISITE)
    return None


def _sign_against(one: Prerequisite, evidence: Evidence) -> Text | None:
    if one.proof is Proof.OWNERSHIP and evidence.not_its_own:
        return _NOT_ITS_OWN.filled(known=listed(evidence.not_its_own))
    if one.proof is Proof.ONE_COMPANY and len(evidence.companies) > 1:
        return _SECOND_COMPANY.filled(known=listed(evidence.companies))
    if one.unmet is None:
        return None
    for seen in evidence.faults:
        problem = seen.fault.problem
        if one.unmet.search(searchable(problem.pt)):
            return Text(problem.pt.rstrip("."), problem.en.rstrip("."))
    return None


def _of_version(
    application: Application, one: Prerequisite, introduction: Introduction
) -> Finding | None:
    version, means = introduction.version, introduction.means
    new_enough = _reaches(version, one.since)
    if new_enough is None:
        return None
    seen = _VERSION.filled(version=version)
    if new_enough:
        return Finding(Aspect.PREREQUISITE, Verdict.OK, means, seen=seen)
    if one.only_if_used:
        unconfirmed = _of_person(application, one, None)
        return replace(unconfirmed, means=means, seen=_IN_USE.filled(version=version))
    details = {"application": application.name, "version": version, "since": one.since}
    fault = Fault("PRODUCT_TOO_OLD", details=details)
    return Finding(Aspect.PREREQUISITE, Verdict.WRONG, means, seen=seen, fault=fault)


def _reaches(version: str, since: str) -> bool | None:
    """Whether a version is one or newer; None where it says too little to tell."""
    try:
        at, needed = parts_of(version), parts_of(since)
    except ValueError:
        return None
    if len(at) < len(needed) and at == needed[: len(at)]:
        return None
    return at >= needed


def _of_person(application: Application, one: Prerequisite, known: Confirmation | None) -> Finding:
    if known:
        return Finding(Aspect.PREREQUISITE, Verdict.CONFIRMED, Means.PERSON)
    details: Details = {"application": application.name, "what": one.text, "rule": one.key}
    fault = Fault("PREREQUISITE_UNCONFIRMED", details=details)
    seen = _NO_VERSION if one.since else NOTHING
    return Finding(Aspect.PREREQUISITE, Verdict.TO_CONFIRM, Means.PERSON, seen=seen, fault=fault)
