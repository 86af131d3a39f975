"""The adapter for XML over plain HTTP: the common suite, and what is its own."""

import asyncio
import re
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.http_xml import ADAPTER
from adapters.http_xml.faults import FAULTS
from bus.core.errors import BusFault
from bus.core.known_faults import KnownFault, recognise
from bus.core.outcome import Outcome, Report
from bus.core.route import Application
from bus.core.text import Text
from bus.ports.adapter import Parcel
from bus.ports.codec import Codec
from bus.testing.conversations import OK, XML, Wrap, answers, http, replies
from bus.testing.http_suite import HttpAdapterSuite
from bus.testing.raw_server import Line, RawServer
from bus.testing.standard_messages import MESSAGE, OTHER_UUID, UUID, response
from bus.testing.suite import Stage

SELF_SIGNED = Path(__file__).with_name("self_signed.pem")


class TestHttpXml(HttpAdapterSuite):
    kind = ADAPTER

    async def test_what_may_be_repeated_shares_a_connection(self, codec: Codec) -> None:
        """Registers and queries save the time of connecting."""

        async def answers_all(line: Line, wrap: Wrap) -> None:
            while True:
                await line.hear()
                await line.say(http("200 OK", wrap(OK), XML))

        async with self.rig(codec, answers_all) as rig:
            for _ in range(3):
                await rig.send(safe=True)

        assert [report.outcome for report in rig.reports] == [Outcome.DELIVERED] * 3
        assert [len(line.requests) for line in rig.server.lines] == [3]

    @pytest.mark.parametrize(
        "late",
        [
            http("200 OK", response(uuid=""), XML),
            http("200 OK", response("ERROR", "Não", uuid=""), XML),
            http("400 Bad Request"),
            http("200 OK"),
        ],
    )
    async def test_a_shared_connection_is_trusted_no_further(
        self, codec: Codec, late: bytes
    ) -> None:
        """An answer that may be an earlier message's decides nothing, and sharing ends with it."""

        async def answers_twice(line: Line, wrap: Wrap) -> None:
            await line.hear()
            await line.say(http("200 OK", wrap(OK), XML))
            await asyncio.sleep(0.05)
            await line.say(late)
            await line.ended_by_peer()

        async with self.rig(codec, answers_twice, answers("200 OK", OK)) as rig:
            await rig.send(safe=True)
            await asyncio.sleep(0.1)
            await rig.send(safe=True)
            await rig.send(safe=True)
            await rig.send(safe=True)

        outcomes = [report.outcome for report in rig.reports]
        assert outcomes == [Outcome.DELIVERED, Outcome.UNKNOWN, *[Outcome.DELIVERED] * 2]
        assert len(rig.server.lines) == 3

    async def test_a_late_busy_is_harmless(self, codec: Codec) -> None:
        """What only makes the bus come again is believed."""

        async def answers_twice(line: Line, wrap: Wrap) -> None:
            await line.hear()
            await line.say(http("200 OK", wrap(OK), XML))
            await line.hear()
            await line.say(http("503 No", b"", "Retry-After: 3"))

        async with self.rig(codec, answers_twice) as rig:
            await rig.send(safe=True)
            report = await rig.send(safe=True)

        assert (report.outcome, report.retry_after) == (Outcome.BUSY, 3.0)

    async def test_what_we_answer_has_a_uuid_of_its_own(self, codec: Codec) -> None:
        """A response of ours may be taken by its own UUID, or by that of the message it is about."""
        ours = response()  # its own is OTHER_UUID
        taken_by = [response(uuid=OTHER_UUID), response(uuid=UUID), response(uuid="another")]
        async with self.rig(codec, *(answers("200 OK", one) for one in taken_by)) as rig:
            parcel = Parcel(rig.application, await codec.read(MESSAGE), ours, UUID, False, 20.0)
            outcomes = [(await rig.adapter.send(parcel)).outcome for _ in taken_by]

        assert outcomes == [Outcome.DELIVERED, Outcome.DELIVERED, Outcome.UNKNOWN]

    async def test_nothing_begins_when_its_sender_no_longer_waits(self, codec: Codec) -> None:
        """A connection that never opens is given up while a caller still hears it."""

        async def mute(line: Line, _: Wrap) -> None:
            await line.ended_by_peer()

        async with self.rig(codec, mute) as rig:
            address = f"https://127.0.0.1:{rig.server.port}/eai"
            stage = Stage(address, list)
            async with self.sender(stage, codec) as sender, asyncio.timeout(8):
                parcel = await sender.parcel(within=20.0)
                report = await sender.adapter.send(replace(parcel, start_within=0.3))

        assert report.outcome is Outcome.UNREACHABLE

    async def test_a_large_message_goes_whole(self, codec: Codec) -> None:
        """Three megabytes arrive as they are."""
        large = MESSAGE.replace(b"Unidade", b"U" * 3_000_000)
        async with self.rig(codec, answers("200 OK", OK)) as rig:
            document = await codec.read(MESSAGE)
            parcel = Parcel(rig.application, document, large, UUID, False, 20.0)
            report = await rig.adapter.send(parcel)

        assert report.outcome is Outcome.DELIVERED
        assert rig.server.requests[0].body == large

    async def test_a_long_answer_is_read(self, codec: Codec) -> None:
        """An answer of a megabyte is an answer."""
        text = "Saldo insuficiente. " * 50_000
        async with self.rig(codec, answers("200 OK", response("ERROR", text))) as rig:
            report = await rig.send()

        assert report.outcome is Outcome.REFUSED
        assert len(str(report.fault)) < 2_000

    @pytest.mark.parametrize("status", ["400 Bad Request", "500 Internal Server Error"])
    async def test_words_without_a_message_are_kept(self, codec: Codec, status: str) -> None:
        """The text that a web service says in place of an answer is in the fault."""
        said = b"PRTCHKUSER : WebService invalido para este login"
        async with self.rig(codec, replies(status, said, "Content-Type: text/plain")) as rig:
            report = await rig.send()

        assert said.decode() in str(report.fault)

    @pytest.mark.parametrize("trusted", [False, True])
    async def test_a_certificate_of_its_own_making(self, codec: Codec, trusted: bool) -> None:
        """Where `ca_file` names the certificate the message goes, else nothing leaves."""

        async def secure(line: Line) -> None:
            await line.hear()
            await line.say(http("200 OK", OK, XML))

        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(SELF_SIGNED)
        async with RawServer(secure, tls=tls) as server:
            address = f"https://127.0.0.1:{server.port}/eai"
            options = {"ca_file": str(SELF_SIGNED)} if trusted else {}
            application = Application("rm", "RM", address=address, options=options)
            adapter = ADAPTER.open(application, codec)
            document = await codec.read(MESSAGE)
            report = await adapter.send(Parcel(application, document, MESSAGE, UUID, False, 20.0))
            fault = await adapter.probe()
            await adapter.close()

        assert (fault is None) is trusted
        assert trusted or "certificate is not trusted" in str(fault)
        assert report.outcome is (Outcome.DELIVERED if trusted else Outcome.UNREACHABLE)
        assert trusted or "certificate is not trusted" in str(report.fault)
        methods = [request.method for request in server.requests]
        assert methods == (["POST", "OPTIONS"] if trusted else [])

    @pytest.mark.parametrize(
        ("option", "value"),
        [
            ("connect_timeout", "soon"),
            ("connect_timeout", "0"),
            ("connect_timeout", "-1"),
            ("connect_timeout", "nan"),
            ("connect_timeout", "inf"),
            ("ca_file", "no-such-file.pem"),
        ],
    )
    async def test_an_option_that_makes_no_sense(
        self, codec: Codec, option: str, value: str
    ) -> None:
        """A mistake in the options is named when the adapter opens."""
        application = Application("rm", "RM", address="https://rm/eai", options={option: value})

        with pytest.raises(BusFault) as refusal:
            ADAPTER.open(application, codec)

        assert option in ADAPTER.options()
        assert refusal.value.fault.path == f"applications.rm.options.{option}"


