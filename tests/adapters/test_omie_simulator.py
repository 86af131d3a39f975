"""The simulated Omie: its paths and keys, both pagings, its limits, its block and its webhooks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from adapters.omie.simulator import OmieSimulator, omie_simulator
from adapters.simulation.behaviour import read_behaviour
from adapters.simulation.desk import Setting
from bus.core.route import Credentials
from bus.ports.codec import Codec

KEY, SECRET = "1560731700", "s3gredo-Pesado"
Answer = tuple[int, Any]


@pytest.fixture
async def omie(codec: Codec) -> AsyncIterator[OmieSimulator]:
    """An Omie with one app."""
    async with omie_simulator(codec, Setting(login=Credentials(KEY, SECRET))) as one:
        yield one


async def ask(omie: OmieSimulator, path: str, call: str, **param: object) -> Answer:
    """Call a service with the app's keys."""
    return await ask_as(omie, KEY, SECRET, path, call, **param)


async def ask_as(
    omie: OmieSimulator, key: str, secret: str, path: str, call: str, **param: object
) -> Answer:
    """Call a service with any keys: the status and what the body says, text where it is no JSON."""
    body = {"call": call, "app_key": key, "app_secret": secret, "param": [param]}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{omie.address}{path}/", json=body) as answer,
    ):
        text = await answer.text()
        if answer.content_type == "application/json":
            return answer.status, json.loads(text)
        return answer.status, text


async def test_a_product_is_kept_and_listed(omie: OmieSimulator) -> None:
    """At the service's own path, by the id that Omie gives it; an upsert of its code changes it."""
    fields = {
        "codigo": "FLT-1",
        "descricao": "Filtro",
        "unidade": "UN",
        "ncm": "8421.23.00",
        "valor_unitario": 10.5,
        "codigo_produto_integracao": "x1",
    }
    status, made = await ask(omie, "geral/produtos", "UpsertProduto", **fields)
    _, changed = await ask(
        omie, "geral/produtos", "UpsertProduto", **{**fields, "descricao": "Filtro novo"}
    )
    _, listed = await ask(omie, "geral/produtos", "ListarProdutos", pagina=1)

    assert (status, made["codigo_status"]) == (200, "0")
    assert changed["codigo_produto"] == made["codigo_produto"]
    (product,) = listed["produto_servico_cadastro"]
    assert product["descricao"] == "Filtro novo"
    assert product["info"]["cImpAPI"] == "S"


async def test_wrong_keys_and_other_apps_see_nothing(omie: OmieSimulator) -> None:
    """Each app is its own: another key opens none of it."""
    omie.app(KEY).keep_product("FLT-1", "Filtro")
    omie.app("another")

    wrong = await ask_as(omie, KEY, "no", "geral/produtos", "ListarProdutos")
    stranger = await ask_as(omie, "stranger", "no", "geral/produtos", "ListarProdutos")
    other = await ask_as(omie, "another", "any", "geral/produtos", "ListarProdutos")

    assert [wrong[0], stranger[0]] == [500, 500]
    assert "chave de acesso" in wrong[1]["faultstring"]
    assert other[1]["faultcode"] == "SOAP-ENV:Client-5113"


@pytest.mark.parametrize(
    ("path", "call", "page", "pages"),
    [
        ("geral/produtos", "ListarProdutos", "pagina", "total_de_paginas"),
        ("estoque/local", "ListarLocaisEstoque", "nPagina", "nTotPaginas"),
    ],
)
async def test_lists_are_paged_in_two_ways(
    omie: OmieSimulator, path: str, call: str, page: str, pages: str
) -> None:
    """By two sets of names; behind the last page, as in an empty app, is an error."""
    for number in range(3):
        omie.app(KEY).keep_product(f"P{number}", "x")
        omie.app(KEY).keep_warehouse(f"L{number}", "x")
    size = {"registros_por_pagina": 2, "nRegPorPagina": 2}

    _, second = await ask(omie, path, call, **{page: 2}, **size)
    status, beyond = await ask(omie, path, call, **{page: 3}, **size)

    assert (second[page], second[pages]) == (2, 2)
    assert (status, beyond["faultcode"]) == (500, "SOAP-ENV:Client-5113")
    assert beyond["faultstring"] == "ERROR: Não existem registros para a página [3]!"


async def test_a_list_tells_what_changed_since(omie: OmieSimulator) -> None:
    """By date and time of the change."""
    omie.app(KEY).keep_product("OLD", "x")
    omie.pass_time(3600)
    since = omie.app(KEY).clock()
    omie.app(KEY).keep_product("NEW", "x")

    _, listed = await ask(
        omie,
        "geral/produtos",
        "ListarProdutos",
        pagina=1,
        filtrar_por_data_de=f"{since:%d/%m/%Y}",
        filtrar_por_hora_de=f"{since:%H:%M:%S}",
    )

    assert [row["codigo"] for row in listed["produto_servico_cadastro"]] == ["NEW"]


