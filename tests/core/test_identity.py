"""What a message is: its identity, its document, its lane, and what a repeat of it means."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.core.delivery import FAILED, GONE, UNDER_WAY, State
from bus.core.envelope import Header, MessageType
from bus.core.identity import (
    RepeatVerdict,
    Standing,
    document_of,
    identity_of,
    judge_repeat,
    lane_of,
)
from bus.core.route import Application, IdentityBasis, IdentityPolicy, IdScope

PROTHEUS = Application("protheus", "PROTHEUS")
HEADER = Header(
    uuid="1",
    type=MessageType.BUSINESS,
    transaction="Item",
    version="4.005",
    company="01",
    branch="02",
)
MICROSECONDS = 1_000_000

texts = st.text(max_size=12)
scopes = st.sampled_from(IdScope)
bases = st.sampled_from(IdentityBasis)
standings = st.lists(st.builds(Standing, st.sampled_from(State), st.booleans()), max_size=4)


def by(basis: IdentityBasis) -> Application:
    """The application with that policy."""
    return replace(PROTHEUS, identity=IdentityPolicy(basis, window=60.0))


def key(
    application: Application = PROTHEUS, document: str = "d", content: str = "c", **header: object
) -> str:
    """The identity's key of a message that differs in these fields."""
    changed = HEADER._replace(**header)  # type: ignore[arg-type]
    return identity_of(application, changed, document, content).key


# -- identity --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        key(uuid="2"),
        key(transaction="Currency"),
        key(type=MessageType.RESPONSE),
        key(company="02"),
        key(branch="03"),
        key(replace(PROTHEUS, name="rm")),
    ],
)
def test_each_part_of_the_identity_tells_messages_apart(other: str) -> None:
    """Application, Type, Transaction, company, branch and UUID (S5)."""
    assert other != key()


@pytest.mark.parametrize(
    "same",
    [
        key(transaction="ITEM"),
        key(version="4.004"),
        key(generated_on="2026-01-31T10:00:00"),
        key(source_application="P12"),
        key(content="other", document="other"),
    ],
)
def test_what_is_not_identity_does_not_tell_messages_apart(same: str) -> None:
    """A repeat may be written at another time, in another letter case."""
    assert same == key()


def test_blanks_of_company_and_branch_are_kept() -> None:
    """` 01` and `01` are two companies: what is sent is opaque."""
    assert key(company="01 ") != key(company="01")


def test_the_content_joins_the_uuid_by_policy() -> None:
    """Where a sender repeats UUIDs, the same one with other content is another message."""
    application = by(IdentityBasis.UUID_AND_CONTENT)

    assert key(application) == key(application, document="other")
    assert key(application) != key(application, content="other")
    assert key(application) != key(application, uuid="2")


def test_the_content_replaces_the_uuid_by_policy() -> None:
    """Only the newest message of the document counts, within the window."""
    application = by(IdentityBasis.CONTENT)
    identity = identity_of(application, HEADER, "d", "c")

    assert identity.window == 60 * MICROSECONDS
    assert identity.key == key(application, uuid="2", content="other")
    assert identity.key != key(application, document="other")


def test_without_a_document_the_content_stands_for_it() -> None:
    """A query has no document; the same question asked again is the same."""
    application = by(IdentityBasis.CONTENT)

    assert key(application, document="", content="a") == key(application, document="", content="a")
    assert key(application, document="", content="a") != key(application, document="", content="b")


def test_a_uuid_is_looked_for_without_limit_of_time() -> None:
    """Only a match by content has a window."""
    assert identity_of(by(IdentityBasis.UUID), HEADER, "d", "c").window == 0


