"""What the answer of a destination teaches of ids, and what it does not."""

from dataclasses import replace

import pytest

from bus.core.contract import IdElement, IdRole
from bus.core.envelope import InternalIdPair
from bus.core.learning import (
    ALIASES,
    LOAD,
    NOTHING_LEARNT,
    Lesson,
    NotLearnt,
    Taught,
    entity_named,
    lesson_of,
    origins_of,
)
from bus.core.route import IdScope
from bus.core.translation import (
    COMPANY,
    COMPANY_PATH,
    UNCHANGED,
    FoundId,
    OriginPut,
    Swap,
    Translation,
)
from depara.model import Key, Link, Member, Source
from tests.core.ids import (
    ENDINGS,
    OMIE,
    OPAQUE,
    OWN,
    PART,
    PROTHEUS,
    REFERENCE,
    SHELF,
    UNIT,
    VENDOR,
    called,
    crossing,
    found,
)

ENTITIES = {
    name.casefold(): name
    for name in ("Part", "Line", "Item", UNIT, VENDOR, COMPANY, "Cost_Center", "Tax")
}
P1 = Key("Part", "protheus", "", "P1")
OWN_ID, LINE, REFERRED = found("P1", "Part", OWN), found("L1", "Line", PART), found("01||UN")


def taught(*ids: FoundId, swaps: tuple[Swap, ...] = (), **changes: object) -> Taught:
    """A part with these ids, as it was sent to Omie."""
    made = Taught(crossing(), "Part", ids, Translation(swaps), ENTITIES)
    return made._replace(**changes)  # type: ignore[arg-type]


def swap(one: FoundId, after: str | None) -> Swap:
    """What was put in the place of an id."""
    return Swap(one.path, one.element.entity, one.value, after)


def entry(origin: str, destination: str, name: str = "") -> InternalIdPair:
    """One entry of an answer."""
    return InternalIdPair(name, origin, destination)


def learnt(message: Taught, *entries: InternalIdPair) -> dict[str, list[str]]:
    """What an answer teaches, as the ids of Omie by those of Protheus: `Part:P1`."""
    lesson = lesson_of(message, entries)
    return {named(link.one): [named(other) for other in link.others] for link in lesson.links}


def named(member: Member) -> str:
    """An id with its entity, and its qualifier where it has one."""
    which = f" {member.qualifier}" if member.qualifier else ""
    return f"{member.key.entity}:{member.key.id}{which}"


def reasons(message: Taught, *entries: InternalIdPair) -> list[str]:
    """Why the entries of an answer teach nothing."""
    lesson = lesson_of(message, entries)
    assert lesson.links == ()
    return [one.reason for one in lesson.unlearnt]


def part_gone(value: str) -> FoundId:
    """A line that the message deletes."""
    return found(value, "Line", PART)._replace(deleted=True)


# -- what a message teaches at all -----------------------------------------------------------------


def test_an_answer_teaches_the_ids_in_it() -> None:
    """Origin is the sender's id, Destination the reader's, each under its application's name."""
    answers = [entry("P1", "77", "Part"), entry("01||UN", "KG", UNIT)]

    assert lesson_of(taught(OWN_ID, REFERRED), answers) == Lesson(
        own=P1,
        links=(
            Link(called("protheus", "P1", "Part"), (called("omie", "77", "Part"),)),
            Link(called("protheus", "01||UN"), (called("omie", "KG"),)),
        ),
        source=Source.ANSWER,
    )


def test_an_answer_without_ids_says_that_the_document_is_there() -> None:
    """Its own id is told, for those who wait for it."""
    assert lesson_of(taught(REFERRED, OWN_ID), ()) == NOTHING_LEARNT._replace(own=P1)


def test_the_answer_to_a_delete_teaches_nothing() -> None:
    """Whatever it says: the document's ids close (D5, D8)."""
    message = taught(OWN_ID, LINE, deletes=True)

    for answers in ([], [entry("P1", "77", "Part"), entry("", "")]):
        assert lesson_of(message, answers) == Lesson(own=P1, deletes=(P1,))


