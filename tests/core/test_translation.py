"""A message in its reader's ids: what is looked up, what is put where, and what is missing."""

from collections.abc import Collection
from dataclasses import replace

import pytest

from bus.core.contract import IdElement, IdRole
from bus.core.identity import scope_of
from bus.core.route import Deployment, IdScope, OnMissing
from bus.core.translation import (
    COMPANY,
    COMPANY_PATH,
    UNCHANGED,
    FoundId,
    Known,
    MissingId,
    Swap,
    Translation,
    TranslationContext,
    company_id,
    ids_of,
    is_blank,
    keys_of,
    member_of,
    on_missing,
    qualifier_of,
    reader_scope,
    translate,
)
from depara.model import Key, Member, SharedIds
from tests.core.ids import (
    ENDINGS,
    OMIE,
    OPAQUE,
    OWN,
    PART,
    PROTHEUS,
    SHELF,
    STRICT,
    UNIT,
    VENDOR,
    alike,
    called,
    crossing,
    found,
    in_turn,
    known,
)


def wanted(id_: str, entity: str = UNIT, *, ambiguous: bool = False) -> MissingId:
    """A reference of Protheus for which Omie has no id, or several."""
    key = Key(entity, "protheus", "", id_)
    return MissingId((key,), f"{entity}InternalId", ("omie",), ambiguous=ambiguous)


UN_IS_77 = known([called("protheus", "01||UN"), called("omie", "77")])
TWO_RECORDS = known(
    [
        called("protheus", "V1", VENDOR),
        called("omie", "X|C", VENDOR, qualifier="customer"),
        called("omie", "X|F", VENDOR, qualifier="vendor"),
    ]
)
"""What is one record at Protheus is a customer and a vendor at Omie."""
SPLIT = known(
    [
        called("protheus", "7"),
        *(called("omie", str(700 + n), qualifier=str(n)) for n in (1, 2, 3)),
    ]
)
"""What is one thing at Protheus is three at Omie, which nothing tells apart."""


# -- blank ids -------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["", " ", "   ", "01|", "01|  |", "01||", "|", " | | "])
def test_an_id_of_a_company_and_blanks_names_nothing(value: str) -> None:
    """Whatever stands before the first bar is the company, not the thing (D4)."""
    assert is_blank(value)


@pytest.mark.parametrize("value", ["0", " UN", "01", "01||UN", "01| |UN", "|X", "01|X|", "||0"])
def test_an_id_with_something_behind_its_company_names_something(value: str) -> None:
    """Without a bar, anything that is not a blank does."""
    assert not is_blank(value)


# -- what is looked up -----------------------------------------------------------------------------


def looked_up(*ids: FoundId, by: TranslationContext | None = None) -> list[Key]:
    """The keys that decide a translation, without the company of the header."""
    return [key for key in keys_of(ids, by or crossing()) if key.entity != COMPANY]


def test_every_id_is_looked_up_as_the_sender_s() -> None:
    """Own ids, parts and references, each under its entity."""
    ids = [found("P1", "Part", OWN), found("L1", "Line", PART), found("UN")]

    assert looked_up(*ids) == [
        ("Part", "protheus", "", "P1"),
        ("Line", "protheus", "", "L1"),
        (UNIT, "protheus", "", "UN"),
    ]


def test_an_id_is_looked_up_in_the_company_and_branch_of_its_message() -> None:
    """Where the sender repeats its ids in each (D2)."""
    by_branch = crossing(sender=replace(PROTHEUS, id_scope=IdScope.BRANCH))

    assert looked_up(found("UN"), by=by_branch) == [(UNIT, "protheus", "01/02", "UN")]


def test_what_names_nothing_is_not_looked_up() -> None:
    """A blank id, and what the catalog calls opaque."""
    assert looked_up(found(""), found("01|  |"), found("x", "", OPAQUE)) == []


def test_an_id_that_occurs_twice_is_looked_up_once() -> None:
    """However many elements hold it."""
    assert looked_up(found("UN"), found("UN", path="OtherInternalId")) == [
        (UNIT, "protheus", "", "UN")
    ]


