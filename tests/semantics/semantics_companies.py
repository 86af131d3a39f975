"""T-09, D10: companies and branches have their pairs before anything else is sent."""

import pytest

from bus.core.delivery import State
from bus.core.envelope import Status
from bus.core.route import Deployment, IdScope, OnMissing, TranslatedBy
from bus.journal.commands import ChangeDepara
from depara.model import Key, SharedIds, Source
from tests.support.deployments import application, deployment, route
from tests.support.loopback import says_ok
from tests.support.messages import Message, question, step, unit
from tests.support.pairs import know
from tests.support.rig import Rigs, code_of

READERS = [TranslatedBy.APPLICATION, TranslatedBy.BUS]
LONG_ENOUGH = 6.0
"""Seconds after which the bus asks again for a pair that it knew."""


def between(by: TranslatedBy, **changes: object) -> Deployment:
    """Protheus sends to RM, whose ids that one writes; RM has an office of its own."""
    settings: dict[str, object] = {"de_para": by, "id_scope": IdScope.WHOLE, "references": {}}
    reader = application("rm", **(settings | changes))
    kinds = frozenset({"internalidload", *route("rm").transactions})
    return deployment(route("rm", transactions=kinds), applications=[reader])


def company_load(origin: str) -> bytes:
    """A load of one company, called so by its sender."""
    content = {"ExecutionIdentifier": "1"}
    message = Message(transaction="InternalIdLoad", version="1.000", content=content, event="")
    records = (
        "<ListOfEntity><Entity><EntityName>Company</EntityName><ListOfInternalIdLoad>"
        f"<InternalIdLoad><NewIntegrationId>{origin}</NewIntegrationId></InternalIdLoad>"
        "</ListOfInternalIdLoad></Entity></ListOfEntity></BusinessContent>"
    )
    return message.xml().replace(b"</BusinessContent>", records.encode())


@pytest.mark.rule("T-09")
@pytest.mark.parametrize("by", READERS)
class Companies:
    """Whoever translates: nothing is sent about a company or branch that has no pair there."""

    @pytest.mark.parametrize("message", [unit(), step()], ids=["register", "movement"])
    async def test_it_waits_for_its_company(
        self, rigs: Rigs, by: TranslatedBy, message: Message
    ) -> None:
        """Nothing is sent before; the pair of another branch is another one."""
        bus = await rigs.start(between(by))
        await know(bus, "Company", "protheus:01|02", "rm:9|2")

        id_ = await bus.accepted(message)
        await bus.reaches(id_, State.AWAITING_DEPARA)
        (wait,) = (await bus.trace(id_)).waits
        assert (wait.key.entity, wait.key.id) == ("Company", "01|01")
        assert bus.app("rm").calls == []
        await know(bus, "Company", "protheus:01|01", "rm:9|1")
        await bus.reaches(id_, State.DELIVERED)

    async def test_a_caller_is_told_at_once(self, rigs: Rigs, by: TranslatedBy) -> None:
        """Of company, branch, both applications, and the command that adds the pair."""
        bus = await rigs.start(between(by))

        reception = await bus.post(unit(company="99", branch="98", mode="Sync"))

        told = bus.response_in(reception)
        assert (told.status, code_of(reception)) == (Status.ERROR, "COMPANY_MISSING")
        text = told.notes[0].text
        assert all(word in text for word in ("empresa 99", "filial 98", "de protheus", "rm não"))
        assert "bus depara set Company 'protheus:99|98' rm:ID" in text
        await bus.reaches(reception.message, State.DISCARDED)
        assert bus.app("rm").calls == []

    async def test_a_load_of_companies_brings_the_pair(self, rigs: Rigs, by: TranslatedBy) -> None:
        """It passes without one, and what waited goes on."""
        bus = await rigs.start(between(by))
        id_ = await bus.accepted(unit())
        await bus.reaches(id_, State.AWAITING_DEPARA)
        bus.app("rm").will(says_ok(("Company", "01|01", "9|1")))

        await bus.reaches(await bus.accepted(company_load("01|01")), State.DELIVERED)

        await bus.reaches(id_, State.DELIVERED)

    async def test_a_question_needs_none(self, rigs: Rigs, by: TranslatedBy) -> None:
        """It changes nothing; who writes its reader's ids needs the pair for the header alone."""
        bus = await rigs.start(between(by))

        id_ = await bus.accepted(question())

        waits = by is TranslatedBy.BUS
        await bus.reaches(id_, State.AWAITING_DEPARA if waits else State.DELIVERED)

    async def test_a_message_of_no_company_needs_none(self, rigs: Rigs, by: TranslatedBy) -> None:
        """There is nothing to look up."""
        bus = await rigs.start(between(by))

        id_ = await bus.accepted(unit(company="", branch=""))
        await bus.reaches(id_, State.DELIVERED)

    async def test_equal_companies_are_declared(self, rigs: Rigs, by: TranslatedBy) -> None:
        """By the rule that the two share their ids."""
        made = between(by)
        shared = (SharedIds("Company", frozenset({"protheus", "rm"})),)
        bus = await rigs.start(
            Deployment(made.number, made.applications, made.routes, shared_ids=shared)
        )

        id_ = await bus.accepted(unit())
        await bus.reaches(id_, State.DELIVERED)

    async def test_an_application_may_take_any(self, rigs: Rigs, by: TranslatedBy) -> None:
        """It says so of itself."""
        bus = await rigs.start(between(by, references={"company": OnMissing.KEEP}))

        id_ = await bus.accepted(unit())
        await bus.reaches(id_, State.DELIVERED)

    async def test_a_pair_that_is_gone_is_missed(self, rigs: Rigs, by: TranslatedBy) -> None:
        """What was known of it holds for seconds."""
        bus = await rigs.start(between(by))
        await know(bus, "Company", "protheus:01|01", "rm:9|1")
        await bus.reaches(await bus.accepted(unit()), State.DELIVERED)
        parts = (Key("Company", "protheus", "", "01|01"),)
        await bus.store.crossreference.amend(ChangeDepara("ana", Source.PERSON, parts=parts))
        bus.clock.advance(LONG_ENOUGH)

        id_ = await bus.accepted(unit("KG"))
        await bus.reaches(id_, State.AWAITING_DEPARA)
