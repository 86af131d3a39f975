"""The words of the command line: one table, and those of the states."""

from __future__ import annotations

from bus.core.delivery import STATE_TEXTS, Reason, State, Step
from bus.core.effect import EffectVerdict
from bus.core.errors import Owner
from bus.core.identity import SEPARATOR
from bus.core.outcome import Outcome
from bus.core.text import Language, Text, same
from bus.journal.depara_rows import Provider
from bus.journal.facts import FactKind
from bus.journal.standing import RESTORED
from bus.ports.history import Ahead

STEP_WORDS: dict[Step, Text] = {
    Step.RELEASE: Text(
        "liberada pelo OK de quem responde",
        "released by the OK of the one that answers",
    ),
    Step.CLAIM: Text("tomada para envio", "taken to be sent"),
    Step.POSTPONE: Text("fica para depois", "put off"),
    Step.AWAIT_DEPARA: Text("falta um par no de-para", "a pair is missing in the de-para"),
    Step.RESUME: Text("o par chegou", "the pair has come"),
    Step.AWAIT_RESPONSE: Text(
        "o destino recebeu; falta a resposta",
        "the destination has it; no answer yet",
    ),
    Step.DELIVER: Text("o destino disse OK", "the destination said OK"),
    Step.REFUSE: Text("o destino recusou", "the destination refused"),
    Step.MARK_UNKNOWN: Text(
        "não se sabe se foi processada", "nobody knows whether it was processed"
    ),
    Step.ASK: Text("não se sabe; o destino é perguntado", "nobody knows; its destination is asked"),
    Step.GIVE_UP: Text("o barramento desistiu", "the bus gave up"),
    Step.WITHDRAW: Text("retirada; não será enviada", "withdrawn; it will not be sent"),
    Step.SUPERSEDE: Text("substituída por uma mais nova", "superseded by a newer one"),
    Step.REPLAY: Text("reenvio", "replay"),
    Step.BLOCK: Text("bloqueada", "blocked"),
    Step.UNBLOCK: Text("desbloqueada", "unblocked"),
    Step.DISCARD: Text("dispensada", "discarded"),
}
"""What happened to a delivery."""

SETTLED_WORDS: dict[Step, Text] = {
    Step.DELIVER: Text("{actor} diz que foi feita", "{actor} says that it was done"),
    Step.REFUSE: Text("{actor} diz que não foi feita", "{actor} says that it was not done"),
}
"""What a person says of a delivery of which nobody knew."""

FACT_WORDS: dict[FactKind, Text] = {
    FactKind.ACCEPTED: Text("aceita", "accepted"),
    FactKind.REJECTED: Text("recusada", "rejected"),
    FactKind.REPEATED: Text("chegou de novo", "came again"),
    FactKind.REPLAYED: Text("enviada de novo por uma pessoa", "sent again by a person"),
    FactKind.FILTERED: Text("nenhuma condição se aplica", "no condition applies"),
    FactKind.PLANNED: Text("resposta para a origem", "answer for the origin"),
    FactKind.STARTED: Text("tentativa {attempt} começou", "attempt {attempt} began"),
    FactKind.ENDED: Text("tentativa {attempt}", "attempt {attempt}"),
    FactKind.LATE_OUTCOME: Text(
        "notícia tardia da tentativa {attempt}",
        "late news of attempt {attempt}",
    ),
    FactKind.LEASE_EXPIRED: Text(
        "quem fazia a tentativa {attempt} sumiu",
        "whoever made attempt {attempt} is gone",
    ),
    FactKind.STATE_CHANGED: same(""),
    FactKind.NOTED: Text("anotação", "note"),
    FactKind.ID_MISSING: Text("falta um id no de-para", "an id is missing in the de-para"),
    FactKind.LEARNT: Text("o de-para aprendeu", "the de-para learnt"),
    FactKind.NOT_LEARNT: Text("o de-para não aprendeu", "the de-para did not learn"),
    FactKind.CONFLICT: Text("conflito no de-para", "a conflict in the de-para"),
    FactKind.ANSWER_DIFFERS: Text(
        "a resposta difere do contrato", "the answer differs from the contract"
    ),
    FactKind.DEPARA_CHANGED: Text("o de-para foi alterado", "the de-para was amended"),
    FactKind.ANSWERED: Text("a resposta da origem está pronta", "the origin's answer is ready"),
    FactKind.CONFIGURED: Text("configuração nova", "new configuration"),
    FactKind.CONFIRMED: Text("pré-requisito confirmado", "prerequisite confirmed"),
    FactKind.WITHDRAWN: Text("confirmação retirada", "confirmation withdrawn"),
    FactKind.ERASED: Text("conteúdo apagado", "content erased"),
    FactKind.PRUNED: Text("o que terminou saiu do diário", "what was finished was let go of"),
    FactKind.RESTORED: Text("o diário foi restaurado", "the journal was restored"),
    FactKind.EFFECT_CONFIRMED: Text("efeito confirmado", "effect confirmed"),
    FactKind.EFFECT_ABSENT: Text("efeito ausente", "effect absent"),
    FactKind.EFFECT_NOT_CHECKABLE: Text("efeito não verificável", "effect not checkable"),
}
"""What a fact tells. A move is told by its step alone."""

