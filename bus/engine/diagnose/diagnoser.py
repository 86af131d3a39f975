"""Diagnoses applications side by side: one that is dead holds up none of the others."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from bus.core import diagnose
from bus.core.activation import of_activation
from bus.core.contract import Lifecycle
from bus.core.diagnose import Wanted
from bus.core.diagnosis import (
    Admittance,
    Confirmation,
    Contact,
    Diagnosis,
    Evidence,
    Finding,
    Introduction,
)
from bus.core.envelope import MessageType
from bus.core.errors import BusFault, Fault, Refusal, SenderFault
from bus.core.profile import Profile, Proof
from bus.core.route import Application, Route
from bus.core.suggest import suggestion
from bus.core.text import Text
from bus.core.topics import of_topics
from bus.core.translation import COMPANY, SEPARATOR
from bus.engine.diagnose.contact import contact
from bus.engine.diagnose.de_para import (
    companies,
    names_company,
    orphans,
    same_codes,
    suspicious,
)
from bus.engine.diagnose.traffic import Traffic, not_its_own
from bus.engine.refused_logins import RefusedLogins
from bus.journal.commands import Confirm
from bus.journal.rows import MessageRow
from bus.ports.adapter import Listener
from bus.ports.depara import PairFilter, every_row
from bus.ports.ports import Ports
from depara.model import PairRow


class Diagnoser:
    """Finds out what is wrong around applications."""

    def __init__(
        self, ports: Ports, profiles: Mapping[str, Profile], refused: RefusedLogins
    ) -> None:
        self._ports = ports
        self._refused = refused
        self._profiles = profiles
        self._traffic = Traffic(ports)

    async def diagnose(self, name: str = "") -> tuple[Diagnosis, ...]:
        """What is found of one application, or of all; SenderFault where none has the name."""
        applications = self._ports.deployment().applications
        chosen = [self.application(name)] if name else list(applications.values())
        rows = await every_row(self._ports.crossreference, PairFilter())
        of_pairs = await orphans(rows, applications)
        numbered = {name: self._profile(one).numbered for name, one in applications.items()}
        doubts = await suspicious(self._ports, rows, applications, numbered)
        of_companies = [row for row in rows if row.entity == COMPANY]
        confirmed: dict[str, dict[str, Confirmation]] = {}
        for said in await self._ports.history.confirmations():
            confirmed.setdefault(said.application, {})[said.rule] = said
        return tuple(
            await asyncio.gather(
                *(
                    self._of(
                        one,
                        of_companies,
                        (of_pairs[one.name], *doubts[one.name]),
                        confirmed.get(one.name, {}),
                    )
                    for one in chosen
                )
            )
        )

    async def confirm(self, asked: Confirm) -> Confirmation:
        """Record that a person says that a prerequisite is met, or takes that back.

        SenderFault where there is no such application or prerequisite, or nothing to take back.
        """
        application = self.application(asked.application)
        known = [one.key for one in self._profile(application).prerequisites]
        rule = next((key for key in known if key.casefold() == asked.rule.casefold()), "")
        if not rule:
            details = {"application": application.name, **suggestion(asked.rule, known)}
            raise SenderFault(Fault("PREREQUISITE_UNKNOWN", "rule", details=details))
        said = {(one.application, one.rule) for one in await self._ports.history.confirmations()}
        if asked.withdrawn and (application.name, rule) not in said:
            told = {"application": application.name, "rule": rule}
            raise SenderFault(Fault("NOT_CONFIRMED", "rule", details=told))
        right = replace(asked, application=application.name, rule=rule)
        return await self._ports.journal.confirm(right)

    def application(self, name: str) -> Application:
        """An application by its name, in any letter case; SenderFault with the nearest."""
        applications = self._ports.deployment().applications
        found = applications.get(name.casefold())
        if found is None:
            details = suggestion(name, applications)
            raise SenderFault(Fault("UNKNOWN_APPLICATION", "application", details=details))
        return found

    async def _of(
        self,
        application: Application,
        of_companies: Iterable[PairRow],
        of_pairs: tuple[Finding, ...],
        confirmed: Mapping[str, Confirmation],
    ) -> Diagnosis:
        profile = self._profile(application)
        spoken = await contact(self._ports, application, profile.products)
        sent = await self._traffic.sent_by(application)
        introduction = await self._introduction(spoken, sent, profile)
        # What it only answered names the company of whoever asked.
        sent = tuple(row for row in sent if row.type == MessageType.BUSINESS)
        evidence = await self._evidence(application, introduction, sent, of_companies)
        messages = diagnose.of_messages(
            application, self._wanted(application), evidence.introduction
        )
        findings = [
            *of_activation(application, confirmed.values()),
            *diagnose.of_contact(application, spoken),
            *diagnose.of_admission(application, self._admission(application)),
            *of_topics(application, self._topics(application), confirmed.values()),
            *([] if _asks_for_messages(profile) else [messages]),
            *await self._of_partners(application, profile, sent),
            *of_pairs,
            *diagnose.of_faults(evidence.faults, delivers=evidence.delivers),
            diagnose.of_answers(
                application.name,
                await self._traffic.differing(application),
                delivers=evidence.delivers,
            ),
            *diagnose.of_prerequisites(
                application, profile.prerequisites, evidence, confirmed, messages
            ),
        ]
        return Diagnosis(application.name, application.product, tuple(findings))

    def _topics(self, application: Application) -> Mapping[str, Text]:
        """What it has to tell of by webhook; nothing where its adapter cannot be opened."""
        if not application.adapter:
            return {}
        try:
            adapter = self._ports.open_adapter(application)
        except Refusal:
            return {}
        return adapter.topics() if isinstance(adapter, Listener) else {}

    def _profile(self, application: Application) -> Profile:
        """What is known of its product; nothing where nobody described it, or nobody can tell."""
        product = application.product.casefold()
        try:
            return self._profiles[product]
        except (KeyError, BusFault):
            return Profile((application.product or application.name,))

    async def _introduction(
        self, spoken: Contact, sent: Sequence[MessageRow], profile: Profile
    ) -> Introduction:
        """What it says of itself when asked, else in what it sends."""
        introduction = spoken.introduction
        if introduction.version:
            return introduction
        told = await self._traffic.introduction(sent, profile.products)
        return Introduction(told.version, told.means, introduction.enabled)

    async def _evidence(
        self,
        application: Application,
        introduction: Introduction,
        sent: Sequence[MessageRow],
        of_companies: Iterable[PairRow],
    ) -> Evidence:
        named = {row.company for row in sent} | {
            row.id.partition(SEPARATOR)[0]
            for row in of_companies
            if row.application == application.name
        }
        return Evidence(
            introduction,
            not_its_own(sent, self._owned_by_others(application)),
            tuple(sorted(one for one in named if one.strip())),
            await self._traffic.faults(application),
            await self._traffic.delivers(application),
        )

    async def _of_partners(
        self, application: Application, profile: Profile, sent: Sequence[MessageRow]
    ) -> list[Finding]:
        readers = self._readers(application)
        partners = sorted({*readers, *self._writers(application)})
        needs_pairs = not profile.names_no_company or any(names_company(row) for row in sent)
        return [
            *(await companies(self._ports, application, readers, sent) if needs_pairs else ()),
            *await same_codes(self._ports, application, partners, profile.same_codes),
        ]

    def _admission(self, application: Application) -> Admittance:
        """Who was let in and who was not, as far as callers of this bus go."""
        applications = self._ports.deployment().applications.values()
        return self._refused.admission(
            application.name, [one.name for one in applications if one.login]
        )

    # -- what the routes say -----------------------------------------------------------------------

    def _routes_from(self, application: Application) -> list[Route]:
        return [r for r in self._ports.deployment().routes if r.origin == application.name]

    def _routes_to(self, application: Application) -> list[Route]:
        return [r for r in self._ports.deployment().routes if application.name in r.destinations]

    def _readers(self, application: Application) -> list[str]:
        """The applications that read messages of one, beside queries of the bus's own."""
        names = {name for route in self._routes_from(application) for name in route.destinations}
        return sorted(names - {application.name})

    def _writers(self, application: Application) -> list[str]:
        return sorted({r.origin for r in self._routes_to(application)} - {application.name})

    def _owned_by_others(self, application: Application) -> set[str]:
        """The registers that others send it and no route takes from it."""
        own = set(self._ports.deployment().transactions_from(application.name))
        registers = {
            name
            for contract in self._ports.contracts.known()
            if contract.lifecycle is Lifecycle.REGISTER
            for name in contract.spellings
        }
        routed = {name for r in self._routes_to(application) for name in r.transactions}
        return (routed & registers) - own

    def _wanted(self, application: Application) -> Iterator[Wanted]:
        """The messages that the routes bring an application, and those that they take from it."""
        for receives, routes, declared in (
            (True, self._routes_to(application), application.accepts),
            (False, self._routes_from(application), application.sends),
        ):
            asked = {name: route for route in routes for name in route.transactions}
            wanted = [
                self._one_wanted(name, route, declared.get(name), receives=receives)
                for name, route in sorted(asked.items())
            ]
            yield from {one.transaction: one for one in wanted}.values()

    def _one_wanted(
        self, name: str, route: Route, declared: frozenset[str] | None, *, receives: bool
    ) -> Wanted:
        contracts = [c for c in self._ports.contracts.known() if name in c.spellings]
        spellings = frozenset({name}).union(*(c.spellings for c in contracts))
        versions = declared or route.versions or frozenset(c.version for c in contracts)
        shown = contracts[0].transaction if contracts else name
        return Wanted(shown, spellings, versions, receives)


def _asks_for_messages(profile: Profile) -> bool:
    """Whether a prerequisite is about the adapters that it has: then that tells of them."""
    return any(one.proof is Proof.ENABLED for one in profile.prerequisites)
