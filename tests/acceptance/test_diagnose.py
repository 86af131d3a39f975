"""What a diagnosis finds, over SOAP, where one thing is wrong at a time."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from adapters.protheus.simulated import PROTHEUS
from adapters.rm.simulated import RM
from adapters.simulation.behaviour import Conduct, ScriptedConduct
from adapters.simulation.eai.outgoing import Outgoing, Value
from bus.clock import SystemClock
from bus.core.diagnosis import Aspect, Means, Presented, Verdict
from bus.core.envelope import DeliveryMode, MessageType
from bus.core.errors import Owner
from bus.engine.refused_logins import RefusedLogins
from bus.ports.history import Filter
from bus.testing.raw_server import Line, RawServer
from tests.support.diagnosed import (
    PASSWORD,
    Site,
    code,
    of,
    site,
    steps,
    until_put_off,
    until_quiet,
)
from tests.support.erp_messages import asynchronous, upsert

OK, WRONG, UNSEEN = Verdict.OK, Verdict.WRONG, Verdict.NOT_CHECKABLE
SELF_SIGNED = Path(__file__).parents[1] / "adapters" / "self_signed.pem"
STANDARD = ("H", "KM", "UN", "L")


@pytest.fixture
async def sound(tmp_path: Path) -> AsyncIterator[Site]:
    """Nothing is wrong with the way to either ERP."""
    async with site(tmp_path) as made:
        yield made


def _unit(code: str, mode: DeliveryMode = DeliveryMode.SYNC) -> Outgoing:
    return Outgoing("UnitOfMeasure", code, {"Description": code}, mode=mode)


# -- the way there ---------------------------------------------------------------------------------


@pytest.mark.rule("T-06", by="diagnose")
async def test_who_is_there_and_knows_us_is_right(sound: Site) -> None:
    """By an empty message, or a WhoIs where that one gets a Fault: both leave nothing there."""
    found = [await sound.found("rm"), await sound.found("p12")]

    assert [steps(one) for one in found] == [{"reachable": OK, "login": OK}] * 2
    means = [of(one, Aspect.REACHABLE, "T-06").means for one in found]
    assert means == [Means.WHO_IS, Means.EMPTY_MESSAGE]
    for erp in (sound.rm, sound.protheus):
        assert {entry.transaction for entry in erp.received} == {"WhoIs"}
        assert erp.doubles == ()


@pytest.mark.rule("T-06", by="diagnose")
async def test_who_is_gone_is_not_reached_and_holds_nobody_up(sound: Site) -> None:
    """What comes after that is not guessed; the other ERP is told as ever."""
    await sound.protheus.leave()
    found = {one.application: one for one in await sound.run.bus.diagnoser.diagnose()}

    assert steps(found["p12"]) == {"reachable": WRONG, "login": UNSEEN}
    wrong = of(found["p12"], Aspect.REACHABLE)
    assert (code(wrong), wrong.owner) == ("UNREACHABLE", Owner.RECEIVER)
    assert steps(found["rm"]) == {"reachable": OK, "login": OK}
    assert of(found["rm"], Aspect.PREREQUISITE, "T-08").verdict is OK


async def test_who_does_not_answer_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection without an answer is no EAI; the others have been told meanwhile."""
    monkeypatch.setattr("bus.engine.diagnose.contact.ANSWERED_WITHIN", 0.5)

    async def mute(line: Line) -> None:
        await line.ended_by_peer()

    async with RawServer(mute, mute) as server:
        address = f"http://127.0.0.1:{server.port}/EAISERVICE.apw"
        async with site(tmp_path, address=address) as made:
            found = await made.found()
            other = await made.found("rm")

    assert steps(found) == {"reachable": WRONG, "login": UNSEEN}
    assert code(of(found, Aspect.REACHABLE)) == "NOT_AN_EAI"
    assert steps(other) == {"reachable": OK, "login": OK}


async def test_a_wrong_password_is_told_as_such(tmp_path: Path) -> None:
    """The network is right; whoever keeps the bus must mend its credentials."""
    async with site(tmp_path, presented="another-one") as made:
        found = await made.found()

    assert steps(found) == {"reachable": OK, "login": WRONG}
    wrong = of(found, Aspect.LOGIN)
    assert (code(wrong), wrong.owner) == ("LOGIN_REFUSED_BY_RECEIVER", Owner.ADMIN)
    assert "another-one" not in repr(found)
    assert PASSWORD not in repr(found)


