"""What a server, or the way to it, says of a journal that it does not serve, in both languages."""

from __future__ import annotations

from typing import Final, NamedTuple

import psycopg
from psycopg import errors

from bus.core.errors import BusFault, Fault
from bus.core.text import Details, Text

OLDEST: Final = 14
"""The oldest version of PostgreSQL that has all that the journal needs."""


class Obstacle(NamedTuple):
    """Why there is no way to a database, and what helps."""

    problem: Text
    hint: Text


_START = Text(
    "Veja se o servidor está no ar e se host e porta de BUS_JOURNAL estão certos.",
    "See that the server runs, and that host and port of BUS_JOURNAL are right.",
)
_LOGIN = Text(
    "Confira usuário e senha em BUS_JOURNAL (ou em PGPASSFILE), e o pg_hba.conf do servidor.",
    "Check user and password in BUS_JOURNAL (or in PGPASSFILE), and the server's pg_hba.conf.",
)
_WAIT = Text(
    "O barramento tenta de novo sozinho assim que alguém precisar do diário.",
    "The bus tries again by itself as soon as somebody needs the journal.",
)
_WRONG_OPTION: Final = Obstacle(
    Text(
        "há na URL uma opção que não existe, ou com um valor que não serve",
        "there is an option in the URL that is none, or has a value that will not do",
    ),
    Text(
        "Escreva postgresql://usuário:senha@host:5432/banco?sslmode=require.",
        "Write postgresql://user:password@host:5432/database?sslmode=require.",
    ),
)
_AT_CONNECTING: Final[dict[str, Obstacle]] = {
    "password authentication failed": Obstacle(
        Text("a senha não confere", "the password is wrong"), _LOGIN
    ),
    "no password supplied": Obstacle(Text("falta a senha", "the password is missing"), _LOGIN),
    "no pg_hba.conf entry": Obstacle(
        Text("o servidor não admite este acesso", "the server does not admit this login"), _LOGIN
    ),
    'role "': Obstacle(Text("o usuário não existe ali", "the user does not exist there"), _LOGIN),
    'database "': Obstacle(
        Text("o banco de dados não existe ali", "the database does not exist there"),
        Text(
            "Crie-o: CREATE DATABASE nome OWNER usuário ENCODING 'UTF8' TEMPLATE template0.",
            "Create it: CREATE DATABASE name OWNER user ENCODING 'UTF8' TEMPLATE template0.",
        ),
    ),
    "too many": Obstacle(
        Text("o servidor não aceita mais conexões", "the server takes no more connections"),
        Text(
            "Aumente max_connections ali: cada barramento usa três.",
            "Raise max_connections there: each bus uses three.",
        ),
    ),
    "starting up": Obstacle(Text("o servidor está iniciando", "the server is starting up"), _WAIT),
    "shutting down": Obstacle(Text("o servidor está parando", "the server is stopping"), _WAIT),
    "failed to resolve": Obstacle(
        Text("o nome do servidor não é conhecido", "the name of the server is not known"), _START
    ),
    "Connection refused": Obstacle(
        Text("nada escuta ali", "nothing listens there"),
        _START,
    ),
    "timeout": Obstacle(Text("nada respondeu a tempo", "nothing answered in time"), _START),
    "invalid connection option": _WRONG_OPTION,
    "invalid URI query parameter": _WRONG_OPTION,
    "invalid integer value": _WRONG_OPTION,
    "invalid port number": _WRONG_OPTION,
}
"""By what the driver says in English, whatever the language of the server."""
_LOST = Obstacle(Text("a conexão se perdeu", "the connection was lost"), _WAIT)

_PROBLEMS: Final[dict[type[Exception], Text]] = {
    errors.DiskFull: Text("o disco do servidor está cheio", "the disk of the server is full"),
    errors.OutOfMemory: Text("falta memória ao servidor", "the server has too little memory"),
    errors.InsufficientPrivilege: Text(
        "o usuário não tem permissão para isso", "the user has no permission for that"
    ),
    errors.ReadOnlySqlTransaction: Text(
        "o servidor só permite leitura: é uma réplica", "the server may only be read: a standby"
    ),
    errors.LockNotAvailable: Text(
        "outro barramento segura o diário há tempo demais", "another bus holds it for too long"
    ),
    errors.DataCorrupted: Text("uma tabela está danificada", "a table is damaged"),
    errors.IndexCorrupted: Text("um índice está danificado", "an index is damaged"),
}


def unreachable(place: str, error: Exception) -> BusFault:
    """There is no way to the database."""
    said = str(error)
    obstacle = next((one for words, one in _AT_CONNECTING.items() if words in said), None)
    if obstacle is None:
        words = said.strip().splitlines()[0] if said.strip() else type(error).__name__
        obstacle = Obstacle(_in_its_words(words), _START)
    return _unreachable(place, obstacle)


def lost(place: str) -> BusFault:
    """The connection broke, and nothing was committed."""
    return _unreachable(place, _LOST)


def failed(error: Exception) -> BusFault:
    """What the server says of a commit, as a fault of the journal."""
    problem = _PROBLEMS.get(type(error)) or _in_its_words(str(error).strip().splitlines()[0])
    return BusFault(Fault("JOURNAL_FAILED", details={"problem": problem}))


def is_lost(error: Exception) -> bool:
    """Whether the connection is gone, by what the driver raised."""
    gone = (errors.AdminShutdown, errors.CrashShutdown, errors.IdleInTransactionSessionTimeout)
    if isinstance(error, gone):
        return True
    return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError) and (
        getattr(error, "sqlstate", None) is None
    )


def _unreachable(place: str, obstacle: Obstacle) -> BusFault:
    details: Details = {"path": place, "problem": obstacle.problem, "hint": obstacle.hint}
    return BusFault(Fault("JOURNAL_UNREACHABLE", details=details))


def _in_its_words(words: str) -> Text:
    return Text(f"o PostgreSQL diz “{words}”", f"PostgreSQL says “{words}”")
