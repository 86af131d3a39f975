"""The words of `bus sharing`."""

from __future__ import annotations

from bus.core.preview import RegisterFate
from bus.core.sharing import ACTIVE, CANCELLED, DRAINED
from bus.core.text import Language, Text, same

FATE_WORDS: dict[RegisterFate, Text] = {
    RegisterFate.CREATED: Text("seriam criados", "would be created"),
    RegisterFate.OVERWRITTEN: Text("seriam sobrescritos", "would be overwritten"),
    RegisterFate.DUPLICATE: Text("talvez repetidos", "may be duplicates"),
    RegisterFate.SKIPPED: Text("sem documento, ficam de fora", "without a document, left out"),
    RegisterFate.KEPT: Text("só existem lá, e ficam", "only there, and kept"),
    RegisterFate.MISSING: Text(
        "no de-para, e não encontrados lá", "in the de-para, and not found there"
    ),
    RegisterFate.FORBIDDEN: Text(
        "a origem não tem a permissão, nada seria feito",
        "the origin has no permission, nothing would be done",
    ),
}
"""What would become of registers."""

HOW_WORDS: dict[str, Text] = {
    "": Text("nunca ativada", "never activated"),
    ACTIVE: Text("ativa", "active"),
    CANCELLED: Text("parada; o que estava na fila foi cancelado", "stopped; queued was cancelled"),
    DRAINED: Text("parada; o que estava na fila segue", "stopped; queued goes on"),
}
"""How an application stands in its group."""

WORDS: dict[str, Text] = {
    "none": Text("Nenhum compartilhamento declarado.", "No sharing is declared."),
    "group": same("{group}: {entities}"),
    "nothing": Text("nada", "nothing"),
    "application": Text("aplicação", "application"),
    "may": Text("pode", "may"),
    "stands": Text("situação", "state"),
    "since": Text("desde", "since"),
    "by": Text("por", "by"),
    "entity": Text("cadastro", "register"),
    "fate": Text("o que seria feito", "what would be done"),
    "count": Text("quantos", "how many"),
    "id": Text("id na origem", "id in the origin"),
    "there": Text("id lá", "id there"),
    "match": Text("documento ou código", "document or code"),
    "name": Text("nome", "name"),
    "empty": Text("Nada a compartilhar.", "Nothing to share."),
    "warning": Text(
        "A ativação não pode ser desfeita: o que coincide é sobrescrito pela origem; nada é "
        "excluído. Depois de ler: bus sharing activate {group} --confirm {hash}",
        "Activation cannot be undone: what matches is overwritten by the origin; nothing is "
        "deleted. When you have read this: bus sharing activate {group} --confirm {hash}",
    ),
    "activated": Text(
        "{group} está ativo. Cadastros da origem a caminho: {taken}; já vindos por si: "
        "{passed_over}.",
        "{group} is active. Registers of the origin on their way: {taken}; come by themselves "
        "already: {passed_over}.",
    ),
    "stopped": Text(
        "Parado. Entregas canceladas: {cancelled}. Os cadastros ficam como estão.",
        "Stopped. Deliveries cancelled: {cancelled}. Registers stay as they are.",
    ),
}


def say(word: str, language: Language, **details: object) -> str:
    """A text of the table, filled."""
    told = {name: str(value) for name, value in details.items()}
    return WORDS[word].filled(told).told(language)