@pytest.mark.parametrize("trusted", [False, True])
async def test_a_certificate_that_nobody_vouches_for(tmp_path: Path, trusted: bool) -> None:
    """The server is there; the remedy names where its authority goes."""

    async def no_one(line: Line) -> None:
        await line.hear()
        await line.say(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")

    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(SELF_SIGNED)
    async with RawServer(no_one, tls=tls) as server:
        address = f"https://127.0.0.1:{server.port}/EAISERVICE.apw"
        option = f'"\n    options: {{ca_file: {SELF_SIGNED}}} #' if trusted else ""
        async with site(tmp_path, address=address + option) as made:
            found = await made.found()

    if trusted:
        assert steps(found) == {"reachable": OK, "tls": OK, "login": WRONG}
        return
    assert steps(found) == {"reachable": OK, "tls": WRONG, "login": UNSEEN}
    fault = of(found, Aspect.TLS).fault
    assert fault
    assert fault.code == "TLS_FAILED"
    assert "ca_file" in fault.remedy("pt")


@pytest.mark.parametrize("status", [b"200 OK", b"404 Not Found", b"502 Bad Gateway"])
async def test_a_page_in_place_of_an_answer_is_another_door(tmp_path: Path, status: bytes) -> None:
    """In the cloud the web application listens at another port than the service."""

    async def page(line: Line) -> None:
        await line.hear()
        body = b"<!DOCTYPE html><html><body>Protheus</body></html>"
        head = b"HTTP/1.1 %b\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n"
        await line.say(head % (status, len(body)) + body)

    async with RawServer(page, page) as server:
        address = f"http://127.0.0.1:{server.port}/"
        async with site(tmp_path, address=address) as made:
            found = await made.found()

    assert steps(found) == {"reachable": WRONG, "login": UNSEEN}
    assert code(of(found, Aspect.REACHABLE)) == "NOT_AN_EAI"
    assert of(found, Aspect.REACHABLE).owner is Owner.ADMIN


# -- being let in ----------------------------------------------------------------------------------


async def _knock(site: Site, user: str, password: str) -> int:
    """What the bus says to a call with a login; none without a user."""
    headers = {"Authorization": aiohttp.encode_basic_auth(user, password)} if user else {}
    address = f"{site.run.address}/EAIService"
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.post(address, data=b"<a/>") as told,
    ):
        return told.status


async def test_who_knocks_with_a_wrong_password_is_told(sound: Site) -> None:
    """From where, as whom, how often and since when; nothing of it once the login is right."""
    before = of(await sound.found(), Aspect.ADMISSION)
    statuses = [await _knock(sound, "p12", "misspelt") for _ in range(2)]
    found = of(await sound.found(), Aspect.ADMISSION)
    other = of(await sound.found("rm"), Aspect.ADMISSION)
    await _knock(sound, "p12", PASSWORD)
    after = of(await sound.found(), Aspect.ADMISSION)

    assert statuses == [401, 401]
    assert [before.verdict, other.verdict, after.verdict] == [UNSEEN, UNSEEN, OK]
    assert (found.verdict, code(found), found.owner) == (WRONG, "LOGIN_REFUSED_HERE", Owner.SENDER)
    assert found.seen.en.startswith("refused: 2; since ")
    assert found.fault
    assert found.fault.reason("en") == (
        "Somebody at 127.0.0.1 is refused by the bus; it presents user p12, wrong password."
    )
    assert "misspelt" not in repr(found)
    assert PASSWORD not in repr(found)


@pytest.mark.parametrize(
    ("user", "told"), [("secret", "a user that no application has"), ("", "no login")]
)
async def test_who_knocks_as_nobody_is_told_where_somebody_is_missing(
    sound: Site, user: str, told: str
) -> None:
    """The name is not: people type passwords there. Who is let in meanwhile is not suspected."""
    await _knock(sound, user, "x")
    alike = [of(await sound.found(name), Aspect.ADMISSION) for name in ("p12", "rm")]
    await _knock(sound, user, "x")
    without = [one for one in (await sound.found("wms")).findings if one.check is Aspect.ADMISSION]

    assert [one.verdict for one in alike] == [WRONG, WRONG]
    assert alike[0].fault
    assert told in alike[0].fault.reason("en")
    assert "secret" not in repr(alike)
    assert without == []