def test_a_delete_without_an_own_id_closes_nothing() -> None:
    """Nobody knows what was deleted."""
    assert lesson_of(taught(REFERRED, deletes=True), [entry("01||UN", "77")]) == Lesson()


@pytest.mark.parametrize(
    ("ids", "own"),
    [
        ([OWN_ID, found("P2", "Part", OWN)], "P1"),
        ([found("", "Part", OWN), found("01|  |", "Part", OWN), OWN_ID], "P1"),
        ([REFERRED, LINE, found("x", "Part", OPAQUE)], ""),
        ([], ""),
    ],
)
def test_the_document_is_the_first_own_id_that_names_something(
    ids: list[FoundId], own: str
) -> None:
    """A part, a reference or an opaque element is not the document."""
    told = lesson_of(taught(*ids), ()).own

    assert (told.id if told else "") == own


def test_a_part_that_is_deleted_loses_its_ids() -> None:
    """With or without ids in the answer; a blank one has none (D8)."""
    message = taught(OWN_ID, LINE, part_gone("L2"), part_gone(""))
    gone = (Key("Line", "protheus", "", "L2"),)

    assert lesson_of(message, ()).deletes == gone
    assert lesson_of(message, [entry("P1", "77")]).deletes == gone


def test_an_id_of_a_part_that_is_deleted_is_not_learnt() -> None:
    """Although the answer still tells it; those beside it are."""
    message = taught(OWN_ID, LINE, part_gone("L2"))

    assert learnt(message, entry("L1", "901", "Line"), entry("L2", "902", "Line")) == {
        "Line:L1": ["Line:901"]
    }


# -- what is not learnt, and why (D5) --------------------------------------------------------------


def test_an_entry_that_teaches_nothing_is_told_as_it_came() -> None:
    """With the reason, beside those that teach."""
    lesson = lesson_of(taught(OWN_ID), [entry("P9", "9", "Part"), entry("P1", "77")])

    assert lesson.unlearnt == (NotLearnt("ORIGIN_NEVER_SENT", "Part", "P9", "9"),)
    assert [link.one.key for link in lesson.links] == [P1]


@pytest.mark.parametrize("blank", ["", "  ", "01|  |"])
def test_an_empty_destination_teaches_nothing(blank: str) -> None:
    """The reader gave no id."""
    assert reasons(taught(OWN_ID), entry("P1", blank)) == ["EMPTY_DESTINATION"]
    assert reasons(taught(OWN_ID), entry("", blank)) == ["EMPTY_DESTINATION"]


@pytest.mark.parametrize("blank", ["", "  ", "01|  |"])
def test_an_empty_origin_is_the_own_id_where_there_is_just_one(blank: str) -> None:
    """As products answer in practice."""
    assert learnt(taught(REFERRED, OWN_ID, LINE), entry(blank, "77")) == {"Part:P1": ["Part:77"]}


def test_one_own_id_may_stand_in_several_elements() -> None:
    """It is still one; a blank one beside it does not count."""
    again = found("P1", "Part", OWN, path="Header/InternalId")

    assert learnt(taught(OWN_ID, again, found(" ", "Part", OWN)), entry("", "77")) == {
        "Part:P1": ["Part:77"]
    }


@pytest.mark.parametrize(
    ("ids", "entries"),
    [
        ([OWN_ID], [entry("", "77"), entry("", "78")]),
        ([OWN_ID, found("P2", "Part", OWN)], [entry("", "77")]),
        ([REFERRED, LINE], [entry("", "77")]),
        ([], [entry("", "77")]),
    ],
)
def test_an_empty_origin_that_may_mean_several_things_or_none_teaches_nothing(
    ids: list[FoundId], entries: list[InternalIdPair]
) -> None:
    """Several entries, several own ids, or no own id."""
    assert reasons(taught(*ids), *entries) == ["EMPTY_ORIGIN"] * len(entries)


