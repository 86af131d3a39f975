"""The words of the command line, in Portuguese and English: one table, and those of the states."""

from __future__ import annotations

from bus.core.delivery import STATE_TEXTS, State, Step
from bus.core.errors import Language, Owner
from bus.core.outcome import Outcome
from bus.journal.depara_rows import Provider
from bus.journal.facts import FactKind

STEP_WORDS: dict[Step, tuple[str, str]] = {
    Step.RELEASE: (
        "liberada pelo OK de quem responde",
        "released by the OK of the one that answers",
    ),
    Step.CLAIM: ("tomada para envio", "taken to be sent"),
    Step.POSTPONE: ("fica para depois", "put off"),
    Step.AWAIT_DEPARA: ("falta um par no de-para", "a pair is missing in the de-para"),
    Step.RESUME: ("o par chegou", "the pair has come"),
    Step.AWAIT_RESPONSE: (
        "o destino recebeu; falta a resposta",
        "the destination has it; no answer yet",
    ),
    Step.DELIVER: ("o destino disse OK", "the destination said OK"),
    Step.REFUSE: ("o destino recusou", "the destination refused"),
    Step.MARK_UNKNOWN: ("não se sabe se foi processada", "nobody knows whether it was processed"),
    Step.GIVE_UP: ("o barramento desistiu", "the bus gave up"),
    Step.WITHDRAW: ("retirada; nada foi enviado", "withdrawn; nothing was sent"),
    Step.SUPERSEDE: ("substituída por uma mais nova", "superseded by a newer one"),
    Step.REPLAY: ("reenvio", "replay"),
    Step.BLOCK: ("bloqueada", "blocked"),
    Step.UNBLOCK: ("desbloqueada", "unblocked"),
    Step.DISCARD: ("dispensada", "discarded"),
}
"""What happened to a delivery."""

FACT_WORDS: dict[FactKind, tuple[str, str]] = {
    FactKind.ACCEPTED: ("aceita", "accepted"),
    FactKind.REJECTED: ("recusada", "rejected"),
    FactKind.REPEATED: ("chegou de novo", "came again"),
    FactKind.FILTERED: ("nenhuma condição se aplica", "no condition applies"),
    FactKind.PLANNED: ("resposta para a origem", "answer for the origin"),
    FactKind.STARTED: ("tentativa {attempt} começou", "attempt {attempt} began"),
    FactKind.ENDED: ("tentativa {attempt}", "attempt {attempt}"),
    FactKind.LATE_OUTCOME: (
        "notícia tardia da tentativa {attempt}",
        "late news of attempt {attempt}",
    ),
    FactKind.LEASE_EXPIRED: (
        "quem fazia a tentativa {attempt} sumiu",
        "whoever made attempt {attempt} is gone",
    ),
    FactKind.STATE_CHANGED: ("", ""),
    FactKind.NOTED: ("anotação", "note"),
    FactKind.ID_MISSING: ("falta um id no de-para", "an id is missing in the de-para"),
    FactKind.LEARNT: ("o de-para aprendeu", "the de-para learnt"),
    FactKind.NOT_LEARNT: ("o de-para não aprendeu", "the de-para did not learn"),
    FactKind.CONFLICT: ("conflito no de-para", "a conflict in the de-para"),
    FactKind.DEPARA_CHANGED: ("o de-para foi alterado", "the de-para was amended"),
    FactKind.ANSWERED: ("a resposta da origem está pronta", "the origin's answer is ready"),
    FactKind.CONFIGURED: ("configuração nova", "new configuration"),
    FactKind.ERASED: ("conteúdo apagado", "content erased"),
}
"""What a fact tells. A move is told by its step alone."""

OUTCOME_WORDS: dict[Outcome, tuple[str, str]] = {
    Outcome.DELIVERED: ("entregue", "delivered"),
    Outcome.RECEIVED: ("recebida", "received"),
    Outcome.REFUSED: ("recusada", "refused"),
    Outcome.BUSY: ("destino ocupado", "destination busy"),
    Outcome.UNREACHABLE: ("destino fora do ar", "destination unreachable"),
    Outcome.UNKNOWN: ("sem resposta legível", "no readable answer"),
    Outcome.WITHHELD: ("nada foi enviado", "nothing was sent"),
}
"""How an attempt came out."""

PROVIDER_WORDS: dict[Provider, tuple[str, str]] = {
    Provider.UNDER_WAY: (
        "a mensagem {message}, que o traz, está a caminho",
        "message {message}, which brings it, is under way",
    ),
    Provider.NEVER_SEEN: (
        "nenhuma mensagem desse cadastro chegou ao barramento",
        "no message of that register has come to the bus",
    ),
    Provider.BEHIND: (
        "a mensagem {message}, que o traz, espera atrás desta",
        "message {message}, which brings it, waits behind this one",
    ),
    Provider.STOPPED: (
        "a mensagem {message}, que o traria, parou",
        "message {message}, which would bring it, has stopped",
    ),
    Provider.SILENT: (
        "a mensagem que o traria terminou, e nenhuma resposta trouxe o id",
        "the message that would bring it has ended, and no answer brought the id",
    ),
    Provider.AMBIGUOUS: (
        "há vários ids, e nada diz qual vale",
        "several ids are known, and nothing tells which is meant",
    ),
}
"""What is known of the message that would bring a missing id."""

