"""`read_every`: only what an adapter reads can be asked for messages."""

from pathlib import Path

import pytest

from bus.config import Loaded, load_deployment
from bus.core.errors import BusFault
from tests.config.conftest import CONTRACTS, check_condition

ROUTES = """
applications:
  shop: {{product: SHOP, {shop}}}
  rm: {{product: RM, adapter: http-xml, address: "http://rm.example/"}}
routes:
  units: {{transactions: [UnitOfMeasure], from: shop, to: [rm]}}
"""
READS = 'adapter: inbox, address: "file:///srv/shop"'


def loaded(folder: Path, shop: str) -> Loaded:
    """The configuration with that application."""
    file = folder / "routes.yaml"
    file.write_text(ROUTES.format(shop=shop), "utf-8")
    return load_deployment(
        file,
        contracts=CONTRACTS,
        adapters={"http-xml": (), "inbox": ()},
        readers={"inbox"},
        environment={},
        check_condition=check_condition,
    )


def test_how_often_an_application_is_read(tmp_path: Path) -> None:
    """Never, unless it is said."""
    often = loaded(tmp_path, f"{READS}, read_every: 30s").deployment.applications
    never = loaded(tmp_path, READS).deployment.applications

    assert (often["shop"].read_every, never["shop"].read_every) == (30.0, 0.0)


@pytest.mark.parametrize(
    "shop",
    ['adapter: http-xml, address: "http://shop.example/", read_every: 30s', "read_every: 30s"],
)
def test_what_only_delivers_cannot_be_read(tmp_path: Path, shop: str) -> None:
    """Nor can what has no adapter."""
    with pytest.raises(BusFault) as refusal:
        loaded(tmp_path, shop)

    (fault,) = refusal.value.faults
    assert (fault.path, fault.details["kind"]) == (
        "applications.shop.read_every",
        "reads_nothing",
    )
    assert "only delivers" in fault.reason("en")
    assert "read_every" in fault.remedy("pt")


@pytest.mark.parametrize("every", ["0", "0s", "often"])
def test_never_is_said_by_saying_nothing(tmp_path: Path, every: str) -> None:
    """Zero is no duration."""
    with pytest.raises(BusFault) as refusal:
        loaded(tmp_path, f"{READS}, read_every: {every}")

    assert refusal.value.fault.details["kind"] == "duration"
