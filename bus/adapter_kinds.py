"""Finds kinds of adapters by the entry points of installed packages, each loaded when asked for.

A package that cannot be loaded is a fault of its own kind alone: the others are not touched by it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint

from bus.core.errors import BusFault, Fault
from bus.entry_points import SEVERAL, announced_in, problem_details
from bus.ports.adapter import AdapterKind

GROUP = "bus.adapters"
DUTIES = ("name", "open", "options")
BOTH = 2  # languages


def announced() -> Mapping[str, tuple[EntryPoint, ...]]:
    """The entry points of every installed kind by its name. Nothing is loaded."""
    return announced_in(GROUP)


@cache
def kind_named(name: str) -> AdapterKind:
    """The kind of a name; KeyError where none is installed, BusFault where it cannot be used."""
    points = announced()[name]
    if len(points) > 1:
        raise _unusable(points, *SEVERAL)
    try:
        kind = points[0].load()
        _check(kind)
    except (Exception, SystemExit) as error:
        problem = f"{type(error).__name__}: {error}"
        raise _unusable(points, problem, problem) from error
    found: AdapterKind = kind
    return found


def _check(kind: AdapterKind) -> None:
    """TypeError where what an entry point gave is no kind of adapter."""
    if isinstance(kind, type):
        raise TypeError(f"{kind.__name__} is a class; the entry point must name one made of it")
    missing = [duty for duty in DUTIES if not hasattr(kind, duty)]
    if missing:
        raise TypeError(f"{type(kind).__name__} lacks {', '.join(missing)}")
    options = kind.options()
    if not all(len(options[option]) == BOTH for option in options):
        raise TypeError(f"{type(kind).__name__}.options() gives no Meaning for each option")


class OptionsByKind(Mapping[str, Collection[str]]):
    """The option names of each installed kind, which is loaded when they are asked for."""

    def __getitem__(self, name: str) -> Collection[str]:
        """The option names of one kind; BusFault where it cannot be used."""
        return tuple(kind_named(name).options())

    def __contains__(self, name: object) -> bool:
        """Whether a kind of that name is installed."""
        return name in announced()

    def __iter__(self) -> Iterator[str]:
        """The names of the kinds."""
        return iter(announced())

    def __len__(self) -> int:
        """How many kinds there are."""
        return len(announced())


def _unusable(points: tuple[EntryPoint, ...], problem_pt: str, problem_en: str) -> BusFault:
    details = problem_details(points, problem_pt, problem_en)
    return BusFault(Fault("ADAPTER_UNUSABLE", details={"adapter": points[0].name, **details}))
