"""What every adapter that speaks HTTP makes of what applications say and fail to say (S8, S10).

Each conversation is a scene: it ends in one exact outcome and fault.
"""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Awaitable, Callable

from bus.core.outcome import Outcome
from bus.testing.raw_server import Line
from bus.testing.standard_messages import MESSAGE, OTHER_UUID, UUID, receipt, response
from bus.testing.suite import Scene

LIMIT = 10 * 1024**2
PATIENCE = 0.6  # s; enough on a busy machine to connect and send
XML = "Content-Type: application/xml; charset=utf-8"
HTML = "Content-Type: text/html"
PAGE = b"<!DOCTYPE html><html><body><h1>It works!</h1></body></html>"
OK, NO = response(), response("ERROR", "Cliente bloqueado")

Wrap = Callable[[bytes], bytes]
Play = Callable[[Line, Wrap], Awaitable[object]]


def http(status: str, body: bytes = b"", *headers: str, length: int | None = None) -> bytes:
    """A whole HTTP answer; with another length, one that lies about it."""
    size = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {size}", "", ""]
    return "\r\n".join(lines).encode() + body


def answers(status: str, message: bytes, *headers: str) -> Play:
    """Hear the message, then answer with a standard message in the carrier's wrapping."""

    async def play(line: Line, wrap: Wrap) -> None:
        await line.hear()
        await line.say(http(status, wrap(message), XML, *headers))
        await line.ended_by_peer()

    return play


def replies(status: str, body: bytes = b"", *headers: str) -> Play:
    """Hear the message, then answer with bytes that are no standard message."""
    return says(http(status, body, *headers))


def says(*pieces: bytes) -> Play:
    """Hear the message, say these bytes piece by piece, and end the connection."""

    async def play(line: Line, _: Wrap) -> None:
        await line.hear()
        for piece in pieces:
            await line.say(piece)
            await asyncio.sleep(0)

    return play


