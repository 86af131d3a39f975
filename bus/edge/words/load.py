"""The words of `bus load`."""

from __future__ import annotations

from bus.core.text import Language, Text, same
from bus.engine.load import Came

CAME_WORDS: dict[Came, Text] = {
    Came.DELIVERED: Text("entregue", "delivered"),
    Came.DISCARDED: Text("dispensada", "discarded"),
    Came.FILTERED: Text("nenhuma condição se aplica", "no condition applies"),
    Came.UNDER_WAY: Text("a caminho", "under way"),
    Came.WAITING: Text("espera por um par ou por uma pessoa", "waits for a pair or a person"),
    Came.REFUSED: Text("recusada pelo destino", "refused by its reader"),
    Came.REJECTED: Text("recusada pelo barramento", "rejected by the bus"),
    Came.NOT_SENT: Text("não enviada", "not sent"),
    Came.UNKNOWN: Text("não se sabe se foi processada", "nobody knows whether it was processed"),
}
"""What came of a message of a load."""

WORDS: dict[str, Text] = {
    "level": same("{level}. {counts}"),
    "circle": Text(
        "Nomeiam-se uns aos outros: {names}. Entre eles vale a ordem dos documentos.",
        "These name each other: {names}. Among them the order of their documents counts.",
    ),
    "twice": Text(
        "Repetem outro arquivo, e não são enviados: {count}.",
        "They repeat another file, and are not sent: {count}.",
    ),
    "skipped": Text(
        "Não terminam em .xml nem em .json, e não são enviados: {count} ({names}).",
        "Their names end neither in .xml nor in .json, and they are not sent: {count} ({names}).",
    ),
    "warned": Text("Arquivos enviados com aviso: {count}.", "Files sent with a warning: {count}."),
    "invalid": Text("Arquivos com erro: {count}.", "Files with a mistake: {count}."),
    "nothing_sent": Text(
        "Nada foi enviado. Corrija esses arquivos, ou envie os outros com --continue.",
        "Nothing was sent. Correct those files, or send the others with --continue.",
    ),
    "dry": Text("Só um teste: nada foi enviado.", "Only a trial: nothing was sent."),
    "planned": Text("Conferidos {count} arquivos …", "Checked {count} files …"),
    "progress": Text(
        "{done} de {count} ({share}%), {rate} por segundo, faltam {left} s, com falha: {failed}",
        "{done} of {count} ({share}%), {rate} a second, {left} s left, failed: {failed}",
    ),
    "passed": Text("{passed} de {total} registros", "{passed} of {total} records"),
    "waits": Text(
        "O comando espera {seconds} s e continua.", "The command waits {seconds} s, and goes on."
    ),
    "loaded_from": Text(
        "{passed} registros lidos. Aceitos: {taken}; já vindos e sem mudança: {known}; vindos por "
        "si durante a carga, mais novos: {gave_way}; rejeitados: {rejected}. As entregas seguem "
        "atrás do tráfego do dia: `bus messages` as mostra.",
        "{passed} records read. Taken in: {taken}; come before, and unchanged: {known}; come by "
        "themselves during the load, newer: {gave_way}; rejected: {rejected}. Deliveries follow "
        "behind live traffic: `bus messages` shows them.",
    ),
    "register": Text("cadastro", "register"),
    "reader": Text("destino", "reader"),
    "messages": Text("mensagens", "messages"),
    "delivered": Text("entregues", "delivered"),
    "failed": Text("com falha", "failed"),
    "paired": Text("com par", "with a pair"),
    "ended": Text(
        "{done} de {count} mensagens; {known} já estavam entregues, {gave_way} cederam a uma mais "
        "nova do mesmo documento. O tráfego do dia passou à frente por {yielded} s.",
        "{done} of {count} messages; {known} had been delivered before, {gave_way} gave way to a "
        "newer one of the same document. Live traffic went first for {yielded} s.",
    ),
    "unpaired": Text(
        "Sem par em {reader}: {entity} {id} ({file})",
        "Without a pair in {reader}: {entity} {id} ({file})",
    ),
    "only_there": Text(
        "Só em {reader}: {entity} {id} (na origem: “{known_as}”), que não está na carga",
        "Only in {reader}: {entity} {id} (at its source: “{known_as}”), which is not in the load",
    ),
    "more": Text(
        "… e mais {count}; --json mostra todos.", "… and {count} more; --json shows all of them."
    ),
    "compared": Text(
        "Comparados: os documentos da carga com os pares do de-para. O que um destino tem sem par "
        "o barramento não vê: nenhuma mensagem lhe pede seus cadastros.",
        "Compared: the documents of the load with the pairs of the de-para. What a reader has "
        "without a pair the bus cannot see: no message asks it for its registers.",
    ),
}


def say(word: str, language: Language, **details: object) -> str:
    """A text of the table, filled."""
    return WORDS[word].filled(details).told(language)
