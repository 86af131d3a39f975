"""The words of `bus depara`, in Portuguese and English."""

from __future__ import annotations

from typing import NamedTuple

from bus.core.errors import Language
from bus.edge.words.command_line import choose
from bus.journal.depara_rows import Provider

WORDS: dict[str, tuple[str, str]] = {
    "identity": ("coisa", "thing"),
    "entity": ("entidade", "entity"),
    "id": ("id", "id"),
    "qualifier": ("qualificador", "qualifier"),
    "since": ("desde", "since"),
    "until": ("até", "until"),
    "source": ("origem", "source"),
    "change": ("alteração", "change"),
    "actor": ("quem", "who"),
    "reason": ("motivo", "reason"),
    "message": ("mensagem", "message"),
    "at": ("quando", "when"),
    "none": ("Nada.", "Nothing."),
    "more": ("Mais: --after {after}", "More: --after {after}"),
    "undoes": ("desfaz a {number}", "undoes {number}"),
    "joined": ("{pair}: {verdict}", "{pair}: {verdict}"),
    "closed": ("Encerrado: {entity} {id}", "Closed: {entity} {id}"),
    "recorded": ("Alteração {number}.", "Change {number}."),
    "unrecorded": ("Nada mudou.", "Nothing changed."),
    "woken": (
        "{count} entrega(s) esperavam por isso e seguem.",
        "{count} delivery(ies) waited for it and go on.",
    ),
    "double": (
        "Linha {line}: repete a linha {other}.",
        "Line {line}: repeats line {other}.",
    ),
    "against": (
        "Linha {line}: {pair}: contra isso está {against}",
        "Line {line}: {pair}: against it stands {against}",
    ),
    "imported": (
        "Novos {added}, iguais {same}, juntados {merged}, trocados {changed}, conflitos {against}.",
        "Added {added}, same {same}, merged {merged}, changed {changed}, conflicting {against}.",
    ),
    "changes": (
        "Alteração(ões): {numbers} (`bus depara undo` desfaz cada uma).",
        "Change(s): {numbers} (`bus depara undo` takes each back).",
    ),
    "tried": ("Ensaio: nada foi gravado.", "Dry run: nothing was recorded."),
    "exported": ("{file}: {count} par(es).", "{file}: {count} pair(s)."),
    "purged": (
        "Encerrados {closed} id(s); desconhecidos {unknown}.",
        "Closed {closed} id(s); unknown {unknown}.",
    ),
    "unknown": (
        "Linha {line}: o de-para não conhece {entity} {id}.",
        "Line {line}: the de-para does not know {entity} {id}.",
    ),
    "undone": (
        "Alteração {number} desfeita pela {change}.",
        "Change {number} undone by change {change}.",
    ),
    "used": (
        "{count} mensagem(ns) saíram com esses ids; confira-as no destino:",
        "{count} message(s) left with these ids; check them at their destination:",
    ),
    "unused": ("Nenhuma mensagem saiu com esses ids.", "No message left with these ids."),
    "settled": ("Conflito {number} resolvido.", "Conflict {number} settled."),
    "conflict": ("Conflito {number}: {entity} {pair}", "Conflict {number}: {entity} {pair}"),
    "stands": ("contra isso está {against}", "against it stands {against}"),
    "taught_by": ("{at}, da mensagem {message}", "{at}, from message {message}"),
    "how_to_settle": (
        "→ fica o que havia: bus depara conflicts settle {number} --keep; vale o novo: --replace",
        "→ what was stays: bus depara conflicts settle {number} --keep; the new counts: --replace",
    ),
    "awaits": (
        "{message} {number} → {destination}: falta {entity} {id}, lido em {path}",
        "{message} {number} → {destination}: lacks {entity} {id}, read at {path}",
    ),
    "endless": ("sem fim", "endless"),
    "alone": (
        "Só uma aplicação conhece ({count}):",
        "One application alone knows ({count}):",
    ),
    "strangers": (
        "De aplicações que routes.yaml não tem ({count}):",
        "Of applications that routes.yaml does not have ({count}):",
    ),
    "colliding": (
        "Iguais para quem ignora maiúsculas e brancos, ou guarda só o começo ({count}):",
        "The same to a reader that ignores case and blanks, or keeps the beginning ({count}):",
    ),
    "too_long": (
        "Mais longos do que o leitor guarda, em caracteres ({limits}) ({count}):",
        "Longer than the reader keeps, in characters ({limits}) ({count}):",
    ),
    "gone": (
        "Com par, mas {application} não tem ({count}):",
        "Paired, but not in {application} ({count}):",
    ),
    "unpaired": (
        "Em {application}, mas sem par ({count}):",
        "In {application}, but unpaired ({count}):",
    ),
    "and_more": ("… e mais {count}", "… and {count} more"),
    "well": ("Nada a corrigir.", "Nothing to mend."),
}

VERDICT_WORDS: dict[str, tuple[str, str]] = {
    "same": ("já era assim", "was so already"),
    "added": ("incluído", "added"),
    "merged": ("duas coisas viraram uma", "two things became one"),
    "changed": ("trocado", "changed"),
    "conflict": ("em conflito", "in conflict"),
}

