"""The de-para as a table: what is written reads back, and what cannot be read says where and why."""

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.journal.depara_rows import ChangeRow
from bus.journal.pairs import Pairs
from bus.store.memory_pairs import MemoryPairs
from depara.exchange import PairLine, read_keys, read_pairs, write_pairs
from depara.model import JoinVerdict, Key, Link, Member, PairRow, Source, join
from depara.sheet import Sheet
from depara.tables import TableMistake, Unreadable, read_list

HEADING = "entity;application;id;other;other_id"

MEMBERS = st.builds(
    Member,
    st.builds(
        Key,
        st.just("Item"),
        st.sampled_from(["rm", "protheus", "wms"]),
        st.sampled_from(["", "1/2"]),
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=4).filter(
            str.strip
        )
        | st.sampled_from(["1", "2", '"', ";", "a;b\r\nc", " 1", "1 ", "sep=;", "entity", "=1+1"]),
    ),
    st.sampled_from(["", "vendor"]),
)
LINKS = st.builds(lambda one, other: Link(one, (other,)), MEMBERS, MEMBERS).filter(
    lambda link: link.one.key != link.others[0].key
)


def hub(links: Iterable[Link]) -> Pairs:
    """A hub that was told these links."""
    made = Pairs(MemoryPairs(), 1)
    made.begin(ChangeRow(0, 0, Source.FILE, "", "", "", 0, 0))
    for link in links:
        join(made, link, Source.FILE)
    return made


def judged(text: str) -> tuple[list[TableMistake], list[TableMistake], list[int]]:
    """What a file says twice, where it contradicts itself, and the lines that say something new."""
    with Sheet() as sheet:
        for pair in read_pairs(text.encode()):
            sheet.add(pair)
        return sheet.doubles, sheet.contradictions, [pair.line for pair in sheet]


def rows_of(made: Pairs) -> list[PairRow]:
    """The open rows of a hub."""
    return [row for row in made.changes.rows.values() if not row.until]


def things(made: Pairs) -> set[frozenset[Key]]:
    """Which keys name one thing, where more than one does."""
    identities: dict[int, set[Key]] = {}
    for row in rows_of(made):
        identities.setdefault(row.identity, set()).add(row.key)
    return {frozenset(keys) for keys in identities.values() if len(keys) > 1}


def mistakes(data: bytes) -> tuple[TableMistake, ...]:
    """What is wrong in a file of pairs."""
    with pytest.raises(Unreadable) as refused:
        read_pairs(data)
    return refused.value.mistakes


# -- there and back --------------------------------------------------------------------------------


@given(st.lists(LINKS, max_size=12), st.sampled_from(["", "rm", "wms"]))
def test_what_is_exported_is_imported_as_the_same(links: list[Link], anchor: str) -> None:
    """An export taken back changes nothing, whatever its ids hold; the text is the same again."""
    made = hub(links)
    text = write_pairs(rows_of(made), anchor)

    verdicts = [
        join(made, Link(one, (other,)), Source.FILE)[0].verdict
        for _, one, other in read_pairs(text.encode())
    ]

    assert set(verdicts) <= {JoinVerdict.SAME}
    assert write_pairs(reversed(rows_of(made)), anchor) == text


@given(st.lists(LINKS, max_size=12))
def test_an_export_makes_the_same_de_para_elsewhere(links: list[Link]) -> None:
    """In an empty hub it names the same things; and a file of ours never contradicts itself."""
    made = hub(links)
    pairs = read_pairs(write_pairs(rows_of(made)).encode("utf-8-sig"))

    elsewhere = hub(Link(one, (other,)) for _, one, other in pairs)

    assert things(elsewhere) == things(made)
    assert judged(write_pairs(rows_of(made))) == ([], [], [pair.line for pair in pairs])


@given(st.binary(max_size=300) | st.text(';,\t"\n\r ab1|', max_size=80).map(str.encode))
def test_any_bytes_give_rows_or_our_own_error(data: bytes) -> None:
    """No other exception; and each mistake has its line."""
    readers: tuple[Callable[[bytes], object], ...] = (read_pairs, read_keys, read_list)
    for read in readers:
        told: tuple[TableMistake, ...] = ()
        try:
            read(data)
        except Unreadable as refused:
            told = refused.mistakes
        assert all(one.line > 0 and one.kind for one in told)


