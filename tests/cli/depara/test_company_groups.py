"""`bus depara`: an application of one company group gets no pair of a second (T-12)."""

import pytest

from tests.cli.conftest import Place
from tests.cli.depara.conftest import ROUTES, ids

FIRST = ("depara", "set", "Company", "rm:1|1", "protheus:99|D MG 01")
SECOND = ("depara", "set", "Company", "rm:2|1", "protheus:98|D MG 01")


@pytest.mark.rule("T-12")
def test_a_company_of_a_second_group_is_not_paired(admin: Place) -> None:
    """Another company, unit or branch of the first one is; the refusal names both groups."""
    taken = [admin.bus(*FIRST), admin.bus(*FIRST[:3], "rm:1|2", "protheus:99|D SP 02")]
    refused = admin.bus(*SECOND)

    assert [one.exit_code for one in taken] == [0, 0]
    assert refused.exit_code == 1
    assert (
        "“98|D MG 01” é do grupo de empresas 98, e protheus tem um só grupo: 99." in refused.stderr
    )
    assert ids(admin, "Company", "rm:1|2") == ["rm:1|2", "protheus:99|D SP 02"]
    assert admin.bus("depara", "show", "Company", "rm:2|1").exit_code == 1


@pytest.mark.rule("T-12")
def test_a_group_that_was_mistyped_is_taken_away_first(admin: Place) -> None:
    """As the remedy says: then the right one is the only one."""
    admin.bus(*FIRST)
    remedy = admin.bus(*SECOND).stderr
    assert "bus depara set Company protheus:ID --remove" in remedy
    admin.bus("depara", "set", "Company", "protheus:99|D MG 01", "--remove")

    assert admin.bus(*SECOND).exit_code == 0


def test_the_groups_of_the_other_application_are_its_own(admin: Place) -> None:
    """RM has as many as it likes; so has an application of a product without that rule."""
    for number in ("1", "2"):
        set_ = admin.bus(*FIRST[:3], f"rm:{number}|1", f"wms:{number}|1")
        assert set_.exit_code == 0, set_.stderr


@pytest.mark.rule("T-12")
def test_a_file_that_names_two_groups_is_refused_as_a_whole(admin: Place) -> None:
    """Also where they are far apart in it, and where the first one is known from before."""
    far = "".join(f"Company;rm;1|{n};protheus;99|{n}\n" for n in range(1000))
    file = admin.file("two.csv", (far + "Company;rm;2|1;protheus;98|1\n").encode())
    refused = admin.bus("depara", "import", file)
    empty = admin.json("depara", "list", "--entity", "Company")
    admin.bus(*FIRST)
    again = admin.bus("depara", "import", admin.file("b.csv", b"Company;rm;2|1;protheus;98|1\n"))

    assert (refused.exit_code, empty) == (1, [])
    assert "two.csv:1001: " in refused.stderr
    assert "é do grupo de empresas 98, e protheus tem um só grupo: 99" in refused.stderr
    assert again.exit_code == 1
    assert "b.csv:1: " in again.stderr


def test_an_installation_with_several_groups_says_so(place: Place) -> None:
    """The manual wants one; a Protheus may serve other integrations too."""
    several = ROUTES.replace("product: PROTHEUS,", "product: PROTHEUS, one_company_group: false,")
    place.file("routes.yaml", several.encode())

    assert [place.bus(*one).exit_code for one in (FIRST, SECOND)] == [0, 0]
