"""Packages of other people, as the bus finds them: with entry points of the group `bus.adapters`."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

from bus.adapter_kinds import announced, kind_named

Foreign = Callable[..., None]

KIND = """
from bus.core.text import Text

class Kind:
    name = "{name}"

    def open(self, application, codec):
        raise NotImplementedError

    def options(self):
        return {{"colour": Text("A cor.", "The colour.")}}

ADAPTER = Kind()
"""
"""The module of a package without fault."""


def install_into(site: Path, name: str, module: str | None = None, package: str = "") -> None:
    """Put a package into a folder of packages: its entry point, and the module that it names."""
    package = package or name
    code = package.replace("-", "_")
    info = site / f"{code}-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(f"[bus.adapters]\n{name} = {code}:ADAPTER\n")
    text = KIND.format(name=name) if module is None else module
    (site / f"{code}.py").write_text(text, "utf-8")
    forget(code)


def forget(*modules: str) -> None:
    """Look for packages anew, as a program does that has just started."""
    announced.cache_clear()
    kind_named.cache_clear()
    importlib.invalidate_caches()
    for module in modules:
        sys.modules.pop(module, None)
