"""`bus messages`, `bus trace`, `bus verify`: reading a journal, beside a running bus or without one."""

import asyncio
import contextlib
import json

import apsw
import pytest

from bus.clock import SystemClock
from bus.core.delivery import State, Step
from bus.core.errors import Fault
from bus.store.sqlite import SqliteStore
from tests.cli.conftest import Place, Story, currency, lines, send
from tests.store.samples import Sample, ended

REFUSAL = Fault("NO_TURN", details={"application": "rm"})


def test_messages_are_listed_newest_first(story: Story) -> None:
    """Each with its id, time, origin, contract and how its deliveries stand."""
    told = story.place.bus("messages")
    listed = story.place.json("messages")

    assert told.exit_code == 0
    assert lines(told)[0].split() == ["id", "recebida", "em", "origem", "mensagem", "entregas"]
    assert len(lines(told)) == 4
    assert lines(told)[2].endswith("Recusada")
    assert lines(told)[3].endswith("protheus: Aguardando execução")
    assert lines(told)[3].startswith(story.waiting)
    assert [one["uuid"] for one in listed] == ["u-3", "u-2", "u-1"]
    assert listed[2]["deliveries"][0]["application"] == "protheus"


@pytest.mark.parametrize(
    ("options", "uuids"),
    [
        (["--state", "rejected"], ["u-2"]),
        (["--state", "waiting"], ["u-3", "u-1"]),
        (["--state", "awaiting-response"], []),
        (["--key", "EUR"], ["u-3"]),
        (["--key", "USD"], ["u-2", "u-1"]),  # one was rejected
        (["--transaction", "Currency", "--from", "rm", "--to", "protheus"], ["u-3", "u-1"]),
        (["--transaction", "currency", "--from", "RM", "--to", "Protheus"], ["u-3", "u-1"]),
        (["--transaction", "Item"], []),
        (["--from", "protheus"], []),
        (["--since", "1h"], ["u-3", "u-2", "u-1"]),
        (["--until", "1h"], []),
        (["--since", "2000-01-01", "--until", "2001-01-01T10:00"], []),
        (["--limit", "1"], ["u-3"]),
    ],
)
def test_messages_are_chosen_by_what_people_know(
    story: Story, options: list[str], uuids: list[str]
) -> None:
    """By state, key, transaction, application and time."""
    assert [one["uuid"] for one in story.place.json("messages", *options)] == uuids


WRONG_NAMES = [
    (["--transaction", "Reqest"], "Seria “Request”?"),
    (["--to", "protehus"], "Seria “protheus”?"),
]


@pytest.mark.parametrize(("options", "question"), [*WRONG_NAMES, (["--from", "nope"], "rm")])
def test_a_name_that_there_is_not_is_no_empty_list(
    story: Story, options: list[str], question: str
) -> None:
    """A slip in a filter is told, with the nearest name or those that there are."""
    told = story.place.bus("messages", *options)

    assert told.exit_code == 1
    assert "Nenhuma mensagem" not in told.output
    assert question in told.stderr


@pytest.mark.parametrize(
    ("options", "question"), [*WRONG_NAMES, (["--route", "regsters"], "Seria “registers”?")]
)
def test_nothing_is_reconciled_by_a_name_that_there_is_not(
    story: Story, options: list[str], question: str
) -> None:
    """A slip is no "nothing to ask about"; a right name is taken in any letter case."""
    told = story.place.bus("reconcile", "--since", "10m", *options)
    right = story.place.bus("reconcile", "--since", "10m", "--to", "RM", "--route", "Registers")

    assert (told.exit_code, told.stdout) == (1, "")
    assert question in told.stderr
    assert (right.exit_code, right.stdout) == (0, "Nada a perguntar.\n")


def test_a_name_that_is_declared_no_more_still_lists_what_the_journal_has(story: Story) -> None:
    """An application that was taken out of the file is not a slip."""
    asyncio.run(_configured(story.place, "applications: {omie: {product: OMIE}}\n"))

    listed = story.place.json("messages", "--from", "rm")
    assert [one["uuid"] for one in listed] == ["u-3", "u-2", "u-1"]