def test_an_empty_origin_beside_another_entry_teaches_nothing() -> None:
    """The other one does."""
    lesson = lesson_of(taught(OWN_ID, LINE), [entry("L1", "901", "Line"), entry("", "77")])

    assert [link.one.key.id for link in lesson.links] == ["L1"]
    assert [one.reason for one in lesson.unlearnt] == ["EMPTY_ORIGIN"]


# -- which of the ids that were sent (D5) ----------------------------------------------------------


def test_an_origin_is_read_in_the_ids_that_were_sent() -> None:
    """The reader knows the unit as 77; that is the sender's `01||UN`."""
    message = taught(REFERRED, swaps=(swap(REFERRED, "77"),))

    assert learnt(message, entry("77", "78")) == {f"{UNIT}:01||UN": [f"{UNIT}:78"]}


def test_an_id_that_another_took_the_place_of_was_never_sent() -> None:
    """Nor one that was left out, nor one that nobody wrote."""
    message = taught(OWN_ID, REFERRED, swaps=(swap(OWN_ID, "77"), swap(REFERRED, None)))

    for origin in ("P1", "01||UN", "p1", "None", "X"):
        assert reasons(message, entry(origin, "9")) == ["ORIGIN_NEVER_SENT"]


@pytest.mark.parametrize("origin", ["01||KG", " 01||kg  ", "01||Kg"])
def test_an_origin_in_other_letters_is_still_ours(origin: str) -> None:
    """Protheus puts ids in capitals before it looks them up, and fills them with blanks."""
    assert learnt(taught(found("01||Kg ")), entry(origin, "9")) == {
        f"{UNIT}:01||Kg ": [f"{UNIT}:9"]
    }


def test_other_letters_are_read_in_what_was_sent_too() -> None:
    """Not in what another took the place of."""
    message = taught(found("Kg"), swaps=(swap(found("Kg"), "Quilo"),))

    assert learnt(message, entry("QUILO", "9")) == {f"{UNIT}:Kg": [f"{UNIT}:9"]}
    assert reasons(message, entry("KG", "9")) == ["ORIGIN_NEVER_SENT"]


def test_of_two_ids_that_differ_in_letters_the_very_one_is_meant() -> None:
    """And where neither is, nobody knows which."""
    message = taught(found("Kg"), found("kg"))

    assert learnt(message, entry("kg", "9")) == {f"{UNIT}:kg": [f"{UNIT}:9"]}
    assert reasons(message, entry("KG", "9")) == ["ORIGIN_NEVER_SENT"]


def test_one_id_in_two_elements_is_no_doubt() -> None:
    """In other letters, it is the same id wherever it stands."""
    message = taught(found("Kg"), found("Kg", path="Other"))

    assert learnt(message, entry("KG", "9")) == {f"{UNIT}:Kg": [f"{UNIT}:9"]}


ONE_TEXT = [
    found("1", "", OPAQUE, path="Number"),
    found("1"),
    found("1", "Line", PART),
    found("1", "Part", OWN),
]


@pytest.mark.parametrize(
    ("name", "entity"),
    [("", "Part"), ("Whatever", "Part"), (UNIT, UNIT), ("LINE", "Line"), ("Part", "Part")],
)
def test_of_several_ids_with_one_text_that_of_the_named_entity_is_meant(
    name: str, entity: str
) -> None:
    """Else the document itself."""
    for ids in (ONE_TEXT, ONE_TEXT[::-1]):
        assert learnt(taught(*ids), entry("1", "9", name)) == {f"{entity}:1": [f"{entity}:9"]}


SENT_AS_ONE = {
    role: found(role.value, entity, role, path=role.value)
    for role, entity in ((OPAQUE, SHELF), (REFERENCE, UNIT), (PART, "Line"), (OWN, "Part"))
}
"""Ids of which each has been sent as the same text."""


def meant(*roles: IdRole, name: str = "") -> str:
    """Which of the ids that have been sent as `1` is meant by it."""
    ids = [SENT_AS_ONE[role] for role in roles]
    message = taught(*ids, swaps=tuple(swap(one, "1") for one in ids))
    (link,) = lesson_of(message, [entry("1", "9", name)]).links
    return link.one.key.id


