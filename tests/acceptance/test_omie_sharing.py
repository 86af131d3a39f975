"""Registers of two apps of a simulated Omie over a running bus: what one has, the other gets."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from adapters.omie.simulated.books import OmieApp, Row
from adapters.omie.simulator import OmieSimulator
from bus.core.delivery import State
from bus.wiring import open_codec
from tests.support.omie_apps import only
from tests.support.omie_pair import A, B, pair

CODEC = open_codec()


async def test_a_family_comes_before_the_products_that_name_it(tmp_path: Path) -> None:
    """By its own id in the other app, which the product names there."""

    def fill(omie: OmieSimulator) -> None:
        omie.app(B).new_id()  # so that the ids of the two apps differ
        family = omie.app(A).keep_family("FLT", "Filtros")
        omie.app(A).keep_product("FLT-1", "Filtro", codigo_familia=family, valor_unitario=1)

    async with pair(CODEC, tmp_path, fill) as bus:
        await bus.delivered(A, State.DELIVERED, 2)

        family, product = only(bus.b.families), only(bus.b.products)
        assert bus.changes(B) == ["UpsertFamilia", "UpsertProduto"]
    assert (family["codFamilia"], family["nomeFamilia"]) == ("FLT", "Filtros")
    assert len(family["codInt"]) == 20
    assert product["codigo_familia"] == family["codigo"]
    assert family["codigo"] != only(bus.a.families)["codigo"]


async def test_a_product_waits_for_its_family(tmp_path: Path) -> None:
    """Until the other app has one that is the same."""

    def fill(omie: OmieSimulator) -> None:
        omie.app(A).keep_product("FLT-1", "Filtro", codigo_familia=7, valor_unitario=1)

    async with pair(CODEC, tmp_path, fill) as bus:
        await bus.delivered(A, State.AWAITING_DEPARA)
        assert bus.changes(B) == []
        await bus.link("Family", "7", "2500000077")
        await bus.delivered(A, State.DELIVERED)

        assert only(bus.b.products)["codigo_familia"] == 2_500_000_077


def two_apps(omie: OmieSimulator) -> None:
    """A product and a client in each; their ids differ."""
    product = {"unidade": "PC", "ncm": "8421.23.00"}
    omie.app(A).keep_product("FLT-1", "Filtro", valor_unitario=Decimal("10.50"), **product)
    omie.app(A).keep_customer("12.ABC.345/01DE-35", "Exemplo Ltda.", email="a@exemplo.example")
    omie.app(B).new_id()
    omie.app(B).keep_product("OLD", "Velho", valor_unitario=1, **product)
    omie.app(B).keep_customer("111.444.777-35", "Pessoa")


def edit_a_product(app: OmieApp) -> None:
    """As its screen does: with blanks at the end."""
    app.keep_product("FLT-1", "Novo nome  ", valor_unitario=Decimal("11.0"))


def edit_a_client(app: OmieApp) -> None:
    """By its document; an e-mail is taken out."""
    app.keep_customer("12.ABC.345/01DE-35", "Novo nome", email="")


EDITS = {"Item": edit_a_product, "CustomerVendor": edit_a_client}


@pytest.mark.rule("O-02")
@pytest.mark.parametrize("where", [A, B])
@pytest.mark.parametrize("what", EDITS)
async def test_one_edit_makes_one_change_there_and_none_back(
    tmp_path: Path, what: str, where: str
) -> None:
    """In whichever app: what the other tells again in its own form is not sent back."""
    other = B if where == A else A
    async with pair(CODEC, tmp_path, two_apps) as bus:
        await bus.until(lambda: len(bus.a.customers) == len(bus.b.customers) == 2)
        await bus.until(lambda: len(bus.a.products) == len(bus.b.products) == 2)
        await bus.settled()
        before = {app: bus.changes(app) for app in (A, B)}
        bus.pass_time(5)
        EDITS[what](bus.omie.app(where))
        await bus.told_again(other, "Novo nome")

        alter = {"Item": "AlterarProduto", "CustomerVendor": "AlterarCliente"}[what]
        assert bus.changes(other) == [*before[other], alter]
        assert bus.changes(where) == before[where]
        assert await bus.settled() == []


SHARED_PRODUCT = {
    "descricao": "Filtro",
    "codigo": "FLT-1",
    "unidade": "PC",
    "ncm": "8421.23.00",
    "ean": "7891234567895",
    "valor_unitario": Decimal("10.50"),
    "tipoItem": "04",
}
SHARED_TAXES = {"origem_mercadoria": "1", "id_cest": "01.001.00"}
KEPT_PRODUCT = {
    "peso_liq": Decimal("0.5"),
    "peso_bruto": Decimal("0.6"),
    "altura": 10,
    "largura": 20,
    "profundidade": 30,
    "marca": "Marca",
    "modelo": "M1",
    "inativo": "S",
    "bloqueado": "S",
    "quantidade_estoque": 40,
    "estoque_minimo": 4,
    "aliquota_icms": 18,
    "cst_icms": "00",
    "tabelas_preco": [{"nCodTabPreco": 1}],
    "obs_internas": "x",
}
SHARED_CLIENT = {
    "cnpj_cpf": "12.ABC.345/01DE-35",
    "razao_social": "Exemplo Ltda.",
    "nome_fantasia": "Exemplo",
    "endereco": "Rua das Flores",
    "endereco_numero": "10",
    "complemento": "Sala 2",
    "bairro": "Centro",
    "cidade": "SAO PAULO (SP)",
    "cidade_ibge": "3550308",
    "estado": "SP",
    "cep": "01001000",
    "telefone1_ddd": "11",
    "telefone1_numero": "5555-0100",
    "email": "a@exemplo.example",
}
KEPT_CLIENT = {
    "tags": [{"tag": "Cliente"}],
    "valor_limite_credito": Decimal("100.00"),
    "bloquear_faturamento": "S",
    "inativo": "S",
    "inscricao_estadual": "123",
    "optante_simples_nacional": "S",
    "dadosBancarios": {"codigo_banco": "001"},
    "codigo_vendedor": 7,
    "observacao": "x",
    "contato": "Pessoa",
}
OWN = {"codigo_produto", "codigo_cliente_omie", "info", "inativo"}


@pytest.mark.rule("O-07", "O-22")
async def test_a_product_has_the_shared_fields_there_and_no_other(tmp_path: Path) -> None:
    """Whatever is filled: no stock, no price table, no tax; the price of one unit is shared."""

    def fill(omie: OmieSimulator) -> None:
        taxes = {**SHARED_TAXES, "id_preco_tabelado": 7, "cupom_fiscal": "S"}
        fields: Row = {**SHARED_PRODUCT, **KEPT_PRODUCT, "recomendacoes_fiscais": taxes}
        product = omie.app(A).keep_product(fields.pop("codigo"), fields.pop("descricao"), **fields)
        omie.app(A).set_stock(product, omie.app(A).keep_warehouse("L", "Local"), "40", cost="5")

    async with pair(CODEC, tmp_path, fill) as bus:
        await bus.delivered(A, State.DELIVERED)
        there = dict(only(bus.b.products))
        stock = dict(bus.b.stock)

    assert there.pop("recomendacoes_fiscais") == SHARED_TAXES
    assert len(there.pop("codigo_produto_integracao")) == 40
    assert {name: value for name, value in there.items() if name not in OWN} == SHARED_PRODUCT
    assert (there["inativo"], stock) == ("N", {})


async def test_a_client_has_the_shared_fields_there_and_no_other(tmp_path: Path) -> None:
    """No credit, no bank, no tags, no taxes."""

    def fill(omie: OmieSimulator) -> None:
        fields: Row = {**SHARED_CLIENT, **KEPT_CLIENT}
        omie.app(A).keep_customer(fields.pop("cnpj_cpf"), fields.pop("razao_social"), **fields)

    async with pair(CODEC, tmp_path, fill) as bus:
        await bus.delivered(A, State.DELIVERED)
        there = dict(only(bus.b.customers))

    assert len(there.pop("codigo_cliente_integracao")) == 40
    assert {name: value for name, value in there.items() if name not in OWN} == SHARED_CLIENT
    assert there["inativo"] == "N"


@pytest.mark.rule("O-29")
async def test_what_is_there_takes_the_shared_fields_and_keeps_the_rest(tmp_path: Path) -> None:
    """By its document, masked or not, and by its code; what matches nothing stays as it was."""

    def fill(omie: OmieSimulator) -> None:
        omie.app(A).keep_product("FLT-1", "Filtro", valor_unitario=1, inativo="S")
        omie.app(A).keep_customer("12.ABC.345/01DE-35", "Exemplo Ltda.", inativo="S")
        theirs = omie.app(B)
        theirs.new_id()
        theirs.keep_product("FLT-1", "Velho", marca="Marca", valor_unitario=2)
        theirs.keep_product("FLT1", "Outro código", valor_unitario=2)
        theirs.keep_customer("12abc34501de35", "Velho", codigo_vendedor=7)
        theirs.keep_customer("111.444.777-35", "Pessoa")

    async with pair(CODEC, tmp_path, fill) as bus:
        await bus.delivered(A, State.DELIVERED, 2)
        product, other = bus.b.products.values()
        client, person = bus.b.customers.values()

    assert (product["descricao"], product["marca"], product["inativo"]) == ("Filtro", "Marca", "N")
    assert (client["razao_social"], client["codigo_vendedor"]) == ("Exemplo Ltda.", 7)
    assert (other["descricao"], person["razao_social"]) == ("Outro código", "Pessoa")


async def test_a_document_with_wrong_digits_is_refused_before_any_call(tmp_path: Path) -> None:
    """In words that say what is wrong and where it is corrected, not which document it is."""

    def fill(omie: OmieSimulator) -> None:
        omie.app(A).keep_customer("12.ABC.345/01DE-36", "Exemplo Ltda.")

    async with pair(CODEC, tmp_path, fill) as bus:
        await bus.delivered(A, State.REFUSED)
        (told,) = await bus.faults(A)

        assert bus.changes(B) == []
    assert "dígitos verificadores não conferem" in told
    assert "01DE" not in told


REMOVE = {
    "Item": lambda app: app.remove_product(only(app.products)["codigo_produto"]),
    "CustomerVendor": lambda app: app.remove_customer(only(app.customers)["codigo_cliente_omie"]),
}


def one_of_each(omie: OmieSimulator) -> None:
    """A product and a client in the first app."""
    omie.app(A).keep_product("FLT-1", "Filtro", valor_unitario=1)
    omie.app(A).keep_customer("12.ABC.345/01DE-35", "Exemplo Ltda.")
    omie.app(B).new_id()


@pytest.mark.parametrize("what", REMOVE)
async def test_what_is_deleted_in_one_is_deleted_in_the_other(tmp_path: Path, what: str) -> None:
    """By its own id there, once; the other's event of it deletes nothing back."""
    async with pair(CODEC, tmp_path, one_of_each) as bus:
        await bus.until(lambda: len(bus.b.products) == len(bus.b.customers) == 1)
        await bus.settled()
        REMOVE[what](bus.a)
        drop = {"Item": "ExcluirProduto", "CustomerVendor": "ExcluirCliente"}[what]
        await bus.until(lambda: drop in bus.changes(B))
        await bus.deleted_again(B)

        assert bus.changes(B).count(drop) == 1
        assert drop not in bus.changes(A)
        assert len(bus.b.products) + len(bus.b.customers) == 1


