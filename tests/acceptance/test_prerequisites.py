"""What must be set up in an ERP: the signs for and against it, and what a person confirms."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.simulation.behaviour import Conduct, ScriptedConduct
from adapters.simulation.eai.outgoing import Outgoing
from bus.core.diagnosis import Aspect, Means, Verdict
from bus.core.errors import Owner, SenderFault
from bus.journal.commands import ChangeDepara, Confirm
from bus.profiles import profile_named
from depara.model import Key, Link, Member, Source
from tests.rules import ROOT, read_table
from tests.support.diagnosed import Site, code, of, site, until_heard, until_quiet
from tests.support.erp_messages import asynchronous, upsert
from tests.texts.judging import complaints

WRONG = Verdict.WRONG
NO_PREREQUISITES = {"T-88", "T-127", "T-147", "T-194"}
"""Rules of the manual about reports, and this one itself."""


@pytest.fixture
async def sound(tmp_path: Path) -> AsyncIterator[Site]:
    """Nothing is wrong with the way to either ERP."""
    async with site(tmp_path) as made:
        yield made


def _unit(code_: str) -> Outgoing:
    return Outgoing("UnitOfMeasure", code_, {"Description": code_})


# -- what shows by itself --------------------------------------------------------------------------


@pytest.mark.rule("T-10", by="diagnose")
async def test_a_register_of_another_owner_tells_that_it_can_be_edited(sound: Site) -> None:
    """Protheus sent a unit, which RM owns: the bus refused it, and the diagnosis says what it means."""
    before = of(await sound.found(), Aspect.PREREQUISITE, "T-10")
    await sound.protheus.send(_unit("ZZ"))
    after = of(await sound.found(), Aspect.PREREQUISITE, "T-10")

    assert before.verdict is Verdict.TO_CONFIRM
    assert (after.verdict, code(after), after.means) == (
        WRONG,
        "PREREQUISITE_UNMET",
        Means.JOURNAL,
    )
    assert after.fault
    assert "UnitOfMeasure" in after.fault.reason("pt")


async def test_a_second_company_group_is_seen(sound: Site) -> None:
    """One group may be confirmed; a second one that was paired before tells against it."""
    await sound.pair("Company", "1|1", "01|01")
    before = of(await sound.found(), Aspect.PREREQUISITE, "T-12")
    one, other = Key("Company", "rm", "", "2|1"), Key("Company", "p12", "", "02|01")
    known = ChangeDepara("ana", Source.PERSON, links=(Link(Member(one), (Member(other),)),))
    await sound.run.bus.ports.crossreference.amend(known)
    after = of(await sound.found(), Aspect.PREREQUISITE, "T-12")

    assert before.verdict is Verdict.TO_CONFIRM
    assert (after.verdict, code(after)) == (WRONG, "PREREQUISITE_UNMET")


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        pytest.param(
            "T-60",
            "Valor inválido para o campo Município",
            marks=pytest.mark.rule("T-60", by="diagnose"),
        ),
        pytest.param(
            "T-188",
            "TJ_CUSTMAA: Data width error",
            marks=pytest.mark.rule("T-188", by="diagnose"),
        ),
        ("T-54", "Data width error - Field: CTT_CUSTO"),
        pytest.param(
            "T-57",
            "Data width error - Field: E4_COND",
            marks=pytest.mark.rule("T-57", by="diagnose"),
        ),
        pytest.param(
            "T-74",
            "Conta contábil 001 não cadastrada",
            marks=pytest.mark.rule("T-74", by="diagnose"),
        ),
        ("T-77", "Data width error - Field: N1_CHAPA"),
        ("T-79", "Data width error - Field: NNR_DESCRI"),
        pytest.param(
            "T-82", "Banco 001 não cadastrado", marks=pytest.mark.rule("T-82", by="diagnose")
        ),
    ],
)
async def test_a_text_of_an_error_tells_what_is_not_set_up(
    sound: Site, rule: str, text: str
) -> None:
    """Whatever was confirmed before: the sign is newer than the word."""
    await sound.pair("Company", "1|1", "01|01")
    await sound.run.bus.diagnoser.confirm(Confirm("p12", rule, "Ana"))
    before = of(await sound.found(), Aspect.PREREQUISITE, rule)
    sound.protheus.behave(always=ScriptedConduct(Conduct.REFUSE, text))
    await sound.rm.send(asynchronous(_unit("AA")))
    await until_quiet(sound)
    after = of(await sound.found(), Aspect.PREREQUISITE, rule)

    assert before.verdict is Verdict.CONFIRMED
    assert (after.verdict, code(after)) == (WRONG, "PREREQUISITE_UNMET")
    assert after.confirmation
    assert after.fault
    assert text in after.fault.reason("pt")
    assert rule != "T-188" or "16" in after.fault.reason("pt")


@pytest.mark.parametrize("name", ["rm", "p12"])
async def test_a_want_of_licences_is_told_while_it_lasts(sound: Site, name: str) -> None:
    """What it puts off is tried again by itself; whoever keeps the licences is told meanwhile."""
    await sound.pair("Company", "1|1", "01|01")
    erp, sender = (sound.rm, sound.protheus) if name == "rm" else (sound.protheus, sound.rm)
    text = "Limite de licenças atingido"
    erp.behave(always=ScriptedConduct(Conduct.REFUSE, text))
    request = upsert("Request", "000007", Type="000")
    await sender.send(asynchronous(request if name == "rm" else _unit("AA")))
    await until_heard(erp)
    found = of(await sound.found(name), Aspect.PREREQUISITE, "T-07")

    assert (found.verdict, code(found)) == (WRONG, "PREREQUISITE_UNMET")
    assert found.fault
    assert text in found.fault.reason("pt")


async def test_what_has_no_pair_is_no_sign_against_a_set_up(sound: Site) -> None:
    """An account without a pair is waited for; that the default one is missing is not said."""
    await sound.pair("Company", "1|1", "01|01")
    sound.protheus.behave(
        ScriptedConduct(Conduct.REFUSE, "Conta Contábil não encontrada no de/para")
    )
    await sound.rm.send(asynchronous(_unit("AA")))
    await until_quiet(sound)

    found = of(await sound.found(), Aspect.PREREQUISITE, "T-74")
    assert found.verdict is Verdict.TO_CONFIRM


@pytest.mark.rule("T-93", by="diagnose")
async def test_a_misspelt_parameter_of_rm_is_told_by_its_error(sound: Site) -> None:
    """RM names the parameter that it looked for; a person had confirmed it."""
    await sound.pair("Company", "1|1", "01|01")
    await sound.run.bus.diagnoser.confirm(Confirm("rm", "T-93", "Ana"))
    before = of(await sound.found("rm"), Aspect.PREREQUISITE, "T-93")
    text = "Parâmetro TMVSolicitacaoArmazem não encontrado"
    sound.rm.behave(always=ScriptedConduct(Conduct.REFUSE, text))
    await sound.protheus.send(asynchronous(upsert("Request", "000007", Type="000")))
    await until_quiet(sound)
    after = of(await sound.found("rm"), Aspect.PREREQUISITE, "T-93")

    assert before.verdict is Verdict.CONFIRMED
    assert (after.verdict, code(after)) == (WRONG, "PREREQUISITE_UNMET")
    assert after.fault
    assert text in after.fault.reason("pt")


# -- what a person says ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "rule", "pt", "en"),
    [
        pytest.param(*row, marks=pytest.mark.rule(row[1], by="diagnose"))
        for row in (
            ("p12", "T-13", "tabelas compartilhadas", "Tables shared"),
            ("p12", "T-62", "compartilhadas por empresa", "shared by company"),
            ("rm", "T-62", "parametrizados como globais", "set up as global"),
            ("rm", "T-80", "seu centro de custo", "its cost centre"),
            ("rm", "T-81", "PCCUSTO", "payroll"),
            ("rm", "T-87", "pelo faturamento", "by billing"),
            ("rm", "T-109", "Baixa de Estoque", "stock write-off"),
            ("rm", "T-110", "1, 25 ou 32", "1, 25 or 32"),
            ("rm", "T-111", "valor líquido", "net value"),
            ("rm", "T-128", "controle de estoque", "stock control"),
        )
    ],
)
async def test_what_nothing_shows_stays_to_be_done_until_a_person_confirms_it(
    sound: Site, name: str, rule: str, pt: str, en: str
) -> None:
    """By its rule and in words, as work of that application; taken back, it is work again."""
    before = await sound.found(name)
    await sound.run.bus.diagnoser.confirm(Confirm(name, rule, "Ana", "visto"))
    confirmed = of(await sound.found(name), Aspect.PREREQUISITE, rule)
    await sound.run.bus.diagnoser.confirm(Confirm(name, rule, "Ana", withdrawn=True))
    after = of(await sound.found(name), Aspect.PREREQUISITE, rule)

    asked = of(before, Aspect.PREREQUISITE, rule)
    assert (asked.verdict, asked.owner) == (Verdict.TO_CONFIRM, Owner.RECEIVER)
    assert (pt in asked.subject.pt, en in asked.subject.en) == (True, True)
    assert asked.fault
    assert f"--confirm {rule} " in asked.fault.remedy("pt")
    assert before.leaves_work
    assert (confirmed.verdict, confirmed.owner) == (Verdict.CONFIRMED, None)
    assert after.verdict is Verdict.TO_CONFIRM


async def test_a_confirmation_is_kept_and_can_be_taken_back(sound: Site) -> None:
    """With who, when and a note; the rule in any letter case, for that application alone."""
    diagnoser = sound.run.bus.diagnoser
    said = await diagnoser.confirm(Confirm("P12", "t-57", "Ana", "visto na base de teste"))
    kept = of(await sound.found(), Aspect.PREREQUISITE, "T-57")
    await diagnoser.confirm(Confirm("p12", "T-57", "Bia", withdrawn=True))
    gone = of(await sound.found(), Aspect.PREREQUISITE, "T-57")

    assert (kept.verdict, kept.means, kept.confirmation) == (
        Verdict.CONFIRMED,
        Means.PERSON,
        said,
    )
    assert (said.application, said.rule, said.by) == ("p12", "T-57", "Ana")
    assert gone.verdict is Verdict.TO_CONFIRM
    with pytest.raises(SenderFault, match="NOT_CONFIRMED"):
        await diagnoser.confirm(Confirm("p12", "T-57", "Bia", withdrawn=True))
    with pytest.raises(SenderFault, match="PREREQUISITE_UNKNOWN"):
        await diagnoser.confirm(Confirm("rm", "T-57", "Ana"))
    with pytest.raises(SenderFault, match="UNKNOWN_APPLICATION"):
        await diagnoser.confirm(Confirm("p13", "T-57", "Ana"))


@pytest.mark.rule("T-147", by="diagnose")
async def test_every_prerequisite_of_the_manual_is_covered(sound: Site) -> None:
    """Each is shown by the bus, or asked of a person, who is told how to say it."""
    told = await sound.run.bus.diagnoser.diagnose()
    rules = {one.rule for each in told for one in each.findings}
    table = read_table((ROOT / "docs" / "rules.md").read_text("utf-8"))
    asked = {
        one.id
        for one in table.rules
        if one.family == "T" and (one.status == "diagnosed" or "diagnose" in one.where)
    }

    assert asked - rules <= NO_PREREQUISITES
    for name, product in (("rm", "rm"), ("p12", "protheus")):
        found = await sound.found(name)
        covered = {one.rule: one for one in found.findings if one.check is Aspect.PREREQUISITE}
        assert set(covered) == {one.key for one in profile_named(product).prerequisites}
        assert not [wrong for one in found.findings if one.fault for wrong in complaints(one.fault)]
        for rule, one in covered.items():
            if one.verdict is Verdict.TO_CONFIRM:
                assert one.fault
                assert f"bus diagnose {name} --confirm {rule} --by" in one.fault.remedy("pt")
