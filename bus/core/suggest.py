"""What to do instead: the nearest name that there is, or the command that mends it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from difflib import SequenceMatcher, get_close_matches
from shlex import quote

from bus.core.contract import Contract
from bus.core.errors import Fault
from bus.core.text import Details, Text
from bus.core.translation import COMPANY
from depara.model import Key

SHOWN = 20
"""So many valid names are listed at most."""
FEW = 3
"""So many are, where the one that is meant is among them."""
_NONE = Text("(não há)", "(none)")
_SEVERAL = 2
_LOOKED_AT = 60
"""Characters of a name that are compared."""


def command_to_set(key: Key, reader: str, reader_scope: str) -> str:
    """The command by which a person enters the id that a reader lacks."""
    names = [quote(f"{key.application}:{key.id}"), quote(f"{reader}:ID")]
    scopes = [("--scope", key.scope), ("--other-scope", reader_scope)]
    told = [f"{option} {quote(scope)}" for option, scope in scopes if scope]
    return " ".join(["bus depara set", key.entity, *names, *told])


def nearest(value: str, known: Collection[str]) -> str:
    """The known name that a value may be, misspelt; empty where none is.

    It shares its beginning and most of itself with the value: opposites share much of their ends.
    """
    wanted = value.casefold()[:_LOOKED_AT]
    folded = {name.casefold(): name for name in known}
    close = get_close_matches(wanted, folded, n=FEW, cutoff=0.6)
    return next((folded[name] for name in close if _is_slip(wanted, name)), "")


def _is_slip(value: str, name: str) -> bool:
    """Whether few letters tell two names apart, and not the first."""
    blocks = SequenceMatcher(None, value, name, autojunk=False).get_matching_blocks()
    shared, whole = sum(block.size for block in blocks), len(value) + len(name)
    apart = whole - 2 * shared
    return value[:1] == name[:1] and 3 * shared >= 2 * len(name) and apart <= max(3, whole // 8)


def listed(names: Sequence[str], most: int = SHOWN) -> str:
    """Names as a fault tells them: the first ones, and how many more where those are several."""
    more = len(names) - most
    return ", ".join([*names[:most], f"… (+{more})"] if more > _SEVERAL else names)


def suggestion(value: str, known: Collection[str]) -> dict[str, str | Text]:
    """The details of a name that is not known: itself, those that are, and the nearest.

    Where one is near, few are listed, in the order of their likeness.
    """
    near, names = nearest(value, known), sorted(known)
    if near:
        names.sort(key=lambda name: -_likeness(value, name))
    return {
        "value": value,
        "known": listed(names, FEW if near else SHOWN) or _NONE,
        "nearest": near,
        "question": Text(f"Seria “{near}”? ", f"Did you mean “{near}”? ") if near else "",
    }


def _likeness(value: str, name: str) -> float:
    return SequenceMatcher(None, value.casefold()[:_LOOKED_AT], name.casefold()).ratio()


def unknown_contract(
    transaction: str, version: str, known: Iterable[Contract], header: str = ""
) -> Fault:
    """The fault of naming a contract that there is not: its version, or already its transaction.

    `header` is the path of the element that names it, where that is a message.
    """
    contracts, wanted = tuple(known), transaction.casefold()
    versions = sorted({one.version for one in contracts if wanted in one.spellings})
    if versions:
        details: Details = {
            "transaction": transaction,
            "version": version,
            "known": listed(versions),
        }
        return Fault("UNKNOWN_CONTRACT", header and f"{header}/@version", details=details)
    names = {one.transaction for one in contracts}
    path = header and f"{header}/Transaction"
    return Fault("UNKNOWN_TRANSACTION", path, details=suggestion(transaction, names))


def entities_of(contracts: Iterable[Contract]) -> set[str]:
    """What the ids of contracts name, and companies, whose ids every message has."""
    named = {COMPANY}
    for contract in contracts:
        named.add(contract.entity)
        for element in contract.ids:
            named.add(element.entity)
            named.update(entity for _, entity in element.cases)
    return named - {""}
