"""What a product is like is found by entry point, and a broken description harms nobody else."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.protheus.profile import PROFILE as PROTHEUS
from adapters.protheus.simulated import PROTHEUS as PLAYED
from bus.contracts.registry import Registry
from bus.core.errors import BusFault
from bus.core.known_faults import recognise
from bus.core.profile import Profile
from bus.core.route import IdScope, TranslatedBy
from bus.core.suggest import entities_of
from bus.core.versions import Release
from bus.profiles import InstalledProfiles, announced, profile_named
from depara.model import IdLimits
from tests.support.foreign import Foreign

REGISTRY = Registry()
OURS = ["datasul", "keepfy", "logix", "omie", "protheus", "rm"]
MADE = "from bus.core.profile import Profile\nPROFILE = Profile(('slate',), {})"
BROKEN = [
    ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
    ("def (", "SyntaxError"),
    ("raise SystemExit('not on this system')", "SystemExit: not on this system"),
    ("OTHER = 1", "AttributeError"),
    ("PROFILE = {}", "{} is no Profile"),
    (MADE.format("").replace("'slate',", ""), "a profile needs the name of its product"),
    (MADE.format("").replace("slate", "other"), "it describes other"),
    (MADE.format("de_para='bus'"), "de_para: 'bus' is no TranslatedBy"),
    (MADE.format("id_limits=50"), "id_limits: 50 is no IdLimits"),
    (MADE.format("known_faults=('no',)"), "known_faults: 'no' is no KnownFault"),
    (MADE.format("known_faults=[]"), "known_faults: [] is no tuple"),
    (MADE.format("entity_scopes={'Item': 'company'}"), "entity_scopes: 'company' is no IdScope"),
    (MADE.format("qualifiers={1: {}}"), "qualifiers: 1 is no str"),
    (MADE.format("releases=(('0', 'Order', '3'),)"), "AttributeError"),
]


def test_a_foreign_product_is_found_beside_ours(foreign: Foreign) -> None:
    """By the same door, in any letter case of its name."""
    foreign("Slate", profile=True)

    assert profile_named("slate").product == "Slate"
    assert profile_named("protheus") is PROTHEUS
    assert {*OURS, "slate"} <= set(InstalledProfiles())


@pytest.mark.parametrize(("module", "problem"), BROKEN, ids=[text for _, text in BROKEN])
def test_a_broken_profile_is_a_fault_that_names_its_package(
    foreign: Foreign, module: str, problem: str
) -> None:
    """Whatever goes wrong in it, and only when it is asked for."""
    foreign("slate", module, package="eai-slate", profile=True)

    assert "slate" in InstalledProfiles()
    assert InstalledProfiles()["rm"].product == "RM"
    with pytest.raises(BusFault) as refusal:
        profile_named("slate")
    assert refusal.value.fault.code == "PROFILE_UNUSABLE"
    for language in ("pt", "en"):
        assert problem in refusal.value.fault.reason(language)
        assert "eai-slate 1.2" in refusal.value.fault.reason(language)


def test_nothing_is_loaded_to_see_what_there_is(foreign: Foreign) -> None:
    """A package whose product nobody has does not run."""
    foreign("slate", "raise KeyboardInterrupt", profile=True)

    assert "slate" in announced()
    assert len(InstalledProfiles()) == len(announced())


def test_two_packages_of_one_product_are_told(foreign: Foreign) -> None:
    """None of them takes the other's place in silence, also where letter case differs."""
    foreign("RM", package="somebodys-rm", profile=True)

    with pytest.raises(BusFault) as refusal:
        profile_named("rm")
    reason = refusal.value.fault.reason("en")
    assert "several packages have that name" in reason
    assert "eai-bus" in reason
    assert "somebodys-rm 1.2" in reason


def test_a_product_that_nobody_described_is_none() -> None:
    """It is no fault of a package."""
    with pytest.raises(KeyError):
        profile_named("slate")
    assert InstalledProfiles().get("slate") is None