EFFECT_WORDS: dict[EffectVerdict, Text] = {
    EffectVerdict.CONFIRMED: FACT_WORDS[FactKind.EFFECT_CONFIRMED],
    EffectVerdict.ABSENT: FACT_WORDS[FactKind.EFFECT_ABSENT],
    EffectVerdict.NOT_CHECKABLE: FACT_WORDS[FactKind.EFFECT_NOT_CHECKABLE],
}
"""What asking for the effect of a delivery came to."""

OUTCOME_WORDS: dict[Outcome, Text] = {
    Outcome.DELIVERED: Text("entregue", "delivered"),
    Outcome.RECEIVED: Text("recebida", "received"),
    Outcome.REFUSED: Text("recusada", "refused"),
    Outcome.BUSY: Text("não processada por ora", "not processed for now"),
    Outcome.UNREACHABLE: Text("destino fora do ar", "destination unreachable"),
    Outcome.UNKNOWN: Text("sem resposta legível", "no readable answer"),
    Outcome.WITHHELD: Text("nada foi enviado", "nothing was sent"),
}
"""How an attempt came out."""

PROVIDER_WORDS: dict[Provider, Text] = {
    Provider.UNDER_WAY: Text(
        "a mensagem {message}, que o traz, está a caminho",
        "message {message}, which brings it, is under way",
    ),
    Provider.NEVER_SEEN: Text(
        "nenhuma mensagem desse cadastro esteve a caminho desse destino",
        "no message of that register has been on its way there",
    ),
    Provider.ITSELF: Text(
        "só esta mesma mensagem o traria",
        "only this message itself would bring it",
    ),
    Provider.CYCLE: Text(
        "a mensagem {message}, que o traz, espera por sua vez por esta",
        "message {message}, which brings it, waits in turn for this one",
    ),
    Provider.HELD: Text(
        "a mensagem {message}, que segura a que o traz, parou",
        "message {message}, which holds back the one that brings it, has stopped",
    ),
    Provider.BEHIND: Text(
        "a mensagem {message}, que o traz, só vai depois desta",
        "message {message}, which brings it, goes only after this one",
    ),
    Provider.STOPPED: Text(
        "a mensagem {message}, que o traria, parou",
        "message {message}, which would bring it, has stopped",
    ),
    Provider.SILENT: Text(
        "a mensagem que o traria terminou, e nenhuma resposta trouxe o id",
        "the message that would bring it has ended, and no answer brought the id",
    ),
    Provider.REJECTED: Text(
        "a mensagem {message}, que o traria, foi recusada pelo barramento",
        "message {message}, which would bring it, was rejected by the bus",
    ),
    Provider.UNROUTED: Text(
        "a mensagem {message}, que o traria, não tem rota a esse destino",
        "message {message}, which would bring it, has no route there",
    ),
    Provider.AMBIGUOUS: Text(
        "há vários ids, e nada diz qual vale",
        "several ids are known, and nothing tells which is meant",
    ),
}
"""What is known of the message that would bring a missing id."""

