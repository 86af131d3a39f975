"""`bus send`: posts files, and explains the answers."""

from pathlib import Path

import pytest

from bus.testing.standard_messages import response
from tests.cli.conftest import PASSWORD, Place, Serve, currency, send, wrong_currency


def test_a_message_is_taken_and_its_id_told(place: Place) -> None:
    """202: the bus has it on disk, under this id."""
    file = place.file("usd.xml", currency())
    with place.bus_running() as url:
        told = place.bus("send", "--url", url, "--user", "rm", "--password", PASSWORD, file)

    (message,) = place.json("messages")
    assert told.exit_code == 0
    assert told.stdout == f"{file}: HTTP 202  recebida pelo barramento: {message['id']}\n"


def test_a_refusal_is_explained(place: Place) -> None:
    """422: the notes of the ResponseMessage say what to do; the others are posted all the same."""
    bad = place.file("bad.xml", wrong_currency("u-1"))
    good = place.file("good.xml", currency("u-2", "EUR"))
    with place.bus_running() as url:
        told = place.bus("send", "--url", url, "--user", "rm", "--password", PASSWORD, bad, good)

    assert told.exit_code == 1
    assert f"{bad}: HTTP 422  respondida: ERROR" in told.stdout
    assert "ELEMENT_" in told.stdout
    assert f"{good}: HTTP 202" in told.stdout


def test_a_login_comes_from_the_environment(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password need not stand in the list of processes."""
    file = place.file("usd.xml", currency())
    with place.bus_running() as url:
        monkeypatch.setenv("BUS_URL", url)
        denied = place.json("send", file)
        monkeypatch.setenv("BUS_USER", "rm")
        monkeypatch.setenv("BUS_PASSWORD", PASSWORD)
        taken = place.json("send", file)

    assert (denied[0]["status"], taken[0]["status"]) == (401, 202)


def test_an_answer_of_the_destination_is_told_with_its_notes(place: Place, serve: Serve) -> None:
    """200 with ERROR is a refusal: exit code 1; with OK it is not."""
    file = place.file("usd.xml", currency())
    refused = serve(200, response("ERROR", "Moeda bloqueada"))
    done = serve(200, response())

    told = place.bus("send", "--url", refused, file)
    (in_json,) = place.json("send", "--url", refused, file)

    assert told.exit_code == 1
    assert "respondida: ERROR\n    1: Moeda bloqueada" in told.stdout
    assert in_json["answer"] == "ERROR"
    assert in_json["notes"] == [{"code": "1", "type": "ERROR", "text": "Moeda bloqueada"}]
    assert place.bus("send", "--url", done, file).exit_code == 0


def test_an_answer_that_nobody_can_read_is_shown_as_it_came(place: Place, serve: Serve) -> None:
    """A proxy's page is no ResponseMessage."""
    told = place.bus(
        "send", "--url", serve(502, b"<html>Bad Gateway</html>"), place.file("m", b"x")
    )

    assert told.exit_code == 1
    assert "HTTP 502  <html>Bad Gateway</html>" in told.stdout


@pytest.mark.parametrize("url", ["ftp://host", "http://", "host:8080", "http://host:port"])
def test_an_address_that_is_none_is_refused(place: Place, url: str) -> None:
    """Before anything is read or sent."""
    assert place.bus("send", "--url", url, place.file("m", b"x")).exit_code == 2


def test_a_bus_that_is_not_there_is_exit_code_2(place: Place) -> None:
    """Nothing was sent."""
    told = place.bus("send", "--url", "http://127.0.0.1:9", place.file("m", b"x"))
    (in_json,) = place.json("send", "--url", "http://127.0.0.1:9", place.file("m", b"x"))

    assert told.exit_code == 2
    assert "não foi possível falar com http://127.0.0.1:9/messages" in told.stderr
    assert in_json["status"] == 0


def test_a_file_that_is_not_there_is_exit_code_2(place: Place, tmp_path: Path) -> None:
    """The others are posted all the same."""
    good = place.file("good.xml", currency())
    with place.bus_running() as url:
        missing = str(tmp_path / "missing.xml")
        login = ["--user", "rm", "--password", PASSWORD]
        told = place.bus("send", "--url", url, *login, missing, good)
        (again,) = send(place, url, good)

    assert told.exit_code == 2
    assert f"não foi possível ler {missing}" in told.stderr
    assert f"{good}: HTTP 202" in told.stdout
    assert again["status"] == 202


def test_what_the_bus_mends_to_read_it_is_told(place: Place, serve: Serve) -> None:
    """A control character goes; whoever posts it should know."""
    body = currency().replace(b"</Description>", b"\x07</Description>", 1)
    file, url = place.file("usd.xml", body), serve(200, response())

    told = place.bus("send", "--url", url, file)
    (in_json,) = place.json("send", "--url", url, file)

    assert told.exit_code == 0
    assert "caracteres de controle" in told.stderr
    assert [one["code"] for one in in_json["repairs"]] == ["REPAIRED"]
    (clean,) = place.json("send", "--url", url, place.file("clean.xml", currency()))
    assert clean["repairs"] == []


def test_where_no_bus_listens_the_remedy_is_told(place: Place) -> None:
    """How its address is given, and that it may not run."""
    told = place.bus("send", "--url", "http://127.0.0.1:9/", place.file("usd.xml", currency()))

    assert told.exit_code == 2
    assert "bus serve" in told.stderr
    assert "BUS_URL" in told.stderr
