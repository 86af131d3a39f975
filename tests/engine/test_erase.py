"""LGPD: what was said of one subject is found and erased, on the whole bus."""

import pytest

from bus.core.delivery import State
from bus.core.envelope import Status
from bus.core.errors import SenderFault
from bus.engine.erase import Erasing, ErasureSubject
from bus.journal.erasure import Erased
from tests.support.deployments import deployment
from tests.support.loopback import refuses
from tests.support.messages import unit
from tests.support.rig import Rig, Rigs, code_of

CPF = "123.456.789-09"
BARE = "12345678909"


async def erase(bus: Rig, subject: ErasureSubject, *, dry: bool = False) -> Erased:
    """Has the contents of a subject's messages erased."""
    return await bus.bus.eraser.erase(Erasing(subject, "ana", "pedido 7", dry))


async def refusal(bus: Rig, subject: ErasureSubject) -> SenderFault:
    """Why nothing was erased."""
    with pytest.raises(SenderFault) as told:
        await erase(bus, subject)
    return told.value


async def delivered(bus: Rig, code: str, description: str = "") -> str:
    """A message that was delivered."""
    id_ = await bus.accepted(unit(code, description=description))
    await bus.reaches(id_, State.DELIVERED)
    return id_


async def test_who_holds_a_number_is_found_however_it_is_written(rigs: Rigs) -> None:
    """And nobody else; in what came as in what was answered."""
    bus = await rigs.start()
    wanted = {await delivered(bus, "A", CPF), await delivered(bus, "B", f"CPF {BARE}.")}
    other = await delivered(bus, "C", f"{BARE}0")

    done = await erase(bus, ErasureSubject(holding=BARE))

    assert {row.id for row in done.erased} == wanted
    assert await bus.bus.history.body(other) is not None


async def test_a_number_in_an_answer_is_found(rigs: Rigs) -> None:
    """A destination may quote whom it refuses."""
    bus = await rigs.start()
    bus.app("rm").always(refuses(f"CPF {CPF} inválido"))
    id_ = await bus.accepted(unit("A"))
    await bus.reaches(id_, State.REFUSED)
    await bus.discard(id_)

    done = await erase(bus, ErasureSubject(holding=BARE))

    assert [row.id for row in done.erased] == [id_]
    trace = await bus.trace(id_)
    assert BARE not in repr(trace).replace(".", "").replace("-", "")


async def test_ids_and_keys_name_messages_too(rigs: Rigs) -> None:
    """An id of ours, a sender's UUID, or a value of a business key."""
    bus = await rigs.start()
    by_id, by_key = await delivered(bus, "A"), await delivered(bus, "B")
    message = unit("C")
    by_uuid = await bus.accepted(message)
    await bus.reaches(by_uuid, State.DELIVERED)

    done = await erase(bus, ErasureSubject((by_id, message.uuid), key="B"))

    assert {row.id for row in done.erased} == {by_id, by_key, by_uuid}


async def test_what_is_open_is_named(rigs: Rigs) -> None:
    """Somebody has to end it first."""
    bus = await rigs.start()
    bus.app("rm").always(refuses())
    id_ = await bus.accepted(unit("A"))
    await bus.reaches(id_, State.REFUSED)

    told = await refusal(bus, ErasureSubject((id_,)))

    assert told.fault.code == "ERASES_OPEN"
    assert told.fault.details == {"count": "1", "messages": id_}
    assert await bus.bus.history.body(id_) is not None


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        (ErasureSubject(), "ERASES_NOTHING"),
        (ErasureSubject(key="nobody"), "ERASES_NOTHING"),
        (ErasureSubject(holding=CPF), "ERASES_NOTHING"),
        (ErasureSubject(holding="Ana Lima"), "NO_CPF_OR_CNPJ"),
        (ErasureSubject(("nobody",)), "MESSAGE_NOT_FOUND"),
    ],
)
async def test_what_is_of_nobody_is_told(rigs: Rigs, subject: ErasureSubject, code: str) -> None:
    """So that nobody believes that it is done."""
    bus = await rigs.start()

    assert (await refusal(bus, subject)).fault.code == code


@pytest.mark.parametrize(
    ("actor", "reason", "path"),
    [("ana", f"pedido de {CPF}", "reason"), (f"{BARE}/ana", "pedido 7", "actor")],
)
async def test_what_stays_may_not_hold_what_is_erased(
    rigs: Rigs, actor: str, reason: str, path: str
) -> None:
    """The fact of an erasure is kept; nothing is erased until it tells of nobody."""
    bus = await rigs.start()
    id_ = await delivered(bus, "A", CPF)

    for dry in (True, False):
        with pytest.raises(SenderFault) as told:
            await bus.bus.eraser.erase(Erasing(ErasureSubject(holding=BARE), actor, reason, dry))
        assert (told.value.fault.code, told.value.fault.path) == ("ERASES_AND_TELLS", path)
        assert BARE not in repr(told.value.fault).replace(".", "").replace("-", "")

    assert await bus.bus.history.body(id_) is not None


async def test_what_was_erased_is_not_sent_again(rigs: Rigs) -> None:
    """There is nothing to be sent; the fault says why in both languages."""
    bus = await rigs.start()
    rejected = (
        await bus.post(unit("A").xml().replace(b"<Code>A</Code>", b"<Code></Code><X/>"))
    ).message
    sent = await delivered(bus, "B")
    await erase(bus, ErasureSubject((rejected, sent)))

    for id_ in (rejected, sent):
        with pytest.raises(SenderFault) as told:
            await bus.replay(id_)
        assert told.value.fault.code == "CONTENT_ERASED"
        assert id_ in told.value.fault.reason("pt")
        assert "LGPD" in told.value.fault.reason("en")


@pytest.mark.parametrize(("refused", "status"), [(False, Status.OK), (True, Status.ERROR)])
async def test_a_repeat_is_told_what_came_of_it(
    rigs: Rigs, status: Status, *, refused: bool
) -> None:
    """As it was, without its words: an OK does not become an ERROR."""
    bus = await rigs.start(deployment())
    if refused:
        bus.app("rm").will(refuses("CPF inválido"))
    message = unit("A", mode="sync")
    first = await bus.post(message)
    await bus.until(lambda: _is_over(bus, first.message, discard=refused), "it is over")
    await erase(bus, ErasureSubject((first.message,)))

    answer = await bus.answer(first.message)

    assert answer is not None
    assert answer.status is status
    assert [note.code for note in answer.notes] == ["CONTENT_ERASED"]
    if not refused:
        again = await bus.post(message)
        assert bus.response_in(again).status is Status.OK
        assert code_of(again) == ""


async def _is_over(bus: Rig, id_: str, *, discard: bool) -> bool:
    (state,) = await bus.states(id_)
    if discard and state is State.REFUSED:
        await bus.discard(id_)
    return state in {State.DELIVERED, State.DISCARDED}
