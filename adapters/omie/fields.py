"""Which element of a standard message is which field of Omie's registers: tables, both ways."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from adapters.omie.keys import LONG, SHORT
from adapters.omie.values import document_of, inactive, number, omie_id, place
from bus.core.element import Element

Write = Callable[[str], object]
"""An element's text as the value of a field; None or an empty text: the field is left out."""


def as_is(text: str) -> str:
    """The text itself."""
    return text.strip()


def city_code(text: str) -> str:
    """An IBGE code, of seven digits; another application's code of a city is none."""
    return text if len(text) == 7 and text.isdigit() else ""  # noqa: PLR2004 - IBGE's length


def reference(text: str) -> int | None:
    """The id of another record of Omie's."""
    return omie_id(text) or None


def among(*known: str) -> Write:
    """A text that Omie knows; a code of another application's is left out."""
    return lambda text: text.strip() if text.strip() in known else ""


@dataclass(frozen=True, slots=True)
class OmieField:
    """A field, the elements that it may be written from (the first that is filled), and how.

    `name` is its path in the record: `a/b` is a field of a record in it. `reads` is the element
    that it is read into; empty: it is not read. `empty` is what it holds where it holds nothing,
    so that emptying it is shared as well; None: it is never emptied.
    """

    name: str
    writes: tuple[str, ...]
    write: Write = as_is
    reads: str = ""
    read: Mapping[str, str] = field(default_factory=dict)
    """By value, the text of the element; empty: the value as it is."""
    empty: object = None
    zero: bool = False
    """Whether 0 is a value of it, and not the lack of one."""
    own: bool = False
    """Whether what stands there is a code of Omie's own: another product's says something else."""


class OmieList(NamedTuple):
    """A list of a record, and the elements of ours that its entries are (docs/contracts.md).

    `element` is the path of an entry, `parts` are the fields of one with its elements. It is
    written with its record, or `apart`, by services of its own.
    """

    name: str
    element: str
    parts: tuple[tuple[str, str], ...]
    apart: bool = False

    @property
    def folder(self) -> str:
        """The element that holds the entries."""
        return self.element.partition("/")[0]


class Paging(NamedTuple):
    """How a family of services calls the page, its size, and what a list has of both."""

    page: str
    size: str
    pages: str
    records: str


PLAIN = Paging("pagina", "registros_por_pagina", "total_de_paginas", "total_de_registros")
STOCK = Paging("nPagina", "nRegPorPagina", "nTotPaginas", "nTotRegistros")


@dataclass(frozen=True, slots=True)
class Register:
    """A register of Omie's: its entity, service, methods, ids and fields.

    `filtered`: its list may be asked for what changed since a moment, which its records tell in
    `info`. Without `put` it is only read. `shared` are the fields that another app of Omie's may
    fill (O-21, O-24): all others stay as they are there.
    """

    entity: str
    version: str
    service: str
    list: str
    rows: str
    id: str
    fields: tuple[OmieField, ...]
    put: str = ""
    change: str = ""
    drop: str = ""
    show: str = ""
    code: str = ""
    longest_code: int = LONG
    same: str = ""
    """The field that must agree where a record of another origin is taken for this one."""
    suggests: bool = False
    """Whether a record that comes without that is given one."""
    compared: Callable[[str], str] = as_is
    """How that is compared: a document without its mask, a code as it is."""
    shared: frozenset[str] = frozenset()
    lists: tuple[OmieList, ...] = ()
    """What apps of Omie share beside what a published contract has a place for."""
    shows: Mapping[str, str] = field(default_factory=dict)
    """What its list is asked for so that it shows those, too."""
    paging: Paging = PLAIN
    filtered: bool = True


ACTIVE = {"S": "false", "N": "true", "": "true"}
SITUATION = {"S": "Inactive", "N": "Active", "": "Active"}

ORIGIN, CEST = "recomendacoes_fiscais/origem_mercadoria", "recomendacoes_fiscais/id_cest"
ORIGINS = {"0": "0", "1": "1", "2": "2"}
"""Origins that the contract has a value for."""
ITEM_TYPES = (*(f"{number:02}" for number in range(11)), "99")
"""Types of products as in the SPED."""

