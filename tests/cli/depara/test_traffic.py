"""`bus depara`: what messages wait for, what answers contradict, what was used, what is the same."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from bus.testing.standard_messages import response
from bus.wiring import open_unwatched
from depara.model import SharedIds
from tests.cli.conftest import Place, Serve, currency, lines, send
from tests.cli.depara.conftest import ROUTES, SCOPES, ids


def example(place: Place, transaction: str, version: str) -> str:
    """A file with a message of RM."""
    full = ("schemas", "example", transaction, version, "--from", "rm", "--full")
    return place.file(f"{transaction}.xml", place.bus(*full).stdout.encode())


def uuid_in(file: str) -> str:
    """The UUID of the message in a file."""
    return Path(file).read_text("utf-8").partition("<UUID>")[2].partition("<")[0]


def until(ask: Callable[[], list[Any]]) -> list[Any]:
    """What is answered once it is not empty."""
    end = monotonic() + 20
    while not (answer := ask()):
        assert monotonic() < end, "it stays empty"
        sleep(0.05)
    return answer


def of_unit(place: Place) -> list[Any]:
    """The wait for the unit that an item names; others wait for other ids."""
    waits = place.json("depara", "waiting")
    return [one for one in waits if one["path"] == "UnitOfMeasureInternalId"]


def test_what_waits_is_listed_with_what_to_do_and_goes_on(place: Place) -> None:
    """Who waits for which id; pairs that come wake it at once in a bus that runs."""
    place.file("routes.yaml", ROUTES.replace(SCOPES, "application").encode())
    with place.bus_running() as url:
        (sent,) = send(place, url, example(place, "Item", "4.005"))
        waits = until(lambda: place.json("depara", "waiting"))
        told = place.bus("depara", "waiting")
        english = place.bus("depara", "waiting", "--language", "en")
        listed = place.bus("messages", "--language", "en")
        (row,) = place.json("messages")
        wanted = sorted({(one["entity"], one["id"]) for one in waits})
        pairs = [f"{e};rm;{id_};wms;{at}" for at, (e, id_) in enumerate(wanted)]
        (came,) = place.json("depara", "import", place.file("a.csv", "\n".join(pairs).encode()))
        gone = until(lambda: [] if place.json("depara", "waiting") else ["gone"])
        (trace,) = place.json("trace", sent["message"])

    dollar = next(one for one in waits if one["entity"] == "Currency")
    assert (dollar["reader"], dollar["provider"], dollar["endless"]) == (
        "wms",
        "never seen",
        True,
    )
    assert f"bus depara set Currency 'rm:{dollar['id']}' wms:ID" in told.stdout
    assert "[sem fim] nenhuma mensagem desse cadastro esteve a caminho desse destino" in told.stdout
    assert "[endless] no message of that register has been on its way" in english.stdout
    awaits = row["deliveries"][0]["awaits"]
    assert sorted({(one["entity"], one["id"]) for one in awaits}) == wanted
    first, more = awaits[0], len(awaits) - 1
    assert listed.stdout.splitlines()[1].endswith(
        f"waits for {first['entity']} rm:{first['id']}, and {more} more"
    )
    assert (came["woken"], gone) == (1, ["gone"])
    assert "resume" in [fact["step"] for fact in trace["facts"]]


def test_what_is_under_way_is_no_longer_so_once_it_is_given_up(place: Place) -> None:
    """The message that would bring an id is looked at as it stands now."""
    with place.bus_running() as url:
        unit, _ = send(
            place, url, example(place, "UnitOfMeasure", "2.000"), example(place, "Item", "4.005")
        )
        found = until(lambda: of_unit(place))
        place.bus("discard", unit["message"], "--reason", "não se usa")
        found += of_unit(place)
        told = place.bus("depara", "waiting")

    assert [(one["provider"], one["provided_by"], one["endless"]) for one in found] == [
        ("under way", unit["message"], False),
        ("stopped", unit["message"], True),
    ]
    assert f"bus replay {unit['message']}" in told.stdout


def test_what_had_stopped_and_goes_again_is_under_way(place: Place, serve: Serve) -> None:
    """Nobody is sent to do again what was done."""
    file = example(place, "UnitOfMeasure", "2.000")
    address = serve(200, response("ERROR", "Unidade bloqueada", uuid=uuid_in(file)))
    place.file("routes.yaml", ROUTES.replace("http://127.0.0.1:9/", address).encode())
    place.bus("depara", "set", "Company", "rm:1|1", "wms:9")
    with place.bus_running() as url:
        (unit,) = send(place, url, file)
        until(lambda: place.json("messages", "--state", "refused"))
        send(place, url, example(place, "Item", "4.005"))
        found = until(lambda: of_unit(place))
    place.bus("replay", unit["message"])  # no bus is there to send it
    found += of_unit(place)

    assert [(one["provider"], one["provided_by"], one["endless"]) for one in found] == [
        ("stopped", unit["message"], True),
        ("under way", unit["message"], False),
    ]


def test_what_had_not_come_is_looked_for_again(place: Place) -> None:
    """A register that came after who waits for it: under way, and stopped when it is given up."""
    with place.bus_running() as url:
        send(place, url, example(place, "Item", "4.005"))
        found = until(lambda: of_unit(place))
        (unit,) = send(place, url, example(place, "UnitOfMeasure", "2.000"))
        found += of_unit(place)
        place.bus("discard", unit["message"], "--reason", "não se usa")
        found += of_unit(place)

    assert [(one["provider"], one["provided_by"]) for one in found] == [
        ("never seen", ""),
        ("under way", unit["message"]),
        ("stopped", unit["message"]),
    ]


def test_what_comes_after_the_one_that_waits_for_it_goes_only_after_it(place: Place) -> None:
    """A request that came before its order holds it back: nobody is told to wait."""
    routes = ROUTES.replace("[Currency, UnitOfMeasure, Item]", "[Request, MaintenanceOrder]")
    place.file("routes.yaml", routes.encode())
    request = Path(example(place, "Request", "1.010"))
    order = Path(example(place, "MaintenanceOrder", "1.002"))
    id_ = order.read_text("utf-8").partition("<InternalId>")[2].partition("<")[0]
    before, path, after = request.read_text("utf-8").partition("<MainOrderInternalId>")
    request.write_text(f"{before}{path}{id_}<{after.partition('<')[2]}", "utf-8")
    with place.bus_running() as url:
        (asked,) = send(place, url, str(request))
        until(lambda: place.json("depara", "waiting"))
        (ordered,) = send(place, url, str(order))
        waits = place.json("depara", "waiting")
        told = place.bus("depara", "waiting", "--language", "en")

    (wait,) = (one for one in waits if one["path"] == "MainOrderInternalId")
    assert (wait["provider"], wait["provided_by"]) == ("behind", ordered["message"])
    assert wait["endless"]
    assert f"bus discard {asked['message']} --number 1" in told.stdout


def test_a_register_that_goes_to_others_is_named(place: Place) -> None:
    """The bus has had it: sending it again would help nobody."""
    routes = ROUTES.replace(
        "  registers: {transactions: [Currency, UnitOfMeasure, Item], from: rm, to: [wms]",
        "  units: {transactions: [UnitOfMeasure], from: rm, to: [protheus]}\n"
        "  registers: {transactions: [Currency, Item], from: rm, to: [wms]",
    )
    place.file("routes.yaml", routes.encode())
    with place.bus_running() as url:
        unit, item = send(
            place, url, example(place, "UnitOfMeasure", "2.000"), example(place, "Item", "4.005")
        )
        (wait,) = until(lambda: of_unit(place))
        told = place.bus("depara", "waiting")

    assert (wait["provider"], wait["provided_by"]) == ("unrouted", unit["message"])
    assert wait["message"] == item["message"]
    assert f"a mensagem {unit['message']}, que o traria, não tem rota" in told.stdout
    assert "leve esse cadastro a wms por uma rota" in told.stdout


def test_a_register_that_was_rejected_is_named(place: Place) -> None:
    """It is to be corrected where it comes from: sent again as it is, it is rejected again."""
    file = example(place, "UnitOfMeasure", "2.000")
    wrong = (
        Path(file).read_bytes().replace(b"<Code>", b"<Codigo>").replace(b"</Code>", b"</Codigo>")
    )
    place.file("routes.yaml", ROUTES.replace(", strictness: warn", "").encode())
    with place.bus_running() as url:
        item = example(place, "Item", "4.005")
        unit, _ = send(place, url, place.file("wrong.xml", wrong), item)
        (wait,) = until(lambda: of_unit(place))
        told = place.bus("depara", "waiting")
        english = place.bus("depara", "waiting", "--language", "en")

    assert (wait["provider"], wait["provided_by"]) == ("rejected", unit["message"])
    assert wait["endless"]
    assert f"a mensagem {unit['message']}, que o traria, foi recusada" in told.stdout
    assert "corrija o cadastro na origem e envie-o de novo" in told.stdout
    assert f"message {unit['message']}, which would bring it, was rejected" in english.stdout
    assert "correct the register at its origin and send it again" in english.stdout


def test_a_register_that_brought_no_id_is_named(place: Place, serve: Serve) -> None:
    """It was delivered, and the answer named none: sending it again would help nobody."""
    file = example(place, "UnitOfMeasure", "2.000")
    address = serve(200, response(uuid=uuid_in(file)))
    place.file("routes.yaml", ROUTES.replace("http://127.0.0.1:9/", address).encode())
    place.bus("depara", "set", "Company", "rm:1|1", "wms:9")
    with place.bus_running() as url:
        (unit,) = send(place, url, file)
        until(lambda: place.json("messages", "--state", "delivered"))
        send(place, url, example(place, "Item", "4.005"))
        (wait,) = until(lambda: of_unit(place))
        told = place.bus("depara", "waiting")
        english = place.bus("depara", "waiting", "--language", "en")

    assert (wait["provider"], wait["provided_by"]) == ("silent", unit["message"])
    assert wait["endless"]
    assert "terminou, e nenhuma resposta trouxe o id" in told.stdout
    assert f"veja bus trace {unit['message']}, o que se respondeu, e informe o par" in told.stdout
    assert "has ended, and no answer brought the id" in english.stdout
    see = f"see bus trace {unit['message']}, what was answered, and enter the pair: bus depara set"
    assert see in english.stdout


LEARNT = """<ReturnContent><ListOfInternalId><InternalId><Name>CurrencyInternalId</Name>\
<Origin>USD</Origin><Destination>01|DOLAR</Destination></InternalId></ListOfInternalId>\
</ReturnContent></ResponseMessage>"""


@pytest.fixture
def conflict(place: Place, serve: Serve) -> Place:
    """A person paired USD with 01|USD; an answer of Protheus says that it is 01|DOLAR."""
    answer = response(uuid="u-1").replace(b"</ResponseMessage>", LEARNT.encode())
    routes = ROUTES.replace("http://127.0.0.1:9/", serve(200, answer)).replace(
        "[wms]", "[protheus]"
    )
    shared = "shared_ids: [{entity: Company, between: [rm, protheus]}]\n"
    place.file("routes.yaml", (routes + shared).encode())
    place.bus("depara", "set", "Currency", "rm:USD", "protheus:01|USD")
    with place.bus_running() as url:
        send(place, url, place.file("usd.xml", currency("u-1", "USD")))
        until(lambda: place.json("depara", "conflicts"))
    return place


def test_an_id_that_settles_a_doubt_and_is_not_learnt_is_told(place: Place, serve: Serve) -> None:
    """Done is not all: another pair stands against it, and a person decides which counts."""
    routes = ROUTES.replace("http://127.0.0.1:9/", serve(200, b"?")).replace("[wms]", "[protheus]")
    routes = routes.replace("strictness: warn", "strictness: warn, deadline: 1s")
    shared = "shared_ids: [{entity: Company, between: [rm, protheus]}]\n"
    place.file("routes.yaml", (routes + shared).encode())
    place.bus("depara", "set", "Currency", "rm:USD", "protheus:01|USD")
    with place.bus_running() as url:
        for uuid, code in (("u-1", "USD"), ("u-2", "BRL")):
            body = currency(uuid, code).replace(b">Async<", b">Sync<")
            send(place, url, place.file(f"{code}.xml", body))
        until(lambda: place.json("messages", "--state", "unknown"))
        said = ("--done", "--reason", "I looked", "--language", "en")
        told = place.bus("settle", "u-1", "--id", "01|DOLAR", *said)
        (learnt,) = place.json("settle", "u-2", "--id", "01|REAL", *said)

    assert (told.exit_code, learnt["faults"]) == (0, [])
    assert [line.strip() for line in told.stdout.splitlines()[2:]] == [
        (
            "The id was not learnt: Currency rm:USD = protheus:01|DOLAR contradicts "
            "protheus:01|USD, which the de-para has already (conflict 1)."
        ),
        (
            "→ Decide by `bus depara conflicts settle 1 --keep`, or `--replace` where the new id "
            "is the right one."
        ),
    ]


def test_a_conflict_is_listed_with_what_stands_against_it(conflict: Place) -> None:
    """Both ids, what was known, the message whose answer it was, and what to do."""
    (one,) = conflict.json("depara", "conflicts")
    told = lines(conflict.bus("depara", "conflicts"))

    assert one["message"]
    assert told[0] == "Conflito 1: Currency rm:USD = protheus:01|DOLAR"
    assert told[1].strip() == "contra isso está protheus:01|USD"
    assert one["message"] in told[2]
    assert "bus depara conflicts settle 1 --keep" in told[3]


@pytest.mark.parametrize(("choice", "id_"), [("--keep", "01|USD"), ("--replace", "01|DOLAR")])
def test_a_conflict_is_settled(conflict: Place, choice: str, id_: str) -> None:
    """A person decides; then it is settled, and cannot be settled again."""
    undecided = conflict.bus("depara", "conflicts", "settle", "1")
    settled = conflict.bus("depara", "conflicts", "settle", "1", choice)
    again = conflict.bus("depara", "conflicts", "settle", "1", choice)

    assert undecided.exit_code == 2
    assert lines(settled)[0] == "Conflito 1 resolvido."
    assert ids(conflict, "Currency", "rm:USD") == ["rm:USD", f"protheus:{id_}"]
    assert lines(conflict.bus("depara", "conflicts")) == ["Nada."]
    assert (again.exit_code, "Não há conflito 1 em aberto" in again.stderr) == (1, True)


def test_a_change_that_was_used_names_the_messages(place: Place, serve: Serve) -> None:
    """Which messages left with an id that is taken back (D11)."""
    address = serve(200, response(uuid="u-1"))
    place.file("routes.yaml", ROUTES.replace("http://127.0.0.1:9/", address).encode())
    place.bus("depara", "set", "Currency", "rm:USD", "wms:77")
    with place.bus_running() as url:
        (sent,) = send(place, url, place.file("usd.xml", currency("u-1", "USD")))
        place.bus("depara", "set", "Company", "rm:1|1", "wms:9")
        until(lambda: place.json("messages", "--state", "delivered"))
        (undone,) = place.json("depara", "undo", "1")

    assert undone["uses"] == [sent["message"]]


async def test_the_rules_of_what_is_the_same_reach_the_bus(place: Place) -> None:
    """What routes.yaml says under `shared_ids` is in force, with the number of its version."""
    place.file(
        "routes.yaml", (ROUTES + "shared_ids: [{entity: item, between: [rm, wms]}]\n").encode()
    )

    async with open_unwatched(place.settings) as bus:
        assert bus.deployment.shared_ids == (SharedIds("Item", frozenset({"rm", "wms"})),)
        assert bus.deployment.number == 1