async def test_what_is_used_in_the_other_app_stays_there(tmp_path: Path) -> None:
    """Told with what to do about it; a product that is gone already is no matter."""
    async with pair(CODEC, tmp_path, one_of_each) as bus:
        await bus.until(lambda: len(bus.b.products) == 1)
        await bus.settled()
        theirs = only(bus.b.products)["codigo_produto"]
        bus.b.adjustments[1] = {"id_prod": theirs, "cod_int_ajuste": ""}
        REMOVE["Item"](bus.a)
        await bus.delivered(A, State.REFUSED)
        (told,) = await bus.faults(A)

        assert only(bus.b.products)["codigo_produto"] == theirs
    assert "está sendo utilizado em movimentos de estoque" in told


IMAGES = [{"url_imagem": f"https://imagens.example/flt-1-{side}.jpg"} for side in ("a", "b")]
BLUE = [{"campo": "Cor", "conteudo": "Azul"}, {"campo": "Porte", "conteudo": "Grande"}]


def with_lists(omie: OmieSimulator) -> None:
    """A product with images and a characteristic, and a client with characteristics."""
    app = omie.app(A)
    product = app.keep_product("FLT-1", "Filtro", valor_unitario=1, imagens=[*IMAGES])
    app.keep_characteristic(product, app.characteristic("Cor"), "Azul")
    omie.app(A).keep_customer("12.ABC.345/01DE-35", "Exemplo Ltda.", caracteristicas=[*BLUE])
    omie.app(B).new_id()


