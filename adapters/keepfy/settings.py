"""The options of a Keepfy application in routes.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from bus.core.adapter_options import PAGE, mistake, page_size
from bus.core.route import Application
from bus.core.text import Text

GRAPHQL = "/graphql"
REQUISITIONS = ("", "create")
CUSTOMER_FIELDS = ("Code", "Name", "ShortName", "Document")
NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
OPTIONS: Mapping[str, Text] = {
    "branch": Text(
        "O id da filial no Keepfy (branchId): um aplicativo é uma filial. Obrigatório.",
        "The id of the branch in Keepfy (branchId): one application is one branch. Required.",
    ),
    "requisitions": Text(
        "create: uma previsão confirmada faz uma requisição de compra para cada mão de obra; se "
        "não for dito, nenhuma.",
        "create: a confirmed forecast makes a purchase requisition for each labour; where it is "
        "not given, it makes no requisition.",
    ),
    "graphql": Text(
        f"Endereço do GraphQL, que recebe Access Key e Secret; {GRAPHQL} no servidor de `address`, "
        "se não for dito.",
        f"Address of the GraphQL, which gets Access Key and Secret; {GRAPHQL} on the server of "
        "`address` where it is not given.",
    ),
    "customers": Text(
        "Campos do GraphQL que preenchem um CustomerVendor, além de id e isActive, como "
        f"“Name=campo, Document=campo”: {', '.join(CUSTOMER_FIELDS)}.",
        "Fields of the GraphQL that fill a CustomerVendor, beside id and isActive, as in "
        f"“Name=field, Document=field”: {', '.join(CUSTOMER_FIELDS)}.",
    ),
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
NO_BRANCH = Text(
    "Ponha em `options` o id da filial no Keepfy (branch).",
    "Put the id of the branch in Keepfy (branch) into `options`.",
)


@dataclass(frozen=True, slots=True)
class KeepfySettings:
    """What the options say; `customers` are GraphQL's fields by what they fill."""

    branch: str
    requisitions: bool
    graphql: str
    customers: Mapping[str, str]
    page: int


def settings_of(application: Application) -> KeepfySettings:
    """The options of an application; BusFault where one makes no sense."""
    branch = application.options.get("branch", "")
    if not branch.strip():
        raise mistake(application, "options.branch", branch, NO_BRANCH)
    page = page_size(application)
    requisitions = application.options.get("requisitions", REQUISITIONS[0])
    if requisitions not in REQUISITIONS:
        raise _wrong(application, "requisitions", REQUISITIONS[1])
    return KeepfySettings(
        branch,
        requisitions == "create",
        _graphql(application),
        _customers(application),
        page,
    )


def _graphql(application: Application) -> str:
    beside = urlsplit(application.address)._replace(path=GRAPHQL, query="", fragment="").geturl()
    address = application.options.get("graphql", beside)
    try:
        parts = urlsplit(address)
        good = (
            parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
        )
    except ValueError:
        good = False
    if not good:
        raise _wrong(application, "graphql", beside)
    return address


def _customers(application: Application) -> Mapping[str, str]:
    told = application.options.get("customers", "")
    fields: dict[str, str] = {}
    for pair in filter(None, map(str.strip, told.split(","))):
        element, _, name = (part.strip() for part in pair.partition("="))
        if element not in CUSTOMER_FIELDS or not NAME.fullmatch(name):
            known = ", ".join(f"{one}=…" for one in CUSTOMER_FIELDS)
            raise _wrong(application, "customers", known)
        fields[element] = name
    return fields


def _wrong(application: Application, option: str, known: str) -> Exception:
    hint = Text(f"Use {known}.", f"Use {known}.")
    return mistake(application, f"options.{option}", application.options.get(option, ""), hint)
