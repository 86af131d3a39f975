"""The options of an Omie application in routes.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from adapters.omie.values import omie_id
from bus.core.adapter_options import PAGE, mistake, page_size
from bus.core.route import Application
from bus.core.text import Text


class OnChange(StrEnum):
    """What becomes of a requisition that changes (X-01)."""

    ALTER_AND_NEW = "alter_and_new"
    ALTER_IN_PLACE = "alter_in_place"
    DELETE_AND_NEW = "delete_and_new"


USUAL = ("Warehouse", "Item", "CustomerVendor")
READABLE = ("Warehouse", "Family", "Item", "CustomerVendor", "StockLevel")
"""In the order in which they are read: families before the products that name them."""
MOTIVES = ("INV", "PER", "OPS")
VALUES = ("cmc", "zero")
LOTS = ("hold", "fefo")
OPTIONS: Mapping[str, Text] = {
    "category": Text(
        "Código da categoria de compra de toda requisição (codCateg).",
        "Code of the purchase category of every requisition (codCateg).",
    ),
    "motive": Text(
        "Motivo dos ajustes de saída: INV (se não for dito), PER ou OPS.",
        "Motive of the adjustments that take out: INV (where it is not given), PER or OPS.",
    ),
    "value": Text(
        "Valor de um ajuste: cmc, o custo médio que a Omie diz (se não for dito), ou zero.",
        "Value of an adjustment: cmc, the average cost that Omie tells (where it is not given), or "
        "zero.",
    ),
    "on_change": Text(
        "Requisição que muda: alter_and_new, altera e faz outra, como no manual (se não for "
        "dito); alter_in_place, só altera; delete_and_new, exclui e faz outra.",
        "A requisition that changes: alter_and_new, altered and another made, as in the manual "
        "(where it is not given); alter_in_place, altered alone; delete_and_new, deleted and "
        "another made.",
    ),
    "lots": Text(
        "Produto com controle de lote: hold, recusa a linha (se não for dito); fefo, baixa do lote "
        "que vence primeiro.",
        "A product under lot control: hold, the line is refused (where it is not given); fefo, it "
        "leaves from the lot that expires first.",
    ),
    "reads": Text(
        f"O que se lê, separado por vírgulas: {', '.join(USUAL)} (se não for dito); "
        "Family, as famílias; StockLevel, os saldos que mudam.",
        f"What is read, with commas: {', '.join(USUAL)} (where it is not given); "
        "Family, the families; StockLevel, the balances that change.",
    ),
    "families": Text(
        "Famílias de produtos que se leem: seus códigos na Omie, separados por vírgulas; sem ela, "
        "todas.",
        "Families of products that are read: their codes in Omie, with commas; without it, all.",
    ),
    "company": Text(
        "CompanyId do que se lê: um aplicativo é de um CNPJ.",
        "CompanyId of what is read: an app is of one CNPJ.",
    ),
    "branch": Text("BranchId do que se lê.", "BranchId of what is read."),
    "page": PAGE,
    "ca_file": Text(
        "Arquivo PEM dos certificados em que confiar, em vez dos da máquina.",
        "PEM file of the certificates to trust in place of the machine's.",
    ),
    "connect_timeout": Text(
        "Segundos que a conexão pode levar; 10, se não for dito.",
        "Seconds that connecting may take; 10 where it is not given.",
    ),
}


@dataclass(frozen=True, slots=True)
class OmieSettings:
    """What the options say."""

    category: str
    motive: str
    values_at_cost: bool
    on_change: OnChange
    chooses_lots: bool
    reads: tuple[str, ...]
    page: int
    families: frozenset[int]


IDS = Text(
    "Escreva códigos numéricos da Omie, separados por vírgulas, como 123, 456.",
    "Write numeric codes of Omie's, with commas between, such as 123, 456.",
)


def settings_of(application: Application) -> OmieSettings:
    """The options of an application; BusFault where one makes no sense."""
    reads = application.options.get("reads", ",".join(USUAL))
    return OmieSettings(
        category=application.options.get("category", ""),
        motive=_one_of(application, "motive", MOTIVES),
        values_at_cost=_one_of(application, "value", VALUES) == "cmc",
        on_change=OnChange(_one_of(application, "on_change", tuple(OnChange))),
        chooses_lots=_one_of(application, "lots", LOTS) == "fefo",
        reads=_listed(application, [name.strip() for name in reads.split(",")]),
        page=page_size(application),
        families=_ids(application, "families"),
    )


def _ids(application: Application, option: str) -> frozenset[int]:
    told = application.options.get(option, "")
    ids = [omie_id(text.strip()) for text in told.split(",")] if told.strip() else []
    if not all(ids):
        raise mistake(application, f"options.{option}", told, IDS)
    return frozenset(ids)


def _one_of(application: Application, option: str, known: tuple[str, ...]) -> str:
    chosen = application.options.get(option, known[0])
    if chosen not in known:
        raise _wrong(application, option, ", ".join(known))
    return chosen


def _listed(application: Application, names: list[str]) -> tuple[str, ...]:
    if not names or not set(names) <= set(READABLE):
        raise _wrong(application, "reads", ", ".join(READABLE))
    return tuple(name for name in READABLE if name in names)


def _wrong(application: Application, option: str, known: str) -> Exception:
    hint = Text(f"Use {known}.", f"Use {known}.")
    return mistake(application, f"options.{option}", application.options.get(option, ""), hint)