# -- what people save ------------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_a_spreadsheet_saves_is_read(separator: str, encoding: str, end: str) -> None:
    """Separator and encoding are found out; ids keep their blanks, names do not."""
    line = separator.join([" Item ", "rm", " ação|1 ", "protheus ", "01| |A"])
    text = end.join([HEADING.replace(";", separator), line, "", separator * 4, ""])

    assert read_pairs(text.encode(encoding)) == (
        PairLine(
            2,
            Member(Key("Item", "rm", "", " ação|1 ")),
            Member(Key("Item", "protheus", "", "01| |A")),
        ),
    )


def test_the_heading_decides_the_order_and_may_be_left_out() -> None:
    """Without a heading, columns are in their order; the optional ones may follow."""
    headed = b"other_id;Other;id;application;ENTITY;other_qualifier\nX;wms;1;rm;Item;vendor\n"
    bare = b"Item;rm;1;wms;X;;;;vendor\n"

    (one,), (other,) = read_pairs(headed), read_pairs(bare)

    assert one[1:] == other[1:]
    assert (one.line, other.line) == (2, 1)
    assert one.other == Member(Key("Item", "wms", "", "X"), "vendor")


def test_a_separator_that_is_declared_is_taken() -> None:
    """`sep=,` on the first line is for the spreadsheet; lines are still counted as they are."""
    (pair,) = read_pairs(b"sep=,\nItem,rm,1;2;3;4;5,wms,X\n")

    assert (pair.line, pair.one.key.id) == (2, "1;2;3;4;5")


def test_an_empty_file_has_no_pairs() -> None:
    """Nothing is nothing."""
    assert read_pairs(b"") == read_pairs(b"\xef\xbb\xbf\r\n\r\n") == ()


@pytest.mark.parametrize(
    ("lines", "mistake"),
    [
        (["Item;rm;;protheus;01"], TableMistake("empty", 2, "id")),
        (["Item;rm;1;protheus;01", "Item;rm;  ;protheus;01"], TableMistake("empty", 3, "id")),
        (["Item;rm;1"], TableMistake("empty", 2, "other")),
        (["", "Item;rm;1;protheus;01;x"], TableMistake("too_many", 3, "", "x")),
        (['Item;rm;"1;protheus;01', "x"], TableMistake("quotes", 2)),
    ],
)
def test_a_mistake_is_told_by_line_and_column(lines: list[str], mistake: TableMistake) -> None:
    """Counted as the editor shows them, blank lines included."""
    assert mistakes("\n".join([HEADING, *lines]).encode())[0] == mistake


@pytest.mark.parametrize(
    ("heading", "kind", "value"),
    [
        ("entity;application;id;other;other_id;scop", "unknown_column", "scop"),
        ("entity;application;id;other;other_id;id", "column_twice", "id"),
        ("entity;application;id;other", "no_column", "other_id"),
    ],
)
def test_a_wrong_heading_is_told(heading: str, kind: str, value: str) -> None:
    """Each column that is missing, unknown or there twice."""
    assert TableMistake(kind, 1, "", value) in mistakes(heading.encode())


def test_bytes_that_are_no_text_are_told_by_their_line() -> None:
    """Neither UTF-8 nor Windows-1252."""
    assert mistakes(b"Item;rm;1;wms;2\nItem;rm;\x81;wms;3") == (
        TableMistake("encoding", 2, "id", "0x81"),
    )


