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
    "product": (
        "{product} (pacote {package} {version})",
        "{product} (package {package} {version})",
    ),
    "by_application": (
        "a própria aplicação traduz os ids que lê",
        "the application itself translates the ids that it reads",
    ),
    "by_bus": (
        "o barramento traduz os ids que ela lê",
        "the bus translates the ids that it reads",
    ),
    "within_application": (
        "ids únicos na aplicação inteira",
        "ids are unique in the whole application",
    ),
    "within_company": ("ids únicos dentro da empresa", "ids are unique within a company"),
    "within_branch": ("ids únicos dentro da filial", "ids are unique within a branch"),
    "longest": (
        "dos ids dos outros guarda {count} caracteres",
        "of others' ids it keeps {count} characters",
    ),
    "any_length": ("guarda ids dos outros inteiros", "it keeps others' ids whole"),
    "ignored": ("pode não distinguir ids por {what}", "it may not tell ids apart by {what}"),
    "case": ("maiúsculas", "letter case"),
    "padding": ("brancos", "blanks"),
    "and": (" e ", " and "),
    "counts": (
        "textos de erro conhecidos: {texts}; pré-requisitos: {prerequisites}",
        "known error texts: {texts}; prerequisites: {prerequisites}",
    ),
    "entity_scopes": ("outro alcance dos ids:", "another reach of ids:"),
    "qualifiers": (
        "qual dos ids de uma coisa é, pelo final:",
        "which of a thing's ids one is, by its end:",
    ),
    "entry_names": (
        "nomes próprios em ListOfInternalId:",
        "names of its own in ListOfInternalId:",
    ),
    "releases": ("versões das mensagens:", "versions of messages:"),
    "release": (
        "{transaction} {version} a partir da versão {since}",
        "{transaction} {version} from version {since} on",
    ),
    "texts": ("textos de erro conhecidos:", "known error texts:"),
    "text": (
        "{pattern}: {outcome}; resolve: {owner}. {advice}",
        "{pattern}: {outcome}; to be mended by {owner}. {advice}",
    ),
    "prerequisites": (
        "pré-requisitos (regra, o que preparar lá):",
        "prerequisites (rule, set-up):",
    ),
    "made": ("Feito: {folder}", "Made: {folder}"),
    "next": (
        "Daqui: instale-o onde o barramento está e rode os testes dele.",
        "From here: install it where the bus is, and run its tests.",
    ),
}


def say(word: str, language: Language, **details: object) -> str:
    """A text of the table, filled."""
    return choose(WORDS[word], language).format_map(details)
