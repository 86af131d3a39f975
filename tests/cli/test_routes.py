"""`bus routes check`: the mistakes of a file, or its routes."""

import re
from pathlib import Path

import pytest

from tests.cli.conftest import ROUTES, Place, lines
from tests.support.interface_tables import UNITS

WRONG = ROUTES.replace("to: [protheus]", "to: [proteus]").replace("address:", "adress:")


def test_a_right_file_is_shown_as_a_table(place: Place) -> None:
    """Route by route: what, from where, to where, in which modes."""
    told = place.bus("routes", "check")

    assert told.exit_code == 0
    assert lines(told)[0].split() == ["rota", "transações", "versões", "de", "para", "modos"]
    assert lines(told)[1].split("  ")[0] == "registers"
    assert "certo. Aplicações: 2; rotas: 1." in lines(told)[-1]


def test_every_mistake_is_told_with_file_line_key_and_remedy(place: Place) -> None:
    """All at once, in the form that editors jump to."""
    file = place.file("wrong.yaml", WRONG.encode())

    told = place.bus("routes", "check", file, "--language", "en")

    assert told.exit_code == 1
    at = lines(told).index(f"{file}:4: applications.protheus.adress: there is no key adress here")
    assert lines(told)[at + 1].startswith("    → Did you mean “address”?")
    assert f"{file}:6: routes.registers.to[0]: there is no application “proteus”" in told.stdout
    assert lines(told)[-1] == f"{file}: 3 mistake(s)."


def test_an_option_with_a_value_that_will_not_do_is_told_with_its_line(place: Place) -> None:
    """Though only its adapter knows that: of each application, where it stands, in both forms."""
    options = "options: {connect_timeout: soon}, address:"
    file = place.file("wrong.yaml", ROUTES.replace("address:", options).encode())
    at = next(n for n, line in enumerate(ROUTES.splitlines(), 1) if "address:" in line)

    told = place.bus("routes", "check", file)
    (as_json,) = place.json("routes", "check", file)

    key = "applications.protheus.options.connect_timeout"
    assert lines(told)[0] == f"{file}:{at}: {key}: “soon” não serve"
    assert [(one["line"], one["path"]) for one in as_json["errors"]] == [(at, key)]


def test_json_tells_the_same(place: Place) -> None:
    """A program gets the mistakes, or the routes."""
    file = place.file("wrong.yaml", WRONG.encode())

    (wrong,) = place.json("routes", "check", file)
    (right,) = place.json("routes", "check")

    assert not wrong["valid"]
    assert [one["line"] for one in wrong["errors"]] == [4, 4, 6]
    assert right["valid"]
    assert right["applications"] == ["protheus", "rm"]
    assert right["routes"][0]["transactions"] == ["Currency", "UnitOfMeasure"]


def test_a_file_that_is_not_there_is_exit_code_2(place: Place) -> None:
    """It could not be checked at all."""
    told = place.bus("routes", "check", str(place.folder / "nowhere.yaml"))

    assert told.exit_code == 2
    assert "nowhere.yaml" in told.stdout


def test_a_doubt_is_told_beside_the_table(place: Place) -> None:
    """Two senders of one register are warned of, and the file is right all the same."""
    more = "  more: {transactions: [Currency], from: protheus, to: [protheus]}\n"
    file = place.file("doubt.yaml", (ROUTES + more).encode())

    told = place.bus("routes", "check", file)
    (in_json,) = place.json("routes", "check", file)

    assert told.exit_code == 0
    assert f"Atenção: {file}:7: routes.more.from" in told.stdout
    assert "routes.more.from" in {warning["path"] for warning in in_json["warnings"]}


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("BusinessMesage/BusinessContent/Code != 'XX'", "BusinessMesage"),
        ("//InternalID = '1'", "InternalID"),
        ("'A' = 'B'", "“'A' = 'B'”"),
        ("BusinessContent/Code = 'USD'", "BusinessContent/Code"),
        ("/BusinessMessage/BusinessContent/Code = 'USD'", "/BusinessMessage"),
    ],
)
def test_a_condition_that_cannot_part_messages_is_told(
    place: Place, condition: str, told: str
) -> None:
    """A name that none of the route's messages has, with the nearest; or one that looks at none."""
    text = ROUTES.replace("to: [protheus]}", f'to: [protheus], condition: "{condition}"}}')
    file = place.file("condition.yaml", text.encode())

    shown = place.bus("routes", "check", file)
    (in_json,) = place.json("routes", "check", file)

    assert shown.exit_code == 0
    (warning,) = in_json["warnings"]
    assert warning["path"] == "routes.registers.condition"
    assert told in warning["message"]
    assert told in shown.stdout


