"""What SQLite says of a file that it cannot work with, in both languages."""

from __future__ import annotations

from typing import Final

import apsw

from bus.core.system_words import words_of
from bus.core.text import Text

_PROBLEMS: Final[dict[type[Exception], Text]] = {
    apsw.FullError: Text("o disco está cheio", "the disk is full"),
    apsw.IOError: Text("o disco falhou", "the disk failed"),
    apsw.ReadOnlyError: Text("o arquivo só permite leitura", "the file may only be read"),
    apsw.PermissionsError: Text("falta permissão", "permission is missing"),
    apsw.CantOpenError: Text("o arquivo não abre", "the file does not open"),
    apsw.BusyError: Text("outro processo o segura", "another process holds it"),
    apsw.LockedError: Text("outro processo o segura", "another process holds it"),
    apsw.CorruptError: Text("o arquivo está danificado", "the file is damaged"),
    apsw.NotADBError: Text("o arquivo não é um diário", "the file is no journal"),
    apsw.NoMemError: Text("falta memória", "there is too little memory"),
    apsw.TooBigError: Text("um valor é grande demais", "a value is too large"),
}


def problem_of(error: Exception) -> Text:
    """What is wrong; in SQLite's own words where it is nothing of the usual."""
    if isinstance(error, OSError):
        return words_of(error)
    return _PROBLEMS.get(type(error)) or Text(f"SQLite diz “{error}”", f"SQLite says “{error}”")