@pytest.mark.parametrize(
    ("company", "branch", "id_"), [("01", "02", "01|02"), ("01", "", "01"), ("", "02", "|02")]
)
def test_the_company_of_the_header_is_looked_up_as_one_id(
    company: str, branch: str, id_: str
) -> None:
    """With its branch, where there is one (D10)."""
    assert company_id(company, branch) == id_
    assert keys_of([], crossing(company=company, branch=branch)) == (
        Key(COMPANY, "protheus", "", id_),
    )


def test_a_header_without_a_company_looks_nothing_up() -> None:
    """Not every message belongs to one."""
    assert keys_of([], crossing(company="", branch="")) == ()


def test_a_rule_has_the_ids_of_those_who_share_them_looked_up() -> None:
    """Of all rules of the entity that name the sender, each application once, in order (D10)."""
    rules = [
        alike("protheus", "wis"),
        alike("protheus", "wis", "senior", "keepfy", "mes", "pims", entity="UNITOFMEASURE"),
        alike("rm", "datasul"),
        alike("protheus", "rm", entity=SHELF),
    ]
    sharing = ["protheus", "keepfy", "mes", "pims", "senior", "wis"]

    assert looked_up(found("UN"), by=crossing(OMIE, *rules)) == [
        (UNIT, name, "", "UN") for name in sharing
    ]


def test_companies_may_be_shared_by_a_rule_too() -> None:
    """Like any other entity."""
    rule = alike("protheus", "rm", entity="Company")

    assert [key.application for key in keys_of([], crossing(OMIE, rule))] == ["protheus", "rm"]


# -- references and own ids (D4) -------------------------------------------------------------------


def test_a_reference_is_put_into_the_reader_s_id() -> None:
    """By the pair that the de-para has."""
    translation = translate([found("01||UN")], crossing(), UN_IS_77)

    assert translation == Translation((Swap("UnitOfMeasureInternalId", UNIT, "01||UN", "77"),))


def test_an_own_id_is_put_into_the_reader_s_id() -> None:
    """And the reader knows the document: it is an update."""
    translation = translate([found("01||UN", role=OWN)], crossing(), UN_IS_77)

    assert translation.swaps == (Swap("InternalId", UNIT, "01||UN", "77", own=True),)
    assert translation.own == Key(UNIT, "protheus", "", "01||UN")
    assert not translation.new


def test_an_own_id_without_a_pair_stays_and_is_new() -> None:
    """So that an adapter tells an insert from an update; nothing is waited for."""
    translation = translate([found("01||KG", role=OWN)], crossing(), UN_IS_77)

    assert translation == Translation(new=True, own=Key(UNIT, "protheus", "", "01||KG"))


def test_the_first_own_id_is_the_document_s() -> None:
    """A later one is put into the reader's ids like it, and says nothing of the document."""
    ids = [found("01||UN", role=OWN), found("01||KG", role=OWN, path="Other/InternalId")]

    for first, new in ((0, False), (1, True)):
        translation = translate([ids[first], ids[1 - first]], crossing(), UN_IS_77)
        assert translation.own == Key(UNIT, "protheus", "", ids[first].value)
        assert translation.new is new
        assert [swap.after for swap in translation.swaps] == ["77"]


def test_a_part_is_own_but_is_not_the_document() -> None:
    """An item that the reader knows gets its id; one that it does not keeps the sender's."""
    ids = [found("01||UN", role=PART), found("01||KG", role=PART)]

    assert translate(ids, crossing(), UN_IS_77) == Translation(
        (Swap("UnitOfMeasureInternalId", UNIT, "01||UN", "77", own=True),)
    )


def test_a_blank_own_id_is_not_the_document_s() -> None:
    """Nor is anything put in its place, or waited for."""
    blanks = [found("01|  |", role=OWN), found(""), found(" ", role=PART)]

    assert translate(blanks, crossing(), UN_IS_77) == UNCHANGED


def test_an_opaque_element_is_left_alone() -> None:
    """Even where its text is an id that the de-para knows."""
    opaque = FoundId("Number", "01||UN", IdElement("Number", OPAQUE, UNIT))

    assert translate([opaque], crossing(), UN_IS_77) == UNCHANGED


def test_an_id_that_both_call_the_same_is_no_substitution() -> None:
    """And it is not missing."""
    same = known([called("protheus", "UN"), called("omie", "UN")])

    assert translate([found("UN")], crossing(), same) == UNCHANGED


