"""S17: production and test do not meet, unless somebody types the names out."""

import contextlib
from pathlib import Path

import pytest

from bus.config import Settings, load_settings
from bus.core.errors import BusFault
from bus.ports.observer import SilentObserver
from bus.wiring import open_bus
from tests.edge.conftest import PASSWORD
from tests.support.rig import Watcher

ROUTES = """\
applications:
  rm:
    product: RM
    login: {user: rm, password: {file: password}}
  protheus:
    product: PROTHEUS
    adapter: http-xml
    address: http://127.0.0.1:9
routes:
  registers:
    transactions: [UnitOfMeasure]
    from: rm
    to: [protheus]
"""
FOR_TEST = ROUTES.replace("    product", "    environment: test\n    product")


def settings(folder: Path, text: str = ROUTES, **given: object) -> Settings:
    """A bus in a folder, with a file of routes."""
    (folder / "password").write_text(PASSWORD, encoding="utf-8")
    (folder / "routes.yaml").write_text(text, encoding="utf-8")
    return load_settings(
        journal=str(folder / "bus.db"), routes=folder / "routes.yaml", language="en", **given
    )


async def start(chosen: Settings) -> None:
    """Open a bus, and close it."""
    async with open_bus(chosen, SilentObserver()):
        pass


async def refusal(chosen: Settings) -> BusFault:
    """Why a bus does not open."""
    with pytest.raises(BusFault) as refused:
        await start(chosen)
    return refused.value


@pytest.mark.parametrize(("text", "environment"), [(ROUTES, "test"), (FOR_TEST, "production")])
async def test_a_bus_refuses_applications_of_another_environment(
    tmp_path: Path, text: str, environment: str
) -> None:
    """Each by its line; what says nothing is for production."""
    faults = (await refusal(settings(tmp_path, text, environment=environment))).faults

    other = "production" if environment == "test" else "test"
    assert [fault.path for fault in faults] == [
        "applications.rm.environment",
        "applications.protheus.environment",
    ]
    for fault, name in zip(faults, ("rm", "protheus"), strict=True):
        told = f"{name} is for {other}, and this bus is for {environment} (BUS_ENVIRONMENT)"
        assert told in fault.reason("en")
        assert f"type {name} into BUS_ACROSS" in fault.remedy("en")
    assert not (tmp_path / "bus.db").exists()


async def test_names_that_are_typed_out_may_be_crossed_to(tmp_path: Path) -> None:
    """All of them, and no abbreviation."""
    await refusal(settings(tmp_path, environment="test", across="rm, prot"))
    await refusal(settings(tmp_path, environment="test", across="*"))

    await start(settings(tmp_path, environment="test", across="rm, protheus"))


@pytest.mark.parametrize("text", [ROUTES, FOR_TEST])
async def test_a_name_to_be_crossed_to_that_no_application_has_is_told(
    tmp_path: Path, text: str
) -> None:
    """It does not keep the bus from starting; with another environment's it is told beside them."""
    chosen = settings(tmp_path, text, across="rm,protheuss", environment="test")
    told = Watcher()

    with contextlib.suppress(BusFault):
        async with open_bus(chosen, told):
            pass
    faults = (
        [
            fault
            for fault in (await refusal(chosen)).faults
            if fault.detail("kind") != "other_environment"
        ]
        if text is ROUTES
        else [error.fault for _, error in told.troubles if isinstance(error, BusFault)]
    )

    (fault,) = faults
    assert fault.detail("kind") == "across_nothing"
    assert "BUS_ACROSS names “protheuss”, and no application is" in fault.reason("en")
    assert "Did you mean “protheus”?" in fault.remedy("en")


async def test_a_bus_and_its_applications_are_for_the_same(tmp_path: Path) -> None:
    """Test with test; production needs no word."""
    (tmp_path / "test").mkdir()
    await start(settings(tmp_path))
    await start(settings(tmp_path / "test", FOR_TEST, environment="test"))


async def test_a_journal_of_another_environment_is_not_opened(tmp_path: Path) -> None:
    """What waits there would be sent; nothing is recorded in it, and it opens where it belongs."""
    await start(settings(tmp_path))

    refused = await refusal(settings(tmp_path, FOR_TEST, environment="test"))

    assert refused.fault.code == "JOURNAL_OF_ANOTHER_ENVIRONMENT"
    assert "is for production: the applications of its last configuration are protheus,rm" in (
        refused.fault.reason("en")
    )
    await start(settings(tmp_path))
    await start(settings(tmp_path, FOR_TEST, environment="test", across="protheus,rm"))
