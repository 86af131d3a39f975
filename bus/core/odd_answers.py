"""What a destination's answer says that cannot be, though its contract lets it pass (S4): pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from bus.core.contract import Contract, IdRole, Lifecycle
from bus.core.learning import LOAD, LONGEST_ID, Taught, entity_named, unlearnt_of
from bus.core.text import NOTHING, Text
from bus.core.translation import is_blank

if TYPE_CHECKING:
    from bus.core.envelope import InternalIdPair

_TRANSACTION = "/TOTVSMessage/MessageInformation/Transaction"
_LISTED = "/TOTVSMessage/ResponseMessage/ReturnContent/ListOfInternalId"
_SHOWN = 60
"""Characters of a value that are shown."""

_ANOTHER = Text(
    "ela diz ser da transação {value}, e a enviada foi {sent}.",
    "it says that it is of the transaction {value}, and {sent} was sent.",
)
_UNKNOWN_NAME = Text(
    "{value} não é o nome de nenhum cadastro ou documento que o barramento conheça.",
    "{value} is the name of no register or document that the bus knows.",
)
_NAME_NOT_SENT = Text(
    "{value} é de {entity}, e a mensagem não leva nenhum id disso.",
    "{value} is of {entity}, and the message carries no id of that.",
)
_ID_WORDS: Mapping[str, tuple[str, Text]] = {
    "EMPTY_DESTINATION": (
        "Destination",
        Text(
            "o id do destino (Destination) está vazio.",
            "the id of the destination (Destination) is empty.",
        ),
    ),
    "DESTINATION_TOO_LONG": (
        "Destination",
        Text(
            "o id do destino (Destination) tem {length} caracteres, e nenhum produto guarda mais "
            f"de {LONGEST_ID}: {{value}}…",
            "the id of the destination (Destination) has {length} characters, and no product "
            f"keeps more than {LONGEST_ID}: {{value}}…",
        ),
    ),
    "EMPTY_ORIGIN": (
        "Origin",
        Text("o id da origem (Origin) está vazio.", "the id of the origin (Origin) is empty."),
    ),
    "ORIGIN_NEVER_SENT": (
        "Origin",
        Text("a mensagem não enviou o id {value}.", "the message never sent the id {value}."),
    ),
}
"""Where an entry that teaches nothing is wrong, and how. What only may mean two things is not."""
_TOO_LONG_THERE = Text(
    "o id do destino (Destination) tem {length} caracteres, e esse produto guarda {longest}: "
    "{value}",
    "the id of the destination (Destination) has {length} characters, and that product keeps "
    "{longest}: {value}",
)
_NO_ID = Text(
    "ela diz OK e não traz o id que o documento {value} recebeu lá.",
    "it says OK and does not bring the id that the document {value} got there.",
)
_NOT_LEARNT = Text(
    "O de-para não aprendeu esse id: `bus depara set` o cadastra.",
    "The de-para did not learn this id: `bus depara set` enters it.",
)


class Oddity(NamedTuple):
    """One thing that cannot be: where, what, and what the bus did about it."""

    path: str
    problem: Text
    follows: Text = NOTHING


def of_transaction(contract: Contract, named: str) -> Iterator[Oddity]:
    """Whether an answer is of another transaction than was sent; one that names none may be."""
    if named and named.casefold() not in contract.spellings:
        problem = _ANOTHER.filled(value=named[:_SHOWN], sent=contract.transaction)
        yield Oddity(_TRANSACTION, problem)


def of_ids(taught: Taught, answers: Sequence[InternalIdPair]) -> Iterator[Oddity]:
    """What is wrong with the entries of an OK: their names, and the ids on both sides.

    Those about a delete teach nothing, and those of a load are of many registers.
    """
    if taught.deletes or taught.entity == LOAD:
        return
    for at, (answer, unlearnt) in enumerate(
        zip(answers, unlearnt_of(taught, answers), strict=True), start=1
    ):
        path = f"{_LISTED}/InternalId" + (f"[{at}]" if len(answers) > 1 else "")
        yield from _of_name(taught, answer.name.strip(), f"{path}/Name")
        if unlearnt:
            yield from _of_unlearnt(answer, unlearnt.reason, path)
        else:
            yield from _of_length(taught, answer.destination, f"{path}/Destination")


def lacks_id(taught: Taught, contract: Contract, answers: Sequence[InternalIdPair]) -> bool:
    """Whether an OK names no id for the document, though the message gives it one.

    Who asks must know that no earlier answer did. A cancellation is about another document.
    """
    if taught.deletes or taught.entity == LOAD or contract.target or answers:
        return False
    return contract.lifecycle is not Lifecycle.QUERY and bool(_own_id(taught))


def without_id(taught: Taught) -> Oddity:
    """That an OK names no id for the document."""
    return Oddity(_LISTED, _NO_ID.filled(value=_own_id(taught)[:_SHOWN]), _NOT_LEARNT)


def _own_id(taught: Taught) -> str:
    own = (one.value for one in taught.found if one.element.role is IdRole.OWN)
    return next((value for value in own if not is_blank(value)), "")


def _of_name(taught: Taught, name: str, path: str) -> Iterator[Oddity]:
    if not name:
        return
    named = entity_named(name, taught.entities, taught.crossing.reader.entry_names)
    carried = {taught.entity, *(one.element.entity for one in taught.found)}
    if named is None:
        yield Oddity(path, _UNKNOWN_NAME.filled(value=name[:_SHOWN]))
    elif named[0] not in carried:
        yield Oddity(path, _NAME_NOT_SENT.filled(value=name[:_SHOWN], entity=named[0]))


def _of_unlearnt(answer: InternalIdPair, reason: str, path: str) -> Iterator[Oddity]:
    if reason not in _ID_WORDS:
        return
    element, words = _ID_WORDS[reason]
    value = answer.origin if element == "Origin" else answer.destination
    problem = words.filled(value=value[:_SHOWN], length=len(value))
    yield Oddity(f"{path}/{element}", problem, _NOT_LEARNT)


def _of_length(taught: Taught, destination: str, path: str) -> Iterator[Oddity]:
    longest = taught.crossing.reader.id_limits.longest
    if longest and len(destination) > longest:
        told = {"length": len(destination), "longest": longest, "value": destination[:_SHOWN]}
        yield Oddity(path, _TOO_LONG_THERE.filled(told))
