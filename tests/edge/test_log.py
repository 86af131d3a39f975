"""The log and the metrics: one line an event, what it says, and what it never says."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from adapters.simulation.behaviour import Conduct, ScriptedConduct
from bus.core.delivery import State
from bus.core.errors import BusFault, Fault
from bus.core.outcome import Outcome, Report
from bus.core.text import visible
from bus.edge.log import LONGEST, LogObserver, configure
from bus.edge.metrics import Metrics
from bus.engine.accept import Acceptor
from bus.journal.commands import Recorded
from tests.cli.test_timeline import delivery, message
from tests.edge.conftest import PASSWORD, Whole, unit, whole_bus
from tests.edge.test_health import metrics

ESCAPES = "\x9b31m\x9d0;owned\x9c"
"""C1 controls, which XML lets through: red, and another title of the window."""
FIELDS = {
    "message rejected": {"message", "uuid", "sender", "transaction", "code", "path"},
    "message repeated": {"message", "uuid", "verdict"},
    "delivery refused": {
        "message", "application", "outcome", "code", "attempt", "seconds", "due_at",
    },
    "turned away": {"why", "application", "address", "times"},
}  # fmt: skip


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is written to standard error, as JSON, from the first line of a test on."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    before = structlog.get_config()
    configure("info", "json")
    yield stream
    structlog.configure(**before)


async def every_kind(whole: Whole) -> None:
    """One event of each kind: rejected, repeated, refused, and a password that is wrong."""
    whole.protheus.behave(ScriptedConduct(Conduct.REFUSE, text="segredo-do-destino"))
    await whole.post(unit("log-1", mode="Sync"))
    await whole.post(unit("log-2", code="MUITO-LONGO"))
    await whole.post(unit("log-3", "KG", "Sync", "1|KG"))
    await whole.post(unit("log-3", "KG", "Sync", "1|KG"))
    await whole.post(b"<a/>", headers={"Authorization": "Basic cm06Z3Vlc3NlZA=="})


async def test_each_event_is_one_line_with_its_fields(whole: Whole) -> None:
    """The fields by which an operator finds it; neither bodies nor what a destination said."""
    with capture_logs() as lines:
        await every_kind(whole)

    told = {line["event"]: line for line in lines}
    assert {event: set(line) - {"event", "log_level"} for event, line in told.items()} == FIELDS
    assert len(lines) == len(FIELDS)


async def test_a_destination_that_refuses_the_login_of_the_bus_is_told(whole: Whole) -> None:
    """Which, and by which code; the caller is told the same in words, and what is to be done."""
    whole.protheus.behave(ScriptedConduct(Conduct.DENY))
    with capture_logs() as lines:
        status, body, headers = await whole.post(unit("den-1", mode="Sync"))

    (line,) = lines
    assert line["event"] == "delivery discarded"
    assert (line["application"], line["outcome"]) == ("protheus", "unreachable")
    assert (line["code"], line["attempt"]) == ("LOGIN_REFUSED_BY_RECEIVER", 1)
    assert line["message"] == headers["x-message-id"]
    assert status == 503
    assert "protheus não aceitou o barramento: " in body.decode()
    assert "Confira endereço e credenciais de protheus em routes.yaml." in body.decode()


async def test_no_secret_and_no_body_is_written(tmp_path: Path, written: io.StringIO) -> None:
    """Whatever happens, in JSON a line an event."""
    async with whole_bus(tmp_path) as whole:
        await every_kind(whole)

    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert {line["event"] for line in lines} == set(FIELDS)
    for hidden in (PASSWORD, "guessed", "cm06", "<TOTVS", "segredo-do-destino", "MUITO"):
        assert hidden not in written.getvalue()


async def test_what_operators_watch_is_moved_by_what_happens(
    whole: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failures, repeats, surprises and posts that are unaccounted for, each by a real case."""
    await every_kind(whole)

    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Acceptor, "receive", broken)
    status, _, _ = await whole.post(unit("log-4"))
    shown = await metrics(whole)

    assert status == 500
    labels = '{route="registers",transaction="UnitOfMeasure"}'
    assert shown[f"bus_deliveries_failed_total{labels}"] == 1
    assert shown['bus_messages_repeated_total{transaction="UnitOfMeasure",verdict="stored"}'] == 1
    assert shown['bus_unexpected_errors_total{what="a post failed"}'] == 1
    assert shown['bus_turned_away_total{why="UNAUTHENTICATED"}'] == 1
    assert shown["bus_messages_unaccounted"] == 0


