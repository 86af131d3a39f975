"""The rules of joining and parting ids, without a bus."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depara.model import JoinVerdict, Key, Link, Member, Source, delete, join, names, part, undo
from tests.depara.hub import DictHub

ANSWER, PERSON = Source.ANSWER, Source.PERSON


def key(text: str, scope: str = "") -> Key:
    """`rm:1` as a key of an item."""
    application, _, id_ = text.partition(":")
    return Key("Item", application, scope, id_)


def link(one: str, *others: str) -> Link:
    """`rm:1` is `protheus:A`, and perhaps more: `protheus:A customer` has a qualifier."""
    return Link(member(one), tuple(map(member, others)))


def member(text: str) -> Member:
    """`rm:1`, or `rm:1 vendor`."""
    name, _, qualifier = text.partition(" ")
    return Member(key(name), qualifier)


def joined(
    hub: DictHub, *links: Link, source: str = ANSWER, replace: bool = False
) -> list[JoinVerdict]:
    """Join links; the verdicts."""
    return [one.verdict for each in links for one in join(hub, each, source, replace=replace)]


def test_two_unknown_ids_are_a_new_thing() -> None:
    """Neither known: a new identity."""
    hub = DictHub()

    assert joined(hub, link("rm:1", "protheus:A")) == [JoinVerdict.ADDED]
    assert hub.ids(key("rm:1")) == hub.ids(key("protheus:A")) == {"rm:1", "protheus:A"}


def test_what_is_known_is_not_written_again() -> None:
    """Both known, of one identity: nothing happens."""
    hub = DictHub()
    joined(hub, link("rm:1", "protheus:A"))

    assert joined(hub, link("rm:1", "protheus:A"), link("protheus:A", "rm:1")) == [
        JoinVerdict.SAME,
        JoinVerdict.SAME,
    ]
    assert (len(hub.rows), hub.closed) == (2, [])


def test_a_third_application_joins_the_two() -> None:
    """One known: the other joins it."""
    hub = DictHub()

    joined(hub, link("rm:1", "protheus:A"), link("rm:1", "omie:77"))

    assert hub.ids(key("omie:77")) == {"rm:1", "protheus:A", "omie:77"}


def test_two_things_that_are_one_are_merged() -> None:
    """Different identities, and no application has two ids: one identity."""
    hub = DictHub()
    joined(hub, link("rm:1", "protheus:A"), link("wms:9", "omie:77"))

    assert joined(hub, link("rm:1", "omie:77")) == [JoinVerdict.MERGED]
    assert hub.ids(key("rm:1")) == {"rm:1", "protheus:A", "omie:77", "wms:9"}


def test_two_things_that_an_application_tells_apart_stay_apart() -> None:
    """A merge would give an application two ids: conflict, and nothing changes."""
    hub = DictHub()
    joined(hub, link("rm:1", "protheus:A"), link("rm:2", "omie:77"))

    (result,) = join(hub, link("protheus:A", "omie:77"), ANSWER)

    assert result.verdict is JoinVerdict.CONFLICT
    assert [row.id for row in result.against] == ["1"]
    assert hub.ids(key("rm:1")) == {"rm:1", "protheus:A"}
    assert hub.ids(key("rm:2")) == {"rm:2", "omie:77"}


def test_a_new_id_takes_the_place_of_one_that_nobody_else_uses() -> None:
    """The same origin, another destination: the destination made it anew."""
    hub = DictHub()
    joined(hub, link("rm:1", "protheus:A"))

    assert joined(hub, link("rm:1", "protheus:B")) == [JoinVerdict.CHANGED]
    assert hub.ids(key("rm:1")) == {"rm:1", "protheus:B"}
    assert [row.id for row in hub.closed] == ["A"]


def test_what_is_told_late_replaces_nothing_and_may_add() -> None:
    """What is known may be the newer of the two; a third application makes no difference."""
    hub = DictHub()
    joined(hub, link("rm:1", "protheus:A"))

    (late,) = join(hub, link("rm:1", "protheus:B"), ANSWER, late=True)
    (added,) = join(hub, link("rm:1", "wms:7"), ANSWER, late=True)
    (same,) = join(hub, link("rm:1", "protheus:A"), ANSWER, late=True)

    assert (late.verdict, [row.id for row in late.against]) == (JoinVerdict.CONFLICT, ["A"])
    assert (added.verdict, same.verdict) == (JoinVerdict.ADDED, JoinVerdict.SAME)
    assert hub.ids(key("rm:1")) == {"rm:1", "protheus:A", "wms:7"}


def test_an_id_in_use_does_not_give_way() -> None:
    """A third application knows the thing by it: a person decides."""
    hub = DictHub()
    joined(hub, link("rm:1", "protheus:A"), link("rm:1", "omie:77"))

    assert joined(hub, link("rm:1", "protheus:B")) == [JoinVerdict.CONFLICT]
    assert "protheus:A" in hub.ids(key("rm:1"))


def test_an_id_that_a_person_set_does_not_give_way_to_an_answer() -> None:
    """It does to a person."""
    hub = DictHub()
    joined(hub, link("rm:1", "protheus:A"), source=PERSON)

    assert joined(hub, link("rm:1", "protheus:B")) == [JoinVerdict.CONFLICT]
    assert joined(hub, link("rm:1", "protheus:B"), source=PERSON, replace=True) == [
        JoinVerdict.CHANGED
    ]


def test_another_origin_never_takes_a_destination_that_is_known() -> None:
    """Two records of the sender are one at the destination: a person decides."""
    hub = DictHub()
    joined(hub, link("rm:1", "protheus:A"))

    assert joined(hub, link("rm:2", "protheus:A")) == [JoinVerdict.CONFLICT]
    assert hub.ids(key("protheus:A")) == {"rm:1", "protheus:A"}
    assert hub.ids(key("rm:2")) == set()


def test_a_person_may_move_an_id_to_another_thing() -> None:
    """`replace` takes it from the one and gives it to the other."""
    hub = DictHub()
    joined(hub, link("rm:1", "protheus:A"), link("rm:2", "protheus:B"))

    assert joined(hub, link("rm:1", "protheus:B"), source=PERSON, replace=True) == [
        JoinVerdict.CHANGED
    ]
    assert hub.ids(key("rm:1")) == {"rm:1", "protheus:B"}
    assert hub.ids(key("rm:2")) == {"rm:2"}


def test_one_thing_may_be_two_records_that_a_qualifier_tells_apart() -> None:
    """RM's “both” is a customer and a vendor in Protheus (D7)."""
    hub = DictHub()

    verdicts = joined(hub, link("rm:1", "protheus:X|C customer", "protheus:X|F vendor"))

    assert verdicts == [JoinVerdict.ADDED, JoinVerdict.ADDED]
    row = hub.find(key("rm:1"))
    assert row is not None
    rows = hub.members(row.identity)
    assert names(rows, "protheus", "", "vendor").one == "X|F"
    assert names(rows, "protheus", "", "").one is None
    assert names(rows, "protheus", "", "").ids == ("X|C", "X|F")
    assert names(rows, "rm", "", "vendor").one == "1", "an id without a qualifier stands for any"


