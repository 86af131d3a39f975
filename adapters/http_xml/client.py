"""Posts to one address over HTTP, and knows whether a byte of the message may have left.

The proof is aiohttp's trace `on_request_headers_sent`, which comes just before the first byte is
written: where it did not come, nothing left. All else is in doubt. aiohttp repeats no POST by
itself, follows no redirect here, and reads no proxy or password from the environment. What it says
of an error may hold the address, so none of its texts is passed on.
"""

from __future__ import annotations

import re
import ssl
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from types import SimpleNamespace
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorDNSError,
    ClientConnectorSSLError,
    ClientError,
    ClientPayloadError,
    ClientResponse,
    ClientResponseError,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    InvalidURL,
    TCPConnector,
    TraceConfig,
    TraceConnectionReuseconnParams,
    TraceRequestHeadersSentParams,
)

from adapters.http_xml import wire_problems
from bus.core.text import Text

KEPT = 64 * 1024
"""Bytes that are kept of an answer that is too large to be read."""
KEPT_ALIVE = 4.0  # s; many servers close an idle connection after 5
DECODERS = {"gzip": 31, "x-gzip": 31, "deflate": 15}  # zlib's window bits
KNOWN_ERRORS: tuple[tuple[type[Exception], Text], ...] = (
    (InvalidURL, wire_problems.BAD_ADDRESS),
    (ClientConnectorDNSError, wire_problems.NO_SUCH_HOST),
    (ClientConnectorSSLError, wire_problems.NO_TLS),
    (ClientConnectorCertificateError, wire_problems.NOT_TRUSTED),
    (ClientResponseError, wire_problems.NOT_HTTP),
)
NO_SECURITY = (ClientConnectorSSLError, ClientConnectorCertificateError)
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


class Question(NamedTuple):
    """How an address is asked: the method, and a query in place of the address's own."""

    method: str
    query: str = ""


POST = Question("POST")
NO_HEADERS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An HTTP answer that came whole. `retry_after` is in seconds.

    `reused` says that it came over a connection that had served before, where the late second
    answer to an earlier message looks just the same.
    """

    status: int
    reason: str
    media_type: str
    body: bytes
    retry_after: float | None = None
    reused: bool = False


@dataclass(frozen=True, slots=True)
class Silence:
    """No whole answer: why, whether a byte of ours may have left, and what came until then.

    `insecure`: there is a server, but no secure connection to it.
    """

    problem: Text
    sent: bool
    body: bytes = b""
    insecure: bool = False


@dataclass(slots=True)
class _Progress:
    """How far a call has come."""

    sent: bool = False
    reused: bool = False
    body: bytearray = field(default_factory=bytearray)


class _Unusable(Exception):
    """An answer came that we do not take: too large, or compressed in a way we cannot undo."""

    def __init__(self, problem: Text) -> None:
        super().__init__(problem.en)
        self.problem = problem


class HttpClient:
    """The way to one address."""

    def __init__(
        self,
        address: str,
        headers: Mapping[str, str],
        tls: ssl.SSLContext | None,
        patience: float,
        most_answer: int,
    ) -> None:
        self._address = address
        self._headers = {"User-Agent": "eai-bus", "Accept-Encoding": "identity", **headers}
        self._tls = tls
        self._patience = patience
        self._most_answer = most_answer
        self._secret = headers.get("Authorization", "").rpartition(" ")[2].encode()
        self._sessions: dict[bool, ClientSession] = {}

    async def post(  # noqa: PLR0913 - a message, and how long for what
        self,
        body: bytes,
        media_type: str,
        *,
        reuse: bool,
        within: float,
        start_within: float | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> HttpAnswer | Silence:
        """Send once, and take at most `within` seconds; nothing after `start_within` (s).

        `reuse` is for what may be repeated: a server may close an idle connection just as we write
        to it, and then nobody knows what it read. `headers` go with this message alone.
        """
        session = self._session(reuse=reuse)
        limits = self._limits(within, start_within)
        told = {**headers, "Content-Type": media_type}
        answer = await self._call(session, POST, body, told, limits)
        if self._secret and self._secret in answer.body:  # some error pages repeat the request
            return replace(answer, body=answer.body.replace(self._secret, b"***"))
        return answer

    async def ask(self, question: Question, within: float) -> HttpAnswer | Silence:
        """Ask something that sends no message."""
        session = self._session(reuse=False)
        return await self._call(session, question, b"", {}, self._limits(within))

    def _limits(self, within: float, start_within: float | None = None) -> ClientTimeout:
        connect = min(self._patience, within / 2)
        if start_within is not None:
            connect = min(connect, start_within)
        # aiohttp rounds limits above its threshold up to whole seconds.
        return ClientTimeout(total=within, connect=connect, ceil_threshold=within + 1)

    async def close(self) -> None:
        """Let go of all connections."""
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            await session.close()

    async def _call(
        self,
        session: ClientSession,
        asked: Question,
        body: bytes,
        headers: Mapping[str, str],
        limits: ClientTimeout,
    ) -> HttpAnswer | Silence:
        progress = _Progress()
        try:
            async with session.request(
                asked.method,
                self._with(asked.query),
                data=BytesIO(body) if body else None,
                headers=headers,
                timeout=limits,
                allow_redirects=False,
                trace_request_ctx=progress,
            ) as response:
                return await _read(response, progress, self._most_answer)
        except (ClientError, OSError, _Unusable) as error:  # a time-out is an OSError
            problem = _explain(error, progress, limits)
            insecure = isinstance(error, NO_SECURITY)
            return Silence(problem, progress.sent, bytes(progress.body), insecure)

    def _with(self, query: str) -> str:
        """The address, with a query in place of its own where one is given."""
        if not query:
            return self._address
        return urlunsplit(urlsplit(self._address)._replace(query=query, fragment=""))

    def _session(self, *, reuse: bool) -> ClientSession:
        if reuse not in self._sessions:
            self._sessions[reuse] = ClientSession(
                connector=TCPConnector(
                    limit=0,  # the engine bounds what goes to an application at a time
                    ssl=self._tls or True,
                    force_close=not reuse,
                    keepalive_timeout=KEPT_ALIVE if reuse else None,
                ),
                headers=self._headers,
                cookie_jar=DummyCookieJar(),
                auto_decompress=False,
                trace_configs=[_tracing()],
            )
        return self._sessions[reuse]


def _tracing() -> TraceConfig:
    trace = TraceConfig()
    trace.on_request_headers_sent.append(_note_sent)
    trace.on_connection_reuseconn.append(_note_reused)
    return trace


async def _note_sent(
    _: ClientSession, call: SimpleNamespace, __: TraceRequestHeadersSentParams
) -> None:
    call.trace_request_ctx.sent = True


async def _note_reused(
    _: ClientSession, call: SimpleNamespace, __: TraceConnectionReuseconnParams
) -> None:
    call.trace_request_ctx.reused = True


async def _read(response: ClientResponse, progress: _Progress, most: int) -> HttpAnswer:
    """The whole answer, or an error as soon as it is too large; leaving then closes the line."""
    async for piece in response.content.iter_any():
        progress.body += piece[: most - len(progress.body) + 1]
        if len(progress.body) > most:
            del progress.body[KEPT:]
            raise _Unusable(wire_problems.TOO_LONG.filled(bytes=most))
    return HttpAnswer(
        status=response.status,
        reason=_printable(response.reason or ""),
        media_type=_printable(response.headers.get("Content-Type", "").partition(";")[0]),
        body=_decoded(bytes(progress.body), response.headers.get("Content-Encoding", ""), most),
        retry_after=_seconds(response.headers),
        reused=progress.reused,
    )


def _printable(text: str) -> str:
    """Somebody else's words, fit to be shown on a line."""
    return UNPRINTABLE.sub(" ", text).strip()[:200]


