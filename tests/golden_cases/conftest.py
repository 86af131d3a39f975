"""What every golden case finds: a machine without settings of its own."""

import os

import pytest


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of whoever runs the tests do not matter."""
    for name in [name for name in os.environ if name.startswith("BUS_")]:
        monkeypatch.delenv(name)
