"""What every peer does with a message that its queue gave it: the HTTP call, and its answer read."""

from __future__ import annotations

import aiohttp
from lxml import etree


class Refused(Exception):
    """The destination did not say OK."""


def check(answer: bytes) -> None:
    """Raise `Refused` unless a ResponseMessage says OK."""
    root = etree.fromstring(answer, etree.XMLParser(resolve_entities=False, no_network=True))
    if root.findtext("ResponseMessage/ProcessingInformation/Status") != "OK":
        raise Refused


async def post(session: aiohttp.ClientSession, url: str, body: bytes) -> None:
    """Deliver a message."""
    async with session.post(url, data=body) as answer:
        check(await answer.read())
