"""The door for messages that a broker holds: each leaves its queue once it is on disk.

Whoever posts is the user that the broker vouches for. Who waits for an answer says where, by
reply-to; what is not taken goes to the queue of what was rejected, with the reason.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

from bus.broker.letters import Fate, Letter, OutgoingLetter
from bus.broker.publication import Publication
from bus.broker.session import Session
from bus.broker.worker import Worker
from bus.codec.parser import LONG
from bus.core.broker import Broker
from bus.core.envelope import BLANK, Carrier
from bus.core.errors import BusFault, Fault, SenderFault
from bus.edge.amqp.answering import rejected, reply
from bus.edge.broker_watch import BrokerWatch
from bus.edge.intake import COMPRESSIONS, SOON, Arrival, Intake
from bus.edge.logins import Login
from bus.engine.post_result import PostResult
from bus.wiring import Bus

TRIES = 5
"""How often a message is tried that the bus, of all things, breaks off with an error of its own."""
UNKNOWN_SENDERS = frozenset({"BROKER_USER_MISSING", "BROKER_USER_UNKNOWN", "REPLY_TO_REFUSED"})
"""Reasons that are told in the queue of what was rejected alone, wherever a reply should go."""
ENDING = 1.0
"""Seconds that messages under way get when the door closes."""

Followed = tuple[OutgoingLetter, ...]
"""What is put into queues because of a message, before it leaves its own."""


class AmqpDoor:
    """Takes in what applications post through a broker."""

    def __init__(self, bus: Bus, broker: Broker, intake: Intake, watch: BrokerWatch) -> None:
        self._bus = bus
        self._broker = broker
        self._intake = intake
        self._watch = watch
        self._calls = asyncio.Semaphore(max(1, broker.prefetch // 2))
        self._meeting: set[asyncio.Task[None]] = set()
        self._ahead: dict[str, asyncio.Task[None]] = {}
        self._loop = asyncio.get_running_loop()
        self._worker = Worker(broker, self._set_up, self._told, steady=True)

    def open(self) -> None:
        """Begin to take messages; where the broker is away, as soon as it is there."""
        self._worker.start()

    async def close(self) -> None:
        """Let go of the broker: what is not on disk goes back to its queue."""
        if self._meeting:
            await asyncio.wait(self._meeting, timeout=ENDING)
        await asyncio.to_thread(self._worker.stop)
        for task in self._meeting:
            task.cancel()

    # -- in the thread of the connection -----------------------------------------------------------

    def _set_up(self, session: Session) -> None:
        broker = self._broker
        session.declare(broker.rejected)
        for queue, user in self._queues():
            session.declare(queue, dead_letters_to(broker.rejected))
            session.consume(queue, user, self._arrived)
        if broker.names_users:
            session.bind(broker.exchange, broker.incoming)

    def _queues(self) -> list[tuple[str, str]]:
        """The queues to take from, and whose they are; of one for all: nobody's."""
        if self._broker.names_users:
            return [(self._broker.incoming, "")]
        users = [one.broker_user for one in self._bus.deployment.applications.values()]
        return [(self._broker.incoming_of(user), user) for user in users if user]

    def _arrived(self, letter: Letter) -> None:
        self._loop.call_soon_threadsafe(self._begin, letter)

    def _told(self, error: BaseException | None) -> None:
        self._loop.call_soon_threadsafe(self._watch.heard, error)

    # -- in the event loop -------------------------------------------------------------------------

    def _begin(self, letter: Letter) -> None:
        """Meet a letter, behind what must be on disk before it so that their order holds."""
        ahead = self._ahead.get(letter.user)
        task = asyncio.create_task(self._meet(letter, ahead))
        self._meeting.add(task)
        task.add_done_callback(self._meeting.discard)
        # A long one is read beside the event loop: shorter ones would overtake it.
        if len(letter.body) > LONG and not letter.reply_to:
            self._hold_back(letter.user, task)

    def _hold_back(self, user: str, task: asyncio.Task[None]) -> None:
        """Have what comes next of a user wait until a message is taken."""
        self._ahead[user] = task

        def pass_on(ended: asyncio.Task[None]) -> None:
            if self._ahead.get(user) is ended:
                del self._ahead[user]

        task.add_done_callback(pass_on)

    async def _meet(self, letter: Letter, ahead: asyncio.Task[None] | None) -> None:
        """Take a message in; it leaves its queue when all that follows from it is certain."""
        if ahead and not letter.reply_to:
            await asyncio.wait([ahead])
        tries = 1
        while (follows := await self._handle(letter, tries)) is None:
            if self._intake.stopping:
                return  # it goes back to its queue
            if tries == 1 and (own := asyncio.current_task()):
                self._hold_back(letter.user, own)
            tries += 1
            await asyncio.sleep(SOON)
        for outgoing in follows:
            if not await self._put(outgoing):
                return  # the connection is lost: the broker hands it over again
        self._worker.post(_Done(letter))

    async def _handle(self, letter: Letter, tries: int) -> Followed | None:
        """What follows from a message; None where it is to be tried again."""
        try:
            result, sender = await self._take(letter)
        except SenderFault as refusal:
            return self._turned_away(letter, refusal.fault)
        except BusFault as refusal:
            told = self._bus.answers.refusal("", BLANK, refusal.fault, retry_after=SOON)
            return self._not_now(letter, told)
        if not result.message:
            if tries < TRIES or result.fault is None or result.fault.code != "INTERNAL":
                return self._not_now(letter, result)
            return (rejected(self._broker, letter, (result.fault,), sender=sender),)
        return self._what_follows(letter, result, sender)

    async def _take(self, letter: Letter) -> tuple[PostResult, str]:
        """Take a message by the intake: what came of it, and whose it is."""
        login = Login(vouched=letter.user)
        sender = self._intake.application(login)
        self._refuse_foreign_queue(letter, sender.name)
        if not letter.reply_to:
            return await self._taken(letter, login), sender.name
        try:
            await asyncio.wait_for(self._calls.acquire(), SOON)
        except TimeoutError:
            raise BusFault(Fault("OVERLOADED")) from None
        try:
            return await self._taken(letter, login), sender.name
        finally:
            self._calls.release()

    async def _taken(self, letter: Letter, login: Login) -> PostResult:
        async with self._intake.admit(self._arrival(letter, login)) as post:
            return await self._intake.take(replace(post, waits=bool(letter.reply_to)))

    def _arrival(self, letter: Letter, login: Login) -> Arrival:
        # In AMQP, charsets go by that name too; XML declares its own.
        encoding = letter.content_encoding.lower()
        return Arrival(
            Carrier.AMQP,
            login,
            _whole(letter.body),
            self._broker.incoming,
            len(letter.body),
            encoding if encoding in COMPRESSIONS else "",
        )

    def _refuse_foreign_queue(self, letter: Letter, sender: str) -> None:
        """SenderFault where an answer would go where its sender itself may perhaps not write."""
        ours = letter.reply_to.startswith(f"{self._broker.prefix}.")
        if ours and letter.reply_to != self._broker.outgoing(sender):
            raise SenderFault(Fault("REPLY_TO_REFUSED", details={"queue": letter.reply_to}))

    # -- what follows ------------------------------------------------------------------------------

    def _what_follows(self, letter: Letter, result: PostResult, sender: str) -> Followed:
        """Of what was recorded: the answer where one is wanted, and what was rejected."""
        faults = (result.fault,) if result.rejected and result.fault else ()
        refused = (
            (rejected(self._broker, letter, faults, result.message, sender),) if faults else ()
        )
        return (*refused, reply(letter, result)) if letter.reply_to else refused

    def _turned_away(self, letter: Letter, fault: Fault) -> Followed:
        """Of what was not taken in, and is recorded nowhere else."""
        refused = rejected(self._broker, letter, (fault,))
        if not letter.reply_to or fault.code in UNKNOWN_SENDERS:
            return (refused,)
        return refused, reply(letter, self._bus.answers.refusal("", BLANK, fault))

    def _not_now(self, letter: Letter, result: PostResult) -> Followed | None:
        """Whoever waits is told; all else stays where it is until the bus can take it."""
        if letter.reply_to and not self._intake.stopping:
            return (reply(letter, result),)
        return None

    async def _put(self, outgoing: OutgoingLetter) -> bool:
        """Put a message into a queue; whether that is certain, or nobody wants it any more."""
        wanted = outgoing.queue == self._broker.rejected
        while True:
            publication = Publication(outgoing)
            self._worker.post(publication)
            match await publication.ended:
                case Fate.KEPT:
                    return True
                case Fate.IN_DOUBT | Fate.NOT_SENT:
                    return False
                case _ if not wanted:  # whoever asked has gone, or takes no more
                    return True
                case Fate.RETURNED:
                    self._worker.post(_Declare(outgoing.queue))
                case Fate.REFUSED:
                    await asyncio.sleep(SOON)


def dead_letters_to(queue: str) -> dict[str, object]:
    """The arguments of a queue from which nothing vanishes: what a broker gives up goes there."""
    return {
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": queue,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


class _Done:
    """A message may leave its queue."""

    def __init__(self, letter: Letter) -> None:
        self._letter = letter

    def run(self, session: Session) -> None:
        """Mark it."""
        session.done(self._letter)

    def cannot(self, error: BaseException) -> None:
        """The connection is lost: the broker hands it over again."""


class _Declare:
    """A queue that vanished is declared again."""

    def __init__(self, queue: str) -> None:
        self._queue = queue

    def run(self, session: Session) -> None:
        """Declare it."""
        session.declare(self._queue)

    def cannot(self, error: BaseException) -> None:
        """The next connection declares it."""


async def _whole(body: bytes) -> AsyncIterator[bytes]:
    yield body
