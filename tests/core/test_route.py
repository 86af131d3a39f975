"""Which rules a configuration has: by message, by name, and by who sends."""

from dataclasses import replace

from bus.core.envelope import Header, MessageType
from bus.core.route import Deployment, Route

ITEMS = Route("items", frozenset({"item", "currency"}), "protheus", ("rm",))
OLD = replace(ITEMS, name="old", versions=frozenset({"4.004"}))
THERE = replace(ITEMS, name="there", origin="rm", transactions=frozenset({"unitofmeasure"}))
DEPLOYMENT = Deployment(1, {}, (OLD, ITEMS, THERE))
HEADER = Header("1", MessageType.BUSINESS, "Item", "4.005")


def taking(origin: str = "protheus", **header: str) -> list[str]:
    """The names of the rules about a message."""
    changed = HEADER._replace(**header)  # type: ignore[arg-type]
    return [route.name for route in DEPLOYMENT.routes_for(changed, origin)]


def test_a_rule_is_about_messages_of_its_origin_transaction_and_versions() -> None:
    """In any letter case of the transaction, and in the order of the file."""
    assert taking() == ["items"]
    assert taking(transaction="ITEM", version="4.004") == ["old", "items"]
    assert taking(transaction="Order") == taking("omie") == []
    assert taking("rm", transaction="UnitOfMeasure") == ["there"]


def test_a_rule_is_found_by_its_name() -> None:
    """Unless the configuration in force has it no more."""
    assert DEPLOYMENT.route("items") is ITEMS
    assert DEPLOYMENT.route("Items") is None


def test_what_a_sender_may_send_is_told_in_order() -> None:
    """Each transaction once, whatever the rules of others."""
    assert DEPLOYMENT.transactions_from("protheus") == ("currency", "item")
    assert DEPLOYMENT.transactions_from("omie") == ()
