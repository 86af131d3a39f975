"""D1 to D9: ids are learnt from answers, put in place of others, and waited for."""

import asyncio
from collections.abc import Mapping

import pytest

from bus.core.delivery import State
from bus.core.envelope import Status
from bus.core.errors import Fault
from bus.core.outcome import Outcome, Report
from bus.core.route import (
    Application,
    Deployment,
    IdScope,
    OnFailure,
    OnMissing,
    Route,
    Strictness,
    TranslatedBy,
)
from bus.journal.commands import ChangeDepara
from bus.journal.depara_rows import Provider
from bus.journal.facts import FactKind
from bus.ports.depara import PairFilter
from depara.model import Key, Link, Member, SharedIds, Source
from tests.support.contracts import PART
from tests.support.deployments import application, deployment, route
from tests.support.loopback import (
    Behaviour,
    Call,
    is_busy,
    is_unreachable,
    receives,
    refuses,
    says_ok,
)
from tests.support.messages import (
    Message,
    cancellation,
    currency,
    part,
    response,
    step,
    unit,
    vendor,
)
from tests.support.rig import Rig, Rigs

DAY = 86_400.0
KEEP_COMPANY: Mapping[str, OnMissing] = {"company": OnMissing.KEEP}


def reader(name: str = "omie", **changes: object) -> Application:
    """An application that keeps no de-para: what it reads is put into its ids."""
    settings: dict[str, object] = {
        "de_para": TranslatedBy.BUS,
        "id_scope": IdScope.WHOLE,
        "references": KEEP_COMPANY,
    }
    return application(name, **(settings | changes))


def sender(**changes: object) -> Application:
    """Protheus, whose ids name their company."""
    return application("protheus", **({"id_scope": IdScope.WHOLE} | changes))


def crossing(
    *routes: Route,
    applications: tuple[Application, ...] = (),
    shared_ids: tuple[SharedIds, ...] = (),
) -> Deployment:
    """Routes from Protheus, by default to omie alone."""
    made = deployment(
        *(routes or (route("omie"),)), applications=(sender(), reader(), HUB, *applications)
    )
    return Deployment(made.number, made.applications, made.routes, shared_ids)


def key(text: str, entity: str = "UnitOfMeasure", scope: str = "") -> Key:
    """`omie:77` as a key."""
    name, _, id_ = text.partition(":")
    return Key(entity, name, scope, id_)


HUB = application("rm", id_scope=IdScope.WHOLE)
"""RM keeps its own de-para."""


async def pairs(bus: Rig, one: str, entity: str = "UnitOfMeasure", scope: str = "") -> set[str]:
    """What a thing is called, everywhere."""
    asked = key(one, entity, scope)
    known = await bus.store.crossreference.known([asked])
    return {f"{row.application}:{row.id}" for row in known.get(asked, ())}


async def know(bus: Rig, one: str, other: str, entity: str = "UnitOfMeasure") -> None:
    """A person enters a pair, and who waits for it goes on."""
    link = Link(Member(key(one, entity)), (Member(key(other, entity)),))
    amended = await bus.store.crossreference.amend(
        ChangeDepara("ana", Source.PERSON, links=(link,))
    )
    bus.bus.dispatcher.wake(amended.woken)


def sent(bus: Rig, name: str = "omie", at: int = -1) -> dict[str, str]:
    """The content that an application was sent."""
    call = bus.app(name).calls[at]
    names = [element.path for element in PART.ids if "/" not in element.path] + ["JobInternalId"]
    values = call.document.values(names)
    return {name: value for name, value in zip(names, values, strict=True) if value}


