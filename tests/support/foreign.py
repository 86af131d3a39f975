"""Packages of other people, as the bus finds them: by their entry points."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

from bus import adapter_kinds, profiles
from bus.entry_points import announced_in

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

PROFILE = """
from bus.core.profile import Profile

PROFILE = Profile(("{name}",))
"""
"""The module of a package that describes a product, and no more of it than its name."""


def install_into(
    site: Path, name: str, module: str | None = None, package: str = "", *, profile: bool = False
) -> None:
    """Put a package into a folder of packages: its entry point, and the module that it names.

    It brings an adapter, or with `profile` the profile of a product.
    """
    group, object_ = (profiles.GROUP, "PROFILE") if profile else (adapter_kinds.GROUP, "ADAPTER")
    package = package or name
    code = package.replace("-", "_")
    info = site / f"{code}-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {code}:{object_}\n")
    text = (PROFILE if profile else KIND).format(name=name) if module is None else module
    (site / f"{code}.py").write_text(text, "utf-8")
    forget(code)


def forget(*modules: str) -> None:
    """Look for packages anew, as a program does that has just started."""
    announced_in.cache_clear()
    adapter_kinds.kind_named.cache_clear()
    profiles.announced.cache_clear()
    profiles.profile_named.cache_clear()
    importlib.invalidate_caches()
    for module in modules:
        sys.modules.pop(module, None)
