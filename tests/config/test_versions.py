"""Applications declare the versions that they take and send, or the version that tells them."""

from pathlib import Path

import pytest

from bus.config import Loaded, load_deployment
from bus.core.bridge import Bridge
from bus.core.errors import BusFault, Fault
from bus.core.profile import Profile
from bus.core.versions import Release
from tests.config.conftest import ADAPTERS, CONTRACTS, ENVIRONMENT, check_condition

LOSSY = Bridge("Currency", "2.001", "2.000", lost=("Symbol", "Rate"))
BRIDGES = (LOSSY, Bridge("Currency", "2.000", "2.001"))
RELEASES = (Release("0", "Currency", "2.000"), Release("12.1.2209.158", "Currency", "2.001"))
PROFILES = {"rm": Profile(("RM",), releases=RELEASES)}
TEXT = """\
applications:
  rm: {product: rm, adapter: http-xml, address: "http://rm.example", READER}
  protheus: {product: PROTHEUS, adapter: http-xml, address: "http://protheus.example", SENDER}
routes:
  registers: {transactions: [currency], from: protheus, to: [rm], ROUTE}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the file of routes is."""
    return tmp_path / "routes.yaml"


def load(
    file: Path,
    reader: str = "",
    sender: str = "",
    route: str = "",
    bridges: tuple[Bridge, ...] = BRIDGES,
) -> Loaded:
    """The file, with more keys of the reader, the sender and the route."""
    text = TEXT
    for word, keys in {"READER": reader, "SENDER": sender, "ROUTE": route}.items():
        text = text.replace(f", {word}", f", {keys}" if keys else "")
    file.write_text(text, "utf-8")
    return load_deployment(
        file,
        contracts=CONTRACTS,
        adapters=ADAPTERS,
        environment=ENVIRONMENT,
        check_condition=check_condition,
        bridges=bridges,
        profiles=PROFILES,
    )


def mistake(file: Path, reader: str) -> Fault:
    """The one mistake of a file whose reader has these keys."""
    with pytest.raises(BusFault) as refused:
        load(file, reader)
    (fault,) = refused.value.faults
    return fault


def kinds(loaded: Loaded) -> list[str]:
    """What a file is warned of."""
    return [one.detail("kind") for one in loaded.warnings]


def test_versions_are_declared_by_transaction(file: Path) -> None:
    """In any letter case; those that are absent are any, and the bridges are at hand."""
    loaded = load(file, "accepts: {CURRENCY: [2.000, 2.001]}, sends: {currency: [2.000]}")

    rm = loaded.deployment.applications["rm"]
    assert rm.accepts == {"currency": frozenset({"2.000", "2.001"})}
    assert rm.sends == {"currency": frozenset({"2.000"})}
    assert loaded.deployment.applications["protheus"].accepts == {}
    assert loaded.deployment.bridges == BRIDGES


@pytest.mark.rule("T-41")
@pytest.mark.parametrize(
    ("version", "spoken"),
    [("12.1.2209.58", "2.000"), ("12.1.33", "2.000"), ("12.1.2209.158", "2.001")],
)
def test_versions_follow_from_that_of_the_product(file: Path, version: str, spoken: str) -> None:
    """Both what it takes and what it sends, in any letter case of the product."""
    rm = load(file, f"product_version: {version}").deployment.applications["rm"]

    assert rm.accepts == rm.sends == {"currency": frozenset({spoken})}


def test_what_is_declared_goes_before_what_follows(file: Path) -> None:
    """The integrator knows the installation better than the table."""
    keys = "product_version: 12.1.2209.58, accepts: {Currency: [2.001]}"

    rm = load(file, keys).deployment.applications["rm"]

    assert rm.accepts == {"currency": frozenset({"2.001"})}
    assert rm.sends == {"currency": frozenset({"2.000"})}


def test_nothing_follows_where_nothing_is_known(file: Path) -> None:
    """The version of another product may be written down all the same."""
    loaded = load(file, sender="product_version: 12.1.2310")

    assert loaded.deployment.applications["protheus"].accepts == {}


@pytest.mark.parametrize(
    ("keys", "path", "kind", "near"),
    [
        ("accepts: {Curency: [2.000]}", "accepts.Curency", "unknown_transaction", "Currency"),
        ("accepts: {Currency: [2.002]}", "accepts", "unknown_version", "2.001"),
        ("sends: {UnitOfMeasure: [2.001]}", "sends", "unknown_version", "2.000"),
        ("accepts: {Currency: []}", "accepts.Currency", "too_short", None),
        ("accepts: {Currency: [2.000, 2.000]}", "accepts.Currency", "twice", None),
        ("accepts: {Currency: 2.000}", "accepts.Currency", "list_type", None),
        ("accept: {Currency: [2.000]}", "accept", "extra_forbidden", "accepts"),
        ("product_version: 12.1.x", "product_version", "product_version", None),
        ("product_version: '12.1.2209 '", "product_version", "product_version", None),
    ],
)
def test_a_mistake_is_told_with_its_key(
    file: Path, keys: str, path: str, kind: str, near: str | None
) -> None:
    """And its line, and the nearest name that there is."""
    fault = mistake(file, keys)

    assert (fault.path, fault.line) == (f"applications.rm.{path}", 2)
    assert (fault.details["kind"], fault.details.get("nearest")) == (kind, near)


def test_a_version_without_a_way_is_warned_of(file: Path) -> None:
    """It would be rejected as it comes: who takes what, and what to write."""
    loaded = load(file, "accepts: {Currency: [2.000]}", bridges=())

    (warning,) = loaded.warnings
    assert (warning.path, warning.line) == ("routes.registers.to", 5)
    assert warning.details["kind"] == "unbridged"
    assert "Currency 2.001 from protheus" in warning.reason("en")
    assert "rm takes 2.000" in warning.reason("en")


def test_a_version_that_loses_on_its_way_is_warned_of(file: Path) -> None:
    """How much, and where to see what; a bridge without a price is no matter."""
    down = load(file, "accepts: {Currency: [2.000]}")
    up = load(file, "accepts: {Currency: [2.001]}")

    assert kinds(down) == ["lossy"]
    assert "reaches rm as 2.000, without 2 element(s)" in down.warnings[0].reason("en")
    assert up.warnings == ()


@pytest.mark.parametrize(
    ("sender", "route"),
    [
        ("sends: {Currency: [2.000]}", ""),
        ("", "versions: [2.000]"),
        ("sends: {Currency: [2.001]}", "versions: [2.000]"),
    ],
)
def test_what_never_comes_is_not_warned_of(file: Path, sender: str, route: str) -> None:
    """By what the sender sends, or the route takes."""
    reader = "accepts: {Currency: [2.000]}"

    assert load(file, reader, sender, route).warnings == ()
    assert load(file, reader, sender, route, bridges=()).warnings == ()
