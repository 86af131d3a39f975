"""Histories of every kind, made with the journal's own commands; the ids of messages are readable."""

import hashlib

from bus.core.delivery import Step
from bus.core.envelope import Carrier
from bus.core.identity import Identity
from bus.core.outcome import Outcome
from bus.core.plan import PlannedDelivery
from bus.core.route import OnFailure
from bus.core.translation import MissingId
from bus.journal.commands import (
    Accept,
    ChangeDepara,
    Claim,
    Operate,
    OriginAnswer,
    ReceivedMessage,
    RecordAttempt,
    RecordResponse,
    Reject,
)
from depara.model import Key, Link, Member, Source
from tests.support.clock import HandClock
from tests.support.stores import Store

WORKER = "worker"
LEASE = 60.0
OUTCOMES = {
    Step.DELIVER: Outcome.DELIVERED,
    Step.REFUSE: Outcome.REFUSED,
    Step.AWAIT_RESPONSE: Outcome.RECEIVED,
    Step.POSTPONE: Outcome.BUSY,
    Step.AWAIT_DEPARA: Outcome.REFUSED,
}
WEEK = 7 * 86_400.0
OK = OriginAnswer("OK", b"<ResponseMessage/>")


class Chronicler:
    """Writes histories. Each uses destinations of its own, so that none takes what is another's."""

    def __init__(self, store: Store, clock: HandClock) -> None:
        self.store = store
        self.clock = clock

    # -- arriving ---------------------------------------------------------------------------------

    async def accept(self, id_: str, *to: str, uuid: str = "", **changes: object) -> None:
        """Accept a message about a document named like its destinations."""
        uuid = uuid or id_
        held = changes.pop("held", False)
        safe, on_failure = (
            bool(changes.pop("safe", False)),
            OnFailure(str(changes.pop("on_failure", "hold"))),
        )
        plans = tuple(
            PlannedDelivery(
                name,
                "route",
                held=bool(held and n),
                on_failure=on_failure,
                safe=safe,
                sent_uuid=uuid,
            )
            for n, name in enumerate(to)
        )
        usual: dict[str, object] = {
            "entry": self.entry(id_, uuid, content=str(changes.pop("content", ""))),
            "plans": plans,
            "identity": Identity(uuid),
            "document": "-".join(to),
            "answering": 1 if len(to) == 1 or held else 0,
        }
        await self.store.journal.accept(Accept(**{**usual, **changes}))  # type: ignore[arg-type]

    async def reject(self, id_: str) -> None:
        """Reject a message."""
        await self.store.journal.reject(Reject(self.entry(id_, id_), (), Identity(id_)))

    async def respond(self, id_: str, destination: str, uuid: str) -> None:
        """A destination tells by itself that a message went well."""
        sent = await self.store.history.sent_as(destination, uuid)
        assert sent is not None
        heard = RecordAttempt(
            sent.message,
            sent.number,
            0,
            "",
            Outcome.DELIVERED,
            Step.DELIVER,
            answer=OK,
            actor=destination,
        )
        entry = self.entry(id_, id_, sender=destination, type_="Response")
        await self.store.journal.settle(RecordResponse(entry, heard))

    def entry(
        self, id_: str, uuid: str, *, content: str = "", sender: str = "erp", type_: str = ""
    ) -> ReceivedMessage:
        """What arrived."""
        body = f"<TOTVSMessage>{id_}</TOTVSMessage>".encode()
        return ReceivedMessage(
            id=id_, sender=sender, carrier=Carrier.HTTP, remote="", type=type_ or "BusinessMessage",
            transaction="Step", version="1.000", uuid=uuid, company="", branch="", entity="",
            event="upsert", mode="async", body=body, body_hash=hashlib.sha256(body).hexdigest(),
            content_hash=content, configuration=1,
        )  # fmt: skip

    # -- delivering -------------------------------------------------------------------------------

    async def claim(self, destination: str) -> Claim:
        """Take the one delivery that is due at a destination."""
        (claim,) = await self.store.journal.claim(WORKER, {destination: 9}, LEASE)
        return claim

    async def begin(self, destination: str) -> Claim:
        """Take it and begin an attempt."""
        claim = await self.claim(destination)
        assert await self.store.journal.start(claim)
        return claim

    async def end(self, claim: Claim, step: Step, on_failure: OnFailure = OnFailure.HOLD) -> None:
        """End an attempt."""
        row = claim.delivery
        answer = OK if step in {Step.DELIVER, Step.REFUSE, Step.GIVE_UP} else None
        misses = step is Step.AWAIT_DEPARA
        await self.store.journal.record(
            RecordAttempt(
                row.message,
                row.number,
                row.tries,
                row.worker,
                OUTCOMES.get(step, Outcome.UNKNOWN),
                step,
                respond_within=LEASE,
                answer=answer,
                on_failure=on_failure,
                wanted=(wanted(row.message, row.destination),) if misses else (),
                pair_within=WEEK,
            )
        )

    async def send(
        self, destination: str, step: Step = Step.DELIVER, on_failure: OnFailure = OnFailure.HOLD
    ) -> None:
        """Make an attempt."""
        await self.end(await self.begin(destination), step, on_failure)

    async def act(
        self, id_: str, step: Step | None, number: int = 1, answer: OriginAnswer | None = None
    ) -> None:
        """Do what a person does."""
        await self.store.journal.act(Operate(id_, step, number, "ana", "why", answer=answer))

    async def wait(self, seconds: float = LEASE + 1) -> None:
        """Let time pass, and end what ran out."""
        self.clock.advance(seconds)
        await self.store.journal.claim(WORKER, {}, LEASE)