@given(one=st.tuples(texts, texts, texts), other=st.tuples(texts, texts, texts))
def test_no_choice_of_ids_makes_two_messages_one(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    """Separators within company, branch and UUID do not run together."""
    first, second = (key(company=c, branch=b, uuid=u) for c, b, u in (one, other))

    assert (first == second) is (one == other)


# -- documents and lanes ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "told_apart"),
    [
        (IdScope.WHOLE, {"company": False, "branch": False}),
        (IdScope.COMPANY, {"company": True, "branch": False}),
        (IdScope.BRANCH, {"company": True, "branch": True}),
    ],
)
def test_a_document_belongs_to_company_and_branch_where_its_ids_do(
    scope: IdScope, told_apart: dict[str, bool]
) -> None:
    """Where ids are unique in the application, the same one in two branches is one document."""
    application = replace(PROTHEUS, id_scope=scope)
    document = document_of(application, HEADER, "Item", "1")

    for field, apart in told_apart.items():
        elsewhere = HEADER._replace(**{field: "99"})  # type: ignore[arg-type]
        assert (document_of(application, elsewhere, "Item", "1") != document) is apart


def test_an_entity_is_the_same_in_any_letter_case() -> None:
    """Two messages of one document may spell its entity differently."""
    assert document_of(PROTHEUS, HEADER, "ITEM", "1") == document_of(PROTHEUS, HEADER, "item", "1")


def test_ids_keep_case_and_blanks() -> None:
    """They are opaque (D2)."""
    ids = ["01| |UN", "01||UN", "01| |un", "01| |UN ", "1| |UN"]

    assert len({document_of(PROTHEUS, HEADER, "UnitOfMeasure", one) for one in ids}) == len(ids)


@given(one=st.tuples(texts, texts, texts), other=st.tuples(texts, texts, texts), scope=scopes)
def test_no_choice_of_ids_makes_two_documents_one(
    one: tuple[str, str, str], other: tuple[str, str, str], scope: IdScope
) -> None:
    """Separators within company, branch and id do not run together."""
    application = replace(PROTHEUS, id_scope=scope)
    first, second = (
        document_of(application, HEADER._replace(company=c, branch=b), "item", i)
        for c, b, i in (one, other)
    )
    counts = {IdScope.WHOLE: 2, IdScope.COMPANY: 1, IdScope.BRANCH: 0}[scope]
    parts = [(c, b, i) for c, b, i in (one, other)]
    compared = [(c, i) if counts == 1 else (i,) if counts == 2 else (c, b, i) for c, b, i in parts]

    assert (first == second) is (compared[0] == compared[1])


def test_a_lane_is_of_one_destination_and_one_sender() -> None:
    """Two applications that write one document to one destination are not ordered (S6)."""
    lanes = {lane_of(d, s, "item/1") for d in ("rm", "omie") for s in ("protheus", "keepfy")}

    assert len(lanes) == 4


# -- repeats ---------------------------------------------------------------------------------------


def judge(
    *earlier: State | Standing, same: bool = True, rejected: bool = False, withdrawn: bool = False
) -> RepeatVerdict:
    """The verdict on a message whose earlier one's deliveries stand so."""
    standings = [one if isinstance(one, Standing) else Standing(one, safe=False) for one in earlier]
    return judge_repeat(
        same_content=same, rejected=rejected, withdrawn=withdrawn, standings=standings
    )


@pytest.mark.parametrize("state", sorted(UNDER_WAY))
def test_a_repeat_of_what_is_under_way_joins_it(state: State) -> None:
    """Also beside a delivery that has failed, or one in doubt."""
    assert judge(state) is RepeatVerdict.JOIN
    assert judge(State.REFUSED, state) is RepeatVerdict.JOIN
    if state is not State.HELD:
        assert judge(State.UNKNOWN, state) is RepeatVerdict.JOIN


def test_a_repeat_of_what_a_doubt_holds_is_told_of_the_doubt() -> None:
    """A copy that waits for the OK of a delivery in doubt does not go on by itself."""
    assert judge(State.UNKNOWN, State.HELD) is RepeatVerdict.UNKNOWN
    assert judge(Standing(State.UNKNOWN, safe=True), State.HELD) is RepeatVerdict.RETRY


