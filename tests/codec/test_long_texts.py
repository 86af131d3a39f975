"""What is long is parsed beside the event loop, so that others go on meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bus.core.envelope import Carrier
from tests.codec.samples import CODEC, CONTENT, business, in_soap, message, response

TEXT = "<Long>" + "x" * 100_000 + "</Long></BusinessContent>"
LONG = message(business(CONTENT.replace("</BusinessContent>", TEXT)))
ANSWER = response().replace(b"existia", b"existia" * 20_000)
CALL = in_soap(LONG).replace(b"receiveMessage", b"receiveMessageResponse")
CALL = CALL.replace(b"inMsg", b"receiveMessageResult")

Read = Callable[[], Awaitable[object]]


async def rounds_while(work: Awaitable[object]) -> int:
    """How often others had their turn before the work was done."""
    task, rounds = asyncio.ensure_future(work), 0
    while not task.done():
        rounds += 1
        await asyncio.sleep(0)
    await task
    return rounds


@pytest.mark.parametrize(
    ("long", "short"),
    [
        (lambda: CODEC.read(LONG), lambda: CODEC.read(message())),
        (
            lambda: CODEC.read(in_soap(LONG), Carrier.SOAP),
            lambda: CODEC.read(in_soap(message()), Carrier.SOAP),
        ),
        (lambda: CODEC.read_answer(ANSWER), lambda: CODEC.read_answer(response())),
        (lambda: CODEC.unwrap(CALL), None),
    ],
    ids=["message", "call", "answer", "answer in SOAP"],
)
async def test_others_go_on_while_a_long_text_is_read(long: Read, short: Read | None) -> None:
    """A short one is read at once: to hand it to a thread would cost more."""
    assert await rounds_while(long()) > 2
    assert short is None or await rounds_while(short()) <= 2
