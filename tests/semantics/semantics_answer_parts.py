"""S13: what becomes of each element of a ResponseMessage on its way to the origin."""

from collections.abc import Sequence
from typing import Final

import pytest
from lxml import etree

from bus.core.delivery import State
from bus.core.outcome import Outcome, Report
from bus.core.route import Deployment, TranslatedBy
from bus.engine.post_result import Form
from tests.support.deployments import application, deployment
from tests.support.loopback import Call, is_silent, tells
from tests.support.messages import Message, step, unit
from tests.support.rig import Rig, Rigs

KINDS = ("sync", "async", "repeat", "own")
"""Told in the call, sent as a message, told again, and an answer of the bus itself."""
THEIRS, ORIGINS, OURS, NOBODYS = "the destination's", "the origin's", "the bus's", "nobody's"
HEADER, RECEIVED, PROCESSING, RETURN = (
    "MessageInformation",
    "ResponseMessage/ReceivedMessage",
    "ResponseMessage/ProcessingInformation",
    "ResponseMessage/ReturnContent",
)
PASSED_ON = {
    f"{HEADER}/@version": ORIGINS,
    f"{HEADER}/UUID": OURS,
    f"{HEADER}/Type": THEIRS,
    f"{HEADER}/Transaction": ORIGINS,
    f"{HEADER}/StandardVersion": ORIGINS,
    f"{HEADER}/SourceApplication": THEIRS,  # the origin keeps its de-para by it and the product
    f"{HEADER}/CompanyId": ORIGINS,
    f"{HEADER}/BranchId": ORIGINS,
    f"{HEADER}/UserId": NOBODYS,
    f"{HEADER}/Product/@name": THEIRS,
    f"{HEADER}/Product/@version": THEIRS,
    f"{HEADER}/GeneratedOn": OURS,
    f"{HEADER}/ContextName": ORIGINS,
    f"{RECEIVED}/SentBy": ORIGINS,
    f"{RECEIVED}/UUID": ORIGINS,
    f"{RECEIVED}/MessageContent": ORIGINS,
    f"{PROCESSING}/ProcessedOn": THEIRS,
    f"{PROCESSING}/Status": THEIRS,
    f"{PROCESSING}/ListOfMessages/Message[1]": THEIRS,
    f"{PROCESSING}/ListOfMessages/Message[1]/@type": THEIRS,
    f"{PROCESSING}/ListOfMessages/Message[1]/@code": THEIRS,
    f"{PROCESSING}/ListOfMessages/Message[2]": THEIRS,
    f"{PROCESSING}/Details": THEIRS,
    f"{RETURN}/ListOfInternalId/InternalId/Name": THEIRS,
    f"{RETURN}/ListOfInternalId/InternalId/Origin": THEIRS,
    f"{RETURN}/ListOfInternalId/InternalId/Destination": THEIRS,
    f"{RETURN}/Code": THEIRS,
    "ResponseMessage/Extension": THEIRS,
}
"""What becomes of each element of a destination's answer, whenever and however it is told."""
OF_THE_BUS = {path: NOBODYS if who is THEIRS else who for path, who in PASSED_ON.items()} | {
    f"{HEADER}/Type": THEIRS,
    f"{HEADER}/SourceApplication": OURS,
    f"{HEADER}/Product/@name": ORIGINS,
    f"{HEADER}/Product/@version": ORIGINS,
    f"{PROCESSING}/ProcessedOn": OURS,
    f"{PROCESSING}/Status": OURS,
    f"{PROCESSING}/ListOfMessages/Message[1]": OURS,
    f"{PROCESSING}/ListOfMessages/Message[1]/@type": OURS,
    f"{PROCESSING}/ListOfMessages/Message[1]/@code": OURS,
}
"""The same of an ERROR of the bus itself."""

ANSWER: Final = """<?xml version="1.0"?><TOTVSMessage><MessageInformation version="9.009">
<UUID>theirs</UUID><Type>Response</Type><Transaction>THEIRS</Transaction>
<StandardVersion>9.0</StandardVersion><SourceApplication>theirs</SourceApplication>
<CompanyId>T</CompanyId><BranchId>T</BranchId><UserId>theirs</UserId>
<Product name="THEIRS" version="9"/><GeneratedOn>1999-01-01T00:00:00</GeneratedOn>
<ContextName>THEIRS</ContextName></MessageInformation><ResponseMessage>
<ReceivedMessage><SentBy>THEIRS</SentBy><UUID>{uuid}</UUID>
<MessageContent><![CDATA[theirs]]></MessageContent></ReceivedMessage>
<ProcessingInformation><ProcessedOn>1999-01-01T00:00:01</ProcessedOn><Status>{status}</Status>
<ListOfMessages><Message type="WARNING" code="T1"><![CDATA[theirs & <1>]]></Message>
<Message>theirs 2</Message></ListOfMessages><Details>theirs</Details></ProcessingInformation>
<ReturnContent><ListOfInternalId><InternalId><Name>UnitOfMeasure</Name><Origin>01||UN</Origin>
<Destination>T</Destination></InternalId></ListOfInternalId><Code>theirs</Code></ReturnContent>
<Extension>theirs</Extension></ResponseMessage></TOTVSMessage>"""


def text_at(body: bytes, path: str) -> str:
    """The text of an element or attribute below TOTVSMessage; empty where it is not there."""
    steps = path if "/@" in path else f"{path}/text()"
    found = etree.fromstring(body).xpath(steps)
    return "".join(str(one) for one in found) if isinstance(found, Sequence) else ""


