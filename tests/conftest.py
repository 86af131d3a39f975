"""What every test finds ready: the checkout, and how hard the property tests try."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.brokers import AMQP, shared, start_rabbitmq
from tests.support.foreign import Foreign, forget, install_into
from tests.support.installation import build_wheel
from tests.support.postgres import free_databases

# Before they are imported, so that an assertion in them shows its values.
SUITE = sorted((Path(__file__).parent / "semantics").glob("semantics_*.py"))
pytest.register_assert_rewrite(
    "tests.support.rig", *[f"tests.semantics.{file.stem}" for file in SUITE]
)

# No deadline: a time in a test says something of the machine, not of the bus.
settings.register_profile("short", deadline=None)
settings.register_profile("long", deadline=None, max_examples=2_000)
settings.load_profile("short")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of our own."""
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write down how the cases of tests/golden/conversations go, for a person to review",
    )


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder that holds pyproject.toml."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout; who asks for it belongs to the xdist group `wheel`."""
    return build_wheel(checkout, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def rabbitmq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a RabbitMQ."""
    folder = tmp_path_factory.getbasetemp().parent
    with shared(folder, "rabbitmq", AMQP, start_rabbitmq) as address:
        yield address


@pytest.fixture
def foreign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Foreign]:
    """Installs adapters of other people for one test: `foreign(name, module, package=...)`."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)
    yield partial(install_into, site)
    forget(*(file.stem for file in site.glob("*.py")))


@pytest.fixture(autouse=True)
def _no_database_stays() -> Iterator[None]:
    """Databases of a test are gone after it."""
    yield
    free_databases()
