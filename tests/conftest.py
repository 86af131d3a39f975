"""What every test finds ready: the checkout, and how hard the property tests try."""

from pathlib import Path

import pytest
from hypothesis import settings

# Before they are imported, so that an assertion in them shows its values.
SUITE = sorted((Path(__file__).parent / "contracts").glob("semantics_*.py"))
pytest.register_assert_rewrite(
    "tests.support.rig", *[f"tests.contracts.{file.stem}" for file in SUITE]
)

# No deadline: a time in a test says something of the machine, not of the bus.
settings.register_profile("short", deadline=None)
settings.register_profile("long", deadline=None, max_examples=2_000)
settings.load_profile("short")


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder that holds pyproject.toml."""
    return Path(__file__).resolve().parents[1]
