"""The order of an initial load comes from what contracts and documents name."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bus.contracts.registry import Registry
from bus.core.contract import Contract, IdElement, IdRole, Lifecycle, MessageShape
from bus.core.load_order import LoadedDocument, load_order, waves


def register(entity: str, *names: str, lifecycle: Lifecycle = Lifecycle.REGISTER) -> Contract:
    """A contract whose ids name these entities."""
    ids = tuple(IdElement(f"{name}Id", IdRole.REFERENCE, name) for name in names)
    return Contract(entity, "1.000", MessageShape.EVENT, lifecycle, entity, ids=ids)


def document(id_: str, *names: str) -> LoadedDocument:
    """An item that names others."""
    return LoadedDocument(("item", id_), frozenset(("item", name) for name in names))


def test_who_names_others_comes_behind_them() -> None:
    """Level by level; what no contract of the load brings is waited for by nobody."""
    order = load_order(
        [register("Item", "Unit", "Customer", "City"), register("Customer", "Term"),
         register("Term"), register("Unit")]
    )  # fmt: skip

    assert order.levels == (("term", "unit"), ("customer",), ("item",))
    assert order.circles == ()
    assert order.level_of("item") == 2
    assert order.level_of("nobody") == 3


def test_circles_are_told_and_go_together() -> None:
    """Two that name each other, and one that names itself; who names them comes behind."""
    order = load_order(
        [register("A", "B"), register("B", "A"), register("C", "A"), register("D", "D")]
    )

    assert order.levels == (("a", "b", "d"), ("c",))
    assert set(map(frozenset, order.circles)) == {frozenset("ab"), frozenset("d")}


def test_pairs_come_first_and_processes_not_at_all() -> None:
    """A load of pairs brings what all others need; a process is no part of a load."""
    order = load_order(
        [
            register("Item"),
            register("Order", "Item", lifecycle=Lifecycle.PROCESS),
            register("InternalIdLoad", lifecycle=Lifecycle.PROCESS),
        ]
    )

    assert order.levels == (("internalidload",), ("item",))


def test_the_contracts_that_ship_have_an_order() -> None:
    """Each register comes behind every register that it names, but those of its circle."""
    contracts = Registry().known()
    order = load_order(contracts)
    circle = {one: circle for circle in order.circles for one in circle}

    for one in contracts:
        if one.lifecycle is not Lifecycle.REGISTER:
            continue
        entity = one.entity.casefold()
        named = {name.casefold() for each in one.ids for name in each.entities}
        for other in named & {each for level in order.levels for each in level}:
            if other not in circle.get(entity, (entity,)):
                assert order.level_of(other) < order.level_of(entity), (entity, other)


def test_a_document_waits_for_those_that_it_names_and_for_its_earlier_state() -> None:
    """A chain goes one by one, a circle together, a second state of a document behind the first."""
    assert waves([document("a", "b"), document("b", "c"), document("c")]) == (2, 1, 0)
    assert waves([document("a", "b"), document("b", "a"), document("c", "a")]) == (0, 0, 1)
    assert waves([document("a"), document("a"), document("a")]) == (0, 1, 2)
    assert waves([document("a", "a", "elsewhere")]) == (0,)
    assert waves([]) == ()


def test_long_chains_have_an_order() -> None:
    """No chain is too deep."""
    chain = [document(str(number), str(number + 1)) for number in range(20_000)]

    assert waves(chain)[:2] == (19_999, 19_998)


@given(st.lists(st.tuples(st.integers(0, 9), st.frozensets(st.integers(0, 9), max_size=4))))
def test_whatever_documents_name(drawn: list[tuple[int, frozenset[int]]]) -> None:
    """A document goes behind what it names, unless that names it back, round however many."""
    documents = [document(str(own), *map(str, names)) for own, names in drawn]
    first: dict[int, int] = {}
    for at, (own, _) in enumerate(drawn):
        first.setdefault(own, at)
    reach = {
        at: {first[n] for n in names if n in first} - {at} for at, (_, names) in enumerate(drawn)
    }
    for _ in drawn:
        reach = {at: others.union(*(reach[o] for o in others)) for at, others in reach.items()}
    found = waves(documents)

    assert len(found) == len(documents)
    for at, (own, names) in enumerate(drawn):
        for other in {first[n] for n in names if n in first} - {at}:
            if at not in reach[other]:
                assert found[other] < found[at]
        for later in range(at + 1, len(drawn)):
            if drawn[later][0] == own:
                assert found[later] > found[at]
