"""`bus demo`, as a new user runs it."""

import pytest

from tests.support.demonstration import demonstrated, scene

pytestmark = pytest.mark.xdist_group("demo")  # one run serves all


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the demonstration prints, in Portuguese."""
    return demonstrated(tmp_path_factory.mktemp("demo"))


def test_each_application_gets_what_it_is_to_have(told: str) -> None:
    """Every register is delivered to both, and its origin is answered OK."""
    for number in (1, 2, 3, 4, 6):
        assert "1 → protheus: Finalizada" in scene(told, number)
        assert "2 → wms: Finalizada" in scene(told, number)
        assert "3 ↩ rm: Finalizada" in scene(told, number)
        assert "resposta à origem: OK" in scene(told, number)


def test_a_customer_that_is_a_vendor_too_gets_two_ids(told: str) -> None:
    """C and F in Protheus, one in the warehouse."""
    assert "CustomerVendor rm:0|F00012 = protheus:01|01|F00012|01|C" in scene(told, 3)
    assert "CustomerVendor rm:0|F00012 = protheus:01|01|F00012|01|F" in scene(told, 3)


def test_who_keeps_no_de_para_reads_its_own_ids(told: str) -> None:
    """The item reaches the warehouse in its ids, and Protheus as it was sent."""
    changed = [line.strip() for line in scene(told, 4).splitlines() if "trocado" in line]
    assert len(changed) == 5
    assert changed[2] == "trocado UnitOfMeasureInternalId: 1|CAIXA por 01| |000002"
    to_protheus = scene(told, 4).partition("1 → protheus  tentativa 1")[2].splitlines()[1]
    assert "trocado" not in to_protheus


def test_what_lacks_an_id_waits_and_goes_on_by_itself(told: str) -> None:
    """In both: the one that translates by itself, and the one that the bus translates for."""
    waiting, _, resumed = scene(told, 5).partition("... o RM envia a unidade")
    for name in ("1 → protheus", "2 → wms"):
        assert f"{name}: Aguardando de-para" in waiting
        assert f"{name}  o par chegou" in resumed
        assert f"{name}: Finalizada" in resumed


@pytest.mark.rule("T-50")
def test_the_code_that_protheus_makes_of_a_currency_is_learnt(told: str) -> None:
    """From its answer."""
    assert "Currency rm:1|BRL = protheus:01| |01" in scene(told, 1)


def test_an_application_that_is_away_loses_nothing(told: str) -> None:
    """It is tried again until it is back."""
    assert "destino fora do ar; fica para depois" in scene(told, 6)


def test_a_wrong_message_is_refused_with_what_to_correct(told: str) -> None:
    """The place, the value, what is allowed and who must act, in Portuguese."""
    assert "O valor “CAIXA-COM-DOZE” de <Code> tem 14 caracteres; o máximo é 6." in scene(told, 7)
    assert "→ quem envia: Encurte o valor" in scene(told, 7)


def test_a_work_order_goes_the_other_way(told: str) -> None:
    """Protheus is answered in the same call, and both ids are learnt."""
    assert "1 → rm: Finalizada" in scene(told, 8)
    assert "MaintenanceOrder  protheus:01|01|000123|OS  rm:1|1" in told