@pytest.mark.parametrize(
    ("heading", "column"),
    [("", "other_id"), (HEADING, "other_id"), ("entity;other;other_id;application;id\n", "id")],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_of_two_encodings_is_told_by_line_and_column(
    heading: str, column: str, end: str
) -> None:
    """Read as either, the letters of the other would become wrong ids."""
    lines = [*([heading.strip()] if heading else []), "Item;rm;1;wms;Ç1", "Item;rm;2;wms;"]
    data = end.join(lines).encode() + "Ç2".encode("cp1252") + end.encode()

    line = len(lines)
    assert mistakes(data) == (TableMistake("mixed", line, column, "0xc7", line - 1),)


def test_ids_of_one_application_are_no_pair() -> None:
    """Unless a qualifier says that they are two records of one thing, or a scope whose."""
    lines = [
        "Item;rm;1;rm;2",
        "CustomerVendor;rm;1;rm;2;;customer;;vendor",
        "Item;rm;3;rm;3;01;;02",
    ]

    _, (contradiction,), new = judged("\n".join(lines))

    assert new == [2, 3]
    assert contradiction == TableMistake("one_application", 1, "other_id", "2", 1)


def test_all_mistakes_are_told_at_once() -> None:
    """A person corrects a file in one go."""
    found = mistakes(f"{HEADING}\nItem;;1;;2\nItem;rm;1;wms;2;3".encode())

    assert [(one.line, one.kind) for one in found] == [(2, "empty"), (2, "empty"), (3, "too_many")]


# -- against itself --------------------------------------------------------------------------------


def test_a_file_is_compared_with_itself() -> None:
    """A line twice, in either direction, is harmless; two ids for one place are not."""
    text = """\
Item;rm;1;wms;A
Item;wms;A;rm;1
Item;rm;1;wms;B
Item;rm;1;protheus;P
Item;protheus;P;wms;C
Item;rm;1;rm;1
CustomerVendor;rm;1;protheus;C;;;;customer
CustomerVendor;rm;1;protheus;F;;;;vendor
"""

    doubles, contradictions, _ = judged(text)

    assert doubles == [TableMistake("double", 2, "", "1", 1)]
    assert contradictions == [
        TableMistake("contradiction", 3, "other_id", "B", 1),
        TableMistake("contradiction", 5, "other_id", "C", 1),
        TableMistake("itself", 6, "other_id", "1", 6),
    ]


# -- what an export looks like ---------------------------------------------------------------------


def test_an_export_has_a_line_for_each_further_id() -> None:
    """Anchored on the application that is asked for, else on one that has a single id."""
    rm, c, f = (Member(Key("CustomerVendor", "rm", "", "9")), *(
        Member(Key("CustomerVendor", "protheus", "", id_), qualifier)
        for id_, qualifier in (("01|C", "customer"), ("01|F", "vendor"))
    ))  # fmt: skip
    rows = rows_of(
        hub(
            [
                Link(rm, (c, f)),
                Link(
                    Member(Key("Item", "wms", "", "x")), (Member(Key("Item", "wms", "1/1", "y")),)
                ),
            ]
        )
    )

    assert write_pairs(rows).splitlines()[1:] == [
        "CustomerVendor;rm;9;protheus;01|C;;;;customer",
        "CustomerVendor;rm;9;protheus;01|F;;;;vendor",
        "Item;wms;x;wms;y;;;1/1;",
    ]
    assert write_pairs(rows, "protheus").splitlines()[1:3] == [
        "CustomerVendor;protheus;01|C;protheus;01|F;;customer;;vendor",
        "CustomerVendor;protheus;01|C;rm;9;;customer;;",
    ]


# -- lists -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "ids"),
    [
        (b"1|A\n1|B \r\n\n", ("1|A", "1|B ")),
        (b"InternalId\n1|A\n", ("1|A",)),
        (b"id;name\n1|A;x\n1|B;y\n", ("1|A", "1|B")),
        (b"1,5\n7\n", ("1,5", "7")),
        (b'"1|A;"\n"1|B"\n', ("1|A;", "1|B")),
    ],
)
def test_a_list_of_ids_is_read(data: bytes, ids: tuple[str, ...]) -> None:
    """One a line, or the first of columns that go all the way down."""
    assert read_list(data) == ids


def test_a_list_of_keys_is_read() -> None:
    """Of movements to purge."""
    (found,) = read_keys(b"entity,application,id,scope\nOrder,rm,1|2,1/1\n")

    assert found == (2, Key("Order", "rm", "1/1", "1|2"))
