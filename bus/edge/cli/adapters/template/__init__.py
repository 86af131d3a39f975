"""The package that `bus adapters new` writes: the files beside this one, with a name put in."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable

MARK = ".in"
"""How the files of the template end, so that no tool takes them for our own."""


def files_of(name: str) -> Mapping[str, str]:
    """The text of each file by its path in the package of that name."""
    package = name.replace("-", "_")
    return {
        path.replace("/package/", f"/{package}/"): text.replace("{{name}}", name).replace(
            "{{package}}", package
        )
        for path, text in _templates(files(__name__), "")
    }


def _templates(folder: Traversable, above: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        path = f"{above}{entry.name}"
        if entry.is_dir():
            found += _templates(entry, f"{path}/")
        elif path.endswith(MARK):
            found.append((path.removesuffix(MARK), entry.read_text("utf-8")))
    return found
