"""Messages over the bridges between versions: what stays, what is lost, and that it is valid."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from lxml import etree

import schemas
from bus.codec.document import XmlDocument
from bus.contracts.bridges import XmlBridges, read_bridge, shipped_bridges
from bus.contracts.example import example_message
from bus.contracts.fields import fields_of
from bus.contracts.registry import Registry
from bus.contracts.reshape import order_of, reshape
from bus.core.bridge import Bridge, Loss
from bus.core.contract import Contract
from bus.core.contract_diff import ChangeKind, Field, differences
from bus.core.translation import Swap, Translation
from tests.codec.samples import CODEC, UUID

REGISTRY = Registry()
BRIDGES = XmlBridges(REGISTRY)
SHIPPED = {(one.transaction, one.source, one.target): one for one in shipped_bridges()}
DOWN, UP = SHIPPED["Order", "4.010", "3.002"], SHIPPED["Order", "3.002", "4.010"]

each_bridge = pytest.mark.parametrize(
    "bridge", SHIPPED.values(), ids=lambda one: f"{one.transaction} {one.source} to {one.target}"
)


def contract(transaction: str, version: str) -> Contract:
    """A contract that ships."""
    found = REGISTRY.find(transaction, version)
    assert found is not None
    return found


def example(transaction: str, version: str, *, full: bool = True) -> XmlDocument:
    """The example of a contract, as a message."""
    made = example_message(contract(transaction, version), "P12", uuid=UUID, at=0, full=full)
    return CODEC.parse(made)


def over(bridge: Bridge, document: XmlDocument) -> tuple[XmlDocument, dict[str, int]]:
    """A message over a bridge, as its reader reads it, and what was lost."""
    made = BRIDGES.transformed(document, bridge)
    return CODEC.parse(made.document.write(UUID)), dict(made.lost)


def paths_in(document: XmlDocument) -> list[str]:
    """The path of every element of a content, below it."""
    assert document.content_node is not None
    return [below(one, document.content_node) for one in document.content_node.iterdescendants()]


def below(element: etree._Element, content: etree._Element) -> str:
    """Where an element stands below a content."""
    steps = [element, *element.iterancestors()]
    return "/".join(str(one.tag) for one in reversed(steps[: steps.index(content)]))


def without(document: XmlDocument, *paths: str) -> XmlDocument:
    """A message without what stands at these paths."""
    copy = CODEC.parse(document.raw)
    assert copy.content_node is not None
    for path in paths:
        for element in copy.content_node.findall(path):
            parent = element.getparent()
            assert parent is not None
            parent.remove(element)
    return CODEC.parse(etree.tostring(copy.root))


# -- those that ship -------------------------------------------------------------------------------


@each_bridge
@pytest.mark.parametrize("full", [False, True], ids=["minimal", "full"])
def test_an_example_over_a_bridge_is_valid_there(bridge: Bridge, full: bool) -> None:
    """By the contract of the other version, under its version and with the header as it was."""
    document = example(bridge.transaction, bridge.source, full=full)

    there, _ = over(bridge, document)

    was, header = document.envelope.header, there.envelope.header
    assert header == was._replace(version=bridge.target)
    assert REGISTRY.check(contract(bridge.transaction, bridge.target), there) == ()


@each_bridge
def test_a_bridge_says_all_that_is_lost_and_no_more(bridge: Bridge) -> None:
    """Just what the other version lacks, and each loss is counted where the element says something."""
    lacking = missing_there(bridge)

    _, lost = over(bridge, example(bridge.transaction, bridge.source))

    assert set(bridge.lost) | set(bridge.moved) == lacking
    assert set(lost) == lacking - set(bridge.moved)


@each_bridge
def test_the_paths_of_a_bridge_exist(bridge: Bridge) -> None:
    """What is lost or moved stands in the one contract, what it becomes in the other."""
    here, there = fields(bridge.source, bridge), fields(bridge.target, bridge)

    assert {*bridge.lost, *bridge.moved} <= here.keys()
    assert {*bridge.moved.values(), *bridge.values, *bridge.defaults} <= there.keys()


@each_bridge
def test_a_bridge_leads_back(bridge: Bridge) -> None:
    """Each has the other direction beside it: answers and corrections come from there."""
    assert (bridge.transaction, bridge.target, bridge.source) in SHIPPED


def fields(version: str, bridge: Bridge) -> dict[str, Field]:
    """What stands below the content of a contract, by path."""
    found = fields_of(REGISTRY.xsd(contract(bridge.transaction, version)))
    start = "BusinessContent/"
    return {path.removeprefix(start): one for path, one in found.items() if path.startswith(start)}


def missing_there(bridge: Bridge) -> set[str]:
    """What the source of a bridge has and its target has not, the tops of it."""
    told = differences(
        *(fields_of(REGISTRY.xsd(contract(bridge.transaction, version)))
          for version in (bridge.source, bridge.target))
    )  # fmt: skip
    gone = {one.path for one in told if one.kind is ChangeKind.REMOVED}
    return {path.removeprefix("BusinessContent/") for path in gone}


def test_down_and_up_again_loses_just_what_was_said() -> None:
    """Whatever the other version knows comes back as it was, in the same order."""
    document = example("Order", "4.010")

    down, _ = over(DOWN, document)
    again, lost = over(UP, down)

    assert again.envelope.header == document.envelope.header
    assert again.canonical == without(document, *DOWN.lost).canonical
    assert lost == {}


def test_up_and_down_again_is_the_same_message() -> None:
    """An older order loses nothing on the way up, nor back."""
    document = example("Order", "3.002")

    up, lost_up = over(UP, document)
    again, lost_down = over(DOWN, up)

    assert again.canonical == document.canonical
    assert (lost_up, lost_down) == ({}, {})


@pytest.mark.parametrize("path", sorted(set(paths_in(example("Order", "4.010")))))
def test_every_element_is_kept_or_named_as_lost(path: str) -> None:
    """One by one: an order with one element less has one loss less, or one element less there."""
    document = example("Order", "4.010")
    whole, _ = over(DOWN, document)

    there, lost = over(DOWN, without(document, path))

    named = any(path == one or path.startswith(f"{one}/") for one in DOWN.lost)
    assert (path in paths_in(whole)) is not named
    assert path not in paths_in(there)
    assert path not in lost


def test_a_message_that_goes_over_a_bridge_stays_as_it_was() -> None:
    """Another destination may take it as it is."""
    document = example("Order", "4.010")
    before = document.write(UUID)

    over(DOWN, document)

    assert document.write(UUID) == before


def test_the_schema_location_follows_the_version() -> None:
    """As far as it names one; a sender's folder stays."""
    raw = example("Order", "4.010").raw
    located = raw.replace(
        b"<TOTVSMessage>",
        b'<TOTVSMessage xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        b'xsi:noNamespaceSchemaLocation="xmlschema/general/events/Order_4_010.xsd">',
    )
    assert located != raw

    made = BRIDGES.transformed(CODEC.parse(located), DOWN)
    written = made.document.write(UUID)

    assert b'"xmlschema/general/events/Order_3_002.xsd"' in written
    assert b'version="3.002"' in written
    assert b"4_010" not in written


