"""The words of `bus depara`."""

from __future__ import annotations

from typing import NamedTuple

from bus.core.text import Language, Text, same
from bus.journal.depara_rows import Provider

WORDS: dict[str, Text] = {
    "identity": Text("coisa", "thing"),
    "entity": Text("entidade", "entity"),
    "id": same("id"),
    "qualifier": Text("qualificador", "qualifier"),
    "since": Text("desde", "since"),
    "until": Text("até", "until"),
    "source": Text("origem", "source"),
    "change": Text("alteração", "change"),
    "message": Text("mensagem", "message"),
    "none": Text("Nada.", "Nothing."),
    "more": Text("Mais: --after {after}", "More: --after {after}"),
    "undoes": Text("desfaz a {number}", "undoes {number}"),
    "joined": same("{pair}: {verdict}"),
    "closed": Text("Encerrado: {entity} {id}", "Closed: {entity} {id}"),
    "recorded": Text("Alteração {number}.", "Change {number}."),
    "unrecorded": Text("Nada mudou.", "Nothing changed."),
    "woken": Text(
        "{count} entrega(s) esperavam por isso e seguem.",
        "{count} delivery(ies) waited for it and go on.",
    ),
    "double": Text(
        "Linha {line}: repete a linha {other}.",
        "Line {line}: repeats line {other}.",
    ),
    "against": Text(
        "Linha {line}: {pair}: contra isso está {against}",
        "Line {line}: {pair}: against it stands {against}",
    ),
    "imported": Text(
        "Novos {added}, iguais {same}, juntados {merged}, trocados {changed}, conflitos {against}.",
        "Added {added}, same {same}, merged {merged}, changed {changed}, conflicting {against}.",
    ),
    "changes": Text(
        "Alteração(ões): {numbers} (`bus depara undo` desfaz cada uma).",
        "Change(s): {numbers} (`bus depara undo` takes each back).",
    ),
    "checked": Text("{count} linhas conferidas.", "{count} lines checked."),
    "under_way": Text(
        "{done} de {count} linhas. Alteração: {numbers}. Se parar, repita o comando: ele continua.",
        "{done} of {count} lines. Change: {numbers}. If it stops, repeat the command: it goes on.",
    ),
    "nothing_in": Text(
        "Atenção: {file} não tem nenhum par.", "Warning: there is no pair in {file}."
    ),
    "tried": Text("Ensaio: nada foi gravado.", "Dry run: nothing was recorded."),
    "exported": Text("{file}: {count} par(es).", "{file}: {count} pair(s)."),
    "purged": Text(
        "Encerrados {closed} id(s); desconhecidos {unknown}.",
        "Closed {closed} id(s); unknown {unknown}.",
    ),
    "unknown": Text(
        "Linha {line}: o de-para não conhece {entity} {id}.",
        "Line {line}: the de-para does not know {entity} {id}.",
    ),
    "undone": Text(
        "Alteração {number} desfeita pela {change}.",
        "Change {number} undone by change {change}.",
    ),
    "used": Text(
        "{count} mensagem(ns) saíram com esses ids; confira-as no destino:",
        "{count} message(s) left with these ids; check them at their destination:",
    ),
    "unused": Text("Nenhuma mensagem saiu com esses ids.", "No message left with these ids."),
    "settled": Text("Conflito {number} resolvido.", "Conflict {number} settled."),
    "conflict": Text("Conflito {number}: {entity} {pair}", "Conflict {number}: {entity} {pair}"),
    "stands": Text("contra isso está {against}", "against it stands {against}"),
    "taught_by": Text("{at}, da mensagem {message}", "{at}, from message {message}"),
    "how_to_settle": Text(
        "→ fica o que havia: bus depara conflicts settle {number} --keep; vale o novo: --replace",
        "→ what was stays: bus depara conflicts settle {number} --keep; the new counts: --replace",
    ),
    "awaits": Text(
        "{message} {number} → {destination}: falta {entity} {id}, lido em {path}",
        "{message} {number} → {destination}: lacks {entity} {id}, read at {path}",
    ),
    "endless": Text("sem fim", "endless"),
    "alone": Text(
        "Só uma aplicação conhece ({count}):",
        "One application alone knows ({count}):",
    ),
    "strangers": Text(
        "De aplicações que routes.yaml não tem ({count}):",
        "Of applications that routes.yaml does not have ({count}):",
    ),
    "colliding": Text(
        "Iguais para quem ignora maiúsculas e brancos, ou guarda só o começo ({count}):",
        "The same to a reader that ignores case and blanks, or keeps the beginning ({count}):",
    ),
    "too_long": Text(
        "Mais longos do que o leitor guarda, em caracteres ({limits}) ({count}):",
        "Longer than the reader keeps, in characters ({limits}) ({count}):",
    ),
    "gone": Text(
        "Com par, mas {application} não tem ({count}):",
        "Paired, but not in {application} ({count}):",
    ),
    "unpaired": Text(
        "Em {application}, mas sem par ({count}):",
        "In {application}, but unpaired ({count}):",
    ),
    "and_more": Text("… e mais {count}", "… and {count} more"),
    "well": Text("Nada a corrigir.", "Nothing to mend."),
}