FAMILY = Register(
    entity="Family",
    version="2.002",
    service="geral/familias",
    put="UpsertFamilia",
    change="AlterarFamilia",
    drop="ExcluirFamilia",
    show="ConsultarFamilia",
    list="PesquisarFamilias",
    rows="famCadastro",
    id="codigo",
    code="codInt",
    longest_code=SHORT,
    same="codFamilia",
    filtered=False,
    shared=frozenset({"codFamilia", "nomeFamilia"}),
    fields=(
        OmieField("codFamilia", ("Code",), reads="Code"),
        OmieField("codigo", (), reads="InternalId"),
        OmieField("nomeFamilia", ("Description",), reads="Description"),
    ),
)

ITEM = Register(
    entity="Item",
    version="4.005",
    service="geral/produtos",
    put="UpsertProduto",
    change="AlterarProduto",
    drop="ExcluirProduto",
    show="ConsultarProduto",
    list="ListarProdutos",
    rows="produto_servico_cadastro",
    id="codigo_produto",
    code="codigo_produto_integracao",
    same="codigo",
    suggests=True,
    shared=frozenset(
        {
            "codigo",
            "descricao",
            "unidade",
            "ncm",
            "ean",
            "valor_unitario",
            ORIGIN,
            "tipoItem",
            CEST,
            "codigo_familia",
        }
    ),
    # In the order of the contract: what is read stands so in the message.
    fields=(
        OmieField("codigo", ("Code",), reads="Code"),
        OmieField("codigo_produto", (), reads="InternalId"),
        OmieField("descricao", ("Name",), reads="Name"),
        OmieField("inativo", ("Active",), inactive, "Active", ACTIVE),
        OmieField(
            "unidade",
            ("UnitOfMeasureCode", "UnitOfMeasureInternalId"),
            reads="UnitOfMeasureCode",
        ),
        OmieField("peso_liq", ("NetWeight",), number, "NetWeight"),
        OmieField("peso_bruto", ("GrossWeight",), number, "GrossWeight"),
        OmieField("codigo_familia", ("FamilyInternalId",), reference, "FamilyInternalId", empty=0),
        OmieField(ORIGIN, ("Origin",), among("0", "1", "2"), "Origin", ORIGINS),
        OmieField("altura", ("ItemHeight",), number),
        OmieField("largura", ("ItemWidth",), number),
        OmieField("profundidade", ("ItemLenght",), number),
        OmieField(
            "ncm",
            ("FiscalInformation/FiscalClassification/FiscalClassificationCode",),
            reads="FiscalInformation/FiscalClassification/FiscalClassificationCode",
        ),
        OmieField(
            CEST,
            ("FiscalInformation/TaxSubstitutionCode",),
            reads="FiscalInformation/TaxSubstitutionCode",
            empty="",
        ),
        OmieField("", (), reads="ListOfComercialFamilyItem"),  # without it there is no Item 4.005
        OmieField("valor_unitario", ("Values/SalesPrice",), number, "Values/SalesPrice", zero=True),
        OmieField("tipoItem", ("ItemTypeCode",), among(*ITEM_TYPES), "ItemTypeCode", own=True),
        OmieField(
            "ean",
            ("ListOfBarCode/BarCode/Code",),
            reads="ListOfBarCode/BarCode/Code",
            empty="",
        ),
    ),
    lists=(
        OmieList(
            "caracteristicas",
            "ListOfCharacteristic/Characteristic",
            (("cNomeCaract", "Name"), ("cConteudo", "Value")),
            apart=True,
        ),
        OmieList("imagens", "ListOfImage/Image", (("url_imagem", "Address"),)),
    ),
    shows={"exibir_caracteristicas": "S"},
)