def test_what_occurs_twice_at_a_path_is_told_once() -> None:
    """A substitution and a missing id alike; at another path it is told again."""
    ids = [found("01||UN"), found("01||KG")]
    elsewhere = [found(one.value, path="Other") for one in ids]

    once = translate(ids, crossing(), UN_IS_77)
    twice = translate(ids + ids + elsewhere, crossing(), UN_IS_77)

    assert (len(once.swaps), len(once.wanted)) == (1, 1)
    assert [swap.path for swap in twice.swaps] == ["UnitOfMeasureInternalId", "Other"]
    assert [one.path for one in twice.wanted] == ["UnitOfMeasureInternalId", "Other"]


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (OnMissing.REQUIRE, Translation(wanted=(wanted("KG"),))),
        (OnMissing.DROP, Translation((Swap("UnitOfMeasureInternalId", UNIT, "KG", None),))),
        (OnMissing.KEEP, UNCHANGED),
    ],
)
def test_a_reader_says_what_becomes_of_a_reference_without_a_pair(
    wish: OnMissing, expected: Translation
) -> None:
    """It is waited for, left out, or kept; with a pair, it is translated all the same."""
    reader = replace(OMIE, references={"company": OnMissing.KEEP, "unitofmeasure": wish})

    assert translate([found("KG")], crossing(reader), UN_IS_77) == expected
    assert translate([found("01||UN")], crossing(reader), UN_IS_77).swaps[0].after == "77"


@pytest.mark.parametrize(
    ("entity", "references", "expected"),
    [
        (UNIT, {}, OnMissing.REQUIRE),
        (SHELF, {}, OnMissing.KEEP),
        ("UNITOFMEASURE", {}, OnMissing.REQUIRE),
        ("", {}, OnMissing.KEEP),
        ("Company", {}, OnMissing.REQUIRE),
        ("COMPANY", {}, OnMissing.REQUIRE),
        ("Company", {"company": OnMissing.KEEP}, OnMissing.KEEP),
        (SHELF, {"shelf": OnMissing.REQUIRE}, OnMissing.REQUIRE),
        (UNIT, {"unitofmeasure": OnMissing.DROP}, OnMissing.DROP),
        (UNIT, {"list/unitid": OnMissing.DROP}, OnMissing.DROP),
        (UNIT, {"list/unitid": OnMissing.KEEP, "unitofmeasure": OnMissing.DROP}, OnMissing.KEEP),
        (UNIT, {"unitid": OnMissing.KEEP, "shelf": OnMissing.KEEP}, OnMissing.REQUIRE),
    ],
)
def test_the_element_goes_before_the_entity_and_that_before_what_is_taught(
    entity: str, references: dict[str, OnMissing], expected: OnMissing
) -> None:
    """What no contract teaches could not be waited for; companies are set by hand (D4, D10)."""
    one = found("1", entity, path="List/UnitId")

    assert on_missing(crossing(replace(OMIE, references=references)), one) is expected


def test_what_stands_at_a_path_is_asked_by_what_stood_there() -> None:
    """An id at another path, or another id at that one, is as it was; what is left out is None."""
    swaps = (Swap("A", UNIT, "1", "2"), Swap("A", UNIT, "3", None), Swap("B", UNIT, "1", "4"))
    translation = Translation(swaps)

    assert [translation.after("A", text) for text in ("1", "2", "3")] == ["2", "2", None]
    assert (translation.after("B", "1"), translation.after("C", "1")) == ("4", "1")


def test_one_text_at_one_path_may_name_things_of_two_entities() -> None:
    """A sibling says which; neither gets the other's id."""
    swaps = (Swap("A", UNIT, "1", "2"), Swap("A", SHELF, "1", None))
    translation = Translation(swaps)

    assert translation.after("A", "1", UNIT) == "2"
    assert translation.after("A", "1", SHELF) is None
    assert translation.after("A", "1", VENDOR) == "1"
    assert Translation(swaps[:1]).after("A", "1", SHELF) == "1"


# -- companies, and what belongs to them (D2, D10) -------------------------------------------------


def test_the_company_of_the_header_is_put_into_the_reader_s() -> None:
    """Company and branch are one id."""
    pairs = known([called("protheus", "01|02", COMPANY), called("omie", "EMP|MATRIZ", COMPANY)])

    assert translate([], crossing(STRICT), pairs) == Translation(
        (Swap(COMPANY_PATH, COMPANY, "01|02", "EMP|MATRIZ"),)
    )


