"""How a simulated application that answers in JSON puts an answer on the wire, or spoils it."""

from __future__ import annotations

from aiohttp import web

from adapters.simulation.behaviour import Conduct, ScriptedConduct
from adapters.simulation.desk import PAGE, hang_up


def carried_out(
    request: web.Request, step: ScriptedConduct, status: int, body: bytes, busy: web.Response
) -> web.StreamResponse:
    """The answer, or what the step puts in its place; `busy` is how the application says that."""
    head = f"HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    whole = f"{head}\r\n\r\n".encode() + body
    cut = {
        Conduct.DROP_AFTER: b"",
        Conduct.CUT: whole[: len(whole) * 3 // 4],
        Conduct.TWICE: whole + whole,
    }
    if step.do in cut:
        return hang_up(request, cut[step.do])
    page = PAGE.format(text=step.text)
    spoilt = {
        Conduct.EMPTY: web.Response(),
        Conduct.PAGE: web.Response(status=502, text=page, content_type="text/html"),
        Conduct.FAIL: web.Response(status=500, text=step.text),
        Conduct.BUSY: busy,
    }
    answered = web.Response(status=status, body=body, content_type="application/json")
    return spoilt.get(step.do, answered)
