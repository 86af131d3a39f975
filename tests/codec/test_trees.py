"""Content as a tree: what stands in a message, and a message of what stands in a tree."""

import sys
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

import schemas
from bus.core.contract import IdElement, IdRole
from bus.core.element import Element
from bus.core.envelope import (
    BusinessEvent,
    BusinessRequest,
    DeliveryMode,
    Envelope,
    Event,
    Header,
    InternalIdPair,
    MessageType,
    Product,
    Status,
)
from bus.core.errors import SenderFault
from bus.core.translation import Swap, Translation
from bus.ports.codec import Draft, Reply
from tests.codec.samples import CODEC, DESTINATION_UUID, RESPONSE, business, message, read

ENVELOPE = etree.XMLSchema(etree.fromstring(schemas.envelope_xsd()))
HEADER = Header(
    uuid="omie-17",
    type=MessageType.BUSINESS,
    transaction="Request",
    version="1.010",
    source_application="OMIE",
    company="01",
    branch="D MG 01 ",
    product=Product("OMIE"),
    delivery=DeliveryMode.ASYNC,
)
EVENT = BusinessEvent("Request", Event.UPSERT, (("InternalId", "á & <17>"),))

CHARACTERS = st.characters(exclude_categories=["Cs"]).filter(
    lambda one: one in "\t\n\r" or (unicodedata.category(one) != "Cc" or one > "\x7e")
)
TEXTS = st.text(CHARACTERS.filter(lambda one: one not in "\ufffe\uffff"), max_size=30)
NAMES = st.from_regex(r"\A[A-Za-z_çÁ世][A-Za-z0-9_.ç世-]{0,8}\Z").filter(
    lambda name: name != "xmlns"
)
ATTRIBUTES = st.dictionaries(NAMES, TEXTS, max_size=3)


def parent(name: str, *children: Element, text: str = "", **attributes: str) -> Element:
    """An element that holds others."""
    return Element(name, text, attributes, children)


def _with_children(inside: st.SearchStrategy[Element]) -> st.SearchStrategy[Element]:
    seen = TEXTS.map(lambda text: text if text.strip() else "")
    return st.builds(Element, NAMES, seen, ATTRIBUTES, st.lists(inside, min_size=1).map(tuple))


TREES = st.recursive(st.builds(Element, NAMES, TEXTS, ATTRIBUTES), _with_children, max_leaves=12)


def content(*children: Element) -> Element:
    """A BusinessContent."""
    return parent("BusinessContent", *children)


def composed(tree: Element) -> bytes:
    """A message of a tree."""
    return CODEC.compose(Draft(HEADER, EVENT, tree))


ITEMS = content(
    Element("InternalId", "17"),
    parent(
        "ListOfRequestItem",
        parent("RequestItem", Element("ItemInternalId", "A"), Element("Quantity", "2.5")),
        Element("Note", "entre itens", {"kind": "aviso"}),
        parent("RequestItem", Element("ItemInternalId", "B"), Element("Quantity", "")),
    ),
)


# -- from a message --------------------------------------------------------------------------------


def test_a_list_is_read_item_by_item_in_its_order() -> None:
    """By paths, with no XML in sight."""
    tree = read(composed(ITEMS)).content()

    items = tree.all("ListOfRequestItem/RequestItem")
    assert [item.text_at("ItemInternalId") for item in items] == ["A", "B"]
    assert [item.text_at("Quantity") for item in items] == ["2.5", ""]
    assert [one.name for one in tree.all("ListOfRequestItem")[0].children] == [
        "RequestItem",
        "Note",
        "RequestItem",
    ]
    assert tree.text_at("ListOfRequestItem/RequestItem/ItemInternalId") == "A"
    assert tree.first("ListOfRequestItem/Note") == Element("Note", "entre itens", {"kind": "aviso"})
    assert tree.first("ListOfOthers/Other") is None
    assert tree.text_at("ListOfOthers/Other") == ""


def test_namespaces_are_left_out() -> None:
    """Of elements and of attributes, among which one without goes first."""
    tree = read(
        message(
            business(
                '<BusinessContent xmlns="urn:a"><Date xmlns:x="http://www.w3.org/2001/XMLSchema-'
                'instance" x:nil="true" nil="own"/></BusinessContent>'
            )
        )
    ).content()

    assert tree == content(Element("Date", attributes={"nil": "own"}))


def test_without_a_content_the_tree_is_empty() -> None:
    """Of a business message, and of an answer, whose content is what it returns."""
    returned = RESPONSE.partition("<ReturnContent>")[0] + "<ReturnContent><Stock>7</Stock>"
    said = read(message(f"{returned}</ReturnContent></ResponseMessage>", Type="Response"))

    assert read(message(business(""))).content() == content()
    assert said.content() == parent("ReturnContent", Element("Stock", "7"))


def test_a_tree_has_the_ids_of_its_reader() -> None:
    """The same as the message that is written for it; what a reader goes without is left out."""
    elements = tuple(
        IdElement(path, IdRole.OWN if path == "InternalId" else IdRole.REFERENCE, "Any")
        for path in ("InternalId", "ListOfRequestItem/RequestItem/ItemInternalId")
    )
    item = elements[1].path
    swaps = (
        Swap("InternalId", "Any", "17", "R-17", own=True),
        Swap(item, "Any", "A", "77"),
        Swap(item, "Any", "B", None),
    )
    document, by = read(composed(ITEMS)), Translation(swaps, elements=elements)

    tree = document.content(by)

    assert tree.text_at("InternalId") == "R-17"
    assert [one.text for one in tree.all(item)] == ["77"]
    assert tree == read(document.write("x", by)).content()
    assert document.content() == ITEMS


