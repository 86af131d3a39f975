"""Applications that a test scripts: an adapter that goes nowhere and answers as it is told."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from bus.adapter_kinds import AdapterPool
from bus.core.element import Element
from bus.core.envelope import InternalIdPair, Note, Response, Status
from bus.core.errors import BusFault, Fault
from bus.core.outcome import Outcome, Report
from bus.core.route import Application
from bus.ports.adapter import Inbound, InboundMessage, Parcel, Poll, Webhook
from bus.ports.codec import Codec, Document
from tests.support import messages


@dataclass(frozen=True, slots=True)
class Call:
    """One thing that an application was sent, and how it reads that."""

    parcel: Parcel
    document: Document
    codec: Codec

    @property
    def uuid(self) -> str:
        """The UUID that the application sees."""
        return self.document.envelope.header.uuid

    @property
    def code(self) -> str:
        """The id of the document, as its sender knows it."""
        return self._values("InternalId")

    @property
    def text(self) -> str:
        """What the message says of its document."""
        return self._values("Description") or self._values("Note")

    @property
    def response(self) -> Response | None:
        """What it says, where it is an answer to a message of this application."""
        return self.document.envelope.response

    def _values(self, path: str) -> str:
        (value,) = self.document.values([path])
        return value

    async def report(self, outcome: Outcome, answer: bytes, fault: Fault | None = None) -> Report:
        """An answer, read as an adapter reads it."""
        read = await self.codec.read_answer(answer)
        return Report(outcome, answer, read.response, fault)


Behaviour = Callable[[Call], Awaitable[Report]]
Knowledge = Callable[[Call], Awaitable[Report | None]]


class ReadSource(Protocol):
    """Where the messages of an application are that the bus reads."""

    async def read(self, source: Poll) -> Inbound:
        """The next page."""


class Source:
    """What an application has for whoever reads it: messages in order, a page at a time.

    A cursor is how many messages come before it. An empty one is nothing that the bus wants.
    """

    def __init__(self, page: int = 2) -> None:
        self.messages: list[bytes] = []
        self.asked: list[str] = []
        self.page = page
        self.passing: Callable[[str], None] = lambda _: None
        """Told that it is read, before it is and after."""
        self._disturbances: deque[Callable[[], Awaitable[None]]] = deque()

    def before(self, *disturbances: Callable[[], Awaitable[None]]) -> None:
        """Run these before it is read the next times, one each."""
        self._disturbances.extend(disturbances)

    async def read(self, source: Poll) -> Inbound:
        """The next page."""
        self.passing("before read")
        self.asked.append(source.cursor)
        if self._disturbances:
            await self._disturbances.popleft()()
        await asyncio.sleep(0)
        start = int(source.cursor or 0)
        end = min(start + self.page, len(self.messages))
        page = [InboundMessage(self.messages[at], str(at + 1)) for at in range(start, end)]
        self.passing("after read")
        made = tuple(one for one in page if one.body)
        return Inbound(made, end < len(self.messages), cursor=str(end) if page else "")


class Loopback:
    """One application. It says OK to everything unless it is told otherwise."""

    def __init__(self, name: str, codec: Codec) -> None:
        self.name = name
        self.calls: list[Call] = []
        self.questions: list[Call] = []
        self.can_be_asked = False
        self._knows: deque[Knowledge] = deque()
        self.closed = False
        self.source = Source()
        self.elsewhere: ReadSource | None = None
        """What it is read from in place of its source."""
        self._codec = codec
        self._script: deque[Behaviour] = deque()
        self._always: Behaviour = says_ok()
        self._under_way: set[asyncio.Task[object]] = set()
        self._killed = False

    def will(self, *behaviours: Behaviour) -> None:
        """Behave so at the next calls, one each."""
        self._script.extend(behaviours)

    def always(self, behaviour: Behaviour) -> None:
        """Behave so from now on, where nothing else is left to do."""
        self._always = behaviour

    def knows(self, *answers: Knowledge) -> None:
        """Can be asked what became of a message, and answers the next questions so."""
        self.can_be_asked = True
        self._knows.extend(answers)

    def recover(self) -> None:
        """Forget what was left to do."""
        self._script.clear()

    @property
    def received(self) -> list[str]:
        """The ids of the documents that it was sent, in order."""
        return [call.code for call in self.calls]

    @property
    def texts(self) -> list[str]:
        """What the messages said that it was sent, in order."""
        return [call.text for call in self.calls]

    @property
    def answers(self) -> list[Response]:
        """The answers that it was sent, in order."""
        return [call.response for call in self.calls if call.response]

    # -- the port ----------------------------------------------------------------------------------

    async def send(self, parcel: Parcel) -> Report:
        """Take it, and behave as scripted."""
        await self._dies_if_killed()
        call = Call(parcel, await self._codec.read(parcel.message), self._codec)
        self.calls.append(call)
        behaviour = self._script.popleft() if self._script else self._always
        with self._until_killed():
            return await behaviour(call)

    async def _dies_if_killed(self) -> None:
        if self._killed:
            _this_task().cancel()
            await asyncio.sleep(0)

    @contextmanager
    def _until_killed(self) -> Iterator[None]:
        caller = _this_task()
        self._under_way.add(caller)
        try:
            yield
        finally:
            self._under_way.discard(caller)

    def kill(self) -> None:
        """Cut off what is under way and what is to come, as the end of their process does."""
        self._killed = True
        for caller in self._under_way:
            caller.cancel()

    def revive(self) -> None:
        """Take attempts again: of another process."""
        self._killed = False

    async def ask(self, parcel: Parcel) -> Report | None:
        """Say what became of a message as it was taught, one answer each; else it cannot tell."""
        await self._dies_if_killed()
        call = Call(parcel, await self._codec.read(parcel.message), self._codec)
        self.questions.append(call)
        if not self._knows:
            return None
        with self._until_killed():
            return await self._knows.popleft()(call)

    async def read(self, source: Poll | Webhook) -> Inbound:
        """What its source has."""
        assert isinstance(source, Poll)
        return await (self.elsewhere or self.source).read(source)

    async def probe(self) -> Fault | None:
        """It is there."""
        return None

    async def close(self) -> None:
        """Remember that it was let go."""
        self.closed = True


def _this_task() -> asyncio.Task[object]:
    task = asyncio.current_task()
    assert task is not None
    return task


class LoopbackPool(AdapterPool):
    """A loopback for every application that is asked for."""

    def __init__(self, codec: Codec) -> None:
        super().__init__(codec)
        self._codec = codec
        self._loopbacks: dict[str, Loopback] = {}
        self.broken: set[str] = set()
        """The applications whose adapter cannot be opened."""

    def __call__(self, application: Application) -> Loopback:
        """The adapter of an application."""
        if application.name in self.broken:
            details = {"application": application.name, "problem": "no such option"}
            raise BusFault(Fault("ADAPTER_FAILED", details=details))
        return self.of(application.name)

    def asks(self, application: Application) -> bool:
        """Whether an application was taught to answer questions."""
        return self.of(application.name).can_be_asked

    def of(self, name: str) -> Loopback:
        """The application of a name."""
        return self._loopbacks.setdefault(name, Loopback(name, self._codec))

    def kill(self) -> None:
        """Cut off all attempts."""
        for one in self._loopbacks.values():
            one.kill()

    def revive(self) -> None:
        """Take attempts again."""
        for one in self._loopbacks.values():
            one.revive()

    async def close(self) -> None:
        """Let go of all."""
        for one in self._loopbacks.values():
            await one.close()


class Gate:
    """Keeps one call until the test opens it."""

    def __init__(self, then: Behaviour | None = None) -> None:
        self._then = then or says_ok()
        self._arrived = asyncio.Event()
        self._opened = asyncio.Event()

    async def __call__(self, call: Call) -> Report:
        """Wait, then behave."""
        self._arrived.set()
        await self._opened.wait()
        return await self._then(call)

    async def arrived(self) -> None:
        """Wait until the call is here: its first byte is about to leave."""
        await asyncio.wait_for(self._arrived.wait(), 20)

    def open(self, then: Behaviour | None = None) -> None:
        """Let the call go on, and end so."""
        self._then = then or self._then
        self._opened.set()


def says_ok(*ids: tuple[str, str, str]) -> Behaviour:
    """It processed the message, and tells its ids."""

    async def behave(call: Call) -> Report:
        return await call.report(Outcome.DELIVERED, messages.response(call.uuid, ids=ids))

    return behave


def cannot_tell() -> Knowledge:
    """It does not know, or not now."""

    async def behave(_: Call) -> None:
        return None

    return behave


def never_got_it() -> Knowledge:
    """Asked for a message, it says that it never came."""

    async def behave(_: Call) -> Report:
        return Report(Outcome.UNREACHABLE)

    return behave


def refuses(text: str = "no") -> Behaviour:
    """It says a mapped, final no."""

    async def behave(call: Call) -> Report:
        details = {"application": call.parcel.application.name, "problem": text}
        answer = messages.response(call.uuid, "ERROR", text)
        return await call.report(Outcome.REFUSED, answer, Fault("REFUSED", details=details))

    return behave


def receives() -> Behaviour:
    """It has the message, and will answer by itself."""

    async def behave(call: Call) -> Report:
        return await call.report(Outcome.RECEIVED, messages.receipt(call.uuid))

    return behave


def is_busy(retry_after: float | None = None) -> Behaviour:
    """It wants to be asked later."""

    async def behave(call: Call) -> Report:
        details = {"application": call.parcel.application.name, "problem": "later"}
        return Report(Outcome.BUSY, fault=Fault("BUSY", details=details), retry_after=retry_after)

    return behave


def is_unreachable() -> Behaviour:
    """Nobody is there: nothing was sent."""

    async def behave(call: Call) -> Report:
        details = {"application": call.parcel.application.name, "problem": "nobody there"}
        return Report(Outcome.UNREACHABLE, fault=Fault("UNREACHABLE", details=details))

    return behave


def is_silent(answer: bytes = b"<html>") -> Behaviour:
    """It took the message, and what it said nobody can read."""

    async def behave(call: Call) -> Report:
        details = {"application": call.parcel.application.name, "problem": "unreadable"}
        return Report(Outcome.UNKNOWN, answer, fault=Fault("OUTCOME_UNKNOWN", details=details))

    return behave


def speaks(words: str) -> Behaviour:
    """It tells a fault in words that nobody mapped."""

    async def behave(call: Call) -> Report:
        details = {"application": call.parcel.application.name, "problem": words}
        fault = Fault("OUTCOME_UNKNOWN", details=details)
        return Report(Outcome.UNKNOWN, b"<fault/>", fault=fault, unmapped=words)

    return behave


def tells(outcome: Outcome, problem: str = "") -> Behaviour:
    """It says yes or no in its own way: what it says is no ResponseMessage."""

    async def behave(call: Call) -> Report:
        details = {"application": call.parcel.application.name, "problem": problem}
        fault = None if outcome is Outcome.DELIVERED else Fault("REFUSED", details=details)
        return Report(outcome, b'{"said": true}', fault=fault)

    return behave


def made(
    *pairs: InternalIdPair, answer: bytes = b"", note: str = "", content: Element | None = None
) -> Behaviour:
    """It took the document and made ids, and its adapter tells them without a ResponseMessage."""

    async def behave(call: Call) -> Report:
        notes = (Note(note, "INFO"),) if note else ()
        response = Response(call.parcel.uuid, Status.OK, notes=notes, ids=pairs, content=content)
        return Report(Outcome.DELIVERED, answer, response)

    return behave


def hangs() -> Behaviour:
    """It took the message and never answers."""

    async def behave(_: Call) -> Report:
        await asyncio.Event().wait()
        raise AssertionError

    return behave


def breaks() -> Behaviour:
    """Its adapter has a defect."""

    async def behave(_: Call) -> Report:
        raise ZeroDivisionError

    return behave
