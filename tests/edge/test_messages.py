"""The message path over real HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path

import aiohttp
import pytest

from adapters.simulation.behaviour import Conduct, ScriptedConduct
from bus.core.delivery import State
from bus.wiring import open_codec
from tests.edge.conftest import PASSWORD, Whole, unit, whole_bus


async def delivered(whole: Whole, id_: str) -> None:
    """Wait until every delivery of a message is delivered."""
    async with asyncio.timeout(10):
        while True:
            trace = await whole.run.bus.history.trace(id_)
            if trace and all(row.state is State.DELIVERED for row in trace.deliveries):
                return
            await asyncio.sleep(0.02)


async def test_an_asynchronous_message_gets_a_receipt_and_arrives(whole: Whole) -> None:
    """Async is answered 202 with a ReceiptMessage of the sender's UUID, then delivered."""
    status, body, headers = await whole.post(unit("u-1"))
    await delivered(whole, headers["x-message-id"])

    assert status == 202
    assert b"<ReceiptMessage>" in body
    assert b"<UUID>u-1</UUID>" in body
    assert [entry.uuid for entry in whole.protheus.received] == ["u-1"]


async def test_a_synchronous_message_gets_the_destinations_response(whole: Whole) -> None:
    """Sync is answered 200 with what the destination said, ids included."""
    status, body, _ = await whole.post(unit("u-2", mode="Sync"))
    response = open_codec().parse_answer(body).response

    assert status == 200
    assert response is not None
    assert response.received_uuid == "u-2"
    assert response.ids[0].origin == "1|UN"


async def test_a_refusal_of_the_destination_is_an_answer(whole: Whole) -> None:
    """A destination's ERROR passes to a synchronous sender as it is, with 200."""
    whole.protheus.behave(ScriptedConduct(Conduct.REFUSE, text="Unidade bloqueada."))

    status, body, _ = await whole.post(unit("u-3", mode="Sync"))

    assert status == 200
    assert "Unidade bloqueada." in body.decode()


async def test_a_wrong_message_is_refused_with_where_and_why(whole: Whole) -> None:
    """A contract violation is 422 with a ResponseMessage that names path, value and limit."""
    status, body, _ = await whole.post(unit("u-4", code="MUITO-LONGO"))

    assert status == 422
    assert "/BusinessContent/Code" in body.decode()
    assert "máximo é 6" in body.decode()


@pytest.mark.parametrize("credentials", [None, ("rm", "wrong"), ("nobody", PASSWORD)])
async def test_who_is_not_known_is_not_heard(
    whole: Whole, credentials: tuple[str, str] | None
) -> None:
    """Without the right user and password nothing is read or kept; the answer says what to do."""
    headers = {"Authorization": aiohttp.encode_basic_auth(*credentials)} if credentials else {}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.post(whole.url, data=unit("u-5")) as response,
    ):
        body = await response.text()

    assert response.status == 401
    assert response.headers["www-authenticate"].startswith("Basic")
    assert "UNAUTHENTICATED" in body
    assert "Usuário ou senha não conferem com nenhuma aplicação." in body
    assert "Use as credenciais que o administrador do barramento deu a esta aplicação." in body
    assert "wrong" not in body
    assert await whole.run.bus.history.find("u-5") == ()


async def test_what_became_of_a_message_can_be_asked(whole: Whole) -> None:
    """GET by id and by UUID tells the state of each delivery, and the answer once there is one."""
    _, _, headers = await whole.post(unit("u-6"))
    await delivered(whole, headers["x-message-id"])
    by_uuid = await (await whole.http.get(f"{whole.url}/u-6")).json()
    by_id = await (await whole.http.get(f"{whole.url}/{headers['x-message-id']}")).json()
    answer = await (await whole.http.get(f"{whole.url}/u-6/answer")).read()

    assert by_uuid == by_id
    assert by_uuid["deliveries"][0]["state"] == "delivered"
    assert by_uuid["deliveries"][0]["estado"] == "Finalizada"
    response = open_codec().parse_answer(answer).response
    assert response is not None
    assert response.received_uuid == "u-6"


async def test_a_message_of_another_application_does_not_exist(whole: Whole) -> None:
    """An application asks about its own messages only."""
    await whole.post(unit("u-7"))
    headers = {"Authorization": aiohttp.encode_basic_auth("other", PASSWORD)}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.get(f"{whole.url}/u-7") as response,
    ):
        told = await response.json()

    assert response.status == 404
    assert told["errors"][0]["code"] == "MESSAGE_NOT_FOUND"


