"""A mistake in a configuration: where it is, what was meant, and how it is told."""

from __future__ import annotations

from typing import NamedTuple

from bus.config.mistake_texts import MISTAKE_TEXTS
from bus.core.errors import Fault
from bus.core.text import NO_DETAILS, Details, Text

_WHOLE = Text("o arquivo", "the file")

KeyPath = tuple[str | int, ...]
"""The keys and list indexes that lead to a value."""


class ConfigMistake(NamedTuple):
    """One mistake before it is told: its kind, where it is, and what fills its texts.

    `line` is 0 where the line of the path is meant.
    """

    kind: str
    path: KeyPath
    details: Details = NO_DETAILS
    line: int = 0


def tell(mistake: ConfigMistake, line: int, file: str) -> Fault:
    """The fault that a mistake is reported as."""
    filled = {"file": file, "key": key_of(mistake.path) or _WHOLE, **mistake.details}
    text = MISTAKE_TEXTS[mistake.kind]
    told: dict[str, str | Text] = {
        "problem": text.problem.filled(filled),
        "hint": text.hint.filled(filled),
        "kind": mistake.kind,
        "file": file,
    }
    if "nearest" in filled:
        told["nearest"] = filled["nearest"]
    path = written(mistake.path)
    return Fault("CONFIGURATION_INVALID", path, mistake.line or line, told)


def key_of(path: KeyPath) -> str:
    """The last key of a path: what people read as its name; empty for the whole file."""
    names = [part for part in path if isinstance(part, str)]
    return names[-1] if names else ""


def written(path: KeyPath) -> str:
    """A path as people write it: `routes.currencies.to[1]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")
