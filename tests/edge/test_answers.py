"""Answers of destinations have a limit, and so has what is kept of them."""

from __future__ import annotations

from pathlib import Path

from bus.core.envelope import Response, Status
from bus.core.outcome import Outcome, Report
from bus.engine.consequences import MOST_UNREAD, _kept
from tests.edge.conftest import unit, whole_bus


async def test_an_answer_beyond_the_limit_is_not_read(tmp_path: Path) -> None:
    """BUS_MAX_ANSWER: its outcome is unknown, and the sender is told so."""
    async with whole_bus(tmp_path, max_answer=200) as whole:
        status, told, _ = await whole.post(unit("a-1", mode="Sync"))
        (message,) = await whole.run.bus.history.find("a-1")
        trace = await whole.run.bus.history.trace(message.id)

    assert status == 504
    assert b"OUTCOME_UNKNOWN" in told
    assert trace
    assert trace.attempts[0].fault
    assert "200" in trace.attempts[0].fault.reason("pt")


def test_what_nobody_could_read_is_kept_in_part() -> None:
    """Ten attempts of ten megabytes each are no hundred in the journal."""
    page = b"x" * 1_000_000

    assert len(_kept(Report(Outcome.UNKNOWN, page))) == MOST_UNREAD
    assert _kept(Report(Outcome.DELIVERED, page, Response("u", Status.OK))) == page