def test_a_company_without_a_pair_is_waited_for() -> None:
    """A wrong branch is worse than a wait; a person is told where it stands."""
    path = "/TOTVSMessage/MessageInformation/CompanyId"
    missing = MissingId((Key("Company", "protheus", "", "01|02"),), path, ("omie",))

    assert translate([], crossing(STRICT), {}) == Translation(wanted=(missing,))


def test_a_company_may_be_done_without() -> None:
    """Where the reader says so; a header without one lacks none."""
    drop = replace(OMIE, references={"company": OnMissing.DROP})

    assert translate([], crossing(), {}) == UNCHANGED
    assert translate([], crossing(drop), {}).swaps == (Swap(COMPANY_PATH, COMPANY, "01|02", None),)
    assert translate([], crossing(STRICT, company="", branch=""), {}) == UNCHANGED


@pytest.mark.parametrize(
    ("reach", "company", "scope"),
    [
        (IdScope.WHOLE, "E|M", ""),
        (IdScope.COMPANY, "E|M", "E"),
        (IdScope.BRANCH, "E|M", "E/M"),
        (IdScope.COMPANY, "E", "E"),
        (IdScope.BRANCH, "E", "E/"),
        (IdScope.BRANCH, "E|M|1", "E/M|1"),
    ],
)
def test_the_scope_of_a_reader_s_id_is_of_its_own_company_and_branch(
    reach: IdScope, company: str, scope: str
) -> None:
    """Whatever follows the first bar is the branch."""
    assert reader_scope(replace(OMIE, id_scope=reach), company, UNIT) == scope


def test_an_id_of_another_branch_of_the_reader_is_not_taken() -> None:
    """The reader's company is translated first, and says where its ids are."""
    reader = replace(STRICT, id_scope=IdScope.BRANCH)
    company = [called("protheus", "01|02", COMPANY), called("omie", "E|M", COMPANY)]
    unit = [
        called("protheus", "UN"),
        called("omie", "1", scope="01/02"),
        called("omie", "2", scope="E/M"),
        called("omie", "3", scope="E/N"),
    ]

    translation = translate([found("UN")], crossing(reader), known(company, unit))

    assert [swap.after for swap in translation.swaps] == ["E|M", "2"]


@pytest.mark.parametrize("wish", [OnMissing.KEEP, OnMissing.DROP])
def test_where_the_company_is_not_translated_the_sender_s_says_where_ids_are(
    wish: OnMissing,
) -> None:
    """Kept, or left out: the reader has no other."""
    reader = replace(OMIE, id_scope=IdScope.BRANCH, references={"company": wish})
    unit = [called("protheus", "UN"), called("omie", "1", scope="01/02")]

    assert (
        translate([found("UN")], crossing(reader), known(unit)).after(
            "UnitOfMeasureInternalId", "UN"
        )
        == "1"
    )


def test_a_message_of_no_company_is_in_the_ids_of_none() -> None:
    """Its other ids are translated all the same."""
    reader = replace(STRICT, id_scope=IdScope.COMPANY)
    table = known(
        [called("protheus", "UN"), called("omie", "1", scope="01"), called("omie", "2", scope="")]
    )

    translation = translate([found("UN")], crossing(reader, company="", branch=""), table)

    assert [swap.after for swap in translation.swaps] == ["2"]


@pytest.mark.parametrize("branch", ["", "  "])
def test_a_blank_branch_is_none_and_its_company_is_translated(branch: str) -> None:
    """A wrong company is worse than a wait, whether or not the sender fills the branch."""
    pairs = known([called("protheus", "01", COMPANY), called("omie", "E", COMPANY)])
    by = crossing(STRICT, branch=branch)

    assert keys_of([], by) == (Key(COMPANY, "protheus", "", "01"),)
    assert [one.key.id for one in translate([], by, {}).wanted] == ["01"]
    assert translate([], by, pairs).after(COMPANY_PATH, "01") == "E"


