"""Sees that what is written is still the journal: the file of that name, whole, with its log."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bus.core.errors import BusFault, Fault
from bus.core.text import Text
from bus.store.sqlite.witness import stamped

GONE = Text("{file} foi apagado ou trocado", "{file} was deleted or replaced")
CUT = Text("{file} foi cortado ou sobrescrito", "{file} was truncated or overwritten")


class Watch:
    """Watches the files of an open journal. What it finds wrong once stays wrong."""

    def __init__(self, path: Path, file: int) -> None:
        self._path = path
        self._file = file
        self._stamp = stamped(file)
        self._length = 0
        parts = (str(path), f"{path}-wal", f"{path}-shm")
        self._inodes = {part: Path(part).stat().st_ino for part in parts}
        self.lost: Fault | None = None

    @contextmanager
    def kept(self) -> Iterator[None]:
        """What is done within counts only if the journal is there at its end; else BusFault."""
        if self.lost:
            raise BusFault(self.lost)
        try:
            yield
        finally:
            self.lost = self._wrong()
            if self.lost:
                raise BusFault(self.lost)

    def _wrong(self) -> Fault | None:
        for part, inode in self._inodes.items():
            try:
                there = os.stat(part).st_ino == inode  # noqa: PTH116 - after every commit: quick
            except OSError:
                there = False
            if not there:
                return _lost(GONE, part)
        length = os.fstat(self._file).st_size
        if length < self._length or stamped(self._file) != self._stamp:
            return _lost(CUT, str(self._path))
        self._length = length
        return None


def _lost(problem: Text, part: str) -> Fault:
    return Fault("JOURNAL_LOST", details={"problem": problem.filled(file=part)})