async def arriving(write: Chronicler) -> None:
    """Rejected; repeated; answered from the store; filtered; a receipt."""
    await write.reject("rejected")
    await write.accept("again", "a1", uuid="rejected")
    await write.accept("joins", "a1", uuid="rejected")
    await write.send("a1")
    await write.accept("stored", "a1", uuid="rejected")
    await write.accept("filtered", answer=OK, answer_to="a-origin")
    await write.send("a-origin")
    receipt = write.entry("receipt", "receipt", type_="Receipt")
    await write.accept("receipt", entry=receipt, identity=None)


async def answering(write: Chronicler) -> None:
    """Two destinations, of which one refuses; a repeat and a replay; an answer each time."""
    await write.accept("two", "b1", "b2", answer_to="b-origin")
    await write.send("b1")
    await write.send("b2", Step.REFUSE)
    await write.send("b-origin", Step.REFUSE)
    await write.accept("two again", "b1", "b2", uuid="two", answer_to="b-origin")
    await write.send("b2", Step.GIVE_UP)
    await write.act("two", Step.REPLAY, 2)
    await write.send("b2")
    await write.act("two", Step.REPLAY, 3)


async def correcting(write: Chronicler) -> None:
    """A correction takes the place of a head that failed; one behind it waits."""
    await write.accept("wrong", "c1")
    await write.accept("behind", "c1", document="c1")
    await write.send("c1", Step.REFUSE)
    await write.accept("right", "c1", uuid="wrong", content="other")
    await write.send("c1")
    await write.send("c1", Step.AWAIT_DEPARA)


async def superseding(write: Chronicler) -> None:
    """A newer snapshot replaces what failed, when it comes or when it is its turn."""
    await write.accept("old", "d1", on_failure="supersede")
    await write.send("d1", Step.GIVE_UP, OnFailure.SUPERSEDE)
    await write.accept("new", "d1", on_failure="supersede")
    await write.accept("newest", "d1", on_failure="supersede")
    await write.send("d1", Step.REFUSE, OnFailure.SUPERSEDE)
    await write.send("d1")


async def passing(write: Chronicler) -> None:
    """The lane goes on without what failed; its replay goes to the end."""
    for id_ in ("passed", "next", "last"):
        await write.accept(id_, "e1")
    await write.send("e1", Step.REFUSE, OnFailure.CONTINUE)
    await write.send("e1")
    await write.act("passed", Step.REPLAY)


