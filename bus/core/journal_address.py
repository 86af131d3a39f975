"""Where a journal is, as it is configured: a file, or postgresql://user:password@host/database."""

from __future__ import annotations

_SCHEMES = ("postgresql://", "postgres://")


def is_postgres(journal: str) -> bool:
    """Whether a journal is a database of PostgreSQL, and not a file."""
    return journal.startswith(_SCHEMES)


def shown(journal: str) -> str:
    """A journal as it may be shown to anybody: without a password, and without the options."""
    if not is_postgres(journal):
        return journal
    scheme, _, rest = journal.partition("?")[0].partition("://")
    server, slash, database = rest.rpartition("/") if "/" in rest else (rest, "", "")
    login, at, host = server.rpartition("@")
    return f"{scheme}://{login.partition(':')[0]}{at}{host}{slash}{database}"