def mutations() -> st.SearchStrategy[bytes]:
    """Answers that are almost right."""
    whole = http("200 OK", OK, XML, "Date: Sat, 31 Jan 2026 10:00:00 GMT")
    headers = ("Retry-After", "Content-Encoding", "Content-Type", "Date", "Transfer-Encoding")
    line = st.tuples(st.sampled_from(headers), st.text(st.characters(max_codepoint=255)))
    return st.one_of(
        st.integers(0, len(whole)).map(lambda n: whole[:n]),
        st.binary(max_size=200),
        st.binary(max_size=200).map(lambda junk: http("200 OK", junk, XML)),
        st.tuples(st.integers(0, len(whole)), st.binary(max_size=4)).map(
            lambda cut: whole[: cut[0]] + cut[1] + whole[cut[0] + len(cut[1]) :]
        ),
        line.map(lambda pair: http("503 No", OK, f"{pair[0]}: {pair[1]}")),
    )


@given(answer=mutations())
def test_any_bytes_give_a_report(codec: Codec, answer: bytes) -> None:
    """Whatever comes back is told as an outcome, and the message went once."""
    asyncio.run(_send_and_hear(codec, answer))


async def _send_and_hear(codec: Codec, answer: bytes) -> Report:
    async def says_it(line: Line) -> None:
        await line.hear()
        await line.say(answer)

    async with RawServer(says_it) as server:
        address = f"http://127.0.0.1:{server.port}/eai"
        application = Application("rm", "RM", address=address)
        adapter = ADAPTER.open(application, codec)
        parcel = Parcel(application, await codec.read(MESSAGE), MESSAGE, UUID, True, 20.0)
        try:
            report = await adapter.send(parcel)
        finally:
            await adapter.close()

    assert len(server.requests) == len(server.lines) == 1
    assert report.outcome is not Outcome.UNREACHABLE or report.fault
    return report


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Mensagem não processada. Tente novamente", "BUSY"),
        ("MENSAGEM NAO PROCESSADA.\r\n TENTE NOVAMENTE.", "BUSY"),
        ("AutoGrLog: Mensagem não processada - tente novamente!", "BUSY"),
        ("Senha inválida. Tente novamente", ""),
        ("Mensagem não processada", ""),
        ("", ""),
    ],
)
def test_known_texts_are_recognised(text: str, code: str) -> None:
    """A text is known by its words, whatever its accents, case and blanks."""
    known = recognise(text, FAULTS)

    assert (known.code if known else "") == code