CUSTOMER_VENDOR = Register(
    entity="CustomerVendor",
    version="2.002",
    service="geral/clientes",
    put="UpsertCliente",
    change="AlterarCliente",
    drop="ExcluirCliente",
    show="ConsultarCliente",
    list="ListarClientes",
    rows="clientes_cadastro",
    id="codigo_cliente_omie",
    code="codigo_cliente_integracao",
    same="cnpj_cpf",
    compared=document_of,
    shared=frozenset(
        {
            "cnpj_cpf",
            "razao_social",
            "nome_fantasia",
            "endereco",
            "endereco_numero",
            "complemento",
            "cidade_ibge",
            "cidade",
            "bairro",
            "estado",
            "cep",
            "telefone1_ddd",
            "telefone1_numero",
            "email",
        }
    ),
    lists=(
        OmieList(
            "caracteristicas",
            "ListOfCharacteristic/Characteristic",
            (("campo", "Name"), ("conteudo", "Value")),
        ),
    ),
    shows={"exibir_caracteristicas": "S"},
    fields=(
        OmieField("codigo_cliente_omie", (), reads="Code"),
        OmieField("codigo_cliente_omie", (), reads="InternalId"),
        OmieField("nome_fantasia", ("ShortName",), reads="ShortName", empty=""),
        OmieField("razao_social", ("Name",), reads="Name"),
        OmieField("inativo", ("RegisterSituation",), inactive, "RegisterSituation", SITUATION),
        OmieField(
            "cnpj_cpf",
            ("GovernmentalInformation/Id",),
            document_of,
            "GovernmentalInformation/Id",
        ),
        OmieField("endereco", ("Address/Address",), reads="Address/Address", empty=""),
        OmieField("endereco_numero", ("Address/Number",), reads="Address/Number", empty=""),
        OmieField("complemento", ("Address/Complement",), reads="Address/Complement", empty=""),
        OmieField(
            "cidade_ibge",
            ("Address/City/CityCode", "Address/City/Code"),
            city_code,
            "Address/City/CityCode",
            empty="",
        ),
        OmieField(
            "cidade",
            ("Address/City/CityDescription", "Address/City/Description"),
            reads="Address/City/CityDescription",
            empty="",
        ),
        OmieField("bairro", ("Address/District",), reads="Address/District", empty=""),
        OmieField(
            "estado",
            ("Address/State/StateCode", "Address/State/Code"),
            reads="Address/State/StateCode",
            empty="",
        ),
        OmieField("cep", ("Address/ZIPCode",), reads="Address/ZIPCode", empty=""),
        OmieField(
            "telefone1_ddd",
            ("ListOfCommunicationInformation/CommunicationInformation/PhoneDDD",),
            reads="ListOfCommunicationInformation/CommunicationInformation/PhoneDDD",
            empty="",
        ),
        OmieField(
            "telefone1_numero",
            ("ListOfCommunicationInformation/CommunicationInformation/PhoneNumber",),
            reads="ListOfCommunicationInformation/CommunicationInformation/PhoneNumber",
            empty="",
        ),
        OmieField(
            "email",
            ("ListOfCommunicationInformation/CommunicationInformation/Email",),
            reads="ListOfCommunicationInformation/CommunicationInformation/Email",
            empty="",
        ),
    ),
)

WAREHOUSE = Register(
    entity="Warehouse",
    version="1.000",
    service="estoque/local",
    list="ListarLocaisEstoque",
    rows="locaisEncontrados",
    id="codigo_local_estoque",
    paging=STOCK,
    filtered=False,
    fields=(
        OmieField("codigo", (), reads="Code"),
        OmieField("codigo_local_estoque", (), reads="InternalId"),
        OmieField("descricao", (), reads="Description"),
        OmieField("inativo", (), reads="Active", read=ACTIVE),
        # Whose it is: 1 Omie's own is the contract's 2; in or of others, 3.
        OmieField("tipo", (), reads="Type", read={"1": "2", "2": "3", "3": "3"}),
    ),
)

REGISTERS: Mapping[str, Register] = {
    register.entity.casefold(): register for register in (FAMILY, ITEM, CUSTOMER_VENDOR)
}


def record_of(register: Register, content: Element, *, shared: bool = False) -> dict[str, object]:
    """The fields that a message fills; what it does not tell stays as it is in Omie.

    `shared`: it comes from another app of Omie's, which fills the shared fields alone, and empties
    those that it tells as empty.
    """
    record: dict[str, object] = {}
    for one in register.fields:
        if not one.writes or (one.own and not shared):
            continue
        if shared and one.name not in register.shared:
            continue
        told = (_text(content, path) for path in one.writes)
        value = one.write(next(filter(None, told), ""))
        if isinstance(value, (int, Decimal)) or value:
            place(record, one.name, value)
        elif shared and one.empty is not None and any(map(content.first, one.writes)):
            place(record, one.name, one.empty)
    for listed in register.lists if shared else ():
        if not listed.apart and content.first(listed.folder):
            record[listed.name] = entries_of(listed, content)
    return record


def entries_of(listed: OmieList, content: Element) -> list[dict[str, str]]:
    """The entries of a list that a message tells."""
    return [
        {name: entry.text_at(element).strip() for name, element in listed.parts}
        for entry in content.all(listed.element)
    ]


def _text(content: Element, path: str) -> str:
    """The text at a path; of several governmental ids, that of the federal government."""
    if path != "GovernmentalInformation/Id":
        return content.text_at(path).strip()
    ids = content.all(path)
    federal = (id.text for id in ids if id.attributes.get("name", "").upper() in {"CNPJ", "CPF"})
    return next(federal, "").strip()
