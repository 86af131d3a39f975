"""What the de-para tells of an application: companies, same codes, orphans, suspicious pairs."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

from bus.core.contract import Contract, Lifecycle
from bus.core.diagnose import CODES, of_companies
from bus.core.diagnosis import Aspect, Finding, Means, Verdict
from bus.core.envelope import Event
from bus.core.errors import Fault, Refusal
from bus.core.identity import scope_of
from bus.core.route import Application, Deployment
from bus.core.subject import business_keys_by, subject_by
from bus.core.text import Details, Text, same
from bus.core.translation import COMPANY, SEPARATOR, company_id, is_blank
from bus.journal.rows import MessageRow
from bus.ports.depara import PairFilter, every_row
from bus.ports.history import Filter
from bus.ports.ports import Ports
from depara.model import Key, PairRow
from depara.orphans import alone, colliding, too_long

READ = 200
"""Messages of a register that are read for their natural keys, the newest."""
SHOWN = 20
"""Pairs of an application that are shown where their natural keys disagree."""
UNIT = "UnitOfMeasureCode"
CODE = "Code"
NATURAL_KEYS = (CODE, "GovernmentalId", UNIT)
"""The business keys that name a thing whatever its system: its code, its CNPJ or CPF, its unit."""

_KINDS = {
    "alone": Text("sem par: {count}", "without a pair: {count}"),
    "colliding": Text("que um leitor confunde: {count}", "alike to a reader: {count}"),
    "too_long": Text("longos demais: {count}", "too long: {count}"),
}
_NO_SUCH = Text("fora do de-para de {application}", "not in the de-para of {application}")
_NO_PAIR = Text("sem par", "without a pair")
_OTHER_CODE = Text("lá o código é “{code}”", "its code there is “{code}”")


# -- companies (T-09) ------------------------------------------------------------------------------


async def companies(
    ports: Ports, application: Application, readers: Iterable[str], messages: Iterable[MessageRow]
) -> list[Finding]:
    """For each reader, whether the companies that the application sends have their pairs."""
    sent = sorted({_company_of(row) for row in messages if names_company(row)})
    keys = {one: Key(COMPANY, application.name, "", one) for one in sent}
    known = await ports.crossreference.known(list(keys.values()))
    paired = await every_row(
        ports.crossreference, PairFilter(entity=COMPANY, application=application.name)
    )
    found = []
    for reader in readers:
        if _share(ports.deployment(), COMPANY, application.name, reader):
            continue
        missing: list[str] | None = [
            one
            for one, key in keys.items()
            if all(row.application != reader for row in known.get(key, ()))
        ]
        if not any(row.application == reader for row in paired) and not missing:
            missing = None
        found.append(of_companies(application.name, reader, missing))
    return found


def names_company(row: MessageRow) -> bool:
    """Whether a message is of a company."""
    return not is_blank(_company_of(row))


def _company_of(row: MessageRow) -> str:
    return company_id(row.company, row.branch.strip() and row.branch)


def _share(deployment: Deployment, entity: str, one: str, other: str) -> bool:
    return any(
        rule.entity.casefold() == entity.casefold() and {one, other} <= set(rule.applications)
        for rule in deployment.shared_ids
    )


# -- codes that must be the same (T-51) ------------------------------------------------------------


async def same_codes(
    ports: Ports,
    application: Application,
    partners: Iterable[str],
    codes: Mapping[str, tuple[str, ...]],
) -> list[Finding]:
    """For each partner, whether codes of an entity mean the same there; the last part is the code.

    An id is opaque to the bus wherever it decides; here a person is only shown what looks wrong.
    """
    found = []
    for entity, wanted in codes.items():
        rows = await every_row(ports.crossreference, PairFilter(entity=entity))
        for partner in partners:
            if _share(ports.deployment(), entity, application.name, partner):
                continue
            wrong = list(_unequal(rows, application.name, partner, entity, wanted))
            found += wrong or [
                Finding(
                    Aspect.UNITS,
                    Verdict.OK,
                    Means.DE_PARA,
                    CODES,
                    same(f"{partner}: {', '.join(wanted)}"),
                )
            ]
    return found


def _unequal(
    rows: Collection[PairRow], application: str, partner: str, entity: str, codes: Iterable[str]
) -> Iterator[Finding]:
    """The codes that are not the same, those of which one thing is wrong together."""
    wrong: dict[Text, list[str]] = {}
    for code in codes:
        if problem := _difference(rows, application, partner, code):
            wrong.setdefault(problem, []).append(code)
    for problem, alike in wrong.items():
        details: Details = {
            "application": application,
            "reader": partner,
            "entity": entity,
            "code": ", ".join(f"“{code}”" for code in alike),
            "problem": problem,
        }
        fault = Fault("CODES_DIFFER", details=details)
        yield Finding(Aspect.UNITS, Verdict.WRONG, Means.DE_PARA, CODES, same(partner), fault=fault)


def _difference(
    rows: Collection[PairRow], application: str, partner: str, code: str
) -> Text | None:
    mine = {row.identity for row in rows if row.application == application and _code(row) == code}
    there = [row for row in rows if row.application == partner]
    if not mine:
        return _NO_SUCH.filled(application=application)
    paired = [row for row in there if row.identity in mine]
    if not paired:
        return _NO_PAIR
    other = next((row for row in paired if _code(row) != code), None)
    return _OTHER_CODE.filled(code=_code(other)) if other else None


def _code(row: PairRow) -> str:
    return row.id.rpartition(SEPARATOR)[2].strip().upper()


# -- orphans and pairs that disagree (D11, D12) ----------------------------------------------------


async def orphans(
    rows: Collection[PairRow], applications: Mapping[str, Application]
) -> Mapping[str, Finding]:
    """By application, whether its ids have partners, and are told apart by who reads them."""
    counts = await asyncio.to_thread(_counted, rows, applications)
    named = {row.application for row in rows}
    return {
        name: _of_orphans(name, counts.get(name, Counter())) if name in named else _NO_IDS
        for name in applications
    }


def _counted(
    rows: Collection[PairRow], applications: Mapping[str, Application]
) -> dict[str, Counter[str]]:
    readers = {name: one.id_limits for name, one in applications.items()}
    sections: dict[str, Iterable[PairRow]] = {
        "alone": alone(rows),
        "colliding": {row for group in colliding(rows, readers) for row in group},
        "too_long": too_long(rows, readers),
    }
    counts: dict[str, Counter[str]] = {}
    for kind, found in sections.items():
        for row in found:
            counts.setdefault(row.application, Counter())[kind] += 1
    return counts


_NO_IDS = Finding(
    Aspect.ORPHANS,
    Verdict.NOT_CHECKABLE,
    Means.DE_PARA,
    seen=Text("o de-para ainda não tem ids dela", "the de-para has no ids of it yet"),
)


def _of_orphans(application: str, counts: Counter[str]) -> Finding:
    if not counts:
        return Finding(Aspect.ORPHANS, Verdict.OK, Means.DE_PARA)
    told = [_KINDS[kind].filled(count=count) for kind, count in sorted(counts.items())]
    problem = Text(", ".join(one.pt for one in told), ", ".join(one.en for one in told))
    details: Details = {"application": application, "problem": problem}
    fault = Fault("PAIRS_TO_REVIEW", details=details)
    return Finding(Aspect.ORPHANS, Verdict.WRONG, Means.DE_PARA, fault=fault)


class Natural(NamedTuple):
    """What the newest message about an id says of the thing, by the name of the key."""

    key: Key
    values: Mapping[str, str]


async def suspicious(
    ports: Ports,
    rows: Collection[PairRow],
    applications: Mapping[str, Application],
    numbered: Mapping[str, Collection[str]],
) -> Mapping[str, tuple[Finding, ...]]:
    """By application, its pairs whose natural keys disagree, by the newest message of each side.

    `numbered` are, by application, the entities whose code it makes up itself.
    """
    natural = {
        one.key: one.values
        for application in applications.values()
        for contract in _registers(ports, applications, application)
        async for one in _told(
            ports, application, contract, made_up=contract.entity in numbered[application.name]
        )
    }
    members: dict[int, list[Key]] = {}
    for row in rows if natural else ():
        if row.key in natural:
            members.setdefault(row.identity, []).append(row.key)
    found: dict[str, list[Finding]] = {}
    compared: set[str] = set()
    for keys in members.values():
        for one, other in _across(keys):
            compared |= {one.application, other.application}
            disagreeing = list(_disagreements(one, other, natural[one], natural[other]))
            for key in (one, other):
                found.setdefault(key.application, []).extend(disagreeing)
    return {
        name: tuple(found.get(name, ())[:SHOWN]) or (_AGREE if name in compared else _UNCOMPARED,)
        for name in applications
    }


_AGREE = Finding(Aspect.SUSPICIOUS, Verdict.OK, Means.JOURNAL)
_UNCOMPARED = Finding(
    Aspect.SUSPICIOUS,
    Verdict.NOT_CHECKABLE,
    Means.JOURNAL,
    seen=Text(
        "de nenhum par vieram mensagens dos dois lados",
        "of no pair there are messages from both sides",
    ),
)


def _registers(
    ports: Ports, applications: Mapping[str, Application], application: Application
) -> list[Contract]:
    """The registers that an application sends and another sends too, by the routes."""
    sent = {name: set(ports.deployment().transactions_from(name)) for name in applications}
    others = set().union(*(names for name, names in sent.items() if name != application.name))
    return [
        contract
        for contract in ports.contracts.known()
        if contract.lifecycle is Lifecycle.REGISTER
        and contract.spellings & sent[application.name]
        and contract.spellings & others
    ]


async def _told(
    ports: Ports, application: Application, contract: Contract, *, made_up: bool
) -> AsyncIterator[Natural]:
    """What the messages of a register say of each id, the newest last; not a code made up."""
    names = NATURAL_KEYS[made_up:]
    chosen = Filter(sender=application.name, transaction=contract.transaction, limit=READ)
    messages = await ports.history.messages(chosen)
    for row, _ in reversed(messages):
        body = await ports.history.body(row.id)
        if row.version != contract.version or row.event == Event.DELETE or body is None:
            continue
        try:
            document = await ports.codec.read(body, row.carrier)
        except Refusal:
            continue
        paths = (*contract.telling_paths, UNIT)
        texts = dict(zip(paths, document.values(paths), strict=True))
        subject = subject_by(document.envelope, contract, texts)
        scope = scope_of(application, contract.entity, row.company, row.branch)
        key = Key(contract.entity, application.name, scope, subject.own_id)
        values = {**dict(business_keys_by(contract, texts)), UNIT: texts[UNIT]}
        yield Natural(key, {name: values[name] for name in names if values.get(name)})


def _across(keys: list[Key]) -> Iterator[tuple[Key, Key]]:
    """Each two ids of one thing at two applications."""
    for one, other in combinations(sorted(keys), 2):
        if one.application != other.application:
            yield one, other


def _disagreements(
    one: Key, other: Key, mine: Mapping[str, str], theirs: Mapping[str, str]
) -> Iterator[Finding]:
    for name in sorted(mine.keys() & theirs.keys()):
        if _comparable(mine[name]) != _comparable(theirs[name]):
            details = {
                "entity": one.entity,
                "one": f"{one.application}:{one.id}",
                "other": f"{other.application}:{other.id}",
                "key": name,
                "mine": mine[name],
                "theirs": theirs[name],
            }
            fault = Fault("PAIR_SUSPICIOUS", details=details)
            yield Finding(Aspect.SUSPICIOUS, Verdict.WRONG, Means.JOURNAL, fault=fault)


def _comparable(value: str) -> str:
    """A natural key without what people type in different ways: dots, blanks, leading zeros."""
    return "".join(each for each in value.casefold() if each.isalnum()).lstrip("0")