class Learning:
    """D5, D6: an OK teaches the ids in it."""

    async def test_an_answer_teaches_the_pair_in_it(self, rigs: Rigs) -> None:
        """Origin is the sender's id, Destination the reader's, under their applications' names."""
        bus = await rigs.start(crossing())
        bus.app("omie").will(says_ok(("UnitOfMeasure", "01||UN", "77")))

        id_ = await bus.accepted(unit())
        await bus.reaches(id_, State.DELIVERED)

        assert await pairs(bus, "protheus:01||UN") == {"protheus:01||UN", "omie:77"}
        (fact,) = await bus.facts(id_, FactKind.LEARNT)
        assert fact.data["other"] == ["UnitOfMeasure", "omie", "", "77"]

    async def test_a_reader_with_its_own_de_para_teaches_too(self, rigs: Rigs) -> None:
        """The bus learns what it does not need for it (D1)."""
        bus = await rigs.start(crossing(route("rm")))
        bus.app("rm").will(says_ok(("UnitOfMeasure", "01||UN", "UN")))

        await bus.reaches(await bus.accepted(unit()), State.DELIVERED)

        assert await pairs(bus, "rm:UN") == {"protheus:01||UN", "rm:UN"}

    @pytest.mark.parametrize(
        ("entry", "reason"),
        [
            (("UnitOfMeasure", "01||UN", ""), "EMPTY_DESTINATION"),
            (("UnitOfMeasure", "01||OTHER", "77"), "ORIGIN_NEVER_SENT"),
        ],
    )
    async def test_what_is_not_learnt_is_told(
        self, rigs: Rigs, entry: tuple[str, str, str], reason: str
    ) -> None:
        """Each entry that teaches nothing is a fact with its reason."""
        bus = await rigs.start(crossing())
        bus.app("omie").will(says_ok(entry))

        id_ = await bus.accepted(unit())
        await bus.reaches(id_, State.DELIVERED)

        assert [fact.reason for fact in await bus.facts(id_, FactKind.NOT_LEARNT)] == [reason]
        assert await pairs(bus, "protheus:01||UN") == set()

    async def test_an_empty_origin_is_the_own_id_where_there_is_just_one(self, rigs: Rigs) -> None:
        """As products answer in practice."""
        bus = await rigs.start(crossing())
        bus.app("omie").will(says_ok(("", "", "77")))

        await bus.reaches(await bus.accepted(unit()), State.DELIVERED)

        assert await pairs(bus, "omie:77") == {"protheus:01||UN", "omie:77"}

    async def test_an_empty_origin_among_several_entries_teaches_nothing(self, rigs: Rigs) -> None:
        """Nobody knows which it means."""
        bus = await rigs.start(crossing())
        bus.app("omie").will(says_ok(("", "", "77"), ("", "", "78")))

        id_ = await bus.accepted(unit())
        await bus.reaches(id_, State.DELIVERED)

        told = [fact.reason for fact in await bus.facts(id_, FactKind.NOT_LEARNT)]
        assert told == ["EMPTY_ORIGIN", "EMPTY_ORIGIN"]

    async def test_an_origin_in_capitals_is_still_ours(self, rigs: Rigs) -> None:
        """Protheus puts ids in capitals before it looks them up."""
        bus = await rigs.start(crossing())
        bus.app("omie").will(says_ok(("UNITOFMEASUREINTERNALID", "01||KG", "9")))

        await bus.reaches(await bus.accepted(unit(code="Kg", id="01||Kg")), State.DELIVERED)

        assert await pairs(bus, "omie:9") == {"protheus:01||Kg", "omie:9"}

    @pytest.mark.parametrize(
        ("name", "entity"),
        [("PessoaInternalId", "Part"), ("pessoa", "Part"), ("UnitOfMeasure", "UnitOfMeasure")],
    )
    async def test_a_product_s_own_names_are_understood(
        self, rigs: Rigs, name: str, entity: str
    ) -> None:
        """By its profile, in any letter case; what the name means is learnt, with its qualifier."""
        named = reader(entry_names={"pessoa": ("Part", "vendor")})
        bus = await rigs.start(crossing(applications=(named,)))
        bus.app("omie").will(says_ok((name, "01||UN", "77")))

        await bus.reaches(await bus.accepted(unit()), State.DELIVERED)

        rows = await bus.store.crossreference.rows(PairFilter(application="omie"))
        told = {(row.entity, row.qualifier) for row in rows if row.application == "omie"}
        assert told == {(entity, "vendor" if entity == "Part" else "")}

    async def test_an_error_teaches_nothing(self, rigs: Rigs) -> None:
        """Only an OK does."""
        bus = await rigs.start(crossing())

        async def refuses_with_ids(call: Call) -> Report:
            ids = (("UnitOfMeasure", "01||UN", "77"),)
            answer = response(call.uuid, "ERROR", "no", ids=ids)
            details = {"application": "omie", "problem": "no"}
            return await call.report(Outcome.REFUSED, answer, Fault("REFUSED", details=details))

        bus.app("omie").will(refuses_with_ids)

        await bus.reaches(await bus.accepted(unit()), State.REFUSED)

        assert await pairs(bus, "omie:77") == set()

    async def test_a_conflict_leaves_the_delivery_delivered(self, rigs: Rigs) -> None:
        """The effect exists; the conflict is work for the admin, kept once (D5)."""
        bus = await rigs.start(crossing())
        await know(bus, "protheus:01||UN", "omie:1")
        bus.app("omie").always(says_ok(("UnitOfMeasure", "", "2")))

        first = await bus.accepted(unit())
        second = await bus.accepted(unit(description="Peça"))
        await bus.reaches(second, State.DELIVERED)

        assert await bus.states(first) == (State.DELIVERED,)
        assert await pairs(bus, "protheus:01||UN") == {"protheus:01||UN", "omie:1"}
        (conflict,) = await bus.store.crossreference.conflicts()
        assert conflict.other.key == key("omie:2")
        assert conflict.message == first
        assert [fact.kind for fact in await bus.facts(first, FactKind.CONFLICT)] == ["conflict"]

    async def test_a_response_that_comes_later_teaches_as_well(self, rigs: Rigs) -> None:
        """It is read in the ids that were sent."""
        bus = await rigs.start(crossing())
        await know(bus, "protheus:01||UN", "omie:1")
        bus.app("omie").will(receives())
        message = part(references={"UnitOfMeasureInternalId": "01||UN"})
        id_ = await bus.accepted(message)
        await bus.reaches(id_, State.AWAITING_RESPONSE)

        told = response(message.uuid, transaction="Part", ids=(("Part", "P1", "700"),))
        await bus.post(told, "omie")

        assert await bus.states(id_) == (State.DELIVERED,)
        assert await pairs(bus, "omie:700", "Part") == {"protheus:P1", "omie:700"}

    async def test_a_second_response_about_what_was_concluded_replaces_nothing(
        self, rigs: Rigs
    ) -> None:
        """A conflict for a person; the answer to a new attempt may replace (S13, D6)."""
        bus = await rigs.start(crossing(route("rm")))
        bus.app("rm").will(receives())
        message = unit()
        id_ = await bus.accepted(message)
        await bus.reaches(id_, State.AWAITING_RESPONSE)
        told = (("UnitOfMeasure", "01||UN", "UN"), ("UnitOfMeasure", "01||UN", "ZZ"))

        await bus.post(response(message.uuid, ids=told[:1]), "rm")
        await bus.post(response(message.uuid, ids=told[1:]), "rm")

        assert await pairs(bus, "protheus:01||UN") == {"protheus:01||UN", "rm:UN"}
        (conflict,) = await bus.store.crossreference.conflicts()
        assert (conflict.other.key, conflict.message) == (key("rm:ZZ"), id_)
        bus.app("rm").will(says_ok(*told[1:]))
        await bus.reaches(await bus.accepted(unit(description="Peça")), State.DELIVERED)
        assert await pairs(bus, "protheus:01||UN") == {"protheus:01||UN", "rm:ZZ"}

    async def test_a_second_response_to_a_delete_closes_nothing_that_came_since(
        self, rigs: Rigs
    ) -> None:
        """By then the id may be that of a new thing (D8)."""
        bus = await rigs.start(crossing(route("rm")))
        bus.app("rm").will(receives())
        message = unit(event="delete")
        await bus.reaches(await bus.accepted(message), State.AWAITING_RESPONSE)
        await bus.post(response(message.uuid), "rm")
        bus.app("rm").will(says_ok(("UnitOfMeasure", "01||UN", "UN")))
        await bus.reaches(await bus.accepted(unit()), State.DELIVERED)

        await bus.post(response(message.uuid, text="again"), "rm")

        assert await pairs(bus, "protheus:01||UN") == {"protheus:01||UN", "rm:UN"}

    async def test_a_load_of_pairs_teaches_each_register_s(self, rigs: Rigs) -> None:
        """Companies too, which no other message teaches (D10); a record in error teaches nothing."""
        load = route("rm", transactions=frozenset({"internalidload"}), strictness=Strictness.WARN)
        bus = await rigs.start(crossing(load))
        records = [("Branch", "1|1", "T1;D MG"), ("Project", "7", "P7"), ("Item", "9", "9")]
        bus.app("rm").will(
            loads(
                ("Branch", "1|1", "T1|D MG", "OK"),
                ("Project", "7", "P7", "OK"),
                ("Item", "9", "", "ERROR"),
            )
        )

        id_ = await bus.accepted(load_of(*records))
        await bus.reaches(id_, State.DELIVERED)

        assert await pairs(bus, "rm:T1|D MG", "Company") == {"protheus:1|1", "rm:T1|D MG"}
        assert await pairs(bus, "rm:P7", "Project") == {"protheus:7", "rm:P7"}
        rows = await bus.store.crossreference.rows(PairFilter())
        assert {row.source for row in rows} == {Source.LOAD}
        assert await bus.facts(id_, FactKind.NOT_LEARNT) == []

    @pytest.mark.rule("T-12")
    async def test_an_answer_teaches_no_second_company_group(self, rigs: Rigs) -> None:
        """The first that is known stands; the trace tells what was not learnt, and why."""
        load = route("rm", transactions=frozenset({"internalidload"}), strictness=Strictness.WARN)
        one_group = application("rm", id_scope=IdScope.WHOLE, one_company_group=True)
        bus = await rigs.start(crossing(load, applications=(one_group,)))
        await know(bus, "protheus:1|1", "rm:T1|D MG", "Company")
        bus.app("rm").will(
            loads(("Branch", "1|2", "T1|D SP", "OK"), ("Branch", "2|1", "T2|D MG", "OK"))
        )

        id_ = await bus.accepted(load_of(("Branch", "1|2", "?"), ("Branch", "2|1", "?")))
        await bus.reaches(id_, State.DELIVERED)

        assert await pairs(bus, "protheus:1|2", "Company") == {"protheus:1|2", "rm:T1|D SP"}
        assert await pairs(bus, "protheus:2|1", "Company") == set()
        (fact,) = await bus.facts(id_, FactKind.NOT_LEARNT)
        assert (fact.reason, fact.data["destination"]) == ("SECOND_COMPANY_GROUP", "T2|D MG")

    async def test_one_record_may_be_two_at_the_reader(self, rigs: Rigs) -> None:
        """A customer that is a vendor too: two ids, told apart by their endings (D7)."""
        endings = {"customervendor": {"C": "customer", "F": "vendor"}}
        bus = await rigs.start(crossing(applications=(reader(qualifiers=endings),)))
        both = (("CustomerVendor", "V1", "X|1|C"), ("CustomerVendor", "V1", "X|1|F"))
        bus.app("omie").will(says_ok(*both))
        await bus.reaches(await bus.accepted(vendor()), State.DELIVERED)

        id_ = await bus.accepted(part(references={"VendorInternalId": "V1"}))
        await bus.reaches(id_, State.DELIVERED)

        assert sent(bus)["VendorInternalId"] == "X|1|F"

    async def test_among_several_ids_nothing_is_chosen(self, rigs: Rigs) -> None:
        """A reference that names none of them waits for a person (D7)."""
        endings = {"customervendor": {"C": "customer", "F": "vendor"}}
        bus = await rigs.start(crossing(applications=(reader(qualifiers=endings),)))
        both = (("CustomerVendor", "V1", "X|1|C"), ("CustomerVendor", "V1", "X|1|F"))
        bus.app("omie").will(says_ok(*both))
        await bus.reaches(await bus.accepted(vendor()), State.DELIVERED)

        id_ = await bus.accepted(part(references={"OwnerInternalId": "V1"}))
        await bus.reaches(id_, State.AWAITING_DEPARA)
        (wait,) = await bus.store.crossreference.waits(id_)
        assert wait.provider is Provider.AMBIGUOUS
        gone = ChangeDepara("ana", Source.PERSON, parts=(key("omie:X|1|F", "CustomerVendor"),))
        bus.bus.dispatcher.wake((await bus.store.crossreference.amend(gone)).woken)
        await bus.reaches(id_, State.DELIVERED)

        assert sent(bus)["OwnerInternalId"] == "X|1|C"