def test_of_callers_that_nobody_knows_those_who_are_let_in_are_not_suspected() -> None:
    """A caller elsewhere that is nobody's is the application that did not come."""
    refused = RefusedLogins(SystemClock())
    refused.refuse(Presented.UNKNOWN_USER, "10.0.0.9")
    refused.let_in("rm", "10.0.0.1")
    known = {name: refused.admission(name, ["rm", "p12"]).refused for name in ("rm", "p12")}
    refused.let_in("p12", "10.0.0.2")
    everybody = [refused.admission(name, ["rm", "p12"]).refused for name in ("rm", "p12")]
    refused.let_in("p12", "10.0.0.9")

    assert (known["rm"], [one.address for one in known["p12"]]) == ((), ["10.0.0.9"])
    assert [len(one) for one in everybody] == [1, 1]
    assert refused.admission("p12", ["rm", "p12"]).refused == ()


# -- versions and messages -------------------------------------------------------------------------


@pytest.mark.rule("T-11", by="diagnose")
@pytest.mark.parametrize(
    ("version", "verdict"),
    [("12.1.24", WRONG), ("12.1.25", OK), ("12.1.2310", OK), ("12.1", Verdict.TO_CONFIRM)],
)
async def test_protheus_must_be_new_enough(tmp_path: Path, version: str, verdict: Verdict) -> None:
    """Its answer to WhoIs names its version; one that says too little is asked of a person."""
    async with site(tmp_path, (RM, replace(PROTHEUS, version=version))) as made:
        found = of(await made.found(), Aspect.PREREQUISITE, "T-11")

    assert found.verdict is verdict
    assert verdict is not WRONG or code(found) == "PRODUCT_TOO_OLD"


@pytest.mark.rule("T-08", by="diagnose")
@pytest.mark.parametrize(
    ("version", "verdict"), [("12.1.25.300", WRONG), ("12.1.26", OK), ("12.1.2209.158", OK)]
)
async def test_rm_must_be_new_enough(tmp_path: Path, version: str, verdict: Verdict) -> None:
    """Numbers are compared one by one, as everywhere."""
    async with site(tmp_path, (replace(RM, version=version), PROTHEUS)) as made:
        found = of(await made.found("rm"), Aspect.PREREQUISITE, "T-08")

    assert found.verdict is verdict
    assert verdict is not WRONG or code(found) == "PRODUCT_TOO_OLD"


@pytest.mark.rule("T-94", by="diagnose")
@pytest.mark.parametrize(("version", "verdict"), [("12.1.30", Verdict.TO_CONFIRM), ("12.1.31", OK)])
async def test_what_needs_a_newer_rm_is_asked_of_who_has_an_older(
    tmp_path: Path, version: str, verdict: Verdict
) -> None:
    """An older RM will do for who does not split: a person says so."""
    async with site(tmp_path, (replace(RM, version=version), PROTHEUS)) as made:
        found = of(await made.found("rm"), Aspect.PREREQUISITE, "T-94")

    assert (found.verdict, found.means) == (verdict, Means.WHO_IS)
    assert version in found.seen.pt


async def test_the_version_of_another_product_says_nothing(tmp_path: Path) -> None:
    """Such as that of who asked, which some repeat in their answers."""
    other = replace(PROTHEUS, name="LOGIX", version="12.1.24")
    async with site(tmp_path, (RM, other)) as made:
        await made.protheus.send(upsert("Request", "000007", Type="000"))
        found = of(await made.found(), Aspect.PREREQUISITE, "T-11")

    assert found.verdict is Verdict.TO_CONFIRM


async def test_an_erp_without_who_is_names_its_version_in_what_it_sends(tmp_path: Path) -> None:
    """Where it has no WhoIs, its newest message counts; its messages are then a person's."""
    mute = tuple(one for one in PROTHEUS.entities if one.transaction != "WhoIs")
    old = replace(PROTHEUS, version="12.1.17", entities=mute)
    async with site(tmp_path, (RM, old)) as made:
        unseen = await made.found()
        await made.protheus.send(upsert("Request", "000007", Type="000"))
        seen = await made.found()

    assert steps(unseen) == {"reachable": OK, "login": OK}
    assert of(unseen, Aspect.PREREQUISITE, "T-11").verdict is Verdict.TO_CONFIRM
    assert of(unseen, Aspect.PREREQUISITE, "T-14").verdict is Verdict.TO_CONFIRM
    found = of(seen, Aspect.PREREQUISITE, "T-11")
    assert (found.verdict, found.means) == (WRONG, Means.JOURNAL)


