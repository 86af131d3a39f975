"""What installed packages announce to the bus, by group and name; nothing is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from bus.core.text import Details, Text

SEVERAL = Text("vários pacotes têm esse nome", "several packages have that name")
"""What is wrong with a name that more than one package announces."""


@cache
def announced_in(group: str) -> Mapping[str, tuple[EntryPoint, ...]]:
    """The entry points of a group by their name, built-in and foreign alike.

    Of one name there should be one.
    """
    found: dict[str, tuple[EntryPoint, ...]] = {}
    for point in entry_points(group=group):
        found[point.name] = (*found.get(point.name, ()), point)
    return dict(sorted(found.items()))


def package_of(point: EntryPoint) -> tuple[str, str]:
    """The name and version of the package that announces an entry point."""
    return (point.dist.name, point.dist.version) if point.dist else ("-", "-")


def packages_of(points: tuple[EntryPoint, ...]) -> tuple[str, str]:
    """The names and the versions of the packages that announce one name."""
    names, versions = zip(*(package_of(point) for point in points), strict=True)
    return ", ".join(names), ", ".join(versions)


def problem_details(points: tuple[EntryPoint, ...], problem: Text) -> Details:
    """What a fault says of entry points that cannot be used."""
    packages = ", ".join(" ".join(package_of(point)) for point in points)
    return {"package": packages, "problem": problem}