class Several:
    """D7: a thing that is several records at the reader, which nothing tells apart."""

    @pytest.mark.rule("T-89")
    async def test_each_of_several_ids_gets_a_message_where_the_reader_wants_it(
        self, rigs: Rigs
    ) -> None:
        """One after the other, by an attempt each; it is delivered when all are."""
        bus = await rigs.start(crossing(applications=(reader(split_by=frozenset({"job"})),)))
        bus.app("omie").will(says_ok(("Job", "7", "700"), ("Job", "7", "701")))
        await bus.reaches(await bus.accepted(step()), State.DELIVERED)

        id_ = await bus.accepted(cancellation())
        await bus.reaches(id_, State.DELIVERED)

        assert [sent(bus, at=at)["JobInternalId"] for at in (1, 2)] == ["700", "701"]
        assert len(bus.app("omie").calls) == 3
        outcomes = [attempt.outcome for attempt in (await bus.trace(id_)).attempts]
        assert outcomes == ["delivered", "delivered"]

    async def test_those_that_had_their_message_get_no_other(self, rigs: Rigs) -> None:
        """What is repeated goes on where it stopped."""
        bus = await rigs.start(crossing(applications=(reader(split_by=frozenset({"job"})),)))
        bus.app("omie").will(says_ok(("Job", "7", "700"), ("Job", "7", "701")))
        await bus.reaches(await bus.accepted(step()), State.DELIVERED)
        bus.app("omie").will(says_ok(), is_busy())

        id_ = await bus.accepted(cancellation())
        await bus.reaches(id_, State.DELIVERED)

        used = [sent(bus, at=at)["JobInternalId"] for at in (1, 2, 3)]
        assert used == ["700", "701", "701"]

    async def test_what_the_others_of_a_message_are_called_is_no_turn(self, rigs: Rigs) -> None:
        """A company that is called as one of the ids takes no message away from it."""
        both = reader(split_by=frozenset({"job"}), references={})
        bus = await rigs.start(crossing(applications=(both,)))
        await know(bus, "protheus:01|01", "omie:1", "Company")
        bus.app("omie").will(says_ok(("Job", "7", "3"), ("Job", "7", "1"), ("Job", "7", "2")))
        await bus.reaches(await bus.accepted(step()), State.DELIVERED)

        await bus.reaches(await bus.accepted(cancellation()), State.DELIVERED)

        used = [sent(bus, at=at)["JobInternalId"] for at in range(1, len(bus.app("omie").calls))]
        assert used == ["3", "1", "2"]

    async def test_a_document_that_is_several_there_is_updated_and_deleted_as_each(
        self, rigs: Rigs
    ) -> None:
        """Only the last delete closes them; each answer teaches what it says."""
        bus = await rigs.start(crossing(applications=(reader(split_by=frozenset({"job"})),)))
        bus.app("omie").will(says_ok(("Job", "7", "700"), ("Job", "7", "701")))
        await bus.reaches(await bus.accepted(step()), State.DELIVERED)

        await bus.reaches(await bus.accepted(step(note="more")), State.DELIVERED)
        await bus.reaches(await bus.accepted(step(event="delete")), State.DELIVERED)

        assert [sent(bus, at=at)["InternalId"] for at in range(1, 5)] == ["700", "701"] * 2
        assert await pairs(bus, "protheus:7", "Job") == set()

    async def test_the_answer_for_one_of_several_teaches_before_the_next(self, rigs: Rigs) -> None:
        """It is learnt with the OK that tells it, as any other."""
        bus = await rigs.start(crossing(applications=(reader(split_by=frozenset({"job"})),)))
        bus.app("omie").will(says_ok(("Job", "7", "700"), ("Job", "7", "701")))
        await bus.reaches(await bus.accepted(step()), State.DELIVERED)
        bus.app("omie").will(says_ok(("CancelJob", "c7", "C1")), says_ok())

        await bus.reaches(await bus.accepted(cancellation()), State.DELIVERED)

        assert await pairs(bus, "omie:C1", "CancelJob") == {"protheus:c7", "omie:C1"}

    async def test_a_document_that_is_several_there_waits_for_a_person(self, rigs: Rigs) -> None:
        """It goes neither as an update under the sender's id, nor as a delete of all (D7)."""
        bus = await rigs.start(crossing())
        bus.app("omie").will(says_ok(("Job", "7", "700"), ("Job", "7", "701")))
        await bus.reaches(await bus.accepted(step()), State.DELIVERED)

        id_ = await bus.accepted(step(event="delete"))
        await bus.reaches(id_, State.AWAITING_DEPARA)

        (wait,) = await bus.store.crossreference.waits(id_)
        assert wait.provider is Provider.AMBIGUOUS
        assert len(bus.app("omie").calls) == 1
        assert len(await pairs(bus, "protheus:7", "Job")) == 3


