"""What is waited for, and the command by which a person ends the wait."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.core.suggest import command_to_set
from bus.core.translation import MissingId
from bus.journal.depara_rows import ENDLESS, Provider, WaitRow
from depara.model import Key

MISSING = Key("UnitOfMeasure", "protheus", "", "01| |UN")
words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=8)


def test_a_wait_names_the_id_that_is_missing() -> None:
    """The key of its row, and the sender's own among those that would do."""
    row = WaitRow(*MISSING, "omie", "m", 1, "path", Provider.NEVER_SEEN, "", "01")
    others = MISSING._replace(application="wis")

    assert row.key == MISSING
    assert MissingId((MISSING, others), "path", ("omie",)).key == MISSING


@pytest.mark.parametrize("provider", Provider)
def test_only_what_is_under_way_ends_a_wait_by_itself(provider: Provider) -> None:
    """Else a person must act (D9)."""
    assert (provider in ENDLESS) is (provider is not Provider.UNDER_WAY)


@pytest.mark.parametrize(
    ("scope", "reader_scope", "options"),
    [
        ("", "", ""),
        ("01", "", " --scope 01"),
        ("", "E/M 1", " --other-scope 'E/M 1'"),
        ("01", "E", " --scope 01 --other-scope E"),
    ],
)
def test_the_command_enters_the_id_where_it_will_be_looked_for(
    scope: str, reader_scope: str, options: str
) -> None:
    """Each scope is told where there is one; the id of the reader is left to fill in."""
    command = command_to_set(MISSING._replace(scope=scope), "omie", reader_scope)

    assert command == f"bus depara set UnitOfMeasure 'protheus:01| |UN' omie:ID{options}"


@given(words, words.filter(bool), words.filter(bool))
def test_the_command_can_be_typed_whatever_the_id(id_: str, scope: str, other: str) -> None:
    """A shell reads back the id and the scopes as they are."""
    command = command_to_set(Key("Item", "rm", scope, id_), "omie", other)

    assert shlex.split(command) == [
        *("bus", "depara", "set", "Item", f"rm:{id_}", "omie:ID"),
        *("--scope", scope, "--other-scope", other),
    ]