def test_own_ids_come_before_parts_and_those_before_references() -> None:
    """Where nothing is named, or nothing of what was sent as that text is."""
    for name in ("", "Item"):
        assert meant(OPAQUE, REFERENCE, PART, OWN, name=name) == "own"
        assert meant(OPAQUE, REFERENCE, PART, name=name) == "own part"
        assert meant(OPAQUE, REFERENCE, name=name) == "reference"


@pytest.mark.parametrize("name", ["", "Part", "Whatever"])
def test_an_opaque_text_is_no_origin(name: str) -> None:
    """What the catalog calls opaque is no id, whatever the answer makes of it."""
    opaque = FoundId("Number", "1", IdElement("Number", OPAQUE, "Part"))

    assert reasons(taught(opaque), entry("1", "9", name)) == ["ORIGIN_NEVER_SENT"]


def test_an_origin_that_is_that_of_several_things_teaches_nothing() -> None:
    """Nothing is chosen silently; a name says which, and one thing named twice is no doubt."""
    unit, shelf = found("1"), found("1", SHELF)
    ids = (unit, shelf, found("1", path="Other"))

    assert reasons(taught(*ids), entry("1", "9")) == ["AMBIGUOUS_ORIGIN"]
    assert reasons(taught(*ids), entry("1", "9", "Whatever")) == ["AMBIGUOUS_ORIGIN"]
    assert learnt(taught(*ids), entry("1", "9", UNIT)) == {f"{UNIT}:1": [f"{UNIT}:9"]}


def test_two_ids_that_were_sent_as_one_text_are_no_choice() -> None:
    """Nor where the entry says their entity: it does not say which of them."""
    one, other = found("A"), found("B", path="Other")
    message = taught(one, other, swaps=(swap(one, "1"), swap(other, "1")))

    for name in ("", UNIT, "Item"):
        assert reasons(message, entry("1", "9", name)) == ["AMBIGUOUS_ORIGIN"]


def test_a_reference_of_which_no_sibling_says_the_entity_teaches_only_what_the_entry_names() -> (
    None
):
    """It is never guessed, least of all to be the message's own."""
    message = taught(OWN_ID, found("7", ""))

    assert reasons(message, entry("7", "9")) == ["NO_ENTITY"]
    assert learnt(message, entry("7", "9", UNIT)) == {f"{UNIT}:7": [f"{UNIT}:9"]}


def test_one_text_of_two_entities_at_one_path_is_each_its_own() -> None:
    """As it was sent, where a sibling says which it is."""
    ids = (found("1", path="A"), found("1", SHELF, path="A"))
    message = taught(*ids, swaps=(swap(ids[0], "8"), swap(ids[1], "9")))

    assert learnt(message, entry("8", "80"), entry("9", "90")) == {
        f"{UNIT}:1": [f"{UNIT}:80"],
        f"{SHELF}:1": [f"{SHELF}:90"],
    }


def test_an_id_of_the_named_entity_comes_before_all() -> None:
    """Whatever its role."""
    assert meant(OWN, PART, REFERENCE, name=UNIT) == "reference"
    assert meant(OWN, PART, REFERENCE, name="LineInternalId") == "own part"
    assert meant(REFERENCE, PART, OWN, name="Part") == "own"


# -- the origin's own ids in its answer (D1) ---------------------------------------------------------


def test_an_origin_gets_its_own_id_in_the_place_of_what_was_sent() -> None:
    """By it the origin learns: with the reader's id there, it would lose its own."""
    message = taught(OWN_ID, REFERRED, swaps=(swap(OWN_ID, "900"), swap(REFERRED, "77")))
    answers = [entry("900", "900", "Part"), entry("77", "77"), entry("", "9"), entry("X", "9")]

    assert origins_of(message, answers) == (
        OriginPut("Part", "900", "P1"),
        OriginPut("", "77", "01||UN"),
    )


