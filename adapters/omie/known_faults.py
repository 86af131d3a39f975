"""What Omie's error texts mean: by text, for one code stands for many things (facts 1.3)."""

from __future__ import annotations

import re

from bus.core.known_faults import KnownFault, searchable
from bus.core.outcome import Outcome
from bus.core.text import NOTHING, Text

_EMPTY = re.compile(r"nao existem registros para a pagina")
_BLOCKED = re.compile(r"bloquead\w+ por consumo indevido|misuse_api_process")
_RUNNING = re.compile(r"ja existe uma requisicao desse metodo")
_UNKNOWN = re.compile(r"\bnao (cadastrad|encontrad|localizad)")
_SECONDS = re.compile(r"\b(\d{1,6}) segundos?\b")
_ID = re.compile(r"\b(?:id|ncod) \[(\d+)\]")
_NO_REQUISITION = re.compile(r"\brequisicao .{0,80}\bnao (cadastrad|encontrad|localizad)")
_NO_ADJUSTMENT = re.compile(r"\bajuste .{0,80}\bnao (cadastrad|encontrad|localizad)")
_CHARACTERISTIC = re.compile(r"\bja cadastrada para a descricao \[(.+?)\] codigo \[(\d+)\]")
_DUPLICATE = re.compile(r"\bja (cadastrad[oa]|existe um ajuste)\b")


def _means(pattern: str, outcome: Outcome, code: str, advice: Text = NOTHING) -> KnownFault:
    return KnownFault(re.compile(pattern), outcome, code, advice)


FAULTS = (
    KnownFault(_RUNNING, Outcome.BUSY, "BUSY"),
    KnownFault(_BLOCKED, Outcome.BUSY, "BUSY"),
    _means(r"consumo redundante|\bredundant\b", Outcome.BUSY, "BUSY"),
    _means(r"too many requests", Outcome.BUSY, "BUSY"),
    _means(
        r"calculo do saldo de estoque e cmc .{0,120}nao foi concluido",
        Outcome.BUSY,
        "BUSY",
    ),
    # Client-1100: it has the call, and what came of it is found out by its integration code.
    _means(
        r"requisicao ja foi processada ou esta sendo processada",
        Outcome.UNKNOWN,
        "OUTCOME_UNKNOWN",
    ),
    _means(
        r"chave de acesso|aplicativo (esta )?suspenso|app_?(key|secret).{0,40}invalid",
        Outcome.UNREACHABLE,
        "LOGIN_REFUSED_BY_RECEIVER",
        Text(
            "Confira App Key e App Secret no portal do desenvolvedor da Omie.",
            "Check App Key and App Secret in Omie's developer portal.",
        ),
    ),
    _means(
        r"ja possui pedido de compra|recebimento ja foi concluido",
        Outcome.REFUSED,
        "REFUSED",
        Text(
            "A requisição já virou pedido ou foi recebida na Omie: quem compra decide lá.",
            "The requisition has become an order or was received in Omie: who buys decides there.",
        ),
    ),
    _means(
        r"nao (e|foi) possivel exclu|nao pode ser excluid",
        Outcome.REFUSED,
        "REFUSED",
        Text(
            "O registro ainda é usado nesse aplicativo: quem cuida dele lá desfaz o uso ou o "
            "inativa, e a exclusão é enviada de novo.",
            "The record is still used in that app: whoever keeps it there ends the use or makes it "
            "inactive, and the deletion is sent again.",
        ),
    ),
    _means(
        r"\[nidlote\] e obrigatori|\blote.{0,60}obrigatori",
        Outcome.REFUSED,
        "REFUSED",
        Text(
            "O produto tem controle de lote: com `lots: fefo` no aplicativo, o barramento baixa do "
            "lote que vence primeiro; senão, faça a baixa na Omie.",
            "The product is under lot control: with `lots: fefo` for the application, the bus "
            "takes from the lot that expires first; else write it off in Omie.",
        ),
    ),
    _means(r"\bja (cadastrad|existe)", Outcome.REFUSED, "REFUSED"),
    KnownFault(_UNKNOWN, Outcome.REFUSED, "REFUSED"),
    _means(r"preenchimento .{0,80}obrigatori", Outcome.REFUSED, "REFUSED"),
    _means(r"no maximo \d+ caracteres|\b(nao e valid|invalid)", Outcome.REFUSED, "REFUSED"),
)
"""In the order in which they are looked for."""


def is_empty_list(text: str) -> bool:
    """Whether it says that there is nothing on the page asked for."""
    return bool(_EMPTY.search(searchable(text)))


def is_unknown(text: str) -> bool:
    """Whether it says that there is no such record."""
    return bool(_UNKNOWN.search(searchable(text)))


def is_unknown_requisition(text: str) -> bool:
    """Whether it says that the requisition is not there, or no longer."""
    return bool(_NO_REQUISITION.search(searchable(text)))


def is_unknown_adjustment(text: str) -> bool:
    """Whether it says that the adjustment is not there, or no longer."""
    return bool(_NO_ADJUSTMENT.search(searchable(text)))


def is_block(text: str) -> bool:
    """Whether it says that the app is blocked."""
    return bool(_BLOCKED.search(searchable(text)))


def is_running(text: str) -> bool:
    """Whether it says that the same call is being answered."""
    return bool(_RUNNING.search(searchable(text)))


def seconds_in(text: str) -> float | None:
    """How long it asks to wait, where it says so."""
    found = _SECONDS.search(searchable(text))
    return float(found[1]) if found else None


def characteristic_in(text: str, name: str) -> int:
    """The id of a characteristic that has a name already; 0 where it says no such thing of it."""
    found = _CHARACTERISTIC.search(searchable(text))
    return int(found[2]) if found and found[1] == searchable(name) else 0


def duplicate_in(text: str) -> str | None:
    """The id of the record that has the code or document already; None: it is no such fault.

    The bracket after Id or nCod counts, and no other: others hold codes (field case 16). Empty
    where the fault names none.
    """
    plain = searchable(text)
    if not _DUPLICATE.search(plain):
        return None
    found = _ID.search(plain)
    return found[1] if found else ""
