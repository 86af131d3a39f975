"""`bus replay`, `block`, `unblock`, `discard`: by the running bus, or on a journal that none holds."""

import socket
import threading
from collections.abc import Iterator
from contextlib import nullcontext

import pytest

from bus.config import Settings
from bus.core.delivery import STATE_TEXTS, State
from bus.core.errors import BusFault
from bus.core.text import Language
from bus.edge.cli.client import carry_out
from bus.edge.verbs.messages import REPLAY, ReplayIn
from tests.cli.conftest import ROUTES, Place, Story, send, wrong_currency


def be_lenient(place: Place) -> None:
    """Insist on contracts no longer."""
    lenient = ROUTES.replace("from: rm,", "from: rm, strictness: warn,")
    place.file("routes.yaml", lenient.encode())


@pytest.fixture(params=["running", "stopped"])
def acting(request: pytest.FixtureRequest, story: Story) -> Iterator[Story]:
    """The story, with and without a bus that runs; contracts are no longer insisted on."""
    be_lenient(story.place)
    bus = story.place.bus_running() if request.param == "running" else nullcontext()
    with bus:
        yield story


def state(story: Story) -> str:
    """How the delivery of the message that waits stands."""
    (trace,) = story.place.json("trace", story.waiting)
    return str(trace["deliveries"][0]["state"])


def test_a_delivery_is_blocked_and_unblocked(acting: Story) -> None:
    """What a person holds stays held until a person lets it go."""
    blocked = acting.place.bus("block", acting.waiting, "--reason", "stocktaking")
    held = state(acting)
    freed = acting.place.bus("unblock", "u-1")

    assert (blocked.exit_code, freed.exit_code) == (0, 0), blocked.stderr + freed.stderr
    assert blocked.stdout.splitlines() == [
        f"Feito: mensagem {acting.waiting}",
        "  1 → protheus: Bloqueado",
    ]
    assert held == "blocked"
    assert state(acting) in {"waiting", "sending"}


def test_a_delivery_is_discarded_with_its_reason(acting: Story) -> None:
    """The reason is kept, with who gave it."""
    (done,) = acting.place.json("discard", acting.waiting, "--reason", "já existe", "--number", "1")
    (trace,) = acting.place.json("trace", acting.waiting)

    assert done["moved"] == [{"number": 1, "application": "protheus", "state": "discarded"}]
    (act,) = [fact for fact in trace["facts"] if fact["step"] == "discard"]
    assert act["reason"] == "já existe"
    assert act["actor"]


def test_a_rejected_message_is_replayed_as_a_new_one(acting: Story) -> None:
    """It is read and judged again; the new message knows its ancestor."""
    (done,) = acting.place.json("replay", acting.rejected)
    (trace,) = acting.place.json("trace", done["message"])

    assert done["message"] != acting.rejected
    assert trace["parent"] == acting.rejected


def test_what_is_replayed_while_no_bus_runs_is_left_to_the_next(place: Place) -> None:
    """The command ends at once: what it began to send would be a doubt for a person."""
    with place.bus_running() as url:
        (rejected,) = send(place, url, place.file("bad.xml", wrong_currency("u-2")))
    be_lenient(place)
    (done,) = place.json("replay", rejected["message"])
    (trace,) = place.json("trace", done["message"])

    assert [(one["state"], one["tries"]) for one in trace["deliveries"]] == [("waiting", 0)]
    assert trace["attempts"] == []


def test_what_is_not_possible_is_refused(acting: Story) -> None:
    """In the bus's words, whoever carries it out, with exit code 1."""
    told = acting.place.bus("unblock", acting.waiting)
    unknown = acting.place.bus("replay", "nowhere")

    assert (told.exit_code, unknown.exit_code) == (1, 1)
    assert "→ " in told.stderr
    assert "nowhere" in unknown.stderr


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("pt", "Não é possível: a entrega está em “{}”."),
        ("en", "Not possible: the delivery is in “{}”."),
    ],
)
def test_a_fault_is_told_in_the_language_of_the_one_who_acts(
    acting: Story, language: Language, said: str
) -> None:
    """Whatever the language of the bus that runs."""
    (told,) = acting.place.json("unblock", acting.waiting, "--language", language)

    (error,) = told["errors"]
    assert (error["code"], error["owner"]) == ("STEP_NOT_ALLOWED", "sender")
    states = [STATE_TEXTS[state].name for state in (State.WAITING, State.SENDING)]
    assert error["message"] in [said.format(name.told(language)) for name in states]


def test_discarding_needs_a_reason(story: Story) -> None:
    """It cannot be undone, and the sender is told why."""
    assert story.place.bus("discard", story.waiting).exit_code == 2
    assert state(story) == "waiting"