SOURCE_WORDS: dict[str, tuple[str, str]] = {
    "answer": ("resposta", "answer"),
    "person": ("pessoa", "person"),
    "file": ("arquivo", "file"),
    "load": ("carga", "load"),
}

REMEDIES: dict[Provider, tuple[str, str]] = {
    Provider.UNDER_WAY: ("espere; recomeça sozinha", "wait; it resumes by itself"),
    Provider.NEVER_SEEN: (
        "envie o cadastro a {reader}, ou informe o par: {command}",
        "send the register to {reader}, or enter the pair: {command}",
    ),
    Provider.BEHIND: (
        "informe o par: {command}; ou desista desta: bus discard {message} --number {number}",
        "enter the pair: {command}; or give this up: bus discard {message} --number {number}",
    ),
    Provider.STOPPED: (
        "veja bus trace {provider} e reenvie: bus replay {provider}; ou informe o par: {command}",
        "see bus trace {provider}, replay it: bus replay {provider}; or enter the pair: {command}",
    ),
    Provider.SILENT: ("informe o par: {command}", "enter the pair: {command}"),
    Provider.AMBIGUOUS: (
        "veja {show}; deixe só o id que vale, ou declare `qualifiers` em routes.yaml",
        "see {show}; keep the one id that counts, or declare `qualifiers` in routes.yaml",
    ),
}
"""What ends a wait for an id that the bus puts into a message."""

_SEND = (
    "envie o cadastro de {entity} a {reader}, que tem o seu próprio de-para; recomeça ao chegar lá",
    "send the register of {entity} to {reader}, which keeps its own de-para; it resumes then",
)
_REPLAY = (
    "veja bus trace {provider} e reenvie: bus replay {provider}; recomeça ao chegar lá",
    "see bus trace {provider} and replay it: bus replay {provider}; it resumes then",
)
REMEDIES_THERE: dict[Provider, tuple[str, str]] = {
    **dict.fromkeys(Provider, _SEND),
    Provider.UNDER_WAY: REMEDIES[Provider.UNDER_WAY],
    Provider.STOPPED: _REPLAY,
    Provider.BEHIND: (
        "desista desta, para que a outra chegue: bus discard {message} --number {number}",
        "give this up, so that the other arrives: bus discard {message} --number {number}",
    ),
}
"""What ends a wait for an id that the reader's own de-para lacks."""


class TableMistakeText(NamedTuple):
    """What is said of a mistake in a file: the problem and the remedy in both languages."""

    problem_pt: str
    problem_en: str
    hint_pt: str
    hint_en: str


MISTAKES: dict[str, TableMistakeText] = {
    "encoding": TableMistakeText(
        "o byte {value} não é de UTF-8 nem de Windows-1252",
        "byte {value} is neither UTF-8 nor Windows-1252",
        "Salve o arquivo como CSV UTF-8.",
        "Save the file as CSV UTF-8.",
    ),
    "quotes": TableMistakeText(
        "as aspas não fecham, ou o texto é longo demais ({value})",
        "quotes do not close, or the text is too long ({value})",
        "Feche as aspas; dentro delas, aspas se escrevem duas vezes.",
        "Close the quotes; within them, quotes are written twice.",
    ),
    "unknown_column": TableMistakeText(
        "não há coluna “{value}”",
        "there is no column “{value}”",
        "Colunas possíveis: {columns}.",
        "Possible columns: {columns}.",
    ),
    "column_twice": TableMistakeText(
        "a coluna “{value}” aparece duas vezes",
        "column “{value}” stands twice",
        "Deixe uma só.",
        "Keep one of them.",
    ),
    "no_column": TableMistakeText(
        "falta a coluna “{value}”",
        "column “{value}” is missing",
        "Acrescente-a ao cabeçalho. Colunas: {columns}.",
        "Add it to the heading. Columns: {columns}.",
    ),
    "too_many": TableMistakeText(
        "“{value}” está além da última coluna",
        "“{value}” is beyond the last column",
        "Ponha entre aspas o texto que tem o separador.",
        "Put the text that holds the separator in quotes.",
    ),
    "empty": TableMistakeText(
        "está vazia",
        "is empty",
        "Preencha-a ou retire a linha.",
        "Fill it or remove the line.",
    ),
    "itself": TableMistakeText(
        "“{value}” não pode ser par de si mesmo",
        "“{value}” cannot be a pair of itself",
        "Informe os ids de duas aplicações.",
        "Give the ids of two applications.",
    ),
    "contradiction": TableMistakeText(
        "“{value}” contradiz a linha {other}",
        "“{value}” contradicts line {other}",
        "Deixe a linha que vale; duas partes de uma coisa precisam de qualificadores diferentes.",
        "Keep the line that counts; two parts of one thing need different qualifiers.",
    ),
    "more": TableMistakeText(
        "e mais {value} erro(s)",
        "and {value} more mistake(s)",
        "Corrija os primeiros e repita.",
        "Correct the first ones and try again.",
    ),
}


def say(word: str, language: Language, **details: object) -> str:
    """A text of the table, filled."""
    return choose(WORDS[word], language).format_map(details)