@pytest.mark.parametrize("place", [("01", "  "), ("  ", "  "), ("01", ""), ("  ", "02"), ("", "")])
@pytest.mark.parametrize("reach", IdScope)
def test_an_id_is_missed_where_the_reader_would_have_it_in_the_header_it_is_sent(
    place: tuple[str, str], reach: IdScope
) -> None:
    """However blank: it sends the same header back, and its ids are those of there."""
    reader = replace(OMIE, id_scope=reach)
    by = crossing(reader, company=place[0], branch=place[1])

    (missing,) = translate([found("01||UN")], by, {}).wanted

    assert missing.scope == scope_of(reader, UNIT, *place)


def test_what_is_missing_names_the_scope_it_is_missing_in() -> None:
    """So that a person enters it where it will be looked for."""
    reader = replace(OMIE, id_scope=IdScope.COMPANY)

    (missing,) = translate([found("UN")], crossing(reader), {}).wanted

    assert missing.scope == "01"


# -- rules of equal ids (D10) ----------------------------------------------------------------------


def test_sender_and_reader_that_share_their_ids_need_no_pair() -> None:
    """Nothing is waited for, nor left out, whatever the reader wants of others."""
    rule = alike("protheus", "omie")
    drops = replace(OMIE, references={**OMIE.references, "unitofmeasure": OnMissing.DROP})

    for reader in (OMIE, drops):
        assert translate([found("UN")], crossing(reader, rule), {}) == UNCHANGED


def test_a_rule_of_another_entity_or_of_others_serves_nobody() -> None:
    """The id is waited for."""
    rules = [alike("protheus", "omie", entity=SHELF), alike("protheus", "wis")]

    (missing,) = translate([found("UN")], crossing(OMIE, *rules), {}).wanted

    assert [key.application for key in missing.keys] == ["protheus", "wis"]
    assert missing.readers == ("omie",)


def test_the_reader_s_own_table_goes_before_a_rule() -> None:
    """A pair that somebody made says more than that ids are mostly equal."""
    rules = [alike("protheus", "omie"), alike("omie", "a-friend")]
    pairs = known([called("a-friend", "5"), called("protheus", "UN"), called("omie", "77")])

    translation = translate([found("UN")], crossing(OMIE, *rules), pairs)

    assert [swap.after for swap in translation.swaps] == ["77"]


def test_what_a_reader_s_friend_calls_a_thing_serves_the_reader() -> None:
    """They call it the same."""
    pairs = known([called("protheus", "UN"), called("wis", "77")])

    translation = translate([found("UN")], crossing(OMIE, alike("omie", "wis")), pairs)

    assert [swap.after for swap in translation.swaps] == ["77"]


def test_what_is_known_of_a_sender_s_friend_serves_the_sender() -> None:
    """The thing is looked up under either name."""
    pairs = known([called("wis", "UN"), called("omie", "77")])

    translation = translate([found("UN")], crossing(OMIE, alike("protheus", "wis")), pairs)

    assert [swap.after for swap in translation.swaps] == ["77"]


def test_the_sender_s_own_key_goes_before_its_friends() -> None:
    """What is known of the sender itself needs no rule."""
    pairs = known(
        [called("a-friend", "UN"), called("omie", "1")],
        [called("protheus", "UN"), called("omie", "2")],
    )

    translation = translate([found("UN")], crossing(OMIE, alike("protheus", "a-friend")), pairs)

    assert [swap.after for swap in translation.swaps] == ["2"]


def test_what_would_do_is_told_with_what_is_missing() -> None:
    """An id of any of those brings the wait to its end."""
    rules = [alike("protheus", "wis"), alike("omie", "keepfy")]

    (missing,) = translate([found("UN")], crossing(OMIE, *rules), {}).wanted

    assert [key.application for key in missing.keys] == ["protheus", "wis"]
    assert missing.readers == ("omie", "keepfy")
    assert missing.key == Key(UNIT, "protheus", "", "UN")


def test_what_two_rules_call_differently_a_person_decides() -> None:
    """The order of their names is no reason (D7)."""
    friends = alike("omie", "wis", "keepfy")
    pairs = known([called("protheus", "UN"), called("wis", "2"), called("keepfy", "1")])

    translation = translate([found("UN")], crossing(OMIE, friends), pairs)

    assert translation.swaps == ()
    assert [one.ambiguous for one in translation.wanted] == [True]


