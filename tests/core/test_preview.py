"""What a preview says of each register of the origin, and of each that is there already."""

import pytest

from bus.core.preview import Preview, RegisterFate, SharedRecord, as_permitted, lines_of
from bus.core.sharing import Change

ORIGIN = SharedRecord("CustomerVendor", "1", "12.ABC.345/01DE-35", "Oficina", needs_match=True)


def fates(
    there: SharedRecord, *ids: str, origin: SharedRecord = ORIGIN
) -> list[tuple[RegisterFate, str]]:
    """What becomes of both, and which register there is meant."""
    pairs = {(origin.entity, origin.id): ids} if ids else {}
    return [(line.fate, line.there) for line in lines_of("b", [origin], [there], pairs)]


@pytest.mark.rule("X-11")
@pytest.mark.parametrize("match", ["12ABC34501DE35", "12.abc.345/01de-35", " 12ABC345/01DE35 "])
def test_a_document_is_compared_without_its_mask(match: str) -> None:
    """With letters, too, whatever their case."""
    there = SharedRecord("CustomerVendor", "9", match, "Another", needs_match=True)

    assert fates(there) == [(RegisterFate.OVERWRITTEN, "9")]


@pytest.mark.parametrize(
    ("match", "fate"), [("A-1", RegisterFate.OVERWRITTEN), ("a1", RegisterFate.CREATED)]
)
def test_a_code_is_compared_as_it_stands(match: str, fate: RegisterFate) -> None:
    """It is text: nothing is guessed of it."""
    origin = SharedRecord("Item", "1", "A-1", "Belt")
    there = SharedRecord("Item", "9", match, "Screw")

    assert fates(there, origin=origin)[0][0] is fate


def test_a_similar_name_may_be_a_duplicate() -> None:
    """The register is created, and a person is told to look first."""
    there = SharedRecord("CustomerVendor", "9", "529.982.247-25", "OFICINA.", needs_match=True)

    assert fates(there) == [
        (RegisterFate.CREATED, ""),
        (RegisterFate.DUPLICATE, "9"),
        (RegisterFate.KEPT, "9"),
    ]


def test_the_de_para_goes_before_documents() -> None:
    """What has a pair is that, whatever document it has."""
    there = SharedRecord("CustomerVendor", "9", "", "Other", needs_match=True)

    assert fates(there, "9") == [(RegisterFate.OVERWRITTEN, "9")]


@pytest.mark.rule("O-04")
@pytest.mark.parametrize(
    ("ids", "fate"),
    [
        (("8",), RegisterFate.MISSING),
        (("8", "9"), RegisterFate.OVERWRITTEN),
        ((), RegisterFate.CREATED),
    ],
)
def test_what_is_there_no_more_is_told_as_missing(ids: tuple[str, ...], fate: RegisterFate) -> None:
    """Nothing would be overwritten where the id of the de-para names nothing."""
    there = SharedRecord("CustomerVendor", "9", "1", "Another", needs_match=True)

    assert fates(there, *ids)[0][0] is fate


def test_what_has_no_document_is_skipped() -> None:
    """And is not united with another that has none."""
    origin = ORIGIN._replace(match="")
    there = SharedRecord("CustomerVendor", "9", "", "Other", needs_match=True)

    assert fates(there, origin=origin) == [(RegisterFate.SKIPPED, ""), (RegisterFate.KEPT, "9")]


@pytest.mark.rule("O-08")
def test_two_of_the_origin_with_one_document_are_told() -> None:
    """One of them would overwrite the other."""
    twin = ORIGIN._replace(id="2", match="12ABC34501DE35", name="Oficina 2")

    found = [(line.fate, line.id) for line in lines_of("b", [ORIGIN, twin], [], {})]
    assert found == [
        (RegisterFate.CREATED, "1"),
        (RegisterFate.CREATED, "2"),
        (RegisterFate.DUPLICATE, "2"),
    ]


def test_another_preview_has_another_hash() -> None:
    """Whatever would be otherwise; the order in which registers were read makes no difference."""
    one, *others = lines_of("b", [ORIGIN, ORIGIN._replace(id="2", match="1")], [], {})
    hashes = {Preview("g", lines).hash for lines in ((one, *others), (*others, one))}

    assert len(hashes) == 1
    assert Preview("g", (one,)).hash not in hashes


@pytest.mark.parametrize(
    ("known", "may", "fate"),
    [
        ((), {Change.INCLUDE}, RegisterFate.OVERWRITTEN),
        ((), {Change.EDIT}, RegisterFate.FORBIDDEN),
        (("9",), {Change.EDIT}, RegisterFate.OVERWRITTEN),
        (("9",), {Change.INCLUDE}, RegisterFate.FORBIDDEN),
    ],
)
def test_what_the_origin_may_not_do_is_told(
    known: tuple[str, ...], may: set[Change], fate: RegisterFate
) -> None:
    """What has no pair is included, even where it matches; what has one is edited."""
    one = SharedRecord("Item", "1", "A-1", "Filtro")
    pairs = {("Item", "1"): known}
    lines = lines_of("filial", [one], [one._replace(id="9")], pairs)

    assert [line.fate for line in as_permitted(lines, pairs, may)] == [fate]
