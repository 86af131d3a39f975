"""The intake: where every door takes messages in. A door knows its carrier's form alone.

In this order: who are you, is there room for you, the body within its limits; then the message is
accepted or rejected, and answered for even where its caller has hung up.
"""

from __future__ import annotations

import asyncio
import zlib
from collections import Counter
from collections.abc import AsyncIterable, Awaitable, Callable, Coroutine
from dataclasses import dataclass

from bus.core.envelope import BLANK, Carrier
from bus.core.errors import BusFault, Fault, Refusal, SenderFault
from bus.core.route import Application, Deployment
from bus.edge.faults import our_mistake
from bus.edge.logins import Login, Logins
from bus.edge.turned_away import Counts, TurnedAway
from bus.engine.active import ActiveApplications
from bus.engine.post import Post
from bus.engine.post_result import PostResult
from bus.ports.observer import Observer
from bus.wiring import Bus

SOON = 1.0
"""Seconds after which a caller may come again where the bus could not take its message."""
SHORT = 0.25
"""Seconds after which it is watched whether the caller of a post hangs up."""
UNAVAILABLE = 503
RATIO = 100
"""How many times larger than what arrived a body may become when it is decompressed."""
COMPRESSIONS = frozenset({"gzip", "x-gzip", "deflate"})


@dataclass(frozen=True, slots=True)
class Arrival:
    """A body at a door, still to be read, and what its carrier tells of it.

    `length` is what was announced in bytes, None where nothing was; `compression` is named as in
    HTTP, empty for none. `chunks` raise SenderFault BODY_TRUNCATED where the rest never comes.
    """

    carrier: Carrier
    login: Login
    chunks: AsyncIterable[bytes]
    remote: str = ""
    length: int | None = None
    compression: str = ""


