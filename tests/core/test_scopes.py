"""Where ids are unique, and what stands in the place of content and of an answer's UUID."""

import hashlib
import uuid
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.core.envelope import Header, MessageType
from bus.core.identity import (
    LONG,
    PIECE,
    fingerprint,
    identity_of_response,
    scope_of,
    scoped_id,
    uuid_of_answer,
)
from bus.core.route import Application, IdScope

RM = Application("rm", "RM")
HEADER = Header("1", MessageType.RESPONSE, "Item", "4.005", company="01", branch="02")
WHOLE, COMPANY, BRANCH = IdScope.WHOLE, IdScope.COMPANY, IdScope.BRANCH

texts = st.text("01/% ", max_size=4)


# -- scopes (D2) -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("reach", "scope"), [(WHOLE, ""), (COMPANY, "01"), (BRANCH, "01/02")])
def test_an_id_is_unique_as_far_as_its_application_says(reach: IdScope, scope: str) -> None:
    """In all of it, in a company, or in a branch."""
    assert scope_of(replace(RM, id_scope=reach), "Item", "01", "02") == scope


@pytest.mark.parametrize(("entity", "scope"), [("Item", "01"), ("ITEM", "01"), ("Unit", "01/02")])
def test_an_entity_may_reach_otherwise(entity: str, scope: str) -> None:
    """In any letter case; the others are as the application says."""
    reaches = replace(RM, id_scope=BRANCH, entity_scopes={"item": COMPANY})

    assert scope_of(reaches, entity, "01", "02") == scope


@pytest.mark.parametrize("entity", ["Company", "BRANCH"])
def test_ids_of_companies_and_branches_are_unique_by_themselves(entity: str) -> None:
    """Whatever is said of them: they say where all others belong."""
    reaches = replace(RM, id_scope=BRANCH, entity_scopes={entity.casefold(): BRANCH})

    assert scope_of(reaches, entity, "01", "02") == ""


@pytest.mark.parametrize(("reach", "name"), [(WHOLE, "7"), (COMPANY, "01/7"), (BRANCH, "01/02/7")])
def test_an_id_is_told_with_the_scope_that_it_needs(reach: IdScope, name: str) -> None:
    """By the company and branch of its message."""
    assert scoped_id(replace(RM, id_scope=reach), HEADER, "Item", "7") == name


@given(st.tuples(texts, texts), st.tuples(texts, texts))
def test_two_branches_never_share_a_scope(one: tuple[str, str], other: tuple[str, str]) -> None:
    """Separators within company and branch do not run together; blanks are kept."""
    application = replace(RM, id_scope=BRANCH)
    first, second = (scope_of(application, "Item", *place) for place in (one, other))

    assert (first == second) is (one == other)


# -- fingerprints ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "length", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, LONG, LONG + 1, 2 * LONG]
)
def test_a_fingerprint_is_the_sha_256_of_all_the_bytes(length: int) -> None:
    """However many there are: it is compared with those of other tools."""
    data = bytes(n % 251 for n in range(length))

    assert fingerprint(data) == hashlib.sha256(data).hexdigest()


# -- answers ---------------------------------------------------------------------------------------


def test_an_answer_has_one_uuid_however_often_it_is_written() -> None:
    """Of its message, its number and its time; another answer has another."""
    told = uuid_of_answer("m", 1, 5)
    others = [("n", 1, 5), ("m", 2, 5), ("m", 1, 6), ("m/1", 5, 0), ("m", 15, 0)]

    assert uuid.UUID(told).version == 5
    assert uuid_of_answer("m", 1, 5) == told
    assert len({told, *(uuid_of_answer(*other) for other in others)}) == 1 + len(others)


def heard(sender: str = "rm", content: str = "c", **header: object) -> str:
    """The key of a response that differs in these."""
    changed = HEADER._replace(**header)  # type: ignore[arg-type]
    return identity_of_response(sender, changed, content).key


@pytest.mark.parametrize(
    "other",
    [
        heard("omie"),
        heard(content="d"),
        heard(uuid="2"),
        heard(type=MessageType.RECEIPT),
        heard(transaction="Order"),
        heard(company="02"),
        heard(branch="03"),
        heard(company="01/02", branch=""),
    ],
)
def test_a_response_is_told_apart_by_its_content_too(other: str) -> None:
    """Some destinations write the UUID of the request into each of their responses."""
    assert other != heard()


def test_a_response_repeats_itself_in_any_spelling_and_at_any_time() -> None:
    """Whatever the policy for messages: there is no window."""
    assert heard(transaction="ITEM", version="4.000", generated_on="2026-01-31") == heard()
    assert identity_of_response("rm", HEADER, "c").window == 0
