"""Where pairs are made, an application of one company group gets none of a second (T-12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bus.core.company_group import SECOND_GROUP, Groups, group_of
from bus.core.contract import Contract
from bus.core.learning import LOAD, Lesson, NotLearnt, entity_named
from bus.core.outcome import Outcome, Report
from bus.core.route import Application
from bus.core.translation import COMPANY, SEPARATOR
from bus.ports.codec import Document
from bus.ports.depara import PairFilter, every_row
from bus.ports.ports import Ports
from depara.model import Key, Link

BETWEEN_PARTS = ";"
"""What parts the code of a record in a load, where an id has a bar."""


class CompanyGroups:
    """Knows which company group an application has, by its pairs of companies."""

    def __init__(self, ports: Ports) -> None:
        self._crossreference = ports.crossreference
        self._deployment = ports.deployment

    async def of(
        self, keys: Iterable[Key], said: Mapping[str, Iterable[str]] | None = None
    ) -> Groups:
        """The groups of those applications that some ids are of; `said` are told beforehand."""
        applications = self._deployment().applications
        groups = dict(said or {})
        for name in {key.application for key in keys if key.entity == COMPANY} - groups.keys():
            one = applications.get(name)
            if one is not None and one.one_company_group:
                groups[name] = await self._known(name)
        return Groups({name: each for name, each in groups.items() if each})

    async def _known(self, application: str) -> list[str]:
        chosen = PairFilter(entity=COMPANY, application=application)
        rows = await every_row(self._crossreference, chosen)
        mine = {group_of(row.id) for row in rows if row.application == application}
        return sorted(mine - {""})

    async def of_load(
        self, contract: Contract | None, document: Document, reader: Application
    ) -> Report | None:
        """A refusal of a load that names a company of a second group: nothing of it is sent."""
        if contract is None or contract.entity != LOAD or not reader.one_company_group:
            return None
        keys = tuple(_named_in(document, reader))
        groups = await self.of(keys)
        fault = next((no for key in keys if (no := groups.against(reader, key))), None)
        return Report(Outcome.REFUSED, fault=fault) if fault else None

    async def without_second(self, lesson: Lesson) -> Lesson:
        """A lesson without the pairs of a second group, which it tells as not learnt."""
        keys = [one.key for link in lesson.links for one in (link.one, *link.others)]
        if not any(key.entity == COMPANY for key in keys):
            return lesson
        groups = await self.of(keys)
        refused = [link for link in lesson.links if self._against(groups, link)]
        unlearnt = tuple(
            NotLearnt(SECOND_GROUP, COMPANY, link.one.key.id, other.key.id)
            for link in refused
            for other in link.others
        )
        kept = tuple(link for link in lesson.links if link not in refused)
        return lesson._replace(links=kept, unlearnt=(*lesson.unlearnt, *unlearnt))

    def _against(self, groups: Groups, link: Link) -> bool:
        applications = self._deployment().applications
        named = (
            (applications.get(one.key.application), one.key) for one in (link.one, *link.others)
        )
        return any(known and groups.against(known, key) for known, key in named)


def _named_in(document: Document, reader: Application) -> Iterable[Key]:
    """The reader's companies that a load names; a code of one part does not tell its group."""
    names = {COMPANY.casefold(): COMPANY}
    for register in document.content().all("ListOfEntity/Entity"):
        meant = entity_named(register.text_at("EntityName"), names, reader.entry_names)
        for record in register.all("ListOfInternalIdLoad/InternalIdLoad") if meant else ():
            id_ = record.text_at("IntegrationId").replace(BETWEEN_PARTS, SEPARATOR)
            if meant and meant[0] == COMPANY and SEPARATOR in id_:
                yield Key(COMPANY, reader.name, "", id_)
