"""A bus that stops beside a destination that is silent: what it was sending is told as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.simulation.behaviour import Conduct, ScriptedConduct
from bus.config import load_settings
from bus.core.delivery import State
from bus.engine import dispatch
from bus.wiring import open_history
from tests.edge.conftest import ROUTES, unit, whole_bus
from tests.edge.test_reload import until

UNSAFE = ROUTES.replace("timeout: 5s", "timeout: 60s, repeat_unsafe: [UnitOfMeasure]")


async def test_what_a_silent_destination_was_being_sent_is_in_doubt_once_the_bus_has_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody executes it any more, so the journal does not say so; the log tells how many."""
    monkeypatch.setattr(dispatch, "GRACE", 0.2)
    with capture_logs() as logs:
        async with whole_bus(tmp_path, routed=UNSAFE) as whole:
            whole.protheus.behave(ScriptedConduct(Conduct.ANSWER, seconds=60))
            await whole.post(unit("stop-1"))

            async def is_sending() -> bool:
                return bool(whole.protheus.received)

            await until(is_sending)

    settings = load_settings(journal=str(tmp_path / "journal.sqlite"))
    async with open_history(settings) as history:
        (found,) = await history.find("stop-1")
        trace = await history.trace(found.id)

    assert trace is not None
    assert [row.state for row in trace.deliveries] == [State.UNKNOWN]
    assert trace.attempts[-1].ended_at > 0
    (told,) = [one for one in logs if one["event"] == "attempts cut off"]
    assert (told["count"], told["states"]) == (1, {"unknown": 1})