def _decoded(body: bytes, encoding: str, most: int) -> bytes:
    """The answer without the compression that some servers apply unasked, within the limit."""
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"} or not body:
        return body
    if encoding not in DECODERS:
        raise _Unusable(wire_problems.ENCODED.filled(encoding=_printable(encoding)))
    decoder = zlib.decompressobj(DECODERS[encoding])
    try:
        decoded = decoder.decompress(body, most + 1)
    except zlib.error as damaged:
        raise _Unusable(wire_problems.DAMAGED) from damaged
    if len(decoded) > most:
        raise _Unusable(wire_problems.TOO_LONG_INSIDE.filled(bytes=most))
    if not decoder.eof:
        raise _Unusable(wire_problems.CUT_INSIDE)
    return decoded


def _seconds(headers: Mapping[str, str]) -> float | None:
    """`Retry-After`, whose date is measured from the answer's own `Date`: no clock of ours."""
    wish = headers.get("Retry-After", "").strip()
    if wish.isascii() and wish.isdigit():
        return float(wish[:9])
    until, now = _date(wish), _date(headers.get("Date", ""))
    return max(0.0, (until - now).total_seconds()) if until and now else None


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else None


def _explain(error: Exception, progress: _Progress, limits: ClientTimeout) -> Text:
    """What happened, in words that hold neither address nor credentials."""
    if isinstance(error, TimeoutError):
        return _lateness(progress, limits)
    if isinstance(error, _Unusable):
        return error.problem
    known = next((problem for kind, problem in KNOWN_ERRORS if isinstance(error, kind)), None)
    if known:
        certificate = getattr(error, "certificate_error", None)
        return known.filled(reason=getattr(certificate, "verify_message", "-"))
    if progress.body or isinstance(error, ClientPayloadError):
        return wire_problems.CUT.filled(bytes=len(progress.body))
    if number := getattr(error, "errno", None):
        return wire_problems.of_system(number)
    return wire_problems.CLOSED if progress.sent else wire_problems.NO_CONNECTION


def _lateness(progress: _Progress, limits: ClientTimeout) -> Text:
    if not progress.sent:
        return wire_problems.NOT_CONNECTED_WITHIN.filled(limit=limits.connect)
    if progress.body:
        return wire_problems.NOT_WHOLE_WITHIN.filled(limit=limits.total)
    return wire_problems.SILENT_FOR.filled(limit=limits.total)
