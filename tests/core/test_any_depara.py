"""What no message, no de-para and no answer may break when ids are translated and learnt."""

from dataclasses import replace
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from bus.core.contract import IdElement
from bus.core.envelope import InternalIdPair
from bus.core.learning import Taught, lesson_of
from bus.core.route import Application, IdScope, OnMissing
from bus.core.translation import (
    COMPANY,
    COMPANY_PATH,
    FoundId,
    Known,
    Swap,
    Translation,
    company_id,
    is_blank,
    keys_of,
    on_missing,
    reader_scope,
    translate,
)
from depara.model import SharedIds, names
from tests.core.ids import (
    OMIE,
    OPAQUE,
    OWN,
    PART,
    PROTHEUS,
    REFERENCE,
    SHELF,
    UNIT,
    VENDOR,
    alike,
    called,
    crossing,
    found,
    in_turn,
    known,
)

APPLICATIONS = ("protheus", "omie", "wis")
ENTITIES = (UNIT, VENDOR, SHELF, COMPANY)
CATALOG = (
    IdElement("InternalId", OWN, VENDOR),
    IdElement("List/LineId", PART, SHELF),
    IdElement("List/UnitId", REFERENCE, UNIT),
    IdElement("UnitId", REFERENCE, UNIT),
    IdElement("ShelfId", REFERENCE, SHELF),
    IdElement("VendorId", REFERENCE, VENDOR, qualifier="vendor"),
    IdElement("CompanyId", REFERENCE, COMPANY),
    IdElement("Unknown", REFERENCE),
    IdElement("Number", OPAQUE, UNIT),
)
"""An element of every kind; a path is always the same one."""
BLANKS = ("", " ", "01|", "01|  |")

texts = st.sampled_from(["A|1", "A|1", "2", "2", "3", "01|02", "", "01|  |"])
contents = st.lists(st.tuples(st.sampled_from(CATALOG), texts), max_size=8, unique=True).map(
    lambda drawn: [FoundId(element.path, text, element) for element, text in drawn]
)
"""The ids of a message: each text at a path once."""
# Which of its ids Omie has of a thing, and whether Protheus and WIS have one.
qualified = st.sampled_from([(), ("",), ("",), ("vendor",), ("", "vendor"), ("1", "2", "vendor")])
knowledge = st.tuples(qualified, st.sampled_from([True, True, False]), st.booleans())
THINGS = tuple(product(ENTITIES, (1, 2)))


def table_of(drawn: list[tuple[tuple[str, ...], bool, bool]]) -> Known:
    """A de-para of two things of each entity; Omie calls one as Protheus calls the other."""
    table = []
    for (entity, number), (qualifiers, here, elsewhere) in zip(THINGS, drawn, strict=True):
        ours = ("01|02" if entity == COMPANY else "A|1") if number == 1 else "2"
        theirs = [f"{3 - number}", f"B|{number}", f"0{number}"]
        thing = [
            called("omie", id_, entity, qualifier=qualifier)
            for id_, qualifier in zip(theirs, qualifiers, strict=False)
        ]
        thing += [called("protheus", ours, entity)] if here else []
        thing += [called("wis", ours, entity)] if elsewhere else []
        table.append(thing)
    return known(*table)


tables = st.lists(knowledge, min_size=len(THINGS), max_size=len(THINGS)).map(table_of)
readers = st.builds(
    lambda references, each: replace(OMIE, references=references, split_by=frozenset(each)),
    st.dictionaries(
        st.sampled_from(["company", "unitofmeasure", "shelf", "unitid"]), st.sampled_from(OnMissing)
    ),
    st.sets(st.sampled_from(["unitofmeasure", "list/unitid"])),
)
rules = st.lists(
    st.builds(
        lambda entity, applications: alike(*applications, entity=entity),
        st.sampled_from(ENTITIES),
        st.sets(st.sampled_from(APPLICATIONS), min_size=2),
    ),
    max_size=2,
)


def counts(one: FoundId) -> bool:
    """Whether an id names something that may have another name elsewhere."""
    return one.element.role is not OPAQUE and one.value not in BLANKS


# -- translating -----------------------------------------------------------------------------------


@given(contents, readers, rules, tables)
def test_what_names_nothing_never_changes(
    content: list[FoundId], reader: Application, same: list[SharedIds], table: Known
) -> None:
    """Blank ids and opaque elements are not replaced, left out, or waited for."""
    by = crossing(reader, *same)
    translation = translate(content, by, table)

    assert translation == translate([one for one in content if counts(one)], by, table)
    for one in content:
        assert counts(one) or translation.after(one.path, one.value) == one.value