async def waiting_callers(write: Chronicler) -> None:
    """Synchronous messages: copies released, withdrawn with a refusal, withdrawn unsent."""
    for id_ in ("released", "refused", "unsent"):
        await write.accept(id_, "f1", "f2", held=True, deadline=30.0)
    await write.send("f1")
    await write.send("f1", Step.REFUSE, OnFailure.CONTINUE)
    await write.act("unsent", Step.WITHDRAW)


async def losing_leases(write: Chronicler) -> None:
    """Not begun: again; begun: unknown, until late news; where repeating is safe: again."""
    await write.accept("idle", "g1")
    await write.accept("begun", "g2")
    await write.accept("safe", "g3", safe=True)
    idle, begun, safe = [await write.claim(name) for name in ("g1", "g2", "g3")]
    await write.store.journal.start(begun)
    await write.wait()
    await write.end(begun, Step.DELIVER)
    await write.end(safe, Step.DELIVER)
    await write.end(idle, Step.REFUSE)
    await write.send("g1", Step.POSTPONE)
    await write.end(idle, Step.DELIVER)


async def responding(write: Chronicler) -> None:
    """Handed over: the response comes, never comes, comes twice, or before the call's own end."""
    for id_, to in (("heard", "h1"), ("silent", "h2"), ("hasty", "h3")):
        await write.accept(id_, to)
    await write.send("h1", Step.AWAIT_RESPONSE)
    await write.send("h2", Step.AWAIT_RESPONSE)
    hasty = await write.begin("h3")
    await write.respond("response", "h1", "heard")
    await write.respond("response again", "h1", "heard")
    await write.respond("hasty response", "h3", "hasty")
    await write.end(hasty, Step.AWAIT_RESPONSE)
    await write.wait()


async def acting(write: Chronicler) -> None:
    """Blocked, unblocked, noted, discarded."""
    await write.accept("blocked", "i1")
    await write.accept("given up", "i1")
    await write.act("blocked", Step.BLOCK)
    await write.act("blocked", None)
    await write.act("given up", Step.DISCARD, answer=OK)
    await write.act("blocked", Step.UNBLOCK)
    await write.act("blocked", Step.BLOCK)


async def awaiting_ids(write: Chronicler) -> None:
    """An id is missing: it comes, nobody needs it any more, or it has not come yet."""
    for id_, to in (("woken", "k1"), ("dropped", "k2"), ("awaiting", "k3")):
        await write.accept(id_, to)
        await write.send(to, Step.AWAIT_DEPARA)
    link = Link(Member(wanted("woken", "k1").key), (Member(Key("Item", "k1", "", "x")),))
    asked = ChangeDepara("ana", Source.PERSON, links=(link,))
    await write.store.crossreference.amend(asked)
    await write.send("k1")
    await write.act("dropped", Step.DISCARD, answer=OK)


def wanted(message: str, destination: str) -> MissingId:
    """An id that a message lacks."""
    return MissingId((Key("Item", "origin", "", message),), "ItemInternalId", (destination,))


async def going_on(write: Chronicler) -> None:
    """What is not finished: held, waiting, being sent, handed over, alone and in lanes."""
    await write.accept("first", "j1")
    await write.accept("second", "j1")
    await write.accept("alone", "j2", document="")
    await write.accept("calling", "j3", "j4", held=True, deadline=30.0)
    for id_, to in (("sending", "j5"), ("claimed", "j6"), ("handed over", "j7")):
        await write.accept(id_, to)
    await write.begin("j5")
    await write.claim("j6")
    await write.send("j7", Step.AWAIT_RESPONSE)


HISTORIES = (
    arriving, answering, correcting, superseding, passing, waiting_callers, losing_leases,
    responding, acting, awaiting_ids, going_on,
)  # fmt: skip
"""In an order in which each can follow the other."""


async def write_all(store: Store, clock: HandClock) -> None:
    """Every history, in one journal."""
    for history in HISTORIES:
        await history(Chronicler(store, clock))
