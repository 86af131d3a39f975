"""Which way a message takes to a reader of other versions."""

from bus.core.bridge import Bridge
from bus.core.errors import Owner
from bus.core.route import Application
from bus.core.way import Way, not_accepted, way_to

DOWN = Bridge("Order", "4.010", "3.002", lost=("Observation",))
DOWN_LESS = Bridge("Order", "4.010", "3.010")
UP = Bridge("Order", "3.002", "4.010")
BRIDGES = (DOWN_LESS, DOWN, UP)


def reader(*versions: str) -> Application:
    """An application that takes orders at these versions."""
    return Application("rm", "RM", accepts={"order": frozenset(versions)})


def test_an_application_that_declares_nothing_takes_everything() -> None:
    """Of a transaction that it does not name."""
    assert way_to(Application("rm", "RM"), "Order", "9.999", BRIDGES) == Way(open=True)
    assert way_to(reader("3.002"), "Request", "1.010", BRIDGES) == Way(open=True)


def test_a_version_that_is_taken_needs_no_bridge() -> None:
    """Even where one leads elsewhere."""
    assert way_to(reader("3.002", "4.010"), "ORDER", "4.010", BRIDGES) == Way(open=True)


def test_another_version_goes_over_the_bridge() -> None:
    """In either direction, in any letter case of the transaction."""
    assert way_to(reader("3.002"), "order", "4.010", BRIDGES) == Way(open=True, bridge=DOWN)
    assert way_to(reader("4.010"), "Order", "3.002", BRIDGES) == Way(open=True, bridge=UP)


def test_of_several_bridges_the_one_to_the_newest_version_is_taken() -> None:
    """Number by number, whatever their order."""
    for bridges in (BRIDGES, BRIDGES[::-1]):
        assert way_to(reader("3.002", "3.010"), "Order", "4.010", bridges).bridge is DOWN_LESS


def test_without_a_bridge_there_is_no_way() -> None:
    """A bridge of another transaction, or from another version, is none."""
    others = (UP, Bridge("Request", "4.010", "3.002"))

    assert way_to(reader("3.002"), "Order", "4.010", others) == Way(open=False)


def test_the_fault_says_what_is_taken() -> None:
    """And who must act, in both languages."""
    fault = not_accepted(reader("3.002", "3.010"), "Order", "4.010")

    assert (fault.owner, fault.status) == (Owner.ADMIN, 422)
    assert "Order 4.010, only 3.002, 3.010" in fault.reason("en")
    assert "Order 4.010, só 3.002, 3.010" in fault.reason("pt")
