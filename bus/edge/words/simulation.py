"""The words of `bus simulate` and `bus instruct`."""

from __future__ import annotations

from bus.core.text import Language, Text, same

WORDS: dict[str, Text] = {
    "unset": Text("{name} não está definida.", "{name} is not set."),
    "no_tables": Text(
        "{address}: esta aplicação não tem tabelas; só as que imitam rm ou protheus têm.",
        "{address}: this application holds no tables; only those that play rm or protheus do.",
    ),
    "table": Text("tabela", "table"),
    "code": Text("código", "code"),
    "id": same("id"),
    "product": Text("produto", "product"),
    "entity": Text("entidade", "entity"),
    "there": Text("id lá", "id there"),
    "here": Text("id aqui", "id here"),
}


def say(word: str, language: Language, **details: object) -> str:
    """A text of the table, filled."""
    return WORDS[word].filled(details).told(language)
