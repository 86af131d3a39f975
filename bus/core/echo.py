"""Whether a message does what another did, in other words of the same ids (X-16): pure.

An echo is told by its id and by what it does. What it does stands at the paths that its contract
names (`Alike`); all else is its sender's own: ids, dates of entry, remarks, the order of its items.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import NamedTuple

from bus.core.contract import Alike
from bus.core.element import Element

LIST = "ListOf"
"""How the elements are called that hold others of one name, in any order."""
SEPARATOR = "|"
_NUMBER = re.compile(r"[+-]?(0|[1-9]\d*)(\.\d+)?")
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)T.*")

OpenIds = Collection[tuple[str, str]]
"""The path and text of ids of which nobody knows what they name for the other sender."""
NO_OPEN_IDS: OpenIds = frozenset()


class _Term(NamedTuple):
    """What is compared: spellings of a path, and whether both must say it."""

    spellings: tuple[str, ...]
    always: bool


def do_the_same(
    one: Element, other: Element, alike: Alike, open_ids: OpenIds = NO_OPEN_IDS
) -> bool:
    """Whether two contents do the same, ids being in the words of one sender.

    Numbers are compared by value, times by their day, items of lists in any order. An id of `other`
    that is open may be any; with one that may be several, the first that fits is taken.
    """
    return _same(one, other, _terms(alike), _Open(open_ids))


def paths_of(alike: Alike) -> frozenset[str]:
    """The paths that are compared, in all spellings."""
    return frozenset(path for term in _terms(alike) for path in term.spellings)


class _Open(NamedTuple):
    """The open ids, seen from a place in the content."""

    ids: OpenIds
    at: str = ""

    def below(self, path: str) -> _Open:
        return _Open(self.ids, f"{self.at}{path}/")

    def has(self, path: str, text: str) -> bool:
        return (f"{self.at}{path}", text) in self.ids


def _terms(alike: Alike) -> list[_Term]:
    return [
        *(_Term(_spellings(path), always=True) for path in alike.always),
        *(_Term(_spellings(path), always=False) for path in alike.where_told),
    ]


def _spellings(path: str) -> tuple[str, ...]:
    folder, slash, names = path.rpartition("/")
    return tuple(f"{folder}{slash}{name}" for name in names.split(SEPARATOR))


def _same(one: Element, other: Element, terms: Sequence[_Term], unknown: _Open) -> bool:
    here = [term for term in terms if not _list_of(term)]
    if not all(_agree(one, other, term, unknown) for term in here):
        return False
    lists = dict.fromkeys(name for term in terms if (name := _list_of(term)))
    return all(_lists_agree(one, other, name, terms, unknown) for name in lists)


def _list_of(term: _Term) -> str:
    """The path of the list that a term is about items of: `ListOfItem/Item`; empty for none."""
    first, _, rest = term.spellings[0].partition("/")
    return f"{first}/{rest.partition('/')[0]}" if rest and first.startswith(LIST) else ""


def _agree(one: Element, other: Element, term: _Term, unknown: _Open) -> bool:
    told = [
        (path, one.text_at(path).strip(), other.text_at(path).strip()) for path in term.spellings
    ]
    for path, mine, theirs in told:
        if mine and theirs:
            return as_compared(mine) == as_compared(theirs) or unknown.has(path, theirs)
    return not (term.always and any(mine or theirs for _, mine, theirs in told))


def _lists_agree(
    one: Element, other: Element, name: str, terms: Sequence[_Term], unknown: _Open
) -> bool:
    inner = [_inside(term, name) for term in terms if _list_of(term) == name]
    mine, theirs = list(one.all(name)), other.all(name)
    if not any(term.always for term in inner) and not (mine and theirs):
        return True
    if len(mine) != len(theirs):
        return False
    below = unknown.below(name)
    exact = _Open(NO_OPEN_IDS)
    left = [item for item in theirs if not _take(mine, item, inner, exact)]
    return all(_take(mine, item, inner, below) for item in left)


def _inside(term: _Term, name: str) -> _Term:
    return term._replace(spellings=tuple(path[len(name) + 1 :] for path in term.spellings))


def _take(mine: list[Element], item: Element, terms: Sequence[_Term], unknown: _Open) -> bool:
    """Take the first of what is left that does the same as an item."""
    at = next((n for n, one in enumerate(mine) if _same(one, item, terms, unknown)), None)
    if at is not None:
        del mine[at]
    return at is not None


def as_compared(text: str) -> str | Decimal:
    """A text as it is compared: `10.50` is 10.5, and a code such as `010` is a text."""
    if _NUMBER.fullmatch(text):
        return Decimal(text)
    day = _DAY.fullmatch(text)
    return day[1] if day else text
