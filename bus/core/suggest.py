"""What to do instead: the nearest name that there is, or the command that mends it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from shlex import quote

from bus.core.contract import Contract
from bus.core.text import Text
from bus.core.translation import COMPANY
from depara.model import Key

SHOWN = 20
"""So many valid names are listed at most."""


def command_to_set(key: Key, reader: str, reader_scope: str) -> str:
    """The command by which a person enters the id that a reader lacks."""
    names = [quote(f"{key.application}:{key.id}"), quote(f"{reader}:ID")]
    scopes = [("--scope", key.scope), ("--other-scope", reader_scope)]
    told = [f"{option} {quote(scope)}" for option, scope in scopes if scope]
    return " ".join(["bus depara set", key.entity, *names, *told])


def nearest(value: str, known: Collection[str]) -> str:
    """The known name that is most like a value, empty where none is."""
    folded = {name.casefold(): name for name in known}
    close = get_close_matches(value.casefold(), folded, n=1, cutoff=0.5)
    return folded[close[0]] if close else ""


def suggestion(value: str, known: Collection[str]) -> dict[str, str | Text]:
    """The details of a name that is not known: itself, those that are, and the nearest."""
    near = nearest(value, known)
    listed = sorted(known)
    more = ["…"] if len(listed) > SHOWN else []
    return {
        "value": value,
        "known": ", ".join(listed[:SHOWN] + more) or "-",
        "nearest": near,
        "question": Text(f"Seria “{near}”? ", f"Did you mean “{near}”? ") if near else "",
    }


def entities_of(contracts: Iterable[Contract]) -> set[str]:
    """What the ids of contracts name, and companies, whose ids every message has."""
    named = {COMPANY}
    for contract in contracts:
        named.add(contract.entity)
        for element in contract.ids:
            named.add(element.entity)
            named.update(entity for _, entity in element.cases)
    return named - {""}
