"""Where the local API of a bus listens: a socket file beside its journal."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bus.core.journal_address import is_postgres, shown

_LONGEST: Final = 80
"""Bytes of a name that every system can still reach in its folder."""
_DESCRIPTORS: Final = "/proc/self/fd"


def local_socket(journal: str) -> Path:
    """The socket of a bus on that journal, whatever link leads there; a long name is shortened.

    A journal on a server has it in a folder of its own on this machine, of its user alone.
    """
    if is_postgres(journal):
        name = hashlib.sha256(shown(journal).encode()).hexdigest()[:32]
        return _own_folder() / f"{name}.sock"
    path = Path(journal).resolve()
    name = f"{path.name}.sock"
    if len(os.fsencode(name)) > _LONGEST:
        name = f"{hashlib.sha256(os.fsencode(name)).hexdigest()[:32]}.sock"
    return path.with_name(name)


def _own_folder() -> Path:
    """A folder of this user alone; PermissionError where somebody else made it first."""
    folder = Path(tempfile.gettempdir()) / f"eai-bus-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    made = folder.lstat()
    if made.st_uid != os.getuid() or not stat.S_ISDIR(made.st_mode) or made.st_mode & 0o077:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
    return folder


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
