"""Bridges: declared ways from a version of a transaction to another, and who needs one: pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

HEADER_PATH = "/TOTVSMessage/MessageInformation"
VERSION_PATH = f"{HEADER_PATH}/@version"


@dataclass(frozen=True, slots=True)
class Bridge:
    """What becomes of a transaction at version `source` for whoever takes `target`.

    Paths are below BusinessContent. `lost` are elements that the target has no place for; `moved`
    gives the place of others there; `values` by path what a value is called there; `defaults` the
    text of an element that is missing.
    """

    transaction: str
    source: str
    target: str
    lost: tuple[str, ...] = ()
    moved: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)


class Loss(NamedTuple):
    """What a message said at a path and its reader was not told, and how often it said so."""

    path: str
    times: int


class Transformation(NamedTuple):
    """What one message went through: from which version to which, and what that cost."""

    source: str
    target: str
    lost: tuple[Loss, ...] = ()