def test_a_product_of_which_only_the_name_is_known_is_neutral() -> None:
    """The bus translates, ids reach as far as a branch, and nothing else is taken for granted."""
    neutral = Profile(("ANY",))

    assert (neutral.de_para, neutral.id_scope) == (TranslatedBy.BUS, IdScope.BRANCH)
    assert neutral.id_limits == IdLimits(0, ignores_case=True, ignores_padding=True)
    assert not [*neutral.known_faults, *neutral.releases, *neutral.prerequisites]
    assert not [*neutral.qualifiers, *neutral.entity_scopes, *neutral.entry_names]


@pytest.mark.parametrize("since", ["", "12.1.x", "newest"])
def test_a_release_without_a_version_is_refused(since: str) -> None:
    """When the profile is made, not when somebody asks what follows."""
    with pytest.raises(ValueError, match="is no version"):
        Profile(("ANY",), releases=(Release(since, "Order", "3.002"),))


# -- those that ship -------------------------------------------------------------------------------


@pytest.fixture(params=OURS)
def shipped(request: pytest.FixtureRequest) -> Profile:
    """A profile that comes with the bus."""
    return profile_named(request.param)


def test_each_system_has_one_file_that_describes_it(checkout: Path) -> None:
    """In its own folder, announced under its own name."""
    files = {one.parent.name for one in (checkout / "adapters").glob("*/profile.py")}

    assert files == set(OURS)
    for name in OURS:
        (point,) = announced()[name]
        assert point.value == f"adapters.{name}.profile:PROFILE"


def test_products_keep_their_own_de_para(shipped: Profile) -> None:
    """Those with an EAI translate what they read; the ids of each are its alone (D1)."""
    without = {"KEEPFY", "OMIE"}
    by = TranslatedBy.BUS if shipped.product in without else TranslatedBy.APPLICATION
    assert shipped.de_para is by
    assert shipped.id_scope is IdScope.WHOLE


def test_products_speak_versions_that_there_are(shipped: Profile) -> None:
    """Every release names a contract, and every entity is one that contracts know."""
    entities = entities_of(REGISTRY.known())

    for release in shipped.releases:
        assert REGISTRY.find(release.transaction, release.version), release
    assert set(shipped.qualifiers) | set(shipped.entity_scopes) <= entities


def test_prerequisites_are_rules_in_two_languages(shipped: Profile, checkout: Path) -> None:
    """Each is a rule of docs/rules.md, once, and says something else in each language."""
    rules = set(rule_ids(checkout))
    named = [one.rule for one in shipped.prerequisites]

    assert set(named) <= rules
    assert len(named) == len(set(named))
    for one in shipped.prerequisites:
        assert one.text.pt
        assert one.text.en
        assert one.text.pt != one.text.en


def rule_ids(checkout: Path) -> Iterator[str]:
    """The ids of all rules."""
    text = (checkout / "docs" / "rules.md").read_text("utf-8")
    return (found[1] for found in re.finditer(r"^\| ([A-Z]-\d+) \|", text, re.MULTILINE))


@pytest.mark.rule("T-41")
def test_the_order_that_an_rm_speaks_is_known() -> None:
    """3.002 from ever, 4.010 from the library that brought it."""
    assert {one.version: one.since for one in profile_named("rm").releases} == {
        "3.002": "0",
        "4.010": "12.1.2209.158",
    }


def test_what_the_simulated_protheus_says_is_known_of_protheus() -> None:
    """Its text about a transaction without an adapter, and how it keeps the ids of others."""
    known = recognise(PLAYED.unregistered.format(name="X"), PROTHEUS.known_faults)

    assert known
    assert known.code == "MESSAGE_NOT_CONFIGURED_AT_RECEIVER"
    assert "CFGA020" in known.advice.pt
    assert (PLAYED.name, PLAYED.id_limits.longest) == ("PROTHEUS", 50)


def test_what_a_text_means_is_one_product_s_alone() -> None:
    """RM never said what Protheus says."""
    assert (
        recognise("AUTHENTICATION: USER NOT AUTHORIZED", profile_named("rm").known_faults) is None
    )