def test_what_two_friends_of_the_sender_know_differently_a_person_decides() -> None:
    """Likewise where it is looked up under several names."""
    pairs = known(
        [called("wis", "UN"), called("omie", "2")], [called("keepfy", "UN"), called("omie", "1")]
    )

    by = crossing(OMIE, alike("protheus", "wis", "keepfy"))

    assert [one.ambiguous for one in translate([found("UN")], by, pairs).wanted] == [True]


def test_a_rule_of_the_sender_goes_before_none_of_the_reader() -> None:
    """One step of equal ids is as good as another."""
    rules = [alike("protheus", "a-friend"), alike("omie", "wis")]
    pairs = known(
        [called("protheus", "UN"), called("wis", "2")],
        [called("a-friend", "UN"), called("omie", "1")],
    )

    assert translate([found("UN")], crossing(OMIE, *rules), pairs).wanted[0].ambiguous


def test_rules_that_say_the_same_are_no_doubt() -> None:
    """However many there are."""
    pairs = known([called("protheus", "UN"), called("wis", "1"), called("keepfy", "1")])

    translation = translate([found("UN")], crossing(OMIE, alike("omie", "wis", "keepfy")), pairs)

    assert [swap.after for swap in translation.swaps] == ["1"]


@pytest.mark.parametrize(
    ("rule", "holder"),
    [(alike("omie", "wis"), "wis"), (alike("omie", "protheus"), "rm"), (alike("omie", "wis"), "")],
)
def test_what_only_others_hold_is_new_to_the_reader(rule: SharedIds, holder: str) -> None:
    """That it would call it the same says how, not that it was ever told of it (D8)."""
    thing = [called("protheus", "UN"), *([called(holder, "77")] if holder else [])]

    translation = translate([found("UN", role=OWN)], crossing(OMIE, rule), known(thing))

    assert translation.new
    assert translation.wanted == ()


def test_what_the_reader_holds_as_a_friend_of_the_sender_knows_it_is_not_new() -> None:
    """The thing is the reader's own, by whichever name it is found."""
    pairs = known([called("wis", "UN"), called("omie", "77")])

    translation = translate(
        [found("UN", role=OWN)], crossing(OMIE, alike("protheus", "wis")), pairs
    )

    assert not translation.new


def test_the_ids_of_friends_are_looked_for_where_they_declare() -> None:
    """Each application's ids reach as far as it says, whoever calls things alike."""
    wis = replace(PROTHEUS, name="wis", id_scope=IdScope.BRANCH)
    keepfy = replace(PROTHEUS, name="keepfy", id_scope=IdScope.COMPANY)
    rules = (alike("protheus", "wis"), alike("omie", "keepfy"))
    made = Deployment(1, {"wis": wis, "keepfy": keepfy}, (), rules)
    by = crossing()._replace(deployment=made)

    assert looked_up(found("UN"), by=by) == [
        (UNIT, "protheus", "", "UN"),
        (UNIT, "wis", "01/02", "UN"),
    ]
    (missing,) = translate([found("UN")], by, {}).wanted
    assert [missing.scope_at(name) for name in ("omie", "keepfy")] == ["", "01"]
    company = [called("protheus", "01|02", COMPANY), called("keepfy", "K|1", COMPANY)]
    unit = [called("protheus", "UN"), called("keepfy", "77", scope="K")]
    translation = translate([found("UN")], by, known(company, unit))
    assert [swap.after for swap in translation.swaps] == ["77"]


@pytest.mark.parametrize(
    ("table", "ids"),
    [
        ({}, ()),
        (known([called("protheus", "UN"), called("rm", "5")]), ()),
        (known([called("protheus", "UN"), called("wis", "2"), called("omie", "1")]), ("1",)),
        (known([called("protheus", "UN"), called("wis", "2")]), ("2",)),
        (known([called("senior", "UN"), called("omie", "3")]), ("3",)),
        (known([called("protheus", "UN"), called("omie", "1", scope="E")]), ()),
    ],
)
def test_the_ids_that_would_do_are_those_of_the_first_that_has_any(
    table: Known, ids: tuple[str, ...]
) -> None:
    """By key, and for each key by reader, in the scope that is wanted."""
    keys = (Key(UNIT, "protheus", "", "UN"), Key(UNIT, "senior", "", "UN"))

    assert ids_of(MissingId(keys, "path", ("omie", "wis")), table) == ids