def test_parts_without_a_qualifier_are_numbered_and_never_chosen() -> None:
    """A request that was split in two movements keeps both, however often it is told (D7)."""
    hub = DictHub()
    split = link("protheus:R1", "rm:10", "rm:11")

    assert joined(hub, split) == [JoinVerdict.ADDED, JoinVerdict.ADDED]
    assert joined(hub, link("protheus:R1", "rm:11", "rm:10")) == [
        JoinVerdict.SAME,
        JoinVerdict.SAME,
    ]
    assert hub.ids(key("protheus:R1")) == {"protheus:R1", "rm:10 1", "rm:11 2"}


def test_equal_ids_in_two_companies_are_two_things() -> None:
    """The scope is part of the key (D2)."""
    hub = DictHub()
    one = Link(Member(key("wms:1", "1")), (Member(key("rm:A")),))
    other = Link(Member(key("wms:1", "2")), (Member(key("rm:B")),))

    joined(hub, one, other)

    assert hub.ids(key("rm:A")) == {"rm:A", "wms:1"}
    assert hub.find(key("wms:1", "1")) != hub.find(key("wms:1", "2"))


def test_a_delete_closes_the_reader_s_id_and_the_sender_s_when_alone() -> None:
    """The sender's own stays while another application holds the thing (D8)."""
    hub = DictHub()
    joined(hub, link("rm:1", "protheus:A"), link("rm:1", "omie:77"))

    assert [row.id for row in delete(hub, key("rm:1"), "omie")] == ["77"]
    assert hub.ids(key("rm:1")) == {"rm:1", "protheus:A"}
    assert {row.id for row in delete(hub, key("rm:1"), "protheus")} == {"A", "1"}
    assert delete(hub, key("rm:1"), "protheus") == ()