VERDICT_WORDS: dict[str, Text] = {
    "same": Text("já era assim", "was so already"),
    "added": Text("incluído", "added"),
    "merged": Text("duas coisas viraram uma", "two things became one"),
    "changed": Text("trocado", "changed"),
    "conflict": Text("em conflito", "in conflict"),
}

SOURCE_WORDS: dict[str, Text] = {
    "answer": Text("resposta", "answer"),
    "person": Text("pessoa", "person"),
    "file": Text("arquivo", "file"),
    "load": Text("carga", "load"),
}

REMEDIES: dict[Provider, Text] = {
    Provider.UNDER_WAY: Text("espere; recomeça sozinha", "wait; it resumes by itself"),
    Provider.NEVER_SEEN: Text(
        "envie o cadastro a {reader}, ou informe o par: {command}",
        "send the register to {reader}, or enter the pair: {command}",
    ),
    Provider.ITSELF: Text("informe o par: {command}", "enter the pair: {command}"),
    Provider.CYCLE: Text(
        "informe o par: {command}; a outra segue quando esta chegar",
        "enter the pair: {command}; the other goes on when this one arrives",
    ),
    Provider.HELD: Text(
        "veja bus trace {provider} e reenvie: bus replay {provider}; ou informe o par: {command}",
        "see bus trace {provider}, replay it: bus replay {provider}; or enter the pair: {command}",
    ),
    Provider.BEHIND: Text(
        "informe o par: {command}; ou desista desta: bus discard {message} --number {number}",
        "enter the pair: {command}; or give this up: bus discard {message} --number {number}",
    ),
    Provider.STOPPED: Text(
        "veja bus trace {provider} e reenvie: bus replay {provider}; ou informe o par: {command}",
        "see bus trace {provider}, replay it: bus replay {provider}; or enter the pair: {command}",
    ),
    Provider.SILENT: Text(
        "veja bus trace {provider}, o que se respondeu, e informe o par: {command}",
        "see bus trace {provider}, what was answered, and enter the pair: {command}",
    ),
    Provider.REJECTED: Text(
        "veja bus trace {provider}, corrija o cadastro na origem e envie-o de novo; ou informe o "
        "par: {command}",
        "see bus trace {provider}, correct the register at its origin and send it again; or enter "
        "the pair: {command}",
    ),
    Provider.UNROUTED: Text(
        "leve esse cadastro a {reader} por uma rota em routes.yaml e envie-o de novo; ou informe o "
        "par: {command}",
        "bring that register to {reader} by a route in routes.yaml, and send it again; or enter "
        "the pair: {command}",
    ),
    Provider.AMBIGUOUS: Text(
        "veja {show}; deixe só o id que vale, ou declare `qualifiers` em routes.yaml",
        "see {show}; keep the one id that counts, or declare `qualifiers` in routes.yaml",
    ),
}
"""What ends a wait for an id that the bus puts into a message."""

_SEND = Text(
    "envie o cadastro de {entity} a {reader}, que tem o seu próprio de-para; recomeça ao chegar lá",
    "send the register of {entity} to {reader}, which keeps its own de-para; it resumes then",
)
_REPLAY = Text(
    "veja bus trace {provider} e reenvie: bus replay {provider}; recomeça ao chegar lá",
    "see bus trace {provider} and replay it: bus replay {provider}; it resumes then",
)
REMEDIES_THERE: dict[Provider, Text] = {
    **dict.fromkeys(Provider, _SEND),
    Provider.UNDER_WAY: REMEDIES[Provider.UNDER_WAY],
    Provider.STOPPED: _REPLAY,
    Provider.HELD: _REPLAY,
    Provider.REJECTED: Text(
        "veja bus trace {provider}, corrija o cadastro na origem e envie-o de novo; recomeça ao "
        "chegar lá",
        "see bus trace {provider}, correct the register at its origin and send it again; it "
        "resumes then",
    ),
    Provider.UNROUTED: Text(
        "leve esse cadastro a {reader} por uma rota em routes.yaml e envie-o de novo; recomeça ao "
        "chegar lá",
        "bring that register to {reader} by a route in routes.yaml, and send it again; it resumes "
        "then",
    ),
    Provider.ITSELF: Text(
        "desista desta e corrija na origem: ela cita a si mesma antes de existir em {reader}: "
        "bus discard {message} --number {number}",
        "give this up and correct it at its origin: it names itself before {reader} has it: "
        "bus discard {message} --number {number}",
    ),
    Provider.CYCLE: Text(
        "desista de uma das duas, para que a outra siga: bus discard {message} --number {number}",
        "give one of the two up, so that the other goes on: bus discard {message} --number "
        "{number}",
    ),
    Provider.BEHIND: Text(
        "desista desta, para que a outra chegue: bus discard {message} --number {number}",
        "give this up, so that the other arrives: bus discard {message} --number {number}",
    ),
}
"""What ends a wait for an id that the reader's own de-para lacks."""