# -- qualifiers, and several ids of one thing (D7) -------------------------------------------------


@pytest.mark.parametrize(
    ("entity", "id_", "qualifier"),
    [
        (VENDOR, "X|1|C", "customer"),
        (VENDOR, "X|1|F", "vendor"),
        (VENDOR, "X|1| f ", "vendor"),
        (VENDOR, "C", "customer"),
        (VENDOR, "X|C|1", ""),
        (VENDOR, "X|1|", ""),
        ("CUSTOMERVENDOR", "X|1|C", "customer"),
        (UNIT, "X|1|C", ""),
    ],
)
def test_the_last_segment_of_an_id_may_tell_which_it_is(
    entity: str, id_: str, qualifier: str
) -> None:
    """As the application declares for the entity; without blanks, in any letter case."""
    declared = replace(PROTHEUS, qualifiers=ENDINGS)

    assert qualifier_of(declared, entity, id_) == qualifier
    assert qualifier_of(PROTHEUS, entity, id_) == ""


def test_a_name_goes_before_the_form_of_an_id() -> None:
    """What somebody said of an id counts more than how it looks."""
    declared = replace(PROTHEUS, qualifiers=ENDINGS)
    key = Key(VENDOR, "protheus", "", "X|C")

    assert member_of(declared, key) == Member(key, "customer")
    assert member_of(declared, key, "vendor") == Member(key, "vendor")
    assert member_of(PROTHEUS, key) == Member(key)


def test_a_reference_says_which_of_several_ids_it_wants() -> None:
    """By its element in the catalog."""
    vendor = found("V1", VENDOR, wish="vendor")

    assert translate([vendor], crossing(), TWO_RECORDS).swaps[0].after == "X|F"


def test_the_form_of_the_sender_s_id_says_it_where_the_element_does_not() -> None:
    """Where both do, the element is right."""
    sender = replace(PROTHEUS, qualifiers=ENDINGS)
    rows = TWO_RECORDS[Key(VENDOR, "protheus", "", "V1")]
    table = {Key(VENDOR, "protheus", "", "V|C"): rows}

    for wish, after in (("", "X|C"), ("vendor", "X|F")):
        one = found("V|C", VENDOR, wish=wish)
        assert translate([one], crossing(sender=sender), table).swaps[0].after == after


def test_an_id_without_a_qualifier_stands_for_any_and_another_s_for_none() -> None:
    """A vendor is not put in the place of a customer; it is waited for, by its qualifier."""
    vendor = found("V1", VENDOR, wish="vendor")
    either = known([called("protheus", "V1", VENDOR), called("omie", "9", VENDOR)])
    customer = known(
        [called("protheus", "V1", VENDOR), called("omie", "9", VENDOR, qualifier="customer")]
    )

    assert translate([vendor], crossing(), either).swaps[0].after == "9"
    assert translate([vendor], crossing(), customer) == Translation(
        wanted=(wanted("V1", VENDOR)._replace(qualifier="vendor"),)
    )


@pytest.mark.parametrize("wish", OnMissing)
def test_among_several_ids_a_person_decides(wish: OnMissing) -> None:
    """Whatever the reader wants of those it has none for: nothing is chosen silently."""
    reader = replace(OMIE, references={"company": OnMissing.KEEP, "customervendor": wish})

    translation = translate([found("V1", VENDOR)], crossing(reader), TWO_RECORDS)

    assert translation == Translation(wanted=(wanted("V1", VENDOR, ambiguous=True),))


@pytest.mark.parametrize("role", [OWN, PART])
def test_among_several_ids_of_the_document_itself_a_person_decides(role: IdRole) -> None:
    """It is no update under the sender's id, which the reader does not know."""
    translation = translate([found("7", role=role)], crossing(), SPLIT)

    assert (translation.swaps, translation.left, translation.new) == ((), (), False)
    assert [(one.key.id, one.ambiguous) for one in translation.wanted] == [("7", True)]


@pytest.mark.parametrize("role", [OWN, PART])
def test_each_of_several_ids_of_the_document_itself_gets_a_message_where_the_reader_wants_it(
    role: IdRole,
) -> None:
    """As for a reference."""
    translation = translate([found("7", role=role)], crossing(in_turn("unitofmeasure")), SPLIT)

    ((_, _, before, after, own),) = translation.swaps
    assert (before, after, own) == ("7", "701", True)
    assert (translation.left, translation.wanted, translation.new) == (("702", "703"), (), False)