def test_an_origin_in_other_letters_is_put_back_as_it_was_sent() -> None:
    """Where the bus wrote the reader's ids at all."""
    message = taught(OWN_ID, found("Kg"), swaps=(swap(OWN_ID, "900"),))

    assert origins_of(message, [entry("KG", "9")]) == (OriginPut("", "KG", "Kg"),)
    assert origins_of(taught(found("Kg")), [entry("KG", "9")]) == ()


def test_a_company_alone_changes_no_origin() -> None:
    """Its ids went as they were."""
    message = taught(OWN_ID, swaps=(Swap(COMPANY_PATH, COMPANY, "01|02", "E|M"),))

    assert origins_of(message, [entry("p1", "9")]) == ()


def test_an_origin_that_may_be_of_several_ids_becomes_empty() -> None:
    """An empty one teaches nobody; the reader's would be learnt for the origin's own."""
    one, other = found("A"), found("B", path="Other")
    message = taught(one, other, swaps=(swap(one, "1"), swap(other, "1")))

    assert origins_of(message, [entry("1", "9")]) == (OriginPut("", "1", ""),)


# -- what the name of an entry says ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        (UNIT, (UNIT, "")),
        ("UnitOfMeasureInternalId", (UNIT, "")),
        ("UNITOFMEASURE_INTERNALID", (UNIT, "")),
        ("  unitofmeasure ", (UNIT, "")),
        ("Cost_CenterInternalId", ("Cost_Center", "")),
        ("CustomerInternalId", (VENDOR, "customer")),
        ("Internalid", None),
        ("TaxInternalId", ("Tax", "")),
        ("UnitOfMeasures", None),
        ("InternalIdPart", None),
        ("", None),
    ],
)
def test_a_name_is_that_of_an_entity_in_any_spelling(
    name: str, meaning: tuple[str, str] | None
) -> None:
    """In any letter case, with or without `InternalId` behind it."""
    assert entity_named(name, ENTITIES, {}) == meaning


@pytest.mark.parametrize(
    ("alias", "meaning"),
    [
        ("Customer", (VENDOR, "customer")),
        ("Client", (VENDOR, "customer")),
        ("Vendor", (VENDOR, "vendor")),
        ("Supplier", (VENDOR, "vendor")),
        ("Product", ("Item", "")),
        ("Branch", (COMPANY, "")),
    ],
)
def test_some_entities_have_other_names(alias: str, meaning: tuple[str, str]) -> None:
    """A name may say which of a thing's ids it means (D7); an entity goes before an alias."""
    assert entity_named(alias, ENTITIES, {}) == meaning
    assert entity_named(alias, {alias.casefold(): "Own"}, {}) == ("Own", "")
    assert alias.casefold() in ALIASES


@pytest.mark.parametrize(
    ("one", "name", "entity"),
    [
        (OWN_ID, "Item", "Item"),
        (OWN_ID, "Product", "Item"),
        (OWN_ID, "", "Part"),
        (REFERRED, "Whatever", UNIT),
        (found("P1", "", OWN), "Whatever", "Part"),
    ],
)
def test_the_entity_is_the_named_one_else_that_of_the_id_else_the_message_s(
    one: FoundId, name: str, entity: str
) -> None:
    """For both ids of the pair (D5)."""
    assert learnt(taught(one), entry(one.value, "9", name)) == {
        f"{entity}:{one.value}": [f"{entity}:9"]
    }


def test_the_name_says_which_of_the_reader_s_ids_it_is() -> None:
    """Else its form does, as the reader declares; of the sender's id, the form as it declares."""
    reader = replace(OMIE, qualifiers={"customervendor": {"1": "customer", "2": "vendor"}})
    by = crossing(reader, sender=replace(PROTHEUS, qualifiers=ENDINGS))
    message = taught(found("V|C", VENDOR, OWN), crossing=by)

    assert learnt(message, entry("V|C", "X|1", "Supplier"), entry("V|C", "Y|1", VENDOR)) == {
        f"{VENDOR}:V|C customer": [f"{VENDOR}:X|1 vendor", f"{VENDOR}:Y|1 customer"]
    }