async def test_images_and_characteristics_are_shared_where_both_apps_say_so(tmp_path: Path) -> None:
    """What changes and what is taken out, too; and neither goes back."""
    async with pair(CODEC, tmp_path, with_lists, extended=True) as bus:
        await bus.until(lambda: len(bus.b.products) == len(bus.b.customers) == 1)
        await bus.settled()
        first = only(bus.b.products)["imagens"], only(bus.b.customers)["caracteristicas"]
        (color,) = only(bus.b.products)["caracteristicas"]
        bus.pass_time(61)
        green = [{"campo": "Cor", "conteudo": "Verde"}]
        bus.b.keep_product("FLT-1", "Filtro", imagens=IMAGES[1:])
        bus.b.keep_customer("12.ABC.345/01DE-35", "Exemplo Ltda.", caracteristicas=green)
        await bus.until(lambda: only(bus.a.products)["imagens"] == IMAGES[1:])
        bus.pass_time(61)  # a round under way may have asked for clients before they changed
        await bus.until(lambda: only(bus.a.customers)["caracteristicas"] == green)
        await bus.told_again(A, "Filtro")
        await bus.told_again(A, "Exemplo Ltda.")
        bus.pass_time(61)
        bus.a.keep_product("FLT-1", "Filtro", imagens=[])
        bus.a.keep_customer("12.ABC.345/01DE-35", "Exemplo Ltda.", caracteristicas=[])
        await bus.until(lambda: only(bus.b.products)["imagens"] == [])
        bus.pass_time(61)  # a round under way may have asked for clients before they changed
        await bus.until(lambda: only(bus.b.customers)["caracteristicas"] == [])
        await bus.settled()

        assert bus.changes(A) == ["AlterarProduto", "AlterarCliente"]
        assert sorted(bus.changes(B)) == sorted(
            [
                *["UpsertProduto", "IncluirCaracteristica", "IncluirCaractProduto"],
                *["UpsertCliente", "AlterarProduto", "AlterarCliente"],
            ]
        )
    assert first == (IMAGES, BLUE)
    assert (color["cNomeCaract"], color["cConteudo"]) == ("Cor", "Azul")


async def test_without_that_nothing_is_asked_or_told_of_them(tmp_path: Path) -> None:
    """Lists are as they were before there were such fields."""
    async with pair(CODEC, tmp_path, with_lists) as bus:
        (product, client) = await bus.delivered(A, State.DELIVERED, 2)
        asked = [call.param for call in bus.omie.calls if call.method == "ListarClientes"]

        there = [only(bus.b.products), only(bus.b.customers)]
    assert not any("exibir_caracteristicas" in param for param in asked)
    assert not any({"imagens", "caracteristicas"} & set(row) for row in there)
    assert b"ListOf" not in client.raw.partition(b"ListOfCommunicationInformation")[2]
    assert b"ListOfImage" not in product.raw