async def answers_it(call: Call) -> Report:
    """All that a ResponseMessage may hold."""
    told = ANSWER.format(uuid=call.uuid, status="OK").encode()
    return await call.report(Outcome.DELIVERED, told)


def asked(mode: str) -> bytes:
    """A unit of Protheus, with a header that is unlike the destination's, and `]]>` in it."""
    message = unit(mode=mode, description="[0]", company="O1", branch="O2").xml()
    message = message.replace(b"[0]", b"<![CDATA[a[b[0]]]]>")
    return message.replace(b"</GeneratedOn>", b"</GeneratedOn><ContextName>ORIGIN</ContextName>")


async def told(bus: Rig, kind: str) -> tuple[bytes, bytes]:
    """What the origin posts, and its answer of that kind."""
    sent = asked("Async" if kind == "async" else "Sync")
    if kind == "async":
        await bus.accepted(sent)
        await bus.answered()
        return sent, bus.app("protheus").calls[-1].document.raw
    reception = await bus.post(sent)
    if kind == "repeat":
        reception = await bus.post(sent)
    assert reception.form is Form.RESPONSE
    return sent, reception.body


def answering(**changes: object) -> Deployment:
    """A configuration whose origin takes answers."""
    wanting = {"takes_answers": True, "wants_its_message": True, **changes}
    return deployment(applications=[application("protheus", **wanting)])


class AnswerParts:
    """Nothing of an answer is lost by chance."""

    @pytest.mark.parametrize("kind", KINDS)
    async def test_what_becomes_of_each_element_of_an_answer(self, rigs: Rigs, kind: str) -> None:
        """It is the destination's, or answers the origin, or is told by the bus: each by a rule."""
        bus = await rigs.start(answering())
        bus.app("rm").will(tells(Outcome.REFUSED, "no") if kind == "own" else answers_it)
        sent, body = await told(bus, kind)

        theirs = ANSWER.format(uuid="theirs", status="OK").encode()
        for path, who in (OF_THE_BUS if kind == "own" else PASSED_ON).items():
            here = text_at(body, path)
            origins = {
                f"{RECEIVED}/SentBy": "PROTHEUS",
                f"{RECEIVED}/UUID": text_at(sent, f"{HEADER}/UUID"),
                f"{RECEIVED}/MessageContent": sent.decode(),
            }.get(path, text_at(sent, path))
            match who:
                case "the destination's":
                    assert here == text_at(theirs, path), path
                case "the origin's":
                    assert here == origins, path
                case "nobody's":
                    assert here == "", path
                case _:
                    assert here not in {"", origins, text_at(theirs, path)}, path

    @pytest.mark.parametrize("wants", [True, False])
    @pytest.mark.parametrize("kind", KINDS)
    async def test_an_origin_gets_its_message_back_where_its_product_reads_it(
        self, rigs: Rigs, kind: str, wants: bool
    ) -> None:
        """By the product that is configured: the header may name a function of it."""
        bus = await rigs.start(answering(wants_its_message=wants))
        bus.app("rm").will(tells(Outcome.REFUSED, "no") if kind == "own" else answers_it)

        sent, body = await told(bus, kind)

        content = text_at(body, f"{RECEIVED}/MessageContent")
        assert content == (sent.decode() if wants else "")

    async def test_an_answer_that_is_fetched_has_it_too(self, rigs: Rigs) -> None:
        """Once, however often it is fetched, also with other ids in it."""
        bus = await rigs.start(answering(de_para=TranslatedBy.BUS))
        bus.app("rm").will(answers_it)
        sent = asked("Sync")
        reception = await bus.post(sent)

        for _ in range(2):
            stored = await bus.bus.answers.stored(reception.message)
            assert stored is not None
            assert stored.body == reception.body
            assert stored.body.count(b"<MessageContent>") == 1

    async def test_what_a_person_gave_up_answers_the_message_too(self, rigs: Rigs) -> None:
        """With all that an answer of the bus has."""
        bus = await rigs.start(answering())
        bus.app("rm").always(is_silent())
        sent = step(mode="Async")
        id_ = await bus.accepted(sent)
        await bus.reaches(id_, State.UNKNOWN)

        await bus.discard(id_, 1)
        await bus.answered()

        body = bus.app("protheus").calls[-1].document.raw
        assert text_at(body, f"{RECEIVED}/SentBy") == "PROTHEUS"
        assert text_at(body, f"{RECEIVED}/MessageContent") == sent.xml().decode()

    @pytest.mark.parametrize(
        "message",
        [
            unit(mode="Sync", description=""),
            Message(transaction="Nothing", version="1.000", content={}, mode="Sync"),
        ],
        ids=["differs from its contract", "without a route"],
    )
    async def test_a_refusal_has_it_too(self, rigs: Rigs, message: Message) -> None:
        """Whatever it is refused for, once it could be read."""
        bus = await rigs.start(answering())
        sent = message.xml().replace(b"<Code>", b"<Wrong/><Code>")

        body = (await bus.post(sent)).body

        assert text_at(body, f"{PROCESSING}/Status") == "ERROR"
        assert text_at(body, f"{RECEIVED}/MessageContent") == sent.decode()

    async def test_a_message_in_another_encoding_comes_back_as_the_same_text(
        self, rigs: Rigs
    ) -> None:
        """The answer is in UTF-8, and what is in it, too."""
        bus = await rigs.start(answering())
        text = unit(mode="Sync", description="Peça").xml().decode()
        body = text.replace("UTF-8", "ISO-8859-1").encode("latin-1")

        told = (await bus.post(body)).body

        content = text_at(told, f"{RECEIVED}/MessageContent").strip()
        assert content == text[text.index("<TOTVSMessage>") :]
