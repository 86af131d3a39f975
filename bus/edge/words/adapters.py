"""The words of `bus adapters`, in Portuguese and English."""

from __future__ import annotations

from bus.core.errors import Language
from bus.edge.words.command_line import choose

WORDS: dict[str, tuple[str, str]] = {
    "kind": ("{adapter} (pacote {package} {version})", "{adapter} (package {package} {version})"),
    "missing": ("{adapter} (não instalado)", "{adapter} (not installed)"),
    "used": ("usado por: {applications}", "used by: {applications}"),
    "unused": ("nenhuma aplicação o usa", "no application uses it"),
    "options": ("opções:", "options:"),
    "problem": ("Não pode ser usado: {problem}", "Cannot be used: {problem}"),
    "install": (
        "Instale o pacote que o traz, ou corrija `adapter` em routes.yaml.",
        "Install the package that brings it, or correct `adapter` in routes.yaml.",
    ),
    "unread": ("Sem as aplicações: {problem}", "Without the applications: {problem}"),
    "made": ("Feito: {folder}", "Made: {folder}"),
    "next": (
        "Daqui: instale-o onde o barramento está e rode os testes dele.",
        "From here: install it where the bus is, and run its tests.",
    ),
}


def say(word: str, language: Language, **details: object) -> str:
    """A text of the table, filled."""
    return choose(WORDS[word], language).format_map(details)
