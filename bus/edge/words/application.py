"""The words of `bus application`."""

from __future__ import annotations

from bus.core.text import Language, Text, same

WORDS: dict[str, Text] = {
    "in_force": Text(
        "{application}: em vigor, por {by} em {at}", "{application}: in force, by {by} at {at}"
    ),
    "not_in_force": Text("{application}: fora de vigor", "{application}: not in force"),
    "setting": Text("configuração", "setting"),
    "value": Text("valor", "value"),
    "route": Text("rota", "route"),
    "sender": Text("de", "from"),
    "readers": Text("para", "to"),
    "transactions": Text("transações", "transactions"),
    "waiting": Text(
        "Mensagens que esperam por ela, e saem com a ativação: {count}",
        "Messages that wait for it, and leave when it is activated: {count}",
    ),
    "missing": Text("Falta: {reason}", "Missing: {reason}"),
    "remedy": same("  → {remedy}"),
    "unsaid": Text(
        "não se sabe se ela aceita as credenciais; tente de novo daqui a pouco",
        "whether it accepts the credentials is not known; try again in a while",
    ),
    "confirm": Text(
        "Depois de ler: bus application activate {application} --confirm {hash}",
        "When you have read this: bus application activate {application} --confirm {hash}",
    ),
    "activated": Text("{application} está em vigor.", "{application} is in force."),
    "deactivated": Text(
        "{application} está fora de vigor. O que está na fila para ela espera.",
        "{application} is not in force any more. What is queued for it waits.",
    ),
    "was_not": Text("{application} não estava em vigor.", "{application} was not in force."),
}


def say(word: str, language: Language, **details: object) -> str:
    """A text of the table, filled."""
    told = {name: str(value) for name, value in details.items()}
    return WORDS[word].filled(told).told(language)