UNLEARNT_WORDS: dict[str, tuple[str, str]] = {
    "EMPTY_ORIGIN": (
        "a resposta não diz de qual id é (Origin vazio)",
        "the answer does not say whose id it is (empty Origin)",
    ),
    "EMPTY_DESTINATION": (
        "a resposta não traz o id do destino (Destination vazio)",
        "the answer brings no id of the destination (empty Destination)",
    ),
    "ORIGIN_NEVER_SENT": (
        "a mensagem não enviou esse Origin",
        "the message never sent that Origin",
    ),
}
"""Why an entry of an answer taught nothing."""

OWNER_WORDS: dict[Owner, tuple[str, str]] = {
    Owner.SENDER: ("quem envia", "the sender"),
    Owner.ADMIN: ("administrador do barramento", "the bus admin"),
    Owner.RECEIVER: ("quem cuida do destino", "the receiver"),
}
"""Who must act."""

WORDS: dict[str, tuple[str, str]] = {
    "done": ("Feito: mensagem {message}", "Done: message {message}"),
    "message": ("mensagem", "message"),
    "from": ("de", "from"),
    "by": ("por", "by"),
    "document": ("documento", "document"),
    "parent": ("repete ou corrige", "repeats or corrects"),
    "received": ("recebida em", "received at"),
    "rejected": ("Recusada", "Rejected"),
    "now": ("Agora", "Now"),
    "due": ("previsto para {at}", "due at {at}"),
    "behind": ("espera a anterior do documento", "waits behind another of its document"),
    "no_deliveries": ("sem entregas", "no deliveries"),
    "answer": ("resposta à origem: {status}", "answer to the origin: {status}"),
    "no_answer": ("resposta à origem: ainda não", "answer to the origin: not yet"),
    "substituted": (
        "trocado {path}: {before} por {after}",
        "changed {path}: {before} to {after}",
    ),
    "left_out": ("retirado {path}: {before}", "left out {path}: {before}"),
    "transformed": (
        "transformada da versão {before} para a {after}",
        "transformed from version {before} to {after}",
    ),
    "lost": ("perdido {path}: {times} ×", "lost {path}: {times} ×"),
    "until": ("espera até {at}", "waits until {at}"),
    "lacks": (
        "falta {entity} {id} em {reader}, lido em {path}: {provider}",
        "lacks {entity} {id} in {reader}, read at {path}: {provider}",
    ),
    "change": ("alteração {number}", "change {number}"),
    "closed": ("encerrado {entity} {id} ({change})", "closed {entity} {id} ({change})"),
    "in_conflict": (
        "{pair}: conflito {number}; veja `bus depara conflicts`",
        "{pair}: conflict {number}; see `bus depara conflicts`",
    ),
    "several": (
        "O UUID {id} é de {count} mensagens; escolha uma pelo id:",
        "UUID {id} belongs to {count} messages; choose one by its id:",
    ),
    "nothing": ("Nenhuma mensagem.", "No messages."),
    "more": ("Mais: --before {id}", "More: --before {id}"),
    "id": ("id", "id"),
    "sender": ("origem", "from"),
    "deliveries": ("entregas", "deliveries"),
    "route": ("rota", "route"),
    "transactions": ("transações", "transactions"),
    "versions": ("versões", "versions"),
    "any": ("todas", "any"),
    "to": ("para", "to"),
    "modes": ("modos", "modes"),
    "warning": ("Atenção", "Warning"),
    "right": (
        "{file}: certo. Aplicações: {applications}; rotas: {routes}.",
        "{file}: right. Applications: {applications}; routes: {routes}.",
    ),
    "valid": ("válida", "valid"),
    "refused": ("recusada, {count} diferença(s)", "refused, {count} difference(s)"),
    "unread": ("não pôde ser lida", "could not be read"),
    "in_soap": (
        "as linhas são as da mensagem dentro da chamada SOAP",
        "lines are those of the message within the SOAP call",
    ),
    "not_all": (
        "Há mais diferenças: veja mais com --errors {count}.",
        "There are more differences: see more with --errors {count}.",
    ),
    "mends": ("quem corrige: {owner} ({place})", "who mends it: {owner} ({place})"),
    "wrong": ("{file}: {count} erro(s).", "{file}: {count} mistake(s)."),
    "taken": ("recebida pelo barramento: {message}", "taken by the bus: {message}"),
    "answered": ("respondida: {status}", "answered: {status}"),
    "http": ("HTTP {status}", "HTTP {status}"),
    "unreachable": (
        "não foi possível falar com {url}: {problem}",
        "could not talk to {url}: {problem}",
    ),
    "unreadable": ("não foi possível ler {file}: {problem}", "could not read {file}: {problem}"),
    "conserved": (
        "recebidas {received} = recusadas {rejected} + repetidas {repeats} + aceitas {accepted}",
        "received {received} = rejected {rejected} + repeats {repeats} + accepted {accepted}",
    ),
    "proved": ("Nada se perdeu nem se duplicou.", "Nothing was lost or doubled."),
    "discrepancies": ("{count} diferença(s):", "{count} discrepancy(ies):"),
}
"""Everything else."""


def say(word: str, language: Language, **details: object) -> str:
    """A text of the table, filled."""
    return choose(WORDS[word], language).format_map(details)


def choose(words: tuple[str, str], language: Language) -> str:
    """Of a text in Portuguese and English, the one wanted."""
    return words[0] if language == "pt" else words[1]


def state_in(state: str, language: Language) -> str:
    """A state as people know it: `Finalizada`, or `delivered`."""
    return STATE_TEXTS[State(state)].pt if language == "pt" else state