# -- to a message ----------------------------------------------------------------------------------


def test_a_draft_becomes_a_message_in_the_strict_form() -> None:
    """Header, event, identification and content say what the draft says."""
    written = composed(ITEMS)

    ENVELOPE.assertValid(etree.fromstring(written))
    document = read(written)
    assert document.envelope == Envelope(HEADER, EVENT)
    assert document.content() == ITEMS


def test_a_draft_may_ask() -> None:
    """A query or a procedure is a BusinessRequest; what type the header names does not count."""
    asking = Draft(HEADER._replace(type=MessageType.RECEIPT), BusinessRequest("Stock"), content())

    document = read(CODEC.compose(asking))

    assert document.envelope == Envelope(HEADER, BusinessRequest("Stock"))


@given(st.lists(TREES, max_size=4))
def test_a_tree_that_went_through_a_message_is_the_same(children: list[Element]) -> None:
    """Names, texts with their blanks, attributes, and children in any order."""
    tree = content(*children)

    document = read(composed(tree))

    assert document.content() == tree
    assert read(document.write("other")).content() == tree


ANYTHING = st.recursive(
    st.builds(Element, st.text(max_size=5), st.text(max_size=5)),
    lambda inside: st.builds(
        Element,
        st.text(max_size=5) | NAMES,
        st.text(max_size=5),
        st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=2),
        st.lists(inside, max_size=3).map(tuple),
    ),
    max_leaves=6,
)


@given(ANYTHING)
def test_any_tree_gives_a_message_or_a_fault(tree: Element) -> None:
    """Never XML that cannot be read, nor a message that says something else."""
    try:
        came_back = read(composed(content(tree))).content()
    except SenderFault as refusal:
        fault = refusal.fault
    else:
        assert came_back == content(tree)
        return

    assert fault.code == "CONTENT_UNWRITABLE"
    assert fault.path.startswith("/BusinessContent/")


@pytest.mark.parametrize(
    ("tree", "path", "problem"),
    [
        (content(Element("a b")), "/BusinessContent/a b", "“a b” can be no name in XML"),
        (content(Element("")), "/BusinessContent/", "“” can be no name"),
        (content(Element("x:y")), "/BusinessContent/x:y", "can be no name"),
        (content(Element("A", "a\x00b")), "/BusinessContent/A", "no character U+0000"),
        (content(Element("A", "\ud800")), "/BusinessContent/A", "no character U+D800"),
        (content(Element("A", "", {"b": "\x1f"})), "/BusinessContent/A/@b", "U+001F"),
        (content(Element("A", "", {"xmlns": "u"})), "/BusinessContent/A/@xmlns", "“xmlns”"),
        (content(parent("A", Element("B"), text=" \n")), "/BusinessContent/A", "blanks beside"),
        (Element("Content"), "/Content", "the content is called BusinessContent"),
    ],
)
def test_what_xml_cannot_carry_is_told(tree: Element, path: str, problem: str) -> None:
    """Where it stands and what is wrong; nothing is dropped in silence."""
    with pytest.raises(SenderFault) as refusal:
        composed(tree)

    fault = refusal.value.fault
    assert (fault.code, fault.path) == ("CONTENT_UNWRITABLE", path)
    assert problem in fault.reason("en")
    assert fault.remedy("pt")


@pytest.mark.parametrize("levels", [251, sys.getrecursionlimit() * 3])
def test_a_tree_that_no_reader_takes_is_refused(levels: int) -> None:
    """Before it is written, however deep it is."""
    deep = Element("A")
    for _ in range(levels):
        deep = parent("A", deep)

    with pytest.raises(SenderFault) as refusal:
        composed(content(deep))

    assert refusal.value.fault.code == "TOO_COMPLEX"


@pytest.mark.parametrize("header", [HEADER._replace(uuid=""), HEADER._replace(version=" ")])
def test_a_draft_whose_header_lacks_something_is_refused(header: Header) -> None:
    """It is read before anybody gets it."""
    with pytest.raises(SenderFault) as refusal:
        CODEC.compose(Draft(header, EVENT, content()))

    assert refusal.value.fault.code == "ENVELOPE_INCOMPLETE"


# -- answers that are written for an application ---------------------------------------------------


@given(st.lists(TREES, min_size=1, max_size=4), st.booleans())
def test_what_an_answer_returns_is_the_tree(children: list[Element], lists_ids: bool) -> None:
    """Before the ids, whatever is in it."""
    ids = (InternalIdPair("Request", "17", "900"),) if lists_ids else ()
    tree = Element("ReturnContent", children=tuple(children))
    asked = replace(Reply(read(composed(ITEMS)).envelope, DESTINATION_UUID, 0), ids=ids)

    document = read(CODEC.reply(replace(asked, content=tree)))

    found = document.content().children
    assert found[: len(children)] == tree.children
    assert len(found) == len(children) + lists_ids


def test_an_answer_lists_the_ids_that_an_application_made() -> None:
    """In the form of the products, in its application's name."""
    ids = (InternalIdPair("Request", "á<17>", "900"), InternalIdPair("Item", " A ", ""))
    asked = replace(
        Reply(read(composed(ITEMS)).envelope, DESTINATION_UUID, 0),
        ids=ids,
        source_application="omie",
        product="OMIE2",
        processed_on="28/11/2026",
    )

    written = CODEC.reply(asked)

    ENVELOPE.assertValid(etree.fromstring(written))
    said = CODEC.parse_answer(written).response
    assert said
    assert (said.ids, said.status, said.processed_on) == (ids, Status.OK, "28/11/2026")
    header = read(written).envelope.header
    assert (header.source_application, header.product.name) == ("omie", "OMIE2")
