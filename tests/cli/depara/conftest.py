"""An empty de-para of three applications, with a bus that runs and without."""

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.cli.conftest import Place, furnished

ROUTES = """
applications:
  rm: {product: RM, login: {user: rm, password: {file: rm.password}}}
  protheus: {product: PROTHEUS, adapter: http-xml, address: "http://127.0.0.1:9/"}
  wms:
    product: WMS
    adapter: http-xml
    address: "http://127.0.0.1:9/"
    id_scope: {default: application, Warehouse: branch}
routes:
  registers: {transactions: [Currency, UnitOfMeasure, Item], from: rm, to: [wms], strictness: warn}
"""
SCOPES = "{default: application, Warehouse: branch}"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A folder with three applications and an empty de-para."""
    furnished(tmp_path).file("routes.yaml", ROUTES.encode())
    return Place(tmp_path)


@pytest.fixture(params=["running", "stopped"])
def admin(request: pytest.FixtureRequest, place: Place) -> Iterator[Place]:
    """The same, with a bus that runs and without one; Item 1|A is paired with 01| |A."""
    with place.bus_running() if request.param == "running" else nullcontext():
        place.bus("depara", "set", "Item", "rm:1|A", "protheus:01| |A")
        yield place


def ids(place: Place, *arguments: str) -> list[str]:
    """The ids of the thing that an id names."""
    return [f"{row['application']}:{row['id']}" for row in place.json("depara", "show", *arguments)]


def numbers(place: Place, *arguments: str) -> list[int]:
    """The changes of an id."""
    (told,) = place.json("depara", "history", *arguments)
    return [change["number"] for change in told["changes"]]
