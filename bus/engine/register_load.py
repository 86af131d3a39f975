"""Load a register: all that an application has of it is read again, from its beginning to its end.

A person begins it, and it goes page by page: whoever asks for the next one sees how far it is, and
where it was broken off it goes on.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from dataclasses import asdict, dataclass, replace

from bus.core.activation import bar_of
from bus.core.errors import BusFault, Fault, ReceiverFault, SenderFault
from bus.core.identity import RepeatVerdict
from bus.core.route import Application
from bus.core.suggest import suggestion
from bus.core.text import NOTHING, Text
from bus.core.topics import heard_from
from bus.engine.load import GaveWay, Loader
from bus.engine.poll import lease_of
from bus.engine.post import Post
from bus.engine.post_result import PostResult
from bus.engine.read import read
from bus.journal.commands import CursorMove
from bus.ports.adapter import Adapter, Inbound, Listener, Poll, RegisterReader
from bus.ports.ports import Ports

SAME = frozenset({RepeatVerdict.JOIN, RepeatVerdict.STORED, RepeatVerdict.UNKNOWN})
"""Of a message that came before: nothing is sent again."""
GOES_ON = Text(
    "A carga fica onde está: o mesmo pedido a continua.",
    "The load stays where it is: the same request goes on with it.",
)
OURS = 500
"""The status from which on a fault is not the message's."""


@dataclass(frozen=True, slots=True)
class RegisterLoad:
    """How far the load of a register is: `passed` of its `total` records (0: nobody tells).

    Of those that brought a message: `taken` are new or failed before, `known` came before and did
    not change, `gave_way` came by themselves meanwhile, `rejected` did not do.
    """

    cursor: str = ""
    passed: int = 0
    total: int = 0
    taken: int = 0
    known: int = 0
    gave_way: int = 0
    rejected: int = 0
    ended: bool = False

    def after(self, inbound: Inbound, came: list[PostResult | GaveWay]) -> RegisterLoad:
        """Behind a page, with what came of its messages."""
        cursor = inbound.cursor or (inbound.messages[-1].cursor if inbound.messages else "")
        told = [one for one in came if isinstance(one, PostResult)]
        known = sum(one.verdict in SAME for one in told)
        rejected = sum(one.fault is not None for one in told)
        return replace(
            self,
            cursor=cursor or self.cursor,
            passed=inbound.passed,
            total=inbound.total,
            taken=self.taken + len(told) - known - rejected,
            known=self.known + known,
            gave_way=self.gave_way + len(came) - len(told),
            rejected=self.rejected + rejected,
            ended=not inbound.more,
        )

    def written(self) -> str:
        """As the journal keeps it; empty once it has ended: then the next one begins anew."""
        return "" if self.ended else json.dumps(asdict(self), sort_keys=True)


class RegisterLoader:
    """Takes registers in page by page, behind live traffic."""

    def __init__(self, ports: Ports, loader: Loader, worker: str) -> None:
        self._ports = ports
        self._loader = loader
        self._worker = worker
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def step(
        self, application: Application, asked: str, actor: str, *, yes: bool
    ) -> RegisterLoad:
        """Take the next page in: of the load that is under way, else the first of a new one.

        SenderFault where the application has no such register, or was never heard from by webhook
        and nobody said `yes`; ReceiverFault where it cannot be read now: it goes on where it was.
        """
        adapter = self._ports.open_adapter(application)
        register = _register(adapter, application, asked)
        name = f"load {application.name} {register.casefold()}"
        async with self._turns[name]:
            lease = lease_of(application)
            value = await self._ports.journal.lease_cursor(name, self._worker, lease)
            if value is None:
                details = {"application": application.name, "register": register}
                raise BusFault(Fault("LOAD_ELSEWHERE", details=details))
            load = RegisterLoad(**json.loads(value)) if value else RegisterLoad()
            await self._refuse_too_early(application, adapter, yes=yes or bool(value))
            load = await self._page(application, Poll(load.cursor, register), load, actor)
            move = CursorMove(name, load.written(), self._worker, 0.0)
            await self._ports.journal.move_cursor(move)
            return load

    async def _page(
        self, application: Application, source: Poll, load: RegisterLoad, actor: str
    ) -> RegisterLoad:
        """Read a page and have its messages recorded: only then the load is behind it."""
        since = self._ports.clock.now()
        inbound = await self._read(application, source)
        posts = [
            Post(one.body, application, remote=f"load {actor}", waits=False)
            for one in inbound.messages
        ]
        part = await self._loader.take(application, posts, 0.0, since)
        for one in part.results:
            if isinstance(one, PostResult) and one.fault and one.fault.status >= OURS:
                raise BusFault(one.fault)
        return load.after(inbound, list(part.results))

    async def _read(self, application: Application, source: Poll) -> Inbound:
        """A page; ReceiverFault, where there is none now: nobody but who asks again brings it."""
        try:
            return await read(self._ports.open_adapter(application), application, source)
        except ReceiverFault as away:
            said = {"follows": GOES_ON, "product_advice": NOTHING}
            told = [replace(one, details={**one.details, **said}) for one in away.faults]
            raise ReceiverFault(*told) from None

    async def _refuse_too_early(
        self, application: Application, adapter: Adapter, *, yes: bool
    ) -> None:
        """Not before it is in force; nor, unless somebody says yes, before its webhooks came: they
        tell what changes during a load.
        """
        said = await self._ports.history.confirmations()
        if bar := bar_of(application, said):
            raise SenderFault(bar)
        tells = isinstance(adapter, Listener) and bool(adapter.topics())
        if tells and not yes and not heard_from(application, said):
            details = {"application": application.name}
            raise SenderFault(Fault("LOAD_BEFORE_EVENTS", "application", details=details))


def _register(adapter: Adapter, application: Application, asked: str) -> str:
    """A register by its name, in any letter case."""
    known = adapter.registers() if isinstance(adapter, RegisterReader) else ()
    named = {one.casefold(): one for one in known}
    if asked.casefold() not in named:
        details = {"application": application.name, **suggestion(asked, known)}
        raise SenderFault(Fault("REGISTER_NOT_READ", "transaction", details=details))
    return named[asked.casefold()]