class Translating:
    """D4: a reader without a de-para of its own reads its own ids."""

    async def test_a_reference_is_put_into_the_reader_s_id(self, rigs: Rigs) -> None:
        """And the substitution is kept with the attempt."""
        bus = await rigs.start(crossing())
        await know(bus, "protheus:01||UN", "omie:77")

        id_ = await bus.accepted(part(references={"UnitOfMeasureInternalId": "01||UN"}))
        await bus.reaches(id_, State.DELIVERED)

        assert sent(bus) == {"InternalId": "P1", "UnitOfMeasureInternalId": "77"}
        (attempt,) = (await bus.trace(id_)).attempts
        (swap,) = attempt.substitutions.swaps
        assert (swap.before, swap.after) == ("01||UN", "77")

    async def test_a_reader_with_its_own_de_para_reads_what_was_sent(self, rigs: Rigs) -> None:
        """Content, product, company and branch pass as they are (D1)."""
        bus = await rigs.start(crossing(route("rm")))
        await know(bus, "protheus:01||UN", "rm:77")

        await bus.accepted(part(references={"UnitOfMeasureInternalId": "01||UN"}))
        await bus.settled()

        assert sent(bus, "rm")["UnitOfMeasureInternalId"] == "01||UN"

    async def test_the_own_id_is_the_reader_s_once_it_is_known(self, rigs: Rigs) -> None:
        """Before, it is the sender's and marked new; the identification follows the content."""
        bus = await rigs.start(crossing())
        bus.app("omie").will(says_ok(("UnitOfMeasure", "01||UN", "77")))
        await bus.reaches(await bus.accepted(unit()), State.DELIVERED)
        assert bus.app("omie").calls[0].parcel.new

        await bus.reaches(await bus.accepted(unit(description="Peça")), State.DELIVERED)

        call = bus.app("omie").calls[1]
        assert not call.parcel.new
        assert sent(bus)["InternalId"] == "77"
        business = call.document.envelope.business
        assert getattr(business, "keys", ()) == (("InternalId", "77"),)

    async def test_a_second_upsert_teaches_nothing_false(self, rigs: Rigs) -> None:
        """The reader's Origin is its own id by then: it is read in the ids that were sent (D5)."""
        bus = await rigs.start(crossing())
        bus.app("omie").will(
            says_ok(("UnitOfMeasure", "01||UN", "77")), says_ok(("UnitOfMeasure", "77", "77"))
        )
        await bus.reaches(await bus.accepted(unit()), State.DELIVERED)

        id_ = await bus.accepted(unit(description="Peça"))
        await bus.reaches(id_, State.DELIVERED)

        assert await pairs(bus, "omie:77") == {"protheus:01||UN", "omie:77"}
        assert await pairs(bus, "protheus:77") == set()
        assert await bus.facts(id_, FactKind.NOT_LEARNT) == []
        assert len(await bus.store.crossreference.rows(PairFilter())) == 2

    async def test_an_empty_or_blank_reference_does_not_wait(self, rigs: Rigs) -> None:
        """It names nothing."""
        bus = await rigs.start(crossing())

        blank = {"UnitOfMeasureInternalId": "01|  |", "VendorInternalId": ""}
        id_ = await bus.accepted(part(references=blank))
        await bus.reaches(id_, State.DELIVERED)

        assert sent(bus)["UnitOfMeasureInternalId"] == "01|  |"

    async def test_what_no_contract_teaches_is_kept(self, rigs: Rigs) -> None:
        """It could not be waited for."""
        bus = await rigs.start(crossing())

        id_ = await bus.accepted(part(references={"ShelfInternalId": "S1"}))
        await bus.reaches(id_, State.DELIVERED)

        assert sent(bus)["ShelfInternalId"] == "S1"

    @pytest.mark.parametrize("by", ["unitofmeasure", "unitofmeasureinternalid"])
    async def test_a_reader_may_do_without_a_reference(self, rigs: Rigs, by: str) -> None:
        """By entity or by element."""
        wishes = {**KEEP_COMPANY, by: OnMissing.DROP}
        bus = await rigs.start(crossing(applications=(reader(references=wishes),)))

        id_ = await bus.accepted(part(references={"UnitOfMeasureInternalId": "01||UN"}))
        await bus.reaches(id_, State.DELIVERED)

        assert sent(bus) == {"InternalId": "P1"}

    async def test_the_company_of_a_currency_is_translated(self, rigs: Rigs) -> None:
        """CompanyInternalID is spelt like no other, and the header follows the same pair."""
        bus = await rigs.start(crossing(applications=(reader(references={}),)))
        await know(bus, "protheus:01|01", "omie:EMP|MATRIZ", "Company")
        message = currency()
        content = {"CompanyInternalID": "01|01", **message.content}
        whole = Message(
            transaction="Currency",
            version="2.001",
            content=content,
            entity="Currency",
            id="BRL",
        )

        id_ = await bus.accepted(whole)
        await bus.reaches(id_, State.DELIVERED)

        assert sent(bus)["CompanyInternalID"] == "EMP|MATRIZ"
        call = bus.app("omie").calls[-1]
        header = call.document.envelope.header
        assert (header.company, header.branch) == ("EMP", "MATRIZ")

    async def test_an_unmapped_company_is_waited_for(self, rigs: Rigs) -> None:
        """Companies and branches are set before any load (D10)."""
        bus = await rigs.start(crossing(applications=(reader(references={}),)))

        id_ = await bus.accepted(unit())
        await bus.reaches(id_, State.AWAITING_DEPARA)
        await know(bus, "protheus:01|01", "omie:1", "Company")

        await bus.reaches(id_, State.DELIVERED)

    @pytest.mark.rule("T-09")
    async def test_a_caller_is_told_of_the_unmapped_company(self, rigs: Rigs) -> None:
        """At once, by name: nothing is sent before companies and branches are set."""
        bus = await rigs.start(crossing(applications=(reader(references={}),)))

        reception = await bus.post(unit(mode="Sync"))

        told = bus.response_in(reception)
        assert (told.status, told.notes[0].code) == (Status.ERROR, "COMPANY_MISSING")
        assert "bus depara set Company 'protheus:01|01' omie:ID" in told.notes[0].text
        assert bus.app("omie").calls == []

    async def test_equal_ids_in_two_companies_stay_apart(self, rigs: Rigs) -> None:
        """Where the sender's ids do not name their company (D2)."""
        scoped = sender(id_scope=IdScope.COMPANY)
        bus = await rigs.start(crossing(applications=(scoped,)))
        bus.app("omie").will(
            says_ok(("UnitOfMeasure", "UN", "1")), says_ok(("UnitOfMeasure", "UN", "2"))
        )
        await bus.reaches(await bus.accepted(unit(id="UN", company="01")), State.DELIVERED)
        await bus.reaches(await bus.accepted(unit(id="UN", company="02")), State.DELIVERED)

        for company in ("01", "02"):
            named = part(references={"UnitOfMeasureInternalId": "UN"}, company=company)
            await bus.reaches(await bus.accepted(named), State.DELIVERED)

        used = [sent(bus, at=at)["UnitOfMeasureInternalId"] for at in (-2, -1)]
        assert used == ["1", "2"]

    async def test_a_rule_says_that_two_applications_use_the_same_ids(self, rigs: Rigs) -> None:
        """No pair is needed, and what one of them is known by serves the other (D10)."""
        rule = SharedIds("UnitOfMeasure", frozenset({"omie", "wis"}))
        bus = await rigs.start(
            crossing(route("wis"), applications=(reader("wis"),), shared_ids=(rule,))
        )
        await know(bus, "protheus:01||UN", "omie:77")

        id_ = await bus.accepted(part(references={"UnitOfMeasureInternalId": "01||UN"}))
        await bus.reaches(id_, State.DELIVERED)

        assert sent(bus, "wis")["UnitOfMeasureInternalId"] == "77"

    async def test_an_answer_s_list_of_ids_reaches_the_sender_unchanged(self, rigs: Rigs) -> None:
        """It is how partners learn; what else the answer refers to is put into the sender's ids."""
        bus = await rigs.start(
            crossing(route("rm"), applications=(reader("protheus", takes_answers=True),))
        )
        await know(bus, "protheus:P9", "rm:900", "Part")

        async def answers(call: Call) -> Report:
            told = response(call.uuid, transaction="Part", ids=(("Part", "P1", "700"),))
            more = b"<ReturnContent><PartInternalId>900</PartInternalId>"
            return await call.report(Outcome.DELIVERED, told.replace(b"<ReturnContent>", more))

        bus.app("rm").will(answers)
        id_ = await bus.accepted(part())
        await bus.answered()

        (answer,) = bus.app("protheus").answers
        assert [(one.origin, one.destination) for one in answer.ids] == [("P1", "700")]
        stored = await bus.bus.answers.stored(id_)
        assert stored is not None
        assert b"<PartInternalId>P9</PartInternalId>" in stored.body