async def test_an_answer_that_differs_is_told_and_counted(
    whole: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line with its place and nothing of what was said; one that is right tells nothing."""
    await whole.post(unit("dif-1", mode="Sync"))
    told = "<ReturnContent><Situation>o que disse</Situation>{content}</ReturnContent>"
    monkeypatch.setattr("adapters.simulation.desk.RETURN", told)
    with capture_logs() as lines:
        status, body, _ = await whole.post(unit("dif-2", mode="Sync"))
    shown = await metrics(whole)

    assert status == 200
    assert b"<Status>OK" in body
    (line,) = lines
    assert (line["event"], line["code"], line["application"]) == (
        "answer differs from its contract",
        "ANSWER_DIFFERS",
        "protheus",
    )
    assert line["path"] == "/TOTVSMessage/ResponseMessage/ReturnContent/Situation"
    assert "o que disse" not in str(line)
    labels = '{application="protheus",transaction="UnitOfMeasure"}'
    assert shown[f"bus_answers_differing_total{labels}"] == 1


def test_words_that_nobody_mapped_are_told_once_with_where_to_read_them() -> None:
    """However many documents they are of; another application's are told too; all are counted.

    The words themselves, which may name a person, are not in the log.
    """
    metrics_of, log = Metrics(), LogObserver()

    with capture_logs() as lines:
        for number, application in ((1, "rm"), (2, "rm"), (3, "omie")):
            told = Report(Outcome.UNKNOWN, unmapped=f"Produto {number} sem saldo")
            row = delivery(destination=application, state=State.UNKNOWN)
            for observer in (metrics_of, log):
                observer.attempted(Recorded(message(), row), told, 0.0)

    told_once = [one for one in lines if one["event"] == "fault text unknown"]
    id_ = message().id
    assert [(one["application"], one["message"], one["read"]) for one in told_once] == [
        ("rm", id_, f"bus trace {id_}"),
        ("omie", id_, f"bus trace {id_}"),
    ]
    assert "saldo" not in str(lines)
    count = metrics_of.registry.get_sample_value
    assert count("bus_fault_texts_unmapped_total", {"application": "rm"}) == 2


def test_a_fault_is_told_by_its_code_and_remedy_and_a_surprise_by_where_it_came_from() -> None:
    """What an administrator can mend is no traceback: of several faults each has a line."""
    away = BusFault(Fault("JOURNAL_UNREACHABLE"), Fault("DISK_NEARLY_FULL"))
    log = LogObserver()

    with capture_logs() as lines:
        log.troubled("an outcome waits to be recorded", away)
        log.troubled("claiming failed", KeyError("lane"))

    first, second, surprise = lines
    assert [one["code"] for one in (first, second)] == ["JOURNAL_UNREACHABLE", "DISK_NEARLY_FULL"]
    assert first["why"] == away.faults[0].reason("en")
    assert first["remedy"] == away.faults[0].remedy("en")
    assert (first["owner"], "exc_info" in first) == ("bus admin", False)
    assert isinstance(surprise["exc_info"], KeyError)


async def test_names_from_outside_never_become_labels(whole: Whole) -> None:
    """Of transactions that no contract knows there is one label, however many are sent."""
    body = unit("lab-1").replace(b"<Transaction>UnitOfMeasure", b"<Transaction>@")
    for number in range(20):
        await whole.post(body.replace(b"lab-1", b"lab%d" % number).replace(b"@", b"N%d" % number))
    await whole.post(
        unit("lab-x").replace(b"<Transaction>UnitOfMeasure", b"<Transaction>UNITofmeasure")
    )
    shown = await metrics(whole)

    labels = {
        name.partition('transaction="')[2].partition('"')[0]
        for name in shown
        if "transaction=" in name
    }
    assert labels <= {"other", "UnitOfMeasure"}


def test_metrics_of_a_transaction_that_is_known_have_its_name() -> None:
    """In the spelling of its contract."""
    known = Metrics()
    known.know(["UnitOfMeasure"])

    assert known._transaction("UNITOFMEASURE") == "UnitOfMeasure"  # noqa: SLF001 - the one door of labels
    assert known._transaction("x" * 9999) == "other"  # noqa: SLF001


async def test_terminals_and_logs_obey_nothing_from_outside(
    tmp_path: Path, written: io.StringIO
) -> None:
    """Control characters in what a sender says are spelt out, and fields are cut."""
    uuid = f"u{ESCAPES}"
    async with whole_bus(tmp_path) as whole:
        await whole.post(unit(uuid, code="MUITO-LONGO"))
    LogObserver()._log.info("x", uuid="y" * 5000 + "\nforged line")  # noqa: SLF001 - as any line

    line, cut = (json.loads(each) for each in written.getvalue().splitlines())
    assert line["uuid"] == visible(uuid) == "u[U+009B]31m[U+009D]0;owned[U+009C]"
    assert len(cut["uuid"]) == LONGEST