async def test_the_same_question_is_redundant_for_a_minute(omie: OmieSimulator) -> None:
    """And is answered again afterwards."""
    omie.app(KEY).keep_product("P", "x")

    first, again = [await ask(omie, "geral/produtos", "ListarProdutos", pagina=1) for _ in "12"]
    omie.pass_time(60)
    later = await ask(omie, "geral/produtos", "ListarProdutos", pagina=1)

    assert (first[0], later[0]) == (200, 200)
    assert again[1]["faultcode"] == "SOAP-ENV:Client-6"
    assert "REDUNDANT" in again[1]["faultstring"]


async def test_the_same_question_at_once_is_refused(codec: Codec) -> None:
    """Client-1880, while the first is being answered."""
    slow = read_behaviour('{"do": "answer", "seconds": 0.2}')
    async with omie_simulator(codec, None, slow) as omie:
        omie.app(KEY).keep_product("P", "x")
        answers = await asyncio.gather(
            *(ask(omie, "geral/produtos", "ListarProdutos", pagina=1) for _ in "12")
        )

    assert sorted(status for status, _ in answers) == [200, 500]
    assert "SOAP-ENV:Client-1880" in {told.get("faultcode") for _, told in answers}


async def test_a_blocked_app_says_for_how_long_and_asking_starts_it_anew(
    omie: OmieSimulator,
) -> None:
    """HTTP 425; who brings a wrong key is told that first."""
    omie.block(KEY, 100)
    other = await ask_as(omie, KEY, "no", "geral/produtos", "ListarProdutos", pagina=0)

    told = [await ask(omie, "geral/produtos", "ListarProdutos", pagina=n) for n in (1, 2)]
    omie.pass_time(150)
    still = await ask(omie, "geral/produtos", "ListarProdutos", pagina=3)
    omie.pass_time(1800)
    free = await ask(omie, "geral/produtos", "ListarProdutos", pagina=4)

    assert [status for status, _ in (other, *told, still, free)] == [500, 425, 425, 425, 500]
    assert "Tente novamente em 100 segundos" in told[0][1]["faultstring"]
    assert "Tente novamente em 1800 segundos" in told[1][1]["faultstring"]


async def test_many_errors_block_the_app_and_many_calls_are_too_many(omie: OmieSimulator) -> None:
    """The tenth error in a row of one method; the 241st call of one within a minute."""
    errors = [
        await ask(omie, "estoque/ajuste", "ExcluirAjusteEstoque", id_ajuste=n) for n in range(11)
    ]
    omie.pass_time(1900)
    calls = [await ask(omie, "estoque/local", "ListarLocaisEstoque", nPagina=n) for n in range(241)]

    assert [status for status, _ in errors] == [500] * 10 + [425]
    assert [status for status, _ in calls[-2:]] == [500, 429]


@pytest.mark.parametrize("conduct", ["page", "empty", "cut", "drop-after", "busy", "fail"])
async def test_an_answer_may_be_spoilt(codec: Codec, conduct: str) -> None:
    """As the behaviour says; what is processed is there all the same."""
    async with omie_simulator(codec, None, read_behaviour(conduct)) as omie:
        product = omie.app(KEY).keep_product("P", "x")
        place = omie.app(KEY).keep_warehouse("L", "x")
        adjustment = {
            "id_prod": product, "codigo_local_estoque": place, "data": "31/01/2026",
            "tipo": "SAI", "motivo": "INV", "quan": 1, "valor": 0, "obs": "x", "origem": "AJU",
        }  # fmt: skip
        try:
            _, told = await ask(omie, "estoque/ajuste", "IncluirAjusteEstoque", **adjustment)
        except (aiohttp.ClientError, ValueError):
            told = ""

        assert isinstance(told, str)
        assert len(omie.app(KEY).adjustments) == (0 if conduct in {"busy", "fail"} else 1)


async def test_events_come_in_order_until_they_are_taken(omie: OmieSimulator) -> None:
    """One after the other; one that is refused is told again, in both spellings."""
    heard: list[dict[str, Any]] = []

    async def hear(request: web.Request) -> web.Response:
        heard.append(json.loads(await request.text()))
        return web.Response(status=500 if len(heard) == 1 else 200)

    hook = web.Application()
    hook.router.add_post("/hook", hear)
    runner = web.AppRunner(hook)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    told = omie.webhooks(KEY, f"http://127.0.0.1:{port}/hook", older=True)
    first = omie.app(KEY).keep_product("A", "x")
    omie.app(KEY).keep_warehouse("L", "Central")
    async with asyncio.timeout(10):
        await told.caught_up()
    await runner.cleanup()

    assert [one["topic"] for one in heard] == ["Produto.Incluido"] * 2 + ["LocalEstoque.Incluido"]
    assert heard[0] == heard[1]
    assert heard[0]["evento"] == {"codigo_produto": first}
    assert heard[0]["appKey"] == KEY