class Waiting:
    """D9: what lacks an id waits for exactly that, and goes on by itself."""

    async def test_a_missing_id_is_named_and_waited_for(self, rigs: Rigs) -> None:
        """Entity, id, who wants it, where, and that nobody is known to bring it."""
        bus = await rigs.start(crossing())

        id_ = await bus.accepted(part(references={"UnitOfMeasureInternalId": "01||UN"}))
        await bus.reaches(id_, State.AWAITING_DEPARA)

        (wait,) = await bus.store.crossreference.waits(id_)
        assert wait.key == key("protheus:01||UN")
        assert (wait.reader, wait.path) == ("omie", "UnitOfMeasureInternalId")
        assert wait.provider is Provider.NEVER_SEEN
        assert bus.app("omie").calls == []
        (attempt,) = (await bus.trace(id_)).attempts
        assert attempt.fault
        assert attempt.fault.code == "DEPARA_MISSING"

    async def test_it_goes_on_when_the_register_has_arrived(self, rigs: Rigs) -> None:
        """The answer to the register wakes it, and nobody else's."""
        bus = await rigs.start(crossing())
        id_ = await bus.accepted(part(references={"UnitOfMeasureInternalId": "01||UN"}))
        other = await bus.accepted(part("P2", {"UnitOfMeasureInternalId": "01||KG"}))
        await bus.reaches(id_, State.AWAITING_DEPARA)
        await bus.reaches(other, State.AWAITING_DEPARA)
        bus.app("omie").will(says_ok(("UnitOfMeasure", "01||UN", "77")))

        await bus.accepted(unit())
        await bus.reaches(id_, State.DELIVERED)

        assert sent(bus) == {"InternalId": "P1", "UnitOfMeasureInternalId": "77"}
        assert await bus.states(other) == (State.AWAITING_DEPARA,)
        assert len((await bus.trace(other)).attempts) == 1, "only the pair's own are woken"
        assert await bus.store.crossreference.waits(id_) == ()

    async def test_fifty_that_wait_for_one_id_go_on_in_their_order(self, rigs: Rigs) -> None:
        """That of their acceptance."""
        one_by_one = reader(concurrency=1)
        bus = await rigs.start(crossing(applications=(one_by_one,)))
        ids = [
            await bus.accepted(part(f"P{n:02}", {"UnitOfMeasureInternalId": "01||UN"}))
            for n in range(50)
        ]
        for id_ in ids:
            await bus.reaches(id_, State.AWAITING_DEPARA)

        await know(bus, "protheus:01||UN", "omie:77")
        for id_ in ids:
            await bus.reaches(id_, State.DELIVERED)

        assert bus.app("omie").received == [f"P{n:02}" for n in range(50)]

    async def test_those_of_one_document_stay_in_order(self, rigs: Rigs) -> None:
        """What waits holds back those behind it, where none may be left out."""
        held = route("omie", on_failure=OnFailure.HOLD)
        bus = await rigs.start(crossing(held))
        first = await bus.accepted(part(references={"UnitOfMeasureInternalId": "01||UN"}))
        await bus.reaches(first, State.AWAITING_DEPARA)
        second = await bus.accepted(part(references={"ShelfInternalId": "S1"}))
        assert await bus.states(second) == (State.WAITING,)

        await know(bus, "protheus:01||UN", "omie:77")
        await bus.reaches(second, State.DELIVERED)

        assert [call.parcel.document.envelope.header.uuid for call in bus.app("omie").calls] == [
            (await bus.message(first)).uuid,
            (await bus.message(second)).uuid,
        ]

    async def test_a_newer_snapshot_takes_the_place_of_one_that_waits(self, rigs: Rigs) -> None:
        """A register's (S9), whether it came before or after the wait began."""
        bus = await rigs.start(crossing())
        first = await bus.accepted(part(references={"UnitOfMeasureInternalId": "01||UN"}))
        await bus.reaches(first, State.AWAITING_DEPARA)

        second = await bus.accepted(part(references={"ShelfInternalId": "S1"}))
        await bus.reaches(second, State.DELIVERED)

        assert await bus.states(first) == (State.DISCARDED,)
        assert await bus.store.crossreference.waits() == ()

    async def test_an_id_of_who_shares_the_reader_s_is_waited_for_where_that_one_has_it(
        self, rigs: Rigs
    ) -> None:
        """The scope in which a person is to enter it is its own (D2, D10)."""
        wis = reader("wis", id_scope=IdScope.BRANCH)
        rule = SharedIds("UnitOfMeasure", frozenset({"omie", "wis"}))
        bus = await rigs.start(crossing(applications=(wis,), shared_ids=(rule,)))

        id_ = await bus.accepted(part(references={"UnitOfMeasureInternalId": "01||UN"}))
        await bus.reaches(id_, State.AWAITING_DEPARA)

        waits = await bus.store.crossreference.waits(id_)
        assert {(one.reader, one.reader_scope) for one in waits} == {("omie", ""), ("wis", "01/01")}

    async def test_who_would_bring_the_id_is_told(self, rigs: Rigs) -> None:
        """The register under way, or stopped, with its message."""
        bus = await rigs.start(crossing())
        bus.app("omie").will(refuses())
        register = await bus.accepted(unit())
        await bus.reaches(register, State.REFUSED)

        id_ = await bus.accepted(part(references={"UnitOfMeasureInternalId": "01||UN"}))
        await bus.reaches(id_, State.AWAITING_DEPARA)

        (wait,) = await bus.store.crossreference.waits(id_)
        assert (wait.provider, wait.provided_by) == (Provider.STOPPED, register)

    async def test_after_its_age_limit_it_is_given_up(self, rigs: Rigs) -> None:
        """Seven days, unless said otherwise; then it needs a person (D9)."""
        bus = await rigs.start(crossing())
        id_ = await bus.accepted(part(references={"UnitOfMeasureInternalId": "01||UN"}))
        await bus.reaches(id_, State.AWAITING_DEPARA)

        bus.pass_time(6.9 * DAY)
        await bus.looked()
        assert await bus.states(id_) == (State.AWAITING_DEPARA,)
        bus.pass_time(0.2 * DAY)
        await bus.reaches(id_, State.DEAD)

        answer = await bus.answer(id_)
        assert answer is not None
        assert answer.status is Status.ERROR
        assert answer.notes[0].code == "DEPARA_TIMEOUT"

    async def test_a_synchronous_sender_is_told_the_pair_at_once(self, rigs: Rigs) -> None:
        """Nothing was sent, and nothing will be (S12)."""
        bus = await rigs.start(crossing())

        reception = await bus.post(
            part(references={"UnitOfMeasureInternalId": "01||UN"}, mode="Sync")
        )

        told = bus.response_in(reception)
        assert told.status is Status.ERROR
        assert told.notes[0].code == "DEPARA_MISSING"
        assert "UnitOfMeasure" in told.notes[0].text
        assert "01||UN" in told.notes[0].text
        assert reception.fault is not None
        assert reception.fault.status == 422
        assert await bus.states(reception.message) == (State.DISCARDED,)
        await know(bus, "protheus:01||UN", "omie:77")
        await bus.settled()
        assert bus.app("omie").calls == []

    async def test_a_pair_that_comes_while_it_is_missed_is_not_missed(self, rigs: Rigs) -> None:
        """It was learnt between the look and the commit: the delivery goes on at once."""
        bus = await rigs.start(crossing())
        entered = asyncio.Event()
        resume = asyncio.Event()
        crossings = bus.bus.ports.crossreference
        known = crossings.known

        async def slow(keys: object) -> object:
            found = await known(keys)  # type: ignore[arg-type]
            entered.set()
            await resume.wait()
            return found

        crossings.known = slow  # type: ignore[method-assign,assignment]
        id_ = await bus.accepted(part(references={"UnitOfMeasureInternalId": "01||UN"}))
        await entered.wait()
        await know(bus, "protheus:01||UN", "omie:77")
        resume.set()

        await bus.reaches(id_, State.DELIVERED)
        crossings.known = known  # type: ignore[method-assign]

    async def test_a_reader_that_lacks_the_id_is_waited_for_the_same_way(self, rigs: Rigs) -> None:
        """Its refusal names the id; the register delivered there wakes it."""
        bus = await rigs.start(crossing(route("rm")))
        bus.app("rm").will(lacks("Unidade de medida 01||UN não encontrada no de/para!"))
        id_ = await bus.accepted(part(references={"UnitOfMeasureInternalId": "01||UN"}))
        await bus.reaches(id_, State.AWAITING_DEPARA)
        assert len(bus.app("rm").calls) == 1

        await bus.accepted(unit())
        await bus.reaches(id_, State.DELIVERED)

        assert bus.app("rm").received == ["P1", "01||UN", "P1"]

    async def test_a_refusal_that_names_no_id_of_ours_is_a_refusal(self, rigs: Rigs) -> None:
        """There is nothing to wait for."""
        bus = await rigs.start(crossing(route("rm")))
        bus.app("rm").will(lacks("Marca 01|XYZ não encontrada no de/para!"))

        id_ = await bus.accepted(part(references={"UnitOfMeasureInternalId": "01||UN"}))

        await bus.reaches(id_, State.REFUSED)


