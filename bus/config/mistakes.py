"""A mistake in a configuration: where it is, what was meant, and how it is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import NamedTuple

from bus.config.texts import MISTAKE_TEXTS
from bus.core.errors import Fault

KeyPath = tuple[str | int, ...]
"""The keys and list indexes that lead to a value."""

SHOWN = 20
"""So many valid names are listed at most."""


class Mistake(NamedTuple):
    """One mistake before it is told: its kind, where it is, and what fills its texts.

    `line` is 0 where the line of the path is meant.
    """

    kind: str
    path: KeyPath
    details: Mapping[str, str] = {}
    line: int = 0


def nearest(value: str, known: Collection[str]) -> str:
    """The known name that is most like a value, empty where none is."""
    folded = {name.casefold(): name for name in known}
    close = get_close_matches(value.casefold(), folded, n=1, cutoff=0.5)
    return folded[close[0]] if close else ""


def naming(value: str, known: Collection[str]) -> dict[str, str]:
    """The details of a name that is not known: itself, those that are, and the nearest."""
    near = nearest(value, known)
    listed = sorted(known)
    more = ["…"] if len(listed) > SHOWN else []
    return {
        "value": value,
        "known": ", ".join(listed[:SHOWN] + more) or "-",
        "nearest": near,
        "nearest_pt": f"Seria “{near}”? " if near else "",
        "nearest_en": f"Did you mean “{near}”? " if near else "",
    }


def tell(mistake: Mistake, line: int, file: str) -> Fault:
    """The fault that a mistake is reported as."""
    filled = {"file": file, "key": key_of(mistake.path), **mistake.details}
    texts = MISTAKE_TEXTS[mistake.kind]._asdict()
    told = {name: template.format_map(filled) for name, template in texts.items()}
    told |= {"kind": mistake.kind, "file": file}
    if "nearest" in filled:
        told["nearest"] = filled["nearest"]
    path = written(mistake.path)
    return Fault("CONFIGURATION_INVALID", path, mistake.line or line, told)


def key_of(path: KeyPath) -> str:
    """The last key of a path: what people read as its name."""
    names = [part for part in path if isinstance(part, str)]
    return names[-1] if names else "-"


def written(path: KeyPath) -> str:
    """A path as people write it: `routes.currencies.to[1]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")