REASON_WORDS: dict[str, Text] = {
    Reason.REPEAT: Text("a origem a enviou de novo", "its sender sent it again"),
    Reason.SUPERSEDED: Text(
        "vale uma mensagem mais nova do documento", "a newer message of its document stands"
    ),
    Reason.WITHDRAWN: Text(
        "retirada antes do envio; a origem soube",
        "withdrawn before it was sent; its sender was told",
    ),
    Reason.DISCARDED: Text("dispensada por uma pessoa", "given up by a person"),
    Reason.NOTHING_TO_DELETE: Text(
        "o destino nunca teve o que ela exclui", "its reader never had what it deletes"
    ),
    Reason.NO_WAY: Text(
        "não há caminho até a versão do destino", "there is no way into its reader's version"
    ),
    Reason.CLOSED: Text("o destino está em horas fechadas", "its reader is in closed hours"),
    Reason.BROKE: Text("o barramento não conseguiu fazê-la", "the bus failed to make it"),
    Reason.ID_MISSING: Text(
        "falta ao destino um id que ela cita", "its reader lacks an id that it names"
    ),
    Reason.LEASE_EXPIRED: Text("quem a enviava parou", "its worker is gone"),
    RESTORED: Text(
        "o diário voltou de uma cópia, e ela pode ter sido enviada depois dela",
        "the journal came back from a copy, and it may have been sent after that",
    ),
    Reason.NO_RESPONSE: Text(
        "o destino a recebeu e não respondeu", "the destination has it, and never answered"
    ),
    Reason.OUTCOME_UNKNOWN: Text(
        "uma tentativa saiu, e não se sabe se foi processada",
        "a try was sent, and whether it was processed is not known",
    ),
    Reason.RETRIES_EXHAUSTED: Text(
        "as tentativas ou o prazo acabaram", "its attempts are used up, or it is too old"
    ),
    Reason.DEPARA_TIMEOUT: Text(
        "o id que esperava não veio", "the id that it waited for never came"
    ),
    Reason.ECHO: Text(
        "é o eco do que o destino enviou", "it is the echo of what its reader had sent"
    ),
    Reason.NOT_SHARED: Text("o grupo dela não a compartilha", "its group does not share it"),
    Reason.NOT_PERMITTED: Text(
        "quem a enviou não pode fazer isso no grupo",
        "its sender may not do this in its group",
    ),
    Reason.MAYBE_ECHO: Text(
        "pode ser o eco de uma mensagem cujo fim não se sabe",
        "it may be the echo of a message whose end is not known",
    ),
}
"""Why a delivery stands where it stands, by what the bus decided."""

UNLEARNT_WORDS: dict[str, Text] = {
    "EMPTY_ORIGIN": Text(
        "a resposta não diz de qual id é (Origin vazio)",
        "the answer does not say whose id it is (empty Origin)",
    ),
    "EMPTY_DESTINATION": Text(
        "a resposta não traz o id do destino (Destination vazio)",
        "the answer brings no id of the destination (empty Destination)",
    ),
    "DESTINATION_TOO_LONG": Text(
        "o id do destino (Destination) é mais longo do que o de qualquer produto",
        "the id of the destination (Destination) is longer than that of any product",
    ),
    "ORIGIN_NEVER_SENT": Text(
        "a mensagem não enviou esse Origin",
        "the message never sent that Origin",
    ),
    "AMBIGUOUS_ORIGIN": Text(
        "o Origin é o de vários ids da mensagem, e nada diz de qual",
        "the Origin is that of several ids of the message, and nothing tells which",
    ),
    "NO_ENTITY": Text(
        "nem a resposta (Name) nem a mensagem dizem de que cadastro é o id",
        "neither the answer (Name) nor the message says which register the id is of",
    ),
    "SECOND_COMPANY_GROUP": Text(
        "a empresa é de outro grupo, e a aplicação só tem um",
        "the company is of another group, and the application has only one",
    ),
}
"""Why an entry of an answer taught nothing."""

OWNER_WORDS: dict[Owner, Text] = {
    Owner.SENDER: Text("quem envia", "the sender"),
    Owner.ADMIN: Text("administrador do barramento", "the bus admin"),
    Owner.RECEIVER: Text("quem cuida do destino", "the receiver"),
}
"""Who must act."""

