"""Names that people give: found in any letter case, or told with the nearest one that there is."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING

from bus.core.translation import COMPANY

if TYPE_CHECKING:
    from bus.core.contract import Contract

SHOWN = 20
"""So many valid names are listed at most."""


def nearest(value: str, known: Collection[str]) -> str:
    """The known name that is most like a value, empty where none is."""
    folded = {name.casefold(): name for name in known}
    close = get_close_matches(value.casefold(), folded, n=1, cutoff=0.5)
    return folded[close[0]] if close else ""


def naming(value: str, known: Collection[str]) -> dict[str, str]:
    """The details of a name that is not known: itself, those that are, and the nearest."""
    near = nearest(value, known)
    listed = sorted(known)
    more = ["…"] if len(listed) > SHOWN else []
    return {
        "value": value,
        "known": ", ".join(listed[:SHOWN] + more) or "-",
        "nearest": near,
        "nearest_pt": f"Seria “{near}”? " if near else "",
        "nearest_en": f"Did you mean “{near}”? " if near else "",
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