def test_a_condition_over_what_messages_have_is_no_doubt(place: Place) -> None:
    """The envelope, the content of any of the route's contracts, attributes and functions."""
    condition = (
        "//CompanyId = '1' and starts-with(BusinessMessage/BusinessContent/Code, 'U')"
        " or //Symbol or MessageInformation/@version = '2.000' or //key[@name = 'InternalId']"
    )
    text = ROUTES.replace("to: [protheus]}", f'to: [protheus], condition: "{condition}"}}')
    (in_json,) = place.json("routes", "check", place.file("condition.yaml", text.encode()))

    assert in_json["warnings"] == []


def test_a_broken_contract_of_the_installation_is_told_by_name(place: Place) -> None:
    """The routes are right all the same, and whoever runs them is warned."""
    contracts = place.folder / "contracts"
    contracts.mkdir()
    (contracts / "Zebra_1_000.xsd").write_text("<xs:schema", "utf-8")

    told = place.bus("routes", "check", "--contracts", str(contracts))

    assert told.exit_code == 0
    assert "Atenção: O contrato Zebra 1.000" in told.stdout
    assert "Zebra_1_000.xsd" in told.stdout


def test_the_example_deployment_is_right(
    place: Place, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """routes.yaml at the top can be run, given the variables that it names."""
    file = checkout / "routes.yaml"
    for name in ("RM_LOGIN", "PROTHEUS_LOGIN", "RM", "PROTHEUS"):
        assert f"{name}_PASSWORD" in file.read_text("utf-8")
        monkeypatch.setenv(f"{name}_PASSWORD", f"a password of {name}")

    told = place.bus("routes", "check", str(file))

    assert told.exit_code == 0, told.stdout
    assert "Atenção" not in told.stdout


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "ftp://erp.example/in", "gopher://erp.example/1"]
)
def test_an_address_that_its_adapter_cannot_use_is_refused(place: Place, address: str) -> None:
    """Before the bus starts, not at the first delivery."""
    file = place.file("wrong.yaml", re.sub(r'http://[^,}\s"]+', address, ROUTES).encode())

    told = place.bus("routes", "check", file)

    assert told.exit_code == 1
    assert "applications.protheus.address" in told.stdout


def test_a_bus_that_runs_takes_its_file_anew(place: Place) -> None:
    """Its number is told; a wrong one is refused with its lines, and what was in force stays."""
    with place.bus_running():
        place.file("routes.yaml", ROUTES.replace("[Currency, UnitOfMeasure]", "[Item]").encode())
        took = place.bus("routes", "reload")
        place.file("routes.yaml", WRONG.encode())
        wrong = place.bus("routes", "reload")
        (told,) = place.json("routes", "reload")

    assert (took.exit_code, lines(took)[-1]) == (0, "Em vigor: versão 2 da configuração.")
    assert wrong.exit_code == 1
    assert "routes.yaml:6: routes.registers.to[0]: não há aplicação “proteus”" in wrong.stdout
    assert {error["code"] for error in told["errors"]} == {"CONFIGURATION_INVALID"}


def test_there_is_nothing_to_reload_where_no_bus_runs(place: Place) -> None:
    """It reads the file when it starts."""
    told = place.bus("routes", "reload")

    assert told.exit_code == 1
    assert "Nenhum barramento está no ar" in told.stdout


READERS = """
applications:
  wms:
    product: WMS
    adapter: tables
    address: sqlite:///{folder}/wms.sqlite
    read_every: 10s
    takes_answers: false
    options: {{mapping_file: units.yaml}}
  again:
    product: WMS
    adapter: tables
    address: sqlite:///{folder}/wms.sqlite
    read_every: 10s
    takes_answers: false
    options: {{mapping_file: {other}}}
routes:
  units: {{transactions: [UnitOfMeasure], from: wms, to: [again]}}
"""


@pytest.mark.rule("W-07")
def test_a_second_reader_of_the_same_rows_is_refused(place: Place) -> None:
    """Its mapping stands beside routes.yaml; one of other rows is right, and so is the file then."""
    place.file("units.yaml", UNITS.encode())
    place.file("copy.yaml", UNITS.encode())
    place.file("others.yaml", UNITS.replace('site: "001"', 'site: "002"').encode())
    wrong = place.file(
        "wrong.yaml", READERS.format(folder=place.folder, other="copy.yaml").encode()
    )
    right = place.file(
        "right.yaml", READERS.format(folder=place.folder, other="others.yaml").encode()
    )

    refused = place.bus("routes", "check", wrong, "--language", "en")
    checked = place.bus("routes", "check", right)

    assert refused.exit_code == 1
    assert "sources.units.where: it reads the same rows of out_units as wms" in refused.stdout
    assert checked.exit_code == 0, checked.stdout
