"""`bus validate` and `bus schemas`: contracts on the command line, without a running bus."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bus.edge.cli import main
from tests.codec.samples import business, message

LONG = message(business("<BusinessContent>\n<Code>LONG</Code></BusinessContent>"))


def bus(*arguments: str, stdin: bytes | None = None) -> Result:
    """Runs the program."""
    environment = {"BUS_LANGUAGE": None, "BUS_JOURNAL": None, "BUS_ROUTES": None}
    return CliRunner(env=environment).invoke(main, arguments, input=stdin)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """One file of each kind, and one that is not there."""
    bodies = {
        "valid": message(),
        "long": LONG,
        "unknown": message(version="9.999"),
        "malformed": message()[:-5],
        "html": b"<html/>",
    }
    for name, body in bodies.items():
        (tmp_path / name).write_bytes(body)
    return {name: str(tmp_path / name) for name in (*bodies, "missing")}


def told(*arguments: str) -> list[dict[str, Any]]:
    """What `bus validate --json` prints, line by line."""
    return [json.loads(line) for line in bus("validate", "--json", *arguments).stdout.splitlines()]


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["valid"], 0),
        (["valid", "valid"], 0),
        (["long"], 1),
        (["unknown"], 1),
        (["malformed"], 2),
        (["html"], 2),
        (["missing"], 2),
        (["valid", "long"], 1),
        (["long", "missing", "valid"], 2),
    ],
)
def test_the_exit_code_tells_the_worst(files: dict[str, str], names: list[str], code: int) -> None:
    """0 all valid, 1 one is not, 2 one could not be read."""
    paths = [files[name] for name in names]

    assert bus("validate", *paths).exit_code == code
    assert bus("validate", "--json", *paths).exit_code == code


def test_json_is_one_object_a_line(files: dict[str, str]) -> None:
    """With the keys that others build on."""
    valid, long, missing = told(files["valid"], files["long"], files["missing"], "--language", "en")

    assert valid == {
        "file": files["valid"],
        "valid": True,
        "transaction": "Currency",
        "version": "2.001",
        "errors": [],
        "repairs": [],
        "more": False,
        "lets_pass": [],
    }
    assert long["errors"] == [
        {
            "path": "/TOTVSMessage/BusinessMessage/BusinessContent/Code",
            "line": 6,
            "code": "VALUE_TOO_LONG",
            "message": "The value “LONG” of <Code> has 4 characters; the most is 3.",
            "hint": "Shorten the value at its origin; the bus never cuts.",
            "owner": "sender",
            "value": "LONG",
            "allowed": "at most 3 characters",
            "message_pt": "O valor “LONG” de <Code> tem 4 caracteres; o máximo é 3.",
            "message_en": "The value “LONG” of <Code> has 4 characters; the most is 3.",
            "hint_pt": "Encurte o valor no cadastro de origem; o barramento nunca corta.",
            "hint_en": "Shorten the value at its origin; the bus never cuts.",
            "allowed_pt": "até 3 caracteres",
            "allowed_en": "at most 3 characters",
        }
    ]
    assert (missing["valid"], missing["transaction"]) == (False, "")
    assert missing["errors"][0]["code"] == "FILE_UNREADABLE"


def test_an_unknown_version_is_told_with_the_known_ones(files: dict[str, str]) -> None:
    """The sender sees what it may send."""
    (unknown,) = told(files["unknown"])

    assert unknown["errors"][0]["code"] == "UNKNOWN_CONTRACT"
    assert "2.001" in unknown["errors"][0]["message"]


@pytest.mark.parametrize(
    ("language", "reason", "remedy"),
    [
        ("pt", "O valor “LONG” de <Code> tem 4 caracteres", "Encurte o valor"),
        ("en", "The value “LONG” of <Code> has 4 characters", "Shorten the value"),
    ],
)
def test_a_person_reads_place_reason_and_remedy(
    files: dict[str, str], language: str, reason: str, remedy: str
) -> None:
    """In the language asked for."""
    said = bus("validate", files["valid"], files["long"], "--language", language).stdout

    assert f"{files['valid']}: Currency 2.001: " in said
    assert f"{files['long']}:6: /TOTVSMessage" in said
    assert reason in said
    assert remedy in said


@pytest.mark.parametrize(
    ("language", "repair"),
    [
        ("pt", "caracteres de controle que XML proíbe"),
        ("en", "control characters that XML forbids"),
    ],
)
def test_what_was_mended_to_read_a_message_is_told(
    tmp_path: Path, language: str, repair: str
) -> None:
    """It is valid, and its sender should know that it is not what was typed."""
    file = tmp_path / "nul.xml"
    file.write_bytes(message().replace(b"</Code>", b"\0</Code>", 1))

    said = bus("validate", str(file), "--language", language)
    (finding,) = told(str(file))

    assert said.exit_code == 0
    assert repair in said.stdout
    assert finding["valid"]
    assert [one["code"] for one in finding["repairs"]] == ["REPAIRED"]


def test_a_message_may_come_from_a_pipe() -> None:
    """`-` is standard input."""
    assert bus("validate", "-", stdin=message()).exit_code == 0
    assert bus("validate", "-", stdin=LONG).exit_code == 1


def test_a_message_may_be_in_json(tmp_path: Path) -> None:
    """A file that ends in .json; its faults have a path and no line."""
    header = {"UUID": "1", "Transaction": "Currency", "Version": "2.001", "Event": "upsert"}
    good, bad, broken = (tmp_path / name for name in ("good.json", "bad.JSON", "broken.json"))
    for file, code in ((good, "BRL"), (bad, "LONG")):
        file.write_text(json.dumps({"Header": header, "Content": {"code": code}}), "utf-8")
    broken.write_text("{", "utf-8")

    valid, long, malformed = told(str(good), str(bad), str(broken))

    assert valid["valid"]
    (error,) = long["errors"]
    assert (error["code"], error["line"]) == ("VALUE_TOO_LONG", 0)
    assert error["path"].endswith("BusinessContent/Code")
    assert malformed["errors"][0]["code"] == "MALFORMED_JSON"


def test_contracts_are_listed() -> None:
    """For people in columns, in their language; for programs as JSON."""
    table = bus("schemas", "list", "--language", "en").stdout.splitlines()
    listed = [json.loads(line) for line in bus("schemas", "list", "--json").stdout.splitlines()]

    assert table[0].startswith("contract")
    assert any(
        line.startswith("UnitOfMeasure 2.000") and "Unit of measure" in line for line in table
    )
    currency = next(each for each in listed if each["transaction"] == "Currency")
    assert currency == {
        "transaction": "Currency",
        "version": "2.001",
        "title": {"pt": "Moeda", "en": "Currency"},
        "shape": "event",
        "lifecycle": "register",
        "entity": "Currency",
        "owner": "RM",
        "module": "Nucleus",
        "provisional": False,
    }


ROUTES = """
applications:
  rm: {product: RM, login: {user: rm, password: {file: rm.password}}}
  protheus: {product: PROTHEUS, adapter: http-xml, address: "http://127.0.0.1:9/", references: {Company: keep}}
