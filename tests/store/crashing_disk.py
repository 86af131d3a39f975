"""A disk that loses its power: it forgets what was not synced, as real ones may.

SQLite writes through it to real files, so that it can read them back; beside them the disk keeps what
would be left. Written and not synced since, a sector may have arrived or not, whatever came before or
after it. A new file is there only once its directory was synced, which SQLite does with the first
sync of a journal or a log.
"""

import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import apsw

SECTOR = 512
JOURNALS = apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_MAIN_JOURNAL | apsw.SQLITE_OPEN_SUPER_JOURNAL


@dataclass
class Kept:
    """A file as the disk keeps it: what was synced, and what came since.

    A change is bytes at a place, or no bytes: an end there. `listed` tells that its directory, when
    synced last, had it, and `removed` that it has it no more.
    """

    synced: bytes = b""
    listed: bool = False
    removed: bool = False
    changes: list[tuple[int, bytes | None]] = field(default_factory=list)

    def sync(self) -> None:
        """Nothing of it can be lost any more."""
        self.synced, self.changes = applied(self.synced, self.changes), []

    def survivor(self, chance: random.Random | None) -> bytes:
        """What is left of it: of what was not synced, some sectors or none or all."""
        if chance is None:
            return self.synced
        share = chance.choice([0.0, 0.0, chance.random(), 1.0])
        changes: list[tuple[int, bytes | None]] = []
        for place, new in self.changes:
            pieces = [(place, new)] if new is None else sectors(place, new)
            changes += [piece for piece in pieces if chance.random() < share]
        return applied(self.synced, changes)


def sectors(place: int, new: bytes) -> list[tuple[int, bytes | None]]:
    """What was written at once, cut at the borders of sectors."""
    cuts = [place, *range((place // SECTOR + 1) * SECTOR, place + len(new), SECTOR)]
    ends = [*cuts[1:], place + len(new)]
    return [(a, new[a - place : b - place]) for a, b in zip(cuts, ends, strict=True)]


def applied(old: bytes, changes: list[tuple[int, bytes | None]]) -> bytes:
    """A file after some changes."""
    image = bytearray(old)
    for place, new in changes:
        if new is None:
            del image[place:]
        else:
            image.extend(bytes(max(0, place - len(image))))
            image[place : place + len(new)] = new
    return bytes(image)


class CrashingDisk(apsw.VFS):
    """Works for a number of writes and syncs; after that nothing more reaches it.

    One that is not `honest` says that it has synced and has not.
    """

    def __init__(self, name: str, *, life: int, honest: bool = True) -> None:
        super().__init__(name, "")
        self.name = name
        self.honest = honest
        self._life = life
        self._files: dict[str, Kept] = {}
        self._lock = threading.Lock()

    @property
    def crashed(self) -> bool:
        """Whether its power is gone."""
        return self._life <= 0

    def survivors(self, chance: random.Random | None = None) -> Mapping[str, bytes]:
        """The files that are left when the power is back; without chance, only what was synced."""
        with self._lock:
            return {
                Path(path).name: kept.survivor(chance)
                for path, kept in self._files.items()
                if kept.listed or (chance and chance.random() < 0.5)
            }

    def excepthook(self, *_: object) -> bool:
        """That the power is gone need not be told where SQLite cannot tell it."""
        return True

    def xOpen(  # noqa: N802 - SQLite's name
        self, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> "DiskFile":
        """Open a file, perhaps a new one."""
        path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        with self._lock:
            self._files.setdefault(path, Kept()).removed = False
        return DiskFile(self, name, flags, path)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802 - SQLite's name
        """Take a file out of its directory, for certain once that is synced."""
        with self._lock:
            self._spend()
            self._files[filename].changes.append((0, None))
            self._files[filename].removed = True
            if syncdir:
                self._sync_directory()
        super().xDelete(filename, syncdir)

    def note(self, path: str, place: int, new: bytes | None) -> None:
        """A change of a file arrives, unless the power is gone."""
        with self._lock:
            self._spend()
            self._files[path].changes.append((place, new))

    def sync(self, path: str, *, directory: bool) -> None:
        """A file is synced, perhaps with its directory."""
        with self._lock:
            self._spend()
            if self.honest:
                self._files[path].sync()
            if directory:
                self._sync_directory()

    def _sync_directory(self) -> None:
        if self.honest:
            self._files = {
                path: replace(kept, listed=True)
                for path, kept in self._files.items()
                if not kept.removed
            }

    def _spend(self) -> None:
        if self.crashed:
            raise apsw.IOError("the power is gone")
        self._life -= 1


class DiskFile(apsw.VFSFile):
    """A file on a disk that may crash."""

    def __init__(
        self, disk: CrashingDisk, name: str | apsw.URIFilename | None, flags: list[int], path: str
    ) -> None:
        super().__init__("", name, flags)
        self._disk = disk
        self._path = path
        self._new_journal = bool(flags[0] & JOURNALS)

    def excepthook(self, *_: object) -> bool:
        """That the power is gone need not be told where SQLite cannot tell it."""
        return True

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        """Write."""
        self._disk.note(self._path, offset, bytes(data))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - SQLite's name
        """Cut off the end."""
        self._disk.note(self._path, newsize, None)
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        """See to it that nothing written so far is lost. The real file need not be synced for that."""
        self._disk.sync(self._path, directory=self._new_journal)
        self._new_journal = False