def test_ids_are_put_in_the_readers_terms_first() -> None:
    """A translation speaks of the sender's version; what it put is there in the reader's."""
    document = example("Order", "4.010")
    elements = contract("Order", "4.010").ids
    (own,) = document.values(["InternalId"])
    translation = Translation(
        (Swap("InternalId", "Order", own, "7|1", own=True),), elements=elements
    )

    made = BRIDGES.transformed(document, DOWN, translation)

    assert made.document.values(["InternalId"]) == ("7|1",)
    business = made.document.envelope.business
    assert getattr(business, "keys", ()) == (("InternalId", "7|1"),)


def test_a_message_without_content_has_nothing_to_lose() -> None:
    """Its version changes all the same."""
    document = CODEC.parse(
        f'<TOTVSMessage><MessageInformation version="4.010"><UUID>{UUID}</UUID>'
        "<Type>BusinessMessage</Type><Transaction>Order</Transaction></MessageInformation>"
        "<BusinessMessage><BusinessEvent><Entity>Order</Entity><Event>delete</Event>"
        "</BusinessEvent></BusinessMessage></TOTVSMessage>".encode()
    )

    there, lost = over(DOWN, document)

    assert (there.envelope.header.version, lost) == ("3.002", {})


# -- what a bridge may declare ---------------------------------------------------------------------

CONTENT = """<BusinessContent>
<Kind>2</Kind><Note/><Note>a</Note><Note>b</Note>
<Lines><Line><Code>1</Code><Old>x</Old></Line><Line><Code>2</Code></Line></Lines>
</BusinessContent>"""


def reshaped(
    content: str = CONTENT,
    *,
    order: Mapping[str, Mapping[str, int]] | None = None,
    **declared: object,
) -> tuple[str, tuple[Loss, ...]]:
    """A content over a bridge that declares this, and what was lost."""
    tree = etree.fromstring(content, etree.XMLParser(remove_blank_text=True))
    bridge = Bridge("Order", "1.000", "2.000", **declared)  # type: ignore[arg-type]
    lost = reshape(tree, bridge, order or {})
    return etree.tostring(tree, encoding="unicode"), lost