async def _configured(place: Place, text: str) -> None:
    store = await SqliteStore.open(place.journal_file, SystemClock())
    await store.history.configurations(text, "file")
    await store.close()


def test_a_long_list_goes_on_below_its_last(story: Story) -> None:
    """The end of a page says how to go on."""
    page = story.place.bus("messages", "--limit", "2")
    *_, more, before = lines(page)[-1].split()

    below = story.place.json("messages", more, before)
    assert [one["uuid"] for one in below] == ["u-1"]
    assert story.place.bus("messages", "--key", "none").stdout == "Nenhuma mensagem.\n"


def test_what_waits_for_its_turn_shows_what_holds_it(place: Place) -> None:
    """In the list and in the trace: which message, of what document, how it stands and why."""
    stopped, waiting = Sample(), Sample()
    asyncio.run(_held(place, stopped, waiting))

    listed = place.bus("messages")
    trace = place.bus("trace", waiting.id)
    in_english = place.bus("trace", waiting.id, "--language", "en")
    (told, of_stopped) = place.json("messages")
    (story,) = place.json("trace", waiting.id)

    held = f"espera CustomerVendor 1|7, mensagem {stopped.id}: Falhou"
    assert f"rm: Aguardando execução, {held}, {REFUSAL.reason('pt')}" in listed.stdout
    assert f"1 → rm: Aguardando execução; {held}" in trace.stdout
    assert REFUSAL.remedy("pt") in trace.stdout
    assert f"waits behind CustomerVendor 1|7, message {stopped.id}: refused" in in_english.stdout
    (delivery,) = told["deliveries"]
    assert delivery["behind"] == story["deliveries"][0]["behind"]
    assert delivery["behind"]["message"] == stopped.id
    assert delivery["behind"]["document"] == "order/1|7"
    assert delivery["behind"]["faults"][0]["code"] == REFUSAL.code
    assert of_stopped["deliveries"][0]["behind"] is None


async def _held(place: Place, stopped: Sample, waiting: Sample) -> None:
    """Has two messages of one document accepted, of which the first is refused."""
    store = await SqliteStore.open(place.journal_file, SystemClock())
    try:
        for one in (stopped, waiting):
            await store.journal.accept(one.accepted(document="order/1|7"))
        (claim,) = await store.journal.claim("worker", {"rm": 9}, 60)
        await store.journal.record(ended(claim, Step.REFUSE, fault=REFUSAL))
    finally:
        await store.close()


@pytest.mark.parametrize("state", [*State], ids=str)
def test_messages_are_listed_by_every_state(story: Story, state: State) -> None:
    """As it is typed, with hyphens; what its name has of them stays."""
    typed = state.replace(" ", "-")
    with contextlib.closing(apsw.Connection(story.place.journal)) as journal:
        journal.execute("UPDATE deliveries SET state = ? WHERE message = ?", (state, story.waiting))

    found = story.place.json("messages", "--state", typed)

    assert story.waiting in [one["id"] for one in found]


def test_messages_whose_answer_differs_are_listed(place: Place) -> None:
    """By `--differs` alone, and of the application that answered so."""
    differing, right = Sample(), Sample()
    asyncio.run(_answered(place, differing, right))

    listed = place.json("messages", "--differs", "--to", "rm")

    assert [one["id"] for one in listed] == [differing.id]
    assert len(place.json("messages")) == 2


async def _answered(place: Place, differing: Sample, right: Sample) -> None:
    """Has two messages delivered, the first with an answer that differs."""
    details = {"application": "rm", "contract": "", "problem": "-"}
    store = await SqliteStore.open(place.journal_file, SystemClock())
    try:
        for one, wrong in ((differing, (Fault("ANSWER_DIFFERS", details=details),)), (right, ())):
            await store.journal.accept(one.accepted())
            (claim,) = await store.journal.claim("worker", {"rm": 9}, 60)
            await store.journal.record(ended(claim, complaints=wrong))
    finally:
        await store.close()


def test_a_time_that_is_none_is_refused(story: Story) -> None:
    """And the forms that would do are told."""
    told = story.place.bus("messages", "--since", "yesterday")

    assert told.exit_code == 2
    assert "2026-01-31" in told.stderr