class TableMistakeText(NamedTuple):
    """What is said of a mistake in a file: the problem and the remedy."""

    problem: Text
    hint: Text


MISTAKES: dict[str, TableMistakeText] = {
    "encoding": TableMistakeText(
        problem=Text(
            "o byte {value} não é de UTF-8 nem de Windows-1252",
            "byte {value} is neither UTF-8 nor Windows-1252",
        ),
        hint=Text("Salve o arquivo como CSV UTF-8.", "Save the file as CSV UTF-8."),
    ),
    "quotes": TableMistakeText(
        problem=Text(
            "as aspas não fecham, ou o texto é longo demais",
            "quotes do not close, or the text is too long",
        ),
        hint=Text(
            "Feche as aspas; dentro delas, aspas se escrevem duas vezes.",
            "Close the quotes; within them, quotes are written twice.",
        ),
    ),
    "unknown_column": TableMistakeText(
        problem=Text("não há coluna “{value}”", "there is no column “{value}”"),
        hint=Text("Colunas possíveis: {columns}.", "Possible columns: {columns}."),
    ),
    "column_twice": TableMistakeText(
        problem=Text("a coluna “{value}” aparece duas vezes", "column “{value}” stands twice"),
        hint=Text("Deixe uma só.", "Keep one of them."),
    ),
    "no_column": TableMistakeText(
        problem=Text("falta a coluna “{value}”", "column “{value}” is missing"),
        hint=Text(
            "Acrescente-a ao cabeçalho. Colunas: {columns}.",
            "Add it to the heading. Columns: {columns}.",
        ),
    ),
    "too_many": TableMistakeText(
        problem=Text("“{value}” está além da última coluna", "“{value}” is beyond the last column"),
        hint=Text(
            "Ponha entre aspas o texto que tem o separador.",
            "Put the text that holds the separator in quotes.",
        ),
    ),
    "empty": TableMistakeText(
        problem=Text("está vazia", "is empty"),
        hint=Text("Preencha-a ou retire a linha.", "Fill it or remove the line."),
    ),
    "control": TableMistakeText(
        problem=Text(
            "“{value}” tem um caractere de controle, que nenhuma mensagem pode trazer",
            "“{value}” holds a control character, which no message can carry",
        ),
        hint=Text("Retire-o do arquivo.", "Remove it from the file."),
    ),
    "itself": TableMistakeText(
        problem=Text(
            "“{value}” não pode ser par de si mesmo", "“{value}” cannot be a pair of itself"
        ),
        hint=Text("Informe os ids de duas aplicações.", "Give the ids of two applications."),
    ),
    "one_application": TableMistakeText(
        problem=Text(
            "“{value}” é da mesma aplicação que o outro id da linha",
            "“{value}” is of the same application as the other id of the line",
        ),
        hint=Text(
            "Informe os ids de duas aplicações; se numa só são dois registros de uma coisa, dê "
            "qualificadores diferentes (qualifier, other_qualifier).",
            "Give the ids of two applications; if two records of one are one thing, give them "
            "different qualifiers (qualifier, other_qualifier).",
        ),
    ),
    "mixed": TableMistakeText(
        problem=Text(
            "o byte {value} é de Windows-1252, e na linha {other} há texto em UTF-8: o arquivo "
            "mistura os dois",
            "byte {value} is Windows-1252, and on line {other} there is text in UTF-8: the file "
            "mixes the two",
        ),
        hint=Text(
            "Junte os textos numa planilha e salve como CSV UTF-8; confira os acentos desta linha.",
            "Bring the texts together in a spreadsheet and save it as CSV UTF-8; check the accents "
            "of this line.",
        ),
    ),
    "contradiction": TableMistakeText(
        problem=Text("“{value}” contradiz a linha {other}", "“{value}” contradicts line {other}"),
        hint=Text(
            "Deixe a linha que vale; duas partes de uma coisa precisam de qualificadores "
            "diferentes.",
            "Keep the line that counts; two parts of one thing need different qualifiers.",
        ),
    ),
    "stopped": TableMistakeText(
        problem=Text(
            "há mais de {value} erros até esta linha; o que vem depois não foi conferido",
            "there are more than {value} mistakes up to this line; what follows was not checked",
        ),
        hint=Text("Corrija os primeiros e repita.", "Correct the first ones and try again."),
    ),
    "more": TableMistakeText(
        problem=Text("e mais {value} erro(s)", "and {value} more mistake(s)"),
        hint=Text("Corrija os primeiros e repita.", "Correct the first ones and try again."),
    ),
}


def say(word: str, language: Language, **details: object) -> str:
    """A text of the table, filled."""
    return WORDS[word].filled(details).told(language)