# -- a message for each of several ids (D7) --------------------------------------------------------


@pytest.mark.parametrize("declared", ["unitofmeasure", "list/unitid"])
def test_each_of_several_ids_gets_a_message_where_the_reader_wants_it(declared: str) -> None:
    """The first now, the others after it; declared by entity or by element."""
    reader = in_turn(declared)
    one = found("7", path="List/UnitId")

    assert translate([one], crossing(reader), SPLIT) == Translation(
        (Swap("List/UnitId", UNIT, "7", "701"),), left=("702", "703")
    )


@pytest.mark.parametrize(
    ("done", "after", "left"),
    [
        ({"701"}, "702", ("703",)),
        ({"702"}, "701", ("703",)),
        ({"702", "701"}, "703", ()),
        ({"701", "702", "703"}, "703", ()),
        ({"9"}, "701", ("702", "703")),
    ],
)
def test_those_that_had_their_message_get_no_other(
    done: Collection[str], after: str, left: tuple[str, ...]
) -> None:
    """Where all have had theirs, the last is repeated."""
    reader = in_turn("unitofmeasure")

    had = [Swap("UnitOfMeasureInternalId", UNIT, "7", id_) for id_ in done]
    translation = translate([found("7")], crossing(reader), SPLIT, had)

    assert (translation.after("UnitOfMeasureInternalId", "7"), translation.left) == (after, left)


def test_of_two_references_with_several_ids_one_alone_is_taken_in_turn() -> None:
    """For the other a person decides."""
    reader = in_turn("unitofmeasure", "customervendor")
    table = {**SPLIT, **TWO_RECORDS}

    translation = translate([found("7"), found("V1", VENDOR)], crossing(reader), table)

    assert [swap.after for swap in translation.swaps] == ["701"]
    assert translation.wanted == (wanted("V1", VENDOR, ambiguous=True),)
    assert translation.left == ("702", "703")


def test_the_second_of_two_references_gets_no_turn_of_its_own_at_the_last_of_the_first() -> None:
    """Else it would be combined with one of the first's ids only, and nobody would know."""
    reader = in_turn("unitofmeasure", "customervendor")
    had = [Swap("UnitOfMeasureInternalId", UNIT, "7", id_) for id_ in ("701", "702")]

    translation = translate(
        [found("7"), found("V1", VENDOR)], crossing(reader), {**SPLIT, **TWO_RECORDS}, had
    )

    assert (translation.left, [swap.after for swap in translation.swaps]) == ((), ["703"])
    assert translation.wanted == (wanted("V1", VENDOR, ambiguous=True),)


def test_one_thing_that_is_named_twice_has_its_turn_in_both_places() -> None:
    """One message names one of its ids, wherever it stands."""
    ids = [found("7"), found("7", path="OtherInternalId")]

    translation = translate(ids, crossing(in_turn("unitofmeasure")), SPLIT)

    assert [swap.after for swap in translation.swaps] == ["701", "701"]
    assert (translation.left, translation.wanted) == (("702", "703"), ())


def test_what_others_of_the_message_were_put_into_is_no_turn() -> None:
    """A company, or a unit of another name, may be called what one of the ids is."""
    had = [Swap(COMPANY_PATH, COMPANY, "01|02", "701"), Swap("Other", UNIT, "8", "702")]

    translation = translate([found("7")], crossing(in_turn("unitofmeasure")), SPLIT, had)

    assert (translation.swaps[0].after, translation.left) == ("701", ("702", "703"))


def test_a_turn_of_an_id_that_both_call_the_same_is_told_too() -> None:
    """Else it would be had again and again."""
    ids = [called("omie", "7", qualifier="1"), called("omie", "8", qualifier="2")]

    translation = translate(
        [found("7")], crossing(in_turn("unitofmeasure")), known([called("protheus", "7"), *ids])
    )

    assert [(swap.after, translation.left) for swap in translation.swaps] == [("7", ("8",))]


def test_where_there_is_one_id_there_is_one_message() -> None:
    """Although the reader would take one for each."""
    reader = in_turn("unitofmeasure")

    assert translate([found("01||UN")], crossing(reader), UN_IS_77).left == ()
