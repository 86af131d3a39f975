"""The words of `bus schemas`."""

from __future__ import annotations

from bus.core.contract_diff import ChangeKind
from bus.core.text import Language, Text

CHANGE_WORDS: dict[ChangeKind, Text] = {
    ChangeKind.ADDED: Text("novo", "added"),
    ChangeKind.REMOVED: Text("retirado", "removed"),
    ChangeKind.TIGHTENED: Text("mais estrito", "tightened"),
    ChangeKind.LOOSENED: Text("mais livre", "loosened"),
    ChangeKind.CHANGED: Text("outro", "changed"),
}
"""How a part of a contract changed."""

VERDICT_WORDS: dict[str, Text] = {
    "added": Text("acrescentado", "added"),
    "same": Text("igual ao vigente", "same as in force"),
    "differs": Text("difere do vigente, que fica", "differs from the one in force, which stays"),
    "replaced": Text("substitui o vigente", "replaces the one in force"),
    "failed": Text("falhou", "failed"),
}
"""What came of a file that was imported."""

WORDS: dict[str, Text] = {
    # -- a list of contracts -----------------------------------------------------------------------
    "contract": Text("contrato", "contract"),
    "title": Text("título", "title"),
    "shape": Text("forma", "shape"),
    "lifecycle": Text("ciclo", "lifecycle"),
    "owner": Text("dono", "owner"),
    "provisional": Text("provisório", "provisional"),
    "yes": Text("sim", "yes"),
    "filled": Text(
        "preenchido pelo barramento, pois ninguém publicou, e por isso não comparado: {includes}",
        "filled in by the bus, as nobody published it, and so not compared: {includes}",
    ),
    # -- what differs ------------------------------------------------------------------------------
    "change": Text("mudança", "change"),
    "where": Text("onde", "where"),
    "what": Text("o quê", "what"),
    "was": Text("era", "was"),
    "now": Text("é", "is"),
    "breaks": Text("quebra", "breaks"),
    "required": Text("obrigatório", "required"),
    "sender": Text("quem envia", "sender"),
    "receiver": Text("quem recebe", "receiver"),
    "no_difference": Text("Nenhuma diferença.", "No differences."),
    "traffic": Text(
        "Mensagens que valiam por {a}: {checked}; não valeriam por {b}: {broken}.",
        "Messages valid by {a}: {checked}; not valid by {b}: {broken}.",
    ),
    # -- ways between versions ---------------------------------------------------------------------
    "loses_nothing": Text("nada se perde", "nothing is lost"),
    "loses": Text("perde {count} elemento(s)", "loses {count} element(s)"),
    "lost": Text("perdido", "lost"),
    "moved": Text("movido", "moved"),
    "value": Text("valor", "value"),
    "default": Text("se faltar", "if missing"),
    # -- an import ---------------------------------------------------------------------------------
    "restart": Text(
        "Os contratos valem a partir do próximo início do barramento.",
        "The contracts count from the next start of the bus.",
    ),
}


def say(word: str, language: Language, **details: object) -> str:
    """A text of the table, filled."""
    return WORDS[word].filled(details).told(language)
