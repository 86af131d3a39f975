"""The words of `bus simulate` and `bus instruct`."""

from __future__ import annotations

from bus.core.outcome import Outcome
from bus.core.text import Language, Text, same
from bus.edge.listening import OtherAddress
from bus.edge.words.command_line import OUTCOME_WORDS

WORDS: dict[str, Text] = {
    "unset": Text(
        "{name} não está definida: ponha nela a senha de {user} (export {name}=…).",
        "{name} is not set: put the password of {user} into it (export {name}=…).",
    ),
    "no_tables": Text(
        "{address}: esta aplicação não tem tabelas; só as que imitam rm ou protheus têm.",
        "{address}: this application holds no tables; only those that play rm or protheus do.",
    ),
    "silent": Text(
        "{address}: {problem}. Confira o endereço, que `bus simulate` diz ao começar, e se a "
        "aplicação simulada está no ar.",
        "{address}: {problem}. Check the address, which `bus simulate` tells as it begins, and "
        "that the simulated application runs.",
    ),
    "table": Text("tabela", "table"),
    "code": Text("código", "code"),
    "id": same("id"),
    "product": Text("produto", "product"),
    "entity": Text("entidade", "entity"),
    "there": Text("id lá", "id there"),
    "here": Text("id aqui", "id here"),
}


SENT_WORDS: dict[Outcome, Text] = {
    **OUTCOME_WORDS,
    Outcome.UNREACHABLE: Text("não foi aceita", "not taken"),
}
"""What became of a message that it sent; a bus that does not let it in is no bus out of reach."""

OTHER_ADDRESS = OtherAddress(
    Text(
        "Informe com --host um endereço desta máquina, ou 0.0.0.0 para todos.",
        "Give an address of this machine with --host, or 0.0.0.0 for all.",
    ),
    Text(
        "Escolha outra porta com --port; 0 é uma livre.",
        "Choose another port with --port; 0 is a free one.",
    ),
)
"""What to do where a simulated application cannot listen."""

NO_LEDGER = Text("não é um registro de `--ledger`", "it is no ledger of `--ledger`")


def say(word: str, language: Language, **details: object) -> str:
    """A text of the table, filled."""
    return WORDS[word].filled(details).told(language)