class Intake:
    """Takes what arrives at any door, and answers for it."""

    def __init__(self, bus: Bus, observer: Observer, turned_away: TurnedAway | None = None) -> None:
        self._bus = bus
        self._observer = observer
        self._turned_away = turned_away or TurnedAway(_Uncounted())
        self._logins = Logins(self._turned_away, bus.refused_logins, bus.settings.proxies)
        self._active = ActiveApplications(bus.history)
        self._places = CallerPlaces(bus.settings.max_in_flight)
        self._memory = BodyMemory(bus.settings.max_in_memory)
        self.follow(bus.deployment)
        self._stopping = False
        self._arriving: set[asyncio.Timeout] = set()
        self._posts: set[asyncio.Task[PostResult]] = set()

    def follow(self, deployment: Deployment) -> None:
        """Know the applications of a configuration, from now on."""
        applications = tuple(deployment.applications.values())
        self._logins.know(applications)
        self._places.share_among(
            [one.name for one in applications if one.login or one.comes_from or one.broker_user]
        )

    def application(self, login: Login, remote: str = "") -> Application:
        """The application that a login is of; SenderFault for none."""
        return self._logins.application(login, remote)

    def admit(self, arrival: Arrival) -> Admission:
        """What was brought, whole and plain; it has a place to the end of the block.

        Refusal where it is not taken: nothing is kept of it.
        """
        held = HeldBody(self._memory)
        return Admission(self._admitted(arrival, held), self._places, held)

    async def _admitted(self, arrival: Arrival, held: HeldBody) -> Post:
        """Give it a place, and read it; where that fails it has none."""
        if self._stopping:
            raise BusFault(Fault("STOPPING"))
        sender = self.application(arrival.login, arrival.remote)
        if fault := await self._active.bar(sender):
            self._turned_away.note(fault.code, sender.name, application=sender.name)
            raise SenderFault(fault)  # in a queue it would keep a place that others need
        if not self._places.take(sender.name):
            self._turned_away.note("OVERLOADED", sender.name, application=sender.name)
            raise BusFault(Fault("OVERLOADED"))
        try:
            body = await self._body(arrival, held)
        except BaseException as error:
            held.let_go()
            self._places.leave(sender.name)
            if isinstance(error, BusFault) and error.fault.code == "OVERLOADED":
                self._turned_away.note("OVERLOADED", sender.name, application=sender.name)
            raise
        return Post(body, sender, carrier=arrival.carrier, remote=arrival.remote)

    async def take(self, post: Post) -> PostResult:
        """Accept or reject what was admitted; whatever happens, the result tells it."""
        return await asyncio.shield(self._taking(post))

    async def take_unless(
        self, gone: Callable[[], Awaitable[None]], post: Post
    ) -> PostResult | None:
        """The same; None where the caller is `gone` before that.

        Its post goes on without it and its place, unless as many do so as there are places.
        """
        task = self._taking(post)
        await _for_a_while(task)  # for most posts, watching would cost more
        if task.done():
            return task.result()
        leaving = asyncio.ensure_future(gone())
        try:
            await asyncio.wait({task, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
        if not task.done() and len(self._posts) < 2 * self._bus.settings.max_in_flight:
            return None
        return await asyncio.shield(task)

    def _taking(self, post: Post) -> asyncio.Task[PostResult]:
        # A caller that hangs up changes nothing: its post goes on without it.
        task = asyncio.create_task(self._take(post))
        self._posts.add(task)
        task.add_done_callback(self._posts.discard)
        return task

    async def _take(self, post: Post) -> PostResult:
        try:
            return await self._bus.acceptor.receive(post)
        except Refusal as refusal:
            fault = refusal.fault
        except Exception as error:  # noqa: BLE001 - whatever it is, its sender is told
            self._observer.troubled("a post failed", error)
            fault = our_mistake(error)
        retry_after = SOON if fault.status == UNAVAILABLE else None
        return self._bus.answers.refusal("", BLANK, fault, retry_after=retry_after)

    @property
    def stopping(self) -> bool:
        """Whether nothing more is taken."""
        return self._stopping

    def stop(self) -> None:
        """Take nothing more; what is under way goes on."""
        self._stopping = True

    def hurry(self) -> None:
        """Wait for no body any more: whoever still sends one is told that the bus stops."""
        self.stop()
        now = asyncio.get_running_loop().time()
        for patience in self._arriving:
            patience.reschedule(now)

    async def drain(self) -> None:
        """Take nothing more, and wait until all that was taken has been answered for."""
        self.stop()
        await self._places.all_free.wait()
        while self._posts:
            await asyncio.wait(self._posts)

    # -- limits ------------------------------------------------------------------------------------

    async def _body(self, arrival: Arrival, held: HeldBody) -> bytes:
        """The whole body, decompressed; SenderFault where it exceeds a limit or stays away."""
        settings = self._bus.settings
        most = settings.max_body
        if arrival.length is not None and arrival.length > most:
            raise _too_large(most)
        patience = asyncio.timeout(settings.body_timeout)
        try:
            async with patience:
                self._arriving.add(patience)
                body = await _read(arrival.chunks, most, held)
        except TimeoutError:
            if self._stopping:
                raise BusFault(Fault("STOPPING")) from None
            details = {"seconds": f"{settings.body_timeout:g}"}
            raise SenderFault(Fault("BODY_TIMEOUT", details=details)) from None
        finally:
            self._arriving.discard(patience)
        if arrival.compression in {"", "identity"}:
            return body
        plain = _inflate(body, arrival.compression, most)
        held.add(len(plain))
        return plain


class Admission:
    """A place that a sender has while the block lasts, and what it brought there."""

    def __init__(
        self, admitted: Coroutine[object, object, Post], places: CallerPlaces, held: HeldBody
    ) -> None:
        self._admitted = admitted
        self._places = places
        self._held = held

    async def __aenter__(self) -> Post:
        self._post = await self._admitted
        return self._post

    async def __aexit__(self, *ended: object) -> None:
        self._places.leave(self._post.sender.name)
        self._held.let_go()


class BodyMemory:
    """How many bytes of bodies are in memory at once: `most`, however many callers bring them."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.held = 0


class HeldBody:
    """The bytes in memory of one body."""

    def __init__(self, memory: BodyMemory) -> None:
        self._memory = memory
        self._held = 0

    def add(self, count: int) -> None:
        """Hold more; BusFault OVERLOADED where others leave no room for it."""
        others = self._memory.held - self._held
        if others and self._memory.held + count > self._memory.most:
            raise BusFault(Fault("OVERLOADED"))
        self._memory.held += count
        self._held += count

    def let_go(self) -> None:
        """Hold nothing more."""
        self._memory.held -= self._held
        self._held = 0


class CallerPlaces:
    """Who may be served at once: each application has a share that no other can take."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._share = 0
        self._applications: list[str] = []
        self._taken: Counter[str] = Counter()
        self._all_taken = 0
        self.all_free = asyncio.Event()
        self.all_free.set()

    def share_among(self, applications: list[str]) -> None:
        """Keep half of the places, in equal shares, for these."""
        self._share = self._places // (2 * len(applications)) if applications else 0
        self._applications = applications

    def take(self, application: str) -> bool:
        """Take a place, if there is one beside those that are kept for others."""
        taken = self._taken
        if self._all_taken >= self._places:
            return False
        if taken[application] >= self._share:
            kept = sum(max(0, self._share - taken[name]) for name in self._applications)
            if self._all_taken + kept >= self._places:
                return False
        taken[application] += 1
        self._all_taken += 1
        self.all_free.clear()
        return True

    def leave(self, application: str) -> None:
        """Give a place back."""
        self._taken[application] -= 1
        self._all_taken -= 1
        if not self._all_taken:
            self.all_free.set()


class _Uncounted(Counts):
    """Where nobody counts what is turned away."""

    def turned_away_at_door(self, why: str) -> None:
        """Nothing."""


async def _for_a_while(task: asyncio.Task[PostResult]) -> None:
    """Wait for a task, SHORT seconds at most."""
    loop = asyncio.get_running_loop()
    enough = loop.create_future()

    def end(_: object = None) -> None:
        if not enough.done():
            enough.set_result(None)

    task.add_done_callback(end)
    timer = loop.call_later(SHORT, end)
    try:
        await enough
    finally:
        timer.cancel()


async def _read(chunks: AsyncIterable[bytes], most: int, held: HeldBody) -> bytes:
    read: list[bytes] = []
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > most:
            raise _too_large(most)
        held.add(len(chunk))
        read.append(chunk)
    return read[0] if len(read) == 1 else b"".join(read)


def _too_large(most: int) -> SenderFault:
    return SenderFault(Fault("TOO_LARGE", details={"limit": str(most)}))


def _inflate(body: bytes, compression: str, most: int) -> bytes:
    """Decompress up to the limits, and never a byte beyond them."""
    refused = SenderFault(Fault("COMPRESSION_REFUSED", details={"ratio": str(RATIO)}))
    if compression not in COMPRESSIONS:
        raise refused
    within = min(most, len(body) * RATIO)
    damaged = SenderFault(Fault("BODY_DAMAGED", details={"compression": compression}))
    inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    try:
        plain = inflater.decompress(body, within + 1)
    except zlib.error:
        raise damaged from None
    if len(plain) > most:
        raise _too_large(most)
    # A second member would be dropped without a word.
    if len(plain) > within or inflater.unused_data:
        raise refused
    if not inflater.eof:
        raise damaged
    return plain
