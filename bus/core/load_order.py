"""In which order registers are loaded: who names others comes after them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from bus.core.contract import Contract, IdRole, Lifecycle
from bus.core.learning import LOAD

Node = TypeVar("Node")


class LoadOrder(NamedTuple):
    """Entities (casefolded) level by level, each behind all that it names.

    `circles` are entities that name each other, or themselves: those of one are in one level, where
    the documents themselves must say who comes first.
    """

    levels: tuple[tuple[str, ...], ...]
    circles: tuple[tuple[str, ...], ...]

    def level_of(self, entity: str) -> int:
        """The level of an entity; the last where the order does not know it."""
        return next((at for at, one in enumerate(self.levels) if entity in one), len(self.levels))


def is_loaded(contract: Contract) -> bool:
    """Whether messages of a contract belong in a load: registers, and what brings pairs."""
    return contract.lifecycle is Lifecycle.REGISTER or contract.entity == LOAD


def load_order(contracts: Iterable[Contract]) -> LoadOrder:
    """The order that contracts ask for by what their ids name; pairs come before all."""
    loaded = [one for one in contracts if is_loaded(one)]
    pairs = {one.entity.casefold() for one in loaded if one.entity == LOAD}
    names = named_by(one for one in loaded if one.entity != LOAD)
    circles = _circles(names)
    circle_of = {entity: circle for circle in circles for entity in circle}
    depths: dict[tuple[str, ...], int] = {}
    for circle in circles:  # those it names come before it
        before = {circle_of[one] for entity in circle for one in names[entity]} - {circle}
        depths[circle] = 1 + max((depths[one] for one in before), default=-1)
    levels: list[list[str]] = [[] for _ in range(1 + max(depths.values(), default=-1))]
    for circle, depth in depths.items():
        levels[depth] += circle
    ordered = [tuple(sorted(pairs)), *(tuple(sorted(level)) for level in levels)]
    real = tuple(one for one in circles if len(one) > 1 or one[0] in names[one[0]])
    return LoadOrder(tuple(filter(None, ordered)), real)


def named_by(contracts: Iterable[Contract]) -> Mapping[str, frozenset[str]]:
    """By entity, which of the others that have a contract here its messages name."""
    named: dict[str, set[str]] = {}
    for one in contracts:
        entities = named.setdefault(one.entity.casefold(), set())
        for element in one.ids:
            if element.role is IdRole.REFERENCE:
                entities |= {entity.casefold() for entity in element.entities}
    return {entity: frozenset(others & named.keys()) for entity, others in sorted(named.items())}


class LoadedDocument(NamedTuple):
    """A document of a circle: its entity and id (casefolded entity), and those that it names."""

    key: tuple[str, str]
    names: frozenset[tuple[str, str]]


def waves(documents: Sequence[LoadedDocument]) -> tuple[int, ...]:
    """For each document the wave in which it goes: behind what it names, and its own earlier state.

    Documents that name each other round in a circle go together, in the wave of the first of them.
    """
    found: list[int] = []
    last: dict[tuple[str, str], int] = {}
    first = {one.key: at for at, one in reversed([*enumerate(documents)])}
    named = {
        at: {first[key] for key in one.names if key in first} - {at}
        for at, one in enumerate(documents)
        if one.names
    }
    rank = _ranks(named)
    for at, one in enumerate(documents):
        wave = max(rank.get(at, 0), last.get(one.key, -1) + 1)
        last[one.key] = wave
        found.append(wave)
    return tuple(found)


def _ranks(named: Mapping[int, Collection[int]]) -> Mapping[int, int]:
    """How far each is from those that name nobody; of a circle all are as far."""
    ranks: dict[int, int] = {}
    for circle in _circles(named):
        outside = {other for one in circle for other in named.get(one, ())} - set(circle)
        rank = 1 + max((ranks[other] for other in outside), default=-1)
        ranks |= dict.fromkeys(circle, rank)
    return ranks


def _circles(named: Mapping[Node, Collection[Node]]) -> list[tuple[Node, ...]]:
    """Those that name each other round in a circle, or one alone; named ones before who names them.

    Who is not in `named` names nobody. Tarjan's strongly connected components, without recursion:
    documents may name in long chains.
    """
    search = _Search(named)
    for node in named:
        search.begin(node)
    return search.found


class _Search:
    """One walk through a graph: `low` is the first node that each can reach and come back from."""

    def __init__(self, named: Mapping[Any, Collection[Any]]) -> None:
        self.found: list[tuple[Any, ...]] = []
        self._named = named
        self._place: dict[Any, int] = {}
        self._low: dict[Any, int] = {}
        self._open: dict[Any, None] = {}

    def begin(self, node: Any) -> None:  # noqa: ANN401 - any node
        """Walk to all that can be reached from a node."""
        if node in self._place:
            return
        path = [(node, self._enter(node))]
        while path:
            here, rest = path[-1]
            other = next(rest, None)
            if other is None:
                path.pop()
                self._leave(here, path[-1][0] if path else None)
            elif other not in self._place:
                path.append((other, self._enter(other)))
            elif other in self._open:
                self._low[here] = min(self._low[here], self._place[other])

    def _enter(self, node: Any) -> Iterator[Any]:  # noqa: ANN401
        self._place[node] = self._low[node] = len(self._place)
        self._open[node] = None
        return iter(self._named.get(node, ()))

    def _leave(self, node: Any, back: Any) -> None:  # noqa: ANN401
        if back is not None:
            self._low[back] = min(self._low[back], self._low[node])
        if self._low[node] == self._place[node]:
            circle = [node]
            while (one := self._open.popitem()[0]) != node:
                circle.append(one)
            self.found.append(tuple(circle))