@pytest.mark.rule("T-145")
def test_an_id_that_is_used_again_is_a_new_thing() -> None:
    """What was closed has no say (D8)."""
    hub = DictHub()
    joined(hub, link("rm:1", "protheus:A"))
    before = hub.find(key("rm:1"))
    delete(hub, key("rm:1"), "protheus")

    joined(hub, link("rm:1", "protheus:B"))

    after = hub.find(key("rm:1"))
    assert before is not None
    assert after is not None
    assert before.identity != after.identity


def test_a_change_can_be_taken_back() -> None:
    """What it opened closes, what it closed opens again as the same thing (D11)."""
    hub = DictHub()
    joined(hub, link("rm:1", "protheus:A"), source=PERSON)
    before = set(hub.rows)
    joined(hub, link("rm:1", "protheus:B"), source=PERSON, replace=True)
    opened = [row for number, row in hub.rows.items() if number not in before]

    assert undo(hub, opened, hub.closed) == ()
    assert hub.ids(key("rm:1")) == {"rm:1", "protheus:A"}


def test_a_change_on_which_another_stands_is_not_taken_back() -> None:
    """The rows in the way are told, and nothing changes."""
    hub = DictHub()
    joined(hub, link("rm:1", "protheus:A"))
    opened = list(hub.rows.values())
    part(hub, [key("protheus:A")])
    opened = [hub.closed[-1] if row.id == "A" else row for row in opened]
    joined(hub, link("rm:1", "protheus:B"))

    assert [row.id for row in undo(hub, opened, [])] == ["A"]
    assert hub.ids(key("rm:1")) == {"rm:1", "protheus:B"}


applications = st.sampled_from(["rm", "protheus", "omie", "wms"])
members = st.builds(
    lambda application, id_, qualifier: Member(Key("Item", application, "", id_), qualifier),
    applications,
    st.sampled_from("ABC"),
    st.sampled_from(["", "customer", "vendor"]),
)
links = st.builds(
    lambda one, others: Link(one, tuple(others)), members, st.lists(members, min_size=1, max_size=3)
)


@given(st.lists(st.tuples(links, st.booleans()), max_size=25))
def test_no_thing_ever_has_two_ids_in_one_place(made: list[tuple[Link, bool]]) -> None:
    """Whatever is said, and in whatever order: an application, a scope and a qualifier name one id."""
    hub = DictHub()
    for one, replace in made:
        join(hub, one, ANSWER, replace=replace)

        places = [(row.identity, *row.place) for row in hub.rows.values()]
        assert len(places) == len(set(places))
        keys = [row.key for row in hub.rows.values()]
        assert len(keys) == len(set(keys))