@given(contents, readers, rules, tables)
def test_a_translation_never_invents_an_id(
    content: list[FoundId], reader: Application, same: list[SharedIds], table: Known
) -> None:
    """What is put stands in a row of the thing, of one whose ids are the reader's."""
    by = crossing(reader, *same)
    translation = translate(content, by, table)

    for one in content:
        entity = one.element.entity
        mine = [rule.applications for rule in same if rule.entity == entity]
        sharing = {"omie"}.union(*(group for group in mine if "omie" in group))
        rows = [row for key in keys_of([one], by) for row in table.get(key, ())]
        there = {row.id for row in rows if row.entity == entity and row.application in sharing}
        after = translation.after(one.path, one.value)
        if after is None:
            assert on_missing(by, one) is OnMissing.DROP
        else:
            assert after in {one.value, *there}


@given(contents, readers, tables)
def test_nothing_is_chosen_silently(
    content: list[FoundId], reader: Application, table: Known
) -> None:
    """An id is replaced where the reader has just one; of several, a person decides (D7)."""
    by = crossing(reader)
    translation = translate(content, by, table)
    told = {(one.path, one.key.id): one.ambiguous for one in translation.wanted}

    for one in filter(counts, content):
        rows = table.get(by.key(one.element.entity, one.value), ())
        ids = names(rows, "omie", "", one.element.qualifier).ids
        after = translation.after(one.path, one.value)
        place = (one.path, one.value)
        if len(ids) == 1:
            assert (after, place in told) == (ids[0], False)
        elif ids:
            turns = bool(reader.split_by & {one.path.casefold(), one.element.entity.casefold()})
            assert told.get(place) or turns
            assert after in (ids if place not in told else {one.value})
        elif one.element.role is not REFERENCE:
            assert after == one.value
        else:
            missing = on_missing(by, one)
            assert told.get(place) is (False if missing is OnMissing.REQUIRE else None)
            assert after == (None if missing is OnMissing.DROP else one.value)


@given(contents, readers, rules, tables)
def test_all_that_decides_a_translation_has_been_looked_up(
    content: list[FoundId], reader: Application, same: list[SharedIds], table: Known
) -> None:
    """The rest of the de-para has no say."""
    by = crossing(reader, *same)
    looked_up = {key: table[key] for key in keys_of(content, by) if key in table}

    assert translate(content, by, looked_up) == translate(content, by, table)


@given(st.integers(2, 6), st.lists(st.booleans(), max_size=6))
def test_in_turn_each_of_several_ids_has_one_message(count: int, arrivals: list[bool]) -> None:
    """Also where one has to be repeated because it did not arrive."""
    ids = [str(n) for n in range(count)]
    table = known([called("protheus", "7"), *(called("omie", i, qualifier=i) for i in ids)])
    done: list[Swap] = []
    left: tuple[str, ...] = tuple(ids)
    while left:
        by = crossing(in_turn("unitofmeasure"))
        translation = translate([found("7")], by, table, done)
        if not arrivals or arrivals.pop():
            done += translation.swaps
            left = translation.left

    assert [swap.after for swap in done] == ids


filled = st.text("A1| ", max_size=5).filter(lambda text: not is_blank(text))
codes = st.text("E1 ", min_size=1, max_size=3).filter(lambda text: bool(text.strip()))
places = st.tuples(codes, codes)
reaches = st.sampled_from(IdScope)
one_to_one = st.lists(
    st.tuples(st.sampled_from([UNIT, VENDOR, SHELF]), filled, filled),
    max_size=6,
    unique_by=(lambda pair: pair[:2], lambda pair: pair[::2]),
)


@given(one_to_one, st.tuples(places, places), st.tuples(reaches, reaches), st.data())
def test_there_and_back_is_the_identity_where_the_de_para_is_one_to_one(
    pairs: list[tuple[str, str, str]],
    companies: tuple[tuple[str, str], tuple[str, str]],
    reach: tuple[IdScope, IdScope],
    data: st.DataObject,
) -> None:
    """Of own ids, parts, references and companies, however far ids reach."""
    here, there = replace(PROTHEUS, id_scope=reach[0]), replace(OMIE, id_scope=reach[1])
    ours, theirs = (company_id(*place) for place in companies)
    table = known(
        [called("protheus", ours, COMPANY), called("omie", theirs, COMPANY)],
        *(
            [
                called("protheus", one, entity, scope=reader_scope(here, ours, entity)),
                called("omie", other, entity, scope=reader_scope(there, theirs, entity)),
            ]
            for entity, one, other in pairs
        ),
    )
    content = [
        found(one, entity, data.draw(st.sampled_from([OWN, PART, REFERENCE])), path=f"P{at}")
        for at, (entity, one, _) in enumerate(pairs)
    ]
    leaving = crossing(there, sender=here, company=companies[0][0], branch=companies[0][1])
    coming = crossing(here, sender=there, company=companies[1][0], branch=companies[1][1])

    to = translate(content, leaving, table)
    sent = [one._replace(value=to.after(one.path, one.value) or "") for one in content]
    back = translate(sent, coming, table)

    assert [one.value for one in sent] == [other for *_, other in pairs]
    assert [back.after(one.path, one.value) for one in sent] == [one for _, one, _ in pairs]
    assert to.after(COMPANY_PATH, ours) == theirs
    assert back.after(COMPANY_PATH, theirs) == ours
    assert (to.wanted, back.wanted) == ((), ())


