"""What a person confirms of an application that begins by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bus.config.secret import Hidden
from bus.core.activation import (
    ACTIVATION,
    bar_of,
    hash_of,
    keeps_out_of_force,
    note_of,
    of_activation,
    settings_of,
)
from bus.core.diagnosis import Aspect, Confirmation, Finding, Means, Verdict
from bus.core.route import Application, Credentials

SHOP = Application(
    "shop",
    "SHOP",
    adapter="http-xml",
    address="http://shop.example/",
    credentials=Credentials("bus", "a-password-of-it"),
    by_hand=True,
    options={"token": Hidden("a-secret-word"), "families": "1, 2"},
)
CHANGES = [
    {"product": "OTHER"},
    {"adapter": "eai-soap"},
    {"address": "http://other.example/"},
    {"credentials": Credentials("another", "a-password-of-it")},
    {"credentials": None},
    {"options": {**SHOP.options, "families": "1"}},
    {"options": {"families": "1, 2"}},
]
NO_CHANGES = [
    {"credentials": Credentials("bus", "another-password")},
    {"options": {**SHOP.options, "token": Hidden("another-word")}},
    {"timeout": 1.0},
    {"login": Credentials("shop", "knocks-here-too")},
]


def said(application: Application, by: str = "ana") -> tuple[Confirmation, ...]:
    """A person put it in force, as it is."""
    return (Confirmation(application.name, ACTIVATION, by, 1, note_of(application)),)


def test_no_secret_is_shown_or_kept() -> None:
    """Neither a password nor an option that is one; its name is, so that who reads misses none."""
    told = {one.name: one.value for one in settings_of(SHOP)}

    assert told == {
        "product": "SHOP",
        "adapter": "http-xml",
        "address": "http://shop.example/",
        "credentials.user": "bus",
        "options.families": "1, 2",
        "options.token": "***",
    }
    assert "a-secret-word" not in note_of(SHOP)
    assert "a-password-of-it" not in note_of(SHOP)


@pytest.mark.parametrize("change", CHANGES)
def test_another_integration_is_confirmed_anew(change: dict[str, object]) -> None:
    """Where it is, as whom the bus comes there, and what it does there."""
    changed = replace(SHOP, **change)  # type: ignore[arg-type]
    bar = bar_of(changed, said(SHOP))

    assert bar
    assert bar.code == "APPLICATION_CHANGED"
    assert "ana" in bar.reason("pt")
    assert bar_of(changed, said(changed)) is None


@pytest.mark.parametrize("change", NO_CHANGES)
def test_what_makes_no_other_integration_is_not(change: dict[str, object]) -> None:
    """The value of a secret above all: it may have to be changed at once."""
    changed = replace(SHOP, **change)  # type: ignore[arg-type]

    assert bar_of(changed, said(SHOP)) is None
    assert hash_of(changed) == hash_of(SHOP)


def test_who_begins_at_once_needs_nobody() -> None:
    """Neither a confirmation, nor one of somebody else's."""
    others = (Confirmation("other", ACTIVATION, "ana", 1, note_of(SHOP)),)
    prerequisite = (Confirmation("shop", "T-57", "ana", 1, note_of(SHOP)),)

    assert bar_of(replace(SHOP, by_hand=False), ()) is None
    assert [*of_activation(replace(SHOP, by_hand=False), ())] == []
    for none in ((), others, prerequisite):
        bar = bar_of(SHOP, none)
        assert bar
        assert bar.code == "APPLICATION_INACTIVE"


@pytest.mark.parametrize(
    ("check", "verdict", "means", "keeps"),
    [
        (Aspect.REACHABLE, Verdict.OK, Means.PROBE, False),
        (Aspect.REACHABLE, Verdict.WRONG, Means.PROBE, True),
        (Aspect.REACHABLE, Verdict.NOT_CHECKABLE, Means.CONFIGURATION, False),
        (Aspect.TLS, Verdict.WRONG, Means.PROBE, True),
        (Aspect.LOGIN, Verdict.NOT_CHECKABLE, Means.PROBE, True),
        (Aspect.PREREQUISITE, Verdict.TO_CONFIRM, Means.PERSON, True),
        (Aspect.PREREQUISITE, Verdict.WRONG, Means.JOURNAL, True),
        (Aspect.PREREQUISITE, Verdict.CONFIRMED, Means.PERSON, False),
        (Aspect.PREREQUISITE, Verdict.NOT_CHECKABLE, Means.WHO_IS, False),
        (Aspect.TOPICS, Verdict.WRONG, Means.CALLS, False),
        (Aspect.FAULTS, Verdict.WRONG, Means.JOURNAL, False),
    ],
)
def test_what_keeps_an_application_out_of_force(
    check: Aspect, verdict: Verdict, means: Means, *, keeps: bool
) -> None:
    """Not reaching it, not being admitted, and what a person has not confirmed; nothing else."""
    assert keeps_out_of_force(Finding(check, verdict, means)) is keeps