WORDS: dict[str, Text] = {
    "done": Text("Feito: mensagem {message}", "Done: message {message}"),
    "message": Text("mensagem", "message"),
    "from": Text("de", "from"),
    "by": Text("por", "by"),
    "document": Text("documento", "document"),
    "parent": Text("repete ou corrige", "repeats or corrects"),
    "received": Text("recebida em", "received at"),
    "rejected": Text("Recusada", "Rejected"),
    "now": Text("Agora", "Now"),
    "asked": Text("o destino é perguntado em {at}", "its destination is asked at {at}"),
    "due": Text("previsto para {at}", "due at {at}"),
    "effects_application": Text("aplicação", "application"),
    "effects_route": Text("rota", "route"),
    "effects_transaction": Text("transação", "transaction"),
    "effects_confirmed": Text("confirmados", "confirmed"),
    "effects_absent": Text("ausentes", "absent"),
    "effects_not_checkable": Text("não verificáveis", "not checkable"),
    "effects_none": Text("Nada a perguntar.", "Nothing to ask about."),
    "effects_undeclared": Text(
        "{count} entregas de rotas que não declaram `effect`.",
        "{count} deliveries of routes that declare no `effect`.",
    ),
    "effects_unasked": Text(
        "{count} entregas não foram perguntadas: a aplicação não responde, ou o limite acabou.",
        "{count} deliveries were not asked about: the application is silent, or the limit is up.",
    ),
    "effect_asked": Text("o efeito é verificado em {at}", "its effect is asked for at {at}"),
    "steps": Text("chamadas já feitas: {names}", "calls made already: {names}"),
    "behind": Text("espera a anterior do documento", "waits behind another of its document"),
    "behind_this": Text(
        "espera {what}, mensagem {message}: {state}",
        "waits behind {what}, message {message}: {state}",
    ),
    "no_deliveries": Text("sem entregas", "no deliveries"),
    "answer": Text("resposta à origem: {status}", "answer to the origin: {status}"),
    "no_answer": Text("resposta à origem: ainda não", "answer to the origin: not yet"),
    "substituted": Text(
        "trocado {path}: {before} por {after}",
        "changed {path}: {before} to {after}",
    ),
    "left_out": Text("retirado {path}: {before}", "left out {path}: {before}"),
    "transformed": Text(
        "transformada da versão {before} para a {after}",
        "transformed from version {before} to {after}",
    ),
    "lost": Text("perdido {path}: {times} ×", "lost {path}: {times} ×"),
    "paused": Text(
        "{application} é poupada até {at}; então uma entrega mostra se está bem",
        "{application} is left alone until {at}; then one delivery shows whether it is well",
    ),
    "until": Text("espera até {at}", "waits until {at}"),
    "lacking": Text("espera {entity} {id}", "waits for {entity} {id}"),
    "and_more": Text("e mais {count}", "and {count} more"),
    "lacks": Text(
        "falta {entity} {id} em {reader}, lido em {path}: {provider}",
        "lacks {entity} {id} in {reader}, read at {path}: {provider}",
    ),
    "change": Text("alteração {number}", "change {number}"),
    "closed": Text("encerrado {entity} {id} ({change})", "closed {entity} {id} ({change})"),
    "in_conflict": Text(
        "{pair}: conflito {number}; veja `bus depara conflicts`",
        "{pair}: conflict {number}; see `bus depara conflicts`",
    ),
    "several": Text(
        "O UUID {id} é de {count} mensagens; escolha uma pelo id:",
        "UUID {id} belongs to {count} messages; choose one by its id:",
    ),
    "nothing": Text("Nenhuma mensagem.", "No messages."),
    "more": Text("Mais: --before {id}", "More: --before {id}"),
    "id": same("id"),
    "sender": Text("origem", "from"),
    "deliveries": Text("entregas", "deliveries"),
    "route": Text("rota", "route"),
    "transactions": Text("transações", "transactions"),
    "versions": Text("versões", "versions"),
    "any": Text("todas", "any"),
    "to": Text("para", "to"),
    "modes": Text("modos", "modes"),
    "warning": Text("Atenção", "Warning"),
    "right": Text(
        "{file}: certo. Aplicações: {applications}; rotas: {routes}.",
        "{file}: right. Applications: {applications}; routes: {routes}.",
    ),
    "valid": Text("válida", "valid"),
    "refused": Text(
        "não segue o contrato, diferenças: {count}",
        "does not follow its contract, differences: {count}",
    ),
    "let_pass": Text(
        "    Assim mesmo passa, com aviso, pelas rotas com `strictness` warn ou off: {routes}.",
        "    It passes all the same, with a warning, by routes with `strictness` warn or off: "
        "{routes}.",
    ),
    "not_let_pass": Text(
        "    O barramento a recusa, a não ser que sua rota tenha `strictness` warn ou off.",
        "    The bus refuses it, unless its route has `strictness` warn or off.",
    ),
    "converted": same("{file}: {contract} → {out}"),
    "needs_folder": Text(
        "Vários arquivos precisam de uma pasta: -o PASTA.",
        "Several files need a folder: -o DIR.",
    ),
    "unread": Text("não pôde ser lida", "could not be read"),
    "in_soap": Text(
        "as linhas são as da mensagem dentro da chamada SOAP",
        "lines are those of the message within the SOAP call",
    ),
    "not_all": Text(
        "Há mais diferenças: veja mais com --errors {count}.",
        "There are more differences: see more with --errors {count}.",
    ),
    "also_on": Text("o mesmo em outras linhas: {lines}", "the same on other lines: {lines}"),
    "mends": Text("quem corrige: {owner} ({place})", "who mends it: {owner} ({place})"),
    "wrong": Text("{file}: {count} erro(s).", "{file}: {count} mistake(s)."),
    "taken": Text("recebida pelo barramento: {message}", "taken by the bus: {message}"),
    "answered": Text("respondida: {status}", "answered: {status}"),
    "http": same("HTTP {status}"),
    "unreachable": Text(
        "não foi possível falar com {url}: {problem}. Confira se o barramento está no ar "
        "(`bus serve`) e informe o endereço dele com --url ou BUS_URL.",
        "could not talk to {url}: {problem}. Check that the bus runs (`bus serve`), and give its "
        "address with --url or BUS_URL.",
    ),
    "unreadable": Text(
        "não foi possível ler {file}: {problem}", "could not read {file}: {problem}"
    ),
    "backed_up": Text("Backup feito: {file}, {length} bytes", "Backed up: {file}, {length} bytes"),
    "in_force": Text(
        "Em vigor: versão {number} da configuração.",
        "In force: version {number} of the configuration.",
    ),
    "put_back": Text("{file} está em {journal}", "{file} is in {journal}"),
    "journal_copied": Text(
        "{file} está em {journal}. Ponha BUS_JOURNAL nesse endereço e inicie o barramento; o "
        "arquivo fica como cópia.",
        "{file} is in {journal}. Give BUS_JOURNAL that address and start the bus; the file stays "
        "as a copy.",
    ),
    "erased": Text("Conteúdo apagado de {count} mensagens:", "Content of {count} messages erased:"),
    "would_erase": Text(
        "Seria apagado o conteúdo de {count} mensagens; nada foi apagado:",
        "Content of {count} messages would be erased; nothing was:",
    ),
    "erase_before": Text("Já antes, de {count}:", "Before, of {count}:"),
    "erase_open": Text("Não terminaram ainda {count}:", "Not finished yet, {count}:"),
    "pruned": Text(
        "Saíram do diário {messages} mensagens. Ele ocupa {size} MB; a mais antiga é de {oldest}.",
        "{messages} messages were let go of. The journal takes {size} MB; the oldest is of "
        "{oldest}.",
    ),
    "would_prune": Text(
        "Pela idade sairiam {messages} mensagens; nada saiu. O diário ocupa {size} MB; a mensagem "
        "mais antiga é de {oldest}.",
        "For their age {messages} messages would be let go of; none was. The journal takes {size} "
        "MB; the oldest message is of {oldest}.",
    ),
    "put_aside": Text("O que estava lá: {kept}", "What was there: {kept}"),
    "conserved": Text(
        "recebidas {received} = recusadas {rejected} + repetidas {repeats} + aceitas {accepted}",
        "received {received} = rejected {rejected} + repeats {repeats} + accepted {accepted}",
    ),
    "proved": Text("Nada se perdeu nem se duplicou.", "Nothing was lost or doubled."),
    "restored": Text(
        "Em {at} o diário não era o que esteve no ar por último, mas uma cópia ou mais antigo: "
        "{count} entrega(s) em dúvida.",
        "At {at} the journal was not the one that ran last, but a copy or an older one: {count} "
        "delivery(ies) in doubt.",
    ),
    "discrepancies": Text("{count} diferença(s):", "{count} discrepancy(ies):"),
}
"""Everything else."""


def say(word: str, language: Language, **details: object) -> str:
    """A text of the table, filled."""
    return WORDS[word].filled(details).told(language)


def behind(ahead: Ahead, language: Language) -> str:
    """What a delivery waits behind, by its transaction and its document's id, and how it stands."""
    message = ahead.head_message
    what = f"{message.transaction} {message.about.partition(SEPARATOR)[2]}".rstrip()
    state = state_in(ahead.head.state, language)
    if ahead.head.why and not ahead.fault:
        state += f" ({reason_in(ahead.head.why, language)})"
    return say("behind_this", language, what=what, message=message.id, state=state)


def state_in(state: str, language: Language) -> str:
    """A state as people know it: `Finalizada`, or `delivered`."""
    return STATE_TEXTS[State(state)].name.told(language)


def reason_in(why: str, language: Language) -> str:
    """Why a delivery stands where it stands: in words, where the bus decided it by itself."""
    return REASON_WORDS[why].told(language) if why in REASON_WORDS else why