def test_what_is_lost_is_counted_where_it_said_something() -> None:
    """An empty element goes too, but nothing was lost with it."""
    told, lost = reshaped(lost=("Note", "Lines/Line/Old", "Absent"))

    assert lost == (Loss("Note", 2), Loss("Lines/Line/Old", 1))
    assert told == (
        "<BusinessContent><Kind>2</Kind><Lines><Line><Code>1</Code></Line>"
        "<Line><Code>2</Code></Line></Lines></BusinessContent>"
    )


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("Kind", "Sort", "<Lines><Line><Code>1</Code><Old>x</Old></Line><Line><Code>2</Code></Line></Lines><Sort>2</Sort>"),
        ("Kind", "Head/Sort", "<Lines><Line><Code>1</Code><Old>x</Old></Line><Line><Code>2</Code></Line></Lines><Head><Sort>2</Sort></Head>"),
        ("Lines/Line/Code", "Lines/Line/Key/Id", "<Kind>2</Kind><Lines><Line><Old>x</Old><Key><Id>1</Id></Key></Line><Line><Key><Id>2</Id></Key></Line></Lines>"),
        ("Lines/Line", "Items/Item", "<Kind>2</Kind><Lines/><Items><Item><Code>1</Code><Old>x</Old></Item><Item><Code>2</Code></Item></Items>"),
    ],
)  # fmt: skip
def test_elements_move(was: str, becomes: str, told: str) -> None:
    """Each within the parents that both paths share; what is missing on the way is made."""
    after, lost = reshaped(lost=("Note",), moved={was: becomes})

    assert after == f"<BusinessContent>{told}</BusinessContent>"
    assert lost == (Loss("Note", 2),)


def test_values_are_called_otherwise() -> None:
    """By what they say, blanks aside; a value that is not listed stays."""
    told, _ = reshaped(
        "<BusinessContent><Kind> 2 </Kind><Lines><Line><Code>1</Code></Line></Lines></BusinessContent>",
        values={"Kind": {"2": "B"}, "Lines/Line/Code": {"7": "G"}},
    )

    assert told == (
        "<BusinessContent><Kind>B</Kind><Lines><Line><Code>1</Code></Line></Lines></BusinessContent>"
    )


def test_what_is_missing_is_supplied() -> None:
    """Once a parent, and never in place of what is there."""
    told, _ = reshaped(
        lost=("Note",),
        defaults={"Kind": "9", "Sort": "1", "Lines/Line/Old": "y", "Absent/Code": "z"},
    )

    assert told == (
        "<BusinessContent><Kind>2</Kind><Lines><Line><Code>1</Code><Old>x</Old></Line>"
        "<Line><Code>2</Code><Old>y</Old></Line></Lines><Sort>1</Sort></BusinessContent>"
    )


def test_the_result_is_in_the_order_of_the_other_version() -> None:
    """At every depth; what the version does not know stays behind what it stood behind."""
    order = {
        "BusinessContent": {"Lines": 0, "Kind": 1},
        "BusinessContent/Lines/Line": {"Old": 0, "Code": 1},
    }

    told, _ = reshaped(order=order, lost=("Note",), moved={"Lines/Line/Absent": "Absent"})

    assert told == (
        "<BusinessContent><Lines><Line><Old>x</Old><Code>1</Code></Line>"
        "<Line><Code>2</Code></Line></Lines><Kind>2</Kind></BusinessContent>"
    )
    strange = "<BusinessContent><Kind>2</Kind><Odd/><Lines/></BusinessContent>"
    assert reshaped(strange, order=order)[0] == (
        "<BusinessContent><Lines/><Kind>2</Kind><Odd/></BusinessContent>"
    )


def test_the_order_is_the_contracts() -> None:
    """Of a sequence and of an `all`; not where parts are repeated or chosen together."""
    content = Field("BusinessContent", order=("B", "A"))
    chosen = Field("BusinessContent/A", order=("|", "D", "C"))
    fields = [content, Field("BusinessContent/B"), chosen, Field("BusinessContent/A/D")]

    order = order_of(fields)

    assert order["BusinessContent"] == {"B": 0, "A": 1}
    assert "BusinessContent/A" not in order


def test_a_declaration_is_read_whole() -> None:
    """All that the file may say, and nothing else."""
    page = """
    lost = ["A"]
    [moved]
    "B" = "C"
    [values."C"]
    "1" = "2"
    [defaults]
    "D" = "x"
    """

    read = read_bridge("Order_4_010_to_3_002", page)

    assert read == Bridge(
        "Order", "4.010", "3.002", ("A",), {"B": "C"}, {"C": {"1": "2"}}, {"D": "x"}
    )
    with pytest.raises(TypeError):
        read_bridge("Order_4_010_to_3_002", "lost = []\nloses = []")
    with pytest.raises(ValueError, match="no name of a bridge"):
        read_bridge("Order_4_010", "lost = []")


def test_every_file_of_a_bridge_ships() -> None:
    """And says its two versions in its name."""
    assert len(SHIPPED) == len(schemas.bridge_names())