def load_of(*records: tuple[str, str, str]) -> bytes:
    """A load of pairs: entity, the sender's key, the code at the destination."""
    entities = "".join(
        f"<Entity><EntityName>{entity}</EntityName><ListOfInternalIdLoad><InternalIdLoad>"
        f"<NewIntegrationId>{key}</NewIntegrationId><IntegrationId>{code}</IntegrationId>"
        "</InternalIdLoad></ListOfInternalIdLoad></Entity>"
        for entity, key, code in records
    )
    message = Message(transaction="INTERNALIDLOAD", version="1.000", content={}, event="")
    content = f"<BusinessContent><ListOfEntity>{entities}</ListOfEntity></BusinessContent>"
    return message.xml().replace(b"<BusinessContent></BusinessContent>", content.encode())


def loads(*records: tuple[str, str, str, str]) -> Behaviour:
    """It says of each record whether it took it."""

    async def behave(call: Call) -> Report:
        returned = "".join(
            f"<EntityReturn><EntityName>{entity}</EntityName><ListOfInternalIdLoadReturn>"
            f"<InternalIdLoadReturn><OriginInternalId>{origin}</OriginInternalId>"
            f"<DestinationInternalId>{destination}</DestinationInternalId>"
            f"<Status>{status}</Status></InternalIdLoadReturn></ListOfInternalIdLoadReturn>"
            "</EntityReturn>"
            for entity, origin, destination, status in records
        )
        whole = f"<ReturnContent><ListOfEntityReturn>{returned}</ListOfEntityReturn>"
        told = response(call.uuid, transaction="INTERNALIDLOAD", version="1.000")
        return await call.report(
            Outcome.DELIVERED, told.replace(b"<ReturnContent>", whole.encode())
        )

    return behave


