"""How hard a pattern of an XSD may be to match: some compile at once and then never end.

Whoever matches by trying follows, for a text that begins right and ends wrong, every way in which
the pattern could have taken it. How many ways there are is counted here, over the texts that have
most of them: by the positions of the pattern that may follow each other (Glushkov's construction).
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_LONGEST: Final = 4_096
"""Characters of a pattern that is looked at."""
_MOST_POSITIONS: Final = 2_000
_COUNTED: Final = 30
"""A repetition that varies by more is taken for one without an end."""
_SOME: Final = 4
"""So many of its times are counted one by one, then."""
_TEXT: Final = 64
"""How long the texts are that are tried."""
_BEAM: Final = 24
"""How many texts of a length are kept, those with most ways."""
_HEAVY: Final = 300
"""More ways than this through a text are more than grow with the square of its length."""
_SLOW: Final = 1.5
"""A number of ways that grows by this, where the text doubles, grows with the text."""
_SAMPLES: Final = "aZ09 _-.é\n"
_TOKEN: Final = re.compile(
    r"\\[pP]\{[^}]*\}|\\.|\[(?:\\.|[^\]\\\[]|\[(?:\\.|[^\]\\])*\])*\]"  # an escape, a class
    r"|(?P<open>\()|(?P<close>\))|(?P<or>\|)"
    r"|(?P<times>[*+?]|\{\s*(?P<least>\d+)\s*(?P<range>,\s*(?P<most>\d*))?\s*\})|.",
    re.DOTALL,
)
# What Python's classes do not know, and what is therefore taken for any character.
_UNKNOWN: Final = re.compile(r"\\[pPiIcC]|-\[")


class Effort(Enum):
    """What matching a text of n characters by a pattern may take."""

    PLAIN = "n"
    SLOW = "n²"
    HEAVY = "more"


@lru_cache(maxsize=1_000)
def effort_of(pattern: str) -> Effort:
    """How hard a pattern may be to match."""
    if len(pattern) > _LONGEST:
        return Effort.HEAVY
    try:
        automaton = _Automaton(_parsed(pattern))
    except _TooLarge:
        return Effort.HEAVY
    ways = list(automaton.ways())
    if max(ways) > _HEAVY:
        return Effort.HEAVY
    return Effort.SLOW if ways[-1] > _SLOW * ways[len(ways) // 2] else Effort.PLAIN


class _TooLarge(Exception):
    """The pattern has too many positions."""


# -- reading -----------------------------------------------------------------------------------


class _Part(NamedTuple):
    """A part of a pattern: one character, several parts one after another, or one of several."""

    kind: str
    text: str = ""
    parts: tuple[_Part, ...] = ()
    least: int = 1
    most: int | None = 1


def _parsed(pattern: str) -> _Part:
    """A pattern as a tree; brackets that nothing opens or closes are read as they may be."""
    opened: list[list[list[_Part]]] = [[[]]]
    for token in _TOKEN.finditer(pattern):
        branches = opened[-1]
        if token["open"]:
            opened.append([[]])
        elif token["close"] and len(opened) > 1:
            inside = _one_of(opened.pop())
            opened[-1][-1].append(inside)
        elif token["or"]:
            branches.append([])
        elif token["times"] and branches[-1]:
            repeated = branches[-1].pop()
            least, most = _times(token)
            branches[-1].append(_Part("several", parts=(repeated,), least=least, most=most))
        else:
            branches[-1].append(_Part("character", token[0]))
    while len(opened) > 1:
        inside = _one_of(opened.pop())
        opened[-1][-1].append(inside)
    return _one_of(opened[0])


def _one_of(branches: list[list[_Part]]) -> _Part:
    return _Part("one of", parts=tuple(_Part("all", parts=tuple(each)) for each in branches))


def _times(token: re.Match[str]) -> tuple[int, int | None]:
    """How often something may be there; None where nothing limits it."""
    if token["least"] is None:
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[token["times"]]
    least = int(token["least"][:9])
    if token["range"] is None:
        return least, least
    return least, int(token["most"][:9]) if token["most"] else None


# -- counting ----------------------------------------------------------------------------------


class _Piece(NamedTuple):
    """Of a part of the pattern: whether it may be empty, and where it begins and ends."""

    empty: bool
    first: frozenset[int]
    last: frozenset[int]


_NOTHING: Final = _Piece(empty=True, first=frozenset(), last=frozenset())


@dataclass
class _Automaton:
    """The positions of a pattern, what character each takes, and which may follow it."""

    pattern: _Part
    _texts: list[str] = field(default_factory=list)
    _follow: list[Counter[int]] = field(default_factory=list)
    """Of each position, those that may follow it, and in how many ways: `(a+)+` has two."""

    def __post_init__(self) -> None:
        whole = self._piece(self.pattern)
        self._first = whole.first
        self._groups = tuple(self._characters())

    def _piece(self, part: _Part) -> _Piece:
        making: dict[str, Callable[[_Part], _Piece]] = {
            "character": self._character,
            "all": lambda each: self._in_turn(each.parts),
            "one of": self._one_of,
            "several": self._several,
        }
        return making[part.kind](part)

    def _character(self, part: _Part) -> _Piece:
        if len(self._texts) >= _MOST_POSITIONS:
            raise _TooLarge
        at = len(self._texts)
        self._texts.append(part.text)
        self._follow.append(Counter())
        return _Piece(empty=False, first=frozenset([at]), last=frozenset([at]))

    def _in_turn(self, parts: Iterable[_Part]) -> _Piece:
        whole = _NOTHING
        for part in parts:
            whole = self._after(whole, self._piece(part))
        return whole

    def _after(self, one: _Piece, other: _Piece) -> _Piece:
        self._joined(one.last, other.first)
        return _Piece(
            empty=one.empty and other.empty,
            first=one.first | (other.first if one.empty else frozenset()),
            last=other.last | (one.last if other.empty else frozenset()),
        )

    def _one_of(self, part: _Part) -> _Piece:
        pieces = [self._piece(each) for each in part.parts]
        return _Piece(
            empty=any(each.empty for each in pieces),
            first=frozenset().union(*(each.first for each in pieces)),
            last=frozenset().union(*(each.last for each in pieces)),
        )

    def _several(self, part: _Part) -> _Piece:
        """Each time a piece of its own that follows the one before; the last of many goes round."""
        (repeated,) = part.parts
        least, most = part.least, part.most
        unlimited = most is None or most - least > _COUNTED
        times = least + (1 if most is None else _SOME) if unlimited else most or 0
        pieces = [self._piece(repeated) for _ in range(times)]
        first: frozenset[int] = frozenset()
        last: frozenset[int] = frozenset()
        ends: frozenset[int] = frozenset()
        for count, piece in enumerate(pieces, start=1):
            self._joined(ends, piece.first)
            first |= piece.first if piece.empty or count == 1 else frozenset()
            ends = piece.last | (ends if piece.empty else frozenset())
            last |= ends if piece.empty or count >= least else frozenset()
        if unlimited and pieces:
            self._joined(pieces[-1].last, pieces[-1].first)
        return _Piece(not least or all(each.empty for each in pieces), first, last)

    def _joined(self, before: frozenset[int], after: frozenset[int]) -> None:
        for at in before:
            self._follow[at].update(after)

    def _characters(self) -> Iterator[frozenset[int]]:
        """The sets of positions that take one character, each once."""
        some = {*_SAMPLES, *"".join(self._texts)}
        some |= {chr(ord(each) + step) for each in some for step in (-1, 1) if ord(each) + step > 0}
        taking = {text: _taken(text, some) for text in set(self._texts)}
        seen = set()
        for character in some:
            taken = frozenset(
                at for at, text in enumerate(self._texts) if character in taking[text]
            )
            if taken and taken not in seen:
                seen.add(taken)
                yield taken

    def ways(self) -> Iterator[int]:
        """The most ways through any text that was tried, by its length."""
        beam = [Counter(self._first & group) for group in self._groups]
        for _ in range(_TEXT):
            yield max((sum(each.values()) for each in beam), default=0)
            further = [self._further(each, group) for each in beam for group in self._groups]
            best = {tuple(sorted(each.items())): each for each in further if each}
            ranked = sorted(best.values(), key=lambda each: -sum(each.values()))
            beam = ranked[:_BEAM]

    def _further(self, ways: Counter[int], group: frozenset[int]) -> Counter[int]:
        found: Counter[int] = Counter()
        for at, count in ways.items():
            for after, ways_there in self._follow[at].items():
                if after in group:
                    found[after] += min(count, 10 * _HEAVY) * ways_there
        return found


def _taken(text: str, some: set[str]) -> set[str]:
    """Which of some characters a character of a pattern takes; all, where that is not known."""
    if _UNKNOWN.search(text):
        return some
    if len(text) == 1 and text != ".":
        return {text} & some
    try:
        with warnings.catch_warnings():
            # Python says of some brackets in a class that they may mean more one day.
            warnings.simplefilter("ignore", FutureWarning)
            taking = re.compile(text)
    except re.error:
        return some
    return {each for each in some if taking.fullmatch(each)}
