"""What will not do in the de-para is found."""

import pytest

from depara.model import IdLimits, PairRow
from depara.orphans import alone, colliding, compare, strangers, too_long


def row(number: int, identity: int, application: str, id_: str, scope: str = "") -> PairRow:
    """An open row."""
    return PairRow(number, identity, "Item", application, scope, id_, "", 1, 0, "file", 1, 0)


EXACT = IdLimits(ignores_case=False, ignores_padding=False)
FOLDS = IdLimits(ignores_padding=False)
PADS = IdLimits(ignores_case=False)
LONG = "x" * 51
ROWS = (
    row(1, 1, "rm", "1|A"),
    row(2, 1, "protheus", "01| |A"),
    row(3, 3, "rm", "1|a "),
    row(4, 4, "rm", LONG),
    row(5, 4, "protheus", "01|L"),
    row(6, 6, "rm", LONG + "2"),
    row(7, 6, "wms", "7"),
    row(8, 8, "old", "8", "1/1"),
    row(9, 8, "rm", "8"),
    row(10, 10, "old", "8", "1/2"),
    row(11, 10, "old", "9", "1/2"),
)


def numbers(rows: tuple[PairRow, ...]) -> list[int]:
    """Which rows these are."""
    return [one.number for one in rows]


def test_what_one_application_alone_knows_is_found() -> None:
    """However many ids it has for the thing."""
    assert numbers(alone(ROWS)) == [3, 10, 11]


def test_ids_of_applications_that_are_gone_are_found() -> None:
    """A name that the configuration no longer has."""
    assert numbers(strangers(ROWS, {"rm", "protheus", "wms"})) == [8, 10, 11]


def test_ids_that_differ_in_case_or_padding_alone_are_found() -> None:
    """Within one application, entity and scope: elsewhere the same id is another."""
    readers = {"rm": IdLimits(), "wms": IdLimits()}

    assert [numbers(group) for group in colliding(ROWS, readers)] == [[1, 3]]


def test_ids_that_are_the_same_as_far_as_a_reader_keeps_them_are_found() -> None:
    """Those that it takes for one; what two readers say alike is said once."""
    readers = {"protheus": IdLimits(50), "logix": IdLimits(50), "wms": EXACT}

    assert [numbers(group) for group in colliding(ROWS, readers)] == [[1, 3], [4, 6]]


@pytest.mark.parametrize(
    ("reader", "told"), [(EXACT, False), (FOLDS, False), (PADS, False), (IdLimits(), True)]
)
def test_ids_that_every_reader_tells_apart_are_well(reader: IdLimits, told: bool) -> None:
    """1|A and 1|a with a blank behind differ in both; an application reads no ids of its own."""
    assert bool(colliding(ROWS, {"wms": reader, "rm": IdLimits()})) is told


@pytest.mark.parametrize(
    ("limits", "one", "other"),
    [
        (FOLDS, "01|ção", "01|ÇÃO"),
        (PADS, "01| |A ", "01||A"),
        (IdLimits(3, ignores_case=False, ignores_padding=False), "1|AB", "1|AC"),
    ],
)
def test_a_reader_takes_ids_for_one(limits: IdLimits, one: str, other: str) -> None:
    """By case, by padding of any part, or by length; and an exact one never."""
    assert limits.seen_as(one) == limits.seen_as(other)
    assert EXACT.seen_as(one) == one


def test_ids_that_a_reader_cannot_keep_are_found() -> None:
    """Only where the reader that keeps 50 characters knows the thing."""
    assert numbers(too_long(ROWS, {"protheus": IdLimits(50), "rm": IdLimits()})) == [4]


def test_an_application_s_own_list_shows_what_is_gone_and_what_is_unpaired() -> None:
    """Letter by letter."""
    missing = compare(ROWS, "rm", ["1|A", "new", "1|a ", "new", LONG])

    assert numbers(missing.gone) == [6, 9]
    assert missing.unpaired == ("new",)
