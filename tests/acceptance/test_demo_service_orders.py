"""`bus demo --scenario omie-keepfy`, as a new user runs it."""

import pytest

from tests.support.demonstration import demonstrated, scene

pytestmark = pytest.mark.xdist_group("demo-omie-keepfy")  # one run serves all


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the demonstration prints, in Portuguese."""
    return demonstrated(tmp_path_factory.mktemp("demo"), "--scenario", "omie-keepfy")


def books(told: str, number: int, what: str) -> list[str]:
    """What Omie has at the end of a scene, without the ids: requisitions, or exits."""
    _, _, listed = scene(told, number).partition("Na Omie:\n")
    rows = (line.split(maxsplit=2) for line in listed.splitlines() if line.strip())
    return [" ".join(row[2].split()) for row in rows if row[0] == what]


def test_keepfy_gets_what_omie_has(told: str) -> None:
    """Under ids of its own."""
    lines = told.partition("\n0. ")[2].partition("\n1. ")[0].splitlines()[1:4]

    assert [line.split()[0] for line in lines] == ["Warehouse", "Item", "Item"]


def test_a_forecast_makes_two_requisitions(told: str) -> None:
    """Of two items each."""
    assert books(told, 1, "requisição") == [
        "03/02/2026 4 PARAFUSO, 1 KIT-VEDACAO",
        "04/02/2026 2 PARAFUSO, 1 KIT-VEDACAO",
    ]


def test_a_change_alters_one_and_makes_another(told: str) -> None:
    """The other labour keeps its own."""
    assert books(told, 2, "requisição") == [
        "03/02/2026 6 PARAFUSO, 1 KIT-VEDACAO",
        "04/02/2026 2 PARAFUSO, 1 KIT-VEDACAO",
        "03/02/2026 6 PARAFUSO, 1 KIT-VEDACAO",
    ]


def test_a_report_makes_four_exits(told: str) -> None:
    """And a removal leaves three of them."""
    four = [
        "03/02/2026 4 PARAFUSO",
        "03/02/2026 1 KIT-VEDACAO",
        "04/02/2026 2 PARAFUSO",
        "04/02/2026 1 KIT-VEDACAO",
    ]
    assert books(told, 3, "saída") == four
    assert books(told, 4, "saída") == [*four[:2], four[3]]


def test_a_cancellation_leaves_no_requisition(told: str) -> None:
    """What was used stays taken out."""
    assert books(told, 5, "requisição") == []
    assert len(books(told, 5, "saída")) == 3


def test_what_is_wrong_is_told_with_its_place(told: str) -> None:
    """And with what to do."""
    assert "422 /labours/0/materials/0: " in scene(told, 6)
    assert "não tem local de estoque" in scene(told, 6)


def test_two_apps_share_their_products(told: str) -> None:
    """The preview tells what becomes of each; a new one goes there, and an edit comes back."""
    preview, begun, new, edited = (scene(told, number) for number in (7, 8, 9, 10))

    fates = [line.split(maxsplit=2)[1:] for line in preview.splitlines() if "omie-filial" in line]
    assert [(code, "sobrescritos" in rest) for code, rest in fates] == [
        ("PARAFUSO", True),
        ("KIT-VEDACAO", False),
    ]
    branch = [line.split()[2] for line in begun.splitlines() if "omie-filial " in line]
    assert branch == ["PARAFUSO", "KIT-VEDACAO"]
    assert "2 → omie-filial: Finalizada" in new
    assert "1 → omie: Finalizada" in edited
    assert edited.count("Graxa azul") == 2
