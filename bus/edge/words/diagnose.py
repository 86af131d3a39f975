"""The words of `bus diagnose`."""

from __future__ import annotations

from bus.core.diagnosis import Aspect, Means, Verdict
from bus.core.text import Language, Text, same

ASPECT_WORDS: dict[Aspect, Text] = {
    Aspect.ACTIVATION: Text("posta em vigor", "put in force"),
    Aspect.REACHABLE: Text("a rede leva até lá", "the network leads there"),
    Aspect.TLS: Text("a conexão é segura", "the connection is secure"),
    Aspect.LOGIN: Text("aceita o login do barramento", "it admits the bus"),
    Aspect.ADMISSION: Text("o barramento aceita o seu login", "the bus admits it"),
    Aspect.TOPICS: Text("já avisou por webhook:", "has told by webhook of:"),
    Aspect.MESSAGES: Text("tem as mensagens das rotas", "it has the messages of the routes"),
    Aspect.COMPANIES: Text("empresas com par em", "companies with a pair in"),
    Aspect.UNITS: Text("códigos padrão iguais em", "standard codes the same in"),
    Aspect.ORPHANS: Text("ids com par, e que se distinguem", "ids with a pair, that differ"),
    Aspect.SUSPICIOUS: Text("pares que concordam", "pairs that agree"),
    Aspect.FAULTS: Text("falhas recentes das entregas", "faults of deliveries of late"),
    Aspect.ANSWERS: Text("respostas como o contrato diz", "answers as the contract says"),
    Aspect.PREREQUISITE: Text("pré-requisito", "prerequisite"),
}

MEANS_WORDS: dict[Means, Text] = {
    Means.EMPTY_MESSAGE: Text("mensagem vazia", "empty message"),
    Means.PROBE: Text("sonda", "probe"),
    Means.WHO_IS: same("WhoIs"),
    Means.DE_PARA: same("de-para"),
    Means.JOURNAL: Text("diário", "journal"),
    Means.CONFIGURATION: same("routes.yaml"),
    Means.CALLS: Text("o que chegou", "what came"),
    Means.PERSON: Text("uma pessoa", "a person"),
}

VERDICT_WORDS: dict[Verdict, Text] = {
    Verdict.OK: same("ok"),
    Verdict.WRONG: Text("errado", "wrong"),
    Verdict.NOT_CHECKABLE: Text("não verificável", "not checkable"),
    Verdict.TO_CONFIRM: Text("a confirmar", "to be confirmed"),
    Verdict.CONFIRMED: Text("confirmado", "confirmed"),
}

WORDS: dict[str, Text] = {
    "work": Text("{application}: a fazer: {count}", "{application}: to do: {count}"),
    "well": Text("{application}: nada a fazer", "{application}: nothing to do"),
    "by_means": Text("por: {means}", "by: {means}"),
    "confirmed": Text("confirmado por {by} em {at}", "confirmed by {by} at {at}"),
    "owner": Text("quem corrige: {owner}", "who mends it: {owner}"),
    "recorded": Text(
        "Registrado: {by} confirma {rule} de {application}.",
        "Recorded: {by} confirms {rule} of {application}.",
    ),
    "taken_back": Text(
        "Registrado: {by} retira a confirmação de {rule} de {application}.",
        "Recorded: {by} takes back the confirmation of {rule} of {application}.",
    ),
}


def say(word: str, language: Language, **details: object) -> str:
    """A text of the table, filled."""
    return WORDS[word].filled(details).told(language)