async def test_a_product_s_own_texts_go_before_those_of_any_eai(codec: Codec) -> None:
    """The same words may mean something else there; advice of the product follows the remedy."""
    own = KnownFault(
        re.compile("tente novamente"), Outcome.REFUSED, "REFUSED", Text("Veja lá.", "Look there.")
    )
    text = "Mensagem não processada. Tente novamente"

    usual = await said(codec, text, ())
    special = await said(codec, text, (own,))

    assert usual.outcome is Outcome.BUSY
    assert special.outcome is Outcome.REFUSED
    assert special.fault
    assert special.fault.code == "REFUSED"
    assert special.fault.remedy("en").endswith(" Look there.")


async def said(codec: Codec, text: str, known: tuple[KnownFault, ...]) -> Report:
    """What an ERROR of that text is taken for."""

    async def refuses(line: Line) -> None:
        await line.hear()
        await line.say(http("200 OK", response("ERROR", text), XML))

    async with RawServer(refuses) as server:
        address = f"http://127.0.0.1:{server.port}/eai"
        application = Application("rm", "RM", address=address, known_faults=known)
        adapter = ADAPTER.open(application, codec)
        parcel = Parcel(application, await codec.read(MESSAGE), MESSAGE, UUID, True, 20.0)
        try:
            return await adapter.send(parcel)
        finally:
            await adapter.close()