def breaks_off(status: str, *headers: str, length: int | None = None, reset: bool = False) -> Play:
    """Hear the message, answer with the first half of an OK, and break off."""

    async def play(line: Line, wrap: Wrap) -> None:
        await line.hear()
        body = wrap(OK)
        await line.say(http(status, body[: len(body) // 2], *headers, length=length or len(body)))
        if reset:
            await asyncio.sleep(0.05)
            line.reset()

    return play


async def nobody(line: Line, _: Wrap) -> None:
    """Nobody listens: there is no line."""


async def never_reads(line: Line, _: Wrap) -> None:
    """Close without having read a byte."""


async def resets_at_once(line: Line, _: Wrap) -> None:
    """Break off before reading."""
    line.reset()


async def resets_after_hearing(line: Line, _: Wrap) -> None:
    """Break off when the message is there."""
    await line.hear()
    line.reset()


async def keeps_silent(line: Line, _: Wrap) -> None:
    """Hear the message and say nothing."""
    await line.hear()
    await line.ended_by_peer()


async def trickles(line: Line, wrap: Wrap) -> None:
    """Answer OK, byte by byte, in chunks."""
    await line.hear()
    await line.say(f"HTTP/1.1 200 OK\r\n{XML}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
    for byte in wrap(OK):
        await line.say(b"1\r\n" + bytes([byte]) + b"\r\n")
        await asyncio.sleep(0)
    await line.say(b"0\r\n\r\n")


async def trickles_for_ever(line: Line, _: Wrap) -> None:
    """Say a little now and then, without end."""
    await line.hear()
    await line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        await line.say(b"<")
        await asyncio.sleep(0.05)


async def floods(line: Line, _: Wrap) -> None:
    """Answer without end, as fast as it goes."""
    await line.hear()
    await line.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        await line.say(b"10000\r\n" + b" " * 65_536 + b"\r\n")


async def refuses_length(line: Line, _: Wrap) -> None:
    """Refuse by the header alone, without reading the message."""
    await line.reader.readuntil(b"\r\n\r\n")
    await line.say(http("413 Content Too Large"))
    await line.ended_by_peer()


async def compresses(line: Line, wrap: Wrap) -> None:
    """Answer OK, compressed though nobody asked."""
    await line.hear()
    await line.say(http("200 OK", gzip.compress(wrap(OK)), XML, "Content-Encoding: gzip"))


async def ends_by_closing(line: Line, wrap: Wrap) -> None:
    """Answer OK without a length, as HTTP/1.0 does."""
    await line.hear()
    await line.say(b"HTTP/1.0 200 OK\r\n\r\n" + wrap(OK))


async def says_processing_first(line: Line, wrap: Wrap) -> None:
    """Send interim answers before the OK."""
    await line.hear()
    await line.say(b"HTTP/1.1 102 Processing\r\n\r\n" * 3 + http("200 OK", wrap(OK), XML))


def _understood() -> list[Scene]:
    c, o = Scene, Outcome
    braces = response(uuid="{" + UUID.upper() + "}")
    again = response("ERROR", "Mensagem não processada. Tente novamente")
    return [
        c("OK", answers("200 OK", OK), o.DELIVERED),
        c("OK spelt Ok", answers("200 OK", response("Ok")), o.DELIVERED),
        c("OK with 201", answers("201 Created", OK), o.DELIVERED),
        c("OK byte by byte", trickles, o.DELIVERED),
        c("OK compressed", compresses, o.DELIVERED),
        c("OK without length", ends_by_closing, o.DELIVERED),
        c("OK after interim answers", says_processing_first, o.DELIVERED),
        c("OK, UUID in other letters", answers("200 OK", braces), o.DELIVERED),
        c("OK that names no message", answers("200 OK", response(uuid="")), o.DELIVERED),
        c("receipt", answers("202 Accepted", receipt()), o.RECEIVED),
        c("receipt with 200", answers("200 OK", receipt()), o.RECEIVED),
        *(
            c(f"ERROR with {s}", answers(s, NO), o.REFUSED, "REFUSED", "Cliente bloqueado")
            for s in ("200 OK", "400 Bad", "404 No", "409 No", "422 No", "500 Error", "502 Bad")
        ),
        c("ERROR without text", answers("200 OK", response("ERROR")), o.REFUSED, "REFUSED", "200"),
        c("asks to try again", answers("200 OK", again), o.BUSY, "BUSY", "Tente novamente"),
        c("ERROR with 503", answers("503 No", NO, "Retry-After: 7"), o.BUSY, "BUSY", "", 7.0),
        c(
            "ERROR with 401",
            answers("401 No", NO),
            o.UNREACHABLE,
            "LOGIN_REFUSED_BY_RECEIVER",
            "401",
        ),
        c("ERROR with 504", answers("504 Late", NO), o.UNKNOWN, "OUTCOME_UNKNOWN"),
    ]


def _not_ours() -> list[Scene]:
    c, unknown = Scene, (Outcome.UNKNOWN, "OUTCOME_UNKNOWN")
    other = "another message"
    return [
        c("OK to another", answers("200 OK", response(uuid=OTHER_UUID)), *unknown, other),
        c(
            "ERROR to another",
            answers("200 OK", response("ERROR", "x", OTHER_UUID)),
            *unknown,
            other,
        ),
        c("receipt of another", answers("200 OK", receipt(OTHER_UUID)), *unknown, other),
        c("OK with 500", answers("500 Error", OK), *unknown, "500"),
        c("receipt with 503", answers("503 No", receipt()), *unknown, "503"),
        c("our own message", answers("200 OK", MESSAGE), *unknown),
        c("DOCTYPE", answers("200 OK", b"<!DOCTYPE TOTVSMessage>" + OK[39:]), *unknown),
        c("cut XML in a whole answer", answers("200 OK", OK[:-9]), *unknown),
        c("undecodable", answers("200 OK", OK[:-9] + b"\xff\xfe\xff" + OK[-9:]), *unknown),
    ]


def _without_a_message() -> list[Scene]:
    c, o = Scene, Outcome
    dated = ("Date: Sat, 31 Jan 2026 10:00:00 GMT", "Retry-After: Sat, 31 Jan 2026 10:01:30 GMT")
    past = ("Date: Sat, 31 Jan 2026 10:00:00 GMT", "Retry-After: Sat, 31 Jan 2026 09:00:00 GMT")
    return [
        *(
            c(f"{s}", replies(f"{s} No"), o.UNREACHABLE, "LOGIN_REFUSED_BY_RECEIVER", str(s))
            for s in (401, 403, 404, 405, 407)
        ),
        *(
            c(
                f"{s} moved",
                replies(f"{s} Moved", b"", "Location: /x"),
                o.UNREACHABLE,
                "LOGIN_REFUSED_BY_RECEIVER",
            )
            for s in (301, 307, 308)
        ),
        *(
            c(f"{s}", replies(f"{s} No Way"), o.REFUSED, "REFUSED", "No Way")
            for s in (400, 415, 422)
        ),
        c("413 unread", refuses_length, o.REFUSED, "REFUSED", "413"),
        *(c(f"{s}", replies(f"{s} Wait"), o.BUSY, "BUSY", "Wait") for s in (425, 429, 503)),
        c("503 for 12 s", replies("503 No", b"", "Retry-After: 12"), o.BUSY, "BUSY", "", 12.0),
        c("503 until", replies("503 No", b"", *dated), o.BUSY, "BUSY", "", 90.0),
        c("503 until the past", replies("503 No", b"", *past), o.BUSY, "BUSY", "", 0.0),
        c("503 until whenever", replies("503 No", b"", "Retry-After: soon"), o.BUSY, "BUSY"),
        c("503 undated", replies("503 No", b"", dated[1]), o.BUSY, "BUSY"),
        c("503 page", replies("503 No", PAGE, HTML), o.BUSY, "BUSY"),
    ]


def _unreadable() -> list[Scene]:
    c, unknown = Scene, (Outcome.UNKNOWN, "OUTCOME_UNKNOWN")
    bomb = gzip.compress(b" " * (3 * LIMIT))
    packed = "Content-Encoding: gzip"
    return [
        c("page with 200", replies("200 OK", PAGE, HTML), *unknown, "text/html"),
        *(
            c(f"{s} page", replies(f"{s} Bad", PAGE, HTML), *unknown, str(s))
            for s in (500, 502, 504)
        ),
        *(c(f"{s} page", replies(f"{s} Seen", PAGE, HTML), *unknown, str(s)) for s in (302, 303)),
        c("408", replies("408 Request Timeout"), *unknown, "408"),
        c("empty with 200", replies("200 OK"), *unknown, "200"),
        c("204", says(b"HTTP/1.1 204 No Content\r\n\r\n"), *unknown, "204"),
        c("plain OK", replies("200 OK", b"OK", "Content-Type: text/plain"), *unknown),
        c(
            "JSON",
            replies("200 OK", b'{"Status":"OK"}', "Content-Type: application/json"),
            *unknown,
        ),
        c("another protocol", says(b"SSH-2.0-OpenSSH_9.6\r\n"), *unknown, "not HTTP"),
        c(
            "101",
            says(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
            *unknown,
        ),
        c("endless header", says(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000), *unknown),
        c("too large", replies("200 OK", b" " * (LIMIT + 1)), *unknown, str(LIMIT)),
        c("without end", floods, *unknown, str(LIMIT)),
        c("gzip bomb", replies("200 OK", bomb, packed), *unknown, str(LIMIT)),
        c("gzip cut", replies("200 OK", gzip.compress(OK)[:-9], packed), *unknown, "cut"),
        c("gzip that is none", replies("200 OK", OK, packed), *unknown, "damaged"),
        c(
            "another compression",
            replies("200 OK", zlib.compress(OK), "Content-Encoding: br"),
            *unknown,
            "br",
        ),
    ]


def _broken_off() -> list[Scene]:
    c, o, unknown = Scene, Outcome, (Outcome.UNKNOWN, "OUTCOME_UNKNOWN")
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<TOTV\r\n"
    return [
        c("nobody listens", nobody, o.UNREACHABLE, "UNREACHABLE", "refused"),
        c("closes without reading", never_reads, *unknown),
        c("resets without reading", resets_at_once, *unknown),
        c("closes after hearing", says(), *unknown, "closed without an answer"),
        c("resets after hearing", resets_after_hearing, *unknown),
        c("half a status line", says(b"HTTP/1.1 20"), *unknown),
        c("half the headers", says(b"HTTP/1.1 200 OK\r\nContent-Le"), *unknown),
        c("half the body", breaks_off("200 OK"), *unknown, "cut after"),
        c("half the body, reset", breaks_off("200 OK", reset=True), *unknown, "cut after"),
        c("half the chunks", says(chunked), *unknown, "cut after"),
        c("half a busy", breaks_off("503 No", "Retry-After: 5"), *unknown, "cut after"),
        c("silence", keeps_silent, *unknown, "no answer within", timeout=PATIENCE),
        c("trickle", trickles_for_ever, *unknown, "not complete", timeout=PATIENCE),
    ]


CONVERSATIONS = (
    *_understood(),
    *_not_ours(),
    *_without_a_message(),
    *_unreadable(),
    *_broken_off(),
)