@pytest.mark.rule("T-14", by="diagnose")
@pytest.mark.parametrize(
    ("lacking", "told"),
    [("Item", "Item 4.005 (receiving)"), ("Request", "Request 1.010 (sending)")],
)
async def test_each_message_of_the_routes_needs_an_adapter(
    tmp_path: Path, lacking: str, told: str
) -> None:
    """What its WhoIs does not list is named, with version and direction."""
    entities = tuple(one for one in PROTHEUS.entities if one.transaction != lacking)
    async with site(tmp_path, (RM, replace(PROTHEUS, entities=entities))) as made:
        found = of(await made.found(), Aspect.PREREQUISITE, "T-14")

    assert (found.verdict, found.owner) == (WRONG, Owner.RECEIVER)
    assert found.fault
    assert found.fault.reason("en").endswith(f"does not have: {told}.")


@pytest.mark.rule("T-14", by="diagnose")
async def test_an_adapter_at_another_version_will_not_do(tmp_path: Path) -> None:
    """The version is that of the route's contract."""
    entities = tuple(
        replace(one, versions=("4.001",)) if one.transaction == "Item" else one
        for one in PROTHEUS.entities
    )
    async with site(tmp_path, (RM, replace(PROTHEUS, entities=entities))) as made:
        found = of(await made.found(), Aspect.PREREQUISITE, "T-14")
        rm = await made.found("rm")

    assert code(found) == "MESSAGES_NOT_ENABLED"
    assert of(rm, Aspect.MESSAGES).verdict is OK


async def test_all_messages_of_the_routes_are_there(sound: Site) -> None:
    """Both ERPs list what the routes bring them and take from them."""
    assert of(await sound.found(), Aspect.PREREQUISITE, "T-14").verdict is OK
    assert of(await sound.found("rm"), Aspect.MESSAGES).verdict is OK


# -- the de-para -----------------------------------------------------------------------------------


@pytest.mark.rule("T-09")
async def test_companies_need_pairs(sound: Site) -> None:
    """None at first; then those that messages came from, each by its name."""
    before = of(await sound.found("rm"), Aspect.COMPANIES)
    await sound.pair("Company", "2|1", "01|02")
    paired = of(await sound.found("rm"), Aspect.COMPANIES)
    await sound.rm.send(_unit("CX"))
    await sound.pair("Company", "1|1", "9", "wms")
    another = of(await sound.found("rm"), Aspect.COMPANIES)
    await sound.pair("Company", "1|1", "01|01")
    after = of(await sound.found("rm"), Aspect.COMPANIES)

    assert [one.verdict for one in (before, paired, another, after)] == [WRONG, OK, WRONG, OK]
    assert (code(another), another.owner) == ("COMPANIES_UNPAIRED", Owner.ADMIN)
    assert another.fault
    assert another.fault.detail("missing") == "1|1"


async def test_an_answer_is_not_of_a_company_that_its_sender_has(sound: Site) -> None:
    """It names that of whoever asked, which asks for no pair and for no second company group."""
    await sound.pair("Company", "1|1", "01|01")
    sound.protheus.behave(ScriptedConduct(Conduct.RECEIPT))
    await sound.rm.send(asynchronous(_unit("AA")))
    async with asyncio.timeout(20):
        while not (sent := await sound.run.bus.history.messages(Filter(sender="p12"))):  # noqa: ASYNC110 - the answer comes by itself
            await asyncio.sleep(0.02)
    (answer, *_) = sent
    found = await sound.found()

    assert (answer[0].type, answer[0].company) == (MessageType.RESPONSE, "1")
    assert of(found, Aspect.COMPANIES).verdict is OK
    assert of(found, Aspect.PREREQUISITE, "T-12").verdict is Verdict.TO_CONFIRM


@pytest.mark.rule("T-51", by="diagnose")
async def test_standard_units_have_one_code(sound: Site) -> None:
    """One that is missing, one without a pair and one with another code are told; then all agree."""
    await sound.pair("Company", "1|1", "01|01")
    lacking = of(await sound.found(), Aspect.UNITS)
    await sound.pair("UnitOfMeasure", "1|H", "01| |HR")
    await sound.pair("UnitOfMeasure", "1|HORA", "01| |H")
    for unit in ("KM", "UN", "L"):
        await sound.rm.send(_unit(unit))
    differing = of(await sound.found(), Aspect.UNITS)

    assert code(lacking) == code(differing) == "CODES_DIFFER"
    assert lacking.fault
    assert lacking.fault.reason("en") == (
        "UnitOfMeasure is not the same in p12 and rm: “H”, “KM”, “UN”, “L”; not in the de-para of "
        "p12."
    )
    assert differing.fault
    assert differing.fault.reason("pt") == (
        "UnitOfMeasure não é igual em p12 e rm: “H”; lá o código é “HORA”."
    )


