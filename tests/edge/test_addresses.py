"""Applications without credentials, known by the address that they come from."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest

from tests.edge.conftest import PASSWORD, ROUTES, Whole, unit, whole_bus
from tests.semantics.soap_calls import SOAP_11, TYPES, call, escaped

HERE, THERE = "127.0.0.1", "10.0.0.5"
LOGIN = "login: {{user: rm, password: {{file: password}}}}"


def from_addresses(*addresses: str) -> str:
    """Routes whose sender has no login, and comes from these."""
    return ROUTES.replace(LOGIN, f"comes_from: [{', '.join(addresses)}]")


async def posted(whole: Whole, body: bytes, path: str = "/messages", **headers: str) -> int:
    """The status of a post with these headers and no login beside them."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{whole.run.address}{path}", data=body, headers=named) as response,
    ):
        return response.status


async def test_a_declared_address_is_known_where_nothing_is_presented(tmp_path: Path) -> None:
    """Over HTTP and SOAP; what it asks later is its own too."""
    async with whole_bus(tmp_path, routed=from_addresses(THERE, HERE)) as whole:
        status = await posted(whole, unit("a-1"))
        soap = call(escaped(unit("a-2", "KG", id_="1|KG")), soap=SOAP_11)
        in_soap = await posted(whole, soap, "/EAIService", content_type=TYPES[SOAP_11])
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"{whole.url}/a-1") as asked,
        ):
            found = asked.status
        (message,) = await whole.run.bus.history.find("a-1")

    assert (status, in_soap, found) == (202, 200, 200)
    assert message.sender == "rm"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": aiohttp.encode_basic_auth("rm", "wrong")}, 401),
        ({"authorization": aiohttp.encode_basic_auth("", "")}, 401),
        ({"authorization": aiohttp.encode_basic_auth("other", "wrong")}, 401),
        ({"authorization": "Basic not!base64"}, 401),
        ({"authorization": "Bearer rm"}, 401),
        ({"authorization": ""}, 401),
        ({"authorization": aiohttp.encode_basic_auth("other", PASSWORD)}, 403),
    ],
)
async def test_what_is_presented_decides_and_not_the_address(
    tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    """Wrong credentials are refused, right ones are whose they are: `other` is no `rm`."""
    async with whole_bus(tmp_path, routed=from_addresses(HERE)) as whole:
        assert await posted(whole, unit("b-1"), **headers) == status
        assert await whole.run.bus.history.find("b-1") == () or status == 403


@pytest.mark.parametrize("token", ["?token=wrong", "?token=a&token=b"])
async def test_a_token_of_a_webhook_is_presented_too(tmp_path: Path, token: str) -> None:
    """A wrong one is refused from wherever it comes; without one the address is known."""
    async with whole_bus(tmp_path, routed=from_addresses(HERE)) as whole:
        assert await posted(whole, b"{}", f"/webhooks/rm{token}") == 401
        assert await posted(whole, b"{}", "/webhooks/rm") == 404  # its adapter reads nothing


async def test_another_address_is_nobodys(tmp_path: Path) -> None:
    """Whatever Product says, and whatever the caller says of its address."""
    async with whole_bus(tmp_path, routed=from_addresses(THERE)) as whole:
        assert await posted(whole, unit("c-1")) == 401
        assert await posted(whole, unit("c-1"), x_forwarded_for=THERE) == 401


@pytest.mark.parametrize(
    ("forwarded", "status"),
    [
        ({"x_forwarded_for": THERE}, 202),
        ({"x_forwarded_for": f"192.0.2.1, {THERE}"}, 202),
        ({"x_forwarded_for": f"{THERE}, 192.0.2.1"}, 401),
        ({"x_forwarded_for": HERE}, 401),
        ({"x_forwarded_for": "nobody"}, 401),
        ({}, 401),
    ],
)
async def test_behind_a_declared_proxy_its_word_counts(
    tmp_path: Path, forwarded: dict[str, str], status: int
) -> None:
    """The last address, which the proxy saw; its own is nobody's, declared or not."""
    routed = from_addresses("10.0.0.0/24", HERE)
    async with whole_bus(tmp_path, routed=routed, proxies=HERE) as whole:
        assert await posted(whole, unit("d-1"), **forwarded) == status