def test_a_bus_that_breaks_off_is_told(place: Place) -> None:
    """An answer that never came is not taken for one."""
    settings: Settings = place.settings
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"{settings.journal}.sock")
    listener.listen()
    listener.settimeout(10)

    def hang_up() -> None:
        listener.accept()[0].close()

    thread = threading.Thread(target=hang_up)
    thread.start()
    with pytest.raises(BusFault) as caught:
        carry_out(settings, REPLAY, ReplayIn(message="01"))
    thread.join()
    listener.close()

    assert caught.value.fault.code == "INTERNAL"


@pytest.mark.parametrize(
    "said",
    [
        ["--done", "--not-done", "--reason", "I looked"],
        ["--not-done", "--done", "--reason", "I looked"],
        ["--reason", "I looked"],
        ["--not-done", "--id", "7", "--reason", "I looked"],
        ["--done", "--reason", " "],
        ["--done"],
    ],
)
def test_who_settles_says_one_thing_and_why(story: Story, said: list[str]) -> None:
    """What is told to a sender is nobody's slip."""
    told = story.place.bus("settle", story.waiting, *said)

    assert told.exit_code == 2
    assert "Traceback" not in told.stderr


def test_who_gives_up_says_why(story: Story) -> None:
    """A reason of blanks is none."""
    assert story.place.bus("discard", story.waiting, "--reason", " ").exit_code == 2


@pytest.mark.parametrize("verb", ["replay", "block", "discard", "settle"])
def test_a_delivery_that_there_is_not_is_named_with_those_there_are(
    acting: Story, verb: str
) -> None:
    """Before anything else that might be said of it."""
    more = {"discard": ["--reason", "n"], "settle": ["--done", "--reason", "n"]}.get(verb, [])
    (told,) = acting.place.json(verb, acting.waiting, "--number", "99", *more)

    (error,) = told["errors"]
    assert error["code"] == "DELIVERY_NOT_FOUND"
    assert "entrega 99; as que tem são: 1" in error["message"]


def test_a_message_without_deliveries_says_so(acting: Story) -> None:
    """It is in no state that it never had."""
    (told,) = acting.place.json("block", acting.rejected)

    assert told["errors"][0]["code"] == "NO_DELIVERIES"


@pytest.mark.parametrize(
    "said",
    [
        ["replay", "u-1", "--number", "99999999999999999999999"],
        ["send", "a.xml", "--timeout", "-1"],
        ["send", "a.xml", "--timeout", "0"],
        ["send", "a.xml", "--timeout", "nan"],
        ["send", "a.xml", "--timeout", "1e300"],
        ["load", "a", "--as", "rm", "--rate", "nan"],
        ["simulate", "rm", "--port", "99999"],
        ["instruct", "leave", "http://127.0.0.1:1", "inf"],
        ["instruct", "send", "http://127.0.0.1:1", "Currency", "7", "--times", "-1"],
    ],
)
def test_a_number_that_cannot_be_meant_is_a_mistake_of_usage(place: Place, said: list[str]) -> None:
    """It reaches no bus, no journal and no socket."""
    told = place.bus(*said)

    assert told.exit_code == 2, told.output
    assert "Erro: Valor inválido em" in told.stderr


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (["settle", "u-1", "--reason", "n"], "--not-done se não foi"),
        (["settle", "u-1", "--not-done", "--id", "7", "--reason", "n"], "--id só vale com --done"),
        (["diagnose", "--confirm", "T-57"], "informe a aplicação, uma regra e quem o diz"),
        (["depara", "orphans", "--application", "rm"], "só valem juntas"),
        (["depara", "conflicts", "settle", "1"], "--keep se fica o que havia"),
        (["depara", "set", "Currency", "rm:1"], "Informe o outro id"),
        (["depara", "set", "Currency", "rm::"[:3]], "“rm:” não é aplicação, dois-pontos e id"),
        (["depara", "set", "Currency", "rm:1", "wms:\x1b7"], "tem um caractere de controle"),
        (["send", "a.xml", "--url", "foo"], "“foo” não é um endereço como"),
        (["instruct", "show", "foo"], "“foo” não é um endereço como"),
    ],
)
def test_a_mistake_of_usage_says_how_it_is_right(place: Place, said: list[str], told: str) -> None:
    """In a sentence, in the language of whoever asks."""
    came = place.bus(*said)

    assert came.exit_code == 2
    assert told in came.stderr.replace("\n", " ")


def test_an_empty_id_is_of_no_message(story: Story) -> None:
    """Those that came without a UUID are not of it."""
    (told,) = story.place.json("trace", "")

    assert told["errors"][0]["code"] == "MESSAGE_NOT_FOUND"