def lined(*lines: str, gone: str = "") -> bytes:
    """A part with lines, of which one may be deleted."""
    made = [f"<Line><InternalId>{line}</InternalId></Line>" for line in lines]
    if gone:
        made.append(f"<Line><Event>Delete</Event><InternalId>{gone}</InternalId></Line>")
    inner = f"</InternalId><ListOfLine>{''.join(made)}</ListOfLine></BusinessContent>"
    return part().xml().replace(b"</InternalId></BusinessContent>", inner.encode())


def lacks(text: str) -> Behaviour:
    """It keeps its own de-para, and an id is not in it."""

    async def behave(call: Call) -> Report:
        details = {"application": call.parcel.application.name, "problem": text}
        answer = response(call.uuid, "ERROR", text)
        return await call.report(
            Outcome.REFUSED, answer, Fault("DEPARA_MISSING_AT_RECEIVER", details=details)
        )

    return behave


class Deleting:
    """D8: what is deleted loses its ids."""

    async def test_a_delete_closes_the_pair(self, rigs: Rigs) -> None:
        """The reader's, and the sender's where nobody else holds the thing; it teaches nothing."""
        bus = await rigs.start(crossing())
        bus.app("omie").always(says_ok(("UnitOfMeasure", "01||UN", "77")))
        await bus.reaches(await bus.accepted(unit()), State.DELIVERED)
        bus.app("omie").always(says_ok(("UnitOfMeasure", "77", "77")))

        id_ = await bus.accepted(unit(event="delete"))
        await bus.reaches(id_, State.DELIVERED)

        assert sent(bus)["InternalId"] == "77"
        assert await pairs(bus, "protheus:01||UN") == await pairs(bus, "omie:77") == set()

    async def test_a_part_that_is_deleted_loses_its_ids(self, rigs: Rigs) -> None:
        """By the event beside it; the others of the document keep theirs."""
        bus = await rigs.start(crossing())
        lines = (("PartLine", "L1", "901"), ("PartLine", "L2", "902"))
        bus.app("omie").will(says_ok(("Part", "P1", "900"), *lines))
        await bus.reaches(await bus.accepted(lined("L1", "L2")), State.DELIVERED)

        await bus.reaches(await bus.accepted(lined("L1", gone="L2")), State.DELIVERED)

        assert await pairs(bus, "protheus:L1", "PartLine") == {"protheus:L1", "omie:901"}
        assert await pairs(bus, "protheus:L2", "PartLine") == set()

    async def test_what_a_reader_never_had_is_not_deleted_there(self, rigs: Rigs) -> None:
        """Discarded by rule, and the origin is told that all is well."""
        bus = await rigs.start(crossing())

        id_ = await bus.accepted(unit(event="delete"))
        await bus.reaches(id_, State.DISCARDED)

        assert bus.app("omie").calls == []
        answer = await bus.answer(id_)
        assert answer is not None
        assert (answer.status, answer.notes[0].code) == (Status.OK, "NOTHING_TO_DELETE")

    async def test_a_reader_with_its_own_de_para_is_sent_the_delete(self, rigs: Rigs) -> None:
        """It knows best."""
        bus = await rigs.start(crossing(route("rm")))

        id_ = await bus.accepted(unit(event="delete"))
        await bus.reaches(id_, State.DELIVERED)

        assert bus.app("rm").received == ["01||UN"]

    async def test_a_cancellation_refers_to_what_it_cancels(self, rigs: Rigs) -> None:
        """Its target is a reference, put into the reader's id (D4)."""
        bus = await rigs.start(crossing())
        bus.app("omie").will(says_ok(("Job", "7", "700")))
        await bus.reaches(await bus.accepted(step()), State.DELIVERED)

        await bus.reaches(await bus.accepted(cancellation()), State.DELIVERED)

        assert sent(bus)["JobInternalId"] == "700"


