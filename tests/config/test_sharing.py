"""A group of applications that share registers makes routes, and its mistakes are told by line."""

from pathlib import Path

import pytest

from bus.config import Loaded, load_deployment
from bus.contracts.registry import Registry
from bus.core.errors import BusFault
from bus.core.sharing import Change
from bus.profiles import InstalledProfiles

APPLICATIONS = """\
applications:
  main: {product: X, adapter: reads, address: http://main.example, read_every: 1m}
  north: {product: X, adapter: reads, address: http://north.example, read_every: 1m}
  south: {product: X, adapter: reads, address: http://south.example}
  east: {product: X, adapter: writes, address: http://east.example, comes_from: [10.0.0.5]}
  west: {product: X}
routes:
  prices: {transactions: [Item], from: main, to: [east]}
"""
RIGHT = """\
sharing:
  house:
    origin: main
    destinations: [north, south]
    entities: [Item, CustomerVendor]
    permissions:
      main: [include, edit, delete]
      north: [edit]
"""


def load(folder: Path, text: str) -> Loaded:
    """Load a file of routes."""
    file = folder / "routes.yaml"
    file.write_text(text, "utf-8")
    return load_deployment(
        file,
        contracts=Registry().known(),
        adapters={"reads": (), "writes": ()},
        readers={"reads"},
        environment={},
        check_condition=lambda _: None,
        profiles=InstalledProfiles(),
    )


@pytest.mark.rule("O-03", "O-05", "O-09", "O-10")
def test_a_group_makes_a_route_from_each_to_all_the_others(tmp_path: Path) -> None:
    """Of the entities that it names, in every spelling; each knows what it may carry."""
    loaded = load(tmp_path, APPLICATIONS + RIGHT)

    made = {route.origin: route for route in loaded.deployment.routes if route.share}
    assert {name: route.destinations for name, route in made.items()} == {
        "main": ("north", "south"),
        "north": ("main", "south"),
        "south": ("main", "north"),
    }
    assert {route.transactions for route in made.values()} == {
        frozenset({"item", "customervendor"})
    }
    may = {name: route.share.may for name, route in made.items() if route.share}
    assert may == {"main": set(Change), "north": {Change.EDIT}, "south": frozenset()}
    assert not loaded.warnings


@pytest.mark.rule("O-05")
def test_what_a_group_does_not_name_has_no_route(tmp_path: Path) -> None:
    """Products by themselves, without partners."""
    text = APPLICATIONS + RIGHT.replace("[Item, CustomerVendor]", "[Item]")
    shared = [route for route in load(tmp_path, text).deployment.routes if route.share]

    assert {route.transactions for route in shared} == {frozenset({"item"})}


MISTAKES = [
    ("[north, south]", "[north, north]", 12, "destinations", "twice"),
    ("[north, south]", "[north, main]", 12, "destinations", "origin_among"),
    ("[north, south]", "[nort, south]", 12, "destinations[0]", "unknown_application"),
    ("[north, south]", "[north, west]", 12, "destinations[1]", "only_sends"),
    ("main", "east", 11, "origin", "origin_unread"),
    ("[Item, Cust", "[Itens, Cust", 13, "entities[0]", "not_shareable"),
    ("[Item, Cust", "[StockLevel, Cust", 13, "entities[0]", "not_shareable"),
    ("north: [edit]", "east: [edit]", 14, "permissions", "stranger"),
    ("north: [edit]", "south: [edit]", 14, "permissions", "unheard"),
    ("north: [edit]", "north: [edits]", 16, "permissions.north[0]", "enum"),
]


@pytest.mark.rule("O-09")
@pytest.mark.parametrize(("was", "becomes", "line", "path", "kind"), MISTAKES)
def test_a_mistake_is_told_by_its_line(  # noqa: PLR0913, PLR0917 - a row of the table
    tmp_path: Path, was: str, becomes: str, line: int, path: str, kind: str
) -> None:
    """With what is wrong, and what to do."""
    with pytest.raises(BusFault) as caught:
        load(tmp_path, APPLICATIONS + RIGHT.replace(was, becomes, 2 if was == "main" else 1))

    found = {(one.line, one.path, one.detail("kind")) for one in caught.value.faults}
    assert found == {(line, f"sharing.house.{path}", kind)}
    assert all(one.remedy("pt") and one.remedy("en") for one in caught.value.faults)


def test_what_a_route_brings_already_is_not_shared_as_well(tmp_path: Path) -> None:
    """The route is named, and the group: one of them is to go."""
    text = APPLICATIONS.replace("to: [east]", "to: [east, south], modes: [async]") + RIGHT
    with pytest.raises(BusFault) as caught:
        load(tmp_path, text)

    (fault,) = caught.value.faults
    assert (fault.line, fault.detail("kind")) == (8, "shared_already")
    assert "“prices”" in fault.reason("pt")
    assert "house" in fault.reason("pt")


SECOND = """\
  home:
    origin: north
    destinations: [main]
    entities: [Item]
    permissions: {north: [include, edit]}
"""


@pytest.mark.parametrize("second", [RIGHT.partition("\n")[2].replace("house", "home"), SECOND])
def test_two_groups_do_not_share_the_same_between_the_same(tmp_path: Path, second: str) -> None:
    """Whichever application is the origin of each: the second is told, and what to do."""
    with pytest.raises(BusFault) as caught:
        load(tmp_path, APPLICATIONS + RIGHT + second)

    (fault,) = caught.value.faults
    assert (fault.path, fault.detail("kind"), fault.line) == ("sharing.home", "shared_already", 17)
    assert "house" in fault.reason("pt")
    assert fault.remedy("pt")
    assert fault.remedy("en")


def test_two_groups_may_share_the_same_of_one_application_with_others(tmp_path: Path) -> None:
    """No change has two ways between the same two."""
    loaded = load(
        tmp_path,
        APPLICATIONS
        + RIGHT
        + SECOND.replace("north", "south")
        .replace("[main]", "[east]")
        .replace("permissions: {south: [include, edit]}", "permissions: {}"),
    )

    assert len({route.name for route in loaded.deployment.routes if route.share}) == 5
