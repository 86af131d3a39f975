"""What a file does not say of an application is as its product's profile has it."""

from collections.abc import Mapping

import pytest

from bus.config import applications_in
from bus.core.route import Application, IdScope, TranslatedBy
from bus.profiles import InstalledProfiles
from depara.model import IdLimits
from tests.config.conftest import Load
from tests.support.foreign import Foreign

TEXT = "applications:\n  it: {product: slate, KEYS}\nroutes: {}\n"
DESCRIBED = """
import re

from bus.core.known_faults import KnownFault
from bus.core.outcome import Outcome
from bus.core.profile import Profile
from bus.core.route import IdScope, TranslatedBy
from bus.core.versions import Release
from depara.model import IdLimits

PROFILE = Profile(
    ("SLATE",),
    de_para=TranslatedBy.APPLICATION,
    id_scope=IdScope.COMPANY,
    entity_scopes={"Item": IdScope.BRANCH},
    qualifiers={"CustomerVendor": {"k": "customer"}},
    entry_names={"Pessoa": ("CustomerVendor", "customer")},
    id_limits=IdLimits(20, ignores_case=False),
    known_faults=(KnownFault(re.compile("volte depois"), Outcome.BUSY, "BUSY"),),
    releases=(Release("7", "Currency", "2.001"),),
)
"""


def it(load: Load, keys: str = "") -> Application:
    """The application of a file, with more keys."""
    text = TEXT.replace(", KEYS", f", {keys}" if keys else "")
    return load(text).deployment.applications["it"]


def test_a_foreign_product_sets_every_default(load: Load, foreign: Foreign) -> None:
    """All that its profile says, of an application that says nothing."""
    foreign("slate", DESCRIBED, profile=True)

    made = it(load, "product_version: 7.1")

    assert (made.de_para, made.id_scope) == (TranslatedBy.APPLICATION, IdScope.COMPANY)
    assert made.entity_scopes == {"item": IdScope.BRANCH}
    assert made.qualifiers == {"customervendor": {"K": "customer"}}
    assert made.entry_names == {"pessoa": ("CustomerVendor", "customer")}
    assert made.id_limits == IdLimits(20, ignores_case=False)
    assert [one.code for one in made.known_faults] == ["BUSY"]
    assert made.accepts == made.sends == {"currency": frozenset({"2.001"})}


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("de_para: bus", {"de_para": TranslatedBy.BUS}),
        ("id_scope: branch", {"id_scope": IdScope.BRANCH, "entity_scopes": {}}),
        (
            "id_scope: {UnitOfMeasure: application}",
            {
                "id_scope": IdScope.COMPANY,
                "entity_scopes": {"item": IdScope.BRANCH, "unitofmeasure": IdScope.WHOLE},
            },
        ),
        (
            "id_scope: {Item: application}",
            {"id_scope": IdScope.COMPANY, "entity_scopes": {"item": IdScope.WHOLE}},
        ),
        (
            "id_scope: {default: branch, Company: application}",
            {"id_scope": IdScope.BRANCH, "entity_scopes": {"company": IdScope.WHOLE}},
        ),
        ("qualifiers: {}", {"qualifiers": {}}),
        (
            "product_version: 7.1, accepts: {Currency: [2.000]}",
            {"accepts": {"currency": frozenset({"2.000"})}},
        ),
    ],
)
def test_what_an_application_says_goes_before_its_product(
    load: Load, foreign: Foreign, keys: str, said: Mapping[str, object]
) -> None:
    """The integrator knows the installation; a reach for all leaves none to the product."""
    foreign("slate", DESCRIBED, profile=True)

    made = it(load, keys)

    assert {name: getattr(made, name) for name in said} == said


def test_a_product_that_nobody_described_has_neutral_defaults(load: Load) -> None:
    """The bus translates, and no warning is due."""
    assert it(load) == Application("it", "slate", de_para=TranslatedBy.BUS)
    assert load(TEXT.replace(", KEYS", "")).warnings == ()


def test_a_broken_profile_is_told_and_stops_nobody(load: Load, foreign: Foreign) -> None:
    """At its line, with its reason and what holds instead."""
    foreign("slate", "import no_such_library", package="eai-slate", profile=True)

    loaded = load(TEXT.replace(", KEYS", ""))

    (warning,) = loaded.warnings
    assert loaded.deployment.applications["it"].de_para is TranslatedBy.BUS
    assert (warning.path, warning.line) == ("applications.it.product", 2)
    assert warning.details["kind"] == "unusable_profile"
    assert "package eai-slate 1.2" in warning.reason("en")
    assert "No module named 'no_such_library'" in warning.reason("pt")
    assert "`de_para` and `id_scope`" in warning.remedy("en")


def test_a_recorded_configuration_is_read_by_the_same_profiles(foreign: Foreign) -> None:
    """Who translates, and how ids are kept, also of what a bus ran with before."""
    foreign("slate", DESCRIBED, profile=True)
    text = "applications:\n  it: {product: Slate}\n  own: {product: Slate, de_para: bus}\n"

    found = applications_in(text, InstalledProfiles())

    assert found["it"].de_para is TranslatedBy.APPLICATION
    assert found["own"].de_para is TranslatedBy.BUS
    assert found["own"].id_limits.longest == 20


def test_each_application_of_a_broken_product_is_told_of(load: Load, foreign: Foreign) -> None:
    """So that none is overlooked."""
    foreign("slate", "raise SystemExit", profile=True)

    loaded = load("applications: {a: {product: SLATE}, b: {product: slate}}\nroutes: {}\n")

    told = [one.path for one in loaded.warnings]
    assert told == ["applications.a.product", "applications.b.product"]
