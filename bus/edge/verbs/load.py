"""What may be asked of a load: to take messages of an application in, and how they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Base64Bytes, BaseModel, Field

from bus.core.envelope import Status
from bus.core.errors import Fault, SenderFault
from bus.core.suggest import suggestion
from bus.edge.verbs.verb import Asked, FaultOut, Verb
from bus.engine.load import DONE, Came, GaveWay, came_of
from bus.engine.post import Post
from bus.engine.post_result import PostResult
from bus.journal.rows import DeliveryRow, MessageRow

if TYPE_CHECKING:
    from bus.core.route import Application
    from bus.wiring import Bus

LOADED_BY = "load "
"""How the place begins that a message came from which a person loaded."""
PART = 1_000
"""Messages of one request."""


class LoadIn(Asked):
    """Messages of an application, as they stand in its files; `every` is in seconds."""

    application: str
    actor: Annotated[str, Field(max_length=200)] = ""
    bodies: Annotated[list[Base64Bytes], Field(max_length=PART)]
    every: Annotated[float, Field(ge=0, le=3600)] = 0.0


class LoadedIn(Asked):
    """Which messages of an application: ids that the bus gave them, or UUIDs."""

    application: str
    names: Annotated[list[str], Field(max_length=PART)]


class NoteOut(BaseModel):
    """What a reader remarked in its answer."""

    code: str
    text: str


class ReaderOut(BaseModel):
    """How a message stands at one of its readers."""

    application: str
    state: str
    reason: str


class StandingOut(BaseModel):
    """How a message stands, and the SHA-256 of its body."""

    message: str
    uuid: str
    body_hash: str
    came: Came
    readers: list[ReaderOut]
    faults: list[FaultOut] = []

    @classmethod
    def of(cls, message: MessageRow, deliveries: tuple[DeliveryRow, ...]) -> StandingOut:
        """As the journal has it."""
        return cls(
            message=message.id,
            uuid=message.uuid,
            body_hash=message.body_hash,
            came=came_of(message, deliveries),
            readers=[
                ReaderOut(
                    application=row.destination,
                    state=row.state.value,
                    reason=row.reason.text(row.detail),
                )
                for row in deliveries
            ],
            faults=[FaultOut.of(fault) for fault in message.faults],
        )


class LoadRegisterIn(Asked):
    """Which register of which application, by its transaction, and who; `yes`: though no webhook of
    the application ever came.
    """

    application: str
    transaction: str
    actor: Annotated[str, Field(max_length=200)] = ""
    yes: bool = False


class LoadRegisterOut(BaseModel):
    """How far the load of a register is (`total` 0: nobody tells), and what came of its records:
    `taken` in, `known` before and unchanged, `gave_way` to what came by itself, `rejected`.
    """

    passed: int
    total: int
    taken: int
    known: int
    gave_way: int
    rejected: int
    ended: bool


class LoadedOut(BaseModel):
    """How messages stand, newest first."""

    messages: list[StandingOut]


class SaidOut(BaseModel):
    """What its sender would have been told of one message: its id, our fault, a reader's notes.

    `gave_way`: it was not taken in, for `message` is a newer one of its document.
    """

    message: str
    gave_way: bool = False
    fault: FaultOut | None = None
    notes: list[NoteOut] = []


class LoadOut(BaseModel):
    """What was said of each message, how those stand, and for how long live traffic went first."""

    said: list[SaidOut]
    standings: list[StandingOut]
    yielded: float


async def load(bus: Bus, asked: LoadIn) -> LoadOut:
    """Take messages in as if their application posted them, and answer when each was answered."""
    sender = _application(bus, asked.application)
    remote = LOADED_BY + asked.actor
    posts = [Post(body, sender, remote=remote) for body in asked.bodies]
    part = await bus.loader.take(sender, posts, asked.every)
    names = [one.message for one in part.results if one.message]
    told = await loaded(bus, LoadedIn(application=sender.name, names=names))
    came = {one.message: one.came for one in told.messages}
    said = [await _said(bus, result, came.get(result.message)) for result in part.results]
    return LoadOut(said=said, standings=told.messages, yielded=part.yielded)


async def load_register(bus: Bus, asked: LoadRegisterIn) -> LoadRegisterOut:
    """Take the next page of a register in, as its application has it; call again until it ended."""
    application = _application(bus, asked.application)
    done = await bus.register_loader.step(
        application, asked.transaction, asked.actor, yes=asked.yes
    )
    told = {name: getattr(done, name) for name in LoadRegisterOut.model_fields}
    return LoadRegisterOut(**told)


async def loaded(bus: Bus, asked: LoadedIn) -> LoadedOut:
    """How messages of an application stand; nothing changes."""
    sender = _application(bus, asked.application)
    found = await bus.history.standings(asked.names)
    return LoadedOut(
        messages=[
            StandingOut.of(message, deliveries)
            for message, deliveries in found
            if message.sender == sender.name
        ]
    )


async def _said(bus: Bus, result: PostResult | GaveWay, came: Came | None) -> SaidOut:
    """What was said of a message; of one that failed with the fault that its trace has, whole."""
    if isinstance(result, GaveWay):
        return SaidOut(message=result.message, gave_way=True)
    response = (await bus.ports.codec.read_answer(result.body)).response
    notes = response.notes if response and response.status is not Status.OK else ()
    fault = None if came in DONE else result.fault
    if came not in DONE and (trace := await bus.history.trace(result.message)):
        tried = [one.fault for one in trace.attempts if one.fault]
        fault = next(iter([*reversed(tried), *trace.message.faults]), fault)
    if fault and came is Came.NOT_SENT:
        fault = fault.taken_back()
    return SaidOut(
        message=result.message,
        fault=FaultOut.of(fault) if fault else None,
        notes=[NoteOut(code=one.code, text=one.text) for one in notes],
    )


def _application(bus: Bus, name: str) -> Application:
    found = bus.deployment.applications.get(name.casefold())
    if found is None:
        details = suggestion(name, bus.deployment.applications)
        raise SenderFault(Fault("UNKNOWN_APPLICATION", "application", details=details))
    return found


LOAD = Verb("load", LoadIn, LoadOut, load, patience=3600.0)
LOAD_REGISTER = Verb(
    "load/register", LoadRegisterIn, LoadRegisterOut, load_register, patience=3600.0
)
LOADED = Verb("load/standings", LoadedIn, LoadedOut, loaded)