async def test_no_answer_yet_is_said(whole: Whole) -> None:
    """GET …/answer is 404 while there is none, and says when to ask again."""
    await whole.protheus.leave()
    await whole.post(unit("u-8"))

    async with whole.http.get(f"{whole.url}/u-8/answer") as response:
        told = await response.json()

    assert response.status == 404
    assert told["errors"][0]["code"] == "ANSWER_NOT_READY"


async def test_a_caller_that_hangs_up_changes_nothing(whole: Whole) -> None:
    """A synchronous caller that goes away does not take its message with it."""
    whole.protheus.behave(ScriptedConduct(Conduct.ANSWER, seconds=0.5))
    with pytest.raises(asyncio.TimeoutError):
        await whole.post(unit("u-9", mode="Sync"), timeout=aiohttp.ClientTimeout(total=0.2))
    found = await whole.run.bus.history.find("u-9")
    await delivered(whole, found[0].id)

    assert [entry.uuid for entry in whole.protheus.received] == ["u-9"]


async def test_a_synchronous_sender_is_told_that_nothing_was_sent(whole: Whole) -> None:
    """While the destination is down a sync call ends in 503, and nothing is sent later."""
    await whole.protheus.leave()
    status, body, headers = await whole.post(unit("u-10", mode="Sync"))
    await whole.protheus.come_back()
    await asyncio.sleep(1)

    assert status == 503
    assert headers["retry-after"]
    assert open_codec().parse_answer(body).response is not None
    assert whole.protheus.received == ()


async def test_silence_at_the_deadline_is_unknown(whole: Whole) -> None:
    """A destination that stays silent past the deadline gives 504 with the address to ask."""
    whole.protheus.behave(ScriptedConduct(Conduct.ANSWER, seconds=3))
    status, body, headers = await whole.post(unit("u-11", mode="Sync"))
    id_ = headers["x-message-id"]
    await delivered(whole, id_)
    async with whole.http.get(f"{whole.url}/{id_}/answer") as response:
        late = open_codec().parse_answer(await response.read()).response

    assert status == 504
    assert f"/messages/{id_}/answer" in body.decode()
    assert late is not None
    assert late.status.value == "OK"


async def test_the_same_uuid_with_other_content_is_a_conflict(whole: Whole) -> None:
    """A UUID that a delivered message used is refused with 409 and names that message."""
    _, _, headers = await whole.post(unit("u-12"))
    await delivered(whole, headers["x-message-id"])

    status, body, _ = await whole.post(unit("u-12", code="KG"))

    assert status == 409
    assert headers["x-message-id"] in body.decode()


async def test_a_bus_that_stops_answers_what_it_has_taken_and_takes_nothing_more(
    tmp_path: Path,
) -> None:
    """From the moment that it stops: 503, until nobody listens; what was under way is answered."""
    login = {"Authorization": aiohttp.encode_basic_auth("rm", PASSWORD)}
    stack, statuses = contextlib.AsyncExitStack(), []
    whole = await stack.enter_async_context(whole_bus(tmp_path))
    whole.protheus.behave(ScriptedConduct(Conduct.ANSWER, seconds=0.5))
    async with aiohttp.ClientSession(headers=login) as http:
        under_way = asyncio.create_task(http.post(whole.url, data=unit("u-13", mode="Sync")))
        async with asyncio.timeout(10):
            while not whole.protheus.heard:  # noqa: ASYNC110 - the simulator has no event
                await asyncio.sleep(0.01)
        stopping = asyncio.create_task(stack.aclose())
        await asyncio.sleep(0)
        with contextlib.suppress(aiohttp.ClientError):
            for number in range(14, 1000):
                response = await http.post(whole.url, data=unit(f"u-{number}"))
                statuses.append(response.status)
        answered = await under_way
        await stopping

    assert answered.status == 200
    assert set(statuses) == {503}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "PAGE_NOT_FOUND"),
        ("PUT", "/messages", 405, "METHOD_NOT_ALLOWED"),
        ("POST", "/metrics", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/messages/a/b/c", 404, "PAGE_NOT_FOUND"),
    ],
)
async def test_wrong_addresses_say_so(
    whole: Whole, method: str, path: str, status: int, code: str
) -> None:
    """What is not there is answered with a fault in both languages' format."""
    async with whole.http.request(method, whole.run.address + path) as response:
        told = json.loads(await response.read())

    assert response.status == status
    assert told["errors"][0]["code"] == code
    if status == 405:
        assert f"Chame {path} " in told["errors"][0]["hint"]


async def test_an_empty_id_is_of_no_message(whole: Whole) -> None:
    """A message without a UUID is not the one of an empty UUID."""
    await whole.post(unit(""))

    for path in ("", "%20"):
        async with whole.http.get(f"{whole.url}/{path}") as response:
            assert response.status == 404