# -- learning --------------------------------------------------------------------------------------

answers = st.lists(
    st.builds(
        InternalIdPair,
        st.sampled_from(["", UNIT, "VendorInternalId", "Branch", "Whatever"]),
        st.sampled_from(["A|1", "a|1 ", "2", "1", "b|1", "X", "", "01|  |"]),
        st.sampled_from(["8", "9", "", "01|  |"]),
    ),
    max_size=4,
)
folded = {entity.casefold(): entity for entity in ENTITIES}


def sent_as(content: list[FoundId], by: Translation) -> set[str]:
    """The texts that a reader was sent, as loosely as they may come back."""
    sent = (by.after(one.path, one.value) for one in content)
    return {text.strip().casefold() for text in sent if text is not None}


@given(contents, readers, tables, answers)
def test_an_id_that_we_never_sent_is_never_learnt(
    content: list[FoundId], reader: Application, table: Known, told: list[InternalIdPair]
) -> None:
    """The sender's id stood in the message, and what was put in its place is what comes back."""
    by = crossing(reader)
    translation = translate(content, by, table)
    lesson = lesson_of(Taught(by, VENDOR, content, translation, folded), told)

    mine = {one.value for one in content if one.value not in BLANKS}
    assert {link.one.key.id for link in lesson.links} <= mine
    assert {link.one.key.application for link in lesson.links} <= {"protheus"}
    for answer in told:
        if answer.origin not in BLANKS:
            sent = answer.origin.strip().casefold() in sent_as(content, translation)
            assert sent or answer.origin in {one.origin for one in lesson.unlearnt}


@given(contents, readers, tables, answers)
def test_every_entry_is_learnt_or_told_with_its_reason(
    content: list[FoundId], reader: Application, table: Known, told: list[InternalIdPair]
) -> None:
    """None is lost, and no id of the reader is made up."""
    by = crossing(reader)
    message = Taught(by, VENDOR, content, translate(content, by, table), folded)
    lesson = lesson_of(message, told)

    others = {other.key.id for link in lesson.links for other in link.others}
    untold = {(one.name, one.origin, one.destination) for one in lesson.unlearnt}
    for one in told:
        assert one.destination in others or (one.name, one.origin, one.destination) in untold
    assert others <= {one.destination for one in told if one.destination not in BLANKS}
    assert lesson.deletes == ()


@given(contents, readers, tables, answers)
def test_a_delete_teaches_nothing_whatever_is_answered(
    content: list[FoundId], reader: Application, table: Known, told: list[InternalIdPair]
) -> None:
    """It closes one document at most, and none while more of the reader's ids are to follow."""
    by = crossing(reader)
    message = Taught(by, VENDOR, content, translate(content, by, table), folded, deletes=True)

    lesson = lesson_of(message, told)

    assert (lesson.links, lesson.unlearnt) == ((), ())
    closes = lesson.own and not message.translation.left
    assert lesson.deletes == ((lesson.own,) if lesson.own and closes else ())


any_place = st.one_of(
    places, st.tuples(st.sampled_from(["", " ", "E"]), st.sampled_from(["", " "]))
)


@given(filled, filled, st.tuples(any_place, places), st.tuples(reaches, reaches), st.booleans())
def test_what_an_answer_teaches_is_found_by_the_next_message(
    one: str,
    other: str,
    companies: tuple[tuple[str, str], tuple[str, str]],
    reach: tuple[IdScope, IdScope],
    mapped: bool,
) -> None:
    """It is learnt where it will be looked for, whether or not the company has a pair."""
    here, there = replace(PROTHEUS, id_scope=reach[0]), replace(OMIE, id_scope=reach[1])
    ours, theirs = (company_id(*place) for place in companies)
    company = [called("protheus", ours, COMPANY), called("omie", theirs, COMPANY)]
    by = crossing(there, sender=here, company=companies[0][0], branch=companies[0][1])
    content = [found(one, role=OWN)]
    before = translate(content, by, known(company) if mapped else {})

    (link,) = lesson_of(
        Taught(by, UNIT, content, before, folded), [InternalIdPair(UNIT, one, other)]
    ).links

    learnt = known([link.one, *link.others], *([company] if mapped else []))
    assert translate([found(one)], by, learnt).after("UnitOfMeasureInternalId", one) == other
