"""Pairs of the de-para, entered as a person enters them."""

from bus.journal.commands import ChangeDepara
from depara.model import Key, Link, Member, Source
from tests.support.rig import Rig


async def know(bus: Rig, entity: str, one: str, other: str) -> None:
    """Pair `protheus:01||UN` with `rm:UN`; who waits for it goes on."""
    first, second = (
        Member(Key(entity, name, "", id_))
        for name, _, id_ in (one.partition(":"), other.partition(":"))
    )
    link = Link(first, (second,))
    amended = await bus.store.crossreference.amend(
        ChangeDepara("ana", Source.PERSON, links=(link,))
    )
    bus.bus.dispatcher.wake(amended.woken)