def test_a_trace_tells_the_story_by_id_or_uuid(story: Story) -> None:
    """Either names the message."""
    by_id = story.place.bus("trace", story.waiting)
    by_uuid = story.place.bus("trace", "u-1")
    (in_json,) = story.place.json("trace", "u-1")

    assert by_id.exit_code == 0
    assert by_id.stdout == by_uuid.stdout
    assert lines(by_id)[0] == "Currency 2.001  upsert"
    assert "1 → protheus: Aguardando execução" in by_id.stdout
    assert in_json["id"] == story.waiting
    assert in_json["deliveries"][0]["destination"] == "protheus"


def test_a_trace_of_a_rejected_message_says_who_must_act(story: Story) -> None:
    """Reason, place and remedy, as the sender was told."""
    told = story.place.bus("trace", story.rejected).stdout

    assert "→ quem envia: " in told
    assert told.endswith("Agora:\n  Recusada\n")


def test_a_uuid_of_several_messages_lists_them(place: Place) -> None:
    """Nobody is shown one of them by chance."""
    routes = (place.folder / "routes.yaml").read_text("utf-8")
    routes = routes.replace("product: RM,", "product: RM, identity: uuid+content,")
    place.file("routes.yaml", routes.encode())
    files = [place.file("usd.xml", currency("1")), place.file("eur.xml", currency("1", "EUR"))]
    with place.bus_running() as url:
        sent = send(place, url, *files)

    told = place.bus("trace", "1")
    in_json = place.json("trace", "1")

    assert told.exit_code == 1
    assert lines(told)[0] == "O UUID 1 é de 2 mensagens; escolha uma pelo id:"
    assert [one["id"] for one in in_json] == [one["message"] for one in reversed(sent)]


def test_reading_goes_on_beside_a_running_bus(story: Story) -> None:
    """The journal is read while a bus writes it."""
    with story.place.bus_running():
        assert len(story.place.json("messages")) == 3
        assert story.place.bus("verify").exit_code == 0


def test_verify_proves_a_sound_journal(story: Story) -> None:
    """Received is rejected and repeats and accepted, and nothing differs."""
    told = story.place.bus("verify")
    (in_json,) = story.place.json("verify")

    assert told.exit_code == 0
    assert lines(told)[0] == "recebidas 3 = recusadas 1 + repetidas 0 + aceitas 2"
    assert lines(told)[-1] == "Nada se perdeu nem se duplicou."
    assert in_json["deliveries"] == {"waiting": 2}
    assert in_json["discrepancies"] == []


def test_verify_tells_what_differs(story: Story) -> None:
    """A row that was changed behind the bus's back is named, and the exit code is 1."""
    with_a_break = apsw.Connection(str(story.place.folder / "bus.db"))
    with_a_break.execute(
        "UPDATE deliveries SET state = 'delivered' WHERE message = ?", [story.waiting]
    )
    with_a_break.close()

    told = story.place.bus("verify")
    (in_json,) = story.place.json("verify")

    assert told.exit_code == 1
    assert "diferença(s):" in told.stdout
    assert any(story.waiting in line for line in lines(told))
    assert story.waiting in json.dumps(in_json["discrepancies"])


def test_a_journal_that_is_not_there_is_told(place: Place) -> None:
    """Reading makes no file."""
    told = place.bus("messages")

    assert told.exit_code == 2
    assert told.stderr
    assert not (place.folder / "bus.db").exists()


def test_a_terminal_obeys_nothing_that_a_sender_wrote(place: Place) -> None:
    """C1 controls, which XML lets through, are spelt out by `messages`, `trace` and in JSON."""
    file = place.file("bad.xml", currency("u\x9b31m\x9d0;owned\x9c", "LONGER"))
    with place.bus_running() as url:
        (sent,) = send(place, url, file)

    for told in (
        place.bus("messages"),
        place.bus("trace", sent["message"]),
        place.bus("trace", sent["message"], "--json"),
        place.bus("messages", "--json"),
        place.bus("validate", file),
        place.bus("trace", "no\x9b31m"),
    ):
        assert not set(told.output) & {chr(code) for code in (27, *range(0x7F, 0xA0))}, told
