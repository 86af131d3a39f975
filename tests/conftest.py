"""What every test finds ready: the checkout, and how hard the property tests try."""

from pathlib import Path

import pytest
from hypothesis import settings

# No deadline: a time in a test says something of the machine, not of the bus.
settings.register_profile("short", deadline=None)
settings.register_profile("long", deadline=None, max_examples=2_000)
settings.load_profile("short")


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder that holds pyproject.toml."""
    return Path(__file__).resolve().parents[1]
