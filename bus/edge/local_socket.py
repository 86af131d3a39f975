"""Where the local API of a bus listens: a socket file beside its journal."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_LONGEST: Final = 80
"""Bytes of a name that every system can still reach in its folder."""
_DESCRIPTORS: Final = "/proc/self/fd"


def local_socket(journal: str) -> Path:
    """The socket of a bus on that journal, whatever link leads there; a long name is shortened."""
    path = Path(journal).resolve()
    name = f"{path.name}.sock"
    if len(os.fsencode(name)) > _LONGEST:
        name = f"{hashlib.sha256(os.fsencode(name)).hexdigest()[:32]}.sock"
    return path.with_name(name)


@contextlib.contextmanager
def within_reach(path: Path) -> Iterator[str]:
    """A short way to a socket file: systems take about 100 characters, folders may be deeper."""
    if not os.path.isdir(_DESCRIPTORS):  # noqa: PTH112 - as elsewhere on a Mac
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"{_DESCRIPTORS}/{folder}/{path.name}"
    finally:
        os.close(folder)