@pytest.mark.rule("T-51", by="diagnose")
async def test_standard_units_that_agree(sound: Site) -> None:
    """Once RM has sent them, each is itself."""
    await sound.pair("Company", "1|1", "01|01")
    for unit in STANDARD:
        await sound.rm.send(_unit(unit))

    assert of(await sound.found(), Aspect.UNITS).verdict is OK


async def test_ids_to_review_are_counted(sound: Site) -> None:
    """An id without a pair, and two that Protheus takes for one."""
    for code_ in ("abc", "ABC"):
        await sound.pair("Item", f"1|{code_}", f"01| |{code_}1")
    found = of(await sound.found("rm"), Aspect.ORPHANS)

    assert (found.verdict, code(found)) == (WRONG, "PAIRS_TO_REVIEW")
    assert found.fault
    assert found.fault.reason("en").endswith("alike to a reader: 2.")
    assert "bus depara orphans" in found.fault.remedy("en")


def _partner(code_: str, cnpj: str) -> Outgoing:
    fields: dict[str, Value] = {"Name": "Oficina", "Type": "Customer"}
    return Outgoing("CustomerVendor", code_, {**fields, "GovernmentalInformation": {"Id": cnpj}})


BACK = """
  back: {transactions: [CustomerVendor], from: p12, to: [rm], default_mode: sync, strictness: warn}
"""


async def test_a_pair_whose_cnpj_disagrees_is_suspicious(tmp_path: Path) -> None:
    """By the newest message of each side; how a number is written does not matter."""
    async with site(tmp_path, more=BACK) as made:
        await made.rm.send(_partner("C1", "11.222.333/0001-81"))
        await made.protheus.send(_partner("C1", "11222333000181"))
        await made.pair("CustomerVendor", "0|C1", "01|01|C1|01|C")
        agreeing = of(await made.found("rm"), Aspect.SUSPICIOUS)
        await made.protheus.send(_partner("C1", "22333444000181"))
        found = [of(await made.found(name), Aspect.SUSPICIOUS) for name in ("rm", "p12")]

    assert agreeing.verdict is OK
    assert [code(one) for one in found] == ["PAIR_SUSPICIOUS"] * 2
    assert found[0].fault
    assert found[0].fault.detail("key") == "GovernmentalId"
    assert {found[0].fault.detail("one"), found[0].fault.detail("other")} == {
        "p12:01|01|C1|01|C",
        "rm:0|C1",
    }


async def test_a_code_that_an_application_makes_up_itself_is_not_compared(tmp_path: Path) -> None:
    """Omie's clients have no code but its own number; their CNPJ is compared as ever."""
    async with site(tmp_path, more=BACK, product="OMIE") as made:
        await made.rm.send(_partner("C1", "11.222.333/0001-81"))
        await made.protheus.send(_partner("2500000001", "11222333000181"))
        await made.pair("CustomerVendor", "0|C1", "01|01|2500000001|01|C")
        agreeing = of(await made.found("rm"), Aspect.SUSPICIOUS)
        await made.protheus.send(_partner("2500000001", "22333444000181"))
        found = of(await made.found("rm"), Aspect.SUSPICIOUS)

    assert agreeing.verdict is OK
    assert found.fault
    assert found.fault.detail("key") == "GovernmentalId"


# -- what happened lately --------------------------------------------------------------------------


async def test_faults_of_late_are_told_with_their_number(sound: Site) -> None:
    """Alike ones once, with who must act; a diagnosis repeats none of them."""
    await sound.pair("Company", "1|1", "01|01")
    sound.protheus.behave(always=ScriptedConduct(Conduct.REFUSE, "Cadastro bloqueado"))
    for unit in ("AA", "BB"):
        await sound.rm.send(asynchronous(_unit(unit)))
    await until_quiet(sound)
    before = len(sound.protheus.heard)
    found = of(await sound.found(), Aspect.FAULTS)

    assert (found.verdict, code(found), found.owner) == (WRONG, "REFUSED", Owner.RECEIVER)
    assert found.seen.en == "2 deliveries; ask RM Nucleus"
    assert found.fault
    assert "Cadastro bloqueado" in found.fault.reason("pt")
    assert len(sound.protheus.heard) == before + 1  # the WhoIs


