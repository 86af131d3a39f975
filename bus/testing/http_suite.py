"""Holds an adapter over HTTP to the conversations, and to what no single one shows.

Its tests subclass `HttpAdapterSuite`, name the kind, and wrap messages as its carrier does.
"""

from __future__ import annotations

import asyncio
import base64
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest

from bus.core.errors import BusFault
from bus.core.outcome import Outcome, Report
from bus.core.route import Application
from bus.ports.adapter import PROBE_WITHIN
from bus.ports.codec import Codec
from bus.testing.conversations import (
    CONVERSATIONS,
    LIMIT,
    OK,
    XML,
    answers,
    http,
    keeps_silent,
    nobody,
    replies,
    says,
)
from bus.testing.conversations import Play as Talk
from bus.testing.raw_server import Line, RawServer
from bus.testing.standard_messages import MESSAGE, UUID, response
from bus.testing.suite import PASSWORD, USER, AdapterSuite, Scene, Sender, Stage

NO_ADDRESSES = ("", "rm:8051", "ftp://rm", "http:///eai", "http://[::1", "http://rm:x")
TOKEN = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


@dataclass
class Rig(Sender):
    """An adapter, and the server that it speaks to."""

    server: RawServer = field(kw_only=True)


class HttpAdapterSuite(AdapterSuite):
    """Subclass it as `Test...`, with a kind."""

    scenes = CONVERSATIONS
    mistakes = tuple(("address", address) for address in NO_ADDRESSES)

    def wrap(self, message: bytes) -> bytes:
        """A standard message as the carrier carries it."""
        return message

    def unwrap(self, body: bytes) -> bytes:
        """The standard message in what the carrier carried."""
        return body

    @asynccontextmanager
    async def stage(self, scene: Scene) -> AsyncIterator[Stage]:
        """A server that holds the conversation on each connection; none for `nobody`."""
        if scene.play is nobody:
            with socket.socket() as unheard:
                unheard.bind(("127.0.0.1", 0))
                yield Stage(f"http://127.0.0.1:{unheard.getsockname()[1]}/eai", list)
            return
        async with RawServer(self._play(scene.play)) as server:
            yield self._stage(server)

    @asynccontextmanager
    async def rig(self, codec: Codec, *talks: Talk, address: str = "") -> AsyncIterator[Rig]:
        """An adapter to a server that holds these talks, one a connection; or to an address."""
        async with RawServer(*map(self._play, talks)) as server:
            stage = (
                replace(self._stage(server), address=address) if address else self._stage(server)
            )
            async with self.sender(stage, codec) as one:
                yield Rig(one.adapter, one.application, codec, server=server)

    def _stage(self, server: RawServer) -> Stage:
        def arrived() -> list[bytes]:
            posts = [request for request in server.requests if request.method == "POST"]
            return [self.unwrap(request.body) for request in posts]

        return Stage(f"http://127.0.0.1:{server.port}/eai", arrived)

    def _play(self, talk: Talk) -> Callable[[Line], Awaitable[object]]:
        return lambda line: talk(line, self.wrap)

    async def test_an_attempt_is_one_connection(self, codec: Codec, scene: Scene) -> None:
        """Nothing is repeated by the way, and what is kept of an answer has a limit."""
        if scene.play is nobody:
            return
        async with self.rig(codec, scene.play) as rig:
            report = await rig.send(within=scene.timeout)

        assert len(rig.server.lines) == 1
        assert len(report.answer) <= LIMIT

    @pytest.mark.parametrize("safe", [False, True])
    async def test_the_message_goes_whole_with_credentials(self, codec: Codec, safe: bool) -> None:
        """A message is one POST to the address, with HTTP Basic."""
        async with self.rig(codec, answers("200 OK", OK)) as rig:
            report = await rig.send(safe=safe)

        (request,) = rig.server.requests
        assert request.head.startswith("POST /eai HTTP/1.1\r\n")
        assert request.header("Authorization") == f"Basic {TOKEN}"
        assert self.unwrap(request.body) == MESSAGE
        assert report.response
        assert report.response.received_uuid == UUID

    async def test_an_unknown_host_is_unreachable(self, codec: Codec) -> None:
        """A name that does not resolve got nothing."""
        async with self.rig(codec, says(), address="http://no-such-host.invalid/eai") as rig:
            report = await rig.send()

        _assert_unreachable(report, "host name")

    async def test_a_connection_that_takes_too_long_is_unreachable(self, codec: Codec) -> None:
        """A host that lets us wait before the connection stands got nothing."""
        with socket.socket() as full:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            waiting = [socket.socket() for _ in range(4)]
            for one in waiting:
                one.setblocking(False)
                one.connect_ex(full.getsockname())
            address = f"http://127.0.0.1:{full.getsockname()[1]}/eai"
            async with self.rig(codec, says(), address=address) as rig:
                report = await rig.send(within=0.6)
            for one in waiting:
                one.close()

        _assert_unreachable(report, "")

    @pytest.mark.parametrize("greeting", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
    async def test_a_failed_handshake_is_unreachable(self, codec: Codec, greeting: bytes) -> None:
        """A server that does not speak TLS got nothing of the message."""

        async def no_tls(line: Line) -> None:
            await line.reader.read(10)
            await line.say(greeting)

        async with RawServer(no_tls) as server:
            address = f"https://127.0.0.1:{server.port}/eai"
            async with self.rig(codec, says(), address=address) as rig:
                report = await rig.send()

        _assert_unreachable(report, "")

    async def test_a_handshake_without_end_is_unreachable(self, codec: Codec) -> None:
        """A server that never completes the handshake got nothing of the message."""

        async def mute(line: Line) -> None:
            await line.ended_by_peer()

        async with RawServer(mute) as server:
            address = f"https://127.0.0.1:{server.port}/eai"
            async with self.rig(codec, says(), address=address) as rig:
                report = await rig.send(within=0.6)

        _assert_unreachable(report, "no connection within")

    async def test_what_may_not_be_repeated_goes_over_a_fresh_connection(
        self, codec: Codec
    ) -> None:
        """No idle connection can close under a message whose repetition does harm."""
        async with self.rig(codec, answers("200 OK", OK)) as rig:
            await rig.send()
            await rig.send()

        assert [len(line.requests) for line in rig.server.lines] == [1, 1]

    async def test_a_connection_closed_between_messages_is_replaced(self, codec: Codec) -> None:
        """A server that closes idle connections loses no message."""
        async with self.rig(codec, says(http("200 OK", self.wrap(OK), XML))) as rig:
            await rig.send(safe=True)
            await rig.server.lines[0].writer.wait_closed()
            await asyncio.sleep(0.05)
            await rig.send(safe=True)

        assert [report.outcome for report in rig.reports] == [Outcome.DELIVERED] * 2
        assert len(rig.server.requests) == 2

    async def test_a_connection_closed_under_a_message_leaves_doubt(self, codec: Codec) -> None:
        """A server that closes as the second message arrives may have read it; we do not repeat."""

        async def closes_under_the_second(line: Line, wrap: Callable[[bytes], bytes]) -> None:
            await line.hear()
            await line.say(http("200 OK", wrap(OK), XML))
            await line.reader.read(1)

        async with self.rig(codec, closes_under_the_second) as rig:
            await rig.send(safe=True)
            await rig.send(safe=True)

        assert rig.reports[0].outcome is Outcome.DELIVERED
        if len(rig.server.lines) == 1:  # an adapter that keeps no connection runs no such risk
            assert rig.reports[1].outcome is Outcome.UNKNOWN
        assert len(rig.server.requests) == len(rig.server.lines)

    async def test_a_late_second_answer_is_not_the_next_message_s(self, codec: Codec) -> None:
        """A server that answers one message twice does not answer the next one by that."""

        async def answers_twice(line: Line, wrap: Callable[[bytes], bytes]) -> None:
            await line.hear()
            await line.say(http("200 OK", wrap(OK), XML))
            await asyncio.sleep(0.05)
            await line.say(http("200 OK", wrap(response(uuid="")), XML))
            await line.ended_by_peer()

        async with self.rig(codec, answers_twice, answers("200 OK", OK)) as rig:
            await rig.send(safe=True)
            await asyncio.sleep(0.1)
            await rig.send(safe=True)
            await rig.send(safe=True)

        first, second, third = (report.outcome for report in rig.reports)
        assert (first, third) == (Outcome.DELIVERED, Outcome.DELIVERED)
        assert second is Outcome.UNKNOWN or len(rig.server.lines) == 3

    async def test_a_cancelled_call_lets_go(self, codec: Codec) -> None:
        """The engine may give up at any time: the connection closes and the adapter goes on."""
        async with self.rig(codec, keeps_silent, answers("200 OK", OK)) as rig:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await rig.send()
            await asyncio.wait_for(rig.server.lines[0].writer.wait_closed(), 10)
            report = await rig.send()

        assert report.outcome is Outcome.DELIVERED
        assert len(rig.server.requests) == 2

    async def test_credentials_stay_out_of_reports(self, codec: Codec) -> None:
        """Nothing that is kept or shown holds the password, even where the answer repeats it."""
        page = f"<html>Authorization: Basic {TOKEN}</html>".encode()
        async with self.rig(codec, replies("500 Error", page)) as rig:
            report = await rig.send()

        assert TOKEN not in repr(report)
        assert PASSWORD not in repr((report, rig.adapter, rig.application))

    async def test_an_address_holds_no_password(self, codec: Codec) -> None:
        """A password in the address is refused, and not repeated in the refusal."""
        application = Application("rm", "RM", address=f"http://{USER}:{PASSWORD}@127.0.0.1/eai")

        with pytest.raises(BusFault) as refusal:
            self.kind.open(application, codec)

        assert refusal.value.fault.path == "applications.rm.address"
        assert PASSWORD not in repr(refusal.value.faults)

    @pytest.mark.parametrize("status", ["200 OK", "404 Not Found", "405 Method Not Allowed"])
    async def test_a_probe_sends_no_message(self, codec: Codec, status: str) -> None:
        """Anything that answers HTTP is there, and was asked without a message."""
        async with self.rig(codec, replies(status)) as rig:
            fault = await rig.adapter.probe()

        assert fault is None
        asked = {(request.method, request.body) for request in rig.server.requests}
        assert asked <= {("OPTIONS", b""), ("HEAD", b""), ("GET", b"")}

    async def test_a_probe_tells_wrong_credentials(self, codec: Codec) -> None:
        """Credentials that are not taken are said before any message goes."""
        async with self.rig(codec, replies("401 Unauthorized")) as rig:
            fault = await rig.adapter.probe()

        assert fault
        assert fault.code == "LOGIN_REFUSED_BY_RECEIVER"

    async def test_a_probe_of_a_silent_server_ends_by_itself(self, codec: Codec) -> None:
        """Before it is given up, so that its fault says what was missing."""
        async with self.rig(codec, keeps_silent) as rig, asyncio.timeout(PROBE_WITHIN):
            fault = await rig.adapter.probe()

        assert fault
        assert fault.code == "UNREACHABLE"


def _assert_unreachable(report: Report, problem: str) -> None:
    assert report.outcome is Outcome.UNREACHABLE, report.fault
    assert report.fault
    assert report.fault.code == "UNREACHABLE"
    assert problem in str(report.fault)
    assert not report.answer
