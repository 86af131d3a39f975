"""The intake: where every door takes messages in. A door knows its carrier's form alone.

In this order: is there room, who are you, the body within its limits; then the message is accepted
or rejected, and answered for even where its caller has hung up.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import zlib
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass, field

from bus.core.envelope import BLANK, Carrier
from bus.core.errors import BusFault, Fault, Refusal, SenderFault
from bus.core.route import Application
from bus.edge.faults import our_mistake
from bus.engine.post import Post
from bus.engine.post_result import PostResult
from bus.ports.observer import Observer
from bus.wiring import Bus

SOON = 1.0
"""Seconds after which a caller may come again where the bus could not take its message."""
UNAVAILABLE = 503
RATIO = 100
"""How many times larger than what arrived a body may become when it is decompressed."""
COMPRESSIONS = frozenset({"gzip", "x-gzip", "deflate"})


@dataclass(frozen=True, slots=True)
class Login:
    """What a caller presents to tell who it is."""

    user: str = ""
    password: bytes = field(default=b"", repr=False)


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

    def __init__(self, bus: Bus, observer: Observer) -> None:
        self._bus = bus
        self._observer = observer
        self._logins = {
            one.login.user: (one, one.login.password.encode())
            for one in bus.deployment.applications.values()
            if one.login
        }
        self._stopping = False
        self._reading = 0
        self._all_read = asyncio.Event()
        self._all_read.set()
        self._posts: set[asyncio.Task[PostResult]] = set()

    def application(self, login: Login) -> Application:
        """The application that a login is of, compared in constant time; SenderFault for none."""
        known, password = self._logins.get(login.user, (None, b"\0"))
        if not hmac.compare_digest(login.password, password) or known is None:
            raise SenderFault(Fault("UNAUTHENTICATED"))
        return known

    @contextlib.asynccontextmanager
    async def admit(self, arrival: Arrival) -> AsyncIterator[Post]:
        """What was brought, whole and plain; it counts as under way to the end of the block.

        Refusal where it is not taken: nothing is kept of it.
        """
        if self._stopping:
            raise BusFault(Fault("STOPPING"))
        if self._reading >= self._bus.settings.max_in_flight:
            raise BusFault(Fault("OVERLOADED"))
        self._reading += 1
        self._all_read.clear()
        try:
            sender = self.application(arrival.login)
            body = await self._body(arrival)
            yield Post(body, sender, carrier=arrival.carrier, remote=arrival.remote)
        finally:
            self._reading -= 1
            if not self._reading:
                self._all_read.set()

    async def take(self, post: Post) -> PostResult:
        """Accept or reject what was admitted; whatever happens, the result tells it."""
        # A caller that hangs up changes nothing: its post goes on without it.
        task = asyncio.create_task(self._take(post))
        self._posts.add(task)
        task.add_done_callback(self._posts.discard)
        return await asyncio.shield(task)

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

    def stop(self) -> None:
        """Take nothing more; what is under way goes on."""
        self._stopping = True

    async def drain(self) -> None:
        """Take nothing more, and wait until all that was taken has been answered for."""
        self.stop()
        await self._all_read.wait()
        while self._posts:
            await asyncio.wait(self._posts)

    # -- limits ------------------------------------------------------------------------------------

    async def _body(self, arrival: Arrival) -> bytes:
        """The whole body, decompressed; SenderFault where it exceeds a limit or stays away."""
        settings = self._bus.settings
        most = settings.max_body
        if arrival.length is not None and arrival.length > most:
            raise _too_large(most)
        try:
            async with asyncio.timeout(settings.body_timeout):
                body = await _read(arrival.chunks, most)
        except TimeoutError:
            details = {"seconds": f"{settings.body_timeout:g}"}
            raise SenderFault(Fault("BODY_TIMEOUT", details=details)) from None
        plain = arrival.compression in {"", "identity"}
        return body if plain else _inflate(body, arrival.compression, most)


async def _read(chunks: AsyncIterable[bytes], most: int) -> bytes:
    read: list[bytes] = []
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > most:
            raise _too_large(most)
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
    inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    try:
        plain = inflater.decompress(body, within + 1)
    except zlib.error:
        raise refused from None
    if len(plain) > most:
        raise _too_large(most)
    if len(plain) > within or not inflater.eof:
        raise refused
    return plain