@pytest.mark.parametrize(
    ("conduct", "end"),
    [
        (Conduct.ANOTHER_TRANSACTION, "/Transaction"),
        (Conduct.WITHOUT_IDS, "/ListOfInternalId"),
        (Conduct.STRANGE_IDS, "/InternalId/Destination"),
    ],
)
async def test_answers_that_differ_are_told_with_an_example(
    sound: Site, conduct: Conduct, end: str
) -> None:
    """How many, the newest, and what it has wrong; they are delivered, and no faults."""
    await sound.pair("Company", "1|1", "01|01")
    right = of(await sound.found(), Aspect.ANSWERS)
    sound.protheus.behave(always=ScriptedConduct(conduct))
    for unit in ("AA", "BB"):
        await sound.rm.send(asynchronous(_unit(unit)))
    await until_quiet(sound)
    sound.protheus.behave()
    found = await sound.found()
    told = of(found, Aspect.ANSWERS)

    assert right.verdict is not WRONG
    assert (told.verdict, code(told), told.owner) == (WRONG, "ANSWER_DIFFERS", Owner.RECEIVER)
    assert told.fault
    assert told.fault.path.endswith(end)
    assert told.seen.en.startswith("2 answers of messages of the last 7 days")
    (newest, *_) = await sound.run.bus.history.messages(Filter(differs=True, destination="p12"))
    assert newest[0].id in told.seen.pt
    assert of(found, Aspect.FAULTS).verdict is OK


async def test_deliveries_that_wait_for_a_destination_are_told(sound: Site) -> None:
    """It is down: nobody must act on them, and yet they do not go."""
    await sound.pair("Company", "1|1", "01|01")
    await sound.protheus.leave()
    await sound.rm.send(asynchronous(_unit("AA")))
    await until_put_off(sound)
    found = of(await sound.found(), Aspect.FAULTS)

    assert (found.verdict, code(found)) == (WRONG, "UNREACHABLE")
    assert found.seen.en == "1 delivery; ask RM Nucleus"


async def test_what_callers_were_refused_for_counts_until_something_goes_through(
    sound: Site,
) -> None:
    """Nothing of it waits, for the callers were told."""
    await sound.pair("Company", "1|1", "01|01")
    sound.protheus.behave(ScriptedConduct(Conduct.DENY))
    await sound.rm.send(_unit("AA"))
    denied = of(await sound.found(), Aspect.FAULTS)
    sound.protheus.behave()
    await sound.rm.send(_unit("BB"))
    over = of(await sound.found(), Aspect.FAULTS)

    assert (denied.verdict, code(denied)) == (WRONG, "LOGIN_REFUSED_BY_RECEIVER")
    assert (over.verdict, over.seen.en) == (OK, "none")


async def test_of_what_the_bus_has_not_seen_it_says_nothing(sound: Site) -> None:
    """No delivery, no id, no message of two sides: none of it is called right."""
    found = await sound.found()

    unseen = [of(found, one) for one in (Aspect.FAULTS, Aspect.ORPHANS, Aspect.SUSPICIOUS)]
    assert [one.verdict for one in unseen] == [UNSEEN] * 3
    assert [one.seen.en for one in unseen] == [
        "there were no deliveries",
        "the de-para has no ids of it yet",
        "of no pair there are messages from both sides",
    ]


@pytest.mark.rule("T-194", by="diagnose")
async def test_the_report_says_whom_to_ask_of_a_register(sound: Site) -> None:
    """By the module of RM that it belongs to: each fault names those of its own."""
    await sound.pair("Company", "1|1", "01|01")
    sound.protheus.behave(always=ScriptedConduct(Conduct.REFUSE, "Cadastro bloqueado"))
    await sound.rm.send(asynchronous(_unit("AA")))
    await sound.rm.send(asynchronous(_partner("C1", "11.222.333/0001-81")))
    await until_quiet(sound)
    found = of(await sound.found(), Aspect.FAULTS)

    assert found.seen.pt == "2 entregas; pergunte a RM Fluxus, RM Nucleus"
    assert found.seen.en == "2 deliveries; ask RM Fluxus, RM Nucleus"