class Amending:
    """D11: what people change is kept, shown, and can be taken back."""

    async def test_a_change_is_taken_back_and_tells_who_used_it(self, rigs: Rigs) -> None:
        """The messages that were sent with the pair are named; not those that never left."""
        bus = await rigs.start(crossing())
        bus.app("omie").always(is_unreachable())
        link = Link(Member(key("protheus:01||UN")), (Member(key("omie:66")),))
        store = bus.store.crossreference
        made = await store.amend(ChangeDepara("ana", Source.PERSON, "typing", links=(link,)))
        id_ = await bus.accepted(part(references={"UnitOfMeasureInternalId": "01||UN"}))
        await bus.until(lambda: _was_tried(bus, id_), "it could not be sent")
        assert await store.uses(made.change) == ()
        bus.app("omie").always(says_ok())
        bus.pass_time(DAY)
        await bus.reaches(id_, State.DELIVERED)

        assert await store.uses(made.change) == (id_,)
        undone = await store.amend(ChangeDepara("ana", Source.PERSON, undoes=made.change))

        assert undone.change > made.change
        assert undone.against == ()
        assert await pairs(bus, "protheus:01||UN") == set()
        rows, changes = await store.history(key("protheus:01||UN"))
        assert {row.closed_by for row in rows} == {undone.change}
        assert [change.reason for change in changes] == ["typing", ""]

    async def test_the_past_can_be_asked(self, rigs: Rigs) -> None:
        """As of a time."""
        bus = await rigs.start(crossing())
        await know(bus, "protheus:01||UN", "omie:1")
        before = bus.clock.now()
        bus.clock.advance(60)
        link = Link(Member(key("protheus:01||UN")), (Member(key("omie:2")),))
        store = bus.store.crossreference
        await store.amend(ChangeDepara("ana", Source.PERSON, links=(link,), replace=True))

        now = await store.rows(PairFilter(application="omie"))
        then = await store.rows(PairFilter(application="omie", at=before + 1_000_000))

        assert {row.id for row in now} == {"01||UN", "2"}
        assert {row.id for row in then} == {"01||UN", "1"}

    async def test_a_dry_run_changes_nothing(self, rigs: Rigs) -> None:
        """It tells what would come of it."""
        bus = await rigs.start(crossing())
        await know(bus, "protheus:01||UN", "omie:1")
        links = tuple(
            Link(Member(key(one)), (Member(key(other)),))
            for one, other in [
                ("protheus:01||UN", "omie:1"),
                ("protheus:01||UN", "omie:2"),
                ("protheus:01||KG", "omie:3"),
            ]
        )
        asked = ChangeDepara("ana", Source.FILE, links=links, dry=True)

        told = await bus.store.crossreference.amend(asked)

        assert told.change == 0
        assert [one.verdict for one in told.linked] == ["same", "conflict", "added"]
        assert await pairs(bus, "protheus:01||KG") == set()

    async def test_the_parts_of_a_file_are_one_change(self, rigs: Rigs) -> None:
        """Also beside another's, and by another worker, until it ends or is undone."""
        bus = await rigs.start(crossing())
        await know(bus, "protheus:01||UN", "omie:1")

        first = await self.part_of_file(bus, "a", "protheus:01||KG", "omie:2")
        other = await self.part_of_file(bus, "b", "protheus:01||L", "omie:3")
        same = await self.part_of_file(bus, "a", "protheus:01||KG", "omie:2")
        bus = await rigs.start(crossing())
        last = await self.part_of_file(bus, "a", "protheus:01||M", "omie:4", more=False)
        anew = await self.part_of_file(bus, "a", "protheus:01||H", "omie:5")
        store = bus.store.crossreference
        undone = await store.amend(ChangeDepara("ana", Source.PERSON, undoes=first))
        again = await self.part_of_file(bus, "b", "protheus:01||CM", "omie:6")
        await store.amend(ChangeDepara("ana", Source.PERSON, undoes=other))
        begun = await self.part_of_file(bus, "b", "protheus:01||CM", "omie:6")

        assert (first, same, last) == (first, first, first)
        assert len({first, other, anew, undone.change, begun}) == 5
        assert again == other
        assert {row.id for row in await store.rows(PairFilter(application="omie"))} == {
            *("01||UN", "1", "01||H", "5", "01||CM", "6")
        }

    async def part_of_file(
        self, bus: Rig, file: str, one: str, other: str, *, more: bool = True
    ) -> int:
        """The change that a part of a file belongs to."""
        links = (Link(Member(key(one)), (Member(key(other)),)),)
        asked = ChangeDepara("ana", Source.FILE, links=links, whole=file, more=more)
        return (await bus.store.crossreference.amend(asked)).change

    async def test_a_conflict_is_settled_by_a_person(self, rigs: Rigs) -> None:
        """And is open no more."""
        bus = await rigs.start(crossing())
        await know(bus, "protheus:01||UN", "omie:1")
        bus.app("omie").always(says_ok(("UnitOfMeasure", "", "2")))
        await bus.reaches(await bus.accepted(unit()), State.DELIVERED)
        store = bus.store.crossreference
        (conflict,) = await store.conflicts()
        link = Link(Member(key("protheus:01||UN")), (Member(key("omie:2")),))

        await store.amend(
            ChangeDepara("ana", Source.PERSON, links=(link,), replace=True, settles=conflict.number)
        )

        assert await store.conflicts() == ()
        assert await pairs(bus, "omie:2") == {"protheus:01||UN", "omie:2"}


async def _was_tried(bus: Rig, message: str) -> bool:
    return any(one.outcome for one in (await bus.trace(message)).attempts)
