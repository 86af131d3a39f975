"""The wheel, installed where there is no checkout, is the whole program."""

import json
import zipfile
from pathlib import Path

import pytest

from tests.support.installation import Installed, install

PACKAGES = ("bus", "adapters", "schemas", "depara")

# One worker builds the wheel, once.
pytestmark = pytest.mark.xdist_group("wheel")


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    """The files in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel, installed; the libraries it needs are lent by the running environment."""
    return install(wheel, tmp_path_factory.mktemp("elsewhere"))


def test_the_wheel_holds_four_packages_and_nothing_beside(names: set[str]) -> None:
    """No test, example or setting of ours lands in somebody's site-packages."""
    tops = {name.split("/")[0] for name in names}

    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)


def test_the_wheel_ships_every_file_of_its_packages(checkout: Path, names: set[str]) -> None:
    """Contracts, SQL, templates and seeds travel with the code that reads them."""
    files = (file for package in PACKAGES for file in (checkout / package).rglob("*"))
    kept = (file for file in files if file.is_file() and "__pycache__" not in file.parts)
    ours = {file.relative_to(checkout).as_posix() for file in kept if file.name[0] != "."}

    assert ours - names == set()


@pytest.mark.parametrize(("package", "suffix"), [("schemas", ".xsd"), ("bus", ".sql")])
def test_the_wheel_ships_contracts_and_sql(names: set[str], package: str, suffix: str) -> None:
    """There is at least one XSD and one SQL file: the test above has something to compare."""
    assert [name for name in names if name.startswith(f"{package}/") and name.endswith(suffix)]


@pytest.mark.parametrize("package", PACKAGES)
def test_the_program_tested_is_the_installed_one(installed: Installed, package: str) -> None:
    """Each package comes from the wheel, not from the checkout."""
    found = installed.evaluate(f"list({package}.__path__)[0]", imports=package)

    assert Path(found).is_relative_to(installed.home)


def test_the_installed_bus_explains_itself(installed: Installed) -> None:
    """`bus --help` names its commands."""
    said = installed.run("bus", "--help")

    assert "serve" in said
    assert "schemas" in said


def test_the_installed_bus_knows_its_contracts(installed: Installed) -> None:
    """`bus schemas list --json` reads the XSDs inside the wheel."""
    said = installed.run("bus", "schemas", "list", "--json")

    contracts = [json.loads(line) for line in said.splitlines()]
    assert contracts
    assert "CustomerVendor" in said


def test_the_installed_bus_prints_its_examples(installed: Installed) -> None:
    """`bus schemas example` reads those inside the wheel."""
    said = installed.run("bus", "schemas", "example", "CustomerVendor", "2.002", "--full")

    assert "<Transaction>CustomerVendor</Transaction>" in said
    assert "<BusinessContent>" in said


def test_the_installed_bus_finds_its_adapters_by_entry_point(installed: Installed) -> None:
    """Every adapter that the wheel announces can be loaded."""
    found = installed.evaluate(
        "[e.name for e in m.entry_points(group='bus.adapters') if e.load() is not None]",
        imports="importlib.metadata as m",
    )

    assert "http-xml" in found
