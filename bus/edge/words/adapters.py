"""The words of `bus adapters`."""

from __future__ import annotations

from bus.core.text import Language, Text

WORDS: dict[str, Text] = {
    "kind": Text(
        "{adapter} (pacote {package} {version})", "{adapter} (package {package} {version})"
    ),
    "missing": Text("{adapter} (não instalado)", "{adapter} (not installed)"),
    "used": Text("usado por: {applications}", "used by: {applications}"),
    "unused": Text("nenhuma aplicação o usa", "no application uses it"),
    "reachable": Text("{application}: responde", "{application}: answers"),
    "silent": Text("{application}: não responde", "{application}: does not answer"),
    "unprobed": Text("{application}: não se sabe", "{application}: not known"),
    "options": Text("opções:", "options:"),
    "problem": Text("Não pode ser usado: {problem}", "Cannot be used: {problem}"),
    "install": Text(
        "Instale o pacote que o traz, ou corrija `adapter` em routes.yaml.",
        "Install the package that brings it, or correct `adapter` in routes.yaml.",
    ),
    "unread": Text("Sem as aplicações: {problem}", "Without the applications: {problem}"),
    "made": Text("Feito: {folder}", "Made: {folder}"),
    "next": Text(
        "Daqui: instale-o onde o barramento está e rode os testes dele.",
        "From here: install it where the bus is, and run its tests.",
    ),
}


def say(word: str, language: Language, **details: object) -> str:
    """A text of the table, filled."""
    return WORDS[word].filled(details).told(language)
