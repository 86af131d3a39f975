"""What can be wrong with a journal: one table of kinds, with their words in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from bus.core.text import Text


class Breach(StrEnum):
    """The kinds of discrepancies between the facts and the state tables."""

    FILE_DAMAGED = "file damaged"

    HASH_DIFFERS = "hash differs"
    BODY_MISSING = "body missing"
    BODY_DIFFERS = "body differs"
    BODY_LEFT = "body left"
    ERASURE_UNTOLD = "erasure untold"

    MESSAGE_MISSING = "message missing"
    ORPHAN = "orphan"
    ARRIVAL_MISSING = "arrival missing"
    ARRIVED_TWICE = "arrived twice"
    ARRIVAL_DIFFERS = "arrival differs"
    FACT_UNREADABLE = "fact unreadable"

    DELIVERY_MISSING = "delivery missing"
    DELIVERY_UNPLANNED = "delivery unplanned"
    PLAN_DIFFERS = "plan differs"
    STEP_ILLEGAL = "step illegal"
    STATE_DIFFERS = "state differs"
    COUNT_DIFFERS = "count differs"
    EFFECT_DIFFERS = "effect differs"

    ATTEMPT_MISSING = "attempt missing"
    ATTEMPT_UNTOLD = "attempt untold"
    ATTEMPT_OPEN = "attempt open"
    LEASE_LEFT = "lease left"
    LEASE_MISSING = "lease missing"
    START_DIFFERS = "start differs"
    STUCK = "stuck"
    WAIT_MISSING = "wait missing"
    WAIT_LEFT = "wait left"
    WAIT_NEEDLESS = "wait needless"

    ANSWER_DIFFERS = "answer differs"
    ANSWER_OWED = "answer owed"
    ANSWER_MISSING = "answer missing"
    ANSWER_UNDELIVERED = "answer undelivered"

    LANE_MISSING = "lane missing"
    PLACE_UNTOLD = "place untold"
    LANE_COUNT = "lane count"
    LANE_HEAD = "lane head"
    HEAD_BEYOND = "head beyond"
    PLACE_SHARED = "place shared"
    PLACE_EMPTY = "place empty"
    OUT_OF_TURN = "out of turn"
    HEAD_STUCK = "head stuck"

    CHANGE_UNTOLD = "change untold"
    CHANGE_MISSING = "change missing"
    PAIRS_DIFFER = "pairs differ"


class BreachText(NamedTuple):
    """What is said of one kind.

    A breach explains those of higher layers; one of layer 0 stands alone.
    """

    layer: int
    text: Text


BREACH_TEXTS: dict[Breach, BreachText] = {
    Breach.FILE_DAMAGED: BreachText(
        0,
        Text("O arquivo do diário está danificado: {problem}", "The journal is damaged: {problem}"),
    ),
    # -- what was received -------------------------------------------------------------------------
    Breach.HASH_DIFFERS: BreachText(
        0,
        Text(
            "O hash do corpo na tabela de mensagens não é o que os fatos registraram.",
            "The hash of the body in the table of messages is not the one that the facts recorded.",
        ),
    ),
    Breach.BODY_MISSING: BreachText(
        0,
        Text(
            "O corpo recebido não existe mais, e nenhum fato diz que foi apagado.",
            "The body received is gone, and no fact tells that it was erased.",
        ),
    ),
    Breach.BODY_DIFFERS: BreachText(
        0,
        Text(
            "O corpo guardado não é o que foi recebido: o hash dele é outro.",
            "The body kept is not the one received: its hash is another.",
        ),
    ),
    Breach.BODY_LEFT: BreachText(
        0,
        Text(
            "Um fato diz que o conteúdo foi apagado, mas o corpo recebido está guardado.",
            "A fact tells that the content was erased, but the body received is kept.",
        ),
    ),
    Breach.ERASURE_UNTOLD: BreachText(
        0,
        Text(
            "A tabela de mensagens e os fatos não dizem o mesmo de o conteúdo ter sido apagado.",
            "The table of messages and the facts do not agree on whether the content was erased.",
        ),
    ),
    # -- the message -------------------------------------------------------------------------------
    Breach.MESSAGE_MISSING: BreachText(
        2,
        Text(
            "Os fatos falam da mensagem, mas ela não está na tabela de mensagens.",
            "The facts tell of the message, but it is not in the table of messages.",
        ),
    ),
    Breach.ORPHAN: BreachText(
        2,
        Text(
            "A tabela {table} tem linhas de uma mensagem que não existe.",
            "The table {table} has rows of a message that does not exist.",
        ),
    ),
    Breach.ARRIVAL_MISSING: BreachText(
        2,
        Text(
            "A mensagem existe, mas nenhum fato diz que foi aceita ou recusada.",
            "The message exists, but no fact tells that it was accepted or rejected.",
        ),
    ),
    Breach.ARRIVED_TWICE: BreachText(
        2,
        Text(
            "{facts} fatos dizem que a mensagem chegou; deve haver um.",
            "{facts} facts tell that the message arrived; there must be one.",
        ),
    ),
    Breach.ARRIVAL_DIFFERS: BreachText(
        2,
        Text(
            "A tabela de mensagens diz “{table}”; os fatos dizem “{facts}”.",
            'The table of messages says "{table}"; the facts say "{facts}".',
        ),
    ),
    Breach.FACT_UNREADABLE: BreachText(
        1,
        Text(
            "Fatos que não se conseguem ler: {facts}.",
            "Facts that cannot be read: {facts}.",
        ),
    ),
    # -- its deliveries ----------------------------------------------------------------------------
    Breach.DELIVERY_MISSING: BreachText(
        3,
        Text(
            "A entrega planejada para {destination} não existe.",
            "The delivery planned for {destination} does not exist.",
        ),
    ),
    Breach.DELIVERY_UNPLANNED: BreachText(
        3,
        Text(
            "Há uma entrega que nenhum fato planejou.", "There is a delivery that no fact planned."
        ),
    ),
    Breach.PLAN_DIFFERS: BreachText(
        3,
        Text(
            "A entrega tem {column} “{table}”; os fatos dizem “{facts}”.",
            'The delivery has {column} "{table}"; the facts say "{facts}".',
        ),
    ),
    Breach.STEP_ILLEGAL: BreachText(
        4,
        Text(
            "Os fatos contam o passo “{step}” de uma entrega que estava “{state}”, o que não "
            "existe.",
            'The facts tell of the step "{step}" of a delivery that was "{state}": there is none.',
        ),
    ),
    Breach.STATE_DIFFERS: BreachText(
        5,
        Text(
            "A entrega está “{table}”; pelos fatos deveria estar “{facts}”.",
            'The delivery is "{table}"; by the facts it should be "{facts}".',
        ),
    ),
    Breach.EFFECT_DIFFERS: BreachText(
        5,
        Text(
            "O efeito da entrega está “{table}”; pelos fatos deveria estar “{facts}”.",
            'The effect of the delivery is "{table}"; by the facts it should be "{facts}".',
        ),
    ),
    Breach.COUNT_DIFFERS: BreachText(
        5,
        Text(
            "A mensagem conta {table} em {column}; os fatos planejaram {facts}.",
            "The message counts {table} in {column}; the facts planned {facts}.",
        ),
    ),
    # -- their attempts ----------------------------------------------------------------------------
    Breach.ATTEMPT_MISSING: BreachText(
        6,
        Text(
            "Os fatos falam da tentativa {attempt}, que não está na tabela de tentativas.",
            "The facts tell of attempt {attempt}, which is not in the table of attempts.",
        ),
    ),
    Breach.ATTEMPT_UNTOLD: BreachText(
        6,
        Text(
            "A tentativa {attempt} está na tabela, mas nenhum fato conta o que a tabela diz.",
            "Attempt {attempt} is in the table, but no fact tells what the table says.",
        ),
    ),
    Breach.ATTEMPT_OPEN: BreachText(
        6,
        Text(
            "A tentativa {attempt} não tem resultado, e ninguém a está fazendo.",
            "Attempt {attempt} has no outcome, and nobody is making it.",
        ),
    ),
    Breach.LEASE_LEFT: BreachText(
        6,
        Text(
            "A entrega não está sendo enviada, mas ficou reservada para {worker}.",
            "The delivery is not being sent, but is still leased to {worker}.",
        ),
    ),
    Breach.LEASE_MISSING: BreachText(
        6,
        Text(
            "A entrega está “{state}”, mas ninguém a envia.",
            'The delivery is "{state}", but nobody is sending it.',
        ),
    ),
    Breach.START_DIFFERS: BreachText(
        6,
        Text(
            "Tentativa iniciada, pela tabela de entregas: {table}; pelos fatos: {facts}.",
            "Attempt begun, by the table of deliveries: {table}; by the facts: {facts}.",
        ),
    ),
    Breach.WAIT_MISSING: BreachText(
        6,
        Text(
            "A entrega aguarda o de-para, mas nenhuma linha diz qual id: nada a acorda.",
            "The delivery awaits the de-para, but no row tells which id: nothing wakes it.",
        ),
    ),
    Breach.WAIT_LEFT: BreachText(
        6,
        Text(
            "Ficou uma espera por um id de uma entrega que não espera.",
            "A wait for an id is left of a delivery that does not wait.",
        ),
    ),
    Breach.STUCK: BreachText(
        6,
        Text(
            "A entrega está “{state}” sem hora marcada: nada vai acontecer.",
            'The delivery is "{state}" with no time set: nothing will happen.',
        ),
    ),
    Breach.WAIT_NEEDLESS: BreachText(
        3,
        Text(
            "A entrega espera um id que o de-para já tem, e nada a acordou: {ids}.",
            "The delivery waits for an id that the de-para has, and nothing woke it: {ids}.",
        ),
    ),
    # -- the answer to its origin ------------------------------------------------------------------
    Breach.ANSWER_DIFFERS: BreachText(
        7,
        Text(
            "A mensagem aponta a resposta {table}; os fatos apontam {facts} (0: nenhuma).",
            "The message points to answer {table}; the facts to {facts} (0: none).",
        ),
    ),
    Breach.ANSWER_OWED: BreachText(
        7,
        Text(
            "As entregas já decidem a resposta à origem, mas ela não foi dada.",
            "The deliveries decide the answer to the origin, but it was not given.",
        ),
    ),
    Breach.ANSWER_MISSING: BreachText(
        7,
        Text(
            "A resposta {answer}, que a origem recebe, não existe.",
            "Answer {answer}, which the origin gets, does not exist.",
        ),
    ),
    Breach.ANSWER_UNDELIVERED: BreachText(
        7,
        Text(
            "{application} recebe respostas, mas a entrega da resposta não foi planejada.",
            "{application} takes answers, but the delivery of the answer was not planned.",
        ),
    ),
    # -- lanes -------------------------------------------------------------------------------------
    Breach.LANE_MISSING: BreachText(
        1,
        Text(
            "Há entregas na faixa {lane}, que não existe.",
            "There are deliveries in lane {lane}, which does not exist.",
        ),
    ),
    Breach.PLACE_UNTOLD: BreachText(
        1,
        Text(
            "Na faixa {lane} nenhum fato deu o lugar {place}.",
            "In lane {lane} no fact gave place {place}.",
        ),
    ),
    Breach.LANE_COUNT: BreachText(
        2,
        Text(
            "A faixa {lane} conta {entered} lugares dados; foram dados {given}.",
            "Lane {lane} counts {entered} places given; {given} were given.",
        ),
    ),
    Breach.LANE_HEAD: BreachText(
        3,
        Text(
            "A vez na faixa {lane} é do lugar {head} de {entered}, mas o lugar {place} está "
            "“{state}”.",
            "In lane {lane} place {head} of {entered} has its turn, but place {place} is "
            '"{state}".',
        ),
    ),
    Breach.HEAD_BEYOND: BreachText(
        3,
        Text(
            "A vez na faixa {lane} é do lugar {head}, mas só {entered} lugares foram dados.",
            "In lane {lane} it is the turn of place {head}, but only {entered} places were given.",
        ),
    ),
    Breach.PLACE_SHARED: BreachText(
        4,
        Text(
            "Duas entregas têm o lugar {place} da faixa {lane} (vez: {head} de {entered}).",
            "Two deliveries have place {place} of lane {lane} (turn: {head} of {entered}).",
        ),
    ),
    Breach.PLACE_EMPTY: BreachText(
        4,
        Text(
            "Ninguém tem o lugar {place} da faixa {lane} (vez: {head} de {entered}).",
            "Nobody has place {place} of lane {lane} (turn: {head} of {entered}).",
        ),
    ),
    Breach.OUT_OF_TURN: BreachText(
        5,
        Text(
            "O lugar {place} da faixa {lane} tem hora marcada, mas a vez é do {head} de {entered}.",
            "Place {place} of lane {lane} has a time set, but it is the turn of {head} of "
            "{entered}.",
        ),
    ),
    Breach.HEAD_STUCK: BreachText(
        5,
        Text(
            "É a vez do lugar {head} de {entered} na faixa {lane}, mas nada vai enviá-lo.",
            "It is the turn of place {head} of {entered} in lane {lane}, but nothing will send it.",
        ),
    ),
    # -- the de-para -------------------------------------------------------------------------------
    Breach.CHANGE_UNTOLD: BreachText(
        0,
        Text(
            "Nenhum fato fala da mudança {change} do de-para, que abriu {opened} linhas e fechou "
            "{closed}.",
            "No fact tells of change {change} of the de-para, which opened {opened} rows and "
            "closed {closed}.",
        ),
    ),
    Breach.CHANGE_MISSING: BreachText(
        0,
        Text(
            "Os fatos falam da mudança {change} do de-para, mas ela não existe mais.",
            "The facts tell of change {change} of the de-para, but it is gone.",
        ),
    ),
    Breach.PAIRS_DIFFER: BreachText(
        0,
        Text(
            "As linhas do de-para da mudança {change} não são as que ela gravou: há {opened} "
            "abertas e {closed} fechadas por ela; os fatos falam de {told_opened} e "
            "{told_closed}. Sendo iguais os números, o conteúdo é outro.",
            "The rows of the de-para of change {change} are not those that it wrote: {opened} "
            "opened and {closed} closed by it are there; the facts tell of {told_opened} and "
            "{told_closed}. Where the numbers are equal, the content is another.",
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One thing that is wrong. `message` is empty and `number` 0 where it is about none."""

    kind: Breach
    message: str
    number: int
    problem: Text


def discrepancy(
    kind: Breach, message: str = "", number: int = 0, /, **details: object
) -> Discrepancy:
    """A discrepancy of a kind, about a message or none; the details fill its texts."""
    return Discrepancy(kind, message, number, BREACH_TEXTS[kind].text.filled(details))


def causes(found: Iterable[Discrepancy]) -> list[Discrepancy]:
    """Those of a message or a lane that no other explains: one mistake, one line."""
    layered = [(BREACH_TEXTS[one.kind].layer, one) for one in dict.fromkeys(found)]
    first = min((layer for layer, _ in layered if layer), default=0)
    return [one for layer, one in layered if layer in {0, first}]