routes:
  registers: {transactions: [Currency], from: rm, to: [protheus], strictness: warn}
"""


def test_it_is_told_which_routes_let_pass_what_differs(tmp_path: Path) -> None:
    """As the bus that has them does; without them, that a strict route refuses it."""
    (tmp_path / "rm.password").write_text("x" * 12, "utf-8")
    file, warns, strict = (tmp_path / name for name in ("long.xml", "routes.yaml", "strict.yaml"))
    file.write_bytes(LONG)
    warns.write_text(ROUTES, "utf-8")
    strict.write_text(ROUTES.replace("warn", "reject"), "utf-8")

    passes = bus("validate", str(file), "--routes", str(warns))
    refused = bus("validate", str(file), "--routes", str(strict))
    unknown = bus("validate", str(file), "--routes", str(tmp_path / "none"))
    (in_json,) = told(str(file), "--routes", str(warns))

    assert "não segue o contrato, diferenças: 1" in passes.stdout
    assert "Assim mesmo passa, com aviso" in passes.stdout
    assert "registers" in passes.stdout
    assert "O barramento a recusa, a não ser" in refused.stdout
    assert "O barramento a recusa, a não ser" in unknown.stdout
    assert (in_json["valid"], in_json["lets_pass"]) == (False, ["registers"])


def test_what_has_no_line_is_told_with_its_code_and_who_mends_it(tmp_path: Path) -> None:
    """What could not be read, and what was mended."""
    for name, body, code in (
        ("empty.xml", b"", "MALFORMED_XML"),
        ("list.json", b"[]", "MALFORMED_JSON"),
        ("nul.xml", message().replace(b"</Code>", b"\0</Code>", 1), "REPAIRED"),
    ):
        (tmp_path / name).write_bytes(body)
        assert f"quem corrige: quem envia ({code})" in bus("validate", str(tmp_path / name)).stdout