def test_ids_that_one_origin_got_are_learnt_together() -> None:
    """Each once, in the order of the answer: they are parts of one thing (D7)."""
    message = taught(OWN_ID, LINE)
    answers = [
        entry("P1", "702"),
        entry("L1", "9", "Line"),
        entry("P1", "701"),
        entry("p1", "702"),
    ]

    lesson = lesson_of(message, answers)

    assert [[other.key.id for other in link.others] for link in lesson.links] == [
        ["702", "701"],
        ["9"],
    ]


# -- where ids belong (D2) -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("company", "scope"),
    [
        ((), "01/02"),
        ((Swap(COMPANY_PATH, COMPANY, "01|02", "E|M"),), "E/M"),
        ((Swap(COMPANY_PATH, COMPANY, "01|02", None),), "01/02"),
    ],
)
def test_an_id_is_learnt_where_it_is_unique(company: tuple[Swap, ...], scope: str) -> None:
    """The sender's by its company and branch, the reader's by those that it was sent."""
    sender, reader = (
        replace(PROTHEUS, id_scope=IdScope.COMPANY),
        replace(OMIE, id_scope=IdScope.BRANCH),
    )
    message = taught(OWN_ID, swaps=company, crossing=crossing(reader, sender=sender))

    (link,) = lesson_of(message, [entry("P1", "77")]).links

    assert link.one == called("protheus", "P1", "Part", scope="01")
    assert link.others == (called("omie", "77", "Part", scope=scope),)


def test_the_scope_is_that_of_the_entity_that_is_named() -> None:
    """Companies are unique by themselves, whatever else is not."""
    reader = replace(OMIE, id_scope=IdScope.COMPANY)
    message = taught(found("01|02", "Part"), crossing=crossing(reader))

    (link,) = lesson_of(message, [entry("01|02", "E|M", "Branch")]).links

    assert link.others == (called("omie", "E|M", COMPANY),)


# -- loads of pairs (D10) --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "entity"),
    [("Branch", COMPANY), ("UNITOFMEASURE", UNIT), (" CostCenter ", "CostCenter")],
)
def test_a_load_teaches_each_id_under_its_own_name(name: str, entity: str) -> None:
    """Also of registers that no contract knows; its rows say where they are from."""
    message = taught(found("1", LOAD, OWN), found("2", LOAD, OWN), entity=LOAD)

    lesson = lesson_of(message, [entry("2", "E", name)])

    assert lesson.source is Source.LOAD
    assert lesson.links == (Link(called("protheus", "2", entity), (called("omie", "E", entity),)),)


@pytest.mark.parametrize("name", ["", "  ", "InternalIdLoad", "INTERNALIDLOAD"])
def test_an_entry_of_a_load_that_names_no_register_teaches_nothing(name: str) -> None:
    """A load carries pairs of all: its own entity is none of them."""
    entities = {**ENTITIES, LOAD.casefold(): LOAD}
    message = taught(found("1", LOAD, OWN), entity=LOAD, entities=entities)

    assert reasons(message, entry("1", "E", name)) == ["NO_ENTITY"]


def test_of_a_delete_for_several_ids_the_last_closes_them() -> None:
    """Until then the sender's id still says which are to be deleted."""
    message = taught(OWN_ID, deletes=True)
    more = message._replace(translation=Translation(left=("702",)))

    assert (lesson_of(more, ()).deletes, lesson_of(message, ()).deletes) == ((), (P1,))


def test_a_load_is_known_by_the_entity_of_its_contract() -> None:
    """The one of INTERNALIDLOAD."""
    assert LOAD == "InternalIdLoad"


def test_a_load_that_was_answered_without_ids_teaches_nothing() -> None:
    """Like any other message."""
    message = taught(found("1", LOAD, OWN), entity=LOAD, translation=UNCHANGED)

    assert lesson_of(message, ()).links == ()
