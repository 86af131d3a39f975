"""The options of an application whose interface is tables, in routes.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from adapters.tables.mapping import TableMapping
from adapters.tables.mapping_file import read_mapping
from adapters.tables.mapping_keys import WrongMapping
from bus.core.adapter_options import connect_timeout, mistake
from bus.core.errors import BusFault, Fault
from bus.core.route import Application
from bus.core.text import Details, Text

LARGEST_PAGE = 500
CONNECT_LIMIT = 5.0  # s
DRIVERS: Mapping[str, str] = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "oracle": "oracle+oracledb",
    "mssql": "mssql+pyodbc",
    "firebird": "firebird+firebird",
}
"""What speaks to each database, by the first word of its URL."""
OPTIONS: Mapping[str, Text] = {
    "mapping_file": Text(
        "O arquivo YAML que diz quais linhas viram mensagens e quais mensagens viram linhas. "
        "Obrigatório.",
        "The YAML file that says which rows become messages, and which messages become rows. "
        "Required.",
    ),
    "company": Text(
        "A empresa que as mensagens lidas dizem no cabeçalho.",
        "The company that messages read from it say in their header.",
    ),
    "branch": Text(
        "A filial que as mensagens lidas dizem no cabeçalho.",
        "The branch that messages read from it say in their header.",
    ),
    "page": Text(
        "Linhas lidas de uma vez, 500 no máximo; 100, se não for dito.",
        "Rows that are read at once, 500 at most; 100 where it is not given.",
    ),
    "connect_timeout": Text(
        f"Segundos que a conexão pode levar; {CONNECT_LIMIT:g}, se não for dito.",
        f"Seconds that connecting may take; {CONNECT_LIMIT:g} where it is not given.",
    ),
}
A_DATABASE = Text(
    "Indique o banco, como em mariadb://servidor:3306/banco, sem usuário nem senha: eles ficam em "
    "`credentials`.",
    "Give the database, as in mariadb://host:3306/database, without user or password: those stand "
    "in `credentials`.",
)
A_FILE = Text(
    "Indique o arquivo YAML do mapeamento, a partir da pasta do routes.yaml.",
    "Give the YAML file of the mapping, from the folder of routes.yaml on.",
)
MEND = Text("Corrija o arquivo de mapeamento.", "Correct the mapping file.")


@dataclass(frozen=True, slots=True)
class TablesSettings:
    """What an application says; times in seconds."""

    url: URL
    mapping: TableMapping
    page: int
    connect_timeout: float


def settings_of(application: Application) -> TablesSettings:
    """The options of an application; BusFault where one makes no sense."""
    url = url_of(application)
    page = application.options.get("page", "100")
    if not page.isascii() or not page.isdigit() or not 1 <= int(page[:9]) <= LARGEST_PAGE:
        hint = Text(f"Use 1 … {LARGEST_PAGE}.", f"Use 1 … {LARGEST_PAGE}.")
        raise mistake(application, "options.page", page, hint)
    return TablesSettings(
        url, mapping_of(application), int(page), connect_timeout(application, CONNECT_LIMIT)
    )


def url_of(application: Application) -> URL:
    """Where the database is, and by which driver; BusFault where that makes no sense."""
    try:
        url = make_url(application.address)
    except (ArgumentError, ValueError):
        raise mistake(application, "address", application.address, A_DATABASE) from None
    driver = DRIVERS.get(url.drivername, url.drivername)
    if url.password or url.username or driver.partition("+")[0] not in DRIVERS or not url.database:
        shown = url.render_as_string(hide_password=True)
        raise mistake(application, "address", shown, A_DATABASE)
    return url.set(drivername=driver)


def mapping_of(application: Application) -> TableMapping:
    """What the mapping file of an application says; BusFault with its line where it is wrong."""
    file = application.options.get("mapping_file", "")
    if not file.strip():
        raise mistake(application, "options.mapping_file", file, A_FILE)
    try:
        return read_mapping(Path(file))
    except WrongMapping as wrong:
        raise BusFault(wrong_mapping(application, wrong.problem, wrong.key, wrong.line)) from wrong


def wrong_mapping(application: Application, problem: Text, key: str = "", line: int = 0) -> Fault:
    """What is wrong in the mapping file of an application, and where."""
    place = f"{application.options['mapping_file']}{f':{line}' if line else ''}"
    head = f"{place}: {key}: " if key else f"{place}: "
    told = Text(f"{head}{problem.pt}", f"{head}{problem.en}")
    details: Details = {"problem": told, "hint": MEND}
    path = f"applications.{application.name}.options.mapping_file"
    return Fault("CONFIGURATION_INVALID", path=path, details=details)
