"""OK is not effect: what a destination must show of what it said OK to (S16).

A route declares a question and what its answer must show. What comes of asking stands beside
`delivered`: it changes no state, and nothing is sent again because of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from bus.core.echo import as_compared
from bus.core.element import Element

LITERAL = "="
"""What stands before a text that is meant as it is: `=000`."""


class EffectVerdict(StrEnum):
    """What asking for the effect of a delivery came to. The comment is the meaning."""

    NONE = ""  # nothing was asked, or not enough yet
    CONFIRMED = "confirmed"  # the destination shows it
    ABSENT = "absent"  # the destination answers, and does not show it
    NOT_CHECKABLE = "not checkable"  # whether it is there could not be found out


class Uncheckable(StrEnum):
    """Why it could not be found out. The comment is the meaning."""

    QUERY_REFUSED = "query refused"  # the destination said no to the question
    SILENT = "silent"  # the destination gave no readable answer
    ID_UNKNOWN = "id unknown"  # nobody knows what the destination calls it
    NOTHING_TO_ASK = "nothing to ask about"  # the message says nothing of what the question names
    CONTRACT_MISSING = "contract missing"  # the bus does not know the question any more
    NOT_DECLARED = "not declared"  # the route asks nothing about it any more


FINAL = frozenset(
    {Uncheckable.NOTHING_TO_ASK, Uncheckable.CONTRACT_MISSING, Uncheckable.NOT_DECLARED}
)
"""What asking again changes nothing about."""
OPEN_VERDICTS = frozenset({EffectVerdict.ABSENT, EffectVerdict.NOT_CHECKABLE})
"""What somebody has to look at."""


class Told(NamedTuple):
    """A path of one content, and the path of the message (or `=text`) that stands there."""

    path: str
    source: str

    @property
    def literal(self) -> str | None:
        """The text itself, where it is no path."""
        is_text = self.source.startswith(LITERAL)
        return self.source.removeprefix(LITERAL) if is_text else None


@dataclass(frozen=True, slots=True)
class EffectRule:
    """What is asked about a delivered message of one transaction, and what must be shown.

    `about` fills the question, whose paths are below BusinessContent; `shows` are paths below the
    ReturnContent of its answer. `after` is in seconds, before the first question and each next one;
    `owner` is whose work it is where the effect is absent.
    """

    transaction: str
    version: str
    about: tuple[Told, ...]
    shows: tuple[Told, ...]
    owner: str
    after: float = 300.0
    tries: int = 3

    @property
    def ask(self) -> str:
        """The question as people say it: `StockLevel 1.001`."""
        return f"{self.transaction} {self.version}"


class ExpectedText(NamedTuple):
    """A text that must stand at a path of an answer: one of these, for a thing has several ids."""

    path: str
    texts: frozenset[str]


def is_shown(expected: Sequence[ExpectedText], answer: Element) -> bool:
    """Whether an answer shows all that must be shown, each at its path; nothing shows nothing."""
    return bool(expected) and all(
        not {as_compared(text) for text in one.texts}.isdisjoint(
            as_compared(found.text.strip()) for found in answer.all(one.path)
        )
        for one in expected
    )


def question_content(texts: Sequence[tuple[str, Sequence[str]]]) -> Element:
    """The content of a question: what stands at each of its paths, in that order.

    A folder of several texts is repeated, once for each; a single text stands in each of them.
    """
    folders: dict[str, list[tuple[str, Sequence[str]]]] = {}
    for path, found in texts:
        folder, _, name = path.rpartition("/")
        folders.setdefault(folder, []).append((name, found))
    content = Element("BusinessContent")
    for folder, members in folders.items():
        most = max(len(found) for _, found in members)
        copies = [_members(members, at) for at in range(most if folder else 1)]
        content = _with(content, folder.split("/") if folder else [], copies)
    return content


def _members(members: Sequence[tuple[str, Sequence[str]]], at: int) -> tuple[Element, ...]:
    return tuple(
        Element(name, found[at] if at < len(found) else found[0])
        for name, found in members
        if found
    )


def _with(parent: Element, way: Sequence[str], copies: Sequence[tuple[Element, ...]]) -> Element:
    """A parent in which copies of a folder, at the end of a way, stand beside what it has."""
    if not way:
        return _holding(parent, (*parent.children, *copies[0]))
    if len(way) == 1:
        made = tuple(Element(way[0], children=inside) for inside in copies)
        return _holding(parent, (*parent.children, *made))
    mine = parent.first(way[0]) or Element(way[0])
    others = tuple(one for one in parent.children if one is not mine)
    return _holding(parent, (*others, _with(mine, way[1:], copies)))


def _holding(parent: Element, children: tuple[Element, ...]) -> Element:
    return Element(parent.name, parent.text, parent.attributes, children)