def test_a_repeat_of_what_succeeded_gets_its_answer() -> None:
    """Delivered everywhere, or given up by a person or a rule."""
    assert judge(State.DELIVERED) is RepeatVerdict.STORED
    assert judge(State.DELIVERED, State.DISCARDED) is RepeatVerdict.STORED
    assert judge(State.DISCARDED) is RepeatVerdict.STORED
    assert judge() is RepeatVerdict.STORED


@pytest.mark.parametrize("state", sorted(FAILED))
def test_a_repeat_of_what_failed_is_a_new_attempt(state: State) -> None:
    """One failure among many is enough."""
    assert judge(state) is RepeatVerdict.RETRY
    assert judge(State.DELIVERED, state) is RepeatVerdict.RETRY


def test_a_repeat_of_a_doubt_depends_on_whether_repeating_is_safe() -> None:
    """Where it is not, the sender is told that nobody knows."""
    assert judge(Standing(State.UNKNOWN, safe=True)) is RepeatVerdict.RETRY
    assert judge(Standing(State.UNKNOWN, safe=False)) is RepeatVerdict.UNKNOWN
    assert judge(Standing(State.UNKNOWN, safe=False), State.REFUSED) is RepeatVerdict.UNKNOWN


def test_a_repeat_of_what_never_was_sent_is_a_new_message() -> None:
    """Rejected, or withdrawn: it knows its ancestor."""
    assert judge(rejected=True) is RepeatVerdict.AGAIN
    assert judge(State.DISCARDED, withdrawn=True) is RepeatVerdict.AGAIN


def test_other_content_is_a_correction_once_the_earlier_one_failed() -> None:
    """Refused, dead, rejected or withdrawn: the sender corrects it under the same UUID."""
    assert judge(State.REFUSED, same=False) is RepeatVerdict.CORRECTION
    assert judge(State.DEAD, State.DELIVERED, same=False) is RepeatVerdict.CORRECTION
    assert judge(rejected=True, same=False) is RepeatVerdict.CORRECTION
    assert judge(State.DISCARDED, withdrawn=True, same=False) is RepeatVerdict.CORRECTION


@pytest.mark.parametrize("state", sorted(set(State) - FAILED - GONE))
def test_other_content_is_a_conflict_while_anything_may_still_happen(state: State) -> None:
    """The earlier one may yet arrive: 409, and both are kept."""
    assert judge(state, same=False) is RepeatVerdict.CONFLICT
    assert judge(State.REFUSED, state, same=False) is RepeatVerdict.CONFLICT


def test_other_content_is_a_conflict_where_nothing_failed() -> None:
    """A delivered message is not corrected by reusing its UUID."""
    assert judge(State.DELIVERED, same=False) is RepeatVerdict.CONFLICT
    assert judge(State.DISCARDED, same=False) is RepeatVerdict.CONFLICT


@given(earlier=standings, rejected=st.booleans(), withdrawn=st.booleans())
def test_the_same_content_is_never_a_conflict_nor_a_correction(
    earlier: list[Standing], rejected: bool, withdrawn: bool
) -> None:
    """A sender that repeats honestly is never told off."""
    verdict = judge(*earlier, rejected=rejected, withdrawn=withdrawn)

    assert verdict not in {RepeatVerdict.CONFLICT, RepeatVerdict.CORRECTION}


@given(earlier=standings)
def test_a_repeat_never_sends_again_what_may_still_arrive(earlier: list[Standing]) -> None:
    """A new attempt is made only where every doubt is safe to repeat and nothing is under way."""
    if judge(*earlier) is RepeatVerdict.RETRY:
        # What a doubt holds goes on with the new attempt.
        assert all(one.state not in UNDER_WAY - {State.HELD} for one in earlier)
        assert all(one.safe for one in earlier if one.state is State.UNKNOWN)
